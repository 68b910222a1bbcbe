// DICOM files with waveforms. https://dicom.nema.org/medical/dicom/current/output/html/part03.html#sect_C.10.9
import {note, refuse} from "./language.js";
import {emptySignal, int16, int8, uint16, uint8} from "./samples.js";

const [IMPLICIT, EXPLICIT] = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"];
const LONG = /^(O[BDFLVW]|SQ|U[CNRTV]|SV)$/; // of four bytes’ length
const UNDEFINED = 0xffffffff;
const ITEM = 0xe000fffe;
const SAMPLES = {"SS 16": int16, "US 16": uint16, "SB 8": int8, "UB 8": uint8};

// Of the longest group of waveforms that is no derived beat.
export async function dicomRecording({file}) {
	const view = new DataView(await file.arrayBuffer());
	const meta = elements(view, 132, view.byteLength, false, true);
	const format = text(meta["2,10"]);
	if (format !== IMPLICIT && format !== EXPLICIT) refuse("format", {known: "DICOM little endian", format});
	const {"5400,100": groups = []} = elements(view, meta.end, view.byteLength, format === IMPLICIT);
	const seconds = ({"3a,10": sampleCount, "3a,1a": rate}) => sampleCount.getUint32(0, true) / text(rate);
	const originals = groups.filter(({"3a,4": originality}) => text(originality) !== "DERIVED");
	const [group] = originals.length ? originals.sort((one, other) => seconds(other) - seconds(one)) : refuse("noWaveform");
	const notes = groups.length > 1 ? [note("group", {number: groups.indexOf(group) + 1, count: groups.length})] : [];
	return {leads: group["3a,200"].map((channel, i) => lead(group, channel, i)), notes};
}

// By their tags: a DataView or, of a sequence, its items; `end` is where they end.
function elements(view, at, end, isImplicit, isMeta) {
	const found = {items: []};
	while (at + 8 <= end) {
		const [group, element] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
		if (isMeta && group !== 2) break;
		const isItem = group === 0xfffe;
		if (isItem && element !== 0xe000) return {...found, end: at + 8}; // its end
		const kind = isImplicit || isItem ? "" : String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5));
		const isLong = LONG.test(kind);
		const length = !kind || isLong ? view.getUint32(at + (isLong ? 8 : 4), true) : view.getUint16(at + 6, true);
		at += isLong ? 12 : 8;
		const to = length === UNDEFINED ? end : at + length;
		const isNested = isItem || length === UNDEFINED || (length >= 8 && view.getUint32(at, true) === ITEM);
		const value = isNested ? elements(view, at, to, isImplicit || kind === "UN") : new DataView(view.buffer, at, length);
		if (isItem) found.items.push(value);
		else found[`${group.toString(16)},${element.toString(16)}`] = value.items ?? value;
		at = length === UNDEFINED ? value.end : to;
	}
	return {...found, end: at};
}

const text = value => value ? new TextDecoder().decode(value).replaceAll("\0", " ").trim() : "";

function lead(group, channel, index) {
	const {"3a,203": label, "3a,208": source, "3a,210": sensitivity, "3a,211": units, "3a,212": correction, "3a,213": baseline} = channel;
	const unitText = units && sensitivity ? text(units[0]["8,100"]) : "";
	const [name] = (text(source?.[0]["8,104"]) || text(label)).split(" (");
	const scale = (text(sensitivity) || 1) * (text(correction) || 1);
	const read = () => samples(group, index).map(value => value * scale + +text(baseline));
	return {name, unitText, rate: +text(group["3a,1a"]), read};
}

function samples({"3a,5": channelCount, "3a,10": sampleCount, "5400,1004": bits, "5400,1006": kind, "5400,1010": data}, index) {
	const [width, channels] = [uint16(bits, 0), uint16(channelCount, 0)];
	const format = `${text(kind)} ${width}`;
	const sample = SAMPLES[format] ?? refuse("format", {known: Object.keys(SAMPLES).join("/"), format});
	const length = Math.min(sampleCount.getUint32(0, true), Math.floor(8 * data.byteLength / width / channels));
	return emptySignal(length).map((_, i) => sample(data, i * channels + index));
}
