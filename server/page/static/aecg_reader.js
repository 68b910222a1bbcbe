// HL7 aECG: annotated ECG of HL7 version 3 (ANSI/HL7 V3 AECG, R1-2004).
import {check, note} from "./language.js";
import {emptySignal} from "./samples.js";
import {elementsAt, textAt, wordsOf, xmlRoot} from "./xml_tree.js";

const SECONDS = {s: 1, ms: 1e-3, us: 1e-6};
const LEAD = /^MDC_ECG_(?:LEAD|ELEC_POTL)_(\w+)$/;
const AUGMENTED = /^AV(?=[RLF]$)/;
const CLOCK = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d+)?(?:([+-]\d\d)(\d\d))?$/;

// Of the longest series that is no representative beat.
export async function read({text}) {
	const rhythms = elementsAt(xmlRoot(text), "component/series").filter(one => code(one) !== "REPRESENTATIVE_BEAT");
	const found = rhythms.map(leadsOf).filter(({size}) => size);
	const seconds = leads => Math.max(...[...leads.values()].map(all => all.reduce((sum, one) => sum + one.interval * one.digits.length, 0)));
	const [longest] = [...found].sort((one, other) => seconds(other) - seconds(one));
	const notes = found.length > 1 ? [note("series", {count: found.length})] : [];
	const leads = [...longest].map(([name, stretches]) => {
		const [{scale, interval}] = stretches;
		return {name, unitText: scale.unit, rate: 1 / interval, read: () => joined(stretches)};
	});
	return {leads, notes};
}

const code = coded => elementsAt(coded, "code")[0]?.getAttribute("code")?.trim().toUpperCase();

// The stretches of each lead by its name, in the order of the file.
function leadsOf(series) {
	const leads = new Map();
	for (const sequences of elementsAt(series, "component/sequenceSet")) {
		const values = elementsAt(sequences, "component/sequence").map(one => [code(one) ?? "", elementsAt(one, "value")[0]]);
		const time = timeOf(values.find(([code]) => code.startsWith("TIME_"))[1]);
		for (const [code, value] of values) {
			const [, name] = LEAD.exec(code) ?? [];
			if (!name || !value || !elementsAt(value, "digits").length) continue;
			const stretch = {...time, scale: quantity(value, "scale"), origin: quantity(value, "origin"), digits: digitsOf(value)};
			const lead = name.replace(AUGMENTED, "aV");
			leads.set(lead, [...leads.get(lead) ?? [], stretch]);
		}
	}
	return leads;
}

function digitsOf(value) {
	const digits = wordsOf(textAt(value, "digits")).map(Number);
	check(!digits.some(Number.isNaN));
	return digits;
}

function quantity(value, name) {
	const [element] = elementsAt(value, name);
	return element && {value: +element.getAttribute("value"), unit: element.getAttribute("unit")?.trim()};
}

// When a set of sequences begins, and the interval of its samples, in s.
function timeOf(value) {
	const [head, increment] = ["head", "increment"].map(name => quantity(value, name));
	const interval = increment.value * SECONDS[increment.unit];
	check(interval > 1e-5 && interval < 1);
	if (head?.unit) return {start: head.value * (SECONDS[head.unit] ?? 0), interval};
	return {start: clock(elementsAt(value, "head")[0]?.getAttribute("value") ?? ""), interval};
}

function clock(text) {
	const [, year, month, day, hour, minute, second, fraction = 0, zone = 0, rest = 0] = CLOCK.exec(text.trim()) ?? [];
	if (!year) return 0;
	const east = 60 * zone + (`${zone}`.startsWith("-") ? -rest : +rest);
	return Date.UTC(year, month - 1, day, hour, minute - east, second) / 1000 + +fraction;
}

// Each stretch at its time, NaN between them.
function joined(stretches) {
	const [first, ...later] = [...stretches].sort((one, other) => one.start - other.start);
	const begin = ({start}) => Math.round((start - first.start) / first.interval);
	check(later.every(({interval}) => Math.abs(interval - first.interval) < 1e-9));
	const last = later.at(-1) ?? first;
	const whole = emptySignal(begin(last) + last.digits.length);
	let end = 0;
	for (const {digits, scale, origin, ...stretch} of [first, ...later]) {
		check(begin(stretch) >= end && scale.value && scale.unit && !(origin?.value && origin.unit !== scale.unit));
		whole.set(digits.map(digit => (origin?.value ?? 0) + scale.value * digit), begin(stretch));
		end = begin(stretch) + digits.length;
	}
	return whole;
}
