"""The chapters of examples/tutorial, run for real, and what comes out of each."""
import json
import os
import pathlib
import subprocess

FOLDER = pathlib.Path(os.environ["srcdir"], "examples/tutorial")


def kfpc(*args, status=0):
    r = subprocess.run(["kfpc", *args], capture_output=True, text=True)
    assert r.returncode == status, (args, r.returncode, r.stdout, r.stderr)
    return r.stdout


def run(chapter, *args, status=0):
    return json.loads(kfpc("run", str(FOLDER / f"{chapter}.kfp"), "--json", *args, status=status))


assert run("1_component", "-p", "number=7")["outputs"] == {"output": 7}
assert kfpc("logs", "@last").endswith("| 7\n")

assert run("2_pipeline", status=1)["error"]  # nothing is known about number_1
r = run("2_pipeline", "--config", "five_and_six")
assert r["outputs"] == {"output": 11} and len(r["tasks"]) == 3, r

r = run("3_paths")
assert r["metrics"]["fit.accuracy"] >= 0.9, r
kfpc("get", "@last/fit.model", "-o", "model.json")
assert len(json.loads(pathlib.Path("model.json").read_text())) == 2

r = run("4_environment")
assert r["metrics"]["fit.accuracy"] > 0.95, r
bundle = json.loads(kfpc("artifacts", "@last/fit", "--json").splitlines()[0])
assert "scikit-learn" in json.dumps(bundle), bundle

r = run("5_settings", "-p", "seeds=[4, 5, 6, 7]")
assert len(r["tasks"]) == 5 and 0.4 < r["outputs"]["output"] < 0.6, r

r = run("6_results")
assert r["outputs"]["accuracy"] > 0.9 and r["metrics"]["fit.accuracy"] > 0.9, r
assert len(json.loads(kfpc("metrics", "@last", "--json"))["metrics"][0]["points"]) == 20
r = run("6_results", "--config", "short", status=3)
assert "train longer" in r["error"], r

r = run("7_debugging", status=3)
assert "could not convert" in kfpc("logs", "@last/fit")
kfpc("get", "@last/raw.table", "-o", "raw.csv")
assert pathlib.Path("raw.csv").read_text() == "x,y\n1,2\n2,\n3,6\n"
assert run("7_debugging", "--config", "fixed")["outputs"] == {"output": 2.0}
