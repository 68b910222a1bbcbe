// Limb leads that a file does not store, because they follow from I and II (Einthoven, Goldberger).
import {note} from "./language.js";

const SHARES = {III: [-1, 1], aVR: [-0.5, -0.5], aVL: [1, -0.5], aVF: [-0.5, 1]}; // of I and of II

export function withDerived({leads, notes = []}) {
	const [one, two] = ["I", "II"].map(name => leads.find(lead => lead.name === name));
	const isThere = name => leads.some(lead => lead.name.toLowerCase() === name.toLowerCase());
	const missing = one && two && one.unitText === two.unitText ? Object.keys(SHARES).filter(name => !isThere(name)) : [];
	const derived = missing.map(name => ({...one, name, read: () => {
		const [ofOne, ofTwo] = SHARES[name];
		const second = two.read();
		notes.push(note("derived"));
		return one.read().map((value, i) => ofOne * value + ofTwo * second[i]);
	}}));
	return {leads: [...leads, ...derived], notes};
}
