// XLI, the compression of Philips Sierra XML: each lead is a chunk of LZW codes of second differences.
import {check} from "./language.js";

const HEADER_BYTES = 8; // of a chunk: its size (int32), two bytes, the difference before the first (int16)
const LAST_CODE = 1022;
const BIAS = 64;

export function xliLeads(bytes) {
	const leads = [];
	for (let begin = 0, end; begin < bytes.length; begin = end) {
		const view = new DataView(bytes.buffer, begin);
		end = begin + HEADER_BYTES + view.getInt32(0, true);
		check(begin + HEADER_BYTES < end && end <= bytes.length);
		leads.push(samples(joinedBytes(lzwStrings(bytes.subarray(begin + HEADER_BYTES, end))), view.getInt16(6, true)));
	}
	return leads;
}

// High bytes of all samples, then low ones.
function joinedBytes(strings) {
	const bytes = strings.flat();
	const half = Math.ceil(bytes.length / 2);
	return Int32Array.from({length: half}, (_, i) => (((bytes[i] << 8) | bytes[half + i]) << 16) >> 16);
}

// After x and y comes 2y - x less a correction, which is stored one place before.
function samples(stored, before) {
	check(stored.length > 1);
	let [value, slope] = [stored[0], stored[1] - stored[0]];
	return stored.map((_, i) => {
		const sample = value;
		value += slope;
		slope -= i ? stored[i + 1] - BIAS : before;
		return sample;
	});
}

// Codes of ten bits, the highest first; one over LAST_CODE is the end.
function lzwStrings(bytes) {
	const known = Array.from({length: 256}, (_, byte) => [byte]);
	const strings = [];
	for (let bit = 0; bit + 10 <= 8 * bytes.length; bit += 10) {
		const code = (((bytes[bit >> 3] << 8) | bytes[(bit >> 3) + 1]) >> (6 - bit % 8)) & 1023;
		if (code > LAST_CODE) break;
		const previous = strings.at(-1);
		check(code < known.length || (previous && code === known.length));
		const found = known[code] ?? [...previous, previous[0]]; // the next to be defined may stand there already
		if (previous && known.length <= LAST_CODE) known.push([...previous, found[0]]);
		strings.push(found);
	}
	return strings;
}
