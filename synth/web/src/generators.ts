// Generators: U over proposals; a click says why, as sentences and as bars.
import { colour } from "./colours";
import { bar, h, plain, score } from "./dom";
import { legend } from "./legend";
import { type Mark } from "./painter";
import { Plot } from "./plot";
import { least, most, type Generator, type Run } from "./run";
import { address, type Context } from "./state";

const plot = new Plot();
const divergence = new Plot();

const word = (generator: Generator): string => (generator.accepted ? "accepted" : "rejected");

function textOf(generator: Generator): string {
  const spread = generator.mean === null ? "no trained network" : `mean U ${score(generator.mean)} (${score(generator.low!)} to ${score(generator.high!)})`;
  return `Proposal ${generator.proposal}, G${generator.index} ${word(generator)}: ${spread}. ${generator.reason}`;
}

function picture(context: Context, chosen: Generator | undefined): HTMLElement {
  const { run } = context;
  const marks: Mark[] = run.data.generators.map((generator) => ({
    x: generator.proposal,
    y: generator.mean ?? -Infinity,
    colour: generator.accepted ? colour.good() : colour.quiet(),
    shape: generator.accepted ? "disc" : "ring",
    size: run.data.generators.length > 400 ? 2.5 : generator.accepted ? 6 : 4,
    id: generator.proposal,
    text: textOf(generator),
    ...(generator.accepted && generator.low !== null && generator.high !== null ? { low: generator.low, high: generator.high } : {}),
  }));
  const accepted = run.accepted().filter((g) => g.mean !== null);
  const lows = accepted.map((g) => g.low!);
  const highs = run.data.generators.filter((g) => g.mean !== null).map((g) => g.mean!);
  plot.show({
    title: `Mean U over the proposals of ${run.data.name}`,
    x: { label: "Proposal", whole: true },
    y: { label: "U (NetScore)" },
    marks,
    lines: [{ points: accepted.map((g) => [g.proposal, g.mean!]), colour: colour.good(), width: 1.5 }],
    focus: accepted.length > 0 ? [least(lows), Math.max(most(highs), most(accepted.map((g) => g.high!)))] : undefined,
    selected: chosen?.proposal,
    select: (proposal) => context.go({ id: proposal }),
    zoom: true,
  });
  return h(
    "div",
    {},
    legend([
      ["disc", colour.good(), "accepted: mean U over the seeds, with lowest and highest"],
      ["ring", colour.quiet(), "rejected (at the bottom edge: below the scale)"],
    ]),
    plot.element,
  );
}

function distances(context: Context, chosen: Generator | undefined): HTMLElement | null {
  const { run } = context;
  const moved = run.data.generators.filter((g) => g.kl !== null && g.parent >= 0);
  if (moved.length < 2) return null;
  divergence.show({
    title: "How far proposals went: KL divergence from the parent, and the trust region in force",
    x: { label: "Proposal", whole: true },
    y: { label: "KL (nats)", kind: "symlog", format: plain },
    marks: moved.map((g) => ({
      x: g.proposal, y: g.kl!, colour: g.accepted ? colour.good() : colour.quiet(), shape: g.accepted ? "disc" : "ring",
      size: 4, id: g.proposal, text: `Proposal ${g.proposal}: KL ${plain(g.kl!)}, allowed ${plain(g.trust_region ?? Number.NaN)}, ${word(g)}`,
    })),
    lines: [{ points: moved.filter((g) => g.trust_region !== null).map((g) => [g.proposal, g.trust_region!]), colour: colour.second(), dash: [5, 4], steps: true, width: 1.5 }],
    selected: chosen?.proposal,
    select: (proposal) => context.go({ id: proposal }),
    height: 230,
  });
  return h("section", {}, h("h2", {}, "Steps"), legend([["dash", colour.second(), "trust region"]]), divergence.element);
}

interface Effect {
  change: string;
  seeds: string;
  evidence: string;
  kind: string;
  figures: [name: string, value: number, unit: string][];
}

// "NAME a -> b in 2 of 4 networks: EVIDENCE; alone, predicted accuracy -1.37 points, parameters -1.6 %, ..."
export function effectOf(sentence: string): Effect | null {
  const parts = /^(.*? -> .*?) in (\d+ of \d+) networks(?:: (.*?))?; alone, (predicted|measured) (.*)$/.exec(sentence);
  if (!parts) return null;
  const figures = [...parts[5].matchAll(/([a-z-]+) ([+-]?[\d.]+) (points|%)/g)].map(
    ([, name, value, unit]): [string, number, string] => [name, Number(value), unit],
  );
  return { change: parts[1], seeds: parts[2], evidence: parts[3] ?? "", kind: parts[4], figures };
}

function effects(generator: Generator): HTMLElement | null {
  const found = (generator.evidence ?? []).map((sentence) => ({ sentence, effect: effectOf(sentence) }));
  if (found.length === 0) {
    return generator.evidence_left_out
      ? h("p", {}, `${generator.evidence_left_out} sentences are left out of this page; 'synth lineage --all' prints them.`)
      : null;
  }
  const largest = new Map<string, number>();
  for (const { effect } of found) {
    for (const [name, value] of effect?.figures ?? []) largest.set(name, Math.max(largest.get(name) ?? 0, Math.abs(value)));
  }
  return h(
    "ol",
    { class: "effects", tabindex: 0, "aria-label": "Changes" },
    found.map(({ sentence, effect }) =>
      effect
        ? h(
            "li",
            {},
            h("p", {}, h("strong", {}, effect.change), ` in ${effect.seeds} networks`),
            h(
              "dl",
              { class: "bars" },
              effect.figures.map(([name, value, unit]) => [
                h("dt", {}, `${name}, ${effect.kind}`),
                h("dd", {}, bar(Math.abs(value) / (largest.get(name) || 1), name === "accuracy" ? (value < 0 ? "bad" : "good") : value > 0 ? "bad" : "good"), `${value > 0 ? "+" : ""}${value} ${unit}`),
              ]),
            ),
            effect.evidence ? h("p", { class: "quiet" }, effect.evidence) : null,
          )
        : h("li", {}, sentence),
    ),
  );
}

// What came of it: the generator beside the one it was derived from.
function measured(run: Run, generator: Generator): HTMLElement | null {
  const parent = run.generator(generator.parent);
  if (!parent || parent.mean === null || generator.mean === null) return null;
  const mean = (g: Generator, key: string): number => {
    const values = g.networks.map((id) => run.value(key, id)).filter(Number.isFinite);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const line = (name: string, text: string, good: boolean, share: number): HTMLElement[] => [
    h("dt", {}, name),
    h("dd", {}, bar(share, good ? "good" : "bad"), text),
  ];
  const sign = (value: number): string => (value > 0 ? "+" : "") + value.toFixed(2);
  const accuracy = 100 * (mean(generator, "accuracy") - mean(parent, "accuracy"));
  const change = (key: string): number => 100 * (mean(generator, key) / mean(parent, key) - 1);
  return h(
    "section",
    {},
    h("h3", {}, `Measured: mean over the seeds, against G${parent.index} (proposal ${parent.proposal})`),
    h(
      "dl",
      { class: "bars" },
      line("U", `${sign(generator.mean - parent.mean)}`, generator.mean >= parent.mean, Math.min(1, Math.abs(generator.mean - parent.mean) / 5)),
      line("accuracy", `${sign(accuracy)} points`, accuracy >= 0, Math.min(1, Math.abs(accuracy) / 10)),
      ["parameters", "multiply_adds"].flatMap((key) => line(key.replaceAll("_", "-"), `${sign(change(key))} %`, change(key) <= 0, Math.min(1, Math.abs(change(key)) / 100))),
    ),
  );
}

function why(context: Context, generator: Generator): HTMLElement {
  const { run } = context;
  const sentences = effects(generator);
  return h(
    "section",
    { class: "card", "aria-label": `Proposal ${generator.proposal}` },
    h("h2", {}, `G${generator.index}, proposal ${generator.proposal}: ${word(generator)}`),
    h("p", {}, generator.reason),
    h(
      "p",
      {},
      "Networks: ",
      [...new Set(generator.networks)].map((id, i) => [i > 0 ? ", " : "", h("a", { href: address({ view: "network", id, run: run.index }) }, String(id))]).flat(),
    ),
    measured(run, generator),
    sentences ? h("h3", {}, "What drove each change, and what it would do alone") : null,
    sentences,
  );
}

export function generators(context: Context): HTMLElement {
  const { run, place } = context;
  if (run.data.generators.length === 0) return h("p", {}, "No generator has been proposed yet.");
  const chosen = run.generator(place.id) ?? (context.selected > 0 ? run.generatorOf(context.selected) : undefined) ?? run.accepted().at(-1);
  return h(
    "div",
    { class: "split" },
    h("div", {}, picture(context, chosen), distances(context, chosen)),
    chosen ? why(context, chosen) : h("p", {}, "Select a proposal."),
  );
}
