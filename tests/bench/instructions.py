#!/usr/bin/env python3
"""instructions.py FITTED [OTHERS]...: what the terms of search_space/instructions.cpp are worth, by non-negative least
squares of relative errors over lines of bench_instructions, and how far off others are then. Needs numpy."""
import json
import sys

import numpy

ROUTINES = ("none matrix gather depthwise max_pool avg_pool global_avg_pool add multiply scale concat relu table slice "
            "channel_shuffle upsample_nearest").split()
# Their calls come with as many positions in what is fitted, so that both cannot be told apart.
NO_CALL = {"slice", "concat", "table", "upsample_nearest", "channel_shuffle"}


def read(path):
    with open(path) as lines:
        return [json.loads(line) for line in lines if line.strip()]


def matrix(rows, columns):
    result = numpy.zeros((len(rows), len(columns)))
    for row, network in zip(result, rows):
        for routine, counts in network["terms"].items():
            for term, count in enumerate(counts):
                if (int(routine), term) in columns:
                    row[columns[int(routine), term]] = count
    return result


def non_negative(a, b):
    """Coordinate descent on |a x - b|^2, x >= 0."""
    gram, right = a.T @ a, a.T @ b
    diagonal = numpy.where(gram.diagonal() == 0, 1, gram.diagonal())
    x = numpy.zeros(len(right))
    for _ in range(50000):
        before = x.copy()
        for i in range(len(x)):
            x[i] = max(0, x[i] + (right[i] - gram[i] @ x) / diagonal[i])
        if abs(x - before).max() < 1e-9 * max(1, abs(x).max()):
            break
    return x


def main():
    fitted = read(sys.argv[1])
    widths = {}
    for network in fitted:
        for routine, counts in network["terms"].items():
            widths[int(routine)] = len(counts)
    columns = {key: i for i, key in enumerate(
        (routine, term) for routine in sorted(widths) for term in range(widths[routine])
        if not (term == 0 and ROUTINES[routine] in NO_CALL))}
    counted = numpy.array([network["instructions"] for network in fitted], float)
    a = matrix(fitted, columns) / counted[:, None]
    scale = numpy.linalg.norm(a, axis=0)
    scale[scale == 0] = 1
    worth = non_negative(a / scale, numpy.ones(len(counted))) / scale
    for path in sys.argv[1:]:
        rows = read(path)
        error = matrix(rows, columns) @ worth / numpy.array([row["instructions"] for row in rows], float) - 1
        print(f"{path}: {len(rows)} networks, off by {100 * abs(error).mean():.2f} % in the mean, "
              f"{100 * abs(error).max():.2f} % at most ({rows[abs(error).argmax()]['name']})")
        stated = [row["expected"]["instructions"] / row["instructions"] - 1 for row in rows]
        flash = [row["expected"]["flash"] - row["code"] - row["constants"] for row in rows]
        ram = sum(row["expected"]["ram"] != row["ram"] for row in rows)
        print(f"    as the program has it: {100 * max(map(abs, stated)):.2f} % at most; flash {min(flash)} to {max(flash)} "
              f"bytes too many; RAM another in {ram}")
    for routine in sorted(widths):
        values = (worth[columns[routine, term]] if (routine, term) in columns else 0 for term in range(widths[routine]))
        print(f"    {{{', '.join(f'{value:.4g}' for value in values)}}},  // {ROUTINES[routine]}")


main()
