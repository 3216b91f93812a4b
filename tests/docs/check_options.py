#!/usr/bin/env python3
"""Looks up every command and option of the documents in the commands' own tables.

    check_options.py PROGRAM [DOCUMENT]...      without documents README.md and all below docs/

Commands are what begins with "synth " on a line of a fenced or indented block, or in `code` within a line.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND = re.compile(r"(?:^|[|(]\s*|^\$|^build/release/bin/)synth ([a-z]+)\b(.*)")
WITHOUT_TABLE = {"help"}


def commands(text):
    """(line number, command, its other words) of a document."""
    fenced = False
    lines = re.sub(r"\\\n", "  ", text).split("\n")
    for number, line in enumerate(lines, 1):
        if line.startswith("```"):
            fenced = not fenced
            continue
        pieces = [line.strip()] if fenced or line.startswith("    ") else re.findall(r"`([^`]+)`", line)
        for piece in pieces:
            if match := COMMAND.search(re.sub(r"\s#\s.*", "", piece)):
                yield number, match[1], match[2]


def options_of(program, command):
    answer = subprocess.run([program, command, "--describe"], capture_output=True, text=True)
    if answer.returncode != 0:
        return None
    return {"--" + option["name"] for option in json.loads(answer.stdout)["options"]}


def main(program, paths):
    faults, tables, seen = [], {}, 0
    for path in paths:
        for number, command, rest in commands(path.read_text()):
            place = f"{path.relative_to(ROOT)}:{number}"
            if command in WITHOUT_TABLE:
                continue
            seen += 1
            if command not in tables:
                tables[command] = options_of(program, command)
            if tables[command] is None:
                faults.append(f"{place}: there is no command '{command}'")
                continue
            words = re.split(r"[|;&>]", re.sub(r"'[^']*'", "", rest))[0]
            for option in re.findall(r"(?<!\S)--[a-z][\w-]*", words):
                if option not in tables[command]:
                    faults.append(f"{place}: synth {command} has no option {option}")
    print("\n".join(faults))
    print(f"{len(paths)} documents, {seen} commands, {len(faults)} faults")
    return 1 if faults or seen == 0 else 0


if __name__ == "__main__":
    documents = [Path(word).resolve() for word in sys.argv[2:]]
    sys.exit(main(sys.argv[1], documents or [ROOT / "README.md"] + sorted((ROOT / "docs").rglob("*.md"))))
