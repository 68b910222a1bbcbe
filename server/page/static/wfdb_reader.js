// WFDB records. https://wfdb.io/spec/header.html
import {note, refuse} from "./language.js";
import {emptySignal, filled, MILLIVOLTS, unitOf, WFDB_FORMATS} from "./samples.js";

const RECORD = /^([^\s/]+)(?:\/(\d+))?\s+(\d+)(?:\s+([\d.eE+-]+)(?:\/\S*)?(?:\s+(?:(\d+)(?!\S))?.*)?)?$/; // a date may stand where the length is left out
const SIGNAL = /^(\d+)(?:x(\d+))?(?::(\d+))?(?:\+(\d+))?$/;
const GAIN = /^([\d.eE+-]+)(?:\((-?\d+)\))?(?:\/(.+))?$/;
const DEFAULT_GAIN = 200;
const damaged = () => refuse("damaged", {kind: "WFDB"});

const linesOf = text => text.split(/[\r\n]+/).map(line => line.trim()).filter(line => line && !line.startsWith("#"));

// Whether a text begins as a header does.
export function isHeader(text) {
	const [first = "", second = ""] = linesOf(text);
	const [name, kind] = second.split(/\s+/);
	return RECORD.test(first) && /[^\d.,;:+-]/.test(name) && SIGNAL.test(kind);
}

// {rate, frames: Infinity where it is not said, files, signals or segments}
export function parsedHeader(text) {
	const [first = "", ...lines] = linesOf(text);
	const [, , segmentCount, count, rate = 250, frames] = RECORD.exec(first) ?? damaged();
	const all = segmentCount ?? count;
	const parts = lines.slice(0, all).map(segmentCount ? parsedSegment : parsedSignal);
	if (!(rate > 0) || parts.length < all) damaged();
	const header = {rate: +rate, frames: +frames || Infinity, files: parts.map(({file}) => file)};
	return {...header, [segmentCount ? "segments" : "signals"]: parts};
}

function parsedSegment(line) {
	const [name, frames] = line.split(/\s+/);
	return {file: `${name}.hea`, frames: +frames};
}

function parsedSignal(line, index) {
	const [path, kind = "", gain = "", , zero, initial, , , ...words] = line.split(/\s+/);
	const [, format = kind, perFrame, skew = 0, offset = 0] = SIGNAL.exec(kind) ?? [];
	const [, perUnit, baseline = zero, unitText = "mV"] = (gain ? GAIN.exec(gain) : []) ?? damaged();
	const numbers = {perFrame: +perFrame || 1, skew: +skew, perUnit: +perUnit || 0, baseline: +baseline || 0, initial: +initial || 0};
	return {file: path.split("/").at(-1), name: words.join(" ") || `${index + 1}`, unitText, format, offset, ...numbers};
}

export async function read({header, files}) {
	const {segments} = header;
	for (const one of segments ?? []) if (one.file !== "~.hea") one.header = parsedHeader(await given(one.file, files).text());
	const signals = (segments?.find(one => one.header).header ?? header).signals ?? damaged();
	const notes = [];
	const valuesOf = lead => segments ? joined(lead, signals, segments, files, notes) : values(lead, header, files, notes);
	return {notes, leads: signals.map(lead => ({...lead, rate: header.rate * lead.perFrame, read: () => valuesOf(lead)}))};
}

const given = (name, files) => files.find(file => file.name === name) ?? refuse("beside", {file: name});

// In the unit of `lead`, NaN where a segment has none. Under a layout, of length 0, each has its own.
async function joined(lead, leads, segments, files, notes) {
	const whole = emptySignal(segments.reduce((sum, {frames}) => sum + frames, 0) * lead.perFrame);
	let start = 0;
	for (const {header, frames} of segments) {
		const signal = header?.signals.find(({name}, i) => segments[0].frames ? leads[i] === lead : name === lead.name);
		if (signal && frames) {
			const scale = (MILLIVOLTS[unitOf(signal.unitText)] ?? 1) / (MILLIVOLTS[unitOf(lead.unitText)] ?? 1);
			whole.set((await values(signal, {...header, frames}, files, notes)).map(value => value * scale), start);
		}
		start += frames * lead.perFrame;
	}
	return whole;
}

// In the signal's unit; NaN for the format’s lowest number: nothing was recorded.
async function values(signal, {signals, frames}, files, notes) {
	const {name, file, format, offset, initial, perUnit, baseline, perFrame, skew} = signal;
	const [bits, sample] = WFDB_FORMATS[format] ?? refuse("format", {format, known: `WFDB ${Object.keys(WFDB_FORMATS).join("/")}`});
	const view = new DataView(await given(file, files).slice(offset).arrayBuffer());
	// The signals of a file take turns in each frame.
	const mates = signals.filter(other => other.file === file);
	const width = some => some.reduce((sum, one) => sum + one.perFrame, 0);
	const frame = width(mates);
	const first = width(mates.slice(0, mates.indexOf(signal))) + skew * frame;
	const stored = bits === 10 ? (view.byteLength >> 1) * 1.5 : 8 * view.byteLength / bits;
	const found = Math.max(0, Math.min(frames, Math.floor(stored / frame) - skew));
	if (found + skew < frames && frames < Infinity) notes.push(note("shorter", {found, said: frames}));
	if (!perUnit) notes.push(note("defaultGain", {name}));
	let sum = initial;
	return filled(found * perFrame, i => {
		const value = sample(view, Math.floor(i / perFrame) * frame + first + (i % perFrame));
		sum += value;
		if (format !== "8" && value === -(2 ** (bits - 1))) return NaN;
		return ((format === "8" ? sum : value) - baseline) / (perUnit || DEFAULT_GAIN);
	});
}
