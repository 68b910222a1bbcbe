// WFDB records: a header .hea, the signal files that it names, the headers of its segments. https://wfdb.io/spec/header.html
import { note, refuse } from "./language.js";
import { WFDB_FORMATS, wfdbSamples } from "./sample_formats.js";
import { MILLIVOLTS, unitOf } from "./units.js";

const RECORD = /^([^\s/]+)(?:\/(\d+))?\s+(\d+)(?:\s+([\d.eE+-]+)\S*(?:\s+(\d+)(?:\s.*)?)?)?$/;
const SIGNAL_LINE = /^\S*[^\s\d.,;:+-]\S*\s+\d+(x\d+)?(:\d+)?(\+\d+)?(\s|$)/;
const SIGNAL = /^(\d+)(?:x(\d+))?(?::(\d+))?(?:\+(\d+))?$/;
const GAIN = /^([\d.eE+-]+)(?:\((-?\d+)\))?(?:\/(.+))?$/;
const DEFAULT_RATE_HZ = 250;
const DEFAULT_GAIN = 200;
const damaged = () => refuse("damaged", { kind: "WFDB" });

function linesOf(text) {
  return text.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
}

// Whether a text begins as a header does.
export function isHeader(text) {
  const [first = "", second = ""] = linesOf(text);
  const record = RECORD.exec(first);
  return record !== null && (record[2] ? /^\S+\s+\d+$/ : SIGNAL_LINE).test(second);
}

// {name, rate, frames, files, and signals or segments}; frames is Infinity where the header does not say it.
export function parsedHeader(text) {
  const [first = "", ...lines] = linesOf(text);
  const [, name, segmentCount, count, rate = DEFAULT_RATE_HZ, frames] = RECORD.exec(first) ?? damaged();
  const own = lines.slice(0, segmentCount ?? count);
  if (!(rate > 0) || own.length < (segmentCount ?? count)) damaged();
  const header = { name, rate: +rate, frames: +frames || Infinity };
  if (segmentCount) {
    const segments = own.map((line) => line.split(/\s+/)).map(([name, frames]) => ({ name, frames: +frames }));
    return { ...header, segments, files: segments.map(({ name }) => `${name}.hea`) };
  }
  const frame = {}; // How many samples of all signals of a file, which take turns, are in a frame.
  const signals = own.map(parsedSignal).map((signal) => {
    const first = frame[signal.file] ?? 0;
    frame[signal.file] = first + signal.perFrame;
    return { ...signal, first };
  });
  return { ...header, signals: signals.map((signal) => ({ ...signal, frame: frame[signal.file] })), files: Object.keys(frame) };
}

function parsedSignal(line, index) {
  const [file, kind = "", gain = "", , zero = 0, initial = 0, , , ...words] = line.split(/\s+/);
  const [, format = kind, perFrame, skew = 0, offset = 0] = SIGNAL.exec(kind) ?? [];
  const [, perUnit = 0, baseline = zero, unitText = "mV"] = GAIN.exec(gain) ?? [];
  const numbers = { perUnit: +perUnit || 0, perFrame: +perFrame || 1, skew: +skew, offset: +offset, initial: +initial, baseline: +baseline };
  return { ...numbers, file: file.split("/").at(-1), name: words.join(" ") || `${index + 1}`, unit: unitOf(unitText), unitText, format };
}

// {name, leads, notes} of the record with this header.
export async function wfdbRecord(header, files) {
  const { segments, name, rate, frames } = header;
  for (const one of segments ?? []) if (one.name !== "~") one.header = parsedHeader(await given(`${one.name}.hea`, files).text());
  const signals = (segments?.find((one) => one.header).header ?? header).signals ?? damaged();
  const notes = segments ? [note("segments", { count: segments.filter((one) => one.header && one.frames).length })] : [];
  const read = (signal, i) => (segments ? joined(signal, i, segments, files, notes) : values(signal, frames, files, notes));
  return { name, notes, leads: signals.map((signal, i) => ({ ...signal, rate: rate * signal.perFrame, read: () => read(signal, i) })) };
}

function given(name, files) {
  return files.find((file) => file.name === name) ?? refuse("beside", { file: name });
}

// The segments one after the other, in the unit of `lead`; NaN where one is null or has no such lead.
// If the first is of length 0, a layout, each segment has leads of its own.
async function joined(lead, index, segments, files, notes) {
  const whole = new Float64Array(segments.reduce((sum, { frames }) => sum + frames, 0) * lead.perFrame).fill(NaN);
  let start = 0;
  for (const { header, frames } of segments) {
    const signal = segments[0].frames ? header?.signals[index] : header?.signals.find(({ name }) => name === lead.name);
    if (signal && frames) {
      const scale = (MILLIVOLTS[signal.unit] ?? 1) / (MILLIVOLTS[lead.unit] ?? 1);
      whole.set((await values(signal, frames, files, notes)).map((value) => value * scale), start);
    }
    start += frames * lead.perFrame;
  }
  return whole;
}

// Float64Array in the signal's unit.
async function values(signal, frames, files, notes) {
  const { name, file, format, offset, perUnit, baseline, perFrame, skew } = signal;
  if (!WFDB_FORMATS[format]) refuse("format", { format, known: `WFDB ${Object.keys(WFDB_FORMATS).join("/")}` });
  const samples = wfdbSamples(new DataView(await given(file, files).slice(offset).arrayBuffer()), signal, frames);
  const found = samples.length / perFrame;
  if (frames < Infinity && found + skew < frames) notes.push(note("shorter", { found, said: frames }));
  if (!perUnit) notes.push(note("defaultGain", { name }));
  return samples.map((value) => (value - baseline) / (perUnit || DEFAULT_GAIN));
}
