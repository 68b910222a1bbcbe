// The kind of a file: by its first bytes, then by its name.
import {refuse} from "./language.js";
import {isHeader} from "./wfdb_reader.js";

const LOOKED_AT = 4096;
const BINARY_ENDINGS = {".dat": "beside", ".mat": "beside", ".scp": "SCP-ECG"};
const BEGINNINGS = {
	empty: /^$/, DICOM: /^[^]{128}DICM/, EDF: /^0 {7}/, BDF: /^\xffBIOSEMI/, ISHNE: /^ISHNE1/, AliveCor: /^ALIVE\0/,
	"a ZIP": /^PK\x03\x04/, "a PDF": /^%PDF/, "an image": /^(\x89PNG|\xff\xd8\xff|GIF8)/,
	"an HDF5": /^\x89HDF/, "a MATLAB": /^MATLAB/, "SCP-ECG": /^[^]{16}SCPECG/,
};
const BEFORE_ROOT = /^(?:\s|<\?[^]*?\?>|<!--[^]*?-->|<!DOCTYPE[^>[]*(?:\[[^]*?\]\s*)?>)*/;
const root = name => new RegExp(`${BEFORE_ROOT.source}<(?:[\\w.-]+:)?${name}[\\s>]`);
const TEXTS = {
	OpenSignals: /^# OpenSignals Text File Format/, aECG: root("AnnotatedECG"), MUSE: root("RestingECG"), Sierra: root("restingecgdata"),
	"an XML": /^\s*</, "a JSON": /^\s*[{[]\s*["{[\d]/,
};
const GZIP = /^\x1f\x8b/;
const ENCODINGS = {"\xff\xfe": "utf-16le", "\xfe\xff": "utf-16be"}; // by their marks

// {file, kind, text}: what is in a gzip; a reader's kind, another with its article, or a key of strings.js; its text if it is one.
export async function kindOf(file) {
	const head = await headOf(file);
	if (GZIP.test(head)) return kindOf(await unpacked(file));
	const matching = (patterns, text) => Object.keys(patterns).find(kind => patterns[kind].test(text));
	const kind = matching(BEGINNINGS, head);
	if (kind) return {file, kind};
	const encoding = ENCODINGS[head.slice(0, 2)];
	const [ending] = /\.\w+$/.exec(file.name.toLowerCase()) ?? [];
	if (!encoding && head.includes("\0")) return {file, kind: BINARY_ENDINGS[ending] ?? "unknownKind"};
	const text = await decoded(file, encoding);
	return {file, kind: matching(TEXTS, text) ?? (ending === ".hea" || isHeader(text) ? "WFDB" : "CSV"), text};
}

async function headOf(file) {
	return String.fromCharCode(...new Uint8Array(await file.slice(0, LOOKED_AT).arrayBuffer()));
}

async function unpacked(file) {
	const stream = file.stream().pipeThrough(new DecompressionStream("gzip"));
	const content = await new Response(stream).blob().catch(() => refuse("damaged", {kind: "gzip"}));
	return new File([content], file.name.replace(/\.gz$/i, ""));
}

// UTF-8 unless it says or is something else, then Latin-1.
async function decoded(file, encoding = "utf-8") {
	const bytes = await file.arrayBuffer();
	try {
		return new TextDecoder(encoding, {fatal: true}).decode(bytes);
	} catch {
		return new TextDecoder("latin1").decode(bytes);
	}
}
