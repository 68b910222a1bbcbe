// What the models say of themselves.
import { classList, element, get, terms } from "./answer_view.js";
import { number } from "./language.js";

export function showModelCards(models) {
  get("models").replaceChildren(...models.map(card));
}

// The server's own words if there is no such model.
function card({ name, contract, refused }) {
  const title = element("h3", {}, name);
  if (refused) return element("article", {}, title, element("p", {}, refused.message));
  const { classes, features, network, window, intended_use: use, ...more } = contract;
  return element("article", {},
    title,
    element("ul", { className: "classes" }, ...classList(classes)),
    element("dl", { lang: "en" }, ...terms(said({ ...more, features: features?.length }))),
    element("p", { lang: "en" }, use));
}

// Words and numbers under their own names, those of a group after its name.
function said(values, group = "") {
  return Object.entries(values).flatMap(([name, value]) => {
    if (Array.isArray(value) || value === null) return [];
    if (typeof value === "object") return said(value, name);
    const text = typeof value === "number" ? number(value, 4) : value?.toString();
    return [[`${group} ${name}`.replaceAll("_", " "), text]];
  });
}
