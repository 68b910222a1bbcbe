// Something comes in, the server answers, and the answer is shown.
import {get, showModelCards, showProgress, showResult} from "./answer_view.js";
import {ApiClient} from "./api_client.js";
import {askedFor} from "./ask_form.js";
import {recordingChart, rowsChart} from "./chart_data.js";
import * as examples from "./examples.js";
import {applyLanguage, note, number, PageError, t} from "./language.js";
import {LiveStream, played} from "./live_stream.js";
import {RATE_HZ, strap} from "./polar_h10.js";
import {millivolts, readFiles} from "./read_files.js";
import {showReport} from "./report_view.js";
import {compare} from "./run_in_browser.js";
import {packed} from "./samples.js";
import {ViewerControls} from "./viewer_controls.js";

const client = new ApiClient();
const viewer = new ViewerControls();
let [models, latest, result, lastError] = [[], 0];

async function loadModels() {
	models = await Promise.all(["ecg", "beats"].map(name => client.model(name)));
	if (models.some(({refused}) => refused?.status === 401)) get("locked").open = true;
	showModelCards(models);
}

function contract(name) {
	const model = models.find(one => one.name === name);
	if (model.refused) throw model.refused;
	return model.contract;
}

async function annotateRows({name, rows, notes = []}) {
	const answered = await client.json("predict", {body: rows.join("\n"), headers: {"Content-Type": "text/csv"}});
	const features = [Float32Array.from(rows.flat()), [rows.length, rows[0].length]];
	const local = get("local").checked && await compare(client, "model", {features}, answered.answer.predictions);
	return {...answered, name, local, notes, view: rowsChart(rows, answered.answer, contract("ecg"))};
}

async function annotateRecording({title, name: lead, rate, values, notes = []}) {
	const missing = values.filter(Number.isNaN).length;
	const [body, headers] = packed(values, rate);
	const isCompared = get("local").checked && !missing && body === values;
	if (missing) notes = [...notes, note("gaps", {seconds: number(missing / rate, 2)})];
	if (get("local").checked && !isCompared) notes = [...notes, note("notCompared")];
	const hear = (share, text = "") => {
		const [, second] = /.*"time_s":([\d.]+)/.exec(text.slice(-400)) ?? [];
		showProgress(text ? "working" : "sending", text ? second * rate / values.length : share);
	};
	const answered = await client.json("annotate?report=json", {body, headers, hear});
	const inputs = {signal: [values, [values.length]], sampling_rate: [Float32Array.of(rate), [1]]};
	const local = isCompared && await compare(client, "model/beats", inputs, answered.answer.beats);
	return {...answered, name: title, lead, local, notes, view: recordingChart(values, rate, answered.answer, contract("beats"))};
}

function annotateFiles(list) {
	const files = [...list];
	run(async () => {
		const {leads, ...found} = await readFiles(files, models[0].contract?.features ?? []);
		if (!leads) return annotateRows(found);
		const lead = await askedFor(leads);
		return annotateRecording({...lead, values: await millivolts(lead)});
	});
}

// What a source takes, as it comes; in the end a recording as any other.
function annotateLive({source, ...known}) {
	run(async () => {
		const [model, stream] = [contract("beats"), new LiveStream()];
		const end = () => stream.abort();
		client.asked = stream;
		stream.stop = await source(samples => stream.hear(samples), end);
		showProgress("live");
		Object.assign(get("answer"), {hidden: false, className: "live"});
		get("name").textContent = known.title;
		get("stop").onclick = end;
		get("stop").focus();
		stream.roll(known.rate, viewer.paper, model);
		const why = await stream.run(client.stream(known.rate));
		const notes = stream.summary ? [] : [note("cutOff", {why})];
		return annotateRecording({...known, notes, values: stream.values.slice()});
	});
}

// Do `work`, and show what it gives or why not; of two the later one counts.
async function run(work) {
	const mine = ++latest;
	client.asked?.abort();
	get("ask").hidden = true;
	showProgress("working");
	showError();
	const show = await ready.then(work).then(found => () => showAnswer(found), error => () => showError(error));
	if (mine !== latest) return;
	get("status").textContent = "";
	get("progress").hidden = true;
	get("answer").className = "";
	show();
}

function showAnswer(found) {
	result = found;
	get("answer").hidden = false;
	viewer.show(result.view);
	tell();
	get("name").focus({preventScroll: true});
	get("answer").scrollIntoView();
}

function tell() {
	showResult(result, viewer);
	showReport(result, viewer.paper);
}

function showError(error) {
	lastError = error;
	const place = get("error");
	place.lang = error instanceof PageError ? document.documentElement.lang : "en";
	place.textContent = error?.message ?? "";
	if (!error) return;
	place.focus({preventScroll: true});
	place.scrollIntoView({block: "center"});
}

function changeLanguage() {
	applyLanguage();
	showModelCards(models);
	if (lastError) showError(lastError);
	if (!result) return;
	tell();
	viewer.announce();
	viewer.paper.resize();
}

applyLanguage();
const ready = loadModels();
window.onhashchange = changeLanguage;
get("local-option").hidden = !document.body.dataset.ort;
get("key").onchange = ({target}) => {
	client.key = target.value.trim();
	showError();
	loadModels();
};
get("strap").hidden = !navigator.bluetooth;
get("strap").onclick = () => annotateLive({title: "Polar H10", rate: RATE_HZ, source: strap});
get("play").onclick = () => annotateLive({title: result.name, name: result.lead, rate: result.view.rate, source: played(result.view)});
get("choose").onclick = () => get("files").click();
get("files").onchange = ({target}) => { annotateFiles(target.files); target.value = ""; };
get("rows-example").onclick = () => run(() => annotateRows({name: t("rowsExample"), rows: examples.rows(contract("ecg"))}));
get("recording-example").onclick = () => run(() => annotateRecording({title: t("recordingExample"), ...examples.recording()}));
window.ondragover = event => event.preventDefault();
window.ondrop = event => { event.preventDefault(); annotateFiles(event.dataTransfer.files); };
