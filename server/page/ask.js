// What a file does not say is asked for, and never guessed: the lead, the unit, the sampling rate.
import { element } from "./answer.js";
import { UNITS } from "./given.js";
import { t, Told } from "./language.js";

const form = document.getElementById("ask");

// {lead, unit, rate}, at once if the file says all.
export function asked({ leads, rate }) {
  form.hidden = true;
  const needs = { lead: leads.length > 1, unit: leads.some((lead) => !lead.unit), rate: !(leads[0].rate ?? rate) };
  if (!Object.values(needs).some(Boolean)) return Promise.resolve({ lead: leads[0], unit: leads[0].unit, rate: leads[0].rate ?? rate });
  const fields = {
    ...(needs.lead && { lead: select("lead_", leads.map((lead) => lead.name)) }),
    ...(needs.unit && { unit: select("unit", UNITS) }),
    ...(needs.rate && { rate: numeric() }),
  };
  form.querySelector(".fields").replaceChildren(...Object.values(fields).map((field) => field.label));
  form.hidden = false;
  Object.values(fields)[0].input.focus();
  return new Promise((resolve, reject) => {
    form.onsubmit = (event) => {
      event.preventDefault();
      form.hidden = true;
      const lead = fields.lead ? leads[fields.lead.input.selectedIndex - 1] : leads[0];
      const chosen = { lead, unit: lead.unit ?? fields.unit?.input.value, rate: lead.rate ?? rate ?? fields.rate.input.valueAsNumber };
      if (chosen.rate > 0) resolve(chosen);
      else reject(new Told("expectedRate"));
    };
  });
}

function labelled(key, input) {
  const label = element("label");
  const text = element("span", t(key));
  text.dataset.t = key;
  label.append(text, input);
  return { label, input };
}

function select(key, options) {
  const input = element("select", "", { required: true });
  const nothing = element("option", t("pick"), { value: "" });
  nothing.dataset.t = "pick";
  input.append(nothing, ...options.map((one) => element("option", one)));
  return labelled(key, input);
}

function numeric() {
  return labelled("rate", element("input", "", { type: "number", min: "1", step: "any", required: true, inputMode: "decimal" }));
}
