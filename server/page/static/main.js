// The page: a file or an example comes in, the server answers, and the answer is shown.
import { about } from "./about.js";
import { Table, tell } from "./answer.js";
import * as examples from "./examples.js";
import { asked, millivolts, read } from "./files.js";
import { speak, t, Told } from "./language.js";
import { Server } from "./server.js";
import { Sheet } from "./viewer_controls.js";
import { ofRecording, ofRows } from "./view.js";

const get = (id) => document.getElementById(id);
const server = new Server();
const sheet = new Sheet();
const table = new Table();
let [models, shown, fault, turn] = [[], null, null, 0];

async function learn() {
  models = await Promise.all(["ecg", "beats"].map((name) => server.about(name)));
  if (models.some(({ refused }) => refused?.status === 401)) get("locked").open = true;
  about(models);
}

// What a model says of itself; the server's own words if it is not here.
function contract(name) {
  const model = models.find((one) => one.name === name);
  if (model.refused) throw model.refused;
  return model.contract;
}

async function showRows(name, text) {
  get("status").textContent = t("working");
  const answered = await server.send("predict", text, { "Content-Type": "text/csv" });
  const rows = text.split("\n").map((line) => Float32Array.from(line.split(","), Number));
  const features = [Float32Array.from(rows.flatMap((row) => [...row])), [rows.length, rows[0].length]];
  const local = await here("model", { features }, answered.answer.predictions);
  return { ...answered, name, local, view: ofRows(rows, answered.answer, contract("ecg")) };
}

async function showRecording(name, values, rate) {
  get("status").textContent = t("working");
  const answered = await server.send("annotate", values, { "Content-Type": "application/octet-stream", "Sampling-Rate": rate });
  const inputs = { signal: [values, [values.length]], sampling_rate: [Float32Array.of(rate), [1]] };
  const local = await here("model/beats", inputs, answered.answer.beats);
  return { ...answered, name, local, view: ofRecording(values, rate, answered.answer, contract("beats")) };
}

// The same in this browser, if that is wanted.
async function here(...question) {
  if (!get("local").checked) return null;
  const { compared } = await import("./local.js");
  return compared(server, ...question);
}

async function showFiles(files) {
  const { name, rows, leads } = await read(files, models[0].contract?.features ?? []);
  if (rows) return showRows(name, rows);
  const { lead, unit, rate } = await asked(leads);
  return showRecording(leads.length > 1 ? `${name}, ${lead.name}` : name, await millivolts(lead, unit, rate), rate);
}

// Do `work`, show what it gives or say why not; of two at once the later one counts.
async function attempt(work) {
  const mine = ++turn;
  get("ask").hidden = true;
  get("status").textContent = "";
  fail(null);
  try {
    await ready;
    const result = await work();
    if (mine === turn) show(result);
  } catch (error) {
    if (mine === turn) fail(error);
  }
  if (mine === turn) get("status").textContent = "";
}

function show(result) {
  shown = result;
  get("answer").hidden = false;
  tell(shown);
  sheet.show(shown.view);
  table.show(shown);
  get("name").focus({ preventScroll: true });
  get("answer").scrollIntoView();
}

function fail(error) {
  fault = error;
  if (error?.status === 401) get("locked").open = true;
  get("error").lang = error instanceof Told ? document.documentElement.lang : "en";
  get("error").textContent = error?.message ?? "";
}

// Everything anew, in another language.
function again() {
  speak();
  about(models);
  fail(fault);
  if (!shown) return;
  tell(shown);
  table.write();
  sheet.say();
  sheet.write();
}

speak();
const ready = learn();
addEventListener("hashchange", again);
get("local-option").hidden = !document.body.dataset.ort;
get("key").onchange = () => { server.key = get("key").value.trim(); fail(null); learn(); };
get("choose").onclick = () => { get("files").value = ""; get("files").click(); };
get("files").onchange = () => attempt(() => showFiles([...get("files").files]));
get("rows-example").onclick = () => attempt(() => showRows(t("rowsExample"), examples.rows(contract("ecg"))));
get("recording-example").onclick = () => attempt(() => showRecording(t("recordingExample"), ...examples.recording()));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  const files = [...event.dataTransfer.files];
  attempt(() => showFiles(files));
});
