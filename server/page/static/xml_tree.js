// XML: elements by their names without prefixes.
import {check} from "./language.js";

const TOO_DEEP = "boolean(//*[count(ancestor::*) >= 100])";

// Without entities, at most 100 elements within each other.
export function xmlRoot(text) {
	check(!text.includes("<!ENTITY"));
	const tree = new DOMParser().parseFromString(text, "text/xml");
	check(!tree.querySelector("parsererror") && !tree.evaluate(TOO_DEEP, tree, null, XPathResult.BOOLEAN_TYPE).booleanValue);
	return tree.documentElement;
}

// At a path like "component/series".
export function elementsAt(parent, path) {
	const inside = name => one => [...one.children].filter(({localName}) => localName === name);
	return path.split("/").reduce((found, name) => found.flatMap(inside(name)), [parent]);
}

export const textAt = (parent, path) => elementsAt(parent, path)[0]?.textContent.trim() ?? "";

export const wordsOf = text => text.trim().split(/\s+/);

export const fromBase64 = text => Uint8Array.from(atob(text), one => one.charCodeAt());
