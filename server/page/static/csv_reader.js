// CSV files and their like: rows for the classifier, or signals, a column a lead.
import { numberOf, tableOf } from "./csv_table.js";
import { note, refuse } from "./language.js";
import { timeAxis, timeColumn } from "./time_column.js";
import { emptySignal, unitOf } from "./units.js";

const COUNTS = /^(|#|n|no\.?|nr\.?|index|samples?( ?#)?)$/i;
const WITH_UNIT = /^(.+?)\s*(?:[_ /]\s*([^\s_/[\](){}]+)|[[({]([^[\](){}]+)[\])}])$/;
const NO_VOLTAGE = /^(deg ?c|°c|c|%|bpm|1\/min|mmhg|ohm|m?g|m\/s\^?2|hz|l|kpa|°\/s|m?s)$/i;
const MOST_LEADS = 24; // A wider table holds rows.
const LEAST_SAMPLES = 20; // a shorter one without a header, too

// {rows} or {leads}, and notes; `features` are the names of the model's columns.
export function csvRecording(text, features) {
  const table = tableOf(text);
  const { header, width, rows, isWords } = table;
  const named = features.map((name) => header?.indexOf(name) ?? -1);
  if (features.length && !named.includes(-1)) return rowsOf(table, named);
  const numeric = [...isWords.keys()].filter((i) => !isWords[i]);
  const areRows = numeric.length > MOST_LEADS || (!header && width > 1 && (rows.length < LEAST_SAMPLES || width - 1 === features.length || width === features.length));
  if (!areRows) return signalsOf(countsUp(rows[0].cells) && rows.length > 1 ? { ...table, rows: rows.slice(1) } : table);
  if (header) refuse("otherColumns");
  if (countsUp(rows[0].cells, 1)) refuse("numberedHeader");
  return rowsOf(table, width === features.length + 1 ? withoutLabel(table, numeric) : numeric);
}

// Whether a line only numbers its columns: 0, 1, 2, … up from 0, or from `most` at most, perhaps after an empty cell.
function countsUp(cells, most = 0) {
  const numbers = cells.map(numberOf).slice(+!cells[0]);
  const isLong = !cells[0] || numbers.length > 2;
  return isLong && numbers.every((one, i) => one === numbers[0] + i) && numbers[0] >= 0 && numbers[0] <= most;
}

// The columns but that of the label: words, or whole numbers in the first or in the last one.
function withoutLabel({ width, rows }, numeric) {
  if (numeric.length < width) return numeric;
  const [first, last] = [0, width - 1].map((column) => rows.every(({ cells }) => Number.isInteger(numberOf(cells[column] ?? ""))));
  return first === last ? refuse("label") : numeric.slice(+first, first ? width : -1);
}

function rowsOf({ rows, width }, places) {
  const numbers = rows.map(({ line, cells }) => {
    const row = places.map((place) => numberOf(cells[place] ?? ""));
    return cells.length === width && row.every(Number.isFinite) ? row : refuse("csvLine", { line, n: width });
  });
  const left = [...Array(width).keys()].filter((i) => !places.includes(i)).map((i) => i + 1);
  return { rows: numbers, notes: left.length ? [note("leftOut", { columns: left.join(", ") })] : [] };
}

function signalsOf(table) {
  const { header, units, rows, width, isWords, said } = table;
  const time = timeColumn(table);
  const columns = isWords.map((isWord, i) => (i === time || isWord ? null : new Float64Array(rows.length)));
  for (const [i, { line, cells }] of rows.entries()) {
    const isBad = cells.length !== width || columns.some((column, j) => column && (column[i] = numberOf(cells[j])) === undefined);
    if (isBad) refuse("csvLine", { line, n: width - isWords.filter(Boolean).length });
  }
  const { rate, places, notes } = time < 0 ? { rate: said.rate, notes: [] } : timeAxis(table, time);
  const isCount = (values, i) => COUNTS.test(header?.[i] ?? "") && values.every((value, j) => !j || value === values[j - 1] + 1);
  const found = [...columns.keys()].filter((i) => columns[i] && !isCount(columns[i], i) && !columns[i].every(Number.isNaN));
  const leads = found.map((i, number) => {
    const lead = withUnit(header?.[i] || (found.length === 1 && said.lead) || `${number + 1}`, units[i] || said.unit || "");
    return { ...lead, rate, read: () => spread(columns[i], places) };
  });
  return { leads, notes };
}

// {name, unit, unitText} of a column called II, II_mV, II (mV), II [uV] or ECG/mV.
function withUnit(header, unitText) {
  const [, name, after = "", inside = after] = WITH_UNIT.exec(header) ?? [];
  const unit = unitOf(inside);
  if (inside && (unit !== null || NO_VOLTAGE.test(inside))) return { name, unit, unitText: inside };
  return { name: header, unit: unitOf(unitText), unitText };
}

// Each value in its place in time; NaN where there is none.
function spread(values, places) {
  if (!places) return values;
  const whole = emptySignal(places.at(-1) + 1);
  for (const [i, place] of places.entries()) whole[place] = values[i];
  return whole;
}
