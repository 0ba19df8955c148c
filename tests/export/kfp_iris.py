"""examples/iris, exported and run by Kubeflow's SDK: the accuracy of `kfpc run`.

The packages are those of the environment that kfpc made, which pip finds there."""
import os
import pathlib
import sys

import exports

python = exports.sdk_python()
if not python:
    print("Kubeflow's SDK cannot be installed by pip")
    sys.exit(77)
program = exports.Program(exports.TOP / "examples/iris/iris.kfp")
run = exports.Run(program, "# run iris")
found = run.here(pathlib.Path("here"))
assert found["state"] == "succeeded", found["log"]
cache = pathlib.Path(os.environ["XDG_CACHE_HOME"])
site = next(p.parent for p in cache.glob("kfpc/envs/*/venv/lib/python*/site-packages/sklearn"))
os.environ["PYTHONPATH"] += f":{site}"
path = pathlib.Path("iris.yaml").resolve()
path.write_text(run.export("kfp"), encoding="utf-8")
sdk = exports.Sdk(python, "sdk.log")
sdk.begin(path=str(path), args={}, root="root")
other = sdk.end()
sdk.close()
assert other["state"] == "succeeded", other["log"]
accuracy = other["outputs"]["accuracy"]
assert accuracy == found["outputs"]["accuracy"] > 0.9, (accuracy, found["outputs"])
assert other["tasks"]["publish"]["state"] == "succeeded" and "reject" not in other["tasks"]
