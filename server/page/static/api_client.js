// Questions to this server, with a key if one was given.
import {refuse} from "./language.js";

export class ApiClient {
	key = "";

	// Throws the server's sentence. `hear` gets the share that was sent, then what has come of the answer.
	async ask(path, {body, headers = {}, hear, responseType = ""} = {}) {
		const request = new XMLHttpRequest();
		if (body) this.asked = request;
		if (this.key) headers.Authorization = `Bearer ${this.key}`;
		request.open(body ? "POST" : "GET", path);
		request.responseType = responseType;
		for (const field of Object.entries(headers)) request.setRequestHeader(...field);
		request.upload.onprogress = hear && (({loaded, total}) => hear(loaded / total));
		request.onprogress = hear && (() => hear(1, request.responseText));
		await new Promise(resolve => {
			request.onloadend = resolve;
			request.send(body);
		});
		if (request.status === 200) return request;
		throw request.status ? failure(request) : refuse("reachable");
	}

	// {text, answer: the same parsed, version, ms of the server}
	async json(path, more) {
		const request = await this.ask(path, more);
		const [, ms] = /dur=([\d.]+)/.exec(request.getResponseHeader("Server-Timing")) ?? [];
		const text = request.responseText;
		return {text, answer: JSON.parse(text), version: request.getResponseHeader("Model-Version"), ms: ms && +ms};
	}

	// For mV at a rate.
	stream(rate) {
		const {href} = new URL(`stream?unit=mV&sampling_rate=${rate}`, document.baseURI);
		return new WebSocket(href.replace("http", "ws"), this.key ? ["ecg", `key.${this.key}`] : "ecg");
	}

	// {name, contract} or {name, refused: why}
	model(name) {
		return this.json(`v2/models/${name}`).then(({answer}) => ({name, contract: answer.ecg}), refused => ({name, refused}));
	}
}

function failure({status, response}) {
	try {
		return Object.assign(new Error(JSON.parse(response).error), {status});
	} catch {
		return new Error(`HTTP ${status}`);
	}
}
