// node page.mjs CHROMIUM ADDRESS N SECONDS: the same of the page there, for the rows.f32 beside it.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(fileURLToPath(new URL("../../embed/onnxruntime-web/", import.meta.url)));
const { chromium } = require("playwright-core");
const [executablePath, address, n, seconds] = process.argv.slice(2);
const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic", "--no-first-run"];
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", ...quiet] });
const page = await browser.newPage();
await page.goto(address);
console.log(...await page.evaluate(async ([n, seconds]) => {
  const [{ load }, { microseconds }] = await Promise.all([import("./classify.mjs"), import("./microseconds.mjs")]);
  const rows = new Float32Array(await (await fetch("rows.f32")).arrayBuffer());
  const [, answer] = await load("ecg.onnx", "about.json");
  return [await microseconds(answer, rows, n, n, seconds), await microseconds(answer, rows, rows.length, n, seconds)];
}, [+n, +seconds]));
await browser.close();
