// A plot on a canvas: 10^5 marks are painted once, what follows the pointer lies above them. One mark at a time is current;
// arrow keys walk through them, and a screen reader is told its text.
import { scaleLinear } from "d3-scale";
import { h } from "./dom";
import { domainsOf, Painter, scaleOf, spot, type Margin, type Mark, type Picture, type Scale } from "./painter";

let plots = 0;

export class Plot {
  readonly element: HTMLElement;
  private readonly base = h("canvas", { "aria-hidden": "true" });
  private readonly overlay = h("canvas", { class: "overlay", "aria-hidden": "true" });
  private readonly list: HTMLElement;
  private readonly option: HTMLElement;
  private readonly tip = h("div", { class: "tip", "aria-hidden": "true" });
  private readonly name = `plot${++plots}`;
  private picture: Picture = { title: "", x: { label: "" }, y: { label: "" }, marks: [] };
  private order: number[] = []; // marks from left to right
  private current = -1; // place in `order`
  private x: Scale = scaleLinear();
  private y: Scale = scaleLinear();
  private home: [number, number][] = [];
  private drag: { x: number; y: number; toX: number; toY: number; pan: boolean } | null = null;
  private readonly observer = new ResizeObserver(() => this.draw());

  constructor() {
    this.option = h("div", { role: "option", id: this.name + "a", "aria-selected": "true", class: "hidden" });
    this.list = h(
      "div",
      {
        class: "plot",
        role: "listbox",
        tabindex: 0,
        onkeydown: (event: KeyboardEvent) => this.key(event),
        onfocus: () => this.showCurrent(),
        onblur: () => this.drawOverlay(),
        onpointermove: (event: PointerEvent) => this.move(event),
        onpointerleave: () => this.hideTip(),
        onpointerdown: (event: PointerEvent) => this.press(event),
        onpointerup: (event: PointerEvent) => this.release(event),
        onpointercancel: () => ((this.drag = null), this.drawOverlay()),
      },
      this.base,
      this.overlay,
      this.option,
      this.tip,
    );
    this.element = h("div", { class: "figure" }, this.list);
    this.observer.observe(this.list);
  }

  show(picture: Picture): this {
    const same = this.picture.title === picture.title;
    this.picture = picture;
    this.list.setAttribute("aria-label", `${picture.title}. ${picture.marks.length} marks; arrow keys walk, Enter selects.`);
    this.list.style.height = `${(picture.height ?? 380) / 16}rem`;
    this.order = picture.marks.map((_, i) => i).sort((a, b) => picture.marks[a].x - picture.marks[b].x);
    this.current = this.order.findIndex((i) => picture.marks[i].id === picture.selected);
    this.tell();
    const domains = domainsOf(picture);
    this.x = scaleOf(picture.x, domains[0]);
    this.y = scaleOf(picture.y, domains[1]);
    if (!same || this.home.length === 0) this.buttons();
    this.home = domains;
    this.draw();
    return this;
  }

  private buttons(): void {
    this.element.querySelector(".zoom")?.remove();
    if (!this.picture.zoom) return;
    const button = (text: string, label: string, act: () => void): HTMLElement =>
      h("button", { type: "button", title: label, "aria-label": label, onclick: act }, text);
    this.element.prepend(
      h(
        "div",
        { class: "zoom" },
        button("+", "Zoom in", () => this.zoomBy(0.6)),
        button("−", "Zoom out", () => this.zoomBy(1 / 0.6)),
        button("⤢", "Show everything", () => this.reset()),
      ),
    );
    this.list.onwheel = (event: WheelEvent) => {
      if (!event.ctrlKey && document.activeElement !== this.list) return; // the page scrolls
      event.preventDefault();
      this.zoomBy(event.deltaY < 0 ? 0.8 : 1.25, event.offsetX, event.offsetY);
    };
  }

  private reset(): void {
    this.x.domain(this.home[0]);
    this.y.domain(this.home[1]);
    this.draw();
  }

  private zoomBy(factor: number, atX?: number, atY?: number): void {
    const mark = this.currentMark();
    const { width, height } = this.size();
    const [markX, markY] = mark ? spot(mark, this.x, this.y) : [width / 2, height / 2];
    const px = atX ?? markX;
    const py = atY ?? markY;
    for (const [scale, at] of [[this.x, px], [this.y, py]] as [Scale, number][]) {
      const [a, b] = scale.range();
      scale.domain([scale.invert(at + (a - at) * factor), scale.invert(at + (b - at) * factor)]);
    }
    this.draw();
  }

  private size(): { width: number; height: number } {
    return { width: this.list.clientWidth, height: this.list.clientHeight };
  }

  // Canvases grow with the page's letters.
  private unit(): number {
    return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  }

  private margin(): Margin {
    const unit = this.unit();
    const bare = this.picture.y.kind === "none";
    return { left: (bare ? 30 : 84) * unit, right: 20 * unit, top: 14 * unit, bottom: 46 * unit };
  }

  private painter(canvas: HTMLCanvasElement): Painter {
    const { width, height } = this.size();
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext("2d")!;
    context.scale(ratio, ratio);
    context.font = `${12 * this.unit()}px ${getComputedStyle(document.body).fontFamily}`;
    return new Painter(context, this.x, this.y, width, height, this.margin(), this.unit());
  }

  private draw(): void {
    const { width, height } = this.size();
    if (width === 0 || height === 0) return;
    const { left, right, top, bottom } = this.margin();
    this.x.range([left, width - right]);
    this.y.range([height - bottom, top]);
    this.painter(this.base).paint(this.picture);
    this.drawOverlay();
  }

  private drawOverlay(): void {
    const painter = this.painter(this.overlay);
    const selected = this.picture.marks.find((mark) => mark.id === this.picture.selected);
    if (selected) painter.ring(selected, "--selected", 5);
    const current = this.currentMark();
    if (current && document.activeElement === this.list) painter.ring(current, "--text", 9);
    if (this.drag && !this.drag.pan) painter.brush(this.drag.x, this.drag.y, this.drag.toX, this.drag.toY);
  }

  private currentMark(): Mark | undefined {
    return this.picture.marks[this.order[this.current]];
  }

  private tell(): void {
    const mark = this.currentMark();
    this.option.textContent = mark ? this.textOf(mark) : "No mark is current.";
    // A new id, so that a screen reader notices.
    this.option.id = this.name + (this.option.id.endsWith("a") ? "b" : "a");
    this.option.setAttribute("aria-setsize", String(Math.max(1, this.order.length)));
    this.option.setAttribute("aria-posinset", String(Math.max(1, this.current + 1)));
    this.list.setAttribute("aria-activedescendant", this.option.id);
  }

  private textOf(mark: Mark): string {
    return typeof mark.text === "function" ? mark.text() : mark.text;
  }

  private showCurrent(): void {
    this.drawOverlay();
    const mark = this.currentMark();
    if (mark && document.activeElement === this.list) this.showTip(mark);
  }

  private key(event: KeyboardEvent): void {
    const last = this.order.length - 1;
    const steps: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
    const next =
      event.key in steps ? Math.max(0, Math.min(last, this.current + steps[event.key])) : event.key === "Home" ? 0 : event.key === "End" ? last : -1;
    const mark = this.currentMark();
    if (next >= 0 && last >= 0 && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      this.current = next;
      this.tell();
      this.showCurrent();
    } else if ((event.key === "Enter" || event.key === " ") && mark) {
      event.preventDefault();
      this.picture.select?.(mark.id);
    } else if (this.picture.zoom && (event.key === "+" || event.key === "-")) {
      event.preventDefault();
      this.zoomBy(event.key === "+" ? 0.7 : 1 / 0.7);
    } else if (event.key === "Escape") {
      this.hideTip();
      if (this.picture.zoom) this.reset();
    }
  }

  private nearest(x: number, y: number): number {
    let found = -1;
    let nearest = 24 * 24;
    this.order.forEach((index, place) => {
      const [atX, atY] = spot(this.picture.marks[index], this.x, this.y);
      const dx = atX - x;
      if (dx > 24 || dx < -24) return;
      const distance = dx * dx + (atY - y) ** 2;
      if (distance < nearest) {
        nearest = distance;
        found = place;
      }
    });
    return found;
  }

  private move(event: PointerEvent): void {
    const { x, y } = this.at(event);
    if (this.drag) {
      if (this.drag.pan) {
        for (const [scale, by] of [[this.x, this.drag.toX - x], [this.y, this.drag.toY - y]] as [Scale, number][]) {
          const [a, b] = scale.range();
          scale.domain([scale.invert(a + by), scale.invert(b + by)]);
        }
      }
      this.drag.toX = x;
      this.drag.toY = y;
      if (this.drag.pan) this.draw();
      else this.drawOverlay();
      return;
    }
    const place = this.nearest(x, y);
    if (place < 0) return this.hideTip();
    this.list.classList.add("over");
    this.showTip(this.picture.marks[this.order[place]]);
  }

  private at(event: PointerEvent): { x: number; y: number } {
    const box = this.list.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private press(event: PointerEvent): void {
    if (event.button !== 0 || event.pointerType === "touch") return;
    if (!this.picture.brush && !this.picture.zoom) return;
    const { x, y } = this.at(event);
    this.drag = { x, y, toX: x, toY: y, pan: !this.picture.brush };
    this.list.setPointerCapture(event.pointerId);
  }

  private release(event: PointerEvent): void {
    const { x, y } = this.at(event);
    const drag = this.drag;
    this.drag = null;
    if (drag && Math.hypot(x - drag.x, y - drag.y) > 6) {
      if (!drag.pan) {
        const [left, right] = [Math.min(drag.x, x), Math.max(drag.x, x)];
        const [top, bottom] = [Math.min(drag.y, y), Math.max(drag.y, y)];
        this.picture.brush?.((mark) => {
          const [mx, my] = spot(mark, this.x, this.y);
          return mx >= left && mx <= right && my >= top && my <= bottom;
        });
      }
      this.drawOverlay();
      return;
    }
    const place = this.nearest(x, y);
    if (place < 0) return;
    this.current = place;
    this.tell();
    this.picture.select?.(this.currentMark()!.id);
  }

  private showTip(mark: Mark): void {
    this.tip.textContent = this.textOf(mark);
    this.tip.classList.add("shown");
    const { width } = this.size();
    const [x, y] = spot(mark, this.x, this.y);
    const wide = this.tip.offsetWidth;
    this.tip.style.left = `${Math.max(0, Math.min(width - wide, x + 14 + wide > width ? x - wide - 14 : x + 14))}px`;
    this.tip.style.top = `${Math.max(0, y - this.tip.offsetHeight - 10)}px`;
  }

  private hideTip(): void {
    this.list.classList.remove("over");
    this.tip.classList.remove("shown");
  }
}
