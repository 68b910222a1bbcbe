// What the page says, in the browser's language or in the one named in the address after #.
import { strings } from "./strings.js";

const LANGUAGES = ["en", "fr"];
let language = "en";

// What `key` says, with {x} filled in from `values`.
export function t(key, values = {}) {
	return strings[key][LANGUAGES.indexOf(language)].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? t(name));
}

export function number(value, digits = 0) {
	return value.toLocaleString(language, { maximumFractionDigits: digits });
}

export function percent(value) {
	return value.toLocaleString(language, { style: "percent", minimumFractionDigits: 1 });
}

// As hours, minutes and seconds, to a hundredth if it `isPrecise`.
export function clock(seconds, isPrecise) {
	const hours = Math.floor(seconds / 3600);
	const rest = new Date(1000 * seconds).toISOString().slice(14, isPrecise ? 22 : 19);
	return hours ? `${hours}:${rest}` : rest.replace(/^0/, "");
}

// A class in words, where its letter is one of AAMI's and so are all the others.
export function meaning(name, classes) {
	return classes.every((one) => /^[NSVFQ]$/.test(one)) ? t(name) : name;
}

export function span({ start_s: from, end_s: to }) {
	return `${clock(from)} – ${clock(to)}`;
}

// A stretch of a recording: its rhythm in words, or that it is unreadable.
export function stretchName({ rhythm }) {
	const key = rhythm ? `rhythm${rhythm}` : "unreadable";
	return strings[key] ? t(key) : rhythm;
}

// A sentence in whatever language the page speaks when it is said.
export function note(key, values) {
	return () => t(key, values);
}

export class PageError extends Error {
	constructor(key, values) {
		super();
		Object.defineProperty(this, "message", { get: note(key, values) });
	}
}

export function refuse(key, values) {
	throw new PageError(key, values);
}

export function applyLanguage() {
	const wanted = [location.hash.slice(1), ...navigator.languages].map((one) => one.slice(0, 2));
	language = wanted.find((one) => LANGUAGES.includes(one)) ?? "en";
	document.documentElement.lang = language;
	document.title = `ecg: ${t("title")}`;
	for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
	for (const element of document.querySelectorAll("[data-label]")) element.ariaLabel = t(element.dataset.label);
	for (const link of document.querySelectorAll("nav [lang]")) link.ariaCurrent = link.lang === language;
}
