// The same in this browser: onnxruntime-web from this server runs what GET /model gives, and both answers are compared.
import { PageError } from "./language.js";

const BRIDGED_S = 0.2; // As the server does it: shorter gaps are bridged by a straight line,
const LEAST_S = 2; // and of what lies between longer ones nothing shorter is annotated.

// {ms, same, all, difference} of the answers of the file at `path` to `runs`, from the server's answer.
// runs  [{start, inputs}]: values and shape by name, and the sample, or row, at which they begin
export async function compareInBrowser(client, path, runs, theirs) {
  const file = await (await client.ask(path)).arrayBuffer();
  try {
    const { InferenceSession, Tensor, env } = await import(new URL(document.body.dataset.ort, document.baseURI));
    env.wasm.numThreads = 1;
    const session = await InferenceSession.create(file);
    const began = performance.now();
    const beats = [];
    for (const { start, inputs } of runs) beats.push(...(await beatsOf(session, Tensor, start, inputs)));
    const ms = performance.now() - began;
    await session.release();
    return { ms, ...agreement(beats, theirs) };
  } catch (error) {
    throw new PageError("localRun", { why: error.message });
  }
}

async function beatsOf(session, Tensor, start, inputs) {
  const feeds = Object.entries(inputs).map(([name, [values, shape]]) => [name, new Tensor("float32", values, shape)]);
  const { sample, predicted_class: classes, probability } = await session.run(Object.fromEntries(feeds));
  return Array.from(probability.data, (value, i) => ({ sample: sample && start + sample.data[i], predicted_class: classes.data[i], probability: value }));
}

// {start, values} of each part of a signal in which nothing is missing.
export function stretches(values, rate) {
  const parts = [];
  let last = -Infinity;
  values.forEach((value, i) => {
    if (Number.isNaN(value)) return;
    if (i - last > BRIDGED_S * rate + 1) parts.push({ start: i, values: [] });
    const part = parts.at(-1).values;
    for (let j = last + 1; part.length && j < i; j++) part.push(values[last] + ((value - values[last]) * (j - last)) / (i - last));
    part.push(value);
    last = i;
  });
  const long = parts.filter((part) => parts.length === 1 || part.values.length >= LEAST_S * rate);
  return long.map((part) => ({ ...part, values: Float32Array.from(part.values) }));
}

// How many beats, or rows, of two answers are the same, and by how much those differ in probability.
function agreement(ours, theirs) {
  const at = new Map(theirs.map((beat, i) => [beat.sample ?? i, beat]));
  const pairs = ours.map((beat, i) => [beat, at.get(beat.sample ?? i)]);
  const same = pairs.filter(([one, other]) => one.predicted_class === other?.predicted_class);
  const difference = same.reduce((most, [one, other]) => Math.max(most, Math.abs(one.probability - other.probability)), 0);
  return { same: same.length, all: Math.max(ours.length, theirs.length), difference };
}
