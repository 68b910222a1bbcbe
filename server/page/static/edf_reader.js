// EDF, EDF+ and BDF files. https://www.edfplus.info/specs/edf.html
import {note, refuse} from "./language.js";
import {emptySignal, int16, int24} from "./samples.js";

const HEADER_BYTES = 256; // and again for each signal
// Where a field begins, and how wide it is, in bytes a signal.
const FIELDS = {name: [0, 16], unitText: [96, 8], low: [104, 8], high: [112, 8], lowest: [120, 8], highest: [128, 8], samples: [216, 8]};

export async function edfRecording({file, kind}) {
	const [bytes, sample] = kind === "edf" ? [2, int16] : [3, int24];
	const buffer = await file.arrayBuffer();
	const text = (from, length) => new TextDecoder("latin1").decode(new Uint8Array(buffer, from, length)).trim();
	const [said, seconds, count] = [text(236, 8), text(244, 8), text(252, 4)].map(decimal);
	const signals = signalsOf(text, count);
	const width = signals.reduce((sum, {samples}) => sum + samples, 0);
	if (!(width > 0)) throw new RangeError("there are no samples");
	const view = new DataView(buffer, HEADER_BYTES * (count + 1));
	const records = Math.floor(view.byteLength / bytes / width);
	// The first annotation of a record of EDF+D says when it begins.
	const {place, samples} = signals.find(isAnnotations) ?? {};
	const onset = record => parseFloat(text(view.byteOffset + bytes * (record * width + place), bytes * samples));
	const hasPauses = place !== undefined && text(192, 5).endsWith("+D");
	const starts = Array.from({length: records}, (_, record) => hasPauses ? onset(record) / seconds : record);
	const value = (record, i) => sample(view, record * width + i);
	const leads = signals.filter(signal => !isAnnotations(signal)).map(signal => ({
		...signal, rate: signal.samples / seconds || undefined, read: () => values(signal, starts, value),
	}));
	return {leads, notes: records === said ? [] : [note("shorter", {found: records, said: said < 0 ? "?" : said})]};
}

const decimal = text => Number(text.replace(",", ".") || NaN);

const isAnnotations = ({name}) => name.endsWith("DF Annotations");

// With the place of each one’s first sample in a record.
function signalsOf(text, count) {
	let place = 0;
	return Array.from({length: count}, (_, i) => {
		const field = ([from, width]) => text(HEADER_BYTES + from * count + i * width, width);
		const signal = Object.fromEntries(Object.entries(FIELDS).map(([name, where]) => [name, field(where)]));
		const samples = decimal(signal.samples);
		place += samples;
		return {...signal, samples, place: place - samples};
	});
}

// In the signal's unit; NaN where no record is. `starts` counts in records.
function values({place, samples, ...range}, starts, value) {
	const [low, high, lowest, highest] = [range.low, range.high, range.lowest, range.highest].map(decimal);
	const scale = (high - low) / (highest - lowest);
	const wrong = starts.findIndex((start, i) => !(start >= starts[Math.max(0, i - 1)]));
	if (wrong >= 0) refuse("times", {place: `EDF+D ${wrong + 1}`});
	const first = start => Math.round((start - starts[0]) * samples);
	const whole = emptySignal(starts.length && first(starts.at(-1)) + samples);
	for (const [record, start] of starts.entries()) {
		for (let i = 0; i < samples; i++) whole[first(start) + i] = (value(record, place + i) - lowest) * scale + low;
	}
	return whole;
}
