"""The pool of programs: Kubeflow's SDK takes each export and runs it as kfpc runs the program.

With an argument: those alone that have it in their names."""
import itertools
import pathlib
import sys
import threading

import exports

problems = []


class Lane(threading.Thread):
    """Takes run after run: a process of the SDK is at one while kfpc is at the same."""
    counter = itertools.count()

    def __init__(self, runs, python):
        super().__init__()
        self.runs, self.number = runs, next(self.counter)
        self.sdk = exports.Sdk(python, f"sdk-{self.number}.log")

    def run(self):
        for number, run in self.runs:
            try:
                self.one(run, pathlib.Path(f"run-{number}").resolve())
            except Exception as e:
                problems.append(f"{run.name}: {type(e).__name__}: {e}")
        self.sdk.close()

    def one(self, run, folder):
        folder.mkdir()
        path = folder / "pipeline.yaml"
        path.write_text(run.export("kfp"), encoding="utf-8")
        if run.program.loads.get("kfp"):
            self.sdk.begin(path=str(path))
            self.sdk.end()
            return
        self.sdk.begin(path=str(path), args=run.args(folder / "dir-there"),
                       root=str(folder / "root"))
        found = run.here(folder / "dir-here")
        problems.extend(exports.compare(run, found, self.sdk.end(), folder / "out"))


class Shared:
    """An iterator for several threads."""

    def __init__(self, items):
        self.items, self.lock = iter(items), threading.Lock()

    def __iter__(self):
        return self

    def __next__(self):
        with self.lock:
            return next(self.items)


programs = [p for p in exports.pool() if "".join(sys.argv[1:]) in p.path.stem]
for p in programs:
    if p.refuses.get("kfp"):
        for run in p.runs:
            got = p.refusal("kfp", run)
            if sorted(got) != sorted(p.refuses["kfp"]):
                problems.append(f"{run.name}: {got}, not {p.refuses['kfp']}")
runs = [r for p in programs for r in p.runs if not p.refuses.get("kfp")]
python = exports.sdk_python()
if python:
    shared = Shared(enumerate(runs))
    lanes = [Lane(shared, python) for _ in range(2)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()

if problems:
    print("\n".join(problems))
    sys.exit(1)
if not python:
    print("Kubeflow's SDK cannot be installed by pip: its part of the test is not done")
    sys.exit(77)
print(f"{len(runs)} runs of {len(programs)} programs")
