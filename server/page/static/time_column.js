// The column of time: the sampling rate, and where nothing was recorded.
import {CLOCK, numberOf} from "./csv_table.js";
import {note, refuse} from "./language.js";

const TIME_NAME = /^(elapsed[ _]?)?(date|(date[ _]?)?time|time[ _]?stamp|t|(m|milli)?s(ec(ond)?s?)?)([ _]?[[(/]?[muµμ]?s(ec(ond)?s?)?[\])]?)?$/i;
const TIME_UNIT = /(?:^|[^a-z])((m|milli|[uµμ])?s(ec(ond)?s?)?)\W*$/i;
const SCALES = {s: 1, m: 1e-3, u: 1e-6, "µ": 1e-6, "μ": 1e-6}; // by the first letter of a unit
const SLOWEST_HZ = 20; // Without a unit: ms or µs if seconds were slower.
const LEAST_UNIX_MS = 1e11; // Below it, up by one: samples.
const MOST_UNEVEN = 0.01; // of the steps
const DAY_S = 86_400;
const GAP = 1.5; // usual steps
const STAMPS = 1000; // for their decimals

// The places of columns of time, the best first: one of numbers that says its unit, one of clock times, others.
export function timeColumns({header = [], units, rows: [{cells}], numeric}) {
	const isClock = i => CLOCK.test(cells[i]);
	const rank = i => isClock(i) ? 1 : TIME_UNIT.test(units[i] || header[i]) ? 0 : 2;
	return numeric.filter(i => isClock(i) || TIME_NAME.test(header[i])).sort((one, other) => rank(one) - rank(other));
}

// {rate in Hz, places: of each row its sample, notes}
export function timeAxis({header, units, rows}, column) {
	const cells = rows.map(({cells}) => cells[column] ?? "");
	const isClock = CLOCK.test(cells[0]);
	const times = cells.map(numberOf);
	const steps = times.slice(1).map((time, i) => {
		const step = time - times[i];
		if (isClock && step < -DAY_S / 2) return step + DAY_S; // past midnight
		return step >= 0 ? step : refuse("times", {place: `Line ${rows[i + 1].line}`});
	});
	const usual = steps.toSorted((one, other) => one - other)[steps.length >> 1];
	const [, unit = ""] = TIME_UNIT.exec(units[column] || header?.[column] || "") ?? [];
	const said = isClock ? 1 : SCALES[unit[0]?.toLowerCase()];
	if (!said && usual === 1 && times[0] < LEAST_UNIX_MS) return {};
	const scale = said ?? [1, 1e-3, 1e-6].find(one => usual * one <= 1 / SLOWEST_HZ) ?? 1;
	const notes = said || scale === 1 ? [] : [note("timeUnit", {unit: scale === 1e-3 ? "ms" : "µs"})];
	const decimals = cells.slice(0, STAMPS).map(cell => /[.,](\d*)\D*$/.exec(cell)?.[1].length ?? 0);
	return {...placed(steps.map(step => step * scale), usual * scale, scale * 10 ** -Math.max(...decimals)), notes};
}

// The rate without gaps, whole where the stamps’ rounding allows it.
function placed(steps, usual, rounding) {
	const isGap = step => step > GAP * usual + 1.001 * rounding;
	const inner = steps.filter(step => !isGap(step));
	const span = inner.reduce((sum, step) => sum + step, 0);
	const exact = inner.length / span;
	const uneven = inner.filter(step => Math.abs(step - 1 / exact) > 0.5 / exact + rounding);
	if (!(exact > 0 && exact < Infinity) || uneven.length > MOST_UNEVEN * inner.length) refuse("times", {place: "Time"});
	const slack = rounding * (1 + steps.length - inner.length) + 1e-9 * span;
	const whole = Math.round(exact);
	const rate = Math.abs(inner.length / whole - span) <= slack ? whole : +exact.toPrecision(9);
	const places = [0];
	for (const step of steps) places.push(places.at(-1) + (isGap(step) ? Math.max(1, Math.round(step * rate)) : 1));
	return {rate, places};
}
