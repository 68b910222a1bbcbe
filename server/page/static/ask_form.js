// The form that asks for what a file does not say: which lead, its unit, its sampling rate.

// {lead, unit, rate}: nothing of it is guessed.
export function askedFor(leads) {
  const form = document.getElementById("ask");
  const { lead: which, unit, rate } = form.elements;
  which.length = 1;
  which.append(...leads.map((lead, i) => new Option(lead.label, i)));
  const show = (field, isAsked) => { field.parentElement.hidden = field.disabled = !isAsked; };
  const chosen = () => (leads.length > 1 ? leads[which.value || -1] : leads[0]);
  const update = () => {
    const unsure = chosen() ? [chosen()] : leads;
    show(unit, unsure.every((lead) => !lead.unit));
    show(rate, unsure.every((lead) => !lead.rate));
  };
  for (const field of [which, unit, rate]) field.value = "";
  show(which, leads.length > 1);
  update();
  form.hidden = [which, unit, rate].every((field) => field.disabled);
  return new Promise((resolve) => {
    which.onchange = update;
    form.onsubmit = (event) => {
      event?.preventDefault();
      form.hidden = true;
      const lead = chosen();
      resolve({ lead, unit: lead.unit ?? unit.value, rate: lead.rate ?? +rate.value });
    };
    if (form.hidden) form.onsubmit();
    else form.querySelector(":enabled").focus();
  });
}
