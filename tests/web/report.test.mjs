// The file that `synth report` writes, with real runs, in a real browser.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { barriers, goTo, launch, makeRun, open, synth, temporaryFolder, views, visit } from "./harness.mjs";

const folder = temporaryFolder();
const run = join(folder, "run.db");
const file = join(folder, "report.html");
const url = pathToFileURL(file).href;
let browser;

before(async () => {
  makeRun(run);
  const { status, stderr } = synth("report", run, "--out", file);
  assert.equal(status, 0, stderr);
  browser = await launch();
});
after(() => browser?.close());

const documentOf = (path) => JSON.parse(/id="document">(.*?)<\/script>/s.exec(readFileSync(path, "utf8"))[1]);

test("every view opens, and asks nothing of anyone", async () => {
  const { page, faults } = await open(browser, url);
  for (const view of views) {
    await goTo(page, url, view);
    const heading = await page.textContent("main h1");
    assert.equal(heading.toLowerCase(), view);
    assert.ok((await page.textContent("main")).length > 100, view);
    assert.equal(await page.getAttribute("nav [aria-current]", "href"), `#/${view}`);
  }
  assert.deepEqual(faults, []);
  await page.close();
});

test("what is selected in one view is selected in all, and has an address", async () => {
  const { page, faults } = await open(browser, url);
  await goTo(page, url, "trade-off");
  await page.focus(".plot");
  await page.keyboard.press("Home");
  const told = await page.textContent(".plot [role=option]");
  const id = Number(/Network (\d+)/.exec(told)[1]);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".chip.selected");
  assert.match(page.url(), new RegExp(`#/trade-off/${id}$`));
  assert.match(await page.textContent(".chip.selected"), new RegExp(`Network ${id}:`));
  await visit(page, "Lineage");
  assert.match(page.url(), new RegExp(`#/lineage/${id}$`));
  assert.match(await page.textContent("main"), new RegExp(`Ancestry of network ${id}`));
  await visit(page, "Network");
  assert.match(page.url(), new RegExp(`#/network/${id}$`));
  await visit(page, "Generators");
  assert.match(page.url(), /#\/generators(\/\d+)?\?n=/); // without a proposal where a network was tried beside one
  await page.click("text=Deselect");
  await page.waitForSelector(".chip.selected", { state: "detached" });
  await page.goBack();
  await page.waitForSelector(".chip.selected");
  assert.deepEqual(faults, []);
  await page.close();
});

test("landmarks stand beside the run's networks, and are no networks of it", async () => {
  const { runs: [{ landmarks }] } = documentOf(file);
  assert.ok(landmarks.length > 8);
  const { page, faults } = await open(browser, url);
  await goTo(page, url, "trade-off?x=multiply_adds&y=accuracy");
  await page.focus(".plot");
  const marks = async () => {
    await page.keyboard.press("Home");
    const told = new Set();
    for (let before = ""; ; ) {
      const text = await page.textContent(".plot [role=option]");
      if (text === before) return [...told];
      told.add((before = text));
      await page.keyboard.press("ArrowRight");
    }
  };
  const told = (await marks()).filter((text) => text.includes("of the library"));
  assert.ok(told.length > 0 && told.every((text) => /parameters, .* multiply-adds; (not trained on this data|[\d.]+ % on ImageNet50)/.test(text)), told.join());
  for (let i = 0; !(await page.textContent(".plot [role=option]")).includes("of the library"); ++i) {
    assert.ok(i < 100);
    await page.keyboard.press("ArrowLeft");
  }
  await page.keyboard.press("Enter"); // nothing to select
  assert.equal(await page.locator(".chip.selected").count(), 0);
  await page.uncheck("text=landmarks");
  await page.waitForURL(/landmarks=0/);
  await page.focus(".plot");
  assert.ok(!(await marks()).some((text) => text.includes("of the library")));
  await page.click("summary:has-text('Landmarks')");
  assert.equal(await page.locator("details:has-text('Landmarks') tbody tr").count(), landmarks.length);
  assert.deepEqual(faults, []);
  await page.close();
});

test("what the model believes stands beside what was tried", async () => {
  const { runs: [{ belief, decisions }] } = documentOf(file);
  const { page, faults } = await open(browser, url);
  await goTo(page, url, "space?of=accuracy");
  assert.match(await page.textContent("main"), new RegExp(`everything else as in network ${belief.around},`));
  const name = await page.textContent(".decision .name");
  const [mean, low, high] = belief.decisions[decisions.findIndex((decision) => decision.name === name)][0];
  const percent = (value) => `${(100 * value).toFixed(1)} %`;
  assert.ok((await page.textContent(".decision tbody tr")).includes(`${percent(mean)} (${percent(low)} to ${percent(high)})`));
  assert.ok((await page.locator(".decision .interval").count()) > 0);
  assert.deepEqual(faults, []);
  await page.close();
});

test("example images stand in the page itself, a strip per class", async () => {
  const { runs: [{ sheet }] } = documentOf(file);
  assert.equal(sheet.examples.length, 10);
  const { page, faults } = await open(browser, url);
  await goTo(page, url, "data");
  await page.waitForFunction(() => [...document.images].length === 10 && [...document.images].every((image) => image.complete));
  const sizes = await page.evaluate(() => [...document.images].map((image) => [image.naturalWidth, image.naturalHeight]));
  for (const [width, height] of sizes) assert.deepEqual([width % height, height], [0, 32]);
  assert.match(await page.textContent("main"), /Nothing is known of the test images before a family is trained/);
  assert.deepEqual(faults, []);
  await page.close();
});

test("members' confusions are shown as they were recorded, with images", async () => {
  const path = join(folder, "family.html");
  const document = documentOf(file);
  const [data] = document.runs;
  const per_class = data.sheet.splits.test;
  const confusion = { per_class, float: [[0, 1, 1]], int8: [[0, 1, 2], [3, 2, 1]], pairs: [[0, 1, 1, 2], [3, 2, 0, 1]] };
  data.family = [{ name: "A", id: 2, generator: 1, result: { test_accuracy: 0.9 }, confusion }, { name: "B", id: 3, generator: 1, result: {} }];
  data.sheet.confused = { A: [data.sheet.examples[0], data.sheet.examples[3]] };
  const text = JSON.stringify(document).replaceAll("<", "\\u003c");
  writeFileSync(path, readFileSync(file, "utf8").replace(/(id="document">).*?(<\/script>)/s, (_, begin, end) => begin + text + end));
  const address = pathToFileURL(path).href;
  const { page, faults } = await open(browser, address);
  await goTo(page, address, "data");
  const row = (label) => page.locator(".matrix tbody tr").nth(label).locator("td").allTextContents();
  assert.deepEqual((await row(0)).slice(0, 2), [String(per_class[0] - 2), "2"]);
  assert.equal((await row(3))[2], "1");
  assert.equal(await page.locator("table:has-text('Worst confused pairs') img").count(), 2);
  assert.deepEqual(await barriers(page), []);
  await page.selectOption("text=Precision", "float");
  await page.waitForURL(/precision=float/);
  assert.deepEqual((await row(0)).slice(0, 2), [String(per_class[0] - 1), "1"]);
  assert.deepEqual(faults, []);
  await page.close();
});

test("data that are gone, or left out, are told of", async () => {
  const other = join(folder, "without.html");
  assert.equal(synth("report", run, "--no-images", "--out", other).status, 0);
  assert.equal(documentOf(other).runs[0].sheet, undefined);
  const address = pathToFileURL(other).href;
  const { page, faults } = await open(browser, address);
  await goTo(page, address, "data");
  assert.match(await page.textContent("main"), /Images were left out of this page/);
  assert.equal(await page.locator("main img").count(), 0);
  assert.deepEqual(faults, []);
  await page.close();
});

test("results of a benchmark stand beside a run as curves with bands", async () => {
  const cells = Array.from({ length: 27 }, (_, i) => [Math.floor(i / 9), Math.floor(i / 3) % 3, i % 3]);
  writeFileSync(join(folder, "small.csv"), "a,b,c,top1,params,macs\n" + cells.map(([a, b, c]) => `${a},${b},${c},${80 + 4 * a + 2 * b + c},${1000 * (1 + a + b + 3 * c)},${90000 * (1 + a + b + c)}\n`).join(""));
  writeFileSync(join(folder, "small.json"), JSON.stringify({
    schema: "synth/table/1", name: "small", csv: "small.csv", decisions: ["a", "b", "c"].map((name) => ({ name, values: [0, 1, 2] })),
    accuracy: { column: "top1", unit: "percent" }, parameters: "params", multiply_adds: "macs",
  }));
  const bench = synth("bench", "--table", join(folder, "small.json"), "--require", "accuracy>=87%", "--seeds", "4", "--algorithms", "random,local-search", "--full-curves", "--max-evaluations", "20", "--json");
  assert.equal(bench.status, 0, bench.stderr);
  const results = join(folder, "bench.json");
  writeFileSync(results, bench.stdout);
  const path = join(folder, "bench.html");
  const { status, stderr } = synth("report", run, results, "--no-images", "--out", path);
  assert.equal(status, 0, stderr);
  const [{ algorithms }] = documentOf(path).benches;
  assert.ok(algorithms.every(({ curve }) => curve.some(([, lower, median, upper]) => lower <= median && median <= upper)));
  const address = pathToFileURL(path).href;
  const { page, faults } = await open(browser, address);
  await goTo(page, address, "money");
  assert.match(await page.textContent("main"), /Benchmark small/);
  assert.equal(await page.locator("table:has-text('Evaluations to the target') tbody tr").count(), 2);
  await page.focus(".plot >> nth=1");
  await page.keyboard.press("End");
  assert.match(await page.locator(".plot [role=option]").nth(1).textContent(), /median U .* after \d+ evaluations/);
  assert.deepEqual(await barriers(page), []);
  assert.deepEqual(faults, []);
  await page.close();
  assert.equal(synth("report", results, "--out", path).status, 2);
  assert.match(synth("report", run, join(folder, "small.json"), "--out", path).stderr, /is no result of a benchmark/);
});

test("a proposal says why, and what was measured", async () => {
  const { runs: [{ generators }] } = documentOf(file);
  const told = generators.find((generator) => generator.evidence?.length > 0);
  assert.ok(told, "the run has no proposal with evidence");
  const { page, faults } = await open(browser, url);
  await goTo(page, url, `generators/${told.proposal}`);
  const card = await page.textContent(".card");
  assert.ok(card.includes(told.reason), card);
  assert.equal(await page.locator(".effects > li").count(), told.evidence.length);
  assert.ok((await page.locator(".effects .bar").count()) >= told.evidence.length);
  assert.deepEqual(faults, []);
  await page.close();
});

test("two networks stand side by side, with what differs marked", async () => {
  const { page, faults } = await open(browser, url);
  await goTo(page, url, "network/3?with=1");
  await page.waitForSelector(".network >> nth=1");
  assert.ok((await page.locator(".box.changed").count()) > 0);
  assert.match(await page.textContent("main"), /What differs from network 1/);
  await page.selectOption("text=Picture shows", "bypass");
  await page.waitForSelector(".box .heat");
  assert.match(page.url(), /heat=bypass/);
  assert.deepEqual(faults, []);
  await page.close();
});

test("a brush filters every view", async () => {
  const { page, faults } = await open(browser, url);
  await goTo(page, url, "trade-off?landmarks=0");
  const box = await page.locator(".plot").boundingBox();
  await page.mouse.move(box.x + 70, box.y + 4);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.75, box.y + box.height - 30, { steps: 4 });
  await page.mouse.up();
  const filter = /Filter: (\d+) of (\d+)/.exec(await page.textContent(".chip"));
  assert.ok(Number(filter[1]) > 0 && Number(filter[1]) < Number(filter[2]), filter[0]);
  await visit(page, "Space");
  assert.match(await page.textContent("main"), new RegExp(`over ${filter[1]} trained networks`));
  await page.click("text=Clear filter");
  assert.match(await page.textContent("main"), new RegExp(`over ${filter[2]} trained networks`));
  assert.deepEqual(faults, []);
  await page.close();
});

test("the keyboard alone reaches every view and every control", async () => {
  const { page, faults } = await open(browser, url);
  await goTo(page, url, "now");
  const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "Skip to the view");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  for (const view of views) {
    await page.evaluate(() => document.activeElement.blur());
    await page.focus("header a");
    for (let i = 0; i < 20 && (await focused()).toLowerCase() !== view; ++i) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForFunction((name) => document.querySelector("main h1").textContent.toLowerCase() === name, view);
    // From the navigation on, Tab visits everything of the view that can be used, in order.
    const all = await page.evaluate(() => [...document.querySelectorAll('main :is(a[href],button,select,input,summary,[tabindex="0"])')].filter((e) => e.checkVisibility()).length);
    let visited = 0;
    for (let i = 0; i < all + 30; ++i) {
      await page.keyboard.press("Tab");
      if (await page.evaluate(() => document.activeElement.closest("main") !== null)) ++visited;
      else if (visited > 0) break;
    }
    assert.equal(visited, all, view);
  }
  assert.deepEqual(faults, []);
  await page.close();
});

test("what has the focus keeps it when a choice redraws the view", async () => {
  const { page } = await open(browser, url);
  await goTo(page, url, "trade-off");
  await page.focus("select >> nth=0");
  await page.selectOption("select >> nth=0", "parameters");
  await page.waitForURL(/x=parameters/);
  await page.waitForFunction(() => document.activeElement.tagName === "SELECT");
  await page.focus(".plot");
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".chip.selected");
  assert.equal(await page.evaluate(() => document.activeElement.className.split(" ")[0]), "plot");
  await page.close();
});

for (const [width, colorScheme] of [[1280, "light"], [1280, "dark"], [360, "light"], [3840, "dark"]]) {
  test(`nobody is shut out, and nothing overflows, at ${width} pixels, ${colorScheme}`, async () => {
    const { page, faults } = await open(browser, url, { viewport: { width, height: 900 }, colorScheme });
    for (const view of [...views, "generators/1?n=2", "trade-off/2", "network/3?with=1&heat=macs", "space?order=space"]) {
      await goTo(page, url, view);
      if (view.startsWith("network")) await page.waitForSelector(".network");
      assert.deepEqual(await barriers(page), [], view);
      const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      assert.ok(content <= screen, `${view}: ${content} pixels of content on ${screen}`);
    }
    assert.deepEqual(faults, []);
    await page.close();
  });
}

test("two runs are compared", async () => {
  const other = join(folder, "other.db");
  const third = join(folder, "third <b>run.db");
  makeRun(other, { seed: 8, evaluations: 4 });
  copyFileSync(other, third);
  const both = join(folder, "both.html");
  const { status, stderr } = synth("report", run, other, third, "--out", both);
  assert.equal(status, 0, stderr);
  const address = pathToFileURL(both).href;
  const { page, faults } = await open(browser, address);
  await goTo(page, address, "money");
  assert.match(await page.textContent(".legend"), /median of 3 runs/);
  assert.equal(await page.locator("section:has(h2:text-is('Runs')) tbody tr").count(), 3);
  await page.selectOption("header select", "1");
  await page.waitForURL(/run=1/);
  await visit(page, "Now");
  assert.match(await page.textContent(".tiles"), /Networks evaluated4/);
  assert.deepEqual(faults, []);
  await page.close();
});

// Every text of the document hostile, every number extreme: the page shows text and lives.
function poisoned(value, key, number) {
  if (Array.isArray(value)) return value.map((entry) => poisoned(entry, key, number));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, poisoned(entry, name, number)]));
  if (typeof value === "string") return key === "design" || key === "schema" ? value : `${value}<img src=x onerror="window.hacked=1">'"\u202e\u0000</script>`;
  const structure = ["id", "parent", "proposal", "index", "outcome", "feasible", "slot", "best", "decision", "generator", "networks", "in_flight"];
  return typeof value === "number" && !structure.includes(key) ? number : value;
}

for (const number of [null, 0, -1, 1e308, 5e-324]) {
  test(`a hostile run is shown as text; its figures are ${number}`, async () => {
    const html = readFileSync(file, "utf8");
    const document = poisoned(documentOf(file), "", number);
    const text = JSON.stringify(document).replaceAll("<", "\\u003c");
    const path = join(folder, "hostile.html");
    writeFileSync(path, html.replace(/(id="document">).*?(<\/script>)/s, (_, begin, end) => begin + text + end));
    const address = pathToFileURL(path).href;
    const { page, faults } = await open(browser, address);
    for (const view of views) {
      await goTo(page, address, `${view}/2?n=2&with=1`);
      assert.ok((await page.textContent("main")).length > 20, view);
      assert.equal(await page.evaluate(() => window.hacked), undefined);
      assert.equal(await page.locator("img").count(), 0);
    }
    assert.match(await page.textContent("header"), /<img src=x/);
    assert.deepEqual(faults, []);
    await page.close();
  });
}

test("addresses that mean nothing lead somewhere", async () => {
  const { page, faults } = await open(browser, url);
  for (const route of ["", "nowhere", "network/999999999", "network/-1", "generators/77777", "lineage/0?run=9", "trade-off?x=__proto__&y=constructor", "network/2?with=abc&heat=toString", "space?of=%00&order=x", "money?per=%3Cimg%3E"]) {
    await goTo(page, url, route);
    assert.ok((await page.textContent("main")).length > 30, route);
  }
  assert.deepEqual(faults, []);
  await page.close();
});
