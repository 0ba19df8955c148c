"""The main job: the model of examples/iris is trained, good, complete, and can be used."""
import json
import os
import pathlib
import subprocess
import sys

source = os.path.join(os.environ["srcdir"], "examples/iris/iris.kfp")


def kfpc(*args, status=0):
    p = subprocess.run(["kfpc", *args], stdout=subprocess.PIPE, text=True)
    assert p.returncode == status, (args, p.returncode)
    return p.stdout


def run(*args):
    result = json.loads(kfpc("run", source, "--json", "--progress", "plain", *args))
    assert result["state"] == "succeeded" and result["error"] is None, result
    return result


first = run()
assert len(first["run_id"]) == 36, first
assert first["outputs"]["accuracy"] == first["metrics"]["evaluate.accuracy"] > 0.9, first
assert first["tasks"]["publish"]["state"] == "succeeded"
assert first["tasks"]["reject"]["state"] == "skipped"

parts = json.dumps([json.loads(line) for line in kfpc("artifacts", "@last", "--json").split("\n")
                    if line])
for part in ("code", "weights", "structure", "environment"):
    assert part in parts, (part, parts)
shown = kfpc("artifacts", "@last")
assert "sklearn" in shown and "train_svc_from_csv.py" in shown, shown

kfpc("get", "@last/train.model", "-o", "out")
predict = """
import dill
clf = dill.load(open("out", "rb"))
print(type(clf).__name__, [int(k) for k in clf.predict([[5.1, 3.5, 1.4, .2], [6.7, 3, 5.2, 2.3]])])
"""
envs = pathlib.Path(os.environ["XDG_CACHE_HOME"]).rglob("bin/python")
interpreter = next(p for p in envs if list(p.parent.parent.glob("lib/*/site-packages/dill")))
out = subprocess.run([interpreter, "-W", "ignore", "-c", predict], stdout=subprocess.PIPE,
                     text=True, check=True).stdout
assert out.strip() == "SVC [0, 2]", out

prod = run("--config", "prod")
assert prod["metrics"]["evaluate.accuracy"] >= 0.95, prod

bad = run("-p", "kernel=sigmoid")
assert bad["tasks"]["publish"]["state"] == "skipped", bad
assert bad["tasks"]["reject"]["state"] == "succeeded", bad

assert len(kfpc("runs", "--json").strip().split("\n")) == 3
kfpc("fsck")
sys.exit(0)
