"""Fenced blocks of a document, tried as a reader would try them.

```kfp             a whole program: kfpc check must accept it, or say what its comments
                   expect (expect.py); where it is right, its tests must pass
```kfp NAME.kfp    the same, and kept under that name for the console blocks below it
```kfp part        a part of a program: not tried
```python NAME.py  a file kept under that name (any language, any name with a dot)
```console         `$ command` lines are run in turn by sh, what they print on both
                   streams is compared with the lines below; `> ` continues a command
```console skip    not run
```repl [FILE]     a session of `kfpc repl`: what is typed stands behind `kfp> `, and behind
                   `...  ` where it goes on; the other lines are what comes of it
```repl more       the same session goes on

In expected output `...` stands for any text, and a line of it alone for any lines.  Run
IDs, digests, times, dates and sizes need not agree: `0198f3a2`, `12 ms`, `1.2 KiB`.
One folder and one store serve a whole document; ./examples is the tree's.  --update puts
what was printed in place of what does not agree with it.
"""
import re
import subprocess

import declared
import docs_repl
import expect

FENCE = re.compile(r"^( *)```(\S*)[ ]*(.*)$")
VARIES = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"(?<![\w.])(?=[0-9a-f]*\d)[0-9a-f]{6,64}\b"), "<id>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?"), "<date>"),
    (re.compile(r"\b\d\d:\d\d(?::\d\d(?:\.\d+)?)?\b"), "<time>"),
    (re.compile(r"\b(?:\d+ min )?\d+(?:\.\d+)? ?(?:us|ms|s|min)\b"), "<time>"),
    (re.compile(r"\b\d+(?:\.\d+)? (?:B|KiB|MiB|GiB|bytes)\b"), "<size>"),
    (re.compile(r"<(?:time|size|id)>( *)"), lambda m: m.group().strip() + " "),
    (re.compile(r" +"), " "),
)


class Block:
    def __init__(self, line, lang, info):
        self.line, self.lang, self.info, self.lines = line, lang, info, []
        self.indent, self.count = "", 0  # as it stands in the document

    def text(self):
        return "\n".join(self.lines) + "\n"


def blocks(text):
    found, open_block, indent = [], None, ""
    for number, line in enumerate(text.split("\n"), 1):
        fence = FENCE.match(line)
        if open_block is None and fence:
            indent = fence.group(1)
            open_block = Block(number, fence.group(2), fence.group(3).strip())
        elif open_block is not None and line.strip() == "```":
            open_block.indent, open_block.count = indent, len(open_block.lines)
            found.append(open_block)
            open_block = None
        elif open_block is not None:
            open_block.lines.append(line[len(indent):] if line.startswith(indent) else line)
    return found


def plain(text):
    """text with what differs from run to run made the same."""
    for pattern, word in VARIES:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def agrees(want, got):
    lines = []
    for line in plain(want).split("\n"):
        if line.strip() == "...":
            lines.append("(?:.*\n)*?")
        else:
            lines.append(".*?".join(map(re.escape, line.split("..."))) + "\n")
    return re.fullmatch("".join(lines), plain(got) + "\n") is not None


def commands(block):
    """(line, command, expected output) of each `$` line; lines count from 1."""
    found = []
    for offset, line in enumerate(block.lines, 1):
        if line.startswith("$ "):
            found.append([block.line + offset, line[2:], []])
        elif line.startswith("> ") and found and not found[-1][2]:
            found[-1][1] += "\n" + line[2:]
        elif found:
            found[-1][2].append(line)
    return [(n, cmd, "\n".join(out)) for n, cmd, out in found]


def run_console(block, folder, env, ctx):
    """What differs, in words; with --update the block is made to say what was printed."""
    said = []
    for line, command, want in commands(block):
        _, out, _ = ctx.call(["sh", "-c", command], cwd=folder, env=env,
                             stderr=subprocess.STDOUT)
        got = out.decode("utf-8", "replace")
        same = agrees(want, got)
        said += ("$ " + command.replace("\n", "\n> ")).split("\n")
        said += (want if same else got).rstrip("\n").split("\n") if (want if same else got) else []
        if not same and not ctx.update:
            yield f"line {line}: $ {command}\nwanted:\n{want}\ngot:\n{got}"
    if ctx.update:
        block.lines = said


def rewrite(path, found):
    """The document with the lines of its blocks as they are now."""
    out, lines, at = [], path.read_text("utf-8").split("\n"), 0
    for block in found:
        out += lines[at:block.line]
        out += [block.indent + line if line else line for line in block.lines]
        at = block.line + block.count
    path.write_text("\n".join(out + lines[at:]), "utf-8")


def check_program(path, block, env, ctx):
    status, out, err = ctx.call([ctx.build / "kfpc", "check", "--json", path.name],
                                cwd=path.parent, env=env)
    problems = expect.compare(expect.read([path], path.parent), out, status)
    if not problems and status == 0:
        problems = declared.run(path, path.parent, env, ctx)
    for problem in problems:
        yield f"program of line {block.line}: {problem}\n{err.decode('utf-8', 'replace')}"


def run(path, folder, env, ctx):
    problems, session = [], None
    (folder / "examples").symlink_to(ctx.top / "examples")
    found = blocks(path.read_text("utf-8"))
    for number, block in enumerate(found):
        words = block.info.split()
        if block.lang == "console" and "skip" not in words:
            problems += run_console(block, folder, env, ctx)
            continue
        if block.lang == "repl":
            if session and words != ["more"]:
                session.close()
            if not session or words != ["more"]:
                session = docs_repl.Session(words, folder, env)
            problems += docs_repl.run(block, session, agrees, ctx.update)
            continue
        if block.lang == "kfp" and "part" in words:
            continue
        name = next((w for w in words if "." in w), "")
        if not name and block.lang != "kfp":
            continue
        kept = folder / (name or f"program{number}.kfp")
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(block.text(), "utf-8")
        if block.lang == "kfp":
            problems += check_program(kept, block, env, ctx)
    if session:
        session.close()
    if ctx.update:
        rewrite(path, found)
    return problems
