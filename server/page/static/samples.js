// Samples as files and this server hold them.
import {number, refuse} from "./language.js";

export const decimal = text => Number(text.replace(",", ".") || NaN);
// Each reads the number at the place `i` of a DataView.
export const int8 = (view, i) => view.getInt8(i);
export const uint8 = (view, i) => view.getUint8(i);
export const int16 = (view, i) => view.getInt16(2 * i, true);
export const uint16 = (view, i) => view.getUint16(2 * i, true);
export const int32 = (view, i) => view.getInt32(4 * i, true);
export const int24 = (view, i) => view.getUint16(3 * i, true) | (view.getInt8(3 * i + 2) << 16);

// Of each WFDB format bits a sample, and how it is read. https://wfdb.io/spec/signal.html
export const WFDB_FORMATS = {
	8: [8, int8], // differences
	16: [16, int16],
	24: [24, int24],
	32: [32, int32],
	61: [16, (view, i) => view.getInt16(2 * i)],
	80: [8, (view, i) => uint8(view, i) - 128],
	160: [16, (view, i) => uint16(view, i) - 32768],
	212: [12, twoInThreeBytes],
	310: [10, threeInTwoWords((low, high) => [low >> 1, high >> 1, (low >> 11) | ((high >> 11) << 5)])],
	311: [10, threeInTwoWords((low, high) => [low, (low >> 10) | (high << 6), high >> 4])],
};

// The middle byte holds the high bits of both.
function twoInThreeBytes(view, i) {
	const two = view.getUint16(Math.floor(1.5 * i), true);
	return ((i % 2 ? (two >> 8) | ((two & 0xf0) << 4) : two) << 20) >> 20;
}

function threeInTwoWords(parted) {
	return (view, i) => {
		const [word, last] = [2 * Math.floor(i / 3), (view.byteLength >> 1) - 1];
		return (parted(uint16(view, word), uint16(view, Math.min(word + 1, last)))[i % 3] << 22) >> 22;
	};
}

export const MILLIVOLTS = {V: 1e3, mV: 1, "µV": 1e-3, nV: 1e-6};
const SPELLINGS = {V: /^v(olts?)?$/, mV: /^(mv|millivolts?)$/, "µV": /^([uµμ]v|mcv|microvolts?)$/, nV: /^(nv|nanovolts?)$/};
const UNKNOWN = /^(|nu|adu|au|none|unknown|units?|counts?|lsb|n\/?a)$/;

const MOST_BYTES = +document.body.dataset.mostBytes; // that this server takes of a recording
const LONG = 2 ** 18; // samples
const FINE_MV = 1e-3; // No amplifier’s noise is less.
export const MISSING = -32768;

// The key in MILLIVOLTS; undefined if the unit is not said, null if it is none of voltage.
export function unitOf(text) {
	const spelling = text.replace(/[[\](){}.\s]/g, "").toLowerCase();
	return Object.keys(SPELLINGS).find(unit => SPELLINGS[unit].test(spelling)) ?? (UNKNOWN.test(spelling) ? undefined : null);
}

// Refuses what this server would not take, before anything is read.
export function emptySignal(length) {
	if (2 * length > MOST_BYTES) refuse("tooLong", {most: number(MOST_BYTES / 2), found: number(length)});
	return new Float64Array(length).fill(NaN);
}

export const filled = (length, value) => emptySignal(length).map((_, i) => value(i));

// Body and header fields: float32 or, of a long signal, int16 over its range.
export function packed(values, rate) {
	const headers = {"Content-Type": "application/octet-stream", "Sampling-Rate": rate};
	const gain = -(MISSING + 1) / values.reduce((most, value) => Math.max(most, Math.abs(value) || 0), FINE_MV);
	if (values.length < LONG || (gain * FINE_MV < 1 && values.byteLength <= MOST_BYTES)) return [values, headers];
	const body = new Int16Array(values.map(value => Number.isNaN(value) ? MISSING : Math.round(value * gain)));
	return [body, {...headers, "Sample-Format": "int16", "Sample-Gain": gain}];
}
