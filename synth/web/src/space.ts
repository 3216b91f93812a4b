// Space: which decisions mattered, which values were tried and how they did, and what the generator has come to prefer.
import { bar, choice, h, plain } from "./dom";
import { interval, type Interval } from "./interval";
import { least, metric, most, type Belief } from "./run";
import { shown, type Context } from "./state";

interface ValueStats {
  label: string;
  tried: number;
  mean: number;
  deviation: number;
  best: number;
  probability: number | null;
  believed: Interval | null; // null: the model says nothing of it
}

interface DecisionStats {
  name: string;
  relevance: number; // share of the variance that the decision's values explain, alone
  values: ValueStats[];
}

// Of `key`, a figure of networks; costs are no matter of belief.
function believed(belief: Belief | null | undefined, key: string, decision: number, value: number): Interval | null {
  const row = belief?.decisions[decision]?.[value];
  if (!row) return null;
  const first = { accuracy: 0, netscore: 3, parameters: 6, multiply_adds: 7 }[key] ?? -1;
  const exact = first >= 6;
  const [mean, low, high] = exact ? [row[first], row[first], row[first]] : row.slice(first, first + 3);
  if (first < 0 || typeof mean !== "number") return null;
  return { mean, low: low ?? mean, high: high ?? mean };
}

function statsOf(context: Context, key: string, decision: number, ids: number[], designs: number[][]): DecisionStats {
  const { run } = context;
  const values = run.column(key);
  const belief = context.belief();
  const { name, labels } = run.data.decisions[decision];
  const groups: number[][] = labels.map(() => []);
  ids.forEach((id, i) => {
    const design = designs[i];
    if (run.active(design, decision)) groups[design[decision]]?.push(values[id - 1]);
  });
  const mean = (list: number[]): number => list.reduce((sum, v) => sum + v, 0) / list.length;
  const all = groups.flat();
  const centre = mean(all);
  const total = all.reduce((sum, v) => sum + (v - centre) ** 2, 0);
  const between = groups.reduce((sum, g) => sum + (g.length > 0 ? g.length * (mean(g) - centre) ** 2 : 0), 0);
  const used = groups.filter((g) => g.length > 0).length;
  // What so many groups explain by chance is taken off (as in adjusted R squared).
  const raw = total > 0 ? between / total : 0;
  const adjusted = all.length > used ? 1 - ((1 - raw) * (all.length - 1)) / (all.length - used) : 0;
  return {
    name,
    relevance: used > 1 ? Math.max(0, adjusted) : 0,
    values: labels.map((label, v) => {
      const group = groups[v];
      const m = group.length > 0 ? mean(group) : Number.NaN;
      return {
        label,
        tried: group.length,
        mean: m,
        deviation: group.length > 1 ? Math.sqrt(group.reduce((sum, x) => sum + (x - m) ** 2, 0) / (group.length - 1)) : Number.NaN,
        best: group.length > 0 ? Math.max(...group) : Number.NaN,
        probability: run.data.theta[decision]?.[v] ?? null,
        believed: believed(belief, key, decision, v),
      };
    }),
  };
}

// "97.2 % (95.1 % to 98.4 %)" with its picture; costs, which are exact, without.
function belief(v: ValueStats, format: (value: number) => string, scale: [number, number]): HTMLElement | string {
  if (!v.believed) return "-";
  const { low, mean, high } = v.believed;
  if (low === high) return format(mean);
  return h("span", { class: "withbar" }, interval(v.believed, v.mean, scale), `${format(mean)} (${format(low)} to ${format(high)})`);
}

function row(stats: DecisionStats, format: (value: number) => string, open: boolean): HTMLElement {
  const top = Math.max(1, ...stats.values.map((v) => v.tried));
  const seen = stats.values.flatMap((v) => [v.mean, v.believed?.low ?? v.mean, v.believed?.high ?? v.mean]).filter(Number.isFinite);
  const scale: [number, number] = [least(seen), most(seen)];
  const tried = stats.values.filter((v) => v.tried > 0).length;
  const cells = (v: ValueStats): HTMLElement =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, v.label),
      h("td", {}, h("span", { class: "withbar" }, bar(v.tried / top), String(v.tried))),
      h("td", { class: "number" }, v.tried > 0 ? format(v.mean) + (Number.isFinite(v.deviation) ? ` ± ${format(v.deviation)}` : "") : "-"),
      h("td", { class: "number" }, format(v.best)),
      h("td", {}, belief(v, format, scale)),
      h("td", {}, v.probability === null ? "-" : h("span", { class: "withbar" }, bar(v.probability, "good"), plain(v.probability))),
    );
  const heads = ["Value", "Tried", "Mean ± deviation", "Best", "Model expects (one deviation)", "Generator prefers"];
  return h(
    "details",
    { class: "decision", open },
    h(
      "summary",
      {},
      h("span", { class: "name" }, stats.name),
      h("span", { class: "withbar" }, bar(stats.relevance), `${(100 * stats.relevance).toFixed(0)} %`),
      h("span", { class: "quiet" }, `${tried} of ${stats.values.length} values tried`),
    ),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": `Values of ${stats.name}` },
      h("table", {}, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, stats.values.map(cells))),
    ),
  );
}

function explained(context: Context): HTMLElement | null {
  const known = context.belief();
  if (known === undefined) return h("p", { class: "quiet" }, "What the model believes is being inferred ...");
  if (known === null) return h("p", { class: "quiet" }, "The model of accuracy has nothing to say of this run.");
  return h(
    "p",
    { class: "quiet" },
    `Model expects: accuracy in full training (${plain(known.epochs ?? Number.NaN)} epochs) with this value and everything else as in network ${known.around}, ` +
      "one standard deviation to either side, and the U that it makes; costs are exact. The tick is the mean of what was tried, after the short trainings of the search.",
  );
}

export function space(context: Context): HTMLElement {
  const { run, place } = context;
  const m = metric(place.options.of ?? "netscore");
  const values = run.column(m.key);
  const ids = shown(context).filter((id) => run.outcome(id) === "trained" && Number.isFinite(values[id - 1]));
  if (ids.length === 0) return h("p", {}, "No network has been trained yet.");
  const designs = ids.map((id) => run.design(id));
  const order = place.options.order ?? "relevance";
  const stats = run.data.decisions.map((_, i) => statsOf(context, m.key, i, ids, designs));
  if (order === "relevance") stats.sort((a, b) => b.relevance - a.relevance);
  const varied = (s: DecisionStats): boolean => s.values.filter((v) => v.tried > 0).length > 1;
  const tried = stats.filter(varied);
  const idle = stats.filter((s) => !varied(s));
  const format = m.key === "accuracy" ? (v: number): string => (Number.isFinite(v) ? (100 * v).toFixed(1) + " %" : "-") : m.format;
  const orders: [string, string][] = [["relevance", "how much they explain"], ["space", "place in the network"]];
  return h(
    "div",
    {},
    h(
      "div",
      { class: "controls" },
      choice("Explain", ["netscore", "accuracy", "parameters", "multiply_adds"].map((key) => [key, metric(key).name]), m.key, (value) => context.go({ options: { ...place.options, of: value } })),
      choice("Order by", orders, order, (value) => context.go({ options: { ...place.options, order: value } })),
    ),
    h(
      "p",
      { class: "quiet" },
      `Bars: share of the variance of ${m.name} over ${ids.length} trained networks that a decision's values explain by themselves; a search tries values together, so that shares overlap and are no proof of a cause.`,
    ),
    explained(context),
    tried.map((s, i) => row(s, format, i < 3 && order !== "space")),
    idle.length > 0
      ? h("details", {}, h("summary", {}, `${idle.length} more decisions of which one value was tried at most`), idle.map((s) => row(s, format, false)))
      : null,
  );
}
