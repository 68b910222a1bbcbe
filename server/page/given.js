// What was dropped or chosen: rows, or leads of which one is to be read.
import { table } from "./csv.js";
import { Told } from "./language.js";
import { record } from "./wfdb.js";

const MILLIVOLTS = { V: 1e3, mV: 1, uV: 1e-3, "µV": 1e-3, "μV": 1e-3, nV: 1e-6 };
const BRIDGED_S = 0.2;

export const UNITS = ["mV", "µV", "V"];

// {name, rows} or {name, rate, leads}; `features` are the names of the model's columns.
export async function read(files, features) {
  const header = files.find((file) => file.name.toLowerCase().endsWith(".hea"));
  if (header) {
    const found = record(await header.text(), files);
    const leads = found.leads.filter((lead) => lead.unit in MILLIVOLTS);
    if (!leads.length) throw new Told("badUnit");
    return { ...found, leads };
  }
  if (files.length !== 1 || files[0].name.toLowerCase().endsWith(".dat")) throw new Told("expectedFiles");
  return { name: files[0].name.replace(/\.\w+$/, ""), ...table(await files[0].text(), features) };
}

// Float32Array in mV without gaps; short ones are bridged by a straight line.
export async function millivolts(lead, unit, rate) {
  const values = Float32Array.from(await lead.read(), (value) => value * MILLIVOLTS[unit]);
  const first = values.findIndex((value) => !Number.isNaN(value));
  if (first < 0) throw new Told("emptyFile");
  values.fill(values[first], 0, first);
  for (let i = first, known = first; i < values.length; i++) {
    if (Number.isNaN(values[i]) && i < values.length - 1) continue;
    if (Number.isNaN(values[i])) values[i] = values[known];
    if (i - known - 1 > BRIDGED_S * rate) throw new Told("gap", { time: (known / rate).toFixed(2) });
    for (let j = known + 1; j < i; j++) values[j] = values[known] + ((values[i] - values[known]) * (j - known)) / (i - known);
    known = i;
  }
  if (first > BRIDGED_S * rate) throw new Told("gap", { time: "0" });
  return values;
}

// Each row of a CSV as numbers, Float32Array.
export function numbers(text) {
  return text.split("\n").map((line) => Float32Array.from(line.split(","), Number));
}
