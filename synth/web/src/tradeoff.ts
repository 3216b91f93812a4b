// Trade-off: any figure against any other, with the Pareto front, requirements and landmarks; a brush filters all views.
import { colour, looks } from "./colours";
import { choice, h, table } from "./dom";
import { landmarkMarks, landmarkTable } from "./landmarks";
import { legend } from "./legend";
import { type Mark, type Rule } from "./painter";
import { Plot } from "./plot";
import { least, metric, metrics, most, paretoFront, type Metric, type Run } from "./run";
import { address, shown, type Context } from "./state";

const plot = new Plot();

const usable = (run: Run, m: Metric): boolean => run.column(m.key).some((value) => Number.isFinite(value) && value !== 0);

function ruleOf(run: Run, m: Metric, axis: "x" | "y"): Rule[] {
  const bound = m.limit ? run.data.limits[m.limit] : null;
  return typeof bound === "number" ? [{ axis, value: bound, label: `required ${m.more ? "≥" : "≤"} ${m.format(bound)}` }] : [];
}

function marksOf(context: Context, x: Metric, y: Metric, front: Set<number>): Mark[] {
  const { run } = context;
  const xs = run.column(x.key);
  const ys = run.column(y.key);
  const bounds = run.column("bound");
  const many = run.size > 3000;
  const marks: Mark[] = [];
  for (let id = 1; id <= run.size; ++id) {
    if (!Number.isFinite(xs[id - 1]) || !Number.isFinite(ys[id - 1])) continue;
    const inside = !context.filter || context.filter[id - 1] === 1;
    const { shape, colour: fill } = looks(run, id);
    const mark: Mark = {
      x: xs[id - 1],
      y: ys[id - 1],
      shape: id === 1 ? "diamond" : shape,
      colour: id === 1 ? colour.second() : inside ? fill : colour.quiet(),
      size: id === 1 ? 6 : many ? 2 : front.has(id) ? 5 : 3.5,
      id,
      text: () => (id === 1 ? "Prototype. " : "") + run.describe(id) + (front.has(id) ? "; on the Pareto front" : ""),
    };
    // Intervals of all would hide everything: those of the front and of the selected one.
    if (y.key === "accuracy" && Number.isFinite(bounds[id - 1]) && (front.has(id) || id === context.selected)) {
      mark.low = bounds[id - 1];
      mark.high = ys[id - 1];
    }
    marks.push(mark);
  }
  return marks;
}

function frontTable(context: Context, front: number[], x: Metric, y: Metric): HTMLElement {
  const { run } = context;
  const rows = front.slice(0, 200).map((id) => [
    h("a", { href: address({ view: "network", id, run: run.index }) }, `Network ${id}`),
    x.format(run.value(x.key, id)),
    y.format(run.value(y.key, id)),
  ]);
  const left = front.length - rows.length;
  return h(
    "section",
    {},
    h("h2", {}, "Pareto front"),
    table(`${front.length} networks that no other${front.some((id) => run.feasible(id)) ? ", of those that meet the requirements," : ""} beats in both figures`, ["Network", x.name, y.name], rows, [1, 2]),
    left > 0 ? h("p", {}, `${left} more are in the plot.`) : null,
  );
}

// What learned next to nothing must not flatten what one looks for.
function focusOf(feasible: number[], y: Metric): [number, number] | undefined {
  const values = feasible.filter(Number.isFinite);
  if (values.length === 0) return undefined;
  const lowest = least(values);
  return [lowest - 0.35 * (y.key === "accuracy" ? 1 - lowest : 10), most(values)];
}

export function tradeoff(context: Context): HTMLElement {
  const { run, place } = context;
  const choices = metrics.filter((m) => usable(run, m));
  if (choices.length < 2) return h("p", {}, "No network has been measured yet.");
  const x = metric(place.options.x ?? "multiply_adds");
  const y = metric(place.options.y ?? "accuracy");
  const logX = (place.options.logx ?? (x.more ? "0" : "1")) === "1";
  const logY = (place.options.logy ?? (y.more ? "0" : "1")) === "1";
  const feasible = shown(context).filter((id) => run.feasible(id));
  // Until one meets the requirements, all that were trained compete.
  const rivals = feasible.length > 0 ? feasible : shown(context).filter((id) => run.outcome(id) === "trained");
  const front = paretoFront(run, x, y, rivals);
  const onFront = new Set(front);
  const focus = y.more && !logY ? focusOf(feasible.map((id) => run.value(y.key, id)), y) : undefined;
  const known = place.options.landmarks !== "0";
  const landmarks = known ? landmarkMarks(run, x, y, logX, logY) : [];
  const option = (name: string, value: string): void => context.go({ options: { ...place.options, [name]: value } });
  const named = choices.map((m): [string, string] => [m.key, m.name]);
  plot.show({
    title: `${y.name} against ${x.name}`,
    x: { label: x.name, kind: logX ? "log" : "linear", format: x.format },
    y: { label: y.name, kind: logY ? "log" : "linear", format: y.format },
    marks: [...landmarks, ...marksOf(context, x, y, onFront)],
    lines: [{ points: front.map((id) => [run.value(x.key, id), run.value(y.key, id)]), colour: colour.good(), width: 1.5 }],
    rules: [...ruleOf(run, x, "x"), ...ruleOf(run, y, "y")],
    focus,
    height: 460,
    selected: context.selected,
    select: (id) => id > 0 && context.select(id),
    brush: (inside) => {
      const filter = new Uint8Array(run.size);
      for (const mark of marksOf(context, x, y, onFront)) if (inside(mark)) filter[mark.id - 1] = 1;
      context.setFilter(filter.some(Boolean) ? filter : null);
    },
  });
  const check = (name: string, label: string, on: boolean): HTMLElement =>
    h("label", { class: "choice" }, h("input", { type: "checkbox", checked: on, onchange: () => option(name, on ? "0" : "1") }), " " + label);
  return h(
    "div",
    {},
    h(
      "div",
      { class: "controls" },
      choice("Across", named, x.key, (value) => context.go({ options: { ...place.options, x: value, logx: metric(value).more ? "0" : "1" } })),
      check("logx", "log", logX),
      choice("Up", named, y.key, (value) => context.go({ options: { ...place.options, y: value, logy: metric(value).more ? "0" : "1" } })),
      check("logy", "log", logY),
      (run.data.landmarks ?? []).length > 0 ? check("landmarks", "landmarks", known) : null,
      h("span", { class: "quiet" }, "Drag over the plot to filter every view."),
    ),
    legend([
      ["disc", colour.good(), "meets the requirements"],
      ["ring", colour.bad(), "does not"],
      ["diamond", colour.second(), "prototype"],
      ...(landmarks.length > 0 ? [["triangle", colour.second(), `network of the library (${landmarks.length} of ${run.data.landmarks?.length} are near enough); at the edge where it was not measured`] as ["triangle", string, string]] : []),
      ["line", colour.good(), "Pareto front; bars reach down to the lower confidence bound"],
    ]),
    plot.element,
    frontTable(context, front, x, y),
    landmarkTable(run),
  );
}
