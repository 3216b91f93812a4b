"""How well does what a search measures, after inheriting weights and little training, rank networks: the accuracy
itself, and the accuracy that `synth lineage` infers from it for full training (docs/algorithm.md)? Takes networks
from run databases, evenly by rank of multiply-adds, trains each in full from scratch (the defaults of `synth train`,
which augments trainings of more than 8 epochs), and compares.
One JSON line per network goes into RESULTS as soon as it is trained; run the same command again to go on.

python3 tests/bench/cheap_accuracy.py build/release/bin/synth RESULTS --count 24 random.db synthesis.db
python3 tests/bench/cheap_accuracy.py build/release/bin/synth RESULTS         # what there is: correlation and costs
"""
import argparse
import json
import os
import sqlite3
import sys

from results import append_line, measured_already, read_lines, synth


def inherited_networks(path):
    """Networks that inherited weights, by multiply-adds, with what the search measured and what that took."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    rows = connection.execute(
        "SELECT id, key, multiply_adds, weights + biases, accuracy, float_accuracy, seconds FROM networks "
        "WHERE outcome = 'trained' AND parent IS NOT NULL ORDER BY multiply_adds, id").fetchall()
    data, config = connection.execute("SELECT data, config FROM run").fetchone()
    seed = json.loads(config)["seed"]  # of the validation split
    connection.close()
    names = ("id", "key", "multiply_adds", "parameters", "cheap_accuracy", "cheap_float_accuracy", "cheap_seconds")
    return [{"network": f"{path}#{row[0]}", "data": data, "seed": seed, **dict(zip(names, row))} for row in rows]


def evenly(items, count):
    """`count` of the items at even distances, the first and the last among them."""
    if count >= len(items):
        return items
    return [items[round(i * (len(items) - 1) / max(1, count - 1))] for i in range(count)]


def train(options, network):
    """The validation accuracy after full training, and the thread time it took, by the clock of the search."""
    trained = synth(options.synth, "train", network["network"], "--data", network["data"], "--epochs",
                    str(options.epochs), "--seed", str(network["seed"]), "--out", options.results + ".safetensors",
                    "--overwrite")
    return {"full_accuracy": trained["accuracy"], "full_seconds": trained["seconds"]}


def ranks(values):
    """Mean rank of each value among all; ties share theirs."""
    ordered = sorted(values)
    return [ordered.index(value) + (ordered.count(value) - 1) / 2 for value in values]


def correlation(first, second):
    """Pearson's."""
    mean_first, mean_second = sum(first) / len(first), sum(second) / len(second)
    product = sum((a - mean_first) * (b - mean_second) for a, b in zip(first, second))
    squares = sum((a - mean_first) ** 2 for a in first) * sum((b - mean_second) ** 2 for b in second)
    return product / squares ** 0.5 if squares > 0 else float("nan")


def run_of(line):
    return line["network"].split("#")[0]


def add_expectations(program, lines):
    """What the search's own records let expect of each network in full training, by the program's inference."""
    for run in dict.fromkeys(map(run_of, lines)):
        networks = synth(program, "lineage", run)["networks"]
        expected = {network["id"]: network["expected_full_accuracy"] for network in networks}
        for line in lines:
            if run_of(line) == run:
                line["expected_accuracy"] = expected[line["id"]]


def report(lines):
    if len(lines) < 3:
        sys.exit("a correlation needs at least three networks")

    def rank_correlation(figure, chosen):
        return correlation(ranks([line[figure] for line in chosen]), ranks([line["full_accuracy"] for line in chosen]))

    costs = sum(line["cheap_seconds"] for line in lines) / sum(line["full_seconds"] for line in lines)
    print("| network | multiply-adds | parameters | inherited and tuned | expected in full | trained in full | seconds | seconds |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for line in sorted(lines, key=lambda line: line["full_accuracy"]):
        print(f"| {os.path.basename(line['network'])} | {line['multiply_adds'] / 1e6:.2f} M "
              f"| {line['parameters'] / 1e3:.1f} k | {100 * line['cheap_float_accuracy']:.2f} % "
              f"| {100 * line['expected_accuracy']:.2f} % | {100 * line['full_accuracy']:.2f} % "
              f"| {line['cheap_seconds']:.1f} | {line['full_seconds']:.1f} |")
    off = sum(abs(line["expected_accuracy"] - line["full_accuracy"]) for line in lines) / len(lines)
    print(f"\n{len(lines)} networks: cost ratio {costs:.3f}; the expected accuracy is off by {100 * off:.2f} points\n")
    print("| networks of | measured | expected in full | multiply-adds alone |\n| --- | --- | --- | --- |")
    groups = {"all": lines}
    for line in lines:
        groups.setdefault(os.path.basename(run_of(line)), []).append(line)
    for name, own in groups.items():
        figures = [rank_correlation(figure, own)
                   for figure in ("cheap_float_accuracy", "expected_accuracy", "multiply_adds")]
        print(f"| {name}: {len(own)} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("synth", help="the program")
    parser.add_argument("results", help="file of JSON lines, appended to")
    parser.add_argument("runs", nargs="*", help="run databases; none: only print the results there are")
    parser.add_argument("--count", type=int, default=24, help="networks in all")
    parser.add_argument("--epochs", type=float, default=15)
    options = parser.parse_intermixed_args()
    for index, path in enumerate(options.runs):
        share = options.count * (index + 1) // len(options.runs) - options.count * index // len(options.runs)
        for network in evenly(inherited_networks(path), share):
            line = {**network, "epochs": options.epochs}
            if measured_already(options.results, line):
                continue
            line.update(train(options, network))
            append_line(options.results, line)
    lines = read_lines(options.results)
    add_expectations(options.synth, lines)
    report(lines)


if __name__ == "__main__":
    main()
