// CSV files and their like: rows, or signals, a column a lead.
import {numberOf, tableOf} from "./csv_table.js";
import {note, refuse} from "./language.js";
import {emptySignal, unitOf} from "./samples.js";
import {timeAxis, timeColumns} from "./time_column.js";

const COUNTS = /^(|#|n|no\.?|nr\.?|index|samples?( ?#)?)$/i;
const WITH_UNIT = /^(.+?)\s*(?:[_ /]\s*([^\s_/[\](){}]+)|[[({]([^[\](){}]+)[\])}])$/;
const NO_VOLTAGE = /^(deg ?c|°c|c|%|bpm|1\/min|mmhg|ohm|m?g|hz|m?s)$/i;
const MOST_LEADS = 24;
const LEAST_SAMPLES = 20; // A wider or, without a header, shorter table holds rows.

// {rows} or {leads}, and notes; `features` names the model's columns.
export function read({text, features}) {
	const table = tableOf(text);
	const {header, width, rows, numeric} = table;
	const named = features.map(name => header?.indexOf(name) ?? -1);
	if (features.length && !named.includes(-1)) return rowsOf(table, named);
	const isAsWide = rows.length < LEAST_SAMPLES || [width, width - 1].includes(features.length);
	const areRows = numeric.length > MOST_LEADS || (!header && width > 1 && isAsWide);
	if (!areRows) return signalsOf(countsUp(rows[0].cells) && rows.length > 1 ? {...table, rows: rows.slice(1)} : table);
	if (header) refuse("otherColumns");
	if (countsUp(rows[0].cells, 1)) refuse("numberedHeader");
	return rowsOf(table, width === features.length + 1 ? withoutLabel(table, numeric) : numeric);
}

// Whether a line only numbers its columns, from 0 to `most` on.
function countsUp(cells, most = 0) {
	const numbers = cells.map(numberOf).slice(+!cells[0]);
	const isLong = !cells[0] || numbers.length > 2;
	return isLong && numbers.every((one, i) => one === numbers[0] + i) && numbers[0] >= 0 && numbers[0] <= most;
}

// Without the label: words, or whole numbers first or last.
function withoutLabel({width, rows}, numeric) {
	if (numeric.length < width) return numeric;
	const isWhole = column => rows.every(({cells}) => Number.isInteger(numberOf(cells[column] ?? "")));
	if (isWhole(0) === isWhole(width - 1)) refuse("otherColumns");
	return isWhole(0) ? numeric.slice(1) : numeric.slice(0, -1);
}

function rowsOf({rows, width}, places) {
	const numbers = rows.map(({line, cells}) => {
		const row = places.map(place => numberOf(cells[place] ?? ""));
		return cells.length === width && row.every(Number.isFinite) ? row : refuse("csvLine", {line, n: width});
	});
	const left = [...rows[0].cells.keys()].filter(i => !places.includes(i)).map(i => i + 1);
	return {rows: numbers, notes: left.length ? [note("leftOut", {columns: left.join(", ")})] : []};
}

function requireRows({rows, numeric}, isRight) {
	const wrong = rows.find(row => !isRight(row));
	if (wrong) refuse("csvLine", {line: wrong.line, n: numeric.length});
}

function signalsOf(table) {
	const {header, units, rows, width, numeric, said} = table;
	const times = timeColumns(table);
	requireRows(table, ({cells}) => cells.length === width);
	const {rate, notes, places = [...rows.keys()]} = times.length ? timeAxis(table, times[0]) : {rate: said.rate};
	const isCount = (values, i) => COUNTS.test(header?.[i] ?? "") && values.every((value, j) => !j || value === values[j - 1] + 1);
	const columns = numeric.map(i => ({i, values: Float64Array.from(rows, ({cells}) => numberOf(cells[i]))}));
	const found = columns.filter(({i, values}) => !times.includes(i) && !isCount(values, i) && !values.every(Number.isNaN));
	const leads = found.map(({i, values}) => {
		const name = header?.[i] || (found.length === 1 && said.lead) || "";
		const read = () => {
			requireRows(table, ({cells}) => numberOf(cells[i]) !== undefined);
			const whole = emptySignal(places.at(-1) + 1);
			values.forEach((value, row) => { whole[places[row]] = value; });
			return whole;
		};
		return {...withUnit(name, units[i] || said.unit || ""), rate, read};
	});
	return {leads, notes};
}

// {name, unitText} of a column called II, II_mV, II (mV), II [uV] or ECG/mV.
function withUnit(header, unitText) {
	const [, name, after = "", inside = after] = WITH_UNIT.exec(header) ?? [];
	const isUnit = inside && (unitOf(inside) !== null || NO_VOLTAGE.test(inside));
	return isUnit ? {name, unitText: inside} : {name: header, unitText};
}
