// What was answered, in words, numbers and a table.
import { clock, meaning, number, percent, t } from "./language.js";
import { colour, inkOn } from "./marks.js";

const PAGE = 50;
const get = (id) => document.getElementById(id);

export function element(name, text = "", more = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...more });
}

// shown  {name, view, answer, text, ms, version, local}: what is seen, and the answer as it came
export function tell(shown) {
  const { view, answer } = shown;
  const heart = answer.summary?.heart_rate_bpm;
  const facts = [
    heart == null ? [] : [t("heartRate"), t("perMinute", { value: number(heart, 1) })],
    [t(view.hasRows ? "rows" : "beats"), number(view.beats.length)],
    view.hasRows ? [] : [t("duration"), clock(answer.summary.duration_s)],
    shown.ms === null ? [] : [t("serverTime"), t("milliseconds", { value: number(shown.ms, 1) })],
    shown.local ? [t("localTime"), t("milliseconds", { value: number(shown.local.ms, 1) })] : [],
    [t("version"), shown.version],
  ].filter((fact) => fact.length);
  get("name").textContent = shown.name;
  get("facts").replaceChildren(...facts.map(([name, value]) => {
    const pair = element("div");
    pair.append(element("dt", name), element("dd", value));
    return pair;
  }));
  tellAgreement(shown.local);
  tellCounts(view);
}

function tellAgreement(local) {
  get("agreement").hidden = !local;
  if (!local) return;
  const { same, all, difference } = local;
  const key = same === all && difference < 1e-3 ? "agree" : "disagree";
  get("agreement").dataset.is = key;
  get("agreement").textContent = t(key, { same: number(same), all: number(all), difference: difference ? difference.toExponential(1) : "0" });
}

function tellCounts({ beats, classes }) {
  const counts = classes.map((_, i) => beats.filter((beat) => beat.predicted_class === i).length);
  get("legend").replaceChildren(...classes.map((name, i) => {
    const line = element("li");
    const letter = element("span", name, { className: "chip" });
    letter.style.background = colour(i);
    letter.style.color = inkOn(i);
    line.append(letter, element("b", number(counts[i])), element("span", meaning(name, classes)));
    return line;
  }));
}

// The table, a page of lines at a time, and both downloads.
export class Table {
  constructor(choose) {
    this.choose = choose;
    for (const button of document.querySelectorAll("[data-turn]")) button.addEventListener("click", () => this.turn(+button.dataset.turn));
  }

  show(shown) {
    Object.assign(this, { shown, first: 0 });
    link(get("csv"), csv(shown.view), "text/csv", `${shown.name}.csv`);
    link(get("json"), shown.text, "application/json", `${shown.name}.json`);
    this.write();
  }

  turn(by) {
    this.first += by * PAGE;
    this.write();
  }

  write() {
    const { view } = this.shown;
    const all = view.beats.length;
    const last = Math.min(all, this.first + PAGE);
    const keys = ["number", ...(view.hasRows ? [] : ["sample", "time"]), "class", "meaning", "probability"];
    const head = element("tr");
    head.append(...keys.map((key) => element("th", t(key), { scope: "col" })));
    document.querySelector("#table thead").replaceChildren(head);
    document.querySelector("#table tbody").replaceChildren(...view.beats.slice(this.first, last).map((beat, i) => this.line(beat, this.first + i)));
    get("shown").textContent = t("shown", { from: number(all ? this.first + 1 : 0), to: number(last), all: number(all) });
    get("pager").hidden = all <= PAGE;
    const [earlier, later] = document.querySelectorAll("[data-turn]");
    earlier.disabled = this.first === 0;
    later.disabled = last === all;
  }

  line(beat, index) {
    const { view } = this.shown;
    const line = element("tr");
    const place = view.hasRows ? [] : [number(beat.sample), (beat.sample / view.rate).toFixed(3)];
    const name = element("th", "", { scope: "row" });
    const button = element("button", number(index + 1), { type: "button", className: "quiet", onclick: () => this.choose(index) });
    name.append(button);
    line.append(name, ...[...place, beat.name, meaning(beat.name, view.classes), percent(beat.probability)].map((text) => element("td", text)));
    return line;
  }
}

function csv({ beats, hasRows, rate }) {
  const head = hasRows ? "row,predicted_class,class,probability" : "beat,sample,time_s,predicted_class,class,probability";
  const quoted = (name) => (/[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
  const lines = beats.map((beat, i) => [i + 1, ...(hasRows ? [] : [beat.sample, +(beat.sample / rate).toFixed(4)]), beat.predicted_class, quoted(beat.name), beat.probability].join());
  return [head, ...lines, ""].join("\n");
}

function link(anchor, text, type, name) {
  if (anchor.href) URL.revokeObjectURL(anchor.href);
  anchor.href = URL.createObjectURL(new Blob([text], { type }));
  anchor.download = name;
}
