// What a search loses to a dashboard that 100 clients hammer: the same search (same networks, bit for bit) in turns alone and
// with the dashboard, measured by the processor time that each process takes.
//   node tests/bench/hammer.mjs PROGRAM [EVALUATIONS=30] [ROUNDS=2] [CLIENTS=100]
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, get } from "node:http";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";

const [program, evaluations = "30", rounds = "2", clients = "100"] = process.argv.slice(2);
if (!program) throw new Error("usage: node tests/bench/hammer.mjs PROGRAM [EVALUATIONS] [ROUNDS] [CLIENTS]");
const folder = mkdtempSync(join(tmpdir(), "synth-hammer."));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const ticks = Number(spawnSync("getconf", ["CLK_TCK"], { encoding: "utf8" }).stdout);

// Of the process itself and the children that it has waited for, as the kernel counts it.
function seconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  return fields.slice(11, 15).reduce((sum, value) => sum + Number(value), 0) / ticks;
}

const settings = [
  ...["--data", "shapes,limit=2000", "--prototype", "residual9,width=0.5", "--require", "accuracy>=0%,weight_bits=8,params<=1M"],
  ...["--epochs", "1", "--tune-epochs", "0.5", "--batch-size", "32", "--seeds", "2", "--seed", "7", "-q"],
];

// Closed loops of documents and events, without a pause; one in ten is slow to read, one in ten goes away in the middle.
function hammer(url) {
  const agent = new Agent({ keepAlive: true });
  const paths = ["document", "", "network/0/1", "events", "belief/0"];
  let asked = 0;
  let refused = 0;
  let ended = false;
  const one = (i) => {
    if (ended) return;
    const again = () => setImmediate(one, i);
    const call = get(new URL(paths[asked++ % paths.length], url), { agent }, (answer) => {
      if (answer.statusCode !== 200) refused++;
      if (i % 10 === 0) setTimeout(() => answer.destroy(), 2000);
      else if (i % 10 === 1 || answer.headers["content-type"] === "text/event-stream") setTimeout(() => answer.destroy(), 20);
      else answer.resume();
      answer.on("error", () => {});
      answer.on("close", again);
    });
    call.on("error", again);
  };
  for (let i = 0; i < Number(clients); ++i) one(i);
  return () => ((ended = true), agent.destroy(), { asked, refused });
}

async function dashboard(run) {
  const child = spawn(program, ["dashboard", run, "--port", "0", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  for await (const data of child.stdout) if ((text += data).includes("}")) break;
  return { child, url: JSON.parse(text).url };
}

async function measure(hammered, round) {
  const run = join(folder, `${round}-${hammered}.db`);
  const first = spawnSync(program, ["search", ...settings, "--evaluations", "1", "--db", run]);
  if (first.status !== 0 && first.status !== 3) throw new Error(String(first.stderr));
  const server = hammered ? await dashboard(run) : null;
  const stop = server ? hammer(server.url) : null;
  const begin = Date.now();
  const search = spawn(program, ["resume", run, "--evaluations", evaluations, "-q"], { stdio: "ignore" });
  let spent = 0;
  const watch = setInterval(() => { try { spent = seconds(search.pid); } catch {} }, 20);
  const code = await new Promise((resolve) => search.on("exit", resolve));
  clearInterval(watch);
  const wall = (Date.now() - begin) / 1000;
  const result = { hammered, code, wall_seconds: wall, search_cpu_seconds: spent, cpu_per_evaluation: spent / (Number(evaluations) - 1) };
  if (server) {
    const { asked, refused } = stop();
    result.requests = asked;
    result.refused = refused;
    result.dashboard_cpu_seconds = seconds(server.child.pid);
    result.dashboard_share_of_machine = result.dashboard_cpu_seconds / (wall * availableParallelism());
    server.child.kill("SIGTERM");
    result.dashboard_exit = await new Promise((resolve) => server.child.on("exit", resolve));
  }
  console.log(JSON.stringify(result));
  return result;
}

const results = [];
for (let round = 0; round < Number(rounds); ++round) {
  for (const hammered of round % 2 ? [true, false] : [false, true]) results.push(await measure(hammered, round));
}
const mean = (hammered, key) => {
  const values = results.filter((result) => result.hammered === hammered).map((result) => result[key]);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
};
console.log(JSON.stringify({
  search_cpu_per_evaluation_alone: mean(false, "cpu_per_evaluation"),
  search_cpu_per_evaluation_hammered: mean(true, "cpu_per_evaluation"),
  dashboard_share_of_machine: mean(true, "dashboard_share_of_machine"),
}));
process.exit(0);
