// node drive.mjs CHROMIUM: of each line of standard input, JSON of {scenario, address, …}, run that scenario of scenarios.mjs in a new
// context of one headless Chromium and print what it saw as a line of JSON, or {failed, faults}.
// Beside that: `faults`, what the page complained of, `asked`, the hosts that it asked for anything, and `visits`, whether the page
// is styled and scripted when it is reloaded and when it is opened again in a second tab, and how many files were asked for by ETag;
// those after the first time that a scenario is played at an address: they take a second.
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import * as scenarios from "./scenarios.mjs";

const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic", "--no-first-run"];
const browser = await chromium.launch({ executablePath: process.argv[2], args: ["--no-sandbox", "--disable-gpu", "--in-process-gpu", ...quiet] });

const revisited = new Set();

async function visits(context, page, address) {
  const requests = [];
  context.on("request", (request) => requests.push(request));
  await page.goto(address);
  await page.reload();
  const reloaded = await scenarios.looks(page);
  const tab = await context.newPage();
  await tab.goto(address);
  const opened = await scenarios.looks(tab);
  const headers = await Promise.all(requests.map((request) => request.allHeaders().catch(() => ({}))));
  return { reloaded, opened, revalidated: headers.filter((fields) => "if-none-match" in fields).length };
}

async function play(given) {
  const look = { locale: "en-GB", viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", acceptDownloads: true, ...given.look };
  const context = await browser.newContext(look);
  const [faults, asked] = [[], new Set()];
  context.setDefaultTimeout(30_000);
  context.on("console", (message) => { if (["error", "warning"].includes(message.type())) faults.push(message.text()); });
  context.on("weberror", (error) => faults.push(error.error().message));
  context.on("request", (request) => { if (!request.url().startsWith("blob:")) asked.add(new URL(request.url()).host); });
  try {
    const page = await context.newPage();
    await page.goto(given.address);
    const saw = await scenarios[given.scenario](page, given);
    const visit = `${given.scenario} ${given.address}`;
    const isFirst = !revisited.has(visit);
    revisited.add(visit);
    return { ...saw, faults, asked: [...asked], ...isFirst && { visits: await visits(context, page, given.address) } };
  } catch (error) {
    return { failed: error.stack, faults };
  } finally {
    await context.close();
  }
}

for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await play(JSON.parse(line))));
await browser.close();
