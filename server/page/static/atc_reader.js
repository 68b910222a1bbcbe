// AliveCor .atc files (ATC File Format Specification 1.7): blocks that end with the sum of their bytes, as AliveCor’s programs
// write it, or their CRC-32.
import {crc32} from "./checksums.js";
import {check} from "./language.js";
import {filled, int16} from "./samples.js";

const LEADS = "I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6".split(",");

export async function read({file}) {
	const view = new DataView(await file.arrayBuffer());
	const blocks = {};
	for (let at = 12, end; at < view.byteLength; at = end + 4) {
		end = at + 8 + view.getUint32(at + 4, true);
		const bytes = new Uint8Array(view.buffer, at, end - at);
		const sums = [bytes.reduce((sum, byte) => sum + byte), crc32(bytes)];
		check(sums.includes(view.getUint32(end, true)));
		blocks[String.fromCharCode(...bytes.subarray(0, 4))] = new DataView(view.buffer, at + 8, end - at - 8);
	}
	const format = blocks["fmt "];
	const [bits, rate, size] = [format.getUint8(0), format.getUint16(1, true), format.getUint16(3, true)]; // 1 is 16; Hz; nV
	const leads = Object.keys(blocks).filter(name => /^ecg[ 2-9a-c]/.test(name)).map(name => {
		const read = () => filled(blocks[name].byteLength >> 1, i => int16(blocks[name], i) * size);
		return {name: LEADS[(parseInt(name[3], 16) || 1) - 1], unitText: "nV", rate, read};
	});
	check(bits === 1 && rate && size && leads.length);
	return {leads};
}
