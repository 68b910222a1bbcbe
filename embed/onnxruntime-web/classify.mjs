// Classify rows in the browser with onnxruntime-web. The rows go nowhere: the page's policy lets it read its own files alone.
import { InferenceSession, Tensor, env } from "./node_modules/onnxruntime-web/dist/ort.wasm.min.mjs";

env.wasm.numThreads = 1;

// The names of the classes, and what answers rows, one after the other in a Float32Array: class and probability of each.
export async function load(file, about) {
  const names = (await (await fetch(about)).json()).classes;
  const session = await InferenceSession.create(file);
  return [names, async (values, rows) => {
    const features = new Tensor("float32", values, [rows, values.length / rows]);
    const outputs = await session.run({ features }, ["predicted_class", "probability"]);
    return [outputs.predicted_class.data, outputs.probability.data];
  }];
}

async function show(file) {
  const lines = (await file.text()).trim().split("\n");
  const [names, answer] = await loaded;
  const values = Float32Array.from(lines.flatMap((line) => line.split(",")));
  if (!values.every(Number.isFinite)) throw new Error("not all of it is numbers");
  const [classes, probabilities] = await answer(values, lines.length);
  table.replaceChildren();
  classes.forEach((number, row) => {
    const cells = table.insertRow();
    for (const value of [row + 1, number, names[number], probabilities[row]]) cells.insertCell().textContent = value;
  });
  told.textContent = `${file.name}: ${lines.length} rows, classified here`;
}

function say(error) {
  told.textContent = `Expected a CSV without a header, a row a line, as many numbers as the model takes: ${error.message}`;
}

const [table, told] = [document.querySelector("tbody"), document.querySelector("output")];
const loaded = load("ecg.onnx", "about.json");
loaded.then(() => { told.textContent = "Drop a CSV here, or choose one"; }, say);
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => { event.preventDefault(); show(event.dataTransfer.files[0]).catch(say); });
document.querySelector("input").addEventListener("change", (event) => show(event.target.files[0]).catch(say));
