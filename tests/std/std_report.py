"""std.report: pages that show values as they are, whatever stands in them."""
import html.parser
import json
import pathlib

from stdtest import artifact, failures, run

EVIL = '<script>alert("1")</script> | a & b `c` *d* [e](f)\nsecond line'
PAGES = """
from std.report import html, markdown

pipeline p(title: str, facts: json, metrics: dict[str, float] = {}):
    md = markdown(title=title, text="Some *text*.", metrics=metrics, facts=facts)
    page = html(title=title, text=title, metrics=metrics, facts=facts)
"""


class Seen(html.parser.HTMLParser):
    """The tags and the text of a page; what is not closed is a fault."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.cells = [], [], []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th", "h1"):
            self.cells.append(data)


def pages(title, facts, metrics):
    run(PAGES, "-p", f"title={title}", "-p", f"facts={json.dumps(facts)}",
        "-p", f"metrics={json.dumps(metrics)}")
    number = len(list(pathlib.Path(".").glob("*.md")))
    return tuple(pathlib.Path(artifact(f"{task}.page", f"{number}.{end}")).read_text(encoding="utf-8")
                 for task, end in (("md", "md"), ("page", "html")))


facts = {EVIL: 1, "deep": [EVIL, None], "\uc815\ud655\ub3c4": True, "short": 0.1234567891}
md, page = pages(EVIL, facts, {"accuracy": 0.975, EVIL: 2})
seen = Seen(page)
assert "script" not in seen.tags, page
assert EVIL in seen.cells and "0.123457" in seen.cells and "true" in seen.cells, seen.cells
assert json.dumps([EVIL, None], ensure_ascii=False) in seen.cells, seen.cells
assert [c for c in seen.cells if c in ("metric", "accuracy", "0.975")] == ["metric", "accuracy", "0.975"]
assert "\\<script\\>" in md and "\n<script" not in md and "Some *text*." in md, md
table = [line for line in md.splitlines() if line.startswith("|")]
assert len(table) == 4 + 2 + 4, table
assert all(line.replace("\\|", "").count("|") == 3 for line in table), table

# a list of dicts is a table, all else is shown as it is, nothing is nothing
rows = [{"a": 1, "b": "x"}, {"b": "y", "c": 2}]
md, page = pages("rows", rows, {})
assert "| a | b | c |\n| --- | --- | --- |\n| 1 | x |  |\n|  | y | 2 |" in md, md
assert Seen(page).cells == ["rows", "a", "b", "c", "1", "x", "y", "2"], page
md, page = pages("list", [1, "```"], {})
assert md.count("```") == 2 and "<pre>[\n  1,\n  &quot;```&quot;\n]</pre>" in page, (md, page)
md, page = pages("nothing", {}, {})
assert "|" not in md and "<table" not in page and "<h1>nothing</h1>" in page

CLASSIFICATION = """
from std.report import classification

component told(text: str) -> (report: ClassificationMetrics):
    shell:
        printf %s "$text" > "$report_path"

pipeline p(text: str):
    report = told(text=text)
    shown = classification(report=report, title="A & B")
"""
told = {"confusionMatrix": {"annotationSpecs": [{"displayName": "<no>"}, {"displayName": "yes"}],
                            "rows": [{"row": [7, 1]}, {"row": [0, 2]}]},
        "confidenceMetrics": [{"confidenceThreshold": 1, "recall": 0, "falsePositiveRate": 0},
                              {"confidenceThreshold": 0, "recall": 1, "falsePositiveRate": 1}]}
run(CLASSIFICATION, "-p", f"text={json.dumps(told)}")
seen = Seen(pathlib.Path(artifact("shown.page", "roc.html")).read_text())
assert seen.cells == ["A & B", "true \\ predicted", "<no>", "yes", "<no>", "7", "1", "yes", "0", "2"]
assert "polyline" in seen.tags
del told["confidenceMetrics"]
run(CLASSIFICATION, "-p", f"text={json.dumps(told)}")
assert "polyline" not in Seen(pathlib.Path(artifact("shown.page", "no.html")).read_text()).tags
for text in ("no json", "[]", '{"confusionMatrix": {"rows": 3}}'):
    bad = run(CLASSIFICATION, "-p", f"text={text}", state="failed")
    assert "not in the form of ClassificationMetrics" in failures(bad)["shown"], bad
