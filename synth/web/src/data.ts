// Data: what the networks were trained and tested on, as they see it, and what a family's members take for what.
import { onRamp, ramp } from "./colours";
import { bar, choice, h, table } from "./dom";
import { most, type Confusion, type Sheet } from "./run";
import type { Context } from "./state";

const widest = 30; // classes of a matrix that can be read

// Nothing but a picture that is in the page itself.
const picture = (uri: unknown, alt: string): HTMLElement | null =>
  typeof uri === "string" && /^data:image\/png;base64,[A-Za-z0-9+/=]+$/.test(uri) ? h("img", { src: uri, alt, class: "strip" }) : null;

const nameOf = (sheet: Sheet | null | undefined, index: number): string => sheet?.classes?.[index] ?? `class ${index}`;

function splits(sheet: Sheet): HTMLElement {
  const names = Object.keys(sheet.splits ?? {});
  const sum = (list: number[]): number => list.reduce((total, n) => total + n, 0);
  const counts = (sheet.classes ?? []).map((_, i) => names.map((name) => sheet.splits![name][i] ?? 0));
  const top = Math.max(1, most(counts.map(sum)));
  const rows = counts.map((of, i) => [nameOf(sheet, i), ...of.map(String), h("span", { class: "withbar" }, bar(sum(of) / top), String(sum(of)))]);
  const totals = names.map((name) => sum(sheet.splits![name]));
  rows.push(["all", ...totals.map(String), String(sum(totals))]);
  const [channels, height, width] = sheet.input ?? [0, 0, 0];
  const caption = `Images per class; ${channels} channel${channels === 1 ? "" : "s"} of ${height} x ${width} pixels enter the network`;
  return h(
    "section",
    {},
    h("h2", {}, "Splits"),
    (sheet.notes ?? []).map((note) => h("p", { class: "quiet" }, note)),
    table(caption, ["Class", ...names.map((name) => name[0].toUpperCase() + name.slice(1)), "Images"], rows, names.map((_, i) => i + 1)),
  );
}

function examples(sheet: Sheet): HTMLElement {
  const strips = sheet.examples ?? [];
  return h(
    "section",
    {},
    h("h2", {}, "Examples"),
    h("p", { class: "quiet" }, "The first training images of each class, as they enter the network, before normalisation."),
    h("ul", { class: "examples" }, strips.map((uri, i) => h("li", {}, h("h3", {}, nameOf(sheet, i)), picture(uri, `Training images of class ${nameOf(sheet, i)}`)))),
    strips.length < (sheet.classes ?? []).length ? h("p", {}, `${sheet.classes!.length - strips.length} more classes are not shown.`) : null,
  );
}

function matrix(confusion: Confusion, precision: "float" | "int8", sheet: Sheet | null | undefined, member: string): HTMLElement {
  const size = confusion.per_class.length;
  const cells = new Map(confusion[precision].map(([label, seen, n]) => [label * size + seen, n]));
  const missed = confusion.per_class.map((_, label) => confusion[precision].reduce((sum, [of, , n]) => sum + (of === label ? n : 0), 0));
  if (size > widest) return h("p", {}, `A matrix of ${size} classes cannot be read; the pairs below are the worst.`);
  const cell = (label: number, seen: number): HTMLElement => {
    const n = label === seen ? confusion.per_class[label] - missed[label] : cells.get(label * size + seen) ?? 0;
    const share = confusion.per_class[label] > 0 ? n / confusion.per_class[label] : 0;
    const td = h("td", { class: "number" }, n > 0 ? String(n) : "·");
    if (n > 0) {
      // Errors are few: the ramp is that of the root.
      td.style.background = ramp(Math.sqrt(share));
      td.style.color = onRamp(Math.sqrt(share));
    }
    return td;
  };
  const heads = confusion.per_class.map((_, seen) => h("th", { scope: "col" }, nameOf(sheet, seen)));
  const caption = `Test images of each class (row) by what member ${member} sees in them (column), ${precision}`;
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    h(
      "table",
      { class: "matrix" },
      h("caption", {}, caption),
      h("thead", {}, h("tr", {}, h("td", {}), heads)),
      h("tbody", {}, confusion.per_class.map((_, label) => h("tr", {}, h("th", { scope: "row" }, nameOf(sheet, label)), confusion.per_class.map((_, seen) => cell(label, seen))))),
    ),
  );
}

function pairs(confusion: Confusion, sheet: Sheet | null | undefined, member: string): HTMLElement {
  const strips = sheet?.confused?.[member] ?? [];
  const rows = confusion.pairs.map(([label, seen, inFloat, inInt8], i) => [
    `${nameOf(sheet, label)} taken for ${nameOf(sheet, seen)}`, String(inFloat), String(inInt8),
    picture(strips[i], `Test images of class ${nameOf(sheet, label)} that are taken for ${nameOf(sheet, seen)}`) ?? "-",
  ]);
  if (rows.length === 0) return h("p", {}, "No test image is taken for another class.");
  return table("Worst confused pairs", ["Pair", "Float", "int8", "Images"], rows, [1, 2]);
}

function confusions(context: Context, sheet: Sheet | null | undefined): HTMLElement {
  const { run, place } = context;
  const members = run.data.family.filter((member) => member.confusion);
  const body: (HTMLElement | null)[] = [h("h2", {}, "What members take for what")];
  if (members.length === 0) {
    body.push(h("p", {}, run.data.family.length > 0
      ? "This family was measured by a program that did not record what its members see in each test image."
      : "Nothing is known of the test images before a family is trained: synth family."));
    return h("section", {}, body);
  }
  const member = members.find((candidate) => candidate.name === place.options.member) ?? members.at(-1)!;
  const precision = place.options.precision === "float" ? "float" : "int8";
  const option = (name: string) => (value: string): void => context.go({ options: { ...place.options, [name]: value } });
  body.push(
    h(
      "div",
      { class: "controls" },
      choice("Member", members.map(({ name }) => [name, name]), member.name, option("member")),
      choice("Precision", [["int8", "int8"], ["float", "float"]], precision, option("precision")),
    ),
    matrix(member.confusion!, precision, sheet, member.name),
    pairs(member.confusion!, sheet, member.name),
  );
  return h("section", {}, body);
}

export function data(context: Context): HTMLElement {
  const sheet = context.sheet();
  const told = sheet === undefined ? h("p", { class: "quiet" }, "The data are being read ...")
    : sheet === null ? h("p", {}, "Images were left out of this page (--no-images).")
    : sheet.error ? h("p", { class: "error" }, sheet.error)
    : null;
  return h(
    "div",
    {},
    h("p", {}, "Data: ", h("code", {}, context.run.data.data)),
    told,
    sheet && !sheet.error ? splits(sheet) : null,
    sheet && !sheet.error ? examples(sheet) : null,
    confusions(context, sheet),
  );
}
