// Open pages in Chromium and say what a reader's browser would: errors, requests, accessibility,
// paint. `node look.mjs CHROMIUM JOB.json`, where a job is a list of looks:
//   {file, hash, width, height, dark, print, axe, at, shot, full, run}
// `at` is what is scrolled to before the picture `shot`; `full` takes the whole page.
// `run` is JavaScript to evaluate in the page; its result is told. Prints one JSON list.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const [, , chromium, job] = process.argv;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await puppeteer.launch({
  executablePath: chromium,
  headless: true,
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});
const found = [];
for (const look of JSON.parse(readFileSync(job, "utf8"))) {
  const page = await browser.newPage();
  const told = { file: look.file, console: [], requests: [], axe: [] };
  const url = pathToFileURL(look.file).href;
  page.on("console", (message) => {
    if (["error", "warn", "assert"].includes(message.type())) told.console.push(message.text());
  });
  page.on("pageerror", (error) => told.console.push(String(error)));
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== url) told.requests.push(request.url().slice(0, 200));
  });
  await page.setViewport({ width: look.width ?? 1366, height: look.height ?? 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: look.dark ? "dark" : "light" }]);
  // The page's policy shall hold for what is looked for here, too; axe comes in past it.
  await page.goto(url + (look.hash ?? ""), { waitUntil: "load", timeout: 120000 });
  told.paint = await page.evaluate(() => new Promise((resolve) => {
    const known = performance.getEntriesByName("first-contentful-paint")[0];
    if (known) resolve(known.startTime);
    else new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime))
      .observe({ type: "paint", buffered: true });
  }));
  // A reader scrolls to the end: what is drawn when it comes into view is drawn.
  await page.evaluate(async () => {
    for (let y = 0; y < document.documentElement.scrollHeight; y += 700) {
      scrollTo(0, y);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    scrollTo(0, 0);
    await new Promise((resolve) => setTimeout(resolve, 150));
  });
  if (look.print) {
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await page.emulateMediaType("print");
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  if (look.at) {
    await page.evaluate((at) => document.querySelector(at).scrollIntoView(), look.at);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  if (look.run) told.run = await page.evaluate(look.run);
  if (look.shot) await page.screenshot({ path: look.shot, fullPage: look.full ?? true, clip: look.clip });
  if (look.axe) {
    // CDP's evaluate isn't held back by the page's policy, as a script element would be.
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    told.axe = violations.map(({ id, impact, help, nodes }) => ({
      id, impact, help, count: nodes.length, first: nodes[0].html.slice(0, 200),
    }));
  }
  found.push(told);
  await page.close();
}
await browser.close();
console.log(JSON.stringify(found));
