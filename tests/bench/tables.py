#!/usr/bin/env python3
"""Writes invented benchmark tables of different structure, and tasks.csv: which requirement to search each with.

    python3 tests/bench/tables.py OUT_DIR
    python3 tests/bench/tables.py OUT_DIR SEED    # families of small spaces, three tasks each, drawn by the seed

Half of the tables are for development. The other half has other seeds and other structure, and is looked at only to
judge what was developed: a search must not be tuned to one table.
"""
import csv
import itertools
import json
import math
import os
import random
import sys

# decisions: (kind, number of values); kinds: "width" (ordinal), "op" (categorical).
# pairs: variance of pair effects relative to that of single decisions; triples: likewise, listed tables only.
# shared: part of a value's effect that is the same in every decision of its kind.
# cost: correlation of a value's effect with the logarithm of its cost.
# noise: standard deviation of one training, in percent; runs: trainings per network.
# chain: a layer's costs are products of its width and the one before; bottleneck: what a layer narrower than the one
# before loses per natural logarithm of their ratio, relative to the effect of a decision.
# quantile: the requirement is this quantile of the accuracy of random networks; infeasible: above the prototype's.
# bounds: both costs are bounded too, by this quantile of random networks' (0: not), and accuracy is that of networks within.
DEFAULTS = {"form": "listed", "pairs": 0.0, "local": False, "triples": 0.0, "shared": 0.5, "cost": 0.6, "noise": 0.0,
            "runs": 0, "chain": False, "bottleneck": 0.0, "quantile": 0.8, "infeasible": False, "bounds": 0.0,
            "spread": 1.5}
TABLES = {
    "development": {
        "six_additive": {"decisions": [("op", 5)] * 6, "pairs": 0.1, "cost": 0.7, "seed": 1},
        "seven_epistatic": {"decisions": [("op", 4)] * 7, "pairs": 0.6, "triples": 1.0, "cost": 0.4, "seed": 2},
        "eight_noisy": {"decisions": [("width", 4), ("op", 2)] * 4, "pairs": 0.2, "noise": 0.3, "runs": 3, "seed": 3},
        "ten_infeasible": {"form": "surrogate", "decisions": [("width", 4), ("op", 3)] * 5, "pairs": 0.3, "cost": 0.5,
                           "quantile": 0.95, "infeasible": True, "seed": 4},
        "sixteen_uncorrelated": {"form": "surrogate", "decisions": [("width", 3), ("op", 3)] * 8, "pairs": 0.5,
                                 "cost": 0.0, "shared": 0.2, "seed": 5},
        "twentyeight_local": {"form": "surrogate", "decisions": [("width", 3), ("op", 2)] * 14, "pairs": 0.3,
                              "local": True, "cost": 0.6, "seed": 6},
        "six_channels": {"decisions": [("width", 6)] * 6, "pairs": 0.05, "cost": 0.9, "chain": True, "bottleneck": 0.5,
                         "noise": 0.25, "runs": 3, "quantile": 0.98, "seed": 7},
        "twelve_bounded": {"form": "surrogate", "decisions": [("op", 5)] * 12, "pairs": 0.2, "local": True, "cost": 0.7,
                           "quantile": 0.9, "bounds": 0.3, "seed": 8},
    },
    "heldout": {
        "six_epistatic": {"decisions": [("op", 4), ("width", 5)] * 3, "pairs": 0.8, "triples": 0.7, "cost": 0.5,
                          "quantile": 0.7, "spread": 2.5, "seed": 101},
        "six_infeasible": {"decisions": [("op", 5)] * 6, "pairs": 0.3, "triples": 0.2, "cost": 0.3, "quantile": 0.97,
                           "infeasible": True, "seed": 102},
        "nine_noisy": {"decisions": [("width", 3)] * 9, "pairs": 0.1, "noise": 0.5, "runs": 4, "shared": 0.8,
                       "quantile": 0.9, "seed": 103},
        "ten_pairs": {"form": "surrogate", "decisions": [("op", 5)] * 10, "pairs": 1.5, "cost": 0.4, "shared": 0.0,
                      "quantile": 0.9, "seed": 104},
        "sixteen_widths": {"form": "surrogate", "decisions": [("width", 5)] * 8 + [("op", 3)] * 8, "pairs": 0.2,
                           "local": True, "cost": 0.9, "shared": 0.7, "spread": 0.8, "seed": 105},
        "twentyeight_uncorrelated": {"form": "surrogate", "decisions": [("op", 3)] * 20 + [("width", 2)] * 8,
                                     "pairs": 0.5, "cost": 0.0, "shared": 0.3, "quantile": 0.9, "seed": 106},
    },
}
# Small spaces of different structure, to judge constants by tables that nothing was chosen on.
FAMILIES = {
    "cell": {"decisions": [("op", 5)] * 6, "pairs": 0.4, "triples": 0.4, "cost": 0.4, "noise": 0.25, "runs": 3},
    "macro": {"decisions": [("op", 3)] * 8, "pairs": 0.3, "triples": 0.2, "cost": 0.6, "noise": 0.2, "runs": 3},
    "sizes": {"decisions": [("width", 6)] * 6, "pairs": 0.05, "cost": 0.9, "chain": True, "bottleneck": 0.5,
              "noise": 0.25, "runs": 3},
    "modules": {"decisions": [("op", 4)] * 6 + [("width", 4)], "pairs": 0.5, "cost": 0.5, "shared": 0.7, "noise": 0.3,
                "runs": 3},
    "hyper": {"decisions": [("width", 5), ("width", 4), ("op", 3), ("width", 4), ("op", 4), ("width", 3), ("op", 2)],
              "pairs": 0.6, "triples": 0.5, "cost": 0.2, "shared": 0.0, "noise": 0.4, "runs": 3},
    "clean": {"decisions": [("op", 5), ("width", 4)] * 3, "pairs": 0.6, "triples": 0.6, "cost": 0.5},
}
TASKS = {"q60": {"quantile": 0.6}, "q98": {"quantile": 0.985}, "inf": {"quantile": 0.95, "infeasible": True}}
OPS = ["none", "skip", "conv1x1", "conv3x3", "conv5x5"]
OP_COST = [0.02, 0.1, 1.0, 4.0, 9.0]  # of one channel pair


class Structure:
    """The hidden truth of one table."""

    def __init__(self, options):
        self.options = {**DEFAULTS, **options}
        self.random = random.Random(self.options["seed"])
        self.decisions = self.options["decisions"]
        count = len(self.decisions)
        self.scales = [self.random.lognormvariate(0, 0.5) for _ in range(count)]
        self.names = [f"{kind}{i}" for i, (kind, _) in enumerate(self.decisions)]
        self.values = [self.value_names(kind, size) for kind, size in self.decisions]
        self.single = self.single_effects()
        self.pair = self.pair_effects()
        self.triple = self.triple_effects()
        self.centre, factor = self.standardisation()
        self.factor = self.options["spread"] / factor

    @staticmethod
    def value_names(kind, size):
        if kind == "width":
            return [8 * (i + 1) for i in range(size)]
        return OPS[5 - size:] if size < 5 else OPS

    def value_cost(self, decision, value):
        """Relative cost of one value of one decision."""
        kind, size = self.decisions[decision]
        return (value + 1) / size if kind == "width" else OP_COST[5 - size + value] / OP_COST[4]

    def single_effects(self):
        """Standard normal in each decision over its values: cost part, shared part, own part."""
        shared = {key: [self.random.gauss(0, 1) for _ in range(key[1])] for key in sorted(set(self.decisions))}
        effects = []
        for d, key in enumerate(self.decisions):
            logs = standard([math.log(self.value_cost(d, v)) for v in range(key[1])])
            own = [self.random.gauss(0, 1) for _ in range(key[1])]
            part = self.options["shared"]
            free = standard([math.sqrt(part) * s + math.sqrt(1 - part) * o for s, o in zip(shared[key], own)])
            cost = self.options["cost"]
            effects.append([self.scales[d] * (cost * l + math.sqrt(1 - cost * cost) * f) for l, f in zip(logs, free)])
        return effects

    def pair_effects(self):
        count = len(self.decisions)
        pairs = [(a, b) for a, b in itertools.combinations(range(count), 2)
                 if not self.options["local"] or b - a <= 2]
        deviation = math.sqrt(self.options["pairs"] * sum(s * s for s in self.scales) / max(1, len(pairs)))
        effects = {(a, b): [[self.random.gauss(0, deviation) for _ in self.values[b]] for _ in self.values[a]]
                   for a, b in pairs} if deviation > 0 else {}
        if self.options["bottleneck"] > 0:
            for d in range(count - 1):
                for u, before in enumerate(self.values[d]):
                    for v, width in enumerate(self.values[d + 1]):
                        effects[d, d + 1][u][v] -= self.options["bottleneck"] * max(0.0, math.log(before / width))
        return effects

    def triple_effects(self):
        if self.options["triples"] == 0:
            return {}
        triples = list(itertools.combinations(range(len(self.decisions)), 3))
        triples = self.random.sample(triples, len(self.decisions))
        deviation = math.sqrt(self.options["triples"] * sum(s * s for s in self.scales) / len(triples))
        return {t: {values: self.random.gauss(0, deviation)
                    for values in itertools.product(*(range(len(self.values[d])) for d in t))} for t in triples}

    def raw(self, design):
        total = sum(effects[v] for effects, v in zip(self.single, design))
        total += sum(table[design[a]][design[b]] for (a, b), table in self.pair.items())
        return total + sum(table[tuple(design[d] for d in t)] for t, table in self.triple.items())

    def draw(self):
        return [self.random.randrange(size) for _, size in self.decisions]

    def standardisation(self):
        sample = [self.raw(self.draw()) for _ in range(2000)]
        mean = sum(sample) / len(sample)
        return mean, math.sqrt(sum((x - mean) ** 2 for x in sample) / len(sample))

    def accuracy(self, design):
        """Percent. A listed table saturates, as real ones do; a surrogate is the plain sum."""
        score = (self.raw(design) - self.centre) * self.factor
        if self.options["form"] == "surrogate":
            return 90 + score
        return 100 - 10 * math.exp(-score / 8 if score > 0 else -score / 5)

    def groups(self):
        """Cost is a sum over neighbouring decisions, as of a layer whose inputs are another layer's outputs."""
        count = len(self.decisions)
        if self.options["chain"]:
            return [[i, i + 1] for i in range(count - 1)]
        size = 2 if count > 8 else 1
        return [list(range(i, min(count, i + size))) for i in range(0, count, size)]

    def group_cost(self, group, values):
        """Parameters and multiply-adds; later layers hold more parameters, earlier ones more multiply-adds."""
        product = 1.0
        for d, v in zip(group, values):
            product *= self.value_cost(d, v)
        depth = group[0] / len(self.decisions)
        return round(2000 + 4e4 * 8 ** depth * product), round(4e6 + 4e7 * (1.5 - depth) * product)

    def costs(self, design):
        rows = [self.group_cost(g, [design[d] for d in g]) for g in self.groups()]
        return sum(r[0] for r in rows), sum(r[1] for r in rows)


def standard(values):
    mean = sum(values) / len(values)
    deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / len(values))
    return [(v - mean) / max(deviation, 1e-9) for v in values]


def write_csv(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def write_listed(truth, out, name, head):
    runs = [f"run{i}" for i in range(truth.options["runs"])]
    rows = [truth.names + ["top1"] + runs + ["params", "macs"]]
    for design in itertools.product(*(range(size) for _, size in truth.decisions)):
        accuracy = truth.accuracy(design)
        noisy = [accuracy + truth.random.gauss(0, truth.options["noise"]) for _ in runs]
        if runs:
            accuracy = sum(noisy) / len(noisy)
        rows.append([*design, f"{accuracy:.4f}", *(f"{a:.4f}" for a in noisy), *truth.costs(design)])
    write_csv(os.path.join(out, name + ".csv"), rows)
    accuracy = {"column": "top1", "unit": "percent", **({"runs": runs} if runs else {})}
    return {"schema": "synth/table/1", **head, "csv": name + ".csv", "accuracy": accuracy, "parameters": "params",
            "multiply_adds": "macs"}


def write_surrogate(truth, out, name, head):
    """Terms relative to value 0 of every decision, which is the form's reference."""
    factor, count = truth.factor, len(truth.decisions)
    table = lambda a, b: truth.pair.get((a, b)) or [[0.0] * len(truth.values[b])] * len(truth.values[a])
    base = truth.accuracy([0] * count)
    rows = [["dec_a", "val_a", "dec_b", "val_b", "weight"], [-1, -1, -1, -1, f"{base:.6f}"]]
    for d in range(count):
        for v in range(1, len(truth.values[d])):
            single = [0] * count
            single[d] = v
            rows.append([d, v, -1, -1, f"{truth.accuracy(single) - base:.6f}"])
    for a, b in truth.pair:
        t = table(a, b)
        for u in range(1, len(truth.values[a])):
            for v in range(1, len(truth.values[b])):
                rows.append([a, u, b, v, f"{factor * (t[u][v] - t[u][0] - t[0][v] + t[0][0]):.6f}"])
    write_csv(os.path.join(out, name + "_accuracy.csv"), rows)
    widest = max(len(g) for g in truth.groups())
    costs = [["group"] + [f"v{i}" for i in range(widest)] + ["params", "macs"]]
    for index, group in enumerate(truth.groups()):
        for values in itertools.product(*(range(len(truth.values[d])) for d in group)):
            padding = [-1] * (widest - len(values))
            costs.append([index, *values, *padding, *truth.group_cost(group, values)])
    write_csv(os.path.join(out, name + "_cost.csv"), costs)
    groups = [[truth.names[d] for d in g] for g in truth.groups()]
    return {"schema": "synth/surrogate-table/1", **head,
            "accuracy": {"unit": "percent", "terms": name + "_accuracy.csv"},
            "cost": {"csv": name + "_cost.csv", "groups": groups}}


def requirement(truth):
    """The requirement's text, and a prototype that meets it or not: the costliest, or a better or worse network."""
    sample = sorted((truth.draw() for _ in range(4000)), key=truth.accuracy)
    within, bounds = sample, ""
    if truth.options["bounds"] > 0:
        place = int(truth.options["bounds"] * len(sample))
        most = [sorted(truth.costs(design)[i] for design in sample)[place] for i in range(2)]
        within = [design for design in sample if all(c <= m for c, m in zip(truth.costs(design), most))]
        bounds = f",params<={most[0]},macs<={most[1]}"
    required = truth.accuracy(within[int(truth.options["quantile"] * len(within))])
    prototype = [size - 1 for _, size in truth.decisions]
    if truth.options["infeasible"]:
        required = max(required, truth.accuracy(prototype) + 0.2)
    elif truth.accuracy(prototype) < required + 0.3:
        # Large and good: the costliest of the best tenth.
        prototype = max(sample[-len(sample) // 10:], key=lambda design: truth.costs(design)[1])
        required = min(required, truth.accuracy(prototype) - 0.3)
    return f"accuracy>={math.floor(required * 100) / 100:.2f}%{bounds}", prototype


def families(seed):
    """One hidden truth per family, whatever is required of it."""
    return {"family": {f"{family}_{task}": {**options, **required, "seed": seed + 10 * number}
                       for number, (family, options) in enumerate(FAMILIES.items())
                       for task, required in TASKS.items()}}


def main(out, halves):
    tasks = [["half", "table", "require"]]
    os.makedirs(out, exist_ok=True)
    for half, tables in halves.items():
        for name, options in tables.items():
            truth = Structure(options)
            required, prototype = requirement(truth)
            decisions = [{"name": n, "values": v} for n, v in zip(truth.names, truth.values)]
            head = {"name": name, "decisions": decisions, "prototype": prototype}
            write = write_listed if truth.options["form"] == "listed" else write_surrogate
            table = write(truth, out, name, head)
            with open(os.path.join(out, name + ".json"), "w", encoding="utf-8") as file:
                json.dump(table, file, indent=1)
            tasks.append([half, name, required])
    write_csv(os.path.join(out, "tasks.csv"), tasks)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(sys.argv[1], TABLES if len(sys.argv) == 2 else families(int(sys.argv[2])))
