"""The parts of the standard library are enough for a whole job, and a config changes it."""
import os
import pathlib
import shutil

from stdtest import artifact, kfpc, run

program = pathlib.Path(os.environ["srcdir"], "examples/std/std.kfp").read_text(encoding="utf-8")
first = run(program)
assert first["metrics"]["good.accuracy"] > 0.9 and first["metrics"]["good.roc_auc"] > 0.95, first
assert first["tasks"]["check"]["state"] == "succeeded", first["tasks"]["check"]
page = pathlib.Path(artifact("page.page", "page.md")).read_text(encoding="utf-8")
assert "Trained on 111 flowers, tested on 39." in page and first["run_id"] in page, page
assert f"| accuracy | {first['metrics']['good.accuracy']:.6g} |" in page, page
assert "<svg" in pathlib.Path(artifact("classification.page", "roc.html")).read_text()

# the compiled module needs neither its source nor the library
kfpc("build", "program.kfp", "-o", "job.kfpb")
os.unlink("program.kfp")
os.mkdir("elsewhere")
shutil.move("job.kfpb", "elsewhere")
os.chdir("elsewhere")
env = {**os.environ, "KFPC_STDLIB": "/nowhere"}
out = kfpc("run", "job.kfpb", "--config", "forest", "-p", "goal=1.1", "--progress", "quiet", env=env)
assert "2 skipped" in out, out
assert "good.accuracy" in out and "packed.bundle" not in out, out
