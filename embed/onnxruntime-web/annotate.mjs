// Annotate a recording in the browser with onnxruntime-web. It goes nowhere: the page's policy lets it read its own files alone.
import { InferenceSession, Tensor, env } from "./node_modules/onnxruntime-web/dist/ort.wasm.min.mjs";

env.wasm.numThreads = 1;

// What the file says of itself, and what answers a Float32Array in mV at a rate in Hz: the numbers of each output, by its name.
export async function load(file, about) {
  const described = await (await fetch(about)).json();
  const session = await InferenceSession.create(file);
  return [described, async (values, rate) => {
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

async function show(file) {
  const values = Float32Array.from((await file.text()).trim().split("\n"));
  const [{ classes, rhythms }, answer] = await loaded;
  if (!values.every(Number.isFinite)) throw new Error("not all of it is numbers");
  const found = await answer(values, rate.valueAsNumber);
  const beats = Array.from(found.sample, (sample, beat) => [sample, classes[found.predicted_class[beat]], found.probability[beat]]);
  fill(ofBeats, beats);
  fill(ofSeconds, seconds(found, rhythms));
  told.textContent = `${file.name}: ${beats.length} beats, annotated here`;
}

function fill(table, lines) {
  table.hidden = !lines.length;
  const body = table.tBodies[0];
  body.replaceChildren();
  lines.forEach((values, line) => {
    const cells = body.insertRow();
    for (const value of [line + 1, ...values]) cells.insertCell().textContent = value;
  });
}

function say(error) {
  told.textContent = `Expected one lead, a number in mV a line, and its sampling rate: ${error.message}`;
}

const [[ofBeats, ofSeconds], told] = [document.querySelectorAll("table"), document.querySelector("output")];
const [rate, chosen] = document.querySelectorAll("input");
const loaded = load("beats.onnx", "beats.json");
loaded.then(() => { told.textContent = "Drop a file here, or choose one"; }, say);
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => { event.preventDefault(); show(event.dataTransfer.files[0]).catch(say); });
chosen.addEventListener("change", (event) => show(event.target.files[0]).catch(say));
