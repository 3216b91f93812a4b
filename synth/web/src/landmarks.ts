// Networks of the library beside those of the run: exact costs at the run's input, accuracies as papers printed them.
import { colour } from "./colours";
import { count, bytes, h, percent, table } from "./dom";
import type { Mark } from "./painter";
import { least, most, type Landmark, type Metric, type Run } from "./run";

const value = (landmark: Landmark, m: Metric): number => {
  const found = (landmark as unknown as Record<string, unknown>)[m.key];
  return typeof found === "number" ? found : Number.NaN;
};

function text(landmark: Landmark): string {
  const { published } = landmark;
  return (
    `${landmark.name}, of the library: ${count(landmark.parameters)} parameters, ${count(landmark.multiply_adds)} multiply-adds; ` +
    (published ? `${percent(published.accuracy)} on ${published.data} (${published.source})` : "not trained on this data")
  );
}

// How far beyond the run's own networks an axis reaches for landmarks: others would crowd what one looks for.
function reach(run: Run, m: Metric, log: boolean): [number, number] {
  const known = Array.from(run.column(m.key)).filter((v) => Number.isFinite(v) && (!log || v > 0));
  return log ? [least(known) / 10, most(known) * 10] : [Math.min(0, least(known)), most(known) * 1.5];
}

// Landmarks have no figures but costs: on any other axis they stand at its edge.
export function landmarkMarks(run: Run, x: Metric, y: Metric, logX: boolean, logY: boolean): Mark[] {
  const axes: [Metric, boolean][] = [[x, logX], [y, logY]];
  const limits = axes.map(([m, log]) => reach(run, m, log));
  return (run.data.landmarks ?? []).flatMap((landmark, i): Mark[] => {
    const place = axes.map(([m]) => value(landmark, m));
    if (!place.some(Number.isFinite)) return [];
    if (place.some((v, axis) => v < limits[axis][0] || v > limits[axis][1])) return [];
    const unknown = !Number.isFinite(place[0]) ? "x" : !Number.isFinite(place[1]) ? "y" : undefined;
    return [{
      x: unknown === "x" ? 0 : place[0], y: unknown === "y" ? 0 : place[1], unknown, label: landmark.name,
      colour: colour.second(), shape: "triangle", size: 5, id: -1 - i, text: text(landmark),
    }];
  });
}

export function landmarkTable(run: Run): HTMLElement | null {
  const landmarks = run.data.landmarks ?? [];
  if (landmarks.length === 0) return null;
  const rows = landmarks.map((landmark) => [
    landmark.name, count(landmark.parameters), count(landmark.multiply_adds), bytes(landmark.weight_bytes), bytes(landmark.peak_activation_bytes),
    landmark.published ? `${percent(landmark.published.accuracy)} on ${landmark.published.data} (${landmark.published.source})` : "-",
  ]);
  return h(
    "details",
    {},
    h("summary", {}, `Landmarks: ${landmarks.length} networks of the library at this run's input and classes`),
    table("Costs are exact, at the run's precision; none was trained on the run's data", ["Network", "Parameters", "Multiply-adds", "Weights", "Peak activations", "Published top-1"], rows, [1, 2, 3, 4]),
  );
}
