// Money: what the run cost, for what, and how much each U took; several runs as curves, equal settings as a band.
import { series } from "./colours";
import { bar, choice, duration, h, plain, score, table } from "./dom";
import { legend } from "./legend";
import { type Band, type Line, type Mark } from "./painter";
import { Plot } from "./plot";
import type { Bench, Run } from "./run";
import { address, type Context } from "./state";

const plot = new Plot();

interface Point {
  id: number;
  networks: number;
  seconds: number; // of processor time, up to and with this network
  best: number; // U
}

function curve(run: Run): Point[] {
  const seconds = run.column("seconds");
  const scores = run.column("netscore");
  const points: Point[] = [];
  let spent = 0;
  let best = -Infinity;
  for (let id = 1; id <= run.size; ++id) {
    if (Number.isFinite(seconds[id - 1])) spent += seconds[id - 1];
    if (run.feasible(id) && scores[id - 1] > best) {
      best = scores[id - 1];
      points.push({ id, networks: id, seconds: spent, best });
    }
  }
  return points;
}

const total = (run: Run): number => run.column("seconds").reduce((sum, v) => sum + (Number.isFinite(v) ? v : 0), 0);

// Runs that differ in nothing but their seed.
function groupOf(run: Run): string {
  const config = run.data.config ?? {};
  return `${String(config.algorithm ?? "?")}, ${run.data.data}, ${run.data.requirements}`;
}

function medianBand(runs: Run[], across: (p: Point) => number, end: (run: Run) => number): { line: [number, number][]; band: [number, number, number][] } {
  const curves = runs.map(curve);
  const places = [...new Set([...curves.flat().map(across), ...runs.map(end)])].sort((a, b) => a - b);
  const line: [number, number][] = [];
  const band: [number, number, number][] = [];
  for (const place of places) {
    const values = curves.map((points) => points.filter((p) => across(p) <= place).at(-1)?.best).filter((v): v is number => v !== undefined);
    if (values.length < runs.length) continue; // some have found nothing yet
    values.sort((a, b) => a - b);
    const middle = values.length / 2;
    const median = values.length % 2 ? values[Math.floor(middle)] : (values[middle - 1] + values[middle]) / 2;
    line.push([place, median]);
    band.push([place, values[0], values.at(-1)!]);
  }
  return { line, band };
}

function draw(context: Context): HTMLElement {
  const { runs, run, place } = context;
  const unit = place.options.per ?? "seconds";
  const across = (p: Point): number => (unit === "seconds" ? p.seconds : p.networks);
  const end = (r: Run): number => (unit === "seconds" ? total(r) : r.size);
  const lines: Line[] = [];
  const marks: Mark[] = [];
  const bands: Band[] = [];
  const names: [shape: "line" | "disc", colour: string, text: string][] = [];
  const groups = new Map<string, Run[]>();
  for (const r of runs) groups.set(groupOf(r), [...(groups.get(groupOf(r)) ?? []), r]);
  let next = 0;
  for (const [name, members] of groups) {
    const tone = series[next++ % series.length];
    if (members.length > 1) {
      const { line, band } = medianBand(members, across, end);
      lines.push({ points: line, colour: tone, width: 3, steps: true });
      bands.push({ points: band, colour: tone });
      names.push(["line", tone, `${name}: median of ${members.length} runs, lowest to highest`]);
    } else {
      names.push(["line", tone, runs.length > 1 ? `${members[0].data.name} (${name})` : "best U so far"]);
    }
    for (const member of members) {
      const points = curve(member);
      if (points.length === 0) continue;
      lines.push({ points: [...points.map((p): [number, number] => [across(p), p.best]), [end(member), points.at(-1)!.best]], colour: tone, width: members.length > 1 ? 1 : 2.5, steps: true });
      for (const p of points) {
        marks.push({
          x: across(p), y: p.best, colour: tone, shape: "disc", size: member === run ? 4 : 2.5, id: member === run ? p.id : -p.id,
          text: `${member.data.name}: network ${p.id} reached U ${score(p.best)} after ${duration(p.seconds)} of processor time, ${p.networks} networks`,
        });
      }
    }
  }
  plot.show({
    title: "Best U over what was spent",
    x: { label: unit === "seconds" ? "Processor time in networks" : "Networks evaluated", format: unit === "seconds" ? duration : plain, whole: unit !== "seconds" },
    y: { label: "Best U (NetScore)" },
    marks,
    lines,
    bands,
    selected: context.selected,
    select: (id) => id > 0 && context.select(id),
  });
  return h(
    "div",
    {},
    h("div", { class: "controls" }, choice("Across", [["seconds", "processor time"], ["networks", "networks evaluated"]], unit, (value) => context.go({ options: { ...place.options, per: value } }))),
    legend(names),
    plot.element,
  );
}

function spentOn(run: Run): HTMLElement {
  const kinds = new Map<string, { networks: number; seconds: number }>();
  const add = (kind: string, seconds: number): void => {
    const entry = kinds.get(kind) ?? { networks: 0, seconds: 0 };
    entry.networks += 1;
    entry.seconds += Number.isFinite(seconds) ? seconds : 0;
    kinds.set(kind, entry);
  };
  const accepted = new Set(run.accepted().flatMap((g) => g.networks));
  for (let id = 1; id <= run.size; ++id) {
    const outcome = run.outcome(id);
    const kind =
      outcome !== "trained" ? outcome.replaceAll("_", " ")
      : accepted.has(id) ? "in accepted generators"
      : run.feasible(id) ? "feasible, of rejected proposals"
      : "missed a requirement";
    add(kind, run.value("seconds", id));
  }
  const all = Math.max(total(run), 1e-9);
  const rows = [...kinds].sort((a, b) => b[1].seconds - a[1].seconds).map(([kind, { networks, seconds }]) => [
    kind, String(networks), duration(seconds), h("span", { class: "withbar" }, bar(seconds / all), `${((100 * seconds) / all).toFixed(0)} %`),
  ]);
  return h("section", {}, h("h2", {}, "What the time went to"), table("Networks by what became of them", ["Networks that were", "Number", "Processor time", "Share"], rows, [1, 2]));
}

function steps(run: Run): HTMLElement {
  const rows = curve(run).map((p) => [h("a", { href: address({ view: "network", id: p.id, run: run.index }) }, `Network ${p.id}`), score(p.best), String(p.networks), duration(p.seconds)]);
  const first = rows.length > 60 ? [...rows.slice(0, 10), ...rows.slice(-50)] : rows;
  return h("section", {}, h("h2", {}, "Cost to reach each U"), table(rows.length > first.length ? "The first 10 and the last 50 improvements" : "Improvements in order", ["Network", "U", "Networks so far", "Processor time so far"], first, [1, 2, 3]));
}

function compared(runs: Run[]): HTMLElement {
  const rows = runs.map((run) => {
    const wall = run.data.seconds ?? Number.NaN;
    const points = curve(run);
    return [
      h("a", { href: address({ view: "now", run: run.index }) }, run.data.name),
      String(run.data.config?.algorithm ?? "-"),
      String(run.size),
      duration(wall),
      duration(total(run)),
      wall > 0 ? plain((3600 * run.size) / wall) : "-",
      score(points.at(-1)?.best ?? Number.NaN),
    ];
  });
  return h("section", {}, h("h2", {}, "Runs"), table("What each run cost", ["Run", "Algorithm", "Networks", "Time", "Processor time", "Networks per hour", "Best U"], rows, [2, 3, 4, 5, 6]));
}

function dearest(run: Run): HTMLElement {
  const seconds = run.column("seconds");
  const ids = Array.from(seconds.keys()).filter((i) => Number.isFinite(seconds[i])).sort((a, b) => seconds[b] - seconds[a]).slice(0, 10);
  const most = seconds[ids[0]] || 1;
  const rows = ids.map((i) => [
    h("a", { href: address({ view: "network", id: i + 1, run: run.index }) }, `Network ${i + 1}`),
    h("span", { class: "withbar" }, bar(seconds[i] / most), duration(seconds[i])),
    run.value("parent", i + 1) > 0 ? `tuned from network ${run.value("parent", i + 1)}` : "trained from scratch",
  ]);
  return h("section", {}, h("h2", {}, "Dearest networks"), table("By processor time", ["Network", "Processor time", ""], rows));
}

// Made when they are first looked at, one per benchmark.
const benchPlots: Plot[] = [];

function benchmark(bench: Bench, index: number): HTMLElement {
  const shown = (benchPlots[index] ??= new Plot());
  const tones = bench.algorithms.map((_, i) => series[i % series.length]);
  const known = (value: number | null): value is number => typeof value === "number";
  const marks: Mark[] = bench.algorithms.flatMap(({ name, curve }, i) =>
    curve.filter(([, , median]) => known(median)).map(([evaluations, lower, median, upper]): Mark => ({
      x: evaluations, y: median!, colour: tones[i], shape: "disc", size: 2, id: 0,
      text: `${name}: median U ${score(median!)} after ${evaluations} evaluations` + (known(lower) && known(upper) ? `, quartiles ${score(lower)} to ${score(upper)}` : ""),
    })),
  );
  shown.show({
    title: `Best U over evaluations, benchmark ${bench.table}`,
    x: { label: "Distinct evaluations", kind: "log", format: plain },
    y: { label: "Best U (NetScore)" },
    marks,
    lines: bench.algorithms.map(({ curve }, i) => ({ points: curve.filter(([, , median]) => known(median)).map(([at, , median]): [number, number] => [at, median!]), colour: tones[i], width: 2.5, steps: true })),
    bands: bench.algorithms.map(({ curve }, i) => ({ points: curve.filter(([, lower, , upper]) => known(lower) && known(upper)).map(([at, lower, , upper]): [number, number, number] => [at, lower!, upper!]), colour: tones[i] })),
    rules: known(bench.target) ? [{ axis: "y", value: bench.target, label: `target ${score(bench.target)}` }] : [],
  });
  const figure = (value: number | null): string => (known(value) ? plain(value) : "-");
  const rows = bench.algorithms.map(({ name, seeds, median, lower, upper, success_rate }) => [
    name, String(seeds), figure(median), `${figure(lower)} to ${figure(upper)}`, known(success_rate) ? `${(100 * success_rate).toFixed(0)} %` : "-",
  ]);
  return h(
    "section",
    {},
    h("h2", {}, `Benchmark ${bench.table}`),
    h("p", { class: "quiet" }, `${bench.name}: ${bench.requirements}; at most ${bench.max_evaluations} evaluations a run. Lines: median of the best U so far; bands: quartiles over the runs.`),
    legend(bench.algorithms.map(({ name }, i) => ["line", tones[i], name])),
    shown.element,
    table("Evaluations to the target", ["Algorithm", "Runs", "Median", "Quartiles", "Reached"], rows, [1, 2, 3, 4]),
  );
}

export function money(context: Context): HTMLElement {
  if (context.run.size === 0) return h("p", {}, "No network has been evaluated yet.");
  return h("div", {}, draw(context), compared(context.runs), h("div", { class: "pair" }, spentOn(context.run), steps(context.run)), dearest(context.run), context.benches.map(benchmark));
}
