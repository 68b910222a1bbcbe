// The same in this browser: onnxruntime-web from this server runs what GET /model gives, and both answers are compared.
import { Told } from "./language.js";

// {ms, same, all, difference} of the answer of the file at `path` to `inputs`, values and shape by name, from the server's.
export async function compared(server, path, inputs, theirs) {
  const file = await (await server.ask(path)).arrayBuffer();
  try {
    const { beats, ms } = await run(file, inputs);
    return { ms, ...agreement(beats, theirs) };
  } catch (error) {
    throw new Told("localRun", { why: error.message });
  }
}

async function run(file, inputs) {
  const { InferenceSession, Tensor, env } = await import(new URL(document.body.dataset.ort, document.baseURI));
  env.wasm.numThreads = 1;
  const session = await InferenceSession.create(file);
  const feeds = Object.entries(inputs).map(([name, [values, shape]]) => [name, new Tensor("float32", values, shape)]);
  const began = performance.now();
  const { sample, predicted_class, probability } = await session.run(Object.fromEntries(feeds));
  const ms = performance.now() - began;
  await session.release();
  const beats = Array.from(probability.data, (value, i) => ({ sample: sample?.data[i], predicted_class: predicted_class.data[i], probability: value }));
  return { beats, ms };
}

// How many beats, or rows, of two answers are the same, and by how much those differ in probability.
function agreement(ours, theirs) {
  const at = new Map(theirs.map((beat, i) => [beat.sample ?? i, beat]));
  const pairs = ours.map((beat, i) => [beat, at.get(beat.sample ?? i)]);
  const same = pairs.filter(([one, other]) => one.predicted_class === other?.predicted_class);
  const difference = same.reduce((most, [one, other]) => Math.max(most, Math.abs(one.probability - other.probability)), 0);
  return { same: same.length, all: Math.max(ours.length, theirs.length), difference };
}
