// GE MUSE XML (RestingECG), as MUSE exports it.
import {crc32} from "./checksums.js";
import {withDerived} from "./derived_leads.js";
import {check, note} from "./language.js";
import {filled, int16, int32, int8} from "./samples.js";
import {elementsAt, fromBase64, textAt, xmlRoot} from "./xml_tree.js";

const SAMPLES = {1: int8, 2: int16, 4: int32}; // by the bytes of one

// Of the longest rhythm; median beats are left.
export async function read({text}) {
	const all = elementsAt(xmlRoot(text), "Waveform").filter(one => leadsOf(one).length);
	const rhythms = all.filter(one => textAt(one, "WaveformType").toUpperCase() !== "MEDIAN");
	const size = one => textAt(leadsOf(one)[0], "WaveFormData").length;
	const [longest] = [...rhythms].sort((one, other) => size(other) - size(one));
	const rate = textAt(longest, "SampleBase") * 10 ** textAt(longest, "SampleExponent");
	check(rate > 0);
	const notes = rhythms.length > 1 ? [note("rhythms", {count: rhythms.length})] : [];
	return withDerived({leads: leadsOf(longest).map(element => lead(element, rate)), notes});
}

const leadsOf = waveform => elementsAt(waveform, "LeadData").filter(one => textAt(one, "WaveFormData"));

function lead(element, rate) {
	const [name, step, unit] = ["LeadID", "LeadAmplitudeUnitsPerBit", "LeadAmplitudeUnits"].map(field => textAt(element, field));
	return {name, unitText: +step ? unit : "", rate, read: () => samples(element, +step || 1)};
}

// LeadDataCRC32 is 0 where a program does not compute it.
function samples(element, step) {
	const fields = ["WaveFormData", "LeadDataCRC32", "LeadSampleCountTotal", "LeadSampleSize"];
	const [data, sum, count, width] = fields.map(field => textAt(element, field));
	const bytes = fromBase64(data);
	const found = bytes.length / (width || 2);
	check((!+sum || +sum === crc32(bytes)) && Number.isInteger(found) && (!count || +count === found));
	const view = new DataView(bytes.buffer);
	return filled(found, i => SAMPLES[width || 2](view, i) * step);
}
