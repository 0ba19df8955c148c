"""Pages of Markdown and HTML: std.report."""
import html
import json
import re
from pathlib import Path

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em }
table { border-collapse: collapse; margin: 1em 0 }
th, td { border: 1px solid #ccc; padding: .2em .7em; text-align: left }
td.n { text-align: right; font-variant-numeric: tabular-nums }
svg { background: #fafafa; border: 1px solid #ccc }
"""


def shown(value):
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.6g}"
    return json.dumps(value, ensure_ascii=False)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def table_of(facts):
    """Header and rows of what is a table of its own; None for all else."""
    if isinstance(facts, dict):
        return [], [[key, value] for key, value in facts.items()]
    if isinstance(facts, list) and facts and all(isinstance(row, dict) for row in facts):
        names = list(dict.fromkeys(name for row in facts for name in row))
        return names, [[row.get(name, "") for name in names] for row in facts]
    return None


# Markdown

def md_text(value):
    """One line in which nothing is markup."""
    text = " ".join(shown(value).split())
    return re.sub(r"([\\`*_{}\[\]<>|~#&])", r"\\\1", text)


def md_table(names, rows):
    width = len(names or rows[0])
    lines = [names or ["", *[""] * (width - 1)], ["---"] * width, *rows]
    return "".join("| " + " | ".join(line if line == "---" else md_text(line) for line in row)
                   + " |\n" for row in lines)


def markdown(title: str, text: str, metrics: dict, facts, page: Path):
    parts = [f"# {md_text(title)}\n"]
    if text:
        parts.append(text.rstrip("\n") + "\n")
    if metrics:
        parts.append(md_table(["metric", "value"], metrics.items()))
    table = table_of(facts)
    if table and table[1]:
        parts.append(md_table(*table))
    elif table is None:
        body = json.dumps(facts, indent=2, ensure_ascii=False).replace("`", "\\u0060")
        parts.append(f"```json\n{body}\n```\n")
    page.write_text("\n".join(parts), encoding="utf-8")


# HTML

def cell(value):
    kind = ' class="n"' if is_number(value) else ""
    return f"<td{kind}>{html.escape(shown(value))}</td>"


def html_table(names, rows):
    head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
    body = "".join("<tr>" + "".join(map(cell, row)) + "</tr>\n" for row in rows)
    return f"<table>\n{f'<tr>{head}</tr>' if head else ''}\n{body}</table>\n"


def document(title, parts):
    name = html.escape(title)
    return (f'<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n<title>{name}</title>\n'
            f"<style>{STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>\n"
            + "".join(parts) + "</body>\n</html>\n")


def page(title: str, text: str, metrics: dict, facts, page: Path):
    parts = [f"<p>{html.escape(p.strip())}</p>\n" for p in re.split(r"\n\s*\n", text) if p.strip()]
    if metrics:
        parts.append(html_table(["metric", "value"], metrics.items()))
    table = table_of(facts)
    if table and table[1]:
        parts.append(html_table(*table))
    elif table is None:
        body = html.escape(json.dumps(facts, indent=2, ensure_ascii=False))
        parts.append(f"<pre>{body}</pre>\n")
    page.write_text(document(title, parts), encoding="utf-8")


def matrix(told):
    names = [str(spec["displayName"]) for spec in told["annotationSpecs"]]
    rows = [row["row"] for row in told["rows"]]
    top = max((n for row in rows for n in row), default=0) or 1
    out = ["<h2>Confusion matrix</h2>\n<table>\n<tr><th>true \\ predicted</th>",
           *(f"<th>{html.escape(name)}</th>" for name in names), "</tr>\n"]
    for name, row in zip(names, rows):
        out.append(f"<tr><th>{html.escape(name)}</th>")
        out += [f'<td class="n" style="background: rgba(60, 120, 216, {float(n) / top * .6:.2f})">'
                f"{html.escape(shown(n))}</td>" for n in row]
        out.append("</tr>\n")
    return "".join([*out, "</table>\n"])


def curve(points):
    side = 300
    path = " ".join(f"{float(p['falsePositiveRate']) * side:.1f},"
                    f"{(1 - float(p['recall'])) * side:.1f}" for p in points)
    return (f'<h2>ROC curve</h2>\n<svg width="{side}" height="{side}" role="img">\n'
            f'<line x1="0" y1="{side}" x2="{side}" y2="0" stroke="#bbb"/>\n'
            f'<polyline points="{path}" fill="none" stroke="#3c78d8" stroke-width="2"/>\n</svg>\n'
            "<p>Right: the false positive rate; up: the recall.</p>\n")


def classification(report: Path, title: str, page: Path):
    try:
        told = json.loads(report.read_text(encoding="utf-8"))
        parts = [matrix(told["confusionMatrix"])] if "confusionMatrix" in told else []
        if told.get("confidenceMetrics"):
            parts.append(curve(told["confidenceMetrics"]))
    except (ValueError, TypeError, KeyError, AttributeError) as e:
        raise SystemExit(f"the report is not in the form of ClassificationMetrics: {e!r}") from None
    page.write_text(document(title, parts or ["<p>The report is empty.</p>\n"]), encoding="utf-8")
