// What was answered, and what the models say of themselves.
import {clock, meaning, number, percent, span, stretchName, t} from "./language.js";
import {classColours} from "./trace_canvas.js";

const LINES = 100; // a page

export const get = id => document.getElementById(id);

// Screen readers repeat what is set again.
export function say(id, text) {
	if (get(id).textContent !== text) get(id).textContent = text;
}

export function showProgress(key, share) {
	const bar = get("progress");
	say("status", t(key));
	bar.hidden = !(share < 1);
	bar.value = share || 0;
}

export function element(name, more, ...children) {
	const made = Object.assign(document.createElement(name), more);
	made.append(...children);
	return made;
}

// Of each class its letter, how many beats, what it means.
export function classList(classes, beats) {
	return classes.map((name, i) => {
		const chip = element("span", {className: "chip"}, name);
		Object.assign(chip.style, classColours(i));
		const count = beats ? [element("b", {}, number(beats.filter(beat => beat.predicted_class === i).length))] : [];
		return element("li", {}, chip, ...count, element("span", {}, meaning(name, classes)));
	});
}

export function terms(pairs) {
	return pairs.flatMap(([term, value]) => value ? [element("div", {}, element("dt", {}, term), element("dd", {}, value))] : []);
}

export function showResult(result, viewer) {
	showSummary(result);
	showDownloads(result);
	showStretches(result, viewer);
	showTable(result.view);
}

// Warnings are in the server's words.
function showSummary({name, lead, view, answer: {summary, warnings = []}, ms, version, local, notes}) {
	const time = seconds => seconds >= 0 && clock(seconds);
	const said = (value, unit) => value && `${number(value, 1)} ${unit}`;
	get("name").textContent = name;
	get("facts").replaceChildren(...terms([
		[t("leadName"), lead],
		[t("heart_rate"), said(summary?.heart_rate_bpm, "bpm")],
		[t(view.hasRows ? "rows" : "beats"), number(view.beats.length)],
		[t("duration_s"), time(summary?.duration_s)],
		[t("readable"), time(summary?.readable_s)],
		[t("af"), time(summary?.af_s)],
		[t("serverTime"), said(ms, "ms")],
		[t("localTime"), said(local?.ms, "ms")],
		[t("version"), version],
	]));
	const warned = warnings.map(text => element("li", {lang: "en", className: "warning"}, text));
	get("notes").replaceChildren(...notes.map(note => element("li", {}, note())), ...warned);
	get("legend").replaceChildren(...classList(view.classes, view.beats));
	get("play").hidden = view.hasRows;
	get("agreement").hidden = !local;
	get("agreement").textContent = local ? t("compared", {same: number(local.same), all: number(local.all)}) : "";
}

function showDownloads({name, view, text}) {
	for (const [kind, content] of [["csv", csv(view)], ["json", text]]) {
		Object.assign(get(kind), {href: URL.createObjectURL(new Blob([content])), download: `${name}.${kind}`});
	}
}

function showTable(view, first = 0) {
	const {beats, classes, hasRows} = view;
	const ofBeats = cell => hasRows ? [] : [cell];
	const lines = beats.slice(first, first + LINES).map(({time_s: time, class: name, probability}, i) => (
		[number(first + i + 1), ...ofBeats(time?.toFixed(3)), name, meaning(name, classes), percent(probability)]));
	fill("table", ["number", ...ofBeats("time"), "class", "meaning", "probability"], lines);
	get("shown").textContent = `${number(first + 1)}–${number(first + lines.length)} / ${number(beats.length)}`;
	for (const [id, place] of [["before", first - LINES], ["after", first + LINES]]) {
		Object.assign(get(id), {hidden: !beats[place], onclick: () => showTable(view, place)});
	}
}

function showStretches({view: {stretches}}, viewer) {
	get("stretches").hidden = !stretches.length;
	fill("episodes", ["fromTo", "rhythm", "probability"], stretches.map(one => {
		const button = element("button", {onclick: () => viewer.goTo(one)}, span(one));
		return [button, stretchName(one), one.rhythm ? percent(one.probability) : ""];
	}));
}

function fill(id, keys, lines) {
	const head = keys.map(key => element("th", {scope: "col"}, t(key)));
	const body = lines.map(([first, ...cells]) =>
		element("tr", {}, element("th", {scope: "row"}, first), ...cells.map(cell => element("td", {}, cell))));
	get(id).replaceChildren(element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body));
}

function csv({beats, hasRows}) {
	const names = [...(hasRows ? [] : ["sample", "time_s"]), "predicted_class", "class", "probability"];
	const lines = beats.map((beat, i) => [i + 1, ...names.map(name => JSON.stringify(beat[name]))]);
	return [[hasRows ? "row" : "beat", ...names], ...lines, ""].join("\n");
}

export const showModelCards = models => get("models").replaceChildren(...models.map(card));

function card({name, contract, refused}) {
	const title = element("h3", {}, name);
	if (refused) return element("article", {}, title, element("p", {}, refused.message));
	const {classes, features, network, window, intended_use: use, ...more} = contract;
	const list = element("ul", {className: "classes"}, ...classList(classes));
	const facts = element("dl", {lang: "en"}, ...terms(said({...more, features: features?.length})));
	return element("article", {}, title, list, facts, element("p", {lang: "en"}, use));
}

// Words and numbers by their names, after that of their group.
function said(values, group = "") {
	return Object.entries(values).flatMap(([name, value]) => {
		if (Array.isArray(value) || value === null) return [];
		if (typeof value === "object") return said(value, name);
		const text = typeof value === "number" ? number(value, 4) : value?.toString();
		return [[`${group} ${name}`.replaceAll("_", " "), text]];
	});
}
