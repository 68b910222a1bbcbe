// onnxruntime-web runs what GET /model gives, and both answers are compared.
import { refuse } from "./language.js";

// {ms, same, all, difference} of the answer of the model at `path` to `inputs`, values and shape by name.
export async function compare(client, path, inputs, theirs) {
  const file = await (await client.ask(path)).arrayBuffer();
  try {
    const { InferenceSession, Tensor, env } = await import(new URL(document.body.dataset.ort, document.baseURI));
    env.wasm.numThreads = 1;
    const session = await InferenceSession.create(file);
    const began = performance.now();
    const feeds = Object.entries(inputs).map(([name, [values, shape]]) => [name, new Tensor("float32", values, shape)]);
    const { sample, predicted_class: classes, probability } = await session.run(Object.fromEntries(feeds));
    const ms = performance.now() - began;
    await session.release();
    const ours = [...probability.data].map((value, i) => [sample ? Number(sample.data[i]) : i, classes.data[i], value]);
    return { ms, ...agreement(ours, theirs) };
  } catch (error) {
    return refuse("localRun", { why: error.message });
  }
}

// How many beats or rows are the same, and by how much those differ in probability.
function agreement(ours, theirs) {
  const at = new Map(theirs.map((beat, i) => [beat.sample ?? i, beat]));
  const same = ours.filter(([place, index]) => at.get(place)?.predicted_class === index);
  const difference = same.reduce((most, [place, , probability]) => Math.max(most, Math.abs(probability - at.get(place).probability)), 0);
  return { same: same.length, all: Math.max(ours.length, theirs.length), difference };
}
