// Asks for what a file does not say: lead, unit, rate.
import {get} from "./answer_view.js";

export function askedFor(leads) {
	const form = get("ask");
	const {lead: which, unit, rate} = form.elements;
	which.length = 1;
	which.append(...leads.map((lead, i) => new Option(lead.label, i)));
	form.reset();
	const chosen = () => leads[leads.length > 1 ? which.value || -1 : 0];
	const update = () => {
		const unsure = chosen() ? [chosen()] : leads;
		const isAsked = [leads.length > 1, unsure.every(lead => !lead.unit), unsure.every(lead => !lead.rate)];
		for (const [i, field] of [which, unit, rate].entries()) field.parentElement.hidden = field.disabled = !isAsked[i];
		form.hidden = !isAsked.includes(true);
	};
	update();
	which.onchange = update;
	if (form.hidden) return leads[0];
	form.querySelector(":enabled").focus();
	return new Promise(resolve => {
		form.onsubmit = event => {
			event.preventDefault();
			form.hidden = true;
			resolve({...chosen(), unit: chosen().unit ?? unit.value, rate: chosen().rate || +rate.value});
		};
	});
}
