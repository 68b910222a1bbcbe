// What was answered, in words, numbers and a table.
import { clock, meaning, number, percent, t } from "./language.js";
import { classColours } from "./trace_canvas.js";

const LINES = 100; // a page

export function get(id) {
  return document.getElementById(id);
}

export function element(name, more, ...children) {
  const made = Object.assign(document.createElement(name), more);
  made.append(...children);
  return made;
}

// Of each class its letter, how many beats are of it, what it means.
export function classList(classes, beats) {
  return classes.map((name, i) => {
    const chip = element("span", { className: "chip" }, name);
    Object.assign(chip.style, classColours(i));
    const count = beats ? [element("b", {}, number(beats.filter((beat) => beat.predicted_class === i).length))] : [];
    return element("li", {}, chip, ...count, element("span", {}, meaning(name, classes)));
  });
}

export function terms(pairs) {
  const known = pairs.filter(([, value]) => value);
  return known.map(([term, value]) => element("div", {}, element("dt", {}, term), element("dd", {}, value)));
}

export function showResult(result) {
  showSummary(result);
  showDownloads(result);
  showTable(result.view);
}

// Notes are the page's own, warnings stand in the server's words.
function showSummary({ name, lead, view, answer: { summary, warnings = [] }, ms, version, local, notes }) {
  const milliseconds = (value) => value && `${number(value, 1)} ms`;
  get("name").textContent = name;
  get("facts").replaceChildren(...terms([
    [t("leadName"), lead],
    [t("heartRate"), summary?.heart_rate_bpm && `${number(summary.heart_rate_bpm, 1)} bpm`],
    [t(view.hasRows ? "rows" : "beats"), number(view.beats.length)],
    [t("duration"), summary && clock(summary.duration_s)],
    [t("serverTime"), milliseconds(ms)],
    [t("localTime"), milliseconds(local?.ms)],
    [t("version"), version],
  ]));
  const warned = warnings.map((text) => element("li", { lang: "en", className: "warning" }, text));
  get("notes").replaceChildren(...notes.map((note) => element("li", {}, note())), ...warned);
  get("legend").replaceChildren(...classList(view.classes, view.beats));
  get("agreement").hidden = !local;
  if (!local) return;
  const className = local.same === local.all && local.difference < 1e-3 ? "agree" : "differ";
  const numbers = { same: number(local.same), all: number(local.all), difference: number(local.difference, 7) };
  Object.assign(get("agreement"), { className, textContent: t("compared", { verdict: t(className), ...numbers }) });
}

function showDownloads({ name, view, text }) {
  for (const [kind, content] of Object.entries({ csv: csv(view), json: text })) {
    URL.revokeObjectURL(get(kind).href);
    Object.assign(get(kind), { href: URL.createObjectURL(new Blob([content])), download: `${name}.${kind}` });
  }
}

// A page of lines, from the place `first` on.
function showTable(view, first = 0) {
  const { beats, classes, hasRows } = view;
  const keys = ["number", ...(hasRows ? [] : ["sample", "time"]), "class", "meaning", "probability"];
  const lines = beats.slice(first, first + LINES).map((beat, i) => {
    const when = hasRows ? [] : [number(beat.sample), beat.time_s.toFixed(3)];
    const cells = [...when, beat.class, meaning(beat.class, classes), percent(beat.probability)];
    return element("tr", {}, element("th", { scope: "row" }, number(first + i + 1)), ...cells.map((cell) => element("td", {}, cell)));
  });
  const head = element("tr", {}, ...keys.map((key) => element("th", { scope: "col" }, t(key))));
  get("table").replaceChildren(element("thead", {}, head), element("tbody", {}, ...lines));
  get("shown").textContent = `${number(first + 1)}–${number(first + lines.length)} / ${number(beats.length)}`;
  for (const [id, place] of [["before", first - LINES], ["after", first + LINES]]) {
    Object.assign(get(id), { hidden: !beats[place], onclick: () => showTable(view, place) });
  }
}

function csv({ beats, hasRows }) {
  const names = [...(hasRows ? [] : ["sample", "time_s"]), "predicted_class", "class", "probability"];
  const quoted = (value) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const lines = beats.map((beat, i) => [i + 1, ...names.map((name) => quoted(beat[name]))]);
  return [[hasRows ? "row" : "beat", ...names], ...lines].map((line) => `${line.join()}\n`).join("");
}
