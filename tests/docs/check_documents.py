#!/usr/bin/env python3
"""Executes every command of the documents, and compares what is shown with what is printed.

    check_documents.py PROGRAM [DOCUMENT]...      without documents all of them; -v prints what is run

Budgets are scaled by scaled_synth.py, figures are masked. Where a search took part, its course is not that of the
document: then the lines before tables' rules, titles and first lines must be printed; else every line, in order.
Options of commands that are not executed are looked up in the commands' own tables.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import documents
import sample_data

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
FIGURE = r"[-+]?\d[\d,.]*(?:e[-+]?\d+)?(?: ?(?:%|k|M|B|KiB|MiB|ms|s|min|m|h|x)\b|%)?"
LONGEST = 300  # seconds of a block, on a busy machine
# Long measurements: what they say was measured once, and only the commands' options are checked.
MEASURED = ("docs/results.md", "docs/results/")


def all_documents():
    paths = [ROOT / "README.md"] + sorted((ROOT / "docs").glob("*.md")) + sorted((ROOT / "docs").glob("*/*.md"))
    # The quickstart's run is what others look at.
    return sorted(paths, key=lambda path: (path.name != "quickstart.md", str(path)))


def masked(line):
    line = re.sub(r"\b[0-9a-f]{32}\b", "KEY", line)
    line = re.sub(r"\.db@[A-D]\b", ".db@MEMBER", line)
    line = re.sub(r"-{4,}", "----", line)
    return re.sub(r"\s+", " ", re.sub(FIGURE, "#", line)).strip()


class Options:
    """What each command takes, by its own table."""

    def __init__(self, program):
        self.program, self.tables = program, {}

    def of(self, command):
        if command not in self.tables:
            answer = subprocess.run([self.program, command, "--describe"], capture_output=True, text=True)
            self.tables[command] = (None if answer.returncode else
                                    {"--" + option["name"] for option in json.loads(answer.stdout)["options"]})
        return self.tables[command]

    def faults(self, block):
        text = re.sub(r"\\\n", " ", "\n".join(block.commands))
        for line in text.split("\n"):
            line = re.sub(r"\s#.*", "", line)
            if not (match := re.match(r"\s*(?:\S+=\S+ )*\$?(?:build/release/bin/)?synth ([a-z]\S*)(.*)", line)):
                continue
            command, rest = match[1].rstrip(";"), re.sub(r"'[^']*'", "", match[2])
            if command == "help":
                continue
            known = self.of(command)
            if known is None:
                yield f"there is no command '{command}'"
                continue
            for option in re.findall(r"(?<=\s)--[a-z][\w-]*", re.split(r"[|;&>]", rest)[0]):
                if option not in known:
                    yield f"synth {command} has no option {option}"


def started(script, folder, environment):
    return subprocess.Popen(["bash", "-c", "set -eu\n" + script + "\n"], cwd=folder, env=environment, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            start_new_session=True)


def served(block, folder, environment):
    output = ""
    for command in block.commands:
        process = started("exec " + command, folder, environment)
        watchdog = threading.Timer(LONGEST, process.kill)
        watchdog.start()
        for line in process.stdout:
            output += line
            if "http://" in line:
                process.send_signal(signal.SIGINT)
        watchdog.cancel()
        if process.wait() != 0:
            break
    return output, process.returncode


def executed(block, folder, environment):
    for name in re.findall(r"--db '?([\w-]+\.db)", "\n".join(block.commands)):  # of an earlier command; runs are not replaced
        (folder / name).unlink(missing_ok=True)
    if block.serves:
        return served(block, folder, environment)
    process = started("\n".join(block.commands), folder, environment)
    try:
        output, _ = process.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.communicate()[0] + "\n(ended after its time)", -1
    return output, process.returncode


def wanted_lines(shown, loosely):
    """Lines that must be printed, in order."""
    lines = [line for line in shown if line.strip() and line.strip() != "..."]
    if not loosely:
        return lines
    heads = [above for above, rule in zip(lines, lines[1:]) if re.fullmatch(r"\s*-{8,}\s*", rule)]
    return list(dict.fromkeys(lines[:1] + heads))


def missing_lines(shown, output, loosely):
    printed = [masked(line) for line in output.split("\n")]
    at = 0
    for line in wanted_lines(shown, loosely):
        wanted = masked(line)
        if loosely:  # columns may be wider or narrower, and which generators there are is up to the search
            found = next((i for i, text in enumerate(printed) if text.split()[:2] == wanted.split()[:2]), None)
        else:
            found = next((i for i in range(at, len(printed)) if printed[i] == wanted), None)
        if found is None:
            yield line
        else:
            at = found + (0 if loosely else 1)


class Workplace:
    """A scratch folder with the data that documents name, and a search's results once there are some."""

    def __init__(self, program, folder):
        self.folder, self.shared = folder, folder / "shared"
        tools = folder / "tools"
        tools.mkdir()
        shutil.copy(HERE / "scaled_synth.py", tools / "synth")
        (tools / "synth").chmod(0o755)
        (tools / "python3").symlink_to("/usr/bin/python3")
        sample_data.write(self.shared)
        (self.shared / "docs").symlink_to(ROOT / "docs")
        (self.shared / "build/release/bin").mkdir(parents=True)
        (self.shared / "build/release/bin/synth").symlink_to(tools / "synth")
        self.environment = dict(os.environ, PATH=f"{tools}:{os.environ['PATH']}", SYNTH_UNDER_TEST=program,
                                NO_COLOR="1", LC_ALL="C.UTF-8")

    def for_document(self, document):
        folder = self.folder / document.replace("/", "-")
        shutil.copytree(self.shared, folder, symlinks=True)
        return folder

    def keep_run(self, folder):
        """What the quickstart made serves the documents that begin with a run."""
        if not (folder / "run.db").exists():
            return
        for name in ("run.db", "one.db", "two.db", "folder/run.db"):
            (self.shared / name).parent.mkdir(exist_ok=True)
            shutil.copy(folder / "run.db", self.shared / name)
        if (folder / "family").exists():
            shutil.copytree(folder / "family", self.shared / "family", dirs_exist_ok=True)


def check(path, options, workplace, verbose):
    """Faults of one document as texts, and how many blocks were executed and skipped."""
    name = str(path.relative_to(ROOT))
    faults, run, skipped = [], 0, []
    blocks = documents.blocks(name, path.read_text())
    measured = name.startswith(MEASURED)
    folder = None if measured or not blocks else workplace.for_document(name)
    for block in blocks:
        place = f"{name}:{block.line}"
        faults += [f"{place}: {fault}" for fault in options.faults(block)]
        if measured or block.skip:
            skipped.append(f"{place}: {block.skip or 'a measurement'}")
            continue
        begun = time.monotonic()
        output, code = executed(block, folder, workplace.environment)
        run += 1
        if verbose:
            print(f"{place}: {time.monotonic() - begun:.1f} s, exit {code}\n{output}", flush=True)
        if code != block.exit_code:
            faults.append(f"{place}: exit code {code}, expected {block.exit_code}:\n{output[-1500:]}")
            continue
        loosely = any(re.search(r"\.db\b|synth (search|train|family|evaluate)", line) for line in block.commands)
        for line in missing_lines(block.shown, output, loosely):
            faults.append(f"{place}: is shown, but not printed: {line}\n{output[-1500:]}")
    if folder and path.name == "quickstart.md":
        workplace.keep_run(folder)
    return faults, run, skipped


def main(arguments):
    verbose = "-v" in arguments
    arguments = [word for word in arguments if word != "-v"]
    program = str(Path(arguments[0]).resolve())
    paths = [Path(word).resolve() for word in arguments[1:]] or all_documents()
    faults, run, skipped = [], 0, []
    with tempfile.TemporaryDirectory(prefix="synth-docs.") as folder:
        workplace, options = Workplace(program, Path(folder)), Options(program)
        for path in paths:
            found, executed_here, skipped_here = check(path, options, workplace, verbose)
            faults, run, skipped = faults + found, run + executed_here, skipped + skipped_here
    print("\n".join(f"not executed: {text}" for text in skipped))
    print("\n".join(f"FAULT {text}" for text in faults))
    print(f"{len(paths)} documents, {run} blocks executed, {len(skipped)} not, {len(faults)} faults")
    return 1 if faults or run == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
