// Elements and the spelling of figures. Text from a run becomes text nodes and attributes of fixed names, never markup.

type Child = Node | string | null | undefined | false | Child[];
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: any) => void)>;

// h("a", {href: "#", onclick: f}, "text"): attributes that are null or false are left out, true is an empty one.
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

export function append(element: Element, children: Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(typeof child === "string" ? visible(child) : child);
  }
}

// Control characters and marks that reorder text, as a reader must see them.
export function visible(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (letter) => "\\u" + letter.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}

// "2.97 M", "41.2 k", "512"
export function count(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const units = ["", " k", " M", " G", " T"];
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  if (Math.abs(value) >= 1e6) return value.toExponential(2);
  return (unit === 0 && Number.isInteger(value) ? String(value) : digits(value)) + units[unit];
}

export function bytes(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const units = [" B", " KiB", " MiB", " GiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return (unit === 0 ? String(Math.round(value)) : digits(value)) + units[unit];
}

function digits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

export const percent = (value: number): string => (Number.isFinite(value) ? (100 * value).toFixed(2) + " %" : "-");
export const score = (value: number): string => (Number.isFinite(value) ? value.toFixed(2) : "-");
export const plain = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(4))) : "-";

export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "-";
  if (seconds < 60) return plain(Number(seconds.toPrecision(3))) + " s";
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(Math.floor(seconds % 60)).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

// A table whose first column names the row. `numeric`: columns that stand on the right.
export function table(
  caption: string,
  heads: string[],
  rows: Child[][],
  numeric: number[] = [],
): HTMLElement {
  const right = new Set(numeric);
  const cell = (content: Child, column: number): HTMLElement =>
    column === 0
      ? h("th", { scope: "row", class: right.has(column) ? "number" : null }, content)
      : h("td", { class: right.has(column) ? "number" : null }, content);
  const element = h(
    "table",
    {},
    h("caption", {}, caption),
    h("thead", {}, h("tr", {}, heads.map((head, i) => h("th", { scope: "col", class: right.has(i) ? "number" : null }, head)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell)))),
  );
  // Wide tables scroll by themselves; the keyboard reaches them.
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, element);
}

export function choice(
  label: string,
  options: [value: string, text: string][],
  chosen: string,
  change: (value: string) => void,
): HTMLElement {
  const select = h(
    "select",
    { onchange: (event: Event) => change((event.target as HTMLSelectElement).value) },
    options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)),
  );
  return h("label", { class: "choice" }, label + " ", select);
}

// A bar of `share` of the width; the text beside it says the figure.
export function bar(share: number, kind = ""): HTMLElement {
  const fill = h("span", { class: "fill " + kind });
  fill.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return h("span", { class: "bar", "aria-hidden": "true" }, fill);
}

export function download(name: string, text: string, label: string): HTMLElement {
  return h(
    "button",
    {
      type: "button",
      onclick: () => {
        const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
        const link = h("a", { href: url, download: name });
        document.body.append(link);
        link.click();
        link.remove();
        setTimeout(() => URL.revokeObjectURL(url), 10000);
      },
    },
    label,
  );
}
