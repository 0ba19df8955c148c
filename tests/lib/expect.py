"""Expectations in comments: what `kfpc check --json` must say, and nothing else.

    x = 1 + "a"            # error E0307: cannot add int and str
                           # note: 'a' is a str @0
    tab()                  # error E0103@+1: a tab
    y = z                  # warning W0201: unused
                           # help: did you mean

An error or warning is expected on the line of its comment, or that many lines away where
`@+1` or `@-2` says so.  `note:` and `help:` belong to the error or warning before them; a
note ends with `@N` when it must point N lines away from it (0: the same line).  The text
is a part of the message.  A file that cannot hold comments (bytes that are not text) has
a sibling NAME.expect with lines `LINE error CODE: text` and the same notes.
"""
import json
import re

MARK = re.compile(r"#\s*(error|warning)\s+([EW]\d{4})(?:@([+-]\d+))?\s*:?\s*(.*)$")
SIBLING = re.compile(r"^(\d+)\s+(error|warning)\s+([EW]\d{4})\s*:?\s*(.*)$")
AT = re.compile(r"\s*@([+-]?\d+)$")


class Wanted:
    def __init__(self, file, line, severity, code, text):
        self.file, self.line, self.severity = file, line, severity
        self.code, self.text, self.more = code, text.strip(), []

    def __str__(self):
        return f"{self.file}:{self.line}: {self.severity} {self.code}: {self.text}"


def read_more(m, wanted):
    text, at = m.group(2).strip(), None
    if m.group(1) == "note":
        found = AT.search(text)
        if found:
            text, at = text[:found.start()], int(found.group(1))
    wanted.more.append((m.group(1), text, at))


def read_comments(name, text):
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        pieces = re.split(r"(?=#\s*(?:error|warning)\s+[EW]\d{4})", line)
        for piece in pieces[1:]:
            m = MARK.match(piece)
            found.append(Wanted(name, number + int(m.group(3) or 0), m.group(1), m.group(2),
                                m.group(4)))
        m = re.match(r"^\s*#\s*(note|help):\s*(.*)$", line)
        if m and found:
            read_more(m, found[-1])
    return found


def read_sibling(name, text):
    found = []
    for line in text.split("\n"):
        m = SIBLING.match(line)
        if m:
            found.append(Wanted(name, int(m.group(1)), m.group(2), m.group(3), m.group(4)))
            continue
        m = re.match(r"^\s*(note|help):\s*(.*)$", line)
        if m:
            read_more(m, found[-1])
    return found


def read(files, folder):
    found = []
    for path in files:
        name = str(path.relative_to(folder))
        sibling = path.with_suffix(".expect")
        if sibling.exists():
            found += read_sibling(name, sibling.read_text("utf-8"))
        else:
            found += read_comments(name, path.read_text("utf-8", "replace"))
    return found


def matches(want, got):
    return (want.code == got["code"] and want.severity == got["severity"]
            and want.line == got["line"] and want.text in got["message"]
            and (got["file"] or "").endswith(want.file))


def lacking(want, got):
    """The notes and fixes that want names and got has not."""
    for kind, text, at in want.more:
        places = got["notes" if kind == "note" else "fixes"]
        if not any(text in p["message"] and (at is None or p["line"] == want.line + at)
                   for p in places):
            where = "" if at is None else f" @{at}"
            yield f"{want}\n  lacks {kind}: {text}{where}\n  has {json.dumps(places)}"


def told(got):
    return (f"{got['file']}:{got['line']}: {got['severity']} {got['code']}: {got['message']}")


def compare(wanted, output, status):
    """What differs between the expectations and the JSON lines of a check, in words."""
    problems = []
    try:
        got = [json.loads(line) for line in output.decode("utf-8").split("\n") if line]
    except ValueError as e:
        return [f"not JSON lines: {e}", output.decode("utf-8", "replace")[:2000]]
    for want in wanted:
        hit = next((g for g in got if matches(want, g)), None)
        if hit is None:
            problems.append(f"missing:    {want}")
            continue
        got.remove(hit)
        problems += lacking(want, hit)
    problems += [f"unexpected: {told(g)}" for g in got]
    errors = any(w.severity == "error" for w in wanted)
    if status != (1 if errors else 0):
        problems.append(f"exit status {status}, expected {1 if errors else 0}")
    return problems
