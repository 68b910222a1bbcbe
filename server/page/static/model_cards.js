// What the models say about themselves.
import { classList, element, terms } from "./answer_view.js";
import { number, t } from "./language.js";

export function showModelCards(models) {
  document.getElementById("models").replaceChildren(...models.map(card));
}

// The server's own words if there is no such model.
function card({ name, contract, refused }) {
  const title = element("h3", {}, name);
  if (refused) return element("article", {}, title, element("p", {}, refused.message));
  const { version, classes, metrics, intended_use: use } = contract;
  const parts = { version, takes: takes(contract), data: data(contract.trained_on) };
  return element("article", {},
    title,
    element("dl", {}, ...terms(Object.entries(parts).map(([key, value]) => [t(key), value]))),
    element("h4", {}, t("classes")),
    element("ul", { className: "classes" }, ...classList(classes)),
    element("h4", {}, t("numbers")),
    element("dl", { className: "numbers" }, ...terms(numbers(metrics))),
    element("h4", {}, t("use")),
    element("p", { lang: "en" }, use));
}

function listing(...parts) {
  return parts.filter(Boolean).join(", ");
}

function data({ name, synthetic, split, ...sizes }) {
  const counts = ["recordings", "rows", "beats"].filter((key) => sizes[key]);
  return listing(name, synthetic && t("synthetic"), ...counts.map((key) => `${number(sizes[key])} ${t(key).toLowerCase()}`), t("split", split));
}

function takes({ unit, window, features, sampling_rate_hz: rate, lowest_rate_hz: low, highest_rate_hz: high }) {
  if (!features) return listing(t("oneLead"), unit, `${number(low)}–${number(high)} Hz`);
  const span = window && `R −${number(window.before_r_ms)} … +${number(window.after_r_ms)} ms`;
  return listing(t("takesRows", { n: number(features.length) }), unit, rate && `${number(rate)} Hz`, span);
}

// Every number of the file under its own name, those of a class after its letter.
function numbers(metrics, group = "") {
  return Object.entries(metrics).flatMap(([name, value]) => {
    if (Array.isArray(value)) return [];
    if (value && typeof value === "object") return numbers(value, name);
    return [[`${group} ${name}`.replaceAll("_", " "), value === null ? "–" : number(value, 4)]];
  });
}
