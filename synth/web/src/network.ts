// Network: its picture with evidence as heat, layers with their costs, and another network beside it.
import { onRamp, ramp } from "./colours";
import { bar, bytes, choice, count, h, plain, table } from "./dom";
import { metrics, whereAsked, type Box, type Detail, type Run } from "./run";
import { address, type Context } from "./state";

interface Heat {
  name: string;
  of: (detail: Detail, slot: number) => number; // NaN = unknown
  format: (value: number) => string;
}

const sumOf = (detail: Detail, slot: number, column: 3 | 4): number =>
  detail.layers.filter((layer) => layer[7] === slot).reduce((sum, layer) => sum + layer[column], 0);

function mean(values: (number | null)[]): number {
  const known = values.filter((value): value is number => typeof value === "number");
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : Number.NaN;
}

const heats: Record<string, Heat> = {
  none: { name: "module kinds", of: () => Number.NaN, format: plain },
  bypass: {
    name: "loss when bypassed",
    of: (d, slot) => d.evidence?.slots.find(([at]) => at === slot)?.[1] ?? Number.NaN,
    format: (v) => `${v > 0 ? "+" : ""}${v.toFixed(3)}`,
  },
  rank: {
    name: "effective rank",
    of: (d, slot) => mean((d.evidence?.layers ?? []).filter((l) => l[1] === slot).map((l) => l[2])),
    format: (v) => v.toFixed(2),
  },
  noise: {
    name: "8-bit signal to noise (dB)",
    of: (d, slot) => mean((d.evidence?.layers ?? []).filter((l) => l[1] === slot).map((l) => l[3])),
    format: (v) => v.toFixed(1),
  },
  parameters: { name: "parameters", of: (d, slot) => sumOf(d, slot, 3), format: count },
  macs: { name: "multiply-adds", of: (d, slot) => sumOf(d, slot, 4), format: count },
};

function boxOf(detail: Detail, box: Box, heat: Heat, range: [number, number], changed: boolean): HTMLElement {
  const value = box.slot >= 0 ? heat.of(detail, box.slot) : Number.NaN;
  const share = (value - range[0]) / (range[1] - range[0] || 1);
  const warm = Number.isFinite(value);
  const more = [
    box.widths,
    box.stride > 1 ? `stride ${box.stride}` : "",
    box.details,
    box.bypass === "identity" ? "shortcut" : box.bypass === "projection" ? "1x1 shortcut" : "",
  ].filter(Boolean);
  const element = h(
    "li",
    { class: changed ? "box changed" : "box", title: box.tooltip },
    h("strong", {}, box.title),
    more.length > 0 ? h("span", {}, more.join("; ")) : null,
    warm ? h("span", { class: "heat" }, heat.format(value)) : null,
    changed ? h("span", { class: "mark" }, "differs") : null,
  );
  if (/^#[0-9a-f]{6}$/.test(box.colour)) element.style.background = warm ? ramp(share) : box.colour;
  element.style.color = warm ? onRamp(share) : "#1a1a1a";
  return element;
}

function picture(detail: Detail, heat: Heat, changed: Set<number>, title: string): HTMLElement {
  const values = detail.columns
    .flatMap((column) => column.boxes.map((box) => (box.slot >= 0 ? heat.of(detail, box.slot) : Number.NaN)))
    .filter(Number.isFinite);
  const range: [number, number] = [Math.min(...values), Math.max(...values)];
  return h(
    "ol",
    { class: "network", "aria-label": title },
    detail.columns.map((column) =>
      h(
        "li",
        {},
        h("h3", {}, column.title, column.detail ? h("small", {}, column.detail) : null),
        h("ol", {}, column.boxes.map((box) => boxOf(detail, box, heat, range, changed.has(box.slot)))),
      ),
    ),
  );
}

function layers(detail: Detail, id: number): HTMLElement {
  const most = Math.max(1, ...detail.layers.map((layer) => layer[4]));
  const parameters = Math.max(1, ...detail.layers.map((layer) => layer[3]));
  const evidence = new Map((detail.evidence?.layers ?? []).map((layer) => [layer[0], layer]));
  const costed = (value: number, largest: number): HTMLElement => h("span", { class: "withbar" }, bar(value / largest), value > 0 ? count(value) : "-");
  const rows = detail.layers.map((layer) => {
    const probed = evidence.get(layer[0]);
    return [
      layer[0], layer[1].replaceAll("_", " "), layer[2], costed(layer[3], parameters), costed(layer[4], most),
      layer[5] > 0 ? bytes(layer[5]) : "-", bytes(layer[6]),
      typeof probed?.[2] === "number" ? probed[2].toFixed(2) : "-",
      typeof probed?.[3] === "number" ? probed[3].toFixed(1) : "-",
    ];
  });
  return h(
    "details",
    { open: true },
    h("summary", {}, "Layers"),
    table(`Layers of network ${id}; memory at the required precisions`, ["Layer", "Operation", "Output", "Parameters", "Multiply-adds", "Weights", "Activations", "Effective rank", "8-bit SNR (dB)"], rows, [5, 6, 7, 8]),
  );
}

function figures(run: Run, id: number, other: number): HTMLElement {
  const rows = metrics
    .filter((m) => Number.isFinite(run.value(m.key, id)) && !(whereAsked.includes(m.key) && run.value(m.key, id) === 0))
    .map((m) => {
      const value = run.value(m.key, id);
      const from = other ? run.value(m.key, other) : Number.NaN;
      const change = m.key === "accuracy" ? `${(100 * (value - from)).toFixed(2)} points` : m.key === "netscore" ? (value - from).toFixed(2) : `${(100 * (value / from - 1)).toFixed(1)} %`;
      return other ? [m.name, m.format(value), m.format(from), Number.isFinite(from) && from !== 0 ? change : "-"] : [m.name, m.format(value)];
    });
  return table(
    other ? `Network ${id} beside network ${other}` : `Figures of network ${id}`,
    other ? ["Figure", `Network ${id}`, `Network ${other}`, "Change"] : ["Figure", "Value"],
    rows,
    [1, 2, 3],
  );
}

function chooser(context: Context, id: number, other: number): HTMLElement {
  const { run, place } = context;
  const options: [string, string][] = [["0", "nothing"]];
  const add = (network: number | null, name: string): void => {
    if (network && run.has(network) && network !== id && !options.some(([v]) => v === String(network))) options.push([String(network), name]);
  };
  add(run.value("parent", id), `its parent, network ${run.value("parent", id)}`);
  add(1, "the prototype");
  add(run.data.best, `the best, network ${run.data.best}`);
  for (const member of run.data.family) add(member.id, `family member ${member.name}`);
  add(other, `network ${other}`);
  const setOther = (value: string): void => {
    const { with: _, ...rest } = place.options;
    context.go({ id, options: value === "0" ? rest : { ...rest, with: value } });
  };
  const field = (label: string, value: number, change: (value: string) => void): HTMLElement =>
    h("label", { class: "choice" }, label + " ", h("input", { type: "number", min: 1, max: run.size, value, onchange: (event: Event) => run.has(Number((event.target as HTMLInputElement).value)) && change((event.target as HTMLInputElement).value) }));
  return h(
    "div",
    { class: "controls" },
    field("Network", id, (value) => context.go({ id: Number(value) })),
    choice("beside", options, String(other), setOther),
    field("or number", other || id, setOther),
    choice("Picture shows", Object.entries(heats).map(([key, heat]) => [key, heat.name]), place.options.heat ?? "none", (value) => context.go({ options: { ...place.options, heat: value } })),
  );
}

function differences(run: Run, id: number, other: number): HTMLElement {
  const found = run.differences(other, id);
  return h(
    "section",
    {},
    h("h2", {}, `What differs from network ${other}`),
    found.length > 0
      ? table(`${found.length} decisions`, ["Decision", `Network ${other}`, `Network ${id}`], found.map((d) => [d.name, d.from, d.to]))
      : h("p", {}, "Nothing: they are the same design."),
  );
}

function story(run: Run, id: number): HTMLElement {
  const generator = run.generatorOf(id);
  const parent = run.value("parent", id);
  const message = run.data.messages[String(id)];
  return h(
    "p",
    {},
    run.feasible(id) ? "Meets every requirement. " : "Does not meet the requirements. ",
    message ? message + " " : "",
    generator ? ["Made by ", h("a", { href: address({ view: "generators", id: generator.proposal, run: run.index }) }, `G${generator.index}, proposal ${generator.proposal} (${generator.accepted ? "accepted" : "rejected"})`), ". "] : "Made by no proposal yet. ",
    parent > 0 ? ["Inherited weights from ", h("a", { href: address({ view: "network", id: parent, run: run.index }) }, `network ${parent}`), "."] : "Trained from scratch.",
  );
}

export function network(context: Context): HTMLElement {
  const { run, place } = context;
  const id = context.selected > 0 ? context.selected : (run.data.best ?? (run.size > 0 ? 1 : 0));
  if (!run.has(id)) return h("p", {}, "No network has been evaluated yet.");
  const asked = Number(place.options.with ?? 0);
  const other = run.has(asked) && asked !== id ? asked : 0;
  const shows = place.options.heat ?? "none";
  const heat = Object.hasOwn(heats, shows) ? heats[shows] : heats.none;
  const changed = new Set(other ? run.differences(other, id).map((d) => d.slot).filter((slot) => slot >= 0) : []);
  const pictures = h("div", { class: other ? "beside" : "" });
  const tables = h("div", {});
  for (const network of other ? [id, other] : [id]) {
    const holder = h("section", {}, h("h2", {}, `Network ${network}`, h("small", {}, `key ${run.data.networks.key[network - 1]}`)), h("p", { class: "quiet" }, "Loading ..."));
    pictures.append(holder);
    void context.detail(network).then((detail) => {
      holder.lastChild!.replaceWith(
        detail
          ? picture(detail, heat, changed, `Network ${network}: stages from input to output`)
          : h("p", {}, "The picture and the layers of this network are not in this page, which holds those of family, best and accepted generators. 'synth show RUN#", String(network), "' prints its layers, 'synth dashboard RUN' shows it."),
      );
      if (detail && network === id) tables.append(layers(detail, id));
    });
  }
  return h(
    "div",
    {},
    chooser(context, id, other),
    story(run, id),
    pictures,
    other ? differences(run, id, other) : null,
    h("section", {}, h("h2", {}, "Figures"), figures(run, id, other)),
    tables,
  );
}
