// Annotate a recording in the browser with onnxruntime-web. It goes nowhere: the page's policy lets it read its own files alone.
import { InferenceSession, Tensor, env } from "./node_modules/onnxruntime-web/dist/ort.wasm.min.mjs";

env.wasm.numThreads = 1;

// The names of the classes, and what answers a Float32Array in mV at a rate in Hz: sample, class and probability of each beat.
export async function load(file, about) {
  const names = (await (await fetch(about)).json()).classes;
  const session = await InferenceSession.create(file);
  return [names, async (values, rate) => {
    const signal = new Tensor("float32", values, [values.length]);
    const sampling_rate = new Tensor("float32", [rate], [1]);
    const outputs = await session.run({ signal, sampling_rate }, ["sample", "predicted_class", "probability"]);
    return [outputs.sample.data, outputs.predicted_class.data, outputs.probability.data];
  }];
}

async function show(file) {
  const values = Float32Array.from((await file.text()).trim().split("\n"));
  const [names, answer] = await loaded;
  if (!values.every(Number.isFinite)) throw new Error("not all of it is numbers");
  const [samples, classes, probabilities] = await answer(values, rate.valueAsNumber);
  table.replaceChildren();
  samples.forEach((sample, beat) => {
    const cells = table.insertRow();
    for (const value of [beat + 1, sample, names[classes[beat]], probabilities[beat]]) cells.insertCell().textContent = value;
  });
  told.textContent = `${file.name}: ${samples.length} beats, annotated here`;
}

function say(error) {
  told.textContent = `Expected one lead, a number in mV a line, and its sampling rate: ${error.message}`;
}

const [table, told] = [document.querySelector("tbody"), document.querySelector("output")];
const [rate, chosen] = document.querySelectorAll("input");
const loaded = load("beats.onnx", "beats.json");
loaded.then(() => { told.textContent = "Drop a file here, or choose one"; }, say);
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => { event.preventDefault(); show(event.dataTransfer.files[0]).catch(say); });
chosen.addEventListener("change", (event) => show(event.target.files[0]).catch(say));
