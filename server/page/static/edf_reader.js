// EDF, EDF+ and BDF files. https://www.edfplus.info/specs/edf.html
import { note, refuse } from "./language.js";
import { int16, int24 } from "./sample_formats.js";
import { emptySignal, unitOf } from "./units.js";

const HEADER_BYTES = 256; // and as many again for each signal
const FIELDS = { name: [0, 16], unitText: [96, 8], low: [104, 8], high: [112, 8], lowest: [120, 8], highest: [128, 8], samples: [216, 8] };

// {leads, notes} of an EDF file, or of a BDF file.
export async function edfRecording(file, kind) {
  const [bytes, sample] = kind === "EDF" ? [2, int16] : [3, int24];
  const fixed = await textOf(file, 0, HEADER_BYTES);
  const [said, seconds, count] = [[236, 244], [244, 252], [252]].map((place) => decimal(fixed.slice(...place)));
  const start = HEADER_BYTES * (count + 1);
  const signals = file.size >= start ? signalsOf(await textOf(file, HEADER_BYTES, start), count) : [];
  const last = signals.at(-1);
  if (!(last?.place + last?.samples > 0)) refuse("damaged", { kind });
  const record = bytes * (last.place + last.samples);
  const records = Math.floor((file.size - start) / record);
  const part = async (signal, i) => {
    const from = start + i * record + bytes * signal.place;
    return new DataView(await file.slice(from, from + bytes * signal.samples).arrayBuffer());
  };
  const layout = { signals, records, seconds, sample, part, hasPauses: fixed.slice(195, 197) === "+D" };
  const leads = signals.filter((signal) => !isAnnotations(signal)).map((signal) => ({
    ...signal, unit: unitOf(signal.unitText), rate: signal.samples / seconds || undefined, read: () => values(layout, signal),
  }));
  return { leads, notes: records === said ? [] : [note("records", { found: records, said: said < 0 ? "?" : said })] };
}

async function textOf(file, from, to) {
  return new TextDecoder("latin1").decode(await file.slice(from, to).arrayBuffer());
}

function decimal(text) {
  return Number(text.replace(",", ".").trim() || NaN);
}

function isAnnotations({ name }) {
  return name.endsWith("DF Annotations");
}

// Of each signal its fields, and the place of its first sample in a record.
function signalsOf(header, count) {
  let place = 0;
  return Array.from({ length: count }, (_, i) => {
    const field = ([offset, width]) => header.slice(offset * count + i * width, offset * count + (i + 1) * width).trim();
    const signal = Object.fromEntries(Object.entries(FIELDS).map(([name, where]) => [name, field(where)]));
    const samples = decimal(signal.samples);
    place += samples;
    return { ...signal, name: signal.name || `${i + 1}`, samples, place: place - samples };
  });
}

// Float64Array in the signal's unit; NaN between the records of EDF+D that do not follow each other.
async function values(layout, signal) {
  const { records, seconds, part, sample } = layout;
  const [low, high, lowest, highest] = ["low", "high", "lowest", "highest"].map((field) => decimal(signal[field]));
  const scale = (high - low) / (highest - lowest);
  if (!Number.isFinite(scale) || !scale) refuse("range", { name: signal.name });
  const onsets = layout.hasPauses ? await onsetsOf(layout) : [];
  const first = (i) => Math.round(onsets.length ? ((onsets[i] - onsets[0]) / seconds) * signal.samples : i * signal.samples);
  const whole = emptySignal(records && first(records - 1) + signal.samples);
  for (let i = 0; i < records; i++) {
    const view = await part(signal, i);
    for (let j = 0; j < signal.samples; j++) whole[first(i) + j] = (sample(view, j) - lowest) * scale + low;
  }
  return whole;
}

// Seconds at which each record begins: the first time stamp of its annotations.
async function onsetsOf({ signals, records, part }) {
  const annotations = signals.find(isAnnotations);
  const onsets = [];
  for (let i = 0; annotations && i < records; i++) {
    onsets.push(parseFloat(new TextDecoder().decode(await part(annotations, i))));
    if (!(onsets[i] >= (onsets[i - 1] ?? -Infinity))) refuse("times", { place: `EDF+D ${i + 1}` });
  }
  return onsets;
}
