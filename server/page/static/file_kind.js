// The kind of a file: by its first bytes, then by its name.
import {isHeader} from "./wfdb_reader.js";

const LOOKED_AT = 4096;
const BEGINNINGS = {
	empty: /^$/, DICOM: /^[^]{128}DICM/, EDF: /^0 {7}/, BDF: /^\xffBIOSEMI/, ISHNE: /^ISHNE1/, AliveCor: /^ALIVE\0/,
	"a ZIP": /^PK\x03\x04/, "a PDF": /^%PDF/, "an image": /^(\x89PNG|\xff\xd8\xff|GIF8)/,
	"an HDF5": /^\x89HDF/, "a MATLAB": /^MATLAB/, "a gzip": /^\x1f\x8b/, "an SCP-ECG": /^[^]{16}SCPECG/,
};
const TEXTS = {"an XML": /^\s*</, "a JSON": /^\s*[{[]\s*["{[\d]/};
const ENCODINGS = {"\xff\xfe": "utf-16le", "\xfe\xff": "utf-16be"}; // by their marks

// The kind is a reader's, another with its article, or a key of strings.js.
export async function kindOf(file) {
	const head = String.fromCharCode(...new Uint8Array(await file.slice(0, LOOKED_AT).arrayBuffer()));
	const matching = (patterns, text) => Object.keys(patterns).find(kind => patterns[kind].test(text));
	const kind = matching(BEGINNINGS, head);
	if (kind) return {kind};
	const encoding = ENCODINGS[head.slice(0, 2)];
	if (!encoding && head.includes("\0")) return {kind: /\.(dat|mat)$/i.test(file.name) ? "beside" : "unknownKind"};
	const text = await decoded(file, encoding);
	return {kind: matching(TEXTS, text) ?? (/\.hea$/i.test(file.name) || isHeader(text) ? "WFDB" : "CSV"), text};
}

async function decoded(file, encoding = "utf-8") {
	const bytes = await file.arrayBuffer();
	try {
		return new TextDecoder(encoding, {fatal: true}).decode(bytes);
	} catch {
		return new TextDecoder("latin1").decode(bytes);
	}
}
