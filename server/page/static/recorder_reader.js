// Recorders’ files: ISHNE (Badilini, Ann Noninvasive Electrocardiol 3:263, 1998), AliveCor (ATC File Format Specification 1.7).
import {check, note} from "./language.js";
import {filled, int16, MISSING} from "./samples.js";

const LEADS = ",,X,Y,Z,I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6,ES,AS,AI".split(","); // of ISHNE; AliveCor begins at I

export async function read({file, kind}) {
	const view = new DataView(await file.arrayBuffer());
	return kind === "ISHNE" ? ishneLeads(view) : atcLeads(view);
}

function ishneLeads(view) {
	const [begin, said, count, rate] = [522 + view.getUint32(10, true), view.getInt32(14, true), int16(view, 78), int16(view, 136)];
	const samples = new DataView(view.buffer, begin);
	const found = Math.floor(samples.byteLength / 2 / count);
	// Either byte of the checksum may be first; 0 is none.
	const sums = [0, crc(new Uint8Array(view.buffer, 10, begin - 10), 0xffff, 8, sum => (sum << 1) ^ (sum & 0x8000 && 0x11021))];
	check([true, false].some(isLittle => sums.includes(view.getUint16(8, isLittle))));
	check(count > 0 && count <= 12 && found > 0 && rate > 0);
	const leads = Array.from({length: count}, (_, lead) => {
		const size = int16(view, 103 + lead); // nV
		const value = stored => stored === MISSING ? NaN : stored * Math.max(size, 1);
		const read = () => filled(found, i => value(int16(samples, i * count + lead)));
		return {name: LEADS[int16(view, 79 + lead)], unitText: size > 0 ? "nV" : "", rate, read};
	});
	return {leads, notes: found < said && said !== found * count ? [note("shorter", {found, said})] : []};
}

// Of blocks that end with the sum of their bytes, as AliveCor’s programs write it, or their CRC-32.
function atcLeads(view) {
	const blocks = {};
	for (let at = 12, end; at < view.byteLength; at = end + 4) {
		end = at + 8 + view.getUint32(at + 4, true);
		const bytes = new Uint8Array(view.buffer, at, end - at);
		const sums = [bytes.reduce((sum, byte) => sum + byte), ~crc(bytes, -1, 0, sum => (sum >>> 1) ^ (sum & 1 && 0xedb88320))];
		check(sums.some(sum => sum >>> 0 === view.getUint32(end, true)));
		blocks[String.fromCharCode(...bytes.subarray(0, 4))] = new DataView(view.buffer, at + 8, end - at - 8);
	}
	const format = blocks["fmt "];
	const [bits, rate, size] = [format.getUint8(0), format.getUint16(1, true), format.getUint16(3, true)]; // 1 is 16; Hz; nV
	const leads = Object.keys(blocks).filter(name => /^ecg[ 2-9a-c]/.test(name)).map(name => {
		const read = () => filled(blocks[name].byteLength >> 1, i => int16(blocks[name], i) * size);
		return {name: LEADS[4 + (parseInt(name[3], 16) || 1)], unitText: "nV", rate, read};
	});
	check(bits === 1 && rate && size && leads.length);
	return {leads};
}

// A cyclic redundancy check, `step` by bit.
function crc(bytes, sum, shift, step) {
	for (const byte of bytes) {
		sum ^= byte << shift;
		for (let bit = 0; bit < 8; bit++) sum = step(sum);
	}
	return sum;
}
