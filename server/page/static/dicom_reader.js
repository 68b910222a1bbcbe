// DICOM files with waveforms. https://dicom.nema.org/medical/dicom/current/output/html/part03.html#sect_C.10.9
import {note, refuse} from "./language.js";
import {filled, int16, int8, uint16, uint8} from "./samples.js";

const FORMATS = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"]; // implicit, explicit
const LONG = /^(O[BDFLVW]|SQ|U[CNRTV]|SV)$/; // of four bytes’ length
const UNDEFINED = 0xffffffff;
const ITEM = 0xe000fffe;
const SAMPLES = {"SS 16": int16, "US 16": uint16, "SB 8": int8, "UB 8": uint8};

// Of the longest group of waveforms that is no derived beat.
export async function read({file}) {
	const view = new DataView(await file.arrayBuffer());
	const meta = elements(view, 132, view.byteLength, false, true);
	const format = text(meta["2,10"]);
	if (!FORMATS.includes(format)) refuse("format", {known: "DICOM little endian", format});
	const {"5400,100": groups = []} = elements(view, meta.end, view.byteLength, format === FORMATS[0]);
	const seconds = group => group["3a,10"].getUint32(0, true) / text(group["3a,1a"]);
	const originals = groups.filter(group => text(group["3a,4"]) !== "DERIVED");
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
		if (isItem && element !== 0xe000) return {...found, end: at + 8};
		const kind = isImplicit || isItem ? "" : String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5));
		const isLong = LONG.test(kind);
		const length = !kind || isLong ? view.getUint32(at + (isLong ? 8 : 4), true) : view.getUint16(at + 6, true);
		at += isLong ? 12 : 8;
		const to = length === UNDEFINED ? end : at + length;
		const isNested = isItem || length === UNDEFINED || (length >= 8 && view.getUint32(at, true) === ITEM);
		const value = isNested ? elements(view, at, to, isImplicit || kind === "UN") : new DataView(view.buffer, at, length);
		if (isItem) found.items.push(value);
		else found[[group, element].map(one => one.toString(16))] = value.items ?? value;
		at = length === UNDEFINED ? value.end : to;
	}
	return {...found, end: at};
}

const text = value => value ? new TextDecoder().decode(value).replaceAll("\0", " ").trim() : "";

function lead(group, channel, index) {
	const [label, sensitivity, correction, baseline] = ["203", "210", "212", "213"].map(tag => text(channel[`3a,${tag}`]));
	const {"3a,208": source, "3a,211": units} = channel;
	const unitText = sensitivity && text(units?.[0]["8,100"]);
	const [name] = (text(source?.[0]["8,104"]) || label).split(" (");
	const scale = (sensitivity || 1) * (correction || 1);
	const read = () => samples(group, index).map(value => value * scale + +baseline);
	return {name, unitText, rate: +text(group["3a,1a"]), read};
}

function samples({"3a,5": channelCount, "3a,10": sampleCount, "5400,1004": bits, "5400,1006": kind, "5400,1010": data}, index) {
	const [width, channels] = [uint16(bits, 0), uint16(channelCount, 0)];
	const format = `${text(kind)} ${width}`;
	const sample = SAMPLES[format] ?? refuse("format", {known: Object.keys(SAMPLES).join("/"), format});
	const length = Math.min(sampleCount.getUint32(0, true), Math.floor(8 * data.byteLength / width / channels));
	return filled(length, i => sample(data, i * channels + index));
}
