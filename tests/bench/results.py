"""What the benchmarks that run the program share: its JSON answers, and files of one JSON line per result."""
import json
import os
import subprocess
import sys


def synth(program, *arguments):
    """The command's JSON. Its messages go on to stderr; a failure ends the benchmark with the command's exit code."""
    command = [program, *arguments, "--json"]
    print(" ".join(command), file=sys.stderr, flush=True)
    finished = subprocess.run(command, stdout=subprocess.PIPE)
    if finished.returncode != 0:
        sys.exit(finished.returncode)
    return json.loads(finished.stdout)


def read_lines(path):
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [json.loads(line) for line in file]


def append_line(path, line):
    with open(path, "a") as file:
        file.write(json.dumps(line) + "\n")


def measured_already(path, wanted):
    """Whether a line of the file agrees with everything in `wanted`."""
    return any(wanted.items() <= line.items() for line in read_lines(path))
