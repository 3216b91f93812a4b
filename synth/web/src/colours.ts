// Colours: Okabe and Ito's for kinds, cividis for figures; both hold for colour-blind readers. What a colour says, a shape or
// a text says, too.
import type { Shape } from "./painter";
import type { Run } from "./run";

const style = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export const colour = {
  good: () => style("--good"),
  bad: () => style("--bad"),
  quiet: () => style("--faint"),
  second: () => style("--second"),
};

export const series = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#b8a800", "#8c8c8c"];

const cividis: [number, number, number][] = [
  [0, 52, 110], [58, 78, 108], [98, 103, 111], [135, 130, 120], [171, 160, 116], [212, 192, 98], [254, 232, 56],
];

// `share` of the way from the lowest to the highest.
export function ramp(share: number): string {
  const place = Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0)) * (cividis.length - 1);
  const low = Math.min(cividis.length - 2, Math.floor(place));
  const [r, g, b] = cividis[low].map((value, i) => Math.round(value + (cividis[low + 1][i] - value) * (place - low)));
  return `rgb(${r},${g},${b})`;
}

// Black or white, whichever contrasts with the ramp by at least 4.5 to 1.
export const onRamp = (share: number): string => (share > 0.417 ? "#000" : "#fff");

// How a network is drawn everywhere: disc = meets the requirements, ring = does not, cross = could not be trained.
export function looks(run: Run, id: number): { shape: Shape; colour: string } {
  if (run.outcome(id) !== "trained") return { shape: "cross", colour: colour.bad() };
  return run.feasible(id) ? { shape: "disc", colour: colour.good() } : { shape: "ring", colour: colour.bad() };
}
