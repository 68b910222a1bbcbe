// WFDB records: a header .hea and the .dat files that it names. https://wfdb.io/spec/
import { Told } from "./language.js";

const DECODERS = { 16: sixteen, 24: twentyFour, 32: thirtyTwo, 61: (view) => sixteen(view, false), 80: eighty, 212: twoTwelve };
const BYTES_A_SAMPLE = { 16: 2, 24: 3, 32: 4, 61: 2, 80: 1, 212: 1.5 };
const NOTHING = { 16: -32768, 24: -8388608, 32: -2147483648, 61: -32768, 80: -128, 212: -2048 };
const SIGNAL = /^(\d+)(?:x(\d+))?(?::\d+)?(?:\+(\d+))?$/;
const GAIN = /^([\d.eE+-]+)(?:\((-?\d+)\))?(?:\/(\S+))?$/;

// {name, rate, leads}: the rate in Hz; each lead has a name, a unit, its own rate and what reads its values.
export function record(header, files) {
  const lines = header.split(/\r?\n/).filter((line) => line.trim() && !line.startsWith("#"));
  const [name, count, rate] = (lines[0] ?? "").trim().split(/\s+/);
  if (!name || name.includes("/") || !(count > 0) || lines.length <= count) throw new Told("badHeader");
  const frequency = parseFloat(rate ?? "250");
  if (!(frequency > 0)) throw new Told("expectedRate");
  const signals = lines.slice(1, 1 + +count).map(signal);
  for (const file of new Set(signals.map((one) => one.file))) place(signals.filter((one) => one.file === file));
  return {
    name,
    rate: frequency,
    leads: signals.map((one) => ({ ...one, rate: frequency * one.perFrame, read: () => values(one, files) })),
  };
}

function signal(line, index) {
  const [file, kind, gain = "", , zero, , , , ...words] = line.trim().split(/\s+/);
  const [, format, perFrame = 1, offset = 0] = SIGNAL.exec(kind ?? "") ?? [];
  if (!(format in DECODERS)) throw new Told("badFormat", { format: kind });
  const [, unitsPer, baseline = zero ?? 0, unit = "mV"] = GAIN.exec(gain) ?? [];
  const name = words.join(" ") || `${index + 1}`;
  return { file, format, perFrame: +perFrame, offset: +offset, gain: +unitsPer, baseline: +baseline, unit, name };
}

// Samples of all signals of a file take turns, so many a frame.
function place(together) {
  const frame = together.reduce((sum, one) => sum + one.perFrame, 0);
  let first = 0;
  for (const one of together) {
    Object.assign(one, { frame, first });
    first += one.perFrame;
  }
}

// Float32Array in the signal's unit, NaN where nothing was recorded.
async function values(one, files) {
  if (!(one.gain > 0)) throw new Told("badGain", { lead: one.name });
  const file = files.find((given) => given.name === one.file);
  if (!file) throw new Told("headerOnly", { file: one.file });
  const bytes = (await file.arrayBuffer()).slice(one.offset);
  const frameBytes = one.frame * BYTES_A_SAMPLE[one.format];
  if (bytes.byteLength < frameBytes) throw new Told("tooShort", { file: one.file, expected: Math.ceil(frameBytes) });
  const all = DECODERS[one.format](new DataView(bytes));
  const found = new Float32Array(Math.floor(all.length / one.frame) * one.perFrame);
  for (let i = 0; i < found.length; i++) {
    const raw = all[Math.floor(i / one.perFrame) * one.frame + one.first + (i % one.perFrame)];
    found[i] = raw === NOTHING[one.format] ? NaN : (raw - one.baseline) / one.gain;
  }
  return found;
}

function decoded(length, value) {
  const all = new Int32Array(Math.floor(length));
  for (let i = 0; i < all.length; i++) all[i] = value(i);
  return all;
}

function sixteen(view, little = true) {
  return decoded(view.byteLength / 2, (i) => view.getInt16(2 * i, little));
}

function twentyFour(view) {
  return decoded(view.byteLength / 3, (i) => view.getUint16(3 * i, true) | (view.getInt8(3 * i + 2) << 16));
}

function thirtyTwo(view) {
  return decoded(view.byteLength / 4, (i) => view.getInt32(4 * i, true));
}

function eighty(view) {
  return decoded(view.byteLength, (i) => view.getUint8(i) - 128);
}

// Two samples of 12 bits in three bytes: the middle one holds the high bits of both.
function twoTwelve(view) {
  return decoded(view.byteLength / 1.5, (i) => {
    const at = 3 * (i >> 1);
    const middle = view.getUint8(at + 1);
    const raw = i % 2 ? view.getUint8(at + 2) | ((middle & 0xf0) << 4) : view.getUint8(at) | ((middle & 0x0f) << 8);
    return (raw << 20) >> 20;
  });
}
