// What the models say about themselves.
import { element } from "./answer.js";
import { meaning, number, t } from "./language.js";
import { colour, inkOn } from "./marks.js";

const TITLES = { ecg: "ecg", beats: "beatsModel" };

export function about(models) {
  document.getElementById("models").replaceChildren(...models.map(card));
}

function card({ name, contract, refused }) {
  const article = element("article");
  article.append(element("h3", t(TITLES[name])));
  if (refused) {
    article.append(element("p", t("none", { why: refused.say() })));
    return article;
  }
  const list = element("dl");
  for (const [term, text] of facts(name, contract)) list.append(element("dt", t(term)), element("dd", text));
  article.append(list, element("h4", t("classes")), classes(contract.classes), element("h4", t("numbers")), numbers(contract.metrics, t(TITLES[name])), use(contract));
  return article;
}

function facts(name, contract) {
  const { trained_on: data, version, created } = contract;
  const size = "rows" in data ? t("size", { rows: number(data.rows) }) : t("sizeBeats", { recordings: number(data.recordings), beats: number(data.beats) });
  const told = [data.name, data.synthetic ? t("synthetic") : "", size, t("split", { by: data.split.by })];
  return [
    ["name", name],
    ["version", version],
    ["takes", takes(contract)],
    ["data", told.filter(Boolean).join(", ")],
    ["created", created.slice(0, 10)],
  ];
}

function takes(contract) {
  const { unit, window, features, sampling_rate_hz: rate } = contract;
  if (!features) return t("takesSignal", { unit, low: number(contract.lowest_rate_hz), high: number(contract.highest_rate_hz) });
  const span = window ? t("window", { before: number(window.before_r_ms), after: number(window.after_r_ms) }) : "";
  return t("takesRows", { n: number(features.length), unit: unit ? `, ${unit}` : "", rate: rate ? `, ${number(rate)} Hz` : "", window: span });
}

function classes(names) {
  const list = element("ul", "", { className: "classes" });
  for (const [index, name] of names.entries()) {
    const letter = element("span", name, { className: "chip" });
    letter.style.background = colour(index);
    letter.style.color = inkOn(index);
    const line = element("li");
    line.append(letter, element("span", meaning(name, names)));
    list.append(line);
  }
  return list;
}

// Every number of the file under its own name; those of classes in a table of their own.
function numbers(metrics, title) {
  const tables = element("div");
  const plain = Object.entries(metrics).filter(([, value]) => value === null || typeof value === "number");
  tables.append(table(`${t("numbers")}: ${title}`, [t("measure"), t("value")], plain));
  for (const [kind, group] of Object.entries(metrics).filter(([, value]) => value && typeof value === "object" && !Array.isArray(value))) {
    const names = Object.keys(Object.values(group)[0]);
    const lines = Object.entries(group).map(([name, values]) => [name, ...names.map((one) => values[one])]);
    tables.append(table(`${t("numbers")}: ${title}, ${words(kind)}`, [t("class"), ...names], lines));
  }
  return tables;
}

function table(title, names, lines) {
  const made = element("table");
  made.createTHead().insertRow().append(...names.map((name) => element("th", words(name), { scope: "col" })));
  const body = made.createTBody();
  for (const [name, ...values] of lines) {
    const cells = values.map((value) => element("td", typeof value === "number" ? number(value, 4) : "–"));
    body.insertRow().append(element("th", words(name), { scope: "row" }), ...cells);
  }
  const scrolls = element("div", "", { className: "wide", tabIndex: 0, role: "region", ariaLabel: title });
  scrolls.append(made);
  return scrolls;
}

function words(name) {
  return name.replaceAll("_", " ");
}

function use({ intended_use: text }) {
  const line = element("p", "", { className: "use" });
  line.append(element("b", `${t("use")}: `), element("span", text, { lang: "en" }));
  return line;
}
