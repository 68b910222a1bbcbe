// DICOM files with waveforms, little endian. https://dicom.nema.org/medical/dicom/current/output/html/part03.html#sect_C.10.9
import { note, PageError, refuse } from "./language.js";
import { int16, int8, uint16, uint8 } from "./sample_formats.js";
import { unitOf } from "./units.js";

const [IMPLICIT, EXPLICIT] = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"];
const LONG = /^(O[BDFLVW]|SQ|U[CNRTV]|SV)$/; // value representations whose length has four bytes
const UNDEFINED = 0xffffffff;
const TAGS = {
  "2,10": "syntax", "3a,4": "originality", "3a,5": "channelCount", "3a,10": "sampleCount", "3a,1a": "rate", "3a,200": "channels",
  "3a,203": "label", "3a,208": "source", "3a,210": "sensitivity", "3a,211": "units", "3a,212": "correction", "3a,213": "baseline",
  "8,100": "value", "8,104": "meaning", "5400,100": "groups", "5400,1004": "bits", "5400,1006": "kind", "5400,1010": "data",
};
const SEQUENCES = ["channels", "source", "units", "groups"];
const SAMPLES = { "SS 16": int16, "US 16": uint16, "SB 8": int8, "UB 8": uint8 };

// {leads, notes} of the longest group of waveforms that is no median or other derived beat.
export async function dicomRecording(file) {
  const view = new DataView(await file.arrayBuffer());
  try {
    return recordingOf(view);
  } catch (error) {
    throw error instanceof PageError ? error : new PageError("damaged", { kind: "DICOM" });
  }
}

function recordingOf(view) {
  const meta = elements(view, 132, view.byteLength, false, true);
  const format = text(meta.syntax);
  if (format !== IMPLICIT && format !== EXPLICIT) refuse("format", { known: "DICOM little endian", format });
  const { groups = [] } = elements(view, meta.end, view.byteLength, format === IMPLICIT);
  const seconds = (group) => group.sampleCount.getUint32(0, true) / text(group.rate);
  const originals = groups.filter((group) => text(group.originality) !== "DERIVED").sort((one, other) => seconds(other) - seconds(one));
  const [group] = originals.length ? originals : refuse("noWaveform");
  const notes = groups.length > 1 ? [note("group", { number: groups.indexOf(group) + 1, count: groups.length })] : [];
  return { leads: group.channels.map((channel, i) => lead(group, channel, i)), notes };
}

// The elements named in TAGS, each a DataView, or the items of a sequence; `end` is where they end.
function elements(view, at, end, isImplicit, isMeta) {
  const found = {};
  while (at + 8 <= end) {
    const [group, element] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    if (isMeta && group !== 2) break;
    if (group === 0xfffe) return { ...found, end: at + 8 }; // the end of an item
    const name = TAGS[`${group.toString(16)},${element.toString(16)}`];
    const kind = isImplicit ? "" : String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5));
    const isLong = LONG.test(kind);
    const length = isLong ? view.getUint32(at + 8, true) : isImplicit ? view.getUint32(at + 4, true) : view.getUint16(at + 6, true);
    at += isLong ? 12 : 8;
    const isSequence = SEQUENCES.includes(name) || kind === "SQ" || length === UNDEFINED;
    const value = isSequence ? items(view, at, length === UNDEFINED ? end : at + length, isImplicit || kind === "UN") : new DataView(view.buffer, at, length);
    if (name) found[name] = value;
    at = length === UNDEFINED ? value.end : at + length;
  }
  return { ...found, end: at };
}

function items(view, at, end, isImplicit) {
  const found = [];
  while (at + 8 <= end) {
    const [element, length] = [view.getUint16(at + 2, true), view.getUint32(at + 4, true)];
    at += 8;
    if (element !== 0xe000) break; // the end of the sequence
    found.push(elements(view, at, length === UNDEFINED ? end : at + length, isImplicit));
    at = found.at(-1).end;
  }
  return Object.assign(found, { end: at });
}

function text(value) {
  return value ? new TextDecoder().decode(value).replace(/[\0 ]+$/, "").trim() : "";
}

function lead(group, { source, label, units, sensitivity, correction, baseline }, index) {
  const unitText = units && sensitivity ? text(units[0].value) : "";
  const [name] = (text(source?.[0].meaning) || text(label)).split(" (");
  const scale = (text(sensitivity) || 1) * (text(correction) || 1);
  const read = () => samples(group, index).map((value) => value * scale + +text(baseline));
  return { name: name || `${index + 1}`, unit: unitOf(unitText), unitText, rate: +text(group.rate), read };
}

// Float64Array of whole numbers.
function samples({ kind, bits, channelCount, sampleCount, data }, index) {
  const [width, channels] = [uint16(bits, 0), uint16(channelCount, 0)];
  const format = `${text(kind)} ${width}`;
  const sample = SAMPLES[format] ?? refuse("format", { known: Object.keys(SAMPLES).join("/"), format });
  const length = Math.min(sampleCount.getUint32(0, true), Math.floor((8 * data.byteLength) / width / channels));
  return Float64Array.from({ length }, (_, i) => sample(data, i * channels + index));
}
