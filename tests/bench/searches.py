"""Runs searches by several algorithms, or with parts of one left out, for the same time on the same data, and records
how the NetScore of the best feasible network rose. One JSON line per search goes into RESULTS when it ends, its run
database beside it into RESULTS.runs; run the same command again to go on after an interruption (the search that was
interrupted is repeated from its start). What follows `--` is given to every search.

python3 tests/bench/searches.py build/release/bin/synth RESULTS --time 600 --seeds 1 2 3 \
    --variants random regularized-evolution generative-synthesis "generative-synthesis --no-model" \
    -- --data idx:fashion-mnist --require 'accuracy>=90%,weight_bits=8' --jobs 1
python3 tests/bench/searches.py build/release/bin/synth RESULTS --table      # what there is, as Markdown
"""
import argparse
import os
import re
import resource
import sqlite3
import statistics
import subprocess
import sys
import time

from results import append_line, measured_already, read_lines

POLLING_SECONDS = 0.5
INFEASIBLE = 3  # exit code of a search that found no feasible network: a result like others


def read_networks(path):
    """NetScores of the networks recorded so far, those of infeasible ones as None; empty before the run exists."""
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        return []
    try:
        rows = connection.execute("SELECT performance, feasible FROM networks ORDER BY id").fetchall()
    except sqlite3.OperationalError:  # tables not yet made
        return []
    finally:
        connection.close()
    return [performance if feasible else None for performance, feasible in rows]


def run(options, variant, seed, search):
    """One search to its end: a curve of [seconds since its start, networks so far, best NetScore so far]."""
    database = os.path.join(options.results + ".runs", re.sub(r"[^\w.=-]+", "_", f"{variant} {seed}") + ".db")
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(database + suffix):
            os.remove(database + suffix)
    command = [options.synth, "search", "--algorithm", *variant.split(), "--seed", str(seed), "--time",
               f"{options.time}s", "--db", database, "--quiet", *search]
    print(" ".join(command), file=sys.stderr, flush=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        curve = []
        while True:
            ended = process.poll() is not None
            networks = read_networks(database)
            best = max((score for score in networks if score is not None), default=None)
            if best is not None and (not curve or best > curve[-1][2]):
                curve.append([round(time.monotonic() - start, 1), len(networks), best])
            if ended:
                break
            time.sleep(POLLING_SECONDS)
    if process.returncode not in (0, INFEASIBLE):
        sys.exit(process.returncode)
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"variant": variant, "seed": seed, "search": search, "time": options.time, "curve": curve,
            "networks": len(networks), "feasible": sum(score is not None for score in networks),
            "wall_seconds": round(time.monotonic() - start, 1),
            "processor_seconds": round(end.ru_utime + end.ru_stime - used.ru_utime - used.ru_stime, 1)}


def best_at(line, seconds):
    reached = [score for when, _, score in line["curve"] if when <= seconds]
    return max(reached, default=float("-inf"))


def print_table(lines):
    """Best feasible NetScore at parts of the time: the median over the seeds, and at the end every seed's."""
    if any((line["search"], line["time"]) != (lines[0]["search"], lines[0]["time"]) for line in lines):
        sys.exit("searches of different options or times: keep each kind in a file of its own")
    longest = lines[0]["time"]
    marks = [longest * part / 8 for part in (1, 2, 4, 6)]
    print("| search | " + " | ".join(f"{mark / 60:.3g} min" for mark in marks) +
          " | end | each seed | networks | feasible |")
    print("| --- |" + " --- |" * (len(marks) + 4))
    for variant in dict.fromkeys(line["variant"] for line in lines):
        runs = sorted((line for line in lines if line["variant"] == variant), key=lambda line: line["seed"])
        middle = [statistics.median(best_at(line, mark) for line in runs) for mark in (*marks, float("inf"))]
        ends = ", ".join(f"{best_at(line, float('inf')):.2f}" for line in runs)  # -inf: nothing feasible
        counts = statistics.median(line["networks"] for line in runs)
        feasible = statistics.median(line["feasible"] for line in runs)
        print(f"| {variant} | " + " | ".join(f"{score:.2f}" if score > float("-inf") else "-" for score in middle) +
              f" | {ends} | {counts:g} | {feasible:g} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("synth", help="the program")
    parser.add_argument("results", help="file of JSON lines, appended to")
    parser.add_argument("--variants", nargs="+", default=["random", "regularized-evolution", "generative-synthesis"],
                        help="algorithms, each with what only it is given")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--time", type=int, default=600, help="seconds per search")
    parser.add_argument("--table", action="store_true", help="only print the results there are")
    ours, search = (sys.argv[1:], []) if "--" not in sys.argv else (
        sys.argv[1:sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1:])
    options = parser.parse_args(ours)
    if options.table:
        lines = read_lines(options.results)
        if not lines:
            sys.exit(f"{options.results}: no results")
        print_table(lines)
        return
    os.makedirs(options.results + ".runs", exist_ok=True)
    for seed in options.seeds:
        for variant in options.variants:
            same = {"variant": variant, "seed": seed, "search": search, "time": options.time}
            if measured_already(options.results, same):
                print(f"{variant}, seed {seed}: measured already", file=sys.stderr)
                continue
            append_line(options.results, run(options, variant, seed, search))


if __name__ == "__main__":
    main()
