"""Reads what `kfpc export dot`, `mermaid` and `json` print, and says what is wrong with it.

Strict: a line that is not of one of the forms that we write is an error, so that a text in a
label can never become syntax.  `problems` of a Picture and of `graph_problems` is a list of
sentences."""
import html
import json
import pathlib
import re

SCHEMA = json.loads(pathlib.Path(__file__, "../../graph/graph.schema.json").resolve()
                    .read_text("utf-8"))
QUOTED = r'"((?:[^"\\]|\\.)*)"'


class Picture:
    """nodes: {id: text}, boxes: {id: text}, parents: {id of node or box: box or None},
    edges: [(from, to)], the ends of a Mermaid box as in dot: its first node."""

    def __init__(self):
        self.nodes, self.boxes, self.parents, self.edges, self.problems = {}, {}, {}, [], []
        self.styles = {}        # of a node: class, or fill colour

    def note(self, what):
        self.problems.append(what)


def unquoted(text):
    """A label of dot: escapes, then entities."""
    text = re.sub(r"\\(.)", lambda m: "\n" if m.group(1) == "n" else m.group(1), text)
    return html.unescape(text)


def read_dot(text):
    p, stack = Picture(), []
    lines = text.split("\n")
    attr = rf'\w+=(?:{QUOTED.replace("(", "(?:", 1)}|[\w.]+)'
    attrs = rf"\[({attr}(?:, {attr})*)\]"
    if not re.fullmatch(rf"digraph {QUOTED} {{", lines[0]) or lines[-2:] != ["}", ""]:
        p.note("no digraph")
    for line in lines[1:-2]:
        line = line.strip()
        if m := re.fullmatch(rf"(n\d+) {attrs};", line):
            label = re.match(rf"label={QUOTED}", m.group(2))
            fill = re.search(r'fillcolor="(#\w+)"', m.group(2))
            p.nodes[m.group(1)] = unquoted(label.group(1))
            p.styles[m.group(1)] = fill.group(1)
            p.parents[m.group(1)] = stack[-1] if stack else None
        elif m := re.fullmatch(r"subgraph cluster_(b\d+) {", line):
            p.parents[m.group(1)] = stack[-1] if stack else None
            stack.append(m.group(1))
        elif m := re.fullmatch(rf"(graph|node|edge) {attrs};", line):
            label = re.match(rf"label={QUOTED}", m.group(2))
            if m.group(1) == "graph" and stack:
                p.boxes[stack[-1]] = unquoted(label.group(1))
        elif m := re.fullmatch(rf"(n\d+) -> (n\d+) {attrs};", line):
            ends = [re.search(rf"\b{end}=cluster_(b\d+)", m.group(3)) for end in ("ltail", "lhead")]
            p.edges.append(tuple(box.group(1) if box else m.group(i + 1)
                                 for i, box in enumerate(ends)))
        elif line == "}" and stack:
            stack.pop()
        else:
            p.note(f"dot: {line}")
    if stack:
        p.note("a box is not closed")
    return checked(p)


def decoded(text):
    if re.search(r'["&`\\:;%{}*|~@$^!<>]|#(?!\d+;)',
                 re.sub(r"#\d+;", "", text.replace("<br/>", ""))):
        return None
    return re.sub(r"#(\d+);", lambda m: chr(int(m.group(1))), text.replace("<br/>", "\n"))


SHAPES = [("[[", "]]"), ("[(", ")]"), ("[/", "/]"), ("[/", "\\]"), ("[\\", "\\]"), ("([", "])"),
          ("((", "))"), ("{{", "}}"), ("[", "]"), ("(", ")"), ("{", "}"), (">", "]")]
SHAPE = "|".join(rf'{re.escape(a)}"[^"]*"{re.escape(b)}' for a, b in SHAPES)
WORDS_OF_MERMAID = {"call", "href", "default", "end", "click", "style", "class", "subgraph",
                    "graph", "interpolate", "direction"}


def read_mermaid(text):
    p, stack, classes, used = Picture(), [], set(), set()
    lines = text.split("\n")
    if lines[0] != "---" or lines[2:4] != ["---", "flowchart TB"] or lines[-1]:
        p.note("no flowchart with a title")
    json.loads(lines[1].removeprefix("title: "))
    for line in lines[4:-1]:
        line = line.strip()
        if m := re.fullmatch(rf"(n\d+)({SHAPE}):::(\w+)", line):
            p.nodes[m.group(1)] = decoded(re.search('"([^"]*)"', m.group(2)).group(1))
            p.parents[m.group(1)] = stack[-1] if stack else None
            p.styles[m.group(1)] = m.group(3)
            used.add(m.group(3))
        elif m := re.fullmatch(r'subgraph (b\d+)\["([^"]*)"\]', line):
            p.boxes[m.group(1)] = decoded(m.group(2))
            p.parents[m.group(1)] = stack[-1] if stack else None
            stack.append(m.group(1))
        elif line == "end" and stack:
            stack.pop()
        elif m := re.fullmatch(r'([nb]\d+) (?:-->|-\.->)(?:\|"([^"]*)"\|)? ([nb]\d+)', line):
            p.edges.append((m.group(1), m.group(3)))
            if m.group(2) and decoded(m.group(2)) is None:
                p.note(f"mermaid: label of {line}")
        elif m := re.fullmatch(r"class (b\d+) (\w+)", line):
            used.add(m.group(2))
        elif m := re.fullmatch(r"classDef (\w+) [\w:#,-]+", line):
            classes.add(m.group(1))
        elif m := re.fullmatch(r"linkStyle (\d+(?:,\d+)*) stroke:#\w+", line):
            if any(int(i) >= len(p.edges) for i in m.group(1).split(",")):
                p.note(f"no such edge: {line}")
        elif not re.fullmatch(r"%% [\w ,:()]+", line):
            p.note(f"mermaid: {line}")
    for what in [*p.nodes, *p.boxes]:
        if p.nodes.get(what, p.boxes.get(what)) is None:
            p.note(f"mermaid: text of {what}")
    if stack or used - classes or classes & WORDS_OF_MERMAID:
        p.note(f"boxes {stack}, classes {used - classes}, {classes & WORDS_OF_MERMAID}")
    return checked(p)


def inside(p, what, box):
    while what is not None and what != box:
        what = p.parents[what]
    return what is not None


def checked(p):
    """Ends are there, none is in the other, no two edges are the same."""
    for a, b in p.edges:
        if a not in p.parents or b not in p.parents:
            p.note(f"an edge from {a} to {b}, which are not there")
        elif inside(p, a, b) or inside(p, b, a):
            p.note(f"an edge from {a} to {b}, of which one is in the other")
    for box in p.boxes:
        if box not in p.parents.values():
            p.note(f"{box} is empty")
    return p


KINDS = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}


def misfits(value, schema, where="$"):
    """What breaks the schema: the part of JSON Schema that ours uses."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    known = {"$schema", "$defs", "title", "type", "const", "enum", "required", "properties",
             "additionalProperties", "items", "minItems", "minimum"}
    assert set(schema) <= known, set(schema) - known
    kind = schema.get("type")
    if kind and type(value) is not KINDS[kind]:
        return [f"{where}: {value!r} is no {kind}"]
    if "const" in schema and value != schema["const"]:
        return [f"{where}: {value!r}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} is none of {schema['enum']}"]
    found = []
    if kind == "object":
        found += [f"{where} lacks {name}" for name in schema.get("required", ())
                  if name not in value]
        for name, member in value.items():
            of = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if of is False:
                found.append(f"{where} has {name}")
            elif of:
                found += misfits(member, of, f"{where}.{name}")
    if kind == "array":
        if len(value) < schema.get("minItems", 0):
            found.append(f"{where} is too short")
        for i, item in enumerate(value):
            found += misfits(item, schema["items"], f"{where}[{i}]")
    if kind == "integer" and value < schema.get("minimum", value):
        found.append(f"{where}: {value}")
    return found


def pipeline_problems(graph, p):
    """Numbers mean something, and nodes come after what they depend on."""
    found = []
    nodes, blocks = p["nodes"], p["blocks"]
    for name, items in ("nodes", nodes), ("blocks", blocks):
        if [x["id"] for x in items] != list(range(len(items))):
            found.append(f"{p['name']}: ids of {name}")
    for n in nodes:
        if n["block"] >= len(blocks) or \
                n.get("component", 0) >= max(1, len(graph["components"])) or \
                n.get("pipeline", 0) >= len(graph["pipelines"]):
            found.append(f"{p['name']}: node {n}")
        for block in n.get("blocks", {}).values():
            if blocks[block]["owner"] != n["id"]:
                found.append(f"{p['name']}: block {block} of node {n['id']}")
    for e in p["edges"]:
        source = [e["from"][k] for k in ("node", "loop", "try") if k in e["from"]]
        role, to = e["to"]["role"], e["to"].get("node")
        if (role == "result") != (to is None) or any(s >= len(nodes) for s in source):
            found.append(f"{p['name']}: edge {e}")
        elif role != "collect" and to is not None and any(s >= to for s in source):
            found.append(f"{p['name']}: edge {e} goes back")
        if "output" in e["from"]:
            outputs = nodes[e["from"]["node"]]["outputs"]
            if outputs[e["from"]["index"]]["name"] != e["from"]["output"]:
                found.append(f"{p['name']}: edge {e} has no source")
    return found


def graph_problems(graph):
    found = misfits(graph, SCHEMA)
    for p in graph["pipelines"] if not found else ():
        found += pipeline_problems(graph, p)
    return found
