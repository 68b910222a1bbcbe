// CSV as people have it: rows, a row a beat, or signals, a column a lead.
import { Told } from "./language.js";

const TIMES = ["time_s", "time", "seconds", "t"];
const EVEN = 0.01; // by how much steps of time may differ, as a share of one
const WITH_UNIT = /^(.+?)[ _]?[[(_]?(mV|uV|µV|μV|nV|V)[\])]?$/;

// {rows: text} to be sent as it is, or {leads, rate}, of which what is not known is null.
export function table(text, features) {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/).filter((line) => line.trim());
  if (!lines.length) throw new Told("emptyFile");
  const cells = lines[0].split(",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
  const named = cells.some((cell) => cell && !Number.isFinite(Number(cell)));
  if (!named) return cells.length > 1 ? { rows: lines.join("\n") } : signals(lines, ["1"], 0);
  if (lines.length === 1) throw new Told("emptyFile");
  const places = features.map((name) => cells.indexOf(name));
  if (features.length && places.every((place) => place >= 0)) return { rows: chosen(lines.slice(1), places) };
  return signals(lines.slice(1), cells, 1);
}

// The rows' features in the order of the model's; other columns are left out.
function chosen(lines, places) {
  return lines.map((line) => {
    const cells = line.split(",");
    return places.map((place) => cells[place]).join(",");
  }).join("\n");
}

function signals(lines, names, before) {
  const columns = names.map(() => new Float32Array(lines.length));
  lines.forEach((line, row) => {
    const cells = line.split(",");
    if (cells.length !== names.length) throw new Told("expectedCsv", { line: row + before + 1 });
    cells.forEach((cell, column) => {
      const empty = cell.trim() === "" || /^nan$/i.test(cell.trim());
      columns[column][row] = empty ? NaN : Number(cell);
      if (!empty && !Number.isFinite(columns[column][row])) throw new Told("expectedCsv", { line: row + before + 1 });
    });
  });
  const time = names.findIndex((name) => TIMES.includes(name.toLowerCase()));
  const leads = names.map((name, i) => ({ name, values: columns[i] })).filter((_, i) => i !== time);
  if (!leads.length) throw new Told("emptyFile");
  return { leads: leads.map(withUnit), rate: time < 0 ? null : rateOf(lines.map((line) => Number(line.split(",")[time]))) };
}

function withUnit({ name, values }) {
  const [, lead = name, unit = null] = WITH_UNIT.exec(name) ?? [];
  return { name: lead, unit, read: async () => values };
}

// Hz, from seconds in even steps.
function rateOf(seconds) {
  const step = (seconds.at(-1) - seconds[0]) / (seconds.length - 1);
  const even = seconds.every((second, i) => i === 0 || Math.abs(second - seconds[i - 1] - step) <= EVEN * step);
  if (!(step > 0) || !even) throw new Told("expectedTimes");
  return Math.round(1000 / step) / 1000;
}
