// The page: a file or an example comes in, the server answers, and the answer is shown.
import { about } from "./about.js";
import { Table, tell } from "./answer.js";
import { asked } from "./ask.js";
import * as examples from "./examples.js";
import { millivolts, numbers, read } from "./given.js";
import { speak, t, Told } from "./language.js";
import { Server } from "./server.js";
import { Sheet } from "./sheet.js";
import { ofRecording, ofRows } from "./view.js";

const get = (id) => document.getElementById(id);
const server = new Server();
const sheet = new Sheet();
const table = new Table((index) => { sheet.choose(index); get("trace").focus(); });
let [models, shown, said, fault, turn] = [[], null, "", null, 0];

async function learn() {
  models = await Promise.all(["ecg", "beats"].map((name) => server.about(name)));
  if (models.some((model) => model.refused?.status === 401)) get("locked").open = true;
  about(models);
}

// What a model says of itself; the server's own words if it is not here.
function contract(name) {
  const model = models.find((one) => one.name === name);
  if (model.refused) throw model.refused;
  return model.contract;
}

async function showRows(name, text) {
  say("working");
  const answered = await server.predict(text);
  const rows = numbers(text);
  const predictions = answered.answer.predictions;
  const local = await here((runner) => runner.predict(server, rows), predictions.map((one, i) => ({ ...one, sample: i })));
  return { ...answered, name, local, view: ofRows(rows, predictions, contract("ecg")) };
}

async function showRecording(name, values, rate) {
  say("working");
  const answered = await server.annotate(values, rate);
  const local = await here((runner) => runner.annotate(server, values, rate), answered.answer.beats);
  return { ...answered, name, local, view: ofRecording(values, rate, answered.answer, contract("beats").classes) };
}

// The same in this browser, if that is wanted, compared with what the server answered.
async function here(run, theirs) {
  if (!get("local").checked) return null;
  say("workingHere");
  const runner = await import("./local.js");
  const { beats, ms } = await run(runner);
  return { ms, ...runner.compared(beats, theirs) };
}

async function showFiles(files) {
  const known = models.find((model) => model.name === "ecg")?.contract;
  const given = await read(files, known?.features ?? []);
  if (given.rows) return showRows(given.name, given.rows);
  const { lead, unit, rate } = await asked(given);
  return showRecording(given.leads.length > 1 ? `${given.name}, ${lead.name}` : given.name, await millivolts(lead, unit, rate), rate);
}

// Do `work`, show what it gives or say why not; of two at once the later one counts.
async function attempt(work) {
  const mine = ++turn;
  get("ask").hidden = true;
  fail(null);
  say("");
  try {
    await ready;
    const result = await work();
    if (mine === turn) show(result);
  } catch (error) {
    if (mine === turn) fail(error);
  }
  if (mine === turn) say("");
}

function show(result) {
  shown = result;
  get("answer").hidden = false;
  write();
  sheet.show(shown.view);
  table.show(shown);
  get("name").focus({ preventScroll: true });
  get("answer").scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

function say(key) {
  said = key;
  get("status").textContent = key ? t(key) : "";
}

function fail(error) {
  fault = error;
  if (error?.status === 401) get("locked").open = true;
  if (error instanceof Told) get("error").removeAttribute("lang");
  else get("error").lang = "en";
  get("error").textContent = error ? (error.say?.() ?? error.message) : "";
}

function write() {
  if (!shown) return;
  tell(shown);
}

// Everything anew, in another language.
function again() {
  about(models);
  say(said);
  fail(fault);
  write();
  if (!shown) return;
  table.write();
  sheet.say();
  sheet.paper.draw();
}

speak(again);
const ready = learn();
get("local-option").hidden = !document.body.dataset.ort;
get("key").addEventListener("change", () => { server.key = get("key").value.trim(); fail(null); learn(); });
get("files").addEventListener("change", (event) => { attempt(() => showFiles([...get("files").files])).then(() => { event.target.value = ""; }); });
get("rows-example").addEventListener("click", () => attempt(() => showRows(t("rowsExample"), examples.rows(contract("ecg")))));
get("recording-example").addEventListener("click", () => attempt(() => { const { values, rate } = examples.recording(); return showRecording(t("recordingExample"), values, rate); }));
addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("over"); });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("over"); });
addEventListener("drop", (event) => { event.preventDefault(); document.body.classList.remove("over"); attempt(() => showFiles([...event.dataTransfer.files])); });
