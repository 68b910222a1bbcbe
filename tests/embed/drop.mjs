// node drop.mjs CHROMIUM ADDRESS ROWS.csv: drop the file on the page there, print its table as CSV.
// Fails if the page complains, asks another host for anything, or asks for anything at all once it has the rows.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(fileURLToPath(new URL("../../embed/onnxruntime-web/", import.meta.url)));
const { chromium } = require("playwright-core");
const [executablePath, address, rows] = process.argv.slice(2);
const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic", "--no-first-run"];
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--in-process-gpu", ...quiet] });
const faults = [];
try {
  const page = await browser.newPage();
  let dropped = false;
  page.on("console", (message) => { if (message.type() === "error") faults.push(message.text()); });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    if (dropped || !request.url().startsWith(new URL(address).origin + "/")) faults.push(`asked for ${request.url()}`);
  });
  await page.goto(address);
  await page.getByText(/^Drop a (CSV|file) here/).waitFor();
  dropped = true;
  const transfer = await page.evaluateHandle(([text, name]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name));
    return data;
  }, [readFileSync(rows, "utf8"), basename(rows)]);
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
  await page.getByText(/(classified|annotated) here|^Expected/).waitFor();
  const told = await page.locator("output").textContent();
  if (told.startsWith("Expected")) throw new Error(told);
  const table = await page.$$eval("tbody tr", (lines) => lines.map((line) => [...line.cells].slice(1).map((cell) => cell.textContent).join()));
  console.log(table.join("\n"));
} finally {
  await browser.close();
}
if (faults.length) {
  console.error(faults.join("\n"));
  process.exit(1);
}
