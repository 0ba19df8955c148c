"""Tables in doc/ that repeat a .def file say what it says."""
import os
import pathlib
import re
import sys

TOP = pathlib.Path(os.environ["srcdir"])


def entries(path, pattern):
    return re.findall(pattern, (TOP / path).read_text("utf-8"), re.MULTILINE)


def commands(path):
    """(command with its arguments, summary) of the REPL."""
    found = entries(path, r'^COMMAND\((\w+), "([^"]*)", "[^"]*", "([^"]*)"')
    return [(f":{name} {args}".strip(), summary) for name, args, summary in found]


def operations(text):
    """(byte, name, operand) of each row, or of each BC(...) in its order."""
    found = entries(text, r'^BC\(\w+,\s*"(\w+)",\s*(\w+)')
    return [(str(i), name, "" if operand == "NONE" else operand)
            for i, (name, operand) in enumerate(found)]


TABLES = [
    ("doc/diagnostics.md", r"^\| `([EW]\d{4})` \| (.+) \|$",
     entries("runtime/base/diag.def", r'^DIAG\((\w+), "(.*)"\)')),
    ("doc/repl.md", r"^\| `(:[^`]*)` \| (.+) \|$", commands("compiler/repl/command.def")),
    ("doc/internals/module.md", r"^\| (\d+) \| `(\w+)` \| (\w*) ?\|",
     operations("runtime/bc/ops.def")),
    ("doc/internals/running.md", r"^\| `(\w+)` \|",
     entries("runtime/store/event.def", r'^EVENT\(\w+,\s*"(\w+)"')),
]

problems = 0
for page, row, want in TABLES:
    got = entries(page, row)
    for entry in want:
        if entry not in got:
            print(f"{page}: lacks {entry}")
            problems += 1
    for entry in got:
        if entry not in want:
            print(f"{page}: has {entry}, which is not there or says something else")
            problems += 1
sys.exit(1 if problems else 0)
