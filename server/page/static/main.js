// The page: a file or an example comes in, the server answers, and the answer is shown.
import { AnswerTable, showSummary } from "./answer_view.js";
import { ApiClient } from "./api_client.js";
import { askedFor } from "./ask_form.js";
import { recordingChart, rowsChart } from "./chart_data.js";
import * as examples from "./examples.js";
import { applyLanguage, note, number, PageError, t } from "./language.js";
import { showModelCards } from "./model_cards.js";
import { millivolts, readFiles } from "./read_files.js";
import { ViewerControls } from "./viewer_controls.js";

const get = (id) => document.getElementById(id);
const client = new ApiClient();
const viewer = new ViewerControls();
const table = new AnswerTable();
let [models, result, lastError, latest] = [[], null, null, 0];

async function loadModels() {
  models = await Promise.all(["ecg", "beats"].map((name) => client.model(name)));
  if (models.some(({ refused }) => refused?.status === 401)) get("locked").open = true;
  showModelCards(models);
}

// What a model says of itself; throws the server's own words if it is not here.
function contract(name) {
  const model = models.find((one) => one.name === name);
  if (model.refused) throw model.refused;
  return model.contract;
}

async function annotateRows({ name, rows, notes = [] }) {
  get("status").textContent = t("working");
  const body = rows.map((row) => row.join()).join("\n");
  const answered = await client.post("predict", body, { "Content-Type": "text/csv" });
  const features = [Float32Array.from(rows.flat()), [rows.length, rows[0].length]];
  const local = await inBrowser("model", answered.answer.predictions, () => [{ start: 0, inputs: { features } }]);
  return { ...answered, name, local, notes, view: rowsChart(rows, answered.answer, contract("ecg")) };
}

async function annotateRecording(name, values, rate, { name: lead, notes = [] } = {}) {
  get("status").textContent = t("working");
  const missing = values.reduce((sum, value) => sum + Number.isNaN(value), 0);
  if (missing) notes = [...notes, note("gaps", { seconds: number(missing / rate, 2) })];
  const answered = await client.post("annotate", values, { "Content-Type": "application/octet-stream", "Sampling-Rate": rate });
  const inputs = (signal) => ({ signal: [signal, [signal.length]], sampling_rate: [Float32Array.of(rate), [1]] });
  const runs = ({ stretches }) => stretches(values, rate).map(({ start, values }) => ({ start, inputs: inputs(values) }));
  const local = await inBrowser("model/beats", answered.answer.beats, runs);
  return { ...answered, name, lead, local, notes, view: recordingChart(values, rate, answered.answer, contract("beats")) };
}

// How the same in this browser compares, if that is wanted.
async function inBrowser(path, theirs, runs) {
  if (!get("local").checked) return null;
  const module = await import("./run_in_browser.js");
  return module.compareInBrowser(client, path, runs(module), theirs);
}

async function annotateFiles(files) {
  const { rows, leads, ...more } = await readFiles(files, models[0].contract?.features ?? []);
  if (rows) return annotateRows({ ...more, rows });
  const { lead, unit, rate } = await askedFor(leads);
  return annotateRecording(lead.title, await millivolts(lead, unit), rate, lead);
}

// Do `work`, show what it gives or say why not; of two at once the later one counts.
async function run(work) {
  const mine = ++latest;
  get("ask").hidden = true;
  get("status").textContent = "";
  showError(null);
  try {
    await ready;
    const found = await work();
    if (mine === latest) showAnswer(found);
  } catch (error) {
    if (mine === latest) showError(error);
  }
  if (mine === latest) get("status").textContent = "";
}

function showAnswer(found) {
  result = found;
  get("answer").hidden = false;
  showSummary(result);
  viewer.show(result.view);
  table.show(result);
  get("name").focus({ preventScroll: true });
  get("answer").scrollIntoView();
}

function showError(error) {
  lastError = error;
  if (error?.status === 401) get("locked").open = true;
  const place = get("error");
  place.lang = error instanceof PageError ? document.documentElement.lang : "en";
  place.textContent = error?.message ?? "";
  if (!error) return;
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: "center" });
}

// Everything anew, in another language.
function changeLanguage() {
  applyLanguage();
  showModelCards(models);
  if (lastError) showError(lastError);
  if (!result) return;
  showSummary(result);
  table.write();
  viewer.announce();
  viewer.update();
}

applyLanguage();
const ready = loadModels();
addEventListener("hashchange", changeLanguage);
get("local-option").hidden = !document.body.dataset.ort;
get("key").onchange = () => { client.key = get("key").value.trim(); showError(null); loadModels(); };
get("choose").onclick = () => { get("files").value = ""; get("files").click(); };
get("files").onchange = () => run(() => annotateFiles([...get("files").files]));
get("rows-example").onclick = () => run(() => annotateRows({ name: t("rowsExample"), rows: examples.rows(contract("ecg")) }));
get("recording-example").onclick = () => run(() => annotateRecording(t("recordingExample"), ...examples.recording()));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  const files = [...event.dataTransfer.files];
  run(() => annotateFiles(files));
});
