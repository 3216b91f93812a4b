#!/usr/bin/env python3
"""Stands in for synth where documents are executed: the same command with a budget of seconds.

The one rule: searches evaluate 6 networks after 0.3 passes over the data instead of running for their --time; families
and trainings take 0.3 passes; accuracies that are required become ones that so little training reaches; networks and
members that only a longer search has become network 2 and member A; a dashboard takes any free port.
"""
import os
import re
import sys

PASSES, ACCURACY = "0.3", "accuracy>=5%"
TRAINING = {"search", "family", "train"}


def without(arguments, option):
    if option not in arguments:
        return arguments
    at = arguments.index(option)
    return arguments[:at] + arguments[at + 2:]


def scaled(arguments):
    if not arguments:
        return arguments
    command = arguments[0]
    result = [re.sub(r"^([\w.-]+\.db)#(?:[7-9]|\d\d+)$", r"\1#2", word) for word in arguments]
    result = [re.sub(r"^([\w.-]+\.db@)[A-D]$", r"\1A", word) for word in result]
    if command == "lineage":
        result = ["A" if word == "D" else word for word in result]
    result = [re.sub(r"accuracy>=[\d.]+%", ACCURACY, word) for word in result]
    if command in TRAINING and "--help" not in result and "--dry-run" not in result:
        if "--evaluator" not in result:
            result = without(result, "--epochs") + ["--epochs", PASSES]
        if command == "search" and "ask" not in result:
            networks = "3" if "--evaluator" in result else "6"  # an own trainer may take seconds to start
            result = without(without(result, "--time"), "--evaluations") + ["--evaluations", networks]
    if command == "dashboard":
        result += ["--port", "0"]
    return result


if __name__ == "__main__":
    program = os.environ["SYNTH_UNDER_TEST"]
    os.execv(program, [program] + scaled(sys.argv[1:]))
