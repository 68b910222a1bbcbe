// What kind of file something is: by its first bytes, then by its name.
import { isHeader } from "./wfdb_reader.js";

const LOOKED_AT = 4096;
// What a file of each kind that is not read begins with.
const OTHERS = {
  "a ZIP": /^PK\x03\x04/, "a PDF": /^%PDF/, "an image": /^(\x89PNG|\xff\xd8\xff|GIF8|BM|II\*\0|MM\0\*)/,
  "an HDF5": /^\x89HDF/, "a MATLAB": /^MATLAB/, "a gzip": /^\x1f\x8b/, "an SCP-ECG": /^[^]{16}SCPECG/,
  "an ISHNE": /^(ISHNE|ANN {2})/, "a WAV": /^RIFF/, "an Office": /^\xd0\xcf\x11\xe0/, "a Parquet": /^PAR1/,
};
const MARKS = [["\xff\xfe", "utf-16le"], ["\xfe\xff", "utf-16be"]]; // of UTF-16

// {kind: "edf" | "bdf" | "dicom" | "wfdb" | "csv" | "signals" | "empty" | "other", text, other}
export async function kindOf(file) {
  const bytes = new Uint8Array(await file.slice(0, LOOKED_AT).arrayBuffer());
  const head = String.fromCharCode(...bytes);
  if (!head) return { kind: "empty" };
  if (head.startsWith("DICM", 128)) return { kind: "dicom" };
  if (head.startsWith("0       ")) return { kind: "edf" };
  if (head.startsWith("\xffBIOSEMI")) return { kind: "bdf" };
  const other = Object.keys(OTHERS).find((name) => OTHERS[name].test(head));
  if (other) return { kind: "other", other };
  const [, encoding] = MARKS.find(([mark]) => head.startsWith(mark)) ?? [];
  if (!encoding && head.includes("\0")) return { kind: /\.(dat|mat)$/i.test(file.name) ? "signals" : "other" };
  const text = await decoded(file, encoding);
  if (/^\s*</.test(text)) return { kind: "other", other: /^\s*<(!doctype )?html/i.test(text) ? "an HTML" : "an XML" };
  if (/^\s*[{[]\s*["{[\d]/.test(text)) return { kind: "other", other: "a JSON" };
  return { kind: /\.hea$/i.test(file.name) || isHeader(text) ? "wfdb" : "csv", text };
}

// UTF-8 unless it says or is something else, then Latin-1.
async function decoded(file, encoding = "utf-8") {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("latin1").decode(bytes);
  }
}
