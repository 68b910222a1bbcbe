// A table of numbers in a text: where it begins, how its cells are parted, its header, and what the lines before it say.
import { refuse } from "./language.js";
import { unitOf } from "./units.js";

const COMMENT = /^\s*(#|%|\/\/)/;
const SEPARATORS = [";", "\t", ",", " "];
const NUMBER = /^[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?$/i;
const MISSING = /^(|nan|n\/?a|null|none|\?|-)$/i;
const CLOCK = /^\[?(?:(\d{4})-(\d\d)-(\d\d)[T ])?(?:(\d+):)?(\d+):(\d+(?:[.,]\d+)?)(Z|[+-]\d\d:?\d\d)?\]?$/;
const TIME_UNIT = /^\(?(s|sec|seconds|[muµμ]s|[hms:.]*:ss[.,ms]*)\)?$/i;
const SAID = {
  rate: /^\W*(?:sampl\w*[ _-]*(?:rate|freq\w*)|fs|freq\w*)[ _]*(?:[[(]?hz[\])]?)?\W+(\d+(?:\.\d+)?)/i,
  unit: /^\W*units?\s*[:=,;\t]\s*["']?([^\s"',;]+)/i,
  lead: /^\W*lead\s*[:=,;\t]\s*["']?([^"',;]+)/i,
};
// What signals are called, and what says who somebody is, which must never be said as the name of a lead.
const SIGNAL = /^((lead[ _]?)?(i{1,3}|av[rlf]|v\d{1,2}r?|ml\w{1,3}|(ecg|ekg|ch|channel)[ _]?\d{0,2}|signal|voltage)|(elapsed )?(time|date).*|t|m?s|sec.*)$|[[(_/ ]([muµμn]?v|[muµμ]?s)[\])]?$/i;
const PERSONAL = /^(first |last |patient|sur)?_?(name|patient|id|mrn|dob|date of birth|birth|sex|age)\b|[:=]/i;
const LOOKED_AT = 60; // lines at the end, which tell what a line of the table is

function cellsOf(line, separator) {
  const isBlank = separator === " ";
  if (!/["']/.test(line)) return isBlank ? line.trim().split(/\s+/) : line.split(separator).map((cell) => cell.trim());
  const cells = [""];
  let quote = "";
  for (const c of line) {
    if (c === quote) quote = "";
    else if (!quote && /["']/.test(c) && !cells.at(-1).trim()) quote = c;
    else if (!quote && (isBlank ? /\s/.test(c) : c === separator)) cells.push("");
    else cells.push(cells.pop() + c);
  }
  return cells.map((cell) => cell.trim()).filter((cell) => cell || !isBlank);
}

// A number, NaN where it is missing, undefined for anything else.
export function numberOf(cell) {
  if (NUMBER.test(cell)) return Number(cell.replace(",", "."));
  return MISSING.test(cell) ? NaN : undefined;
}

// Seconds of 10:00:00.5, 0:01.5 or 2024-05-08T10:00:00Z.
export function secondsOf(cell) {
  const [, year, month, day, hours = 0, minutes, seconds] = CLOCK.exec(cell) ?? [];
  if (!minutes) return undefined;
  return (year ? Date.UTC(year, month - 1, day) / 1000 : 0) + 3600 * hours + 60 * minutes + Number(seconds.replace(",", "."));
}

function isWord(cell) {
  return numberOf(cell) === undefined && secondsOf(cell) === undefined;
}

// {separator, width, isWords: which columns hold words, score} of the separator that makes most cells numbers.
function layoutOf(lines) {
  const layouts = SEPARATORS.map((separator) => {
    const byWidth = Map.groupBy(lines.map((line) => cellsOf(line, separator)), (row) => row.length);
    const [width, same] = [...byWidth].toSorted((one, other) => other[1].length - one[1].length)[0];
    const good = same.filter((row) => row.some((cell) => cell && !isWord(cell)));
    const isWords = Array.from({ length: width }, (_, i) => 2 * good.filter((row) => isWord(row[i])).length > good.length);
    return { separator, width, isWords, score: good.flat().filter((cell) => !isWord(cell)).length / width };
  });
  return layouts.sort((one, other) => other.score - one.score || other.width - one.width)[0];
}

// {rows: [{line, cells}], width, isWords, header, units, said: {rate, unit, lead}}; header is undefined where there is none.
export function tableOf(text) {
  const lines = text.split(/\r\n|\n|\r/).map((text, i) => ({ line: i + 1, text }));
  const full = lines.filter(({ text }) => text.trim() && !COMMENT.test(text));
  const { separator, width, isWords, score } = layoutOf(full.length ? full.slice(-LOOKED_AT).map(({ text }) => text) : [""]);
  const rows = full.map(({ line, text }) => ({ line, cells: cellsOf(text, separator) }));
  const isRow = ({ cells }) => cells.length === width && cells.every((cell, i) => isWords[i] || !isWord(cell)) && cells.some((cell) => cell && !isWord(cell));
  const start = score ? rows.findIndex(isRow) : -1;
  if (start < 0) refuse("noTable");
  const before = lines.slice(0, rows[start].line - 1).map(({ text }) => text);
  const said = Object.entries(SAID).map(([key, pattern]) => [key, before.map((line) => pattern.exec(line)?.[1]).find(Boolean)]);
  const { rate, ...more } = Object.fromEntries(said);
  return { rows: rows.slice(start), width, isWords, said: { ...more, rate: +rate || undefined }, ...headerOf(full.slice(0, start), width, separator) };
}

// The line before the table, or before a line of units, if it has as many cells and names signals, or stands first and nobody is named in it.
function headerOf(lines, width, separator) {
  const cells = ({ text }) => {
    if (Object.values(SAID).some((pattern) => pattern.test(text))) return [];
    const apart = separator === " " ? text.trim().split(/\s{2,}|\t/) : [];
    return apart.length === width ? apart : cellsOf(text, separator);
  };
  const last = lines.at(-1) ? cells(lines.at(-1)) : [];
  const isUnits = last.length === width && last.some((cell) => TIME_UNIT.test(cell) || unitOf(cell)) && last.every((cell) => cell.length < 14);
  const header = isUnits && lines.length > 1 ? cells(lines.at(-2)) : last;
  const units = header === last ? [] : last;
  const isFirst = lines.length === 1 + Math.sign(units.length) && !header.some((cell) => PERSONAL.test(cell)) && (width > 1 || !header[0]?.includes(" "));
  return header.length === width && (isFirst || header.some((cell) => SIGNAL.test(cell))) ? { header, units } : { units };
}
