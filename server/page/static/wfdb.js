// WFDB records: a header .hea and the .dat files that it names. https://wfdb.io/spec/
import { Told } from "./language.js";

// Of each format how many bytes a sample has, and what reads the sample `i`.
const FORMATS = {
  16: [2, (view, i) => view.getInt16(2 * i, true)],
  24: [3, (view, i) => view.getUint16(3 * i, true) | (view.getInt8(3 * i + 2) << 16)],
  32: [4, (view, i) => view.getInt32(4 * i, true)],
  61: [2, (view, i) => view.getInt16(2 * i)],
  80: [1, (view, i) => view.getUint8(i) - 128],
  212: [1.5, twelveBits],
};
const SIGNAL = /^(\d+)(?:x(\d+))?(?::\d+)?(?:\+(\d+))?$/;
const GAIN = /^([\d.eE+-]+)(?:\((-?\d+)\))?(?:\/(\S+))?$/;

// Two samples in three bytes: the middle one holds the high bits of both.
function twelveBits(view, i) {
  const two = view.getUint16(Math.floor(1.5 * i), true);
  return ((i % 2 ? (two >> 8) | ((two & 0xf0) << 4) : two) << 20) >> 20;
}

// {name, leads}: each lead has a name, a unit, its rate in Hz and what reads its values.
export function record(header, files) {
  const lines = header.split(/\r?\n/).filter((line) => line.trim() && !line.startsWith("#"));
  const [name, count, rate = "250"] = (lines[0] ?? "").trim().split(/\s+/);
  if (name.includes("/") || !(count > 0) || lines.length <= count) throw new Told("header");
  const signals = lines.slice(1, 1 + +count).map(signal);
  const frames = {}; // How many samples of all signals of a file, which take turns, are in a frame.
  for (const one of signals) {
    one.first = frames[one.file] ?? 0;
    frames[one.file] = one.first + one.perFrame;
  }
  const leads = signals.map((one) => ({ ...one, rate: parseFloat(rate) * one.perFrame, read: () => values(one, frames[one.file], files) }));
  return { name, leads };
}

function signal(line, index) {
  const [file, kind, gain, , zero = 0, , , , ...words] = line.trim().split(/\s+/);
  const [, format, perFrame = 1, offset = 0] = SIGNAL.exec(kind) ?? [];
  if (!FORMATS[format]) throw new Told("format", { format: kind });
  const [, unitsPer, baseline = zero, unit = "mV"] = GAIN.exec(gain) ?? [];
  return { file, format, perFrame: +perFrame, offset: +offset, unitsPer, baseline, unit, name: words.join(" ") || `${index + 1}` };
}

// Float32Array in the signal's unit, NaN where nothing was recorded, for which the lowest number stands.
async function values({ name, file, format, perFrame, first, offset, unitsPer, baseline }, frame, files) {
  if (!(unitsPer > 0)) throw new Told("gain", { name });
  const given = files.find((one) => one.name === file);
  if (!given) throw new Told("beside", { file });
  const [bytes, sample] = FORMATS[format];
  const view = new DataView(await given.slice(offset).arrayBuffer());
  return Float32Array.from({ length: Math.floor(view.byteLength / bytes / frame) * perFrame }, (_, i) => {
    const raw = sample(view, Math.floor(i / perFrame) * frame + first + (i % perFrame));
    return raw === -(2 ** (8 * bytes - 1)) ? NaN : (raw - baseline) / unitsPer;
  });
}
