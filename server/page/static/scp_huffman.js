// Huffman codes of SCP-ECG (section 2, annex C): what a prefix stands for, by its bits after a leading 1.
import {check} from "./language.js";

const DEFAULT_TABLE = 19999; // in the place of the number of tables
const LONGEST_PREFIX = 32;

const key = bits => parseInt(`1${bits}`, 2);

// 0, then 1 to 8 and their negatives, then any number of 8 and of 16 bits.
function defaultTable() {
	const small = [1, 2, 3, 4, 5, 6, 7, 8].flatMap(size => [1, -1].map((sign, bit) => [key(`${"1".repeat(size)}0${bit}`), {bits: 0, value: sign * size}]));
	return new Map([[key("0"), {bits: 0, value: 0}], ...small, [key("1111111110"), {bits: 8, value: 0}], [key("1111111111"), {bits: 16, value: 0}]]);
}

export function huffmanTables(section) {
	const count = section.getUint16(0, true);
	if (count === DEFAULT_TABLE) return [defaultTable()];
	let at = 2;
	return Array.from({length: count}, () => {
		const codes = Array.from({length: section.getUint16(at, true)}, (_, i) => codeAt(section, at + 2 + 9 * i));
		at += 2 + 9 * codes.length;
		return new Map(codes);
	});
}

// The first bit of a prefix is the lowest of the number that holds it.
function codeAt(section, at) {
	const [prefixBits, allBits, mode] = [0, 1, 2].map(place => section.getUint8(at + place));
	check(prefixBits > 0 && prefixBits <= Math.min(allBits, LONGEST_PREFIX));
	const prefix = section.getUint32(at + 5, true).toString(2).padStart(LONGEST_PREFIX, "0");
	const bits = [...prefix].reverse().slice(0, prefixBits).join("");
	return [key(bits), {bits: allBits - prefixBits, value: section.getInt16(at + 3, true), isSwitch: mode === 0}];
}

export function huffmanValues(bytes, count, tables) {
	check(count <= 8 * bytes.length);
	let [at, table] = [0, tables[0]];
	const bit = () => {
		check(at < 8 * bytes.length);
		const found = (bytes[at >> 3] >> (7 - at % 8)) & 1;
		at++;
		return found;
	};
	const code = () => {
		let prefix = 1;
		do prefix = 2 * prefix + bit(); while (!table.has(prefix) && prefix < 2 ** LONGEST_PREFIX);
		return table.get(prefix);
	};
	// In two’s complement.
	const signed = bits => {
		let value = bits ? -bit() : 0;
		for (let i = 1; i < bits; i++) value = 2 * value + bit();
		return value;
	};
	const values = new Int32Array(count);
	for (let i = 0; i < count;) {
		const {bits, value, isSwitch} = code();
		if (isSwitch) table = tables[value - 1];
		else values[i++] = value + signed(bits);
	}
	return values;
}
