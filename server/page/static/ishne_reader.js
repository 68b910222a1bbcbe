// ISHNE Holter files. Badilini, Ann Noninvasive Electrocardiol 3:263, 1998
import {check, note} from "./language.js";
import {filled, int16} from "./samples.js";

const NAMES = ",,X,Y,Z,I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6,ES,AS,AI".split(",");
const FAULT = -32768; // a sample while the lead was off

export async function read({file}) {
	const view = new DataView(await file.arrayBuffer());
	const [begin, said, count, rate] = [522 + view.getUint32(10, true), view.getInt32(14, true), int16(view, 78), int16(view, 136)];
	const samples = new DataView(view.buffer, begin);
	const found = Math.floor(samples.byteLength / 2 / count);
	// Either byte of the checksum may be first; 0 is none.
	const sums = [0, crcOf(new Uint8Array(view.buffer, 10, begin - 10))];
	check([true, false].some(isLittle => sums.includes(view.getUint16(8, isLittle))));
	check(count > 0 && count <= 12 && found > 0 && rate > 0);
	const leads = Array.from({length: count}, (_, lead) => {
		const size = int16(view, 103 + lead); // nV
		const value = stored => stored === FAULT ? NaN : stored * Math.max(size, 1);
		const read = () => filled(found, i => value(int16(samples, i * count + lead)));
		return {name: NAMES[int16(view, 79 + lead)], unitText: size > 0 ? "nV" : "", rate, read};
	});
	return {leads, notes: found < said && said !== found * count ? [note("shorter", {found, said})] : []};
}

// CRC-CCITT
function crcOf(bytes) {
	let crc = 0xffff;
	for (const byte of bytes) {
		crc ^= byte << 8;
		for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 && 0x1021)) & 0xffff;
	}
	return crc;
}
