// An interval with its middle on a scale that is common to several rows; the text beside it says the figures.
export interface Interval {
  low: number;
  mean: number;
  high: number;
}

const name = "http://www.w3.org/2000/svg";

function shape(tag: string, attributes: Record<string, number | string>): SVGElement {
  const element = document.createElementNS(name, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

// `seen`: what was measured, a tick beside it; NaN = nothing.
export function interval(of: Interval, seen: number, scale: [number, number]): SVGElement {
  const at = (value: number): number => {
    const share = scale[1] > scale[0] ? (value - scale[0]) / (scale[1] - scale[0]) : 0.5;
    return 4 + 112 * Math.max(0, Math.min(1, share));
  };
  const svg = shape("svg", { viewBox: "0 0 120 16", class: "interval", "aria-hidden": "true" });
  svg.append(
    shape("line", { class: "rail", x1: 4, x2: 116, y1: 8, y2: 8 }),
    shape("line", { class: "span", x1: at(of.low), x2: at(of.high), y1: 8, y2: 8 }),
    shape("circle", { class: "mean", cx: at(of.mean), cy: 8, r: 4 }),
  );
  if (Number.isFinite(seen)) svg.append(shape("line", { class: "seen", x1: at(seen), x2: at(seen), y1: 1, y2: 15 }));
  return svg;
}
