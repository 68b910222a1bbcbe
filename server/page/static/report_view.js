// The report: those of its numbers for which strings.js has a word, and its strips.
import {element, get, terms} from "./answer_view.js";
import {clock, number, percent, span, t} from "./language.js";
import {strings} from "./strings.js";

export function showReport({answer: {report = {strips: []}}}, paper) {
	const groups = known(report).filter(([, value]) => value.constructor === Object);
	const cards = groups.map(([key, group]) => element("article", {}, element("h3", {}, t(key)), element("dl", {}, ...terms(named(group)))));
	get("report").replaceChildren(element("div", {className: "cards"}, ...cards));
	for (const {kind, at_s: second, start_s: start} of report.strips) {
		const [caption, canvas] = [element("figcaption"), element("canvas")];
		get("report").append(element("figure", {}, caption, canvas));
		caption.textContent = `${t(kind.replaceAll(" ", "_"))}, ${clock(second)}; ${paper.drawStrip(canvas, start)}`;
	}
}

const known = group => Object.entries(group).filter(([key, value]) => strings[key] && value !== null);
const named = group => known(group).map(([key, value]) => [t(key), said(key, value)]);

// With the unit in its name; of a list its length or first, of an object all by their names.
function said(key, value) {
	if (Array.isArray(value)) return key === "longest" ? value[0] && said(key, value[0]) : number(value.length);
	if (value.episodes === 0) return "0";
	if (typeof value === "object") {
		const times = value.start_s >= 0 ? [span(value)] : [];
		return [...times, ...named(value).map(pair => pair.join(" "))].join(", ");
	}
	if (key === "duration_s") return clock(value);
	if (/share|pnn/.test(key)) return percent(value);
	const [, unit = ""] = /_(s|bpm|ms2?)$/.exec(key) ?? [];
	return `${number(value, 2)} ${unit.replace("2", "²")}`.trim();
}
