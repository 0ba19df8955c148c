"""`kfpc export dot`, `mermaid` and `json`: every program of the tests, what a run did, many
tasks, and what is wrong to ask for.  With Graphviz, it reads every picture, too."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

TOP = pathlib.Path(os.environ["srcdir"])
sys.path.insert(0, str(TOP / "tests/lib"))
import graph  # noqa: E402

FORMS = "dot", "mermaid", "json"
problems = []


def expect(what, condition):
    if not condition:
        problems.append(what)


def kfpc(*words, status=0):
    p = subprocess.run(["kfpc", *map(str, words)], capture_output=True, stdin=subprocess.DEVNULL)
    out, err = p.stdout.decode("utf-8"), p.stderr.decode("utf-8")
    expect(f"{words}: status {p.returncode}: {err}", status in (p.returncode, None))
    return p.returncode, out, err


def exported(path, *more):
    """(dot, mermaid, json), each read; the two pictures must say the same."""
    texts = [kfpc("export", form, path, *more)[1] for form in FORMS]
    dot, mermaid = graph.read_dot(texts[0]), graph.read_mermaid(texts[1])
    found = json.loads(texts[2])
    for problem in dot.problems + mermaid.problems + graph.graph_problems(found):
        problems.append(f"{path} {more}: {problem}")
    for part in "nodes", "boxes", "parents", "edges":
        expect(f"{path} {more}: {part} of dot and mermaid differ",
               getattr(dot, part) == getattr(mermaid, part))
    return dot, mermaid, found, texts


def every_program():
    pictures, n = [], 0
    programs = [*TOP.glob("examples/*/*.kfp"), *TOP.glob("tests/lower/*.kfp"),
                *TOP.glob("tests/graph/*.kfp"), *TOP.glob("tests/lang/*.kfp")]
    for path in sorted(programs):
        text = path.read_text("utf-8", "replace")
        names = re.findall(r"^pipeline (\w+)", text, re.M)
        if "error E0" in text or not names:
            continue
        kfpc("build", path, "-o", "it.kfpb")
        found = exported("it.kfpb", names[-1])
        expect(f"{path}: pipeline", found[2]["pipeline"] == names[-1])
        pictures.append(found[3][0])
        n += 1
    expect(f"only {n} programs", n > 150)
    return pictures


def graphviz(pictures):
    if not shutil.which("dot"):
        print("# no dot: Graphviz has read nothing")
        return
    p = subprocess.run(["dot", "-Tcanon"], input="".join(pictures).encode(), capture_output=True)
    expect(f"dot: {p.stderr.decode()}", p.returncode == 0 and not p.stderr)
    expect("dot has not read all", p.stdout.count(b"digraph") == len(pictures))
    p = subprocess.run(["dot", "-Tsvg"], input=pictures[-1].encode(), capture_output=True)
    expect(f"dot -Tsvg: {p.stderr.decode()}", p.returncode == 0 and not p.stderr)
    expect("no picture", b"<svg" in p.stdout)


RUN = """
component make(n: int) -> (data: Dataset[csv], count: int):
    shell:
        [ "$n" -lt 2 ]
        echo "$n" > "$data_path"
        echo "$n" > "$count_path"

pipeline one(n: int) -> int:
    t = make(n=n)
    return t.count

pipeline main(n: int = 3) -> list[int]:
    for i in range(n):
        try:
            c = one(n=i)
            r = c.output
        except:
            r = -1
    if n > 5:
        never = make(n=0)
    last = make(n=1)
    return collect(r)
"""


def with_run():
    pathlib.Path("run.kfp").write_text(RUN)
    kfpc("run", "run.kfp", "main", "--progress", "quiet")
    dot, mermaid, found, texts = exported("run.kfp", "--run", "@last")
    by_title = {text.split("\n")[0]: (text, mermaid.styles[n], dot.styles[n])
                for n, text in mermaid.nodes.items()}
    expect("tasks of a loop", re.fullmatch(r"t\nmake\n2 succeeded, 1 failed, \d+ ms|.* s",
                                           by_title["t"][0], re.S))
    expect("failed is red", by_title["t"][1:] == ("failed", "#f8d7da"))
    expect("skipped is grey", by_title["never"][1:] == ("skipped", "#eeeeee"))
    expect("skipped is told", by_title["never"][0].endswith("skipped"))
    expect("succeeded is green", by_title["last"][1:] == ("succeeded", "#d4edda"))
    expect(f"iterations: {dot.boxes}",
           any("for i in range(n)\n3 iterations: 2 succeeded, 1 failed" in b
               for b in dot.boxes.values()))
    expect("the run's name", "run " in texts[0] and "succeeded" in texts[1].split("\n")[1])
    absent = [m for n, m in mermaid.styles.items() if mermaid.nodes[n].startswith("data\n")]
    expect(f"artifacts {absent}", sorted(absent) == ["absent", "dataset", "dataset"])
    tasks = {t["path"]: t for t in found["run"]["tasks"]}
    expect("tasks in JSON", tasks["i[2]/c/t"]["state"] == "failed" and
           tasks["i[2]/c/t"]["address"] == "i[*]/c/t" and "started_ms" in tasks["i[2]/c/t"])
    expect("loops in JSON", [(x["path"], x["iterations"], x["skipped"])
                             for x in found["run"]["loops"]] == [("i", 3, False)])
    closed = kfpc("export", "mermaid", "run.kfp", "--run", "@last", "--depth", "0")[1]
    expect("a closed call is counted", "1 node, not drawn<br/>2 succeeded, 1 failed" in closed)

    pathlib.Path("run.kfp").write_text(RUN.replace("never", "renamed"))
    _, out, err = kfpc("export", "mermaid", "run.kfp", "--run", "@last")
    expect(f"another version: {err}", "another version" in err)
    expect("what the run had not is plain", re.search(r'"renamed<br/>make.*"\]:::task', out))
    _, _, err = kfpc("export", "dot", "run.kfp", "one", "--run", "@last", status=2)
    expect(f"another pipeline: {err}", "of pipeline 'main', not of 'one'" in err)
    kfpc("export", "dot", "run.kfp", "--run", "nothing-like-it", status=2)
    kfpc("export", "dot", "run.kfp", "--run", "@last/t", status=2)


MAKE = """component make(n: int) -> (data: Dataset[csv], count: int):
    shell:
        exit 1

component join(a: Dataset[csv], b: Dataset[csv]) -> (data: Dataset[csv]):
    shell:
        exit 1

"""


def layers(n, width):
    lines = ["pipeline main(n: int):", "    assert n > 0"]
    for i in range(n):
        a, b = i - width, (i // width - 1) * width + (i * 7 + 3) % width
        lines.append(f"    t{i} = make(n=n)" if i < width else
                     f"    t{i} = join(a=t{a}.data, b=t{b}.data)")
    return MAKE + "\n".join(lines) + "\n"


def many_tasks():
    for n, width in (500, 20), (10000, 100):
        pathlib.Path("many.kfp").write_text(layers(n, width))
        kfpc("build", "many.kfp")
        dot, mermaid, found, texts = exported("many.kfpb")
        expect(f"{n}: nodes", len(dot.nodes) == n + 2)
        expect(f"{n}: {len(dot.edges)} edges", len(dot.edges) <= 2 * (n - width))
        expect(f"{n}: too large for a page", "maxEdges" in texts[1])
        expect(f"{n}: nodes of JSON", len(found["pipelines"][0]["nodes"]) == n + 1)
        expect(f"{n}: not compact", len(texts[1]) < 120 * n)
        expect(f"{n}: fan of n", dot.nodes["n0"] == f"n\nint\n→ {width + 1} others")
        if n == 500:
            graphviz([texts[0]])


def nested(levels):
    """Each pipeline calls the one below it twice: 2 ** levels tasks."""
    lines = [MAKE, "pipeline p0(n: int) -> (x: int, y: int):", "    t = make(n=n)",
             "    return x=t.count + n, y=t.count"]
    for i in range(1, levels):
        lines += [f"pipeline p{i}(n: int) -> (x: int, y: int):", f"    a = p{i - 1}(n=n)",
                  f"    b = p{i - 1}(n=a.x + a.y)", "    return x=a.x + b.y, y=b.x + a.y"]
    return "\n".join(lines) + "\n"


def deep():
    pathlib.Path("deep.kfp").write_text(nested(60))
    kfpc("build", "deep.kfp")
    for depth, boxes in (0, 0), (1, 2), (3, 14):
        dot = exported("deep.kfpb", "--depth", depth)[0] if depth == 3 else \
            graph.read_dot(kfpc("export", "dot", "deep.kfpb", "--depth", depth)[1])
        expect(f"depth {depth}: {len(dot.boxes)} boxes", len(dot.boxes) == boxes)
    dot = graph.read_dot(kfpc("export", "dot", "deep.kfpb", "--depth", "64")[1])
    expect(f"{len(dot.nodes)} nodes", not dot.problems and len(dot.nodes) < 5000)


def wrong():
    pathlib.Path("run.kfp").write_text(RUN)
    os.mkdir("folder")
    for words, status, text in (
            (("dot",), 2, "a file are wanted"),
            (("dit", "run.kfp"), 2, "did you mean 'dot'?"),
            (("picture", "run.kfp"), 2, "\n  mermaid "),
            (("dot", "run.kfp", "mian"), 2, "did you mean 'main'?"),
            (("dot", "run.kfp", "main", "--depth", "x"), 2, "from 0 to 64"),
            (("dot", "run.kfp", "main", "--depth", "65"), 2, "from 0 to 64"),
            (("dot", "run.kfp", "main", "--depth", "-1"), 2, "from 0 to 64"),
            (("dot", "none.kfp"), 4, "none.kfp"),
            (("json", "run.kfp", "main", "-o", "folder"), 4, "folder"),
            (("json", "run.kfp", "main", "-o", "no/such/place"), 4, "no/such/place")):
        _, out, err = kfpc("export", *words, status=status)
        expect(f"{words}: {out}{err}", text in err and not out)
    kfpc("export", "json", "run.kfp", "main", "-o", "out.json")
    text = pathlib.Path("out.json").read_text("utf-8")
    expect("-o", text == kfpc("export", "json", "run.kfp", "main")[1])


graphviz(every_program())
with_run()
many_tasks()
deep()
wrong()
print("\n".join(problems[:40]))
sys.exit(1 if problems else 0)
