// The same files in this browser: onnxruntime-web from this server runs what GET /model gives.
import { Told } from "./language.js";

const sessions = new Map();

async function session(server, path) {
  const { InferenceSession, Tensor, env } = await import(new URL(document.body.dataset.ort, document.baseURI));
  env.wasm.numThreads = 1;
  if (!sessions.has(path)) sessions.set(path, InferenceSession.create(await server.file(path)));
  return [await sessions.get(path), (values, dims) => new Tensor("float32", values, dims)];
}

async function timed(server, path, feeds, outputs) {
  try {
    const [model, tensor] = await session(server, path);
    const began = performance.now();
    return { ...await model.run(feeds(tensor), outputs), ms: performance.now() - began };
  } catch (error) {
    sessions.delete(path);
    throw error.say ? error : new Told("localFailed", { why: error.message });
  }
}

// [{predicted_class, probability}] of rows, and how long it took.
export async function predict(server, rows) {
  const values = Float32Array.from(rows.flatMap((row) => [...row]));
  const feeds = (tensor) => ({ features: tensor(values, [rows.length, rows[0].length]) });
  const { predicted_class, probability, ms } = await timed(server, "model", feeds, ["predicted_class", "probability"]);
  return { ms, beats: rows.map((_, i) => ({ sample: i, predicted_class: predicted_class.data[i], probability: probability.data[i] })) };
}

// [{sample, predicted_class, probability}] of a recording, and how long it took.
export async function annotate(server, values, rate) {
  const feeds = (tensor) => ({ signal: tensor(values, [values.length]), sampling_rate: tensor(Float32Array.of(rate), [1]) });
  const found = await timed(server, "model/beats", feeds, ["sample", "predicted_class", "probability"]);
  const beats = Array.from(found.sample.data, (sample, i) => ({ sample, predicted_class: found.predicted_class.data[i], probability: found.probability.data[i] }));
  return { ms: found.ms, beats };
}

// How many beats of two answers are the same, and by how much those differ in probability.
export function compared(ours, theirs) {
  const at = new Map(theirs.map((beat) => [beat.sample, beat]));
  const same = ours.filter((beat) => at.get(beat.sample)?.predicted_class === beat.predicted_class);
  const difference = same.reduce((most, beat) => Math.max(most, Math.abs(beat.probability - at.get(beat.sample).probability)), 0);
  return { same: same.length, all: Math.max(ours.length, theirs.length), difference };
}
