"""Trains networks one after another by one recipe, on one thread, and measures each on the test split, float and int8.
One JSON line per network goes into RESULTS as soon as it is measured; run the same command again to go on after an
interruption. Networks are what `synth train` takes: built-in names with options, .json files, RUN@MEMBER.

/usr/bin/python3 tests/bench/side_by_side.py build/release/bin/synth RESULTS --data imagefolder:tiny-imagenet-50 \
    --epochs 8 mobilenet_v1,stem=small attonet_d,stem=small
/usr/bin/python3 tests/bench/side_by_side.py build/release/bin/synth RESULTS --table      # what there is, as Markdown
"""
import argparse
import json
import os
import re
import resource
import sys

from results import append_line, measured_already, read_lines, synth


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(options, network, recipe):
    weights = os.path.join(options.weights, re.sub(r"[^\w.=-]+", "_", network) + ".safetensors")
    data = ["--data", options.data, "--seed", str(options.seed)]
    before = processor_seconds()
    trained = synth(options.synth, "train", network, *data, "--epochs", str(options.epochs), "--batch-size",
                    str(options.batch_size), "--learning-rate", str(options.learning_rate), "--out", weights,
                    "--overwrite")
    spent = processor_seconds() - before
    tested = synth(options.synth, "evaluate", network, *data, "--weights", weights, "--split", "test")
    return {"network": network, "recipe": recipe, "key": trained["key"], "parameters": trained["parameters"],
            "multiply_adds": trained["multiply_adds"], "validation_accuracy": trained["accuracy"],
            "test_accuracy": tested["accuracy"], "int8_test_accuracy": tested["int8_accuracy"],
            "test_images": tested["samples"], "training_processor_seconds": round(spent, 1), "weights": weights}


def percent(fraction):
    return f"{100 * fraction:.2f} %"


def amount(number):
    return f"{number / 1e6:#.4g} M" if number >= 1e6 else f"{number / 1e3:#.4g} k"


def print_table(program, lines, baseline):
    """Float accuracies and 32-bit figures, as the papers' tables."""
    print("| network | test, float | test, int8 | parameters | fewer | multiply-adds | fewer | NetScore | CPU minutes |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for line in lines:
        score = synth(program, "score", "--accuracy", str(100 * line["test_accuracy"]), "--params",
                      str(line["parameters"]), "--macs", str(line["multiply_adds"]))["netscore"]
        print(f"| {line['network']} | {percent(line['test_accuracy'])} | {percent(line['int8_test_accuracy'])} "
              f"| {amount(line['parameters'])} | {baseline['parameters'] / line['parameters']:.1f}x "
              f"| {amount(line['multiply_adds'])} | {baseline['multiply_adds'] / line['multiply_adds']:.1f}x "
              f"| {score:.2f} | {line['training_processor_seconds'] / 60:.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("synth", help="the program")
    parser.add_argument("results", help="file of JSON lines, appended to")
    parser.add_argument("networks", nargs="*")
    parser.add_argument("--data", default="shapes")
    parser.add_argument("--epochs", type=float, default=15)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--weights", help="folder for the weights; default: RESULTS.weights")
    parser.add_argument("--table", action="store_true", help="only print the results there are")
    parser.add_argument("--baseline", help="network that the table's ratios refer to; default: the first")
    options = parser.parse_intermixed_args()
    if options.table:
        lines = read_lines(options.results)
        named = [line for line in lines if options.baseline in (None, line["network"])]
        if not named:
            sys.exit(f"{options.results}: no result of {options.baseline or 'any network'}")
        print_table(options.synth, lines, named[0])
        return
    options.weights = options.weights or options.results + ".weights"
    os.makedirs(options.weights, exist_ok=True)
    recipe = {"data": options.data, "epochs": options.epochs, "batch_size": options.batch_size,
              "learning_rate": options.learning_rate, "seed": options.seed}
    for network in options.networks:
        if measured_already(options.results, {"network": network, "recipe": recipe}):
            print(network + ": measured already", file=sys.stderr)
            continue
        line = measure(options, network, recipe)
        append_line(options.results, line)
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
