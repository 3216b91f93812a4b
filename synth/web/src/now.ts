// Now: where the run stands, its best network, its margins; of a finished run the family, with what can be taken along.
import { bar, bytes, count, download, duration, h, percent, score, table } from "./dom";
import { address, type Context } from "./state";
import { metric, type Run } from "./run";

function tile(name: string, value: string, more = ""): HTMLElement {
  return h("div", { class: "tile" }, h("dt", {}, name), h("dd", {}, value, more ? h("small", {}, more) : null));
}

// What became of the networks, and what the search may still spend.
function outcomes(run: Run): string {
  const found = new Map<string, number>();
  for (let id = 1; id <= run.size; ++id) found.set(run.outcome(id), (found.get(run.outcome(id)) ?? 0) + 1);
  return [...found].map(([name, n]) => `${n} ${name.replaceAll("_", " ")}`).join(", ");
}

function left(run: Run): string {
  const { budget } = run.data;
  if (!budget || run.data.state === "done") return "";
  const parts: string[] = [];
  if (budget.evaluations > 0) parts.push(`${Math.max(0, budget.evaluations - run.size)} of ${budget.evaluations} networks`);
  if (budget.seconds > 0) parts.push(`${duration(Math.max(0, budget.seconds - (run.data.seconds ?? 0)))} of ${duration(budget.seconds)}`);
  if (budget.generators > 0) parts.push(`${Math.max(0, budget.generators - run.accepted().length + 1)} of ${budget.generators} generators`);
  return parts.join(", ");
}

function tiles(run: Run): HTMLElement {
  const accepted = run.accepted().length;
  const spent = run.column("seconds").reduce((sum, value) => sum + (Number.isFinite(value) ? value : 0), 0);
  const best = run.data.best;
  const flying = run.data.in_flight ?? [];
  return h(
    "dl",
    { class: "tiles" },
    tile("State", run.data.state, run.data.message === run.data.state ? "" : run.data.message),
    tile("Networks evaluated", String(run.size), outcomes(run)),
    flying.length > 0 ? tile("In flight", String(flying.length), `network${flying.length > 1 ? "s" : ""} ${flying.join(", ")}`) : null,
    left(run) ? tile("Left of the budget", left(run).split(" of ")[0], "of " + left(run).split(" of ").slice(1).join(" of ")) : null,
    tile("Generators accepted", String(accepted), `of ${run.data.generators.length} proposals`),
    tile("Time", duration(run.data.seconds ?? Number.NaN), `networks took ${duration(spent)} of processor time`),
    best
      ? tile("Best U (NetScore)", score(run.value("netscore", best)), `network ${best}, prototype ${score(run.value("netscore", 1))}`)
      : tile("Best U (NetScore)", "-", "no network meets the requirements yet"),
  );
}

// A file from the dashboard's server; a report holds none.
function weights(context: Context, network: string): HTMLElement | null {
  if (!context.live) return null;
  return h("a", { href: `weights/${context.run.index}/${network}`, download: `${network}.safetensors` }, "weights");
}

function bestNetwork(context: Context): HTMLElement | null {
  const { run } = context;
  const best = run.data.best;
  if (!best) return null;
  const row = (key: string): [string, string, string, string] => {
    const m = metric(key);
    const from = run.value(key, 1);
    const to = run.value(key, best);
    const ratio = m.more ? "" : from > 0 && to > 0 ? `${(from / to).toFixed(1)}x fewer` : "";
    return [m.name, m.format(to), m.format(from), ratio];
  };
  return h(
    "section",
    {},
    h("h2", {}, "Best network so far"),
    h("p", {}, h("a", { href: address({ view: "network", id: best, run: run.index }) }, `Network ${best}`), ` (key ${run.data.networks.key[best - 1]}) `, weights(context, String(best))),
    table(
      `Network ${best} beside the prototype`,
      ["Figure", `Network ${best}`, "Prototype", ""],
      ["accuracy", "netscore", "parameters", "multiply_adds", "weight_bytes", "peak_activation_bytes"].map(row),
      [1, 2, 3],
    ),
  );
}

const names: Record<string, string> = {
  accuracy: "accuracy",
  params: "parameters",
  macs: "multiply_adds",
  weight_bytes: "weight_bytes",
  peak_activation_bytes: "peak_activation_bytes",
  latency_ms: "latency_ms",
  flash: "flash",
  ram: "ram",
  latency_cycles: "latency_cycles",
};

function margins(run: Run): HTMLElement | null {
  const last = run.accepted().at(-1);
  if (!last || last.margins.length === 0) return null;
  const rows = last.margins.map(([requirement, bound, worst, relative]) => {
    const m = metric(names[requirement] ?? requirement);
    const points = requirement === "accuracy";
    const met = (relative ?? -1) >= 0;
    const room = points ? `${(100 * (relative ?? 0)).toFixed(2)} points` : `${(100 * (relative ?? 0)).toFixed(0)} %`;
    const share = points ? Math.min(1, Math.abs(relative ?? 0) * 10) : Math.abs(relative ?? 0);
    return [
      `${m.name} ${m.more ? "≥" : "≤"} ${m.format(bound ?? Number.NaN)}`,
      m.format(worst ?? Number.NaN),
      h("span", { class: "withbar" }, bar(share, met ? "good" : "bad"), met ? `${room} to spare` : `${room} short`),
    ];
  });
  return h(
    "section",
    {},
    h("h2", {}, "Requirements"),
    table(`Margins of generator G${last.index}'s worst network`, ["Requirement", "Worst network", "Margin"], rows, [1]),
  );
}

function figure(result: any, key: string, format: (value: number) => string): string {
  const value = result?.[key];
  return typeof value === "number" ? format(value) : "-";
}

// A word for a shell: quoted wherever it holds more than plain letters.
const word = (text: string): string => (/^[\w./@#-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function family(context: Context): HTMLElement | null {
  const { run } = context;
  const members = run.data.family;
  if (members.length === 0) {
    if (run.data.state === "running" || !run.data.best) return null;
    return h(
      "section",
      {},
      h("h2", {}, "Family"),
      h("p", {}, "No family has been trained yet: ", h("code", {}, `synth family ${word(run.data.name)}`)),
    );
  }
  const rows = members.map((member) => {
    const file = run.data.architectures[String(member.id)];
    return [
      run.has(member.id) ? h("a", { href: address({ view: "network", id: member.id, run: run.index }) }, member.name) : member.name,
      `G${member.generator}`,
      figure(member.result, "test_accuracy", percent),
      figure(member.result, "int8_test_accuracy", percent),
      count(run.value("parameters", member.id)),
      count(run.value("multiply_adds", member.id)),
      bytes(run.value("weight_bytes", member.id)),
      figure(member.result, "netscore", score),
      h("span", { class: "withbar" }, file ? download(`${member.name}.json`, JSON.stringify(file, null, 2), "architecture") : "-", weights(context, member.name)),
    ];
  });
  const first = word(`${run.data.name}@${members.at(-1)!.name}`);
  return h(
    "section",
    { class: "wide" },
    h("h2", {}, "Family"),
    table(
      "Members as finally trained",
      ["Member", "Generator", "Test, float", "Test, int8", "Parameters", "Multiply-adds", "Weights", "NetScore", "Take along"],
      rows,
      [2, 3, 4, 5, 6, 7],
    ),
    h("p", { class: "quiet" }, "Other formats come from the run itself, for instance ", h("code", {}, `synth export ${first} --format onnx --out ${word(members.at(-1)!.name + ".onnx")}`), "; ", h("code", {}, "synth export --help"), " lists the formats."),
  );
}

function settings(run: Run): HTMLElement {
  const config = Object.entries(run.data.config ?? {}).filter(([, value]) => value !== "" && value !== false && value !== 0);
  const rows: [string, string][] = [
    ["requirements", run.data.requirements],
    ["data", run.data.data],
    ["evaluator", run.data.evaluator],
    ...config.filter(([name]) => name !== "data" && name !== "require").map(([name, value]): [string, string] => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  ];
  const last = run.data.sessions.at(-1);
  if (last) rows.push(["processor", String(last.processor)]);
  for (const crash of run.data.crashes) rows.push(["crash", `network ${crash.network}: ${crash.signal} while ${crash.phase}`]);
  return h("details", {}, h("summary", {}, "Settings of the run"), table("Settings", ["Setting", "Value"], rows));
}

export function now(context: Context): HTMLElement {
  const { run } = context;
  const finished = run.data.state !== "running";
  const parts = finished ? [family(context), bestNetwork(context), margins(run)] : [bestNetwork(context), margins(run), family(context)];
  return h("div", {}, tiles(run), h("div", { class: "pair" }, parts), settings(run));
}
