"""Pipelines that others have made for Kubeflow, said in our language: what differs is in
tests/parity/NAME.diff, and why in tests/parity/README.md.  `tests/run --update export` writes it."""
import os
import pathlib
import re
import subprocess
import sys

import exports

FOLDER = exports.TOP / "tests/parity"
problems = []
if "KFPC_CONFORMANCE" not in os.environ:
    print("KFPC_CONFORMANCE is not set: there is nothing to compare with")
    sys.exit(77)
OUTSIDE = pathlib.Path(os.environ["KFPC_CONFORMANCE"]) / "kfp"
python = exports.sdk_python()
if not python:
    print("Kubeflow's SDK cannot be installed by pip: there is no reader of YAML")
    sys.exit(77)

jobs, found = [], {}
for path in sorted(FOLDER.glob("*.kfp")):
    outside = OUTSIDE / path.read_text("utf-8").split("\n", 1)[0].removeprefix("# ")
    status, out, err = exports.kfpc("export", "kfp", path)
    codes = re.findall(r"^error (E10\d\d): (.*)$", err, re.M)
    if status:
        found[path] = "".join(f"refused {code}: {text}\n" for code, text in codes) or err
        continue
    yaml = pathlib.Path(path.stem + ".yaml").resolve()
    yaml.write_text(out, encoding="utf-8")
    jobs.append((path, f"{yaml}\t{outside}\n"))
pathlib.Path("jobs").write_text("".join(line for _, line in jobs), encoding="utf-8")
p = subprocess.run([python, exports.TOP / "tests/lib/kfp_parity.py", "jobs"], capture_output=True,
                   text=True)
if p.returncode:
    print(p.stderr)
    sys.exit(1)
for (path, _), text in zip(jobs, p.stdout.split("=\n")):
    found[path] = text.lstrip("\n")

for path, text in found.items():
    golden = path.with_suffix(".diff")
    if os.environ.get("KFPC_TEST_UPDATE"):
        golden.write_text(text, encoding="utf-8")
    wanted = golden.read_text("utf-8") if golden.exists() else None
    if text != wanted:
        problems.append(f"{path.name}: differs otherwise than {golden.name} says:\n{text}")

# What is no pipeline there is none here.
for name, text in ("empty_file", ""), ("no_name", "pipeline ():\n    pass\n"):
    assert (OUTSIDE / "invalid" / f"{name}.yaml").exists()
    program = pathlib.Path(name + ".kfp")
    program.write_text(text)
    status, out, err = exports.kfpc("export", "kfp", program)
    if status not in (1, 2) or out or "error" not in err and "no pipeline" not in err:
        problems.append(f"{name}: status {status}: {err}")

if problems:
    print("\n".join(problems))
    sys.exit(1)
print(f"{len(jobs)} compared, {len(found) - len(jobs)} refused")
