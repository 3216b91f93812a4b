// A run as the document tells it (schema synth/report/1), with its columns ready for drawing.
import { bytes, count, duration, percent, plain, score } from "./dom";

export interface Decision {
  name: string;
  labels: string[];
  ordinal: boolean;
  slot: number;
  parent: number;
  parent_value: number;
}

export interface Generator {
  proposal: number;
  index: number;
  parent: number;
  accepted: boolean;
  reason: string;
  kl: number | null;
  trust_region: number | null;
  mean: number | null;
  low: number | null;
  high: number | null;
  networks: number[];
  margins: [requirement: string, bound: number | null, worst: number | null, relative: number | null][];
  evidence?: string[];
  evidence_left_out?: number;
}

export interface Box {
  kind: string;
  title: string;
  widths: string;
  tooltip: string;
  details: string;
  stride: number;
  bypass: string;
  colour: string;
  slot: number;
}

export type Layer = [string, string, string, number, number, number, number, number];

export interface Detail {
  columns: { title: string; detail: string; boxes: Box[] }[];
  layers: Layer[];
  evidence?: {
    probe_loss: number | null;
    slots: [slot: number, change: number | null][];
    layers: [layer: string, slot: number, rank: number | null, snr: number | null][];
  };
}

// A network of the library at the run's input. `published`: on the paper's data, not the run's.
export interface Landmark {
  name: string;
  description: string;
  parameters: number;
  multiply_adds: number;
  weight_bytes: number;
  peak_activation_bytes: number;
  published: { accuracy: number; data: string; source: string } | null;
}

// What the model of accuracy expects of each value of each decision, all others as in network `around`.
export interface Belief {
  around: number;
  epochs: number | null;
  decisions: ((number | null)[] | null)[][]; // accuracy, low, high, U, low, high, parameters, multiply-adds
}

// The data as the networks see them; strips of images are PNGs as data URIs.
export interface Sheet {
  error?: string;
  classes?: string[];
  input?: number[];
  splits?: Record<string, number[]>;
  examples?: string[];
  confused?: Record<string, string[]>; // by member, as its pairs are listed
  notes?: string[];
}

export interface Confusion {
  per_class: number[];
  float: [label: number, seen: number, images: number][];
  int8: [label: number, seen: number, images: number][];
  pairs: [label: number, seen: number, inFloat: number, inInt8: number][];
}

export interface RunData {
  name: string;
  error?: string;
  state: string;
  message: string;
  data: string;
  evaluator: string;
  config: Record<string, unknown>;
  versions: unknown;
  seconds: number | null;
  requirements: string;
  limits: Record<string, number | null>;
  best: number | null;
  family: { name: string; id: number; generator: number; result: any; confusion?: Confusion | null }[];
  sessions: any[];
  crashes: any[];
  outcomes: string[];
  decisions: Decision[];
  theta: number[][];
  generators: Generator[];
  networks: Record<string, any[]>;
  messages: Record<string, string>;
  details: Record<string, Detail>;
  architectures: Record<string, unknown>;
  landmarks?: Landmark[];
  belief?: Belief | null;
  sheet?: Sheet | null;
  budget?: { seconds: number; evaluations: number; generators: number }; // 0 = no limit
  in_flight?: number[];
}

// A benchmark of search algorithms; of the curve the quartiles over its runs.
export interface Bench {
  name: string;
  table: string;
  requirements: string;
  target: number | null;
  max_evaluations: number;
  algorithms: {
    name: string;
    seeds: number;
    success_rate: number | null;
    median: number | null; // evaluations to the target
    lower: number | null;
    upper: number | null;
    curve: [evaluations: number, lower: number | null, median: number | null, upper: number | null][];
  }[];
}

export interface ReportDocument {
  schema: string;
  live?: boolean;
  program?: string;
  note?: string;
  runs?: RunData[];
  benches?: Bench[];
}

export interface Metric {
  key: string;
  name: string;
  format: (value: number) => string;
  more: boolean; // whether more is better
  limit?: string; // key of RunData.limits
}

export const whereAsked = ["latency_ms", "flash", "ram", "latency_cycles"]; // metrics of which a run may know nothing

export const metrics: Metric[] = [
  { key: "accuracy", name: "Accuracy (validation)", format: percent, more: true, limit: "accuracy" },
  { key: "netscore", name: "U (NetScore)", format: score, more: true },
  { key: "parameters", name: "Parameters", format: count, more: false, limit: "parameters" },
  { key: "multiply_adds", name: "Multiply-adds", format: count, more: false, limit: "multiply_adds" },
  { key: "weight_bytes", name: "Weight memory", format: bytes, more: false, limit: "weight_bytes" },
  { key: "peak_activation_bytes", name: "Peak activation memory", format: bytes, more: false, limit: "peak_activation_bytes" },
  { key: "latency_ms", name: "Latency (ms)", format: plain, more: false, limit: "latency_ms" },
  // Zero where no requirement asks for them.
  { key: "flash", name: "Flash", format: bytes, more: false, limit: "flash" },
  { key: "ram", name: "RAM", format: bytes, more: false, limit: "ram" },
  { key: "latency_cycles", name: "Cycles", format: count, more: false, limit: "latency_cycles" },
  { key: "seconds", name: "Processor time spent", format: duration, more: false },
];

// Of lists that are too long to be arguments.
export const least = (values: number[]): number => values.reduce((found, value) => Math.min(found, value), Infinity);
export const most = (values: number[]): number => values.reduce((found, value) => Math.max(found, value), -Infinity);

export const metric = (key: string): Metric => metrics.find((m) => m.key === key) ?? metrics[0];

export class Run {
  readonly size: number;
  private readonly columns = new Map<string, Float64Array>();
  private readonly byProposal = new Map<number, Generator>();

  constructor(
    readonly data: RunData,
    readonly index: number,
  ) {
    this.size = data.networks?.key?.length ?? 0;
    for (const generator of data.generators ?? []) this.byProposal.set(generator.proposal, generator);
  }

  // The figure `name` of all networks, network 1 first; NaN where it was not measured.
  column(name: string): Float64Array {
    let column = this.columns.get(name);
    if (!column) {
      const values = this.data.networks[name] ?? [];
      column = Float64Array.from({ length: this.size }, (_, i) =>
        typeof values[i] === "number" ? values[i] : Number.NaN,
      );
      this.columns.set(name, column);
    }
    return column;
  }

  value(name: string, id: number): number {
    return this.column(name)[id - 1];
  }

  has(id: number): boolean {
    return Number.isInteger(id) && id >= 1 && id <= this.size;
  }

  generator(proposal: number): Generator | undefined {
    return this.byProposal.get(proposal);
  }

  // The accepted generator, else the proposal, that makes the network.
  generatorOf(id: number): Generator | undefined {
    const making = this.data.generators.filter((g) => g.networks.includes(id));
    return making.find((g) => g.accepted) ?? making[0];
  }

  accepted(): Generator[] {
    return this.data.generators.filter((g) => g.accepted);
  }

  outcome(id: number): string {
    return this.data.outcomes[this.value("outcome", id)] ?? "unknown";
  }

  feasible(id: number): boolean {
    return this.value("feasible", id) === 1;
  }

  // Value index per decision. Of those that are not active there is no letter.
  design(id: number): number[] {
    const letters = Array.from(String(this.data.networks.design?.[id - 1] ?? ""));
    const design: number[] = [];
    let next = 0;
    this.data.decisions.forEach((_, i) => {
      design.push(this.active(design, i) ? (letters[next++]?.codePointAt(0) ?? 48) - 48 : 0);
    });
    return design;
  }

  active(design: number[], decision: number): boolean {
    const { parent, parent_value } = this.data.decisions[decision];
    return parent < 0 || (design[parent] === parent_value && this.active(design, parent));
  }

  // Decisions in which two networks differ, those of other module kinds left out.
  differences(from: number, to: number): { name: string; from: string; to: string; slot: number }[] {
    const a = this.design(from);
    const b = this.design(to);
    return this.data.decisions.flatMap((decision, i) => {
      const before = this.active(a, i) ? decision.labels[a[i]] ?? "?" : "-";
      const after = this.active(b, i) ? decision.labels[b[i]] ?? "?" : "-";
      return before === after ? [] : [{ name: decision.name, from: before, to: after, slot: decision.slot }];
    });
  }

  describe(id: number): string {
    const trained = this.outcome(id) === "trained";
    const figures = trained
      ? `accuracy ${percent(this.value("accuracy", id))}, U ${score(this.value("netscore", id))}`
      : this.outcome(id).replaceAll("_", " ");
    return (
      `Network ${id}: ${figures}, ${count(this.value("parameters", id))} parameters, ` +
      `${count(this.value("multiply_adds", id))} multiply-adds, ` +
      (this.feasible(id) ? "meets the requirements" : "does not meet the requirements")
    );
  }
}

// Ids that no other network of `ids` beats in both figures.
export function paretoFront(run: Run, x: Metric, y: Metric, ids: number[]): number[] {
  const xs = run.column(x.key);
  const ys = run.column(y.key);
  const gain = (value: number, m: Metric): number => (m.more ? value : -value);
  const order = ids
    .filter((id) => Number.isFinite(xs[id - 1]) && Number.isFinite(ys[id - 1]))
    .sort((a, b) => gain(xs[b - 1], x) - gain(xs[a - 1], x) || gain(ys[b - 1], y) - gain(ys[a - 1], y));
  let best = -Infinity;
  return order.filter((id) => {
    const value = gain(ys[id - 1], y);
    if (value <= best) return false;
    best = value;
    return true;
  });
}
