// The dashboard: live while a search writes, told of every fault, closed to everyone else.
import assert from "node:assert/strict";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync, openSync, writeSync, closeSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { barriers, goTo, launch, makeRun, open, start, synth, temporaryFolder, views, visit } from "./harness.mjs";

const folder = temporaryFolder();
const finished = join(folder, "finished.db");
let browser;
const servers = [];

before(async () => {
  makeRun(finished);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  for (const server of servers) server.kill("SIGKILL");
});

// Starts a dashboard on a free port; resolves to {url, process}.
async function dashboard(path, ...more) {
  const process = start(["dashboard", path, "--port", "0", "--json", ...more]);
  servers.push(process);
  let text = "", said = "";
  process.stderr.on("data", (data) => (said += data));
  for await (const data of process.stdout) {
    text += data;
    if (text.includes("}")) return { url: JSON.parse(text).url, process };
  }
  throw new Error(`the dashboard ended: ${said}`);
}

function ask(url, { path = "/", headers = {}, method = "GET" } = {}) {
  return new Promise((resolve, reject) => {
    const call = request(url, { path, headers, method }, (answer) => {
      let body = "";
      answer.on("data", (data) => (body += data));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body }));
    });
    call.on("error", reject);
    call.end();
  });
}

// What comes back for these bytes, until the server closes the connection or nothing has come for a second.
function raw(url, bytes) {
  return new Promise((resolve) => {
    const { port } = new URL(url);
    let answer = "";
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(bytes, "latin1"));
    socket.setTimeout(1000, () => socket.destroy());
    socket.on("data", (data) => (answer += data));
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
  });
}

const networks = (page) => page.$$eval(".tile", (tiles) => Number(tiles.find((tile) => tile.textContent.startsWith("Networks")).querySelector("dd").firstChild.textContent));

test("every view opens, without barriers and without a request to another host", async () => {
  const { url } = await dashboard(finished);
  const { page, faults } = await open(browser, url);
  for (const view of views) {
    await goTo(page, url, view);
    if (view === "network") await page.waitForSelector(".network"); // fetched when it is looked at
    if (view === "space") await page.waitForSelector(".interval");
    if (view === "data") await page.waitForSelector(".strip");
    assert.deepEqual(await barriers(page), [], view);
  }
  assert.match(await page.textContent("header"), /live/);
  assert.deepEqual(faults, []);
  await page.close();
});

test("a live run updates the page, and keeps what is selected", async () => {
  const run = join(folder, "live.db");
  makeRun(run, { evaluations: 3 });
  const { url } = await dashboard(run);
  const { page, faults } = await open(browser, url);
  await goTo(page, url, "now");
  assert.equal(await networks(page), 3);
  await goTo(page, url, "lineage/2");
  await page.waitForSelector(".chip.selected");
  const search = start(["resume", run, "--evaluations", "7"]);
  const ended = new Promise((resolve) => search.on("exit", resolve));
  assert.equal(await ended, 0);
  assert.match(await page.textContent(".chip.selected"), /Network 2:/);
  await visit(page, "Now");
  await page.waitForFunction(() => [...document.querySelectorAll(".tile")][1].querySelector("dd").firstChild.textContent === "7");
  assert.deepEqual(faults, []);
  await page.close();
});

test("a folder shows its runs, and new ones as they come", async () => {
  const runs = join(folder, "runs");
  mkdirSync(runs);
  copyFileSync(finished, join(runs, "a.db"));
  writeFileSync(join(runs, "notes.db"), "no database");
  const { url } = await dashboard(runs);
  const { page, faults } = await open(browser, url);
  await goTo(page, url, "now");
  assert.equal(await page.locator("header select").count(), 0);
  copyFileSync(finished, join(runs, "b.db"));
  await page.waitForSelector("header select");
  assert.equal(await page.locator("header select option").count(), 2);
  rmSync(join(runs, "a.db"));
  await page.waitForSelector("header select", { state: "detached" });
  assert.match(await page.textContent("header"), /b\.db/);
  assert.deepEqual(faults, []);
  await page.close();
});

test("a database that goes wrong is told of, and one that comes back is shown", async () => {
  const run = join(folder, "faulty.db");
  const shows = (page, text) => page.waitForFunction((wanted) => document.querySelector("main")?.textContent.includes(wanted), text);
  copyFileSync(finished, run);
  const { url } = await dashboard(run);
  const { page, faults } = await open(browser, url);
  await goTo(page, url, "generators");
  const restore = async () => {
    copyFileSync(finished, `${run}.new`);
    renameSync(`${run}.new`, run);
    await page.waitForSelector(".plot");
  };

  rmSync(run);
  await shows(page, "does not exist");
  await restore();
  truncateSync(run, 10000);
  await shows(page, "damaged");
  await restore();
  writeFileSync(run, "something else entirely, and long enough to be taken for a file of a database, or not");
  await shows(page, "is not a run database");
  await restore();
  const file = openSync(run, "r+"); // PRAGMA user_version: a newer program's
  writeSync(file, Buffer.from([0, 0, 0, 99]), 0, 4, 60);
  closeSync(file);
  await shows(page, "made by a newer program");
  await restore();
  assert.deepEqual(faults, []);
  await page.close();
});

test("weights are taken along by their network's number, never by a path", async () => {
  const { url } = await dashboard(finished);
  const { page, faults } = await open(browser, url);
  await goTo(page, url, "now");
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("a:text-is('weights')")]);
  const best = /(\d+)\.safetensors$/.exec(file.suggestedFilename())[1];
  const exported = join(folder, "exported.safetensors");
  assert.equal(synth("export", `${finished}#${best}`, "--format", "weights", "--out", exported).status, 0);
  assert.deepEqual(readFileSync(await file.path()), readFileSync(exported));
  for (const path of ["/weights/0/99999", "/weights/0/Z", "/weights/7/1", "/weights/0/..", "/weights/0/a", "/weights/0/%2e%2e%2frun.db", "/weights/0/-1"]) {
    assert.equal((await ask(url, { path })).status, 404, path);
  }
  assert.deepEqual(faults, []);
  await page.close();
});

test("a lost server is told of", async () => {
  const { url, process } = await dashboard(finished);
  const { page } = await open(browser, url);
  await goTo(page, url, "now");
  const ended = new Promise((resolve) => process.on("exit", resolve));
  process.kill("SIGINT");
  assert.equal(await ended, 0);
  await page.waitForFunction(() => document.querySelector(".notice").textContent.includes("connection to the dashboard is lost"));
  assert.ok((await page.textContent("main")).includes("Networks evaluated"));
  await page.close();
});

test("only its own page is answered", async () => {
  const { url } = await dashboard(finished);
  const { host, port } = new URL(url);
  const status = async (options) => (await ask(url, options)).status;
  assert.equal(await status({}), 200);
  assert.equal(await status({ headers: { Host: `localhost:${port}` } }), 200);
  assert.equal(await status({ headers: { Host: host, Origin: `http://${host}` } }), 200);
  for (const headers of [{ Host: "evil.example" }, { Host: `evil.example:${port}` }, { Host: "127.0.0.1" }, { Host: host, Origin: "http://evil.example" }, { Host: host, Origin: "null" }, { Host: `localhost:${port}`, Origin: `http://${host}` }]) {
    for (const path of ["/", "/document", "/events", "/network/0/1", "/belief/0", "/sheet/0"]) assert.equal(await status({ path, headers }), 403, JSON.stringify(headers) + path);
  }
  assert.match(await raw(url, "GET /document HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 403 /);
  for (const nonsense of ["\r\n\r\n", "GET\r\n\r\n", `GET / HTTP/1.1\r\n${"x".repeat(100000)}\r\n\r\n`, "\0\xff".repeat(1000)]) await raw(url, nonsense);
  for (const path of ["/../../etc/passwd", "/%2e%2e/etc/passwd", "/document/..", "/network/0/99999", "/network/9/1", "/belief/7", "/belief/../x", "/belief/-1", "/sheet/7", "/sheet/..", "/network/0/1/../../x", "/network/0/-1", "/network/0/99999999999999", "/favicon.ico", "/?x=<script>"]) {
    const answer = await ask(url, { path });
    if (!path.startsWith("/?")) assert.equal(answer.status, 404, path);
    assert.ok(!answer.body.includes("root:x:0"), path);
  }
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) assert.equal(await status({ method }), 405, method);
  const { headers } = await ask(url);
  assert.match(headers["content-security-policy"], /default-src 'none'; script-src 'sha256-/);
  assert.match(headers["content-security-policy"], /frame-ancestors 'none'/);
  assert.ok(!headers["content-security-policy"].includes("unsafe"));
  assert.equal(headers["x-content-type-options"], "nosniff");
});

test("where others can connect, the token lets in and nothing else does", async () => {
  const { url } = await dashboard(finished, "--listen", "0.0.0.0");
  const { port, searchParams } = new URL(url);
  const token = searchParams.get("token");
  assert.match(token, /^[0-9a-f]{32}$/);
  const here = `http://127.0.0.1:${port}/`;
  const status = async (path, headers = {}) => (await ask(here, { path, headers })).status;
  for (const path of ["/", "/document", "/events", "/network/0/1", "/belief/0", "/sheet/0", "/document?token=" + token, "/?token=" + token.slice(1), "/?token="]) {
    assert.equal(await status(path), 401, path);
  }
  assert.equal(await status("/document", { Authorization: `Bearer ${token}` }), 200);
  assert.equal(await status("/document", { Cookie: `synth-${port}=${token}` }), 200);
  assert.equal(await status("/document", { Cookie: `synth-${port}=${token.replace(/.$/, "x")}` }), 401);
  const host = `evil.example:${port}`;
  assert.equal(await status("/document", { Host: host, Authorization: `Bearer ${token}` }), 403);
  assert.equal(await status("/document", { Origin: "http://evil.example", Authorization: `Bearer ${token}` }), 403);
  // A browser opens the printed address once; the token leaves it.
  const { page, faults } = await open(browser, here);
  await page.goto(`${here}?token=${token}#/generators`);
  await page.waitForSelector("h1:text-is('Generators')");
  assert.equal(page.url(), `${here}#/generators`);
  assert.match(await page.textContent("header"), /live/);
  assert.deepEqual(faults, []);
  await page.close();
});

test("a token is asked for by its file, and by no other than its owner's", async () => {
  const file = join(folder, "token");
  writeFileSync(file, "correct-horse-battery\n", { mode: 0o600 });
  const { url } = await dashboard(finished, "--token-file", file);
  assert.equal((await ask(url, { path: "/document" })).status, 401);
  assert.equal((await ask(url, { path: "/document", headers: { Authorization: "Bearer correct-horse-battery" } })).status, 200);
  chmodSync(file, 0o644);
  assert.match(synth("dashboard", finished, "--token-file", file).stderr, /others may read it/);
  assert.equal(synth("dashboard", finished, "--listen", "example.org").status, 2);
  writeFileSync(file, "short\n");
  chmodSync(file, 0o600);
  assert.match(synth("dashboard", finished, "--token-file", file).stderr, /needed are 16 or more/);
});

test("a port in use is named", async () => {
  const { url } = await dashboard(finished);
  const { status, stderr } = synth("dashboard", finished, "--port", new URL(url).port);
  assert.equal(status, 4);
  assert.match(stderr, /port \d+ of 127\.0\.0\.1: Address already in use; choose another --port/);
  assert.equal(synth("dashboard", finished, "--port", "70000").status, 2);
  assert.equal(synth("dashboard", join(folder, "no.db")).status, 4);
  const empty = join(folder, "empty");
  mkdirSync(empty);
  assert.match(synth("dashboard", empty).stderr, /holds no run/);
});

test("clients that are many, silent, slow or gone stop neither the server nor a search", async () => {
  const run = join(folder, "hammered.db");
  makeRun(run, { evaluations: 3 });
  const { url, process } = await dashboard(run);
  const { port, host } = new URL(url);
  const sockets = Array.from({ length: 100 }, (_, i) => {
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("error", () => {});
    // A third says nothing, a third follows events without reading, a third asks for the document and goes away.
    if (i % 3 === 1) socket.write(`GET /events HTTP/1.1\r\nHost: ${host}\r\n\r\n`), socket.pause();
    if (i % 3 === 2) socket.write(`GET /document HTTP/1.1\r\nHost: ${host}\r\n\r\n`), socket.destroySoon();
    return socket;
  });
  const resumed = synth("resume", run, "--evaluations", "6");
  assert.equal(resumed.status, 0, resumed.stderr);
  for (;;) {
    const answer = await ask(url, { path: "/document" });
    assert.equal(answer.status, 200);
    if (JSON.parse(answer.body).runs[0].networks.key.length === 6) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  for (const socket of sockets) socket.destroy();
  const ended = new Promise((resolve) => process.on("exit", resolve));
  process.kill("SIGTERM");
  assert.equal(await ended, 0);
});
