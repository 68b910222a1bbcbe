// Annotate a recording with onnxruntime-node: node annotate.mjs signal.csv 360 beats.onnx about.json
// signal.csv holds a number a line, in mV; about.json is what python -m export --describe beats.onnx --json prints.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.env.ORT_DISABLE_TELEMETRY = "1";
const { InferenceSession, Tensor } = await import("onnxruntime-node");

// The names of the classes, and what answers a Float32Array in mV at a rate in Hz: sample, class and probability of each beat.
export async function load(file, about) {
  const names = JSON.parse(readFileSync(about)).classes;
  const session = await InferenceSession.create(file);
  return [names, async (values, rate) => {
    const signal = new Tensor("float32", values, [values.length]);
    const sampling_rate = new Tensor("float32", [rate], [1]);
    const outputs = await session.run({ signal, sampling_rate }, ["sample", "predicted_class", "probability"]);
    return [outputs.sample.data, outputs.predicted_class.data, outputs.probability.data];
  }];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [names, answer] = await load(...process.argv.slice(4));
  const values = Float32Array.from(readFileSync(process.argv[2], "utf8").trim().split("\n"));
  if (!values.every(Number.isFinite)) throw new Error("expected a number a line");
  const [samples, classes, probabilities] = await answer(values, Number(process.argv[3]));
  samples.forEach((sample, beat) => console.log([sample, names[classes[beat]], probabilities[beat]].join()));
}
