// What the page's tests share: the program, a real run made by it, and a Chromium that reports whatever goes wrong.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const source = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const program = process.env.SYNTH_PROGRAM ?? join(source, "build/release/bin/synth");
export const packages = process.env.SYNTH_WEB_PACKAGES ?? join(source, "build/release/tests/web");
const required = createRequire(join(packages, "package.json"));
export const views = ["now", "generators", "trade-off", "lineage", "network", "space", "money", "data"];

export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), "synth-web."));
  process.on("exit", () => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function synth(...words) {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: "utf8", maxBuffer: 1 << 28 });
  return { status, stdout, stderr };
}

// Seconds: few small images and a narrow prototype. Whatever was trained meets the requirement.
export function makeRun(db, { seed = 7, evaluations = 8 } = {}) {
  const { status, stderr } = synth(
    ...["search", "--data", "shapes,limit=300", "--prototype", "residual9,width=0.25"],
    ...["--require", "accuracy>=0%,weight_bits=8,params<=1M", "--epochs", "0.3", "--tune-epochs", "0.1", "--batch-size", "32"],
    ...["--seeds", "2", "--seed", String(seed), "--evaluations", String(evaluations), "--db", db],
  );
  assert.equal(status, 0, stderr);
}

export const start = (words) => spawn(program, words, { stdio: ["ignore", "pipe", "pipe"] });

export async function launch() {
  const path = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
  assert.ok(path, "Chromium is missing: apt-get install chromium");
  // Containers often lack what the sandbox needs; the pages are our own.
  return required("playwright-core").chromium.launch({ executablePath: path, args: ["--no-sandbox"] });
}

// A tab whose `faults` hold console errors, exceptions, and requests to anywhere but `allowed`.
export async function open(browser, allowed, options = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  const faults = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(String(error.stack ?? error)));
  page.on("dialog", (dialog) => (faults.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(allowed) && !url.startsWith("data:") && !url.startsWith("blob:")) faults.push(`request to ${url}`);
  });
  return { page, faults };
}

const axe = readFileSync(required.resolve("axe-core/axe.min.js"), "utf8");

// What axe-core finds that is serious or critical, as lines. It is run through the debugger: the page's policy admits no
// other script.
export async function barriers(page) {
  const session = await page.context().newCDPSession(page);
  const run = async (expression) => {
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails));
    return result.value;
  };
  await run(`${axe};0`);
  const found = await run("axe.run().then(({violations}) => violations.map(({id, impact, nodes}) => ({id, impact, html: nodes.map(n => n.html.slice(0, 200) + n.failureSummary)})))");
  await session.detach();
  return found.filter(({ impact }) => impact === "serious" || impact === "critical").map((violation) => JSON.stringify(violation, null, 1));
}

// By the navigation.
export const visit = async (page, title) => {
  await page.click(`nav a:text-is("${title}")`);
  await page.waitForSelector(`h1:text-is("${title}")`);
};

export const goTo = async (page, url, route) => {
  await page.goto(`${url}#/${route}`);
  const view = /^[a-z-]+/.exec(route)?.[0];
  // A change of the address alone is drawn a moment later.
  if (views.includes(view)) await page.waitForFunction((name) => document.querySelector("main h1")?.textContent.toLowerCase() === name, view);
  else await page.waitForSelector("main h1");
};
