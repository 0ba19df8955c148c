"""Links in the documents lead to files and headings that are there."""
import os
import pathlib
import re
import sys

TOP = pathlib.Path(os.environ["srcdir"])
PAGES = [*TOP.glob("*.md"), *(TOP / "doc").rglob("*.md"), TOP / "examples/README.md",
         TOP / "tests/README.md", TOP / "stdlib/README.md"]
problems, count = [], 0


def text_of(path):
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.M | re.S)


def anchors(path):
    for heading in re.findall(r"^#+ (.+)$", text_of(path), re.M):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


for page in PAGES:
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", text_of(page))):
        if re.match(r"[a-z]+:", target):
            continue
        count += 1
        name, _, anchor = target.partition("#")
        path = page.parent / name if name else page
        if not path.exists():
            problems.append(f"{page.relative_to(TOP)}: there is no {name}")
        elif anchor and anchor not in anchors(path):
            problems.append(f"{page.relative_to(TOP)}: {name or 'it'} has no heading #{anchor}")

print(count, "links", *problems, sep="\n")
sys.exit(bool(problems) or count < 50)
