// Which language the page speaks: the browser's, or the one chosen, which stands in the address after #.
import { strings } from "./strings.js";

const wanted = [location.hash.slice(1), ...navigator.languages].map((one) => one.slice(0, 2));
let language = wanted.find((one) => one in strings) ?? "en";

// What `key` says, with {x} filled in from `values`.
export function t(key, values = {}) {
  return strings[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export function number(value, digits = 0) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}

export function percent(value) {
  return new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);
}

// Seconds as hours, minutes and seconds.
export function clock(seconds, digits = 0) {
  const whole = Math.floor(seconds / 60);
  const rest = (seconds - 60 * whole).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  return whole < 60 ? `${whole}:${rest}` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}:${rest}`;
}

// A class in words, where its letter is one of AAMI's and so are all the others.
export function meaning(name, classes) {
  return classes.every((one) => "NSVFQ".includes(one) && one.length === 1) ? t(name) : t("noMeaning");
}

// A sentence that is made anew when the language changes.
export class Told extends Error {
  constructor(key, values) {
    super(key);
    this.say = () => t(key, values);
  }
}

function translate() {
  document.documentElement.lang = language;
  document.title = `ecg: ${t("title")}`;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", t(element.dataset.label));
  for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", button.dataset.language === language);
}

// Speak at once, and call `changed` whenever another language was chosen.
export function speak(changed) {
  translate();
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      language = button.dataset.language;
      history.replaceState(null, "", `#${language}`);
      translate();
      changed();
    });
  }
}
