// Units of voltage as files spell them, and signals in which nothing is known yet.
import { refuse } from "./language.js";

export const MILLIVOLTS = { V: 1e3, mV: 1, "µV": 1e-3, nV: 1e-6 };
const SPELLINGS = { V: /^v(olts?)?$/, mV: /^(mv|millivolts?)$/, "µV": /^([uµμ]v|mcv|microvolts?)$/, nV: /^(nv|nanovolts?)$/ };
const UNKNOWN = /^(|nu|adu|au|none|unknown|units?|counts?|lsb|n\/?a)$/;
const MOST_SAMPLES = 2e8;

// The key in MILLIVOLTS; undefined if the file does not say the unit; null if it is none of voltage.
export function unitOf(text) {
  const spelling = text.replace(/[[\](){}.\s]/g, "").toLowerCase();
  return Object.keys(SPELLINGS).find((unit) => SPELLINGS[unit].test(spelling)) ?? (UNKNOWN.test(spelling) ? undefined : null);
}

export function emptySignal(length) {
  return new Float64Array(length <= MOST_SAMPLES ? length : refuse("tooLong")).fill(NaN);
}
