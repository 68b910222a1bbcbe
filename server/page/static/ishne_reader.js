// ISHNE Holter files. Badilini, Ann Noninvasive Electrocardiol 3:263, 1998
import {crcCcitt} from "./checksums.js";
import {check, note} from "./language.js";
import {filled, int16, MISSING} from "./samples.js";

const LEADS = ",,X,Y,Z,I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6,ES,AS,AI".split(",");

export async function read({file}) {
	const view = new DataView(await file.arrayBuffer());
	const [begin, said, count, rate] = [522 + view.getUint32(10, true), view.getInt32(14, true), int16(view, 78), int16(view, 136)];
	const samples = new DataView(view.buffer, begin);
	const found = Math.floor(samples.byteLength / 2 / count);
	// Either byte of the checksum may be first; 0 is none.
	const sums = [0, crcCcitt(new Uint8Array(view.buffer, 10, begin - 10))];
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
