// onnxruntime-web runs the same model, and both answers are compared.
import {refuse} from "./language.js";

const MOST_APART = 1e-3; // in probability

// Of `inputs`, values and shape by name: {ms, same: how many beats or rows are so, all}.
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
