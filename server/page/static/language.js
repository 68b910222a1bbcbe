// What the page says, in the language after # or the browser's.
import {strings} from "./strings.js";

let language = "en";

// What `key` says, with {x} filled in from `values`.
export function t(key, values = {}) {
	const [english, french = english] = strings[key];
	return (language === "fr" ? french : english).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? t(name));
}

export const number = (value, digits = 0) => value.toLocaleString(language, {maximumFractionDigits: digits});

export const percent = value => value.toLocaleString(language, {style: "percent", minimumFractionDigits: 1});

// Hours, minutes and seconds, to a hundredth if it `isPrecise`.
export function clock(seconds, isPrecise) {
	const hours = Math.floor(seconds / 3600);
	const rest = new Date(1000 * seconds).toISOString().slice(14, isPrecise ? 22 : 19);
	return hours ? `${hours}:${rest}` : rest.replace(/^0/, "");
}

// A class in words, if all are of AAMI’s letters.
export const meaning = (name, classes) => classes.every(one => /^[NSVFQ]$/.test(one)) ? t(name) : name;

export const span = ({start_s: from, end_s: to}) => `${clock(from)} – ${clock(to)}`;

// A rhythm in words, or that it is unreadable.
export function stretchName({rhythm}) {
	const key = rhythm?.toLowerCase() ?? "unreadable";
	return strings[key] ? t(key) : rhythm;
}

// A sentence in the language of when it is said.
export const note = (key, values) => () => t(key, values);

export class PageError extends Error {
	constructor(key, values) {
		super();
		Object.defineProperty(this, "message", {get: note(key, values)});
	}
}

export function refuse(key, values) {
	throw new PageError(key, values);
}

// A reader that throws is told of as one of a damaged file.
export function check(isRight) {
	if (!isRight) throw new Error();
}

export function applyLanguage() {
	const wanted = [location.hash.slice(1), ...navigator.languages].map(one => one.slice(0, 2));
	language = wanted.find(one => /en|fr/.test(one)) ?? "en";
	document.documentElement.lang = language;
	document.title = `ecg: ${t("title")}`;
	for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
	for (const element of document.querySelectorAll("[data-label]")) element.ariaLabel = t(element.dataset.label);
	for (const link of document.querySelectorAll("nav [lang]")) link.ariaCurrent = link.lang === language;
}
