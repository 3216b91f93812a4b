// The README's picture: node tests/web/screenshot.mjs RUN docs/dashboard.png, after ./setup.sh test.
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { goTo, launch, open, synth, temporaryFolder } from "./harness.mjs";

const [run, picture] = process.argv.slice(2);
assert.ok(run && picture, "usage: node tests/web/screenshot.mjs RUN FILE.png");
const file = join(temporaryFolder(), "report.html");
const { status, stderr } = synth("report", run, "--out", file);
assert.equal(status, 0, stderr);
const url = pathToFileURL(file).href;
const browser = await launch();
const { page } = await open(browser, url, { viewport: { width: 1180, height: 640 } });
await goTo(page, url, "generators");
await page.screenshot({ path: picture });
await browser.close();
