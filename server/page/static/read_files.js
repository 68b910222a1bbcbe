// What was chosen: rows, or leads of which one is to be annotated.
import {kindOf} from "./file_kind.js";
import {PageError, refuse} from "./language.js";
import {MILLIVOLTS, unitOf} from "./samples.js";
import {parsedHeader} from "./wfdb_reader.js";

const MOST_MV = 1e6;
const READERS = {
	WFDB: "wfdb", DICOM: "dicom", EDF: "edf", BDF: "edf", aECG: "aecg", MUSE: "muse", Sierra: "sierra", "SCP-ECG": "scp",
	ISHNE: "ishne", AliveCor: "atc", OpenSignals: "opensignals", CSV: "csv",
};

// {name, rows, notes} or {leads: [{title, label, name, unit, rate, notes, read}]}
export async function readFiles(files, features) {
	const found = await Promise.all(files.map(async file => ({files, features, ...(await kindOf(file))})));
	const headers = found.filter(({kind}) => kind === "WFDB");
	for (const one of headers) one.header = parsedHeader(one.text);
	const parts = headers.flatMap(({header}) => header.files);
	const own = found.filter(({file, kind}) => !parts.includes(file.name) && (READERS[kind] || !headers.length));
	const named = async one => ({name: one.file.name.replace(/(.)\.\w+$/, "$1"), ...(await recording(one))});
	const records = await Promise.all(own.map(named));
	if (records.length === 1 && records[0].rows) return records[0];
	if (!records.length || records.some(({rows}) => rows)) refuse("files");
	return {leads: offered(records)};
}

async function recording(one) {
	const {file, kind} = one;
	const [article, name] = kind.split(" ");
	if (!READERS[kind]) refuse(name ? "otherKind" : kind, {article, name, file: file.name.replace(/\w+$/, "hea")});
	const {read} = await import(`./${READERS[kind]}_reader.js`).catch(() => refuse("reachable"));
	const {leads, ...found} = await sentenced(kind, () => read(one));
	return {...found, leads: leads?.map(lead => ({...lead, read: () => sentenced(kind, lead.read)}))};
}

// What fails without a sentence of its own fails with this one.
async function sentenced(kind, read) {
	try {
		return await read();
	} catch (error) {
		throw error instanceof PageError ? error : new PageError("damaged", {kind});
	}
}

// What may be an ECG; `label` tells leads apart, `title` names the answer.
function offered(records) {
	const all = records.flatMap(({name: record, leads, notes}) => leads.map((lead, i) => (
		{...lead, name: lead.name || `${i + 1}`, unit: unitOf(lead.unitText), number: i + 1, record, notes})));
	const leads = all.filter(({unit}) => unit !== null);
	if (!leads.length) refuse("format", {known: Object.keys(MILLIVOLTS), format: [...new Set(all.map(({unitText}) => unitText))]});
	return leads.map(lead => {
		const name = lead.name.replace(/^lead[ _]+/i, "");
		const isTwice = leads.some(other => other !== lead && other.record === lead.record && other.name === lead.name);
		const label = isTwice ? `${name} (${lead.number})` : name;
		const title = leads.length > 1 ? `${lead.record}, ${label}` : lead.record;
		return {...lead, name, label: records.length > 1 ? title : label, title};
	});
}

// Float32Array in mV, NaN where nothing was recorded.
export async function millivolts({read, unit}) {
	const values = Float32Array.from(await read(), value => value * MILLIVOLTS[unit]);
	if (values.every(Number.isNaN)) refuse("noTable");
	return values.some(value => Math.abs(value) > MOST_MV) ? refuse("absurd") : values;
}
