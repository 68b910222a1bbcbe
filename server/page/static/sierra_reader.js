// Philips Sierra XML, versions 1.03 to 1.04.02.
import {check, refuse} from "./language.js";
import {int16} from "./samples.js";
import {elementsAt, fromBase64, textAt, wordsOf, xmlRoot} from "./xml_tree.js";
import {xliLeads} from "./xli.js";

const LEADS = "I II III aVR aVL aVF V1 V2 V3 V4 V5 V6".split(" ");
const TWELVE = ["STD-12", "10-WIRE"]; // kinds of acquisition of which the leads are not named
const UNCOMPRESSED = ["", "uncompressed", "none"];
const MOST_LEADS = 100;

export async function read({text}) {
	const root = xmlRoot(text);
	const [waveforms] = root.getElementsByTagNameNS("*", "parsedwaveforms");
	const [signal] = elementsAt(root, "dataacquisition/signalcharacteristics");
	// Some is an attribute, some an element, by version.
	const said = (attribute, ...paths) => [waveforms.getAttribute(attribute)?.trim(), ...paths.map(path => textAt(signal, path))].find(Boolean) ?? "";
	const names = namesOf(said);
	const rate = positive(said("samplespersecond", "samplingrate"));
	const length = Math.round(positive(said("durationperchannel")) * rate / 1000);
	const [step, offset] = [said("resolution", "resolution", "signalresolution"), said("signaloffset", "signaloffset")];
	const stored = () => storedLeads(said, waveforms.textContent, names, length);
	const values = lead => Float64Array.from(stored()[lead], value => (value - offset) * (step || 1));
	return {leads: names.map((name, lead) => ({name, unitText: step ? "uV" : "", rate, read: () => values(lead)}))};
}

function positive(text) {
	check(text > 0);
	return +text;
}

// Empty where the file names none and they are not the usual twelve.
function namesOf(said) {
	const usual = TWELVE.includes(said("", "acquisitiontype", "leadset")) ? LEADS : [];
	const labels = said("leadlabels") ? wordsOf(said("leadlabels")) : usual;
	const count = positive(said("numberofleads", "numberchannelsallocated", "numberchannelsvalid"));
	return Array.from({length: Math.min(count, MOST_LEADS)}, (_, lead) => labels[lead] ?? "");
}

// Whole numbers, before offset and step.
function storedLeads(said, text, names, length) {
	const method = said("compression") || said("compressmethod");
	const encoding = said("dataencoding");
	if (UNCOMPRESSED.includes(method.toLowerCase()) || said("compressflag").toLowerCase() === "false") {
		const values = encoding === "Plain" ? wordsOf(text).map(value => +value) : words(fromBase64(text));
		check(values.length >= names.length * length && !values.some(Number.isNaN));
		return names.map((_, lead) => values.slice(lead * length, (lead + 1) * length));
	}
	if (method !== "XLI" || encoding !== "Base64") refuse("format", {known: "XLI, Base64", format: `${method}, ${encoding}`});
	const leads = xliLeads(fromBase64(text)).slice(0, names.length).map(lead => lead.slice(0, length));
	check(leads.length === names.length && leads.every(lead => lead.length === length));
	if (LEADS.slice(0, 6).every((name, lead) => names[lead] === name)) addPredictions(leads);
	return leads;
}

function words(bytes) {
	const view = new DataView(bytes.buffer);
	return Int16Array.from({length: bytes.length >> 1}, (_, i) => int16(view, i));
}

// XLI keeps of III, aVR, aVL and aVF how far they are from what follows from I and II, or from II and III.
function addPredictions([one, two, three, right, left, foot]) {
	for (let i = 0; i < one.length; i++) {
		three[i] = two[i] - one[i] - three[i];
		right[i] = -((one[i] + two[i]) >> 1) - right[i];
		left[i] = ((one[i] - three[i]) >> 1) - left[i];
		foot[i] = ((two[i] + three[i]) >> 1) - foot[i];
	}
}
