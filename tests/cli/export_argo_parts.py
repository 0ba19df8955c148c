"""Pipelines that are larger or deeper than Argo allows: parts, and what is refused."""
import re
import subprocess
import sys

problems = []
HEAD = """component one(s: int = 0) -> (t: int):
    python:
        t = s + 1

pipeline main(go: bool = True) -> (r: int):
"""


def export(lines):
    with open("big.kfp", "w", encoding="utf-8") as f:
        f.write(HEAD + "".join(f"    {line}\n" for line in lines))
    p = subprocess.run(["kfpc", "export", "argo", "big.kfp", "main", "--kind", "workflow-template"],
                       capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr


def templates(text):
    """{template: {task: (template, what it waits for)}} of the DAGs."""
    out = {}
    for part in re.split(r"\n  - name: ", text.split("\n  templates:")[1])[1:]:
        name, _, body = part.partition("\n")
        if "\n    dag:\n" not in "\n" + body:
            continue
        tasks = {}
        body = body.split("\n      tasks:")[1].split("\n    outputs:")[0]
        for task in re.split(r"\n      - name: ", body)[1:]:
            depends = re.search(r"^        depends: (.+)$", task, re.M)
            template = re.search(r"^        template: (.+)$", task, re.M)[1]
            tasks[task.split("\n")[0]] = (template, re.findall(
                r"[a-z][-a-z0-9]*(?=\.|\b)", re.sub(r"\.[A-Z]\w+", "", depends[1]) if depends
                else ""))
        out[name] = tasks
    return out


def leaves(dags, name):
    return sum(leaves(dags, t) if t in dags else 1 for t, _ in dags[name].values())


def check(what, lines, n, flat=False):
    status, out, err = export(lines)
    if status:
        problems.append(f"{what}: status {status}: {err}")
        return
    dags = templates(out)
    if leaves(dags, "main") != n:
        problems.append(f"{what}: {leaves(dags, 'main')} tasks, not {n}")
    for name, tasks in dags.items():
        if len(tasks) > 200:
            problems.append(f"{what}: {len(tasks)} tasks in {name}")
        for task, (_, depends) in tasks.items():
            for d in depends:
                if list(tasks).index(d) >= list(tasks).index(task):
                    problems.append(f"{what}: {name}: {task} waits for {d}")
    waits = any(d for tasks in dags.values() for _, d in tasks.values())
    if flat == waits:
        problems.append(f"{what}: something waits, or nothing does")
    if (n > 150) != ("part" in dags["main"]):
        problems.append(f"{what}: parts: {list(dags)}")


for n in (2, 150, 151, 1000):
    chain = [f"a{i} = one(s={f'a{i - 1}.t' if i else 0})" for i in range(n)]
    check(f"{n} in a row", [*chain, f"return a{n - 1}.t"], n)
    wide = [f"a{i} = one(s={i})" for i in range(n)]
    check(f"{n} beside each other", [*wide, "return a0.t"], n, flat=True)
    pairs = [f"a{i} = one(s={f'a{i - 1}.t' if i % 2 else i})" for i in range(n)]
    check(f"{n} in pairs", [*pairs, "return a1.t"], n)


def nested(n):
    lines = [f"{'    ' * i}if go:" for i in range(n)]
    return export([*lines, "    " * n + "one()", "    " * n + "one()", "return 1"])


deepest = max(n for n in range(40, 100) if not nested(n)[0])
status, out, err = nested(deepest + 1)
found = re.search(r"^error E1004: .* (\d+) levels .* at most (\d+)", err, re.M)
if status != 1 or out or not found or int(found[1]) - int(found[2]) not in (1, 2):
    problems.append(f"{deepest + 1} branches in each other: {status} {err}")
if problems:
    print("\n".join(problems))
    sys.exit(1)
