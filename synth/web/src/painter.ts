// How a plot is painted on a canvas: axes, bands, lines, marks and rules. What a plot shows stands here as plain values.
import { scaleLinear, scaleLog, scaleSymlog, type ScaleContinuousNumeric } from "d3-scale";

export type Shape = "disc" | "ring" | "cross" | "diamond" | "triangle";

export interface Axis {
  label: string;
  kind?: "linear" | "log" | "symlog" | "none"; // none: a place without meaning; no ticks
  format?: (value: number) => string;
  whole?: boolean; // ticks at whole numbers only
}

export interface Mark {
  x: number;
  y: number;
  colour: string;
  shape: Shape;
  size: number; // radius in pixels
  id: number; // what is selected with it
  text: string | (() => string);
  low?: number; // of an interval along y
  high?: number;
  unknown?: "x" | "y"; // of which axis nothing is known: it stands at that axis's edge
  label?: string; // written beside it where there is room
}

export interface Line {
  points: [x: number, y: number][];
  colour: string;
  width?: number;
  dash?: number[];
  steps?: boolean; // a value holds until the next
  label?: string;
}

export interface Band {
  points: [x: number, low: number, high: number][];
  colour: string;
}

export interface Rule {
  axis: "x" | "y";
  value: number;
  label: string;
}

export interface Picture {
  title: string; // for screen readers
  x: Axis;
  y: Axis;
  marks: Mark[];
  lines?: Line[];
  segments?: { points: Float64Array; colour: string }; // x1, y1, x2, y2, ...
  bands?: Band[];
  rules?: Rule[];
  selected?: number; // id
  height?: number;
  focus?: [low: number, high: number]; // values of y that must be seen; the others may lie below
  select?: (id: number) => void;
  brush?: (inside: (mark: Mark) => boolean) => void;
  zoom?: boolean;
}

export type Scale = ScaleContinuousNumeric<number, number>;
export interface Margin {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

// Where a mark stands; what lies below the scale stands at its edge, as does what is unknown.
export function spot(mark: Mark, x: Scale, y: Scale): [number, number] {
  const edge = y.range()[0];
  return [mark.unknown === "x" ? x.range()[0] : x(mark.x), mark.unknown === "y" ? edge : Math.min(y(mark.y), edge)];
}

export function scaleOf(axis: Axis, domain: [number, number]): Scale {
  const scale = axis.kind === "log" ? scaleLog() : axis.kind === "symlog" ? scaleSymlog() : scaleLinear();
  return scale.domain(domain) as Scale;
}

function extent(values: number[], log: boolean): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value) || (log && value <= 0)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return log ? [1, 10] : [0, 1];
  if (log) return [low / 1.15, high * 1.15];
  const room = (high - low) * 0.05 || Math.abs(high) * 0.05 || 1;
  return [low - room, high + room];
}

// What must be seen of both axes.
export function domainsOf(picture: Picture): [number, number][] {
  const { x, y, marks, lines = [], bands = [], rules = [], focus } = picture;
  const xs: number[] = [];
  const ys: number[] = [];
  const take = (value: number): void => {
    if (!focus || value >= focus[0]) ys.push(value);
  };
  for (const mark of marks) {
    if (mark.unknown !== "x") xs.push(mark.x);
    if (mark.unknown !== "y") take(mark.y);
  }
  for (const line of lines) {
    for (const [px, py] of line.points) {
      xs.push(px);
      take(py);
    }
  }
  for (const band of bands) {
    for (const [px, low, high] of band.points) {
      xs.push(px);
      ys.push(low, high);
    }
  }
  if (focus) ys.push(...focus);
  const spans = [extent(xs, x.kind === "log"), extent(ys, y.kind === "log")];
  // A requirement that is near is shown; one far away would flatten everything else.
  for (const rule of rules) {
    const span = spans[rule.axis === "x" ? 0 : 1];
    const log = (rule.axis === "x" ? x : y).kind === "log";
    const size = span[1] - span[0];
    if (rule.value <= span[0] - size || rule.value >= span[1] + size || (log && rule.value <= 0)) continue;
    span[0] = Math.min(span[0], log ? rule.value / 1.1 : rule.value - size * 0.04);
    span[1] = Math.max(span[1], log ? rule.value * 1.1 : rule.value + size * 0.04);
  }
  return spans;
}

const label = (axis: Axis, value: number): string =>
  (axis.format ? axis.format(value) : String(value)).replace(/\.0+(?=\D|$)/, "");

export class Painter {
  private readonly style = getComputedStyle(document.documentElement);

  constructor(
    private readonly context: CanvasRenderingContext2D,
    private readonly x: Scale,
    private readonly y: Scale,
    private readonly width: number,
    private readonly height: number,
    private readonly margin: Margin,
    private readonly unit: number, // pixels per pixel of an ordinary screen
  ) {}

  private colour(name: string): string {
    return this.style.getPropertyValue(name);
  }

  paint(picture: Picture): void {
    const { context, margin, unit } = this;
    this.axes(picture.x, picture.y);
    context.save();
    context.beginPath();
    const room = 8 * unit;
    context.rect(margin.left - room, margin.top - room, this.width - margin.left - margin.right + 2 * room, this.height - margin.bottom - margin.top + 2 * room);
    context.clip();
    for (const band of picture.bands ?? []) this.band(band);
    this.segments(picture);
    for (const line of picture.lines ?? []) this.line(line);
    for (const mark of picture.marks) {
      if (mark.low !== undefined && mark.high !== undefined) this.interval(mark);
    }
    for (const mark of picture.marks) this.mark(mark, mark.size);
    context.restore();
    this.labels(picture.marks.filter((mark) => mark.label));
    this.rules(picture.rules ?? []);
  }

  private ticks(scale: Scale, axis: Axis, most: number): number[] {
    if (axis.kind === "none") return [];
    let found = scale.ticks(most);
    if (axis.whole) found = found.filter(Number.isInteger);
    for (const leading of [/^[125]/, /^[15]/, /^1/]) {
      if (axis.kind === "log" && found.length > most) found = found.filter((value) => leading.test(value.toExponential()));
    }
    return found;
  }

  private axes(x: Axis, y: Axis): void {
    const { context, margin, unit, width, height } = this;
    const bottom = height - margin.bottom;
    context.strokeStyle = this.colour("--grid");
    context.fillStyle = this.colour("--quiet");
    context.lineWidth = unit;
    context.textAlign = "center";
    let free = -Infinity; // where the next text may begin
    for (const tick of this.ticks(this.x, x, Math.max(2, Math.floor(width / (110 * unit))))) {
      const at = Math.round(this.x(tick)) + 0.5;
      context.beginPath();
      context.moveTo(at, margin.top);
      context.lineTo(at, bottom);
      context.stroke();
      const text = label(x, tick);
      const half = context.measureText(text).width / 2;
      if (at - half < free || at + half > width) continue;
      context.fillText(text, at, bottom + 17 * unit);
      free = at + half + 8 * unit;
    }
    context.textAlign = "right";
    for (const tick of this.ticks(this.y, y, Math.max(2, Math.floor(height / (60 * unit))))) {
      const at = Math.round(this.y(tick)) + 0.5;
      context.beginPath();
      context.moveTo(margin.left, at);
      context.lineTo(width - margin.right, at);
      context.stroke();
      context.fillText(label(y, tick), margin.left - 9 * unit, at + 4 * unit);
    }
    context.fillStyle = this.colour("--text");
    context.textAlign = "center";
    context.fillText(x.label, (margin.left + width - margin.right) / 2, height - 9 * unit);
    context.save();
    context.translate(15 * unit, (margin.top + bottom) / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(y.label, 0, 0);
    context.restore();
  }

  private band(band: Band): void {
    const { context } = this;
    context.fillStyle = band.colour;
    context.globalAlpha = 0.22;
    context.beginPath();
    for (const [x, low] of band.points) context.lineTo(this.x(x), this.y(low));
    for (const [x, , high] of [...band.points].reverse()) context.lineTo(this.x(x), this.y(high));
    context.fill();
    context.globalAlpha = 1;
  }

  private segments({ segments }: Picture): void {
    if (!segments) return;
    const { context } = this;
    const { points } = segments;
    context.strokeStyle = segments.colour;
    context.lineWidth = this.unit;
    context.globalAlpha = 0.7;
    context.beginPath();
    for (let i = 0; i + 3 < points.length; i += 4) {
      context.moveTo(this.x(points[i]), this.y(points[i + 1]));
      context.lineTo(this.x(points[i + 2]), this.y(points[i + 3]));
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  private line(line: Line): void {
    const { context } = this;
    context.strokeStyle = line.colour;
    context.lineWidth = (line.width ?? 2) * this.unit;
    context.setLineDash(line.dash ?? []);
    context.lineJoin = "round";
    context.beginPath();
    let before = Number.NaN;
    for (const [x, y] of line.points) {
      if (line.steps && Number.isFinite(before)) context.lineTo(this.x(x), before);
      before = this.y(y);
      context.lineTo(this.x(x), before);
    }
    context.stroke();
    context.setLineDash([]);
  }

  private interval(mark: Mark): void {
    const { context } = this;
    context.strokeStyle = mark.colour;
    context.globalAlpha = 0.45;
    context.lineWidth = Math.max(2, mark.size * 0.7) * this.unit;
    context.beginPath();
    context.moveTo(this.x(mark.x), this.y(mark.low!));
    context.lineTo(this.x(mark.x), this.y(mark.high!));
    context.stroke();
    context.globalAlpha = 1;
  }

  // Names stand on end above what stands at the lower edge, else to the right; one that would cover another is left out.
  private labels(marks: Mark[]): void {
    const { context, margin, unit } = this;
    context.fillStyle = this.colour("--quiet");
    context.textAlign = "left";
    const taken: [left: number, top: number, right: number, bottom: number][] = [];
    for (const mark of marks) {
      const [x, y] = spot(mark, this.x, this.y);
      const long = context.measureText(mark.label!).width;
      const upright = mark.unknown === "y";
      const gap = (mark.size + 4) * unit;
      const half = 6 * unit;
      const box: [number, number, number, number] = upright ? [x - half, y - gap - long, x + half, y - gap] : [x + gap, y - half, x + gap + long, y + half];
      if (!(box[0] >= margin.left && box[2] <= this.width && box[1] >= 0 && box[3] <= this.height - margin.bottom + half)) continue;
      if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
      taken.push(box);
      context.save();
      context.translate(upright ? x + 4 * unit : box[0], upright ? box[3] : y + 4 * unit);
      if (upright) context.rotate(-Math.PI / 2);
      context.fillText(mark.label!, 0, 0);
      context.restore();
    }
  }

  mark(mark: Mark, pixels: number): void {
    const { context } = this;
    const [x, y] = spot(mark, this.x, this.y);
    if (!Number.isFinite(x) || !Number.isFinite(y)) return;
    const size = pixels * this.unit;
    context.fillStyle = context.strokeStyle = mark.colour;
    context.lineWidth = 1.5 * this.unit;
    context.beginPath();
    if (mark.shape === "cross") {
      context.moveTo(x - size, y - size);
      context.lineTo(x + size, y + size);
      context.moveTo(x - size, y + size);
      context.lineTo(x + size, y - size);
      context.stroke();
      return;
    }
    if (mark.shape === "triangle") {
      context.moveTo(x, y - size * 1.2);
      context.lineTo(x + size * 1.1, y + size * 0.8);
      context.lineTo(x - size * 1.1, y + size * 0.8);
      context.closePath();
    } else if (mark.shape === "diamond") {
      context.moveTo(x, y - size * 1.3);
      context.lineTo(x + size * 1.3, y);
      context.lineTo(x, y + size * 1.3);
      context.lineTo(x - size * 1.3, y);
      context.closePath();
    } else {
      context.arc(x, y, size, 0, 2 * Math.PI);
    }
    if (mark.shape === "ring") {
      context.fillStyle = this.colour("--back");
      context.fill();
      context.stroke();
    } else {
      context.fill();
    }
  }

  ring(mark: Mark, colour: string, room: number): void {
    const { context } = this;
    const [x, y] = spot(mark, this.x, this.y);
    this.mark(mark, mark.size + 1);
    context.strokeStyle = this.colour(colour);
    context.lineWidth = 2.5 * this.unit;
    context.beginPath();
    context.arc(x, y, (mark.size + room) * this.unit, 0, 2 * Math.PI);
    context.stroke();
  }

  // A rectangle that is being drawn.
  brush(x: number, y: number, toX: number, toY: number): void {
    const { context } = this;
    context.fillStyle = this.colour("--selected");
    context.globalAlpha = 0.18;
    context.fillRect(Math.min(x, toX), Math.min(y, toY), Math.abs(toX - x), Math.abs(toY - y));
    context.globalAlpha = 1;
  }

  private rules(rules: Rule[]): void {
    const { context, margin, unit, width, height } = this;
    context.strokeStyle = context.fillStyle = this.colour("--limit");
    context.lineWidth = 1.5 * unit;
    context.setLineDash([6, 4]);
    for (const rule of rules) {
      const vertical = rule.axis === "x";
      const at = vertical ? this.x(rule.value) : this.y(rule.value);
      const [low, high] = vertical ? this.x.range() : [this.y.range()[1], this.y.range()[0]];
      if (!(at >= low && at <= high)) continue;
      context.beginPath();
      context.moveTo(vertical ? at : margin.left, vertical ? margin.top : at);
      context.lineTo(vertical ? at : width - margin.right, vertical ? height - margin.bottom : at);
      context.stroke();
      const toRight = vertical && at - context.measureText(rule.label).width - 6 * unit < margin.left;
      context.textAlign = toRight ? "left" : "right";
      if (vertical) context.fillText(rule.label, toRight ? at + 5 * unit : at - 5 * unit, margin.top + 12 * unit);
      else context.fillText(rule.label, width - margin.right - 4 * unit, at - 5 * unit);
    }
    context.setLineDash([]);
  }
}
