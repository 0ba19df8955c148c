"""Every program of the tests, the examples and the documents: formatting it twice is formatting it
once, and neither its tree, nor its comments, nor what is said about its syntax changes."""
import os
import pathlib
import re
import subprocess
import sys

import docs

TOP = pathlib.Path(os.environ["srcdir"])
KFPC = os.environ["KFPC"]
PLACE = re.compile(r" (\w+_at=)?\d+:\d+-\d+:\d+| indent=\d+")
CANONICAL = ("examples/", "doc/", "README.md")


def kfpc(args, data):
    p = subprocess.run([KFPC, *args, "-"], input=data, capture_output=True, timeout=60)
    if p.returncode not in (0, 1) or b"ERROR: " in p.stderr or b"runtime error" in p.stderr:
        sys.exit(f"kfpc {args}: status {p.returncode}\n{p.stderr.decode('utf-8', 'replace')}")
    return p


def tree(data):
    """The syntax tree without its places, and the errors of the syntax."""
    out = kfpc(["check", "--ast"], data).stdout.decode()
    said = kfpc(["check", "--ast", "--json"], data).stdout.decode()
    errors = [re.sub(r'"(file|line|col|end_line|end_col)":("[^"]*"|\d+)', "", line)
              for line in said.split("\n") if '"severity":"error"' in line]
    return PLACE.sub("", out), len(errors)


def hashes(data):
    """All that stands behind a '#', be it a comment or not: none of it changes."""
    return [m.group().strip() for m in re.finditer(r"#[^\n\r]*", data.decode())]


def programs():
    for folder in ("tests/parse", "tests/check", "tests/lower", "tests/fmt", "examples"):
        for path in sorted((TOP / folder).rglob("*.kfp")):
            yield str(path.relative_to(TOP)), path.read_bytes()
    for page in [TOP / "README.md", TOP / "examples/README.md", *sorted((TOP / "doc").rglob("*.md"))]:
        for block in docs.blocks(page.read_text("utf-8")):
            if block.lang == "kfp":
                yield f"{page.relative_to(TOP)}:{block.line}", block.text().encode()


def problems(name, data):
    once = kfpc(["fmt"], data)
    if b"is left as it is" in once.stderr:
        if b" error" not in b"\n" + once.stderr and b"error[" not in once.stderr:
            yield "refused without an error"
        return
    twice = kfpc(["fmt"], once.stdout)
    if twice.stdout != once.stdout:
        yield "formatting it again changes it"
    if tree(once.stdout) != tree(data):
        yield "the tree changed"
    if hashes(once.stdout) != hashes(data):
        yield "a comment changed"
    if name.startswith(CANONICAL) and b"error" not in data and once.stdout != data:
        yield "is not canonical"


def main():
    bad, count = [], 0
    for name, data in programs():
        count += 1
        bad += [f"{name}: {text}" for text in problems(name, data)]
    print("\n".join(bad))
    if bad or count < 300:
        sys.exit(f"{len(bad)} problems in {count} programs")


main()
