// What was dropped or chosen: rows, or leads of which one is to be read.
import { Told } from "./language.js";
import { record } from "./wfdb.js";

const MILLIVOLTS = { V: 1e3, mV: 1, uV: 1e-3, "µV": 1e-3, "μV": 1e-3, nV: 1e-6 };
const WITH_UNIT = /^(.+?)[ _]?[[(_]?(mV|uV|µV|μV|nV|V)[\])]?$/;
const TIMES = ["time_s", "time", "seconds", "t"];
const EVEN = 0.01; // by how much steps of time may differ, as a share of one
const BRIDGED_S = 0.2;

// {name, rows} or {name, leads}; `features` are the names of the model's columns.
export async function read(files, features) {
  const header = files.find((file) => /\.hea$/i.test(file.name));
  if (header) return record(await header.text(), files);
  const [file, ...more] = files;
  if (!file || more.length || /\.dat$/i.test(file.name)) throw new Told("files");
  return { name: file.name.replace(/\.\w+$/, ""), ...table(await file.text(), features) };
}

// {rows: text} to be sent, or {leads}, of which what is not known is left out.
function table(text, features) {
  const lines = text.split(/\r?\n/).filter((line) => line.trim());
  const names = (lines[0] ?? "").split(",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
  const isNamed = names.some((name) => Number.isNaN(Number(name)));
  const body = isNamed ? lines.slice(1) : lines;
  if (!body.length) throw new Told("numbersInIt");
  if (!isNamed) return names.length > 1 ? { rows: body.join("\n") } : signals(body, ["1"], 1);
  const places = features.map((name) => names.indexOf(name));
  if (!places.length || places.includes(-1)) return signals(body, names, 2);
  const chosen = (cells) => places.map((place) => cells[place]).join();
  return { rows: body.map((line) => chosen(line.split(","))).join("\n") };
}

// A column a lead, or of seconds; an empty cell is a gap. `first` is the number of the first line.
function signals(lines, names, first) {
  const columns = names.map(() => new Float64Array(lines.length));
  for (const [i, line] of lines.entries()) {
    const cells = line.split(",").map((cell) => cell.trim().replace(/^nan$/i, ""));
    if (cells.length !== names.length || cells.some((cell) => Number.isNaN(Number(cell)))) throw new Told("csvNumbers", { line: i + first });
    for (const [column, cell] of cells.entries()) columns[column][i] = cell ? Number(cell) : NaN;
  }
  const time = names.findIndex((name) => TIMES.includes(name.toLowerCase()));
  const rate = time < 0 ? undefined : rateOf(columns[time]);
  const leads = names.map((name, i) => {
    const [, lead = name, unit] = WITH_UNIT.exec(name) ?? [];
    return { name: lead, unit, rate, read: () => columns[i] };
  });
  return { leads: leads.filter((_, i) => i !== time) };
}

// Hz, from seconds in even steps.
function rateOf(seconds) {
  const step = (seconds.at(-1) - seconds[0]) / (seconds.length - 1);
  const isEven = seconds.every((second, i) => i === 0 || Math.abs(second - seconds[i - 1] - step) <= EVEN * step);
  if (!(step > 0 && isEven)) throw new Told("times");
  return Math.round(1000 / step) / 1000;
}

// {lead, unit, rate}: what the file does not say is asked for, and never guessed.
export function asked(leads) {
  const form = document.getElementById("ask");
  const { lead: which, unit, rate } = form.elements;
  which.length = 1;
  which.append(...leads.map((lead, i) => new Option(lead.name, i)));
  const unknown = [[which, leads.length > 1], [unit, leads.some((lead) => !lead.unit)], [rate, !leads[0].rate]];
  for (const [field, isAsked] of unknown) {
    field.parentElement.hidden = field.disabled = !isAsked;
    field.value = "";
  }
  form.hidden = unknown.every(([field]) => field.disabled);
  return new Promise((resolve) => {
    form.onsubmit = (event) => {
      event?.preventDefault();
      form.hidden = true;
      const lead = leads[+which.value];
      resolve({ lead, unit: lead.unit ?? unit.value, rate: lead.rate || +rate.value });
    };
    if (form.hidden) form.onsubmit();
    else form.querySelector(":enabled").focus();
  });
}

// Float32Array in mV; short gaps are bridged by a straight line.
export async function millivolts(lead, unit, rate) {
  if (!(unit in MILLIVOLTS)) throw new Told("voltage", { unit });
  const values = Float32Array.from(await lead.read(), (value) => value * MILLIVOLTS[unit]);
  if (values.every(Number.isNaN)) throw new Told("numbersInIt");
  for (let i = 0, known = -1; i <= values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    if (i - known - 1 > BRIDGED_S * rate) throw new Told("gaps", { time: ((known + 1) / rate).toFixed(2) });
    const [from, to] = [values[known] ?? values[i], values[i] ?? values[known]];
    for (let j = known + 1; j < i; j++) values[j] = from + ((to - from) * (j - known)) / (i - known);
    known = i;
  }
  return values;
}
