"""The pool of programs: Argo's controller runs each export as kfpc runs the program.

With an argument: those alone that have it in their names.  lib/judge.py says what Argo is here."""
import concurrent.futures
import itertools
import pathlib
import sys

import exports
import judge

problems = []


def write(run, folder):
    """The files of an export, or None where there is none."""
    try:
        folder.mkdir()
        path = folder / "workflow.yaml"
        path.write_text(run.export("argo"), encoding="utf-8")
        return path
    except AssertionError as e:
        problems.append(str(e))
        return None


def job(run, path, number):
    given = run.args(path.parent / "dir-there")
    return {"name": str(number), "files": [str(path)], "seconds": 120,
            "shared": [str(path.parent / "dir-there")],
            "parameters": {k.replace(".", "-"): judge.carried(v) for k, v in given.items()}}


def compare(run, found, verdict, folder):
    if verdict.get("error"):
        problems.append(f"{run.name}: {verdict['error']}")
    else:
        problems.extend(exports.compare(run, found, judge.outcome(verdict), folder / "out"))


def here(run, folder):
    try:
        return run.here(folder / "dir-here")
    except AssertionError as e:
        return str(e)


def run_all(tool, runs, files):
    ready = [(n, r, f) for n, (r, f) in enumerate(zip(runs, files))
             if f and not r.only_loads("argo")]
    batch = judge.Batch(tool, pathlib.Path("argo"), [job(r, f, n) for n, r, f in ready])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        mine = {str(n): pool.submit(here, r, f.parent) for n, r, f in ready}
        by_number = {str(n): (r, f.parent) for n, r, f in ready}
        verdicts = dict(batch.verdicts())
        for number, (run, folder) in by_number.items():
            found = mine[number].result()
            if isinstance(found, str):
                problems.append(found)
            elif number not in verdicts:
                problems.append(f"{run.name}: the judge said nothing")
            else:
                compare(run, found, verdicts[number], folder)
    return len(ready)


programs = [p for p in exports.pool()
            if not sys.argv[1:] or any(w in p.path.stem for w in sys.argv[1:])]
for p in programs:
    if p.refuses.get("argo"):
        for run in p.runs:
            got = p.refusal("argo", run)
            if sorted(got) != sorted(p.refuses["argo"]):
                problems.append(f"{run.name}: {got}, not {p.refuses['argo']}")
tool, why = judge.tool()
if not tool:
    print("\n".join(problems) + f"Argo's part of the test is not done: {why}")
    sys.exit(1 if problems else 77)
why = judge.can_run(tool)
runs = [r for p in programs for r in p.runs if not p.refuses.get("argo")]
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    files = list(pool.map(write, runs, (pathlib.Path(f"run-{n}").resolve()
                                        for n in itertools.count())))
linted = [(r, f) for r, f in zip(runs, files) if f]
for (run, _), found in zip(linted, judge.lint(tool, [[str(f)] for _, f in linted])):
    problems.extend(f"{run.name}: {text}" for text in found)
ran = 0 if why else run_all(tool, runs, files)
if problems:
    print("\n".join(problems))
    sys.exit(1)
if why:
    print(why)
    sys.exit(77)
print(f"{ran} runs of {len(programs)} programs")
