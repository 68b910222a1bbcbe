// SCP-ECG (ISO/IEEE 11073-91064, EN 1064): Huffman codes, differences, subtracted reference beats.
import {crcCcitt} from "./checksums.js";
import {withDerived} from "./derived_leads.js";
import {check, refuse} from "./language.js";
import {huffmanTables, huffmanValues} from "./scp_huffman.js";

const RECORD_HEADER_BYTES = 6;
const SECTION_HEADER_BYTES = 16;
const NAMES = ",I,II,V1,V2,V3,V4,V5,V6,V7,V2R,V3R,V4R,V5R,V6R,V7R,X,Y,Z".split(",");
const NAMES_FROM_61 = "III,aVR,aVL,aVF,-aVR,V8,V9,V8R,V9R,D,A,J".split(",");

// Never section 1, which says who and when.
export async function read({file}) {
	const {2: tables, 3: leads, 4: beats, 5: reference, 6: rhythm} = sections(new DataView(await file.arrayBuffer()));
	const all = Array.from({length: leads.getUint8(0)}, (_, i) => leadAt(leads, 2 + 9 * i));
	const coded = codedLeads(rhythm, all.length);
	const beat = beats && reference && codedLeads(reference, all.length);
	const isSameRate = beat?.interval === coded.interval;
	if (coded.isBimodal && !isSameRate) refuse("format", {known: "SCP-ECG", format: "SCP-ECG (bimodal)"});
	const isSubtracted = leads.getUint8(1) & 1;
	check(coded.interval && coded.size && (!isSubtracted || isSameRate));
	const samples = (of, lead, count) => decoded(of, lead, count, tables && huffmanTables(tables));
	const values = ({first, last}, lead) => {
		const found = samples(coded, lead, last - first + 1);
		if (isSubtracted) addReferenceBeat(beats, count => samples(beat, lead, count), beat.interval, found, first);
		return found;
	};
	return withDerived({leads: all.map((lead, i) => (
		{name: lead.name, unitText: "nV", rate: 1e6 / coded.interval, read: () => values(lead, i)}))});
}

// What follows each section's header, by its number.
function sections(view) {
	const length = view.getUint32(2, true);
	check(crcCcitt(new Uint8Array(view.buffer, 2, length - 2)) === view.getUint16(0, true));
	const end = RECORD_HEADER_BYTES + view.getUint32(RECORD_HEADER_BYTES + 4, true);
	const found = {};
	for (let at = RECORD_HEADER_BYTES + SECTION_HEADER_BYTES; at + 10 <= end; at += 10) {
		const [number, size, index] = [view.getUint16(at, true), view.getUint32(at + 2, true), view.getUint32(at + 6, true)];
		const begin = index - 1 + SECTION_HEADER_BYTES;
		if (number && size > SECTION_HEADER_BYTES) found[number] = new DataView(view.buffer, begin, size - SECTION_HEADER_BYTES);
	}
	return found;
}

// Its first and last sample, from 1 on.
function leadAt(section, at) {
	const code = section.getUint8(at + 8);
	return {first: section.getUint32(at, true), last: section.getUint32(at + 4, true), name: NAMES[code] ?? NAMES_FROM_61[code - 61] ?? ""};
}

// Of section 5 or 6: nV of a step, µs between samples, how many times they are differences, the bytes of each lead.
function codedLeads(section, count) {
	let begin = 6 + 2 * count;
	const leads = Array.from({length: count}, (_, lead) => {
		const size = section.getUint16(6 + 2 * lead, true);
		begin += size;
		return new Uint8Array(section.buffer, section.byteOffset + begin - size, size);
	});
	const [size, interval] = [section.getUint16(0, true), section.getUint16(2, true)];
	return {size, interval, differences: section.getUint8(4), isBimodal: section.getUint8(5), leads};
}

// In nV.
function decoded({size, differences, leads}, lead, count, tables) {
	const bytes = leads[lead];
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const values = tables ? huffmanValues(bytes, count, tables) : Int32Array.from({length: count}, (_, i) => view.getInt16(2 * i, true));
	check(differences <= 2);
	// Of second differences the first two are samples.
	if (differences === 2) values[1] -= values[0];
	for (let i = 2; differences === 2 && i < count; i++) values[i] += values[i - 1];
	for (let i = 1; differences && i < count; i++) values[i] = ((values[i] + values[i - 1]) << 16) >> 16;
	return Float64Array.from(values, value => value * size);
}

// At each beat of type 0, as far as section 4 says.
function addReferenceBeat(beats, samples, interval, values, leadFirst) {
	const [milliseconds, peak, count] = [0, 2, 4].map(at => beats.getUint16(at, true));
	const beat = samples(Math.round(1000 * milliseconds / interval));
	for (let at = 6; at < 6 + 14 * count; at += 14) {
		const [first, rPeak, last] = [2, 6, 10].map(place => beats.getUint32(at + place, true));
		const begin = rPeak - peak + 1;
		const [from, to] = [Math.max(first, begin, leadFirst), Math.min(last, begin + beat.length - 1, leadFirst + values.length - 1)];
		if (beats.getUint16(at, true) === 0) for (let i = from; i <= to; i++) values[i - leadFirst] += beat[i - begin];
	}
}
