// Samples as files hold them.
import {refuse} from "./language.js";

// Each reads the number at the place `i` of a DataView.
export const int8 = (view, i) => view.getInt8(i);
export const uint8 = (view, i) => view.getUint8(i);
export const int16 = (view, i) => view.getInt16(2 * i, true);
export const uint16 = (view, i) => view.getUint16(2 * i, true);
export const int24 = (view, i) => view.getUint16(3 * i, true) | (view.getInt8(3 * i + 2) << 16);

// Of each WFDB format bits a sample, and how it is read. https://wfdb.io/spec/signal.html
export const WFDB_FORMATS = {
	8: [8, int8], // differences
	16: [16, int16],
	24: [24, int24],
	32: [32, (view, i) => view.getInt32(4 * i, true)],
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
const MOST_SAMPLES = 2e8;

// The key in MILLIVOLTS; undefined if the unit is not said, null if it is none of voltage.
export function unitOf(text) {
	const spelling = text.replace(/[[\](){}.\s]/g, "").toLowerCase();
	return Object.keys(SPELLINGS).find(unit => SPELLINGS[unit].test(spelling)) ?? (UNKNOWN.test(spelling) ? undefined : null);
}

// Refuses a length that no browser holds, before anything is read.
export function emptySignal(length) {
	return new Float64Array(length <= MOST_SAMPLES ? length : refuse("tooLong")).fill(NaN);
}
