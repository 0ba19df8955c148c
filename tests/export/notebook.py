"""A notebook that is exported does what it does here.  The notebook as it was executed differs in
the paths of its files, so that it is looked at by itself."""
import json
import pathlib
import sys

import exports

program = exports.Program(exports.POOL / "notebook/notebooks.kfp")
python = exports.sdk_python()
if not python:
    print("Kubeflow's SDK cannot be installed by pip: this is not tried")
    sys.exit(77)
problems = []
sdk = exports.Sdk(python, "sdk.log")
for number, run in enumerate(program.runs):
    folder = pathlib.Path(f"run-{number}").resolve()
    folder.mkdir()
    path = folder / "pipeline.yaml"
    path.write_text(run.export("kfp"), encoding="utf-8")
    sdk.begin(path=str(path), args=run.args(folder / "dir"), root=str(folder / "root"))
    found, other = run.here(folder / "dir"), sdk.end()
    for task in found["tasks"].values():
        task["outputs"].pop("notebook", None)
    for task in other["tasks"].values():
        made = (task.get("outputs") or {}).pop("notebook", None)
        if made:
            cells = json.loads(pathlib.Path(made["path"]).read_text("utf-8"))["cells"]
            texts = ["".join(cell["source"]) for cell in cells]
            shown = cells[3]["outputs"][0]["text"]
            if len(cells) != 5 or "n = 3" not in texts[2] or shown != ["n is 3 {{$}} '한'\n"]:
                problems.append(f"the notebook as executed is {cells}")
    problems += exports.compare(run, found, other, folder / "out")
    if run.state == "failed" and "cell 4 (" not in other["log"]:
        problems.append(f"{run.name}: the cell that failed is not named: {other['log'][-1500:]}")
sdk.close()
print("\n".join(problems) or f"{len(program.runs)} runs")
sys.exit(bool(problems))
