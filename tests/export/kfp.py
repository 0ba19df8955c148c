"""The pool of programs: Kubeflow's SDK takes each export and runs it as kfpc runs the program.

With an argument: those alone that have it in their names."""
import pathlib
import sys

import exports

problems = []


class Lane:
    """Takes run after run: a process of the SDK is at one while kfpc is at the same."""

    def __init__(self, python):
        self.sdk = exports.Sdk(python, "sdk.log")

    def take(self, run, folder):
        try:
            self.one(run, folder)
        except Exception as e:
            problems.append(f"{run.name}: {type(e).__name__}: {e}")

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
    lane = Lane(python)
    for number, run in enumerate(runs):
        lane.take(run, pathlib.Path(f"run-{number}").resolve())
    lane.sdk.close()
elif not exports.are_run():
    for run in runs:
        run.export("kfp")

if problems:
    print("\n".join(problems))
    sys.exit(1)
if not python and exports.are_run():
    print("Kubeflow's SDK cannot be installed by pip: its part of the test is not done")
    sys.exit(77)
print(f"{len(runs)} runs of {len(programs)} programs")
