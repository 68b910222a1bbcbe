// What was answered, in words, numbers and a table.
import { classColour, textColourOn } from "./trace_canvas.js";
import { clock, meaning, number, percent, t } from "./language.js";

const PAGE = 50;
const get = (id) => document.getElementById(id);

export function element(name, more, ...children) {
  const made = Object.assign(document.createElement(name), more);
  made.append(...children);
  return made;
}

// Classes as lines of a list: the letter, how many of the beats are of it, what it means.
export function classList(classes, beats) {
  return classes.map((name, i) => {
    const chip = element("span", { className: "chip" }, name);
    Object.assign(chip.style, { background: classColour(i), color: textColourOn(i) });
    const count = beats ? [element("b", {}, number(beats.filter((beat) => beat.predicted_class === i).length))] : [];
    return element("li", {}, chip, ...count, element("span", {}, meaning(name, classes)));
  });
}

// Terms and what is known of them.
export function terms(pairs) {
  return pairs.filter(([, value]) => value).map(([term, value]) => element("div", {}, element("dt", {}, term), element("dd", {}, value)));
}

// Notes of the page and warnings of the server, which stand in its own words.
function showNotes(notes, warnings) {
  const said = [...notes.map((note) => element("li", {}, note())), ...warnings.map((text) => element("li", { lang: "en", className: "warning" }, text))];
  get("notes").replaceChildren(...said);
}

// {name, view, answer, ms, version, local, notes}: what is seen, and the answer as it came
export function showSummary({ name, lead, view, answer: { summary, warnings = [] }, ms, version, local, notes }) {
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
  showNotes(notes, warnings);
  get("legend").replaceChildren(...classList(view.classes, view.beats));
  get("agreement").hidden = !local;
  if (!local) return;
  const verdict = local.same === local.all && local.difference < 1e-3 ? "agree" : "differ";
  const numbers = { same: number(local.same), all: number(local.all), difference: number(local.difference, 7) };
  get("agreement").className = verdict;
  get("agreement").textContent = t("compared", { verdict: t(verdict), ...numbers });
}

// The table, a page of lines at a time, and both downloads.
export class AnswerTable {
  constructor() {
    get("earlier").onclick = () => this.write(this.first - PAGE);
    get("later").onclick = () => this.write(this.first + PAGE);
  }

  show({ name, view, text }) {
    this.view = view;
    for (const [kind, type, content] of [["csv", "text/csv", csv(view)], ["json", "application/json", text]]) {
      URL.revokeObjectURL(get(kind).href);
      Object.assign(get(kind), { href: URL.createObjectURL(new Blob([content], { type })), download: `${name}.${kind}` });
    }
    this.write(0);
  }

  // From the line `first` on.
  write(first = this.first) {
    this.first = first;
    const { beats, hasRows } = this.view;
    const keys = ["number", ...(hasRows ? [] : ["sample", "time"]), "class", "meaning", "probability"];
    const head = keys.map((key) => element("th", { scope: "col" }, t(key)));
    const lines = beats.slice(first, first + PAGE).map((beat, i) => this.line(beat, number(first + i + 1)));
    const last = first + lines.length;
    get("table").replaceChildren(element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...lines));
    get("shown").textContent = `${number(first + 1)}–${number(last)} / ${number(beats.length)}`;
    get("pager").hidden = beats.length <= PAGE;
    get("earlier").disabled = !first;
    get("later").disabled = last === beats.length;
  }

  line(beat, place) {
    const { hasRows, classes } = this.view;
    const when = hasRows ? [] : [number(beat.sample), beat.time_s.toFixed(3)];
    const cells = [...when, beat.class, meaning(beat.class, classes), percent(beat.probability)];
    return element("tr", {}, element("th", { scope: "row" }, place), ...cells.map((cell) => element("td", {}, cell)));
  }
}

function csv({ beats, hasRows }) {
  const names = [...(hasRows ? [] : ["sample", "time_s"]), "predicted_class", "class", "probability"];
  const quoted = (value) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const lines = beats.map((beat, i) => [i + 1, ...names.map((name) => quoted(beat[name]))].join());
  return [[hasRows ? "row" : "beat", ...names].join(), ...lines, ""].join("\n");
}
