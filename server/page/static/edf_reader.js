// EDF, EDF+ and BDF files. https://www.edfplus.info/specs/edf.html
import {check, note, refuse} from "./language.js";
import {decimal, emptySignal, int16, int24} from "./samples.js";

const HEADER_BYTES = 256; // and again for each signal

export async function read({file, kind}) {
	const [bytes, sample] = kind === "EDF" ? [2, int16] : [3, int24];
	const buffer = await file.arrayBuffer();
	const text = (from, length) => new TextDecoder("latin1").decode(new Uint8Array(buffer, from, length)).trim();
	const [said, seconds, count] = [text(236, 8), text(244, 8), text(252, 4)].map(decimal);
	const signals = signalsOf(text, count);
	const width = signals.reduce((sum, {samples}) => sum + samples, 0);
	check(width > 0);
	const view = new DataView(buffer, HEADER_BYTES * (count + 1));
	const records = Math.floor(view.byteLength / bytes / width);
	// The first annotation of a record of EDF+D says when it begins.
	const times = text(192, 5).endsWith("+D") && signals.find(isAnnotations);
	const onset = record => parseFloat(text(view.byteOffset + bytes * (record * width + times.place), bytes * times.samples));
	const starts = Array.from({length: records}, (_, record) => times ? onset(record) / seconds : record);
	const value = (record, i) => sample(view, record * width + i);
	const leads = signals.filter(signal => !isAnnotations(signal)).map(signal => (
		{...signal, rate: signal.samples / seconds, read: () => values(signal, starts, value)}));
	return {leads, notes: records === said ? [] : [note("shorter", {found: records, said: said < 0 ? "?" : said})]};
}

const isAnnotations = ({name}) => name.endsWith("DF Annotations");

// With the place of each one’s first sample in a record.
function signalsOf(text, count) {
	let place = 0;
	return Array.from({length: count}, (_, i) => {
		const field = (from, width = 8) => text(HEADER_BYTES + from * count + i * width, width);
		const [low, high, lowest, highest, samples] = [104, 112, 120, 128, 216].map(from => decimal(field(from)));
		place += samples;
		return {name: field(0, 16), unitText: field(96), low, high, lowest, highest, samples, place: place - samples};
	});
}

// In the signal's unit; NaN where no record is. `starts` counts in records.
function values({place, samples, low, high, lowest, highest}, starts, value) {
	const scale = (high - low) / (highest - lowest);
	const wrong = starts.findIndex((start, i) => !(start >= starts[Math.max(0, i - 1)]));
	if (wrong >= 0) refuse("times", {place: `EDF+D ${wrong + 1}`});
	const first = start => Math.round((start - starts[0]) * samples);
	const whole = emptySignal(starts.length && first(starts.at(-1)) + samples);
	starts.forEach((start, record) => {
		for (let i = 0; i < samples; i++) whole[first(start) + i] = (value(record, place + i) - lowest) * scale + low;
	});
	return whole;
}
