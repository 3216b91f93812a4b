// The page: header, navigation, and the view that the address names.
import { choice, h } from "./dom";
import { data } from "./data";
import { generators } from "./generators";
import { lineage } from "./lineage";
import { follow } from "./live";
import { money } from "./money";
import { network } from "./network";
import { now } from "./now";
import { Run, type Belief, type Detail, type ReportDocument, type Sheet } from "./run";
import { space } from "./space";
import { address, parse, shown, titles, views, type Context, type Place } from "./state";
import { tradeoff } from "./tradeoff";

const draw: Record<string, (context: Context) => HTMLElement> = {
  now, generators, "trade-off": tradeoff, lineage, network, space, money, data,
};

let report: ReportDocument = JSON.parse(document.getElementById("document")!.textContent!);
let runs: Run[] = [];
let filters = new Map<number, Uint8Array>(); // by run
const details = new Map<string, Detail>(); // fetched ones
let note = "";
let theme = "";

const header = h("header", {});
const nav = h("nav", { "aria-label": "Views" });
const bars = h("div", { class: "bars-top" });
const notice = h("p", { class: "notice", role: "status" });
const main = h("main", { id: "main", tabindex: -1 });
document.getElementById("page")!.append(header, nav, notice, bars, main);

function context(place: Place): Context {
  const run = runs[Math.min(place.run, runs.length - 1)];
  const asked = place.view === "generators" ? Number(place.options.n ?? -1) : place.id;
  return {
    runs: runs.filter((r) => !r.data.error),
    run,
    place,
    live: report.live === true,
    benches: report.benches ?? [],
    selected: run.has(asked) ? asked : 0,
    filter: filters.get(run.index) ?? null,
    go: (to) => (location.hash = address({ ...place, ...to })),
    select: (id) => (location.hash = address({ ...place, id })),
    setFilter: (filter) => {
      if (filter) filters.set(run.index, filter);
      else filters.delete(run.index);
      render();
    },
    detail: (id) => detailOf(run, id),
    belief: () => fetched<Belief>(run, "belief", String(run.size)),
    sheet: () => fetched<Sheet>(run, "sheet", run.data.family.map(({ name }) => name).join()),
  };
}

async function detailOf(run: Run, id: number): Promise<Detail | null> {
  const known = run.data.details?.[String(id)];
  if (known || !report.live) return known ?? null;
  const place = `network/${run.index}/${id}`;
  const key = `${run.data.networks.key[id - 1]} ${place}`;
  if (!details.has(key)) {
    const answer = await fetch(place).catch(() => null);
    if (!answer?.ok) return null;
    details.set(key, await answer.json());
  }
  return details.get(key)!;
}

// What a dashboard is asked for only where it is looked at: as it was known last, and fetched again when `stamp` is another.
const asked = new Map<string, { stamp: string; value: unknown }>();

function fetched<T>(run: Run, what: "belief" | "sheet", stamp: string): T | null | undefined {
  if (!report.live) return (run.data[what] as T | undefined) ?? null;
  const key = `${what} ${run.data.name}`;
  const known = asked.get(key);
  if (known?.stamp === stamp) return known.value as T | null | undefined;
  const entry = { stamp, value: known?.value };
  asked.set(key, entry);
  fetch(`${what}/${run.index}`)
    .then(async (answer) => (entry.value = answer.ok ? await answer.json() : null))
    .catch(() => (entry.value = null))
    .finally(render);
  return entry.value as T | null | undefined;
}

function themeButton(): HTMLElement {
  const next: Record<string, string> = { "": "dark", dark: "light", light: "" };
  const names: Record<string, string> = { "": "as the system", dark: "dark", light: "light" };
  return h(
    "button",
    {
      type: "button",
      class: "theme",
      onclick: () => {
        theme = next[theme];
        if (theme) document.documentElement.dataset.theme = theme;
        else delete document.documentElement.dataset.theme;
        render();
        header.querySelector<HTMLElement>(".theme")!.focus();
      },
    },
    `Colours: ${names[theme]}`,
  );
}

function renderHeader(at: Context): void {
  const named = runs.map((run): [string, string] => [String(run.index), run.data.name]);
  header.replaceChildren(
    h("a", { class: "brand", href: address({ view: "now", run: at.run.index }) }, "synth"),
    runs.length > 1
      ? choice("Run", named, String(at.run.index), (value) => at.go({ run: Number(value), id: -1, options: {} }))
      : h("span", { class: "run" }, at.run.data.name),
    h("span", { class: `state ${at.run.data.error ? "bad" : at.run.data.state}` }, at.run.data.error ? "unreadable" : at.run.data.state),
    report.live ? h("span", { class: "quiet" }, "live") : "",
    themeButton(),
  );
}

function renderNav(at: Context): void {
  const items = views.map((view) => {
    const generator = view === "generators" && at.selected > 0 ? at.run.generatorOf(at.selected) : undefined;
    const href =
      view === "generators"
        ? address({ view, run: at.run.index, id: generator?.proposal ?? -1, options: at.selected > 0 ? { n: String(at.selected) } : {} })
        : address({ view, run: at.run.index, id: at.selected > 0 ? at.selected : -1 });
    return h("li", {}, h("a", { href, "aria-current": view === at.place.view ? "page" : null }, titles[view]));
  });
  // Replacing a link that has the focus would lose it.
  const focused = [...nav.querySelectorAll("a")].indexOf(document.activeElement as HTMLAnchorElement);
  nav.replaceChildren(h("ul", {}, items));
  if (focused >= 0) nav.querySelectorAll("a")[focused]?.focus();
}

function renderBars(at: Context): void {
  const parts: HTMLElement[] = [];
  const { run, selected, filter } = at;
  if (selected > 0) {
    const link = (view: string, text: string): HTMLElement => h("a", { href: address({ view, id: selected, run: run.index }) }, text);
    parts.push(
      h(
        "p",
        { class: "chip selected" },
        h("span", {}, run.describe(selected)),
        link("network", "Network"), link("lineage", "Lineage"), link("trade-off", "Trade-off"),
        h("button", { type: "button", onclick: () => at.go(at.place.view === "generators" ? { options: {} } : { id: -1 }) }, "Deselect"),
      ),
    );
  }
  if (filter) {
    parts.push(
      h(
        "p",
        { class: "chip" },
        h("span", {}, `Filter: ${shown(at).length} of ${run.size} networks`),
        h("button", { type: "button", onclick: () => at.setFilter(null) }, "Clear filter"),
      ),
    );
  }
  bars.replaceChildren(...parts);
}

const reachable = 'a[href], button, select, input, summary, [tabindex="0"]';
let drawn = ""; // view and run of what is on the page

function render(): void {
  notice.textContent = note;
  if (runs.length === 0) {
    main.replaceChildren(h("p", {}, report.live ? "Waiting for the run ..." : "This page holds no run."));
    return;
  }
  const at = context(parse(location.hash));
  const { run } = at;
  const key = `${at.place.view} ${run.index}`;
  const same = key === drawn;
  drawn = key;
  const before = document.activeElement;
  const place = [...main.querySelectorAll(reachable)].indexOf(before!);
  const open = [...main.querySelectorAll("details")].map((element) => element.open);
  const scroll = window.scrollY;
  renderHeader(at);
  renderNav(at);
  renderBars(at);
  document.title = `${titles[at.place.view]}: ${run.data.name} - synth`;
  const heading = h("h1", { tabindex: -1 }, titles[at.place.view]);
  const body = run.data.error ? h("p", { class: "error", role: "alert" }, run.data.error) : draw[at.place.view](at);
  main.replaceChildren(heading, body);
  if (same) {
    const now = [...main.querySelectorAll("details")];
    if (now.length === open.length) now.forEach((element, i) => (element.open = open[i]));
    const target = before?.isConnected && before !== document.body ? before : place >= 0 ? main.querySelectorAll(reachable)[place] : null;
    (target as HTMLElement | null)?.focus({ preventScroll: true });
    window.scrollTo(0, scroll);
  } else {
    window.scrollTo(0, 0);
    if (place >= 0) heading.focus({ preventScroll: true });
  }
}

function take(document_: ReportDocument): void {
  report = document_;
  note = document_.note ?? "";
  runs = (document_.runs ?? []).map((data, index) => new Run(data, index));
  // Networks are only ever added: a filter says nothing of new ones, which stay outside.
  for (const [index, filter] of filters) {
    const size = runs[index]?.size ?? 0;
    if (size < filter.length) filters.delete(index);
    else if (size > filter.length) {
      const longer = new Uint8Array(size);
      longer.set(filter);
      filters.set(index, longer);
    }
  }
  render();
}

window.addEventListener("hashchange", render);
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", render);
document.querySelector(".skip")!.addEventListener("click", (event) => {
  event.preventDefault(); // the address names the view
  main.focus();
});
if (report.live) follow(take, (text) => ((note = text), (notice.textContent = text)));
else take(report);
render();
