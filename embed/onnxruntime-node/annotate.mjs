// Annotate a recording with onnxruntime-node: node annotate.mjs signal.csv 360 beats.onnx about.json
// signal.csv holds a number a line, in mV; about.json is what python -m export --describe beats.onnx --json prints.
// Printed: sample, class, probability of each beat; of a file of schema 2 second, rhythm, probability, readable of each second.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.env.ORT_DISABLE_TELEMETRY = "1";
const { InferenceSession, Tensor } = await import("onnxruntime-node");

// What the file says of itself, and what answers a Float32Array in mV at a rate in Hz: the numbers of each output, by its name.
export async function load(file, about) {
  const session = await InferenceSession.create(file);
  return [JSON.parse(readFileSync(about)), async (values, rate) => {
    const signal = new Tensor("float32", values, [values.length]);
    const sampling_rate = new Tensor("float32", [rate], [1]);
    const outputs = Object.entries(await session.run({ signal, sampling_rate }));
    return Object.fromEntries(outputs.map(([name, tensor]) => [name, tensor.data]));
  }];
}

// Second, rhythm, its probability and readable of each second; none of a file of schema 1.
export function seconds({ readable = [], rhythm_probabilities }, rhythms) {
  return Array.from(readable, (value, second) => {
    const row = rhythm_probabilities.subarray(second * rhythms.length, (second + 1) * rhythms.length);
    const probability = Math.max(...row);
    return [second, rhythms[row.indexOf(probability)], probability, value];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [{ classes, rhythms }, answer] = await load(...process.argv.slice(4));
  const values = Float32Array.from(readFileSync(process.argv[2], "utf8").trim().split("\n"));
  if (!values.every(Number.isFinite)) throw new Error("expected a number a line");
  const found = await answer(values, Number(process.argv[3]));
  found.sample.forEach((sample, beat) => console.log([sample, classes[found.predicted_class[beat]], found.probability[beat]].join()));
  for (const second of seconds(found, rhythms)) console.log(second.join());
}
