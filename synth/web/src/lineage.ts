// Lineage: the tree of who inherited weights from whom, from left to right.
import { stratify, tree } from "d3-hierarchy";
import { colour, looks, ramp } from "./colours";
import { choice, h, score, table } from "./dom";
import { legend } from "./legend";
import { type Mark } from "./painter";
import { Plot } from "./plot";
import { metric, metrics, whereAsked, type Run } from "./run";
import { address, type Context } from "./state";

const plot = new Plot();

interface Places {
  x: Float64Array; // generations of inheritance, per network
  y: Float64Array;
  depth: number;
  children: Map<number, number>;
}

const known = new WeakMap<Run, Places>();

function places(run: Run): Places {
  const found = known.get(run);
  if (found) return found;
  const parents = run.column("parent");
  const ids = Array.from({ length: run.size }, (_, i) => i + 1);
  const children = new Map<number, number>();
  for (const id of ids) {
    if (parents[id - 1] > 0) children.set(parents[id - 1], (children.get(parents[id - 1]) ?? 0) + 1);
  }
  // Network 0 stands above those that were trained from scratch.
  const root = stratify<number>()
    .id((id) => String(id))
    .parentId((id) => (id === 0 ? "" : String(parents[id - 1] || 0)))([0, ...ids]);
  const laid = tree<number>().nodeSize([1, 1]).separation(() => 1)(root);
  const x = new Float64Array(run.size);
  const y = new Float64Array(run.size);
  let depth = 0;
  for (const node of laid.descendants()) {
    if (node.data === 0) continue;
    x[node.data - 1] = node.depth - 1;
    y[node.data - 1] = node.x;
    depth = Math.max(depth, node.depth - 1);
  }
  const result = { x, y, depth, children };
  known.set(run, result);
  return result;
}

function chain(run: Run, id: number): number[] {
  const ids: number[] = [];
  for (let at = id; run.has(at) && ids.length <= run.size; at = run.value("parent", at)) ids.unshift(at);
  return ids;
}

function segments(run: Run, { x, y }: Places): Float64Array {
  const parents = run.column("parent");
  const points: number[] = [];
  for (let id = 1; id <= run.size; ++id) {
    const parent = parents[id - 1];
    if (parent > 0) points.push(x[parent - 1], y[parent - 1], x[id - 1], y[id - 1]);
  }
  return Float64Array.from(points);
}

function marksOf(context: Context, { x, y, children }: Places, by: string): Mark[] {
  const { run } = context;
  const values = by === "kind" ? null : run.column(by);
  const trained = values ? [...values].filter((v, i) => Number.isFinite(v) && run.outcome(i + 1) === "trained").sort((a, b) => a - b) : [];
  // The lowest tenth shares one colour: networks that learned nothing must not use up the ramp.
  const low = trained[Math.floor(trained.length / 10)] ?? 0;
  const high = trained[trained.length - 1] ?? 1;
  const size = run.size > 3000 ? 2 : run.size > 400 ? 3.5 : 6;
  return Array.from({ length: run.size }, (_, i): Mark => {
    const id = i + 1;
    const kind = looks(run, id);
    const value = values ? values[i] : Number.NaN;
    const inside = !context.filter || context.filter[i] === 1;
    const fill = !inside ? colour.quiet() : values && Number.isFinite(value) ? ramp((value - low) / (high - low || 1)) : kind.colour;
    const parent = run.value("parent", id);
    return {
      x: x[i],
      y: y[i],
      shape: id === 1 ? "diamond" : kind.shape,
      colour: fill,
      size,
      id,
      text: () =>
        `${run.describe(id)}; ${parent > 0 ? `inherited from network ${parent}` : "trained from scratch"}, ${children.get(id) ?? 0} heirs`,
    };
  });
}

function ancestry(context: Context, ids: number[]): HTMLElement {
  const { run } = context;
  const rows = ids.map((id, i) => {
    const before = ids[i - 1];
    const changes = before ? run.differences(before, id).filter((d) => d.from !== "-" && d.to !== "-") : [];
    const text = changes.slice(0, 4).map((d) => `${d.name} ${d.from} → ${d.to}`).join("; ");
    return [
      h("a", { href: address({ view: "network", id, run: run.index }) }, `Network ${id}`),
      metric("accuracy").format(run.value("accuracy", id)),
      metric("parameters").format(run.value("parameters", id)),
      metric("multiply_adds").format(run.value("multiply_adds", id)),
      score(run.value("netscore", id)),
      changes.length > 4 ? `${text}; ${changes.length - 4} more` : text,
    ];
  });
  return h(
    "section",
    {},
    h("h2", {}, `Ancestry of network ${ids.at(-1)}`),
    table("Oldest first", ["Network", "Accuracy", "Parameters", "Multiply-adds", "U", "What changed"], rows, [1, 2, 3, 4]),
  );
}

export function lineage(context: Context): HTMLElement {
  const { run, place } = context;
  if (run.size === 0) return h("p", {}, "No network has been evaluated yet.");
  const by = place.options.colour ?? "netscore";
  const laid = places(run);
  const selected = context.selected > 0 ? context.selected : (run.data.best ?? 1);
  const ids = chain(run, selected);
  plot.show({
    title: `Who inherited from whom in ${run.data.name}`,
    x: { label: "Generations of inherited weights", whole: true },
    y: { label: "", kind: "none" },
    marks: marksOf(context, laid, by),
    segments: { points: segments(run, laid), colour: colour.quiet() },
    lines: [{ points: ids.map((id) => [laid.x[id - 1], laid.y[id - 1]]), colour: colour.second(), width: 2.5 }],
    height: Math.max(320, Math.min(640, 160 + run.size * 4)),
    selected: context.selected,
    select: (id) => context.select(id),
    zoom: true,
  });
  const colours: [string, string][] = [["kind", "requirements"], ...metrics.filter((m) => !whereAsked.includes(m.key)).map((m): [string, string] => [m.key, m.name])];
  return h(
    "div",
    {},
    h(
      "div",
      { class: "controls" },
      choice("Colour", colours, by, (value) => context.go({ options: { ...place.options, colour: value } })),
      by === "kind" ? null : h("span", { class: "ramp" }, "low ", h("span", { class: "rampbar", "aria-hidden": "true" }), " high"),
    ),
    legend([
      ["disc", "currentColor", "meets the requirements"],
      ["ring", "currentColor", "does not"],
      ["diamond", "currentColor", "prototype"],
      ["cross", colour.bad(), "not trained"],
      ["line", colour.second(), `ancestry of network ${selected}`],
    ]),
    plot.element,
    ancestry(context, ids),
  );
}
