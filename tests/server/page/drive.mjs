// node drive.mjs CHROMIUM SCENARIO GIVEN: run a scenario of scenarios.mjs in Chromium with GIVEN, JSON, and print what it saw as JSON.
// Beside that: `faults`, what the page complained of, and `asked`, the hosts that it asked for anything.
import { chromium } from "playwright-core";
import * as scenarios from "./scenarios.mjs";

const [executablePath, name, text] = process.argv.slice(2);
const given = JSON.parse(text);
const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic", "--no-first-run"];
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", ...quiet] });
const [faults, asked] = [[], new Set()];
try {
  const look = { locale: "en-GB", viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", acceptDownloads: true, ...given.look };
  const page = await (await browser.newContext(look)).newPage();
  page.setDefaultTimeout(30_000);
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) faults.push(message.text()); });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => { if (!request.url().startsWith("blob:")) asked.add(new URL(request.url()).host); });
  await page.goto(given.address);
  const saw = await scenarios[name](page, given);
  console.log(JSON.stringify({ ...saw, faults, asked: [...asked] }));
} finally {
  await browser.close();
}
