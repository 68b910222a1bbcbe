// Questions to this server only; with a key, if one was given.
import { refuse } from "./language.js";

export class ApiClient {
	key = "";

	// Throws an Error with the server's own sentence and the status.
	async ask(path, body, headers) {
		const all = { ...headers, ...(this.key && { Authorization: `Bearer ${this.key}` }) };
		const sent = fetch(path, { method: body ? "POST" : "GET", body, headers: all, credentials: "omit" });
		const response = await sent.catch(() => refuse("reachable"));
		if (response.ok) return response;
		const { status } = response;
		const { error } = await response.json().catch(() => ({ error: `HTTP ${status}` }));
		throw Object.assign(new Error(error), { status });
	}

	// {text, answer: the same read, version of the model, ms that the server took}
	async json(path, body, headers) {
		const response = await this.ask(path, body, headers);
		const [, ms] = /dur=([\d.]+)/.exec(response.headers.get("Server-Timing")) ?? [];
		const text = await response.text();
		return { text, answer: JSON.parse(text), version: response.headers.get("Model-Version"), ms: ms && +ms };
	}

	// {name, contract}, or {name, refused: why it is not here}.
	model(name) {
		return this.json(`v2/models/${name}`).then(({ answer }) => ({ name, contract: answer.ecg }), (refused) => ({ name, refused }));
	}
}
