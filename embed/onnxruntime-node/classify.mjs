// Classify the rows of a CSV with onnxruntime-node: node classify.mjs rows.csv ecg.onnx about.json
// onnxruntime-node does not give the names in the file; about.json is what python -m export --describe ecg.onnx --json prints.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.env.ORT_DISABLE_TELEMETRY = "1";
const { InferenceSession, Tensor } = await import("onnxruntime-node");

// The names of the classes, and what answers rows, one after the other in a Float32Array: class and probability of each.
export async function load(file, about) {
  const names = JSON.parse(readFileSync(about)).classes;
  const session = await InferenceSession.create(file);
  return [names, async (values, rows) => {
    const features = new Tensor("float32", values, [rows, values.length / rows]);
    const outputs = await session.run({ features }, ["predicted_class", "probability"]);
    return [outputs.predicted_class.data, outputs.probability.data];
  }];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [names, answer] = await load(...process.argv.slice(3));
  const lines = readFileSync(process.argv[2], "utf8").trim().split("\n");
  const values = Float32Array.from(lines.flatMap((line) => line.split(",")));
  if (!values.every(Number.isFinite)) throw new Error("expected numbers only, and no header");
  const [classes, probabilities] = await answer(values, lines.length);
  classes.forEach((number, row) => console.log([number, names[number], probabilities[row]].join()));
}
