// The legend of a plot: shapes as they are drawn, with their meaning.
import { h } from "./dom";
import type { Shape } from "./painter";

const paths: Record<Shape | "line" | "dash", string> = {
  disc: "M8 3a5 5 0 1 0 .01 0z",
  ring: "M8 3a5 5 0 1 0 .01 0z",
  cross: "M3 3l10 10M13 3L3 13",
  triangle: "M8 2.5L14 13H2z",
  diamond: "M8 1.5L14.5 8 8 14.5 1.5 8z",
  line: "M0 8h16",
  dash: "M0 8h5m4 0h5",
};

export function legend(entries: [shape: Shape | "line" | "dash", colour: string, text: string][]): HTMLElement {
  return h(
    "ul",
    { class: "legend" },
    entries.map(([shape, colour, text]) => {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      svg.setAttribute("viewBox", "0 0 16 16");
      svg.setAttribute("aria-hidden", "true");
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", paths[shape]);
      path.setAttribute("fill", shape === "disc" || shape === "diamond" || shape === "triangle" ? colour : "none");
      path.setAttribute("stroke", colour);
      path.setAttribute("stroke-width", shape === "line" || shape === "dash" ? "3" : "1.6");
      svg.append(path);
      return h("li", {}, svg, text);
    }),
  );
}
