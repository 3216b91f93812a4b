// Where the reader is: the address (#/view/id?run=1&x=parameters) and the filter that a brush has drawn.
import type { Run } from "./run";

export interface Place {
  view: string;
  id: number; // a network, in the view of generators a proposal; -1 = none
  run: number;
  options: Record<string, string>;
}

export const views = ["now", "generators", "trade-off", "lineage", "network", "space", "money", "data"] as const;
export const titles: Record<string, string> = {
  now: "Now",
  generators: "Generators",
  "trade-off": "Trade-off",
  lineage: "Lineage",
  network: "Network",
  space: "Space",
  money: "Money",
  data: "Data",
};

export function parse(hash: string): Place {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [view = "", id = ""] = path.split("/");
  const options: Record<string, string> = Object.fromEntries(new URLSearchParams(query));
  const whole = (text: string | undefined): number => (/^\d{1,9}$/.test(text ?? "") ? Number(text) : -1);
  const run = Math.max(0, whole(options.run));
  delete options.run;
  return { view: (views as readonly string[]).includes(view) ? view : "now", id: whole(id), run, options };
}

export function address(place: Partial<Place> & { view: string }): string {
  const query = new URLSearchParams(place.options ?? {});
  if (place.run) query.set("run", String(place.run));
  const text = query.toString();
  return `#/${place.view}${(place.id ?? -1) >= 0 ? "/" + place.id : ""}${text ? "?" + text : ""}`;
}

// What views share. `filter`: 1 per network that is looked at; null = all.
export interface Context {
  runs: Run[];
  run: Run;
  place: Place;
  live: boolean;
  benches: import("./run").Bench[];
  selected: number; // network; 0 = none
  filter: Uint8Array | null;
  go(place: Partial<Place>): void; // what is not given stays
  select(id: number): void; // stays in the view
  setFilter(filter: Uint8Array | null): void;
  detail(id: number): Promise<import("./run").Detail | null>;
  // null: there is none; undefined: on its way, the view is drawn again with it.
  belief(): import("./run").Belief | null | undefined;
  sheet(): import("./run").Sheet | null | undefined;
}

export function shown(context: Context): number[] {
  const ids: number[] = [];
  for (let id = 1; id <= context.run.size; ++id) {
    if (!context.filter || context.filter[id - 1]) ids.push(id);
  }
  return ids;
}
