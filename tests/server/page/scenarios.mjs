// What people do on the page, each as a function of the page and what it is given, and what they then see.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import axe from "axe-core";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async function ready(page) {
  await page.locator("#models article").nth(1).waitFor();
}

// Whether a page has its style sheet and, where it has scripts, what these write: the title and what the models say of themselves.
export async function looks(page) {
  const isScripted = await page.locator("script").count() > 0;
  if (isScripted) await ready(page);
  return page.evaluate(() => ({
    styled: [...document.styleSheets].some((sheet) => sheet.cssRules.length > 20) && getComputedStyle(document.body).maxWidth !== "none",
    scripted: document.querySelector("h1").textContent !== "",
  }));
}

async function answered(page) {
  await page.locator("#answer:not([hidden]) #facts dd, #error:not(:empty)").first().waitFor();
  await page.locator("#status:empty").waitFor({ state: "attached" });
}

async function seen(page) {
  return {
    name: await page.locator("#name").textContent(),
    facts: Object.fromEntries(await page.$$eval("#facts div", (all) => all.map((one) => [...one.children].map((cell) => cell.textContent)))),
    counts: Object.fromEntries(await page.$$eval("#legend li", (all) => all.map((one) => [one.children[0].textContent, one.children[1].textContent]))),
    error: await page.locator("#error").textContent(),
    notes: await page.$$eval("#notes li", (all) => all.map((one) => one.textContent)),
    agreement: await page.locator("#agreement").textContent(),
    report: await page.$$eval("#report article", (all) => Object.fromEntries(all.map((card) => [
      card.querySelector("h3").textContent, Object.fromEntries([...card.querySelectorAll("dl div")].map((one) => [...one.children].map((cell) => cell.textContent))),
    ]))),
    strips: await page.$$eval("#report figcaption", (all) => all.map((one) => one.textContent)),
  };
}

async function downloaded(page, selector) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(selector)]);
  return readFileSync(await download.path(), "utf8");
}

async function violations(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate((values) => globalThis.axe.run({ runOnly: { type: "tag", values } }), RULES);
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(" ")}`);
}

// By how many pixels the page is wider than the screen; a phone would widen its window to that, or make all smaller.
async function overhang(page) {
  return await page.evaluate(() => document.documentElement.scrollWidth) - page.viewportSize().width;
}

// Whether anything but the paper itself has been drawn on it.
const colours = (page, selector = "#trace") => page.$eval(selector, (canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
});

export async function choose(page, { files, fields = {}, key, local, lost }) {
  await ready(page);
  if (lost) await page.route(lost, (route) => route.abort());
  if (local) await page.check("#local");
  if (key) await giveKey(page, key);
  await page.setInputFiles("#files", files);
  const labels = Object.entries(fields);
  for (const [label, value] of labels) {
    const field = page.locator("#ask").getByLabel(label);
    if (await field.evaluate((one) => one.tagName) === "SELECT") await field.selectOption(value);
    else await field.fill(value);
  }
  if (labels.length) await page.locator("#ask button").click();
  await answered(page);
  const saw = await seen(page);
  return saw.error ? saw : { ...saw, colours: await colours(page), csv: await downloaded(page, "#csv"), json: await downloaded(page, "#json") };
}

async function giveKey(page, key) {
  await page.locator("#locked[open]").waitFor();
  await page.fill("#key", key);
  await page.keyboard.press("Tab");
  await page.locator("#models .chip").first().waitFor();
}

export async function drop(page, { files }) {
  await ready(page);
  const transfer = await page.evaluateHandle((given) => {
    const data = new DataTransfer();
    for (const [name, bytes] of given) data.items.add(new File([Uint8Array.from(bytes)], name));
    return data;
  }, files.map((path) => [basename(path), [...readFileSync(path)]]));
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
  await answered(page);
  return seen(page);
}

export async function asks(page, { files }) {
  await ready(page);
  await page.setInputFiles("#files", files);
  await page.locator("#ask:not([hidden])").waitFor();
  return { wanted: await page.$$eval("#ask label:not([hidden]) span", (all) => all.map((one) => one.textContent)) };
}

export async function example(page, { button, local, key, shot }) {
  await ready(page);
  if (key) await giveKey(page, key);
  const hasSwitch = await page.locator("#local").isVisible();
  if (local) await page.check("#local");
  await page.click(button);
  await answered(page);
  if (shot) await picture(page, shot);
  return { ...await seen(page), hasSwitch, colours: await colours(page) };
}

export async function errorAfterAnswer(page, { files, shot }) {
  await ready(page);
  await page.click("#recording-example");
  await answered(page);
  await page.setInputFiles("#files", files);
  await page.locator("#error:not(:empty)").waitFor();
  await page.waitForTimeout(300);
  if (shot) await page.screenshot({ path: shot });
  const box = await page.$eval("#error", (one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return { top, bottom, height: innerHeight, role: one.getAttribute("role"), isFocused: document.activeElement === one, error: one.textContent };
  });
  return { ...box, violations: await violations(page) };
}

// A warning that the server would send with its answer.
export async function warned(page, { files, rate, warning, shot }) {
  await page.route("**/annotate?*", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...await response.json(), warnings: [warning] } });
  });
  await choose(page, { files, fields: { "Sampling rate, Hz": rate } });
  if (shot) await page.screenshot({ path: shot });
  return { ...await seen(page), lang: await page.locator("#notes .warning").getAttribute("lang"), violations: await violations(page) };
}

export async function dialog(page) {
  await ready(page);
  return { accept: await page.$eval("#files", (one) => one.accept) };
}

// How much of the signal is drawn in the overview: of its columns of pixels, those that hold ink; and how many mm/s a pinch leaves.
export async function pinch(page) {
  await ready(page);
  await page.click("#recording-example");
  await answered(page);
  return page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const speed = () => parseFloat(document.getElementById("scale").textContent);
    const overview = document.getElementById("overview");
    const { data, width } = overview.getContext("2d").getImageData(0, 0, overview.width, overview.height);
    const inked = new Set([...data.keys()].filter((i) => i % 4 === 3 && data[i]).map((i) => ((i - 3) / 4) % width));
    const canvas = document.getElementById("trace");
    canvas.setPointerCapture = () => {};
    await frame();
    const before = speed();
    const point = (type, pointerId, offsetX) => {
      const event = new PointerEvent(type, { bubbles: true, pointerId, pointerType: "touch" });
      Object.defineProperty(event, "offsetX", { value: offsetX });
      canvas.dispatchEvent(event);
    };
    point("pointerdown", 1, 200);
    point("pointerdown", 2, 300);
    point("pointermove", 2, 400);
    await frame();
    const after = speed();
    point("pointerup", 2, 400);
    point("pointerup", 1, 200);
    return { before, after, inked: inked.size / width, said: document.getElementById("announcement").textContent };
  });
}

export async function beat(page) {
  await ready(page);
  await page.click("#recording-example");
  await answered(page);
  await page.focus("#trace");
  for (const key of ["ArrowRight", "ArrowRight", "ArrowLeft", "ArrowRight"]) await page.keyboard.press(key);
  const said = await page.locator("#announcement").textContent();
  const box = await page.locator("#trace").boundingBox();
  const [x] = await page.$$eval("#tip", ([tip]) => [parseFloat(tip.style.left) - 14]);
  await page.mouse.move(5, 5);
  await page.keyboard.press("End");
  await page.keyboard.press("Home");
  await page.waitForTimeout(100);
  await page.mouse.move(box.x + x, box.y + box.height / 2);
  await page.locator("#tip:not([hidden])").waitFor();
  return { said, tip: await page.locator("#tip").textContent() };
}

// The table turned over to its next page: which lines it says are shown, and the number of the first and of the last.
export async function turned(page, { files, rate }) {
  await choose(page, { files, fields: { "Sampling rate, Hz": rate, "Unit of the numbers": "mV" } });
  await page.click("#after");
  const shown = await page.locator("#shown").textContent();
  const numbers = await page.$$eval("#table tbody th", (all) => all.map((one) => +one.textContent));
  const buttons = await page.$$eval("#before, #after", (all) => all.map((one) => one.checkVisibility()));
  await page.click("#before");
  return { shown, ends: [numbers[0], numbers.at(-1)], buttons, first: await page.locator("#table tbody th").first().textContent() };
}

// Through half an hour: by keys, by the wheel, dragged, zoomed out, a step a frame; how long each frame took to draw, in ms.
export async function halfHour(page, { files, rate }) {
  const asked = page.waitForRequest("**/annotate?*");
  await choose(page, { files, fields: { "Sampling rate, Hz": rate, "Unit of the numbers": "mV" } });
  const sent = asInt16(await asked, readFileSync(files[0], "utf8").trim().split("\n").map(Number));
  await page.focus("#trace");
  return { sent, ...await scrolled(page) };
}

// In which format a signal was sent, and by how many of its steps the numbers sent are off at most.
function asInt16(request, values) {
  const { "sample-format": format, "sample-gain": gain } = request.headers();
  const body = request.postDataBuffer();
  const off = values.map((value, i) => Math.abs(body.readInt16LE(2 * i) - value * gain));
  return { format, gain: +gain, bytes: body.length, off: off.reduce((most, one) => Math.max(most, one), 0) };
}

function scrolled(page) {
  return page.evaluate(async () => {
    const canvas = document.getElementById("trace");
    const took = [];
    let [strokes, most] = [0, 0];
    for (const name of ["fillRect", "lineTo"]) {
      const drawn = CanvasRenderingContext2D.prototype[name];
      CanvasRenderingContext2D.prototype[name] = function (...place) { strokes += 1; return drawn.apply(this, place); };
    }
    const request = requestAnimationFrame;
    const frame = () => new Promise((done) => request(done));
    globalThis.requestAnimationFrame = (draw) => request((time) => {
      const start = performance.now();
      draw(time);
      took.push(performance.now() - start);
    });
    const wheel = (more) => canvas.dispatchEvent(new WheelEvent("wheel", { bubbles: true, cancelable: true, offsetX: 300, ...more }));
    const began = performance.now();
    let frames = 0;
    const step = async (does) => { strokes = 0; does(); await frame(); frames += 1; most = Math.max(most, strokes); };
    for (let i = 0; i < 60; i++) await step(() => wheel({ deltaX: 400 }));
    for (let i = 0; i < 60; i++) await step(() => wheel({ deltaY: 24, ctrlKey: true }));
    for (let i = 0; i < 60; i++) await step(() => wheel({ deltaX: 15 }));
    for (let i = 0; i < 60; i++) await step(() => wheel({ deltaY: -24, ctrlKey: true }));
    const perSecond = (1000 * frames) / (performance.now() - began);
    await frame();
    await new Promise((done) => setTimeout(done, 100));
    took.sort((a, b) => a - b);
    return { frames, strokes: most, width: canvas.width, drawn: took.length, perSecond, median: took[took.length >> 1], p95: took[Math.floor(0.95 * took.length)], scale: document.getElementById("scale").textContent };
  });
}

export async function accessible(page, { language, shot }) {
  await ready(page);
  await page.click(`nav [lang=${language}]`);
  await page.locator(`html[lang=${language}]`).waitFor();
  const before = await violations(page);
  await page.click("#recording-example");
  await answered(page);
  await page.focus("#trace");
  await page.keyboard.press("ArrowRight");
  await page.evaluate(() => { document.getElementById("locked").open = true; });
  const after = await violations(page);
  const wide = await overhang(page);
  await page.evaluate(() => { document.getElementById("locked").open = false; });
  if (shot) await picture(page, shot);
  return { violations: [...before, ...after], wide, said: await page.locator("#announcement").textContent(), text: await page.locator("main").innerText() };
}

// What is on paper: which parts are printed, and how many mm a strip is wide.
export async function printed(page) {
  await ready(page);
  await page.click("#recording-example");
  await answered(page);
  await page.emulateMedia({ media: "print" });
  const shown = await page.$$eval("#give, #controls, #viewer, #table, #facts, #report article, #report canvas", (all) =>
    [...new Set(all.filter((one) => one.checkVisibility()).map((one) => one.id || one.localName))]);
  const wide = await page.$eval("#report canvas", (canvas) => canvas.getBoundingClientRect().width / 96 * 25.4);
  return { ...await seen(page), shown, wide, colours: await colours(page, "#report canvas") };
}

export async function docs(page, { shot }) {
  const found = await violations(page);
  if (shot) await page.screenshot({ path: shot });
  return { violations: found, wide: await overhang(page) };
}

export async function languages(page) {
  await ready(page);
  const first = await page.locator("h1").textContent();
  await page.click("nav [lang=fr]");
  await page.locator("html[lang=fr]").waitFor();
  return { first, lang: await page.locator("html").getAttribute("lang"), then: await page.locator("h1").textContent(), address: page.url() };
}

export async function about(page) {
  await ready(page);
  return { cards: await page.$$eval("#models article", (all) => all.map((one) => one.innerText)) };
}

// Lowest and highest values of many stretches, as they are drawn and as they are; what is drawn may reach `slack` further.
export async function extremes(page) {
  return page.evaluate(async () => {
    const { minMaxBlocks } = await import(new URL("page/trace_canvas.js", document.baseURI));
    const values = Float32Array.from({ length: 40_000 }, (_, i) => Math.sin(i * i) * (1 + (i % 977 === 0)));
    values.fill(NaN, 10_000, 12_000);
    const between = minMaxBlocks(values);
    const true_ = (from, to) => {
      const known = [...values.subarray(Math.max(0, from), to)].filter((value) => !Number.isNaN(value));
      return [Math.min(...known), Math.max(...known)];
    };
    const wrong = [];
    for (let from = 0; from < 39_000; from += 631) {
      for (const length of [1, 3, 40, 150, 900, 1_000]) {
        const slack = length / 2;
        const [got, inner, outer] = [between(from, from + length), true_(from, from + length), true_(from - slack, from + length + slack)];
        if (got[0] > inner[0] || got[1] < inner[1] || got[0] < outer[0] || got[1] > outer[1]) wrong.push([from, length]);
      }
    }
    return { wrong };
  });
}

// From the top of the answer, or of the page.
async function picture(page, path) {
  await page.evaluate(() => { document.activeElement.blur(); });
  await page.screenshot({ path });
}

// Each of the files in turn: what the page sent, float32 in base64, and shows, or its error.
export async function readAll(page, { given }) {
  await ready(page);
  const saw = {};
  for (const { id, files, lead, unit, rate } of given) {
    const sent = [];
    const listen = (request) => {
      if (request.url().includes("/annotate")) sent.push({ rate: +request.headers()["sampling-rate"], signal: request.postDataBuffer().toString("base64") });
    };
    page.on("request", listen);
    await page.evaluate(() => { for (const id of ["error", "name"]) document.getElementById(id).textContent = ""; });
    await page.setInputFiles("#files", files);
    await page.waitForFunction(() => document.querySelector("#ask:not([hidden])") || ["error", "name"].some((id) => document.getElementById(id).textContent));
    const wanted = await page.$$eval("#ask:not([hidden]) label:not([hidden]) > span", (all) => all.map((one) => one.textContent));
    const offered = await page.$$eval("#ask [name=lead] option", (all) => all.slice(1).map((one) => one.textContent));
    const chosen = wanted.length ? await answerTheForm(page, { wanted, offered, lead, unit, rate }) : "";
    page.off("request", listen);
    if (chosen === null) { saw[id] = { wanted, offered }; continue; }
    saw[id] = {
      wanted, offered, ...sent[0],
      error: await page.locator("#error").textContent(),
      beats: await page.$$eval("#legend b", (all) => all.reduce((sum, one) => sum + +one.textContent, 0)),
      lead: (await seen(page)).facts.Lead,
      notes: await page.$$eval("#notes li", (all) => all.map((one) => one.textContent)),
    };
  }
  return { saw };
}

// Null if it asks for what was not given.
async function answerTheForm(page, { wanted, offered, lead, unit, rate }) {
  const plain = (name) => (name ?? "").toLowerCase().replace(/^(lead|ecg)[ _]/, "").replace(/ \(\d+\)$/, "");
  const values = { "Lead": offered.findIndex((name) => name === lead || plain(name) === plain(lead)), "Unit of the numbers": unit, "Sampling rate, Hz": rate };
  if (values.Lead < 0 && lead) values.Lead = +lead - 1;
  if (wanted.includes("Lead") && values.Lead >= 0) await page.selectOption("#ask [name=lead]", { index: values.Lead + 1 });
  for (const [label, name] of [["Unit of the numbers", "unit"], ["Sampling rate, Hz", "rate"]]) {
    const field = page.locator(`#ask [name=${name}]`);
    if (await field.isDisabled()) continue;
    if (!values[label]) return null;
    await (name === "unit" ? field.selectOption(values[label]) : field.fill(`${values[label]}`));
  }
  if (wanted.includes("Lead") && !(values.Lead >= 0 && lead)) return null;
  await page.click("#ask button");
  await page.waitForFunction(() => ["error", "name"].some((id) => document.getElementById(id).textContent));
  return true;
}

// The answer of a model of schema 2, which tells `more` than the server's own; its second stretch is gone to by keyboard.
export async function stretches(page, { language, more, rhythms, shot }) {
  const routes = { "**/v2/models/beats": ({ ecg }) => ({ ecg: { ...ecg, rhythms } }), "**/annotate?*": ({ summary }) => ({ ...more, summary: { ...summary, ...more.summary } }) };
  for (const [path, added] of Object.entries(routes)) {
    await page.route(path, async (route) => {
      const response = await route.fetch();
      const told = await response.json();
      await route.fulfill({ response, json: { ...told, ...added(told) } });
    });
  }
  await page.reload();
  await ready(page);
  await page.click(`nav [lang=${language}]`);
  await page.evaluate(() => {
    globalThis.written = [];
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
      if (this.canvas.id === "trace") globalThis.written.push(text);
      return fillText.call(this, text, ...place);
    };
  });
  await page.click("#recording-example");
  await answered(page);
  const table = await page.$$eval("#episodes tbody tr", (all) => all.map((one) => [...one.children].map((cell) => cell.textContent)));
  const isShown = await page.locator("#stretches").isVisible();
  let [said, focused, start] = ["", "", 0];
  if (isShown) {
    await page.focus("#episodes tr:nth-child(2) button");
    await page.keyboard.press("Enter");
    said = await page.locator("#announcement").textContent();
    focused = await page.evaluate(() => document.activeElement.id);
    start = await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(+document.getElementById("place").value)))));
  }
  if (shot) await picture(page, shot);
  await page.focus("#trace");
  await page.keyboard.press("0");
  await page.waitForTimeout(100);
  return { ...await seen(page), table, isShown, said, focused, start, ...await shaded(page), violations: await violations(page) };
}

// Of the whole recording on the paper: which seconds are shaded, and all words written on it, each once.
const shaded = (page) => page.$eval("#trace", (canvas) => {
  const [seconds, { width, height }] = [60, canvas];
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const isInked = (x, y) => data[4 * (y * width + x) + 3] > 0;
  const isShaded = (second) => {
    const places = Array.from({ length: 0.6 * width / seconds }, (_, i) => Math.round((second + 0.2) * width / seconds) + i);
    const rows = [...Array(Math.round(height / 2)).keys()];
    return places.every((x) => rows.filter((y) => isInked(x, y)).length > 0.9 * rows.length);
  };
  return { shaded: [...Array(seconds).keys()].filter(isShaded), written: [...new Set(globalThis.written)] };
});

// What is read of a strap's frames, in mV, null where something was lost.
export async function frames(page, { frames }) {
  return page.evaluate(async (given) => {
    const { frameReader } = await import(new URL("page/polar_h10.js", document.baseURI));
    const read = frameReader();
    // Each lies within a longer buffer, as those of Bluetooth may.
    const view = (bytes) => new DataView(Uint8Array.of(9, 9, ...bytes, 9, 9).buffer, 2, bytes.length);
    return { read: given.map((bytes) => read(view(bytes)).map((value) => (Number.isNaN(value) ? null : value))) };
  }, frames);
}

// The example as it was taken, until a beat is named; who hears it, and what is drawn, a frame each.
export async function live(page) {
  await ready(page);
  await page.click("#recording-example");
  await answered(page);
  await page.focus("#play");
  await page.keyboard.press("Enter");
  await page.locator("#announcement:not(:empty)").waitFor({ state: "attached" });
  await page.evaluate(() => {
    globalThis.written = [];
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...place) { globalThis.written.push(text); return fillText.call(this, text, ...place); };
  });
  await page.waitForFunction(() => globalThis.written.includes("N"));
  const during = { ...await seen(page), focused: await page.evaluate(() => document.activeElement.id), said: await page.locator("#announcement").textContent(), violations: await violations(page) };
  await page.keyboard.press("Enter");
  await page.locator("#answer:not(.live)").waitFor();
  return { during, after: await seen(page) };
}

// A strap that is not there: it answers as Polar's specification says, sends `frames`, and goes.
export async function strap(page, { frames, status }) {
  await page.addInitScript(([frames, status]) => {
    const view = (bytes) => new DataView(Uint8Array.from(bytes).buffer);
    const calls = globalThis.calls = [];
    const characteristic = (uuid) => ({ startNotifications: async () => calls.push(`notify ${uuid.slice(0, 8)}`) });
    const [control, data] = ["fb005c81", "fb005c82"].map(characteristic);
    control.writeValueWithResponse = async (bytes) => {
      calls.push([...bytes]);
      control.oncharacteristicvaluechanged({ target: { value: view([0xf0, 2, 0, status, 0]) } });
      if (!status) send();
    };
    async function send() {
      for (const bytes of frames) {
        await new Promise((done) => setTimeout(done, 100));
        data.oncharacteristicvaluechanged({ target: { value: view(bytes) } });
      }
      device.ongattserverdisconnected();
    }
    const service = { getCharacteristic: async (uuid) => (uuid.startsWith("fb005c81") ? control : data) };
    const server = { getPrimaryService: async (uuid) => { calls.push(uuid); return service; } };
    const device = { gatt: { connect: async () => server, disconnect: () => calls.push("disconnect") } };
    Object.defineProperty(navigator, "bluetooth", { value: { requestDevice: async (wanted) => { calls.push(wanted); return device; } } });
  }, [frames, status]);
  await page.reload();
  await ready(page);
  await page.click("#strap");
  await page.locator("#answer:not(.live) #facts dd:nth-of-type(1), #error:not(:empty)").first().waitFor();
  await page.locator("#status:empty").waitFor({ state: "attached" });
  return { ...await seen(page), calls: await page.evaluate(() => globalThis.calls) };
}
