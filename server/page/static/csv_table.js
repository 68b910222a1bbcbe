// A table of numbers, and what stands before it.
import {refuse} from "./language.js";
import {decimal, unitOf} from "./samples.js";

const COMMENT = /^\s*(#|%|\/\/)/;
const SEPARATORS = [";", "\t", ",", " "];
const QUOTED = /(?<![^\s,;])(["'])(.*?)\1/g;
const NUMBER = /^[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?$/i;
const MISSING = /^(|nan|n\/?a|null|none|\?|-)$/i;
export const CLOCK = /^\[?(?:(\d{4})-(\d\d)-(\d\d)[T ])?(?:(\d+):)?(\d+):(\d+(?:[.,]\d+)?)(Z|[+-]\d\d:?\d\d)?\]?$/;
const UNIT_CELL = /^\(?(s|sec|seconds|[muµμ]s|[hms:.]*:ss[.,ms]*)\)?$/i;
const SAID = {
	rate: /^\W*(?:sampl\w*[ _-]*(?:rate|freq\w*)|fs|freq\w*)[ _]*(?:[[(]?hz[\])]?)?\W+(\d+(?:\.\d+)?)/i,
	unit: /^\W*units?\s*[:=,;\t]\s*["']?([^\s"',;]+)/i,
	lead: /^\W*lead\s*[:=,;\t]\s*["']?([^"',;]+)/i,
};
// What signals are called, and what says who somebody is.
const SIGNAL = /^((lead[ _]?)?(i{1,3}|av[rlf]|v\d{1,2}r?|ml\w{1,3}|(ecg|ekg|ch|channel)[ _]?\d{0,2}|signal|voltage)|(elapsed )?(time|date).*|t|m?s|sec.*)$|[[(_/ ]([muµμn]?v|[muµμ]?s)[\])]?$/i;
const PERSONAL = /^(first |last |patient|sur)?_?(name|patient|id|mrn|dob|(date of )?birth|sex|age)\b|[:=]/i;
const LOOKED_AT = 60; // lines at the end

function cellsOf(line, separator) {
	const kept = line.replace(QUOTED, (_, quote, inside) => inside.replaceAll(separator, "\0"));
	const cells = separator === " " ? kept.trim().split(/\s+/) : kept.split(separator);
	return cells.map(cell => cell.replaceAll("\0", separator).trim());
}

// A number, seconds of 0:01.5 or 2024-05-08T10:00:00Z, NaN if missing, undefined for words.
export function numberOf(cell) {
	if (NUMBER.test(cell)) return decimal(cell);
	if (MISSING.test(cell)) return NaN;
	const [isClock, year, month, day, hours = 0, minutes, seconds] = CLOCK.exec(cell) ?? [];
	if (isClock) return (year ? Date.UTC(year, month - 1, day) / 1000 : 0) + 3600 * hours + 60 * minutes + decimal(seconds);
}

const isWord = cell => numberOf(cell) === undefined;
const isValue = cell => cell && !isWord(cell);

// By the separator that makes most cells numbers.
function layoutOf(lines) {
	const layouts = SEPARATORS.map(separator => {
		const byWidth = Map.groupBy(lines.map(line => cellsOf(line, separator)), row => row.length);
		const [width, same] = [...byWidth].toSorted((one, other) => other[1].length - one[1].length)[0];
		const good = same.filter(row => row.some(isValue));
		const isWords = same[0].map((_, i) => 2 * good.filter(row => isWord(row[i])).length > good.length);
		return {separator, width, isWords, score: good.flat().filter(cell => !isWord(cell)).length / width};
	});
	return layouts.sort((one, other) => other.score - one.score || other.width - one.width)[0];
}

// {rows: [{line, cells}], width, numeric: its columns of numbers, units, said: {rate, unit, lead}, header}
export function tableOf(text) {
	const lines = text.split(/\r\n|\n|\r/).map((text, i) => ({line: i + 1, text}));
	const full = lines.filter(({text}) => text.trim() && !COMMENT.test(text));
	const {separator, width, isWords, score} = layoutOf(full.length ? full.slice(-LOOKED_AT).map(({text}) => text) : [""]);
	const rows = full.map(({line, text}) => ({line, cells: cellsOf(text, separator)}));
	const isRow = ({cells}) => cells.length === width && cells.every((cell, i) => isWords[i] || !isWord(cell)) && cells.some(isValue);
	const start = score ? rows.findIndex(isRow) : -1;
	if (start < 0) refuse("noTable");
	const before = lines.slice(0, rows[start].line - 1);
	const find = key => before.map(({text}) => SAID[key].exec(text)?.[1]).find(Boolean);
	const said = {rate: +find("rate"), unit: find("unit"), lead: find("lead")};
	const numeric = [...isWords.keys()].filter(i => !isWords[i]);
	const marked = mark => rows.slice(start).find(({cells}) => numeric.some(i => cells[i]?.includes(mark) && !CLOCK.test(cells[i])));
	if (marked(",") && marked(".")) refuse("csvLine", {line: marked(".").line, n: numeric.length}); // A thousand, or a decimal?
	return {rows: rows.slice(start), width, numeric, said, ...headerOf(full.slice(0, start), width, separator)};
}

// The line before the table or its units, if it names signals, or stands first and names nobody.
function headerOf(lines, width, separator) {
	const cells = ({text}) => {
		if (Object.values(SAID).some(pattern => pattern.test(text))) return [];
		const apart = text.trim().split(/\s{2,}|\t/);
		return separator === " " && apart.length === width ? apart : cellsOf(text, separator);
	};
	const [last = [], above] = lines.slice(-2).reverse().map(cells);
	const isUnits = above && last.length === width && last.some(cell => UNIT_CELL.test(cell) || unitOf(cell));
	const [header, units] = isUnits ? [above, last] : [last, []];
	const isFirst = lines.length === (isUnits ? 2 : 1) && !header.some(cell => PERSONAL.test(cell)) && (width > 1 || !header[0]?.includes(" "));
	return header.length === width && (isFirst || header.some(cell => SIGNAL.test(cell))) ? {header, units} : {units};
}
