// Questions to this server, with a key if one was given, and to onnxruntime-web.
import {refuse} from "./language.js";

const MOST_APART = 1e-3; // in probability

export class ApiClient {
	key = "";

	// Throws the server's sentence. `hear` gets the share sent, then what came of the answer.
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

// The same model run here, of `inputs`, values and shape by name: {ms, same: how many beats or rows, all}
export async function compare(client, path, inputs, theirs) {
	const {response: file} = await client.ask(path, {responseType: "arraybuffer"});
	try {
		const {InferenceSession, Tensor, env} = await import(new URL(document.body.dataset.ort, document.baseURI));
		env.wasm.numThreads = 1;
		const session = await InferenceSession.create(file);
		const began = performance.now();
		for (const [name, given] of Object.entries(inputs)) inputs[name] = new Tensor("float32", ...given);
		const {sample, predicted_class: classes, probability} = await session.run(inputs);
		const ms = performance.now() - began;
		await session.release();
		const at = new Map(theirs.map((beat, i) => [beat.sample ?? i, beat]));
		const isSame = (value, i) => {
			const beat = at.get(sample ? Number(sample.data[i]) : i);
			return beat?.predicted_class === classes.data[i] && Math.abs(value - beat.probability) < MOST_APART;
		};
		return {ms, same: [...probability.data].filter(isSame).length, all: Math.max(probability.size, theirs.length)};
	} catch (error) {
		return refuse("localRun", {why: error.message});
	}
}
