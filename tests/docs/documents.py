"""Reads the commands and the output shown in Markdown documents.

A block of commands is one of lines indented by four spaces, or fenced as sh, whose first word is a program. The fenced block
without a language that follows, with nothing but text between, is what the commands print. Comments steer the next block:

    <!-- docs: skip, REASON -->     not executed here; its options are checked all the same
    <!-- docs: serves -->           each line runs until it ends or has printed an address, then Ctrl-C ends it
    <!-- docs: fails with N -->     the last command's exit code
"""
import re
from dataclasses import dataclass, field

PROGRAMS = ("synth", "$synth", "synth=", "python3", "./setup.sh", "cmake", "cc", "tests/", "createdb", "psql", "sqlite3",
            "curl", "mkdir", "cat", "man", "source")


@dataclass
class Block:
    document: str
    line: int
    commands: list
    shown: list = field(default_factory=list)  # lines of output; empty = none is shown
    skip: str = ""
    serves: bool = False
    exit_code: int = 0


def is_command(line):
    return line.strip().startswith(PROGRAMS)


def directives(text):
    if match := re.fullmatch(r"skip, (.+)", text):
        return {"skip": match[1]}
    if match := re.fullmatch(r"fails with (\d+)", text):
        return {"exit_code": int(match[1])}
    if text == "serves":
        return {"serves": True}
    raise ValueError(f"unknown directive: {text}")


def paragraphs(text):
    """(kind, line number, lines): kind is "fence LANGUAGE", "indented" or "text"."""
    lines, at = text.split("\n"), 0
    while at < len(lines):
        start = at
        if lines[at].startswith("```"):
            kind = "fence " + lines[at][3:].strip()
            at += 1
            while at < len(lines) and not lines[at].startswith("```"):
                at += 1
            yield kind, start + 1, lines[start + 1:at]
            at += 1
        elif lines[at].startswith("    "):
            while at < len(lines) and lines[at].startswith("    "):
                at += 1
            yield "indented", start + 1, [line[4:] for line in lines[start:at]]
        else:
            yield "text", start + 1, [lines[at]]
            at += 1


def blocks(document, text):
    found, pending, open_block = [], {}, None
    for kind, number, lines in paragraphs(text):
        if kind == "text":
            if match := re.fullmatch(r"<!-- docs: (.*) -->", lines[0].strip()):
                pending.update(directives(match[1]))
            elif lines[0].startswith("#"):
                open_block = None
        elif kind == "fence sh" or (kind == "indented" and is_command(lines[0])):
            open_block = Block(document, number, lines, **pending)
            pending = {}
            found.append(open_block)
        elif kind == "fence " and open_block:
            open_block.shown = lines
            open_block = None
        else:
            open_block = None
    return found
