"""Every program of the tests: Kubeflow's SDK loads its export, or it is refused as it was before.

golden/refused.txt has what is refused, with the codes; `tests/run --update export` writes it.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

import exports

FOLDERS = "check", "lang", "graph", "lower", "std", "export"
GOLDEN = exports.POOL / "golden/refused.txt"
# It is the same in all exports, and slow to read: the programs of the pool are run with it.
LAUNCHER = re.compile(r'^( +)- "\\"\\"\\"Runs the contents of one .*\n(?:\1  .*\n)*', re.M)
problems, refused = [], []


def programs():
    for folder in FOLDERS:
        for path in sorted((exports.TOP / "tests" / folder).rglob("*.kfp")):
            if "main.kfp" == path.name or not (path.parent / "main.kfp").exists():
                yield path


def pipelines(path):
    """Those that no other calls."""
    text = path.read_text("utf-8", "replace")
    return [name for name in re.findall(r"^pipeline (\w+)", text, re.M)
            if not re.search(rf"^ .*(?<!\.)\b{name}\(", re.sub(r"(?ms)^test .*?(?=^\S)", "", text),
                             re.M)]


def export(job):
    path, name = job
    status, out, err = exports.kfpc("export", "kfp", path, name)
    return path, name, status, out, err


def judge(path, name, status, out, err):
    """Files what came out for the SDK to load; None where nothing did."""
    what = f"{path.relative_to(exports.TOP / 'tests')} {name}"
    if status < 0 or status > 2 or "Sanitizer" in err or "runtime error" in err:
        problems.append(f"{what}: status {status}: {err}")
    codes = re.findall(r"^error (E\d{4})", err, re.M)
    if status == 1 and all(c.startswith("E10") for c in codes):
        refused.append(f"{what}: {' '.join(codes)}")
        if out or not codes or err.count(" --> ") < len(codes):
            problems.append(f"{what}: refused without places: {err}")
    if status:
        return None
    file = pathlib.Path(re.sub(r"\W+", "-", what) + ".yaml").resolve()
    file.write_text(LAUNCHER.sub(r"\1- LAUNCHER\n", out), encoding="utf-8")
    return what, file


def load(jobs, number):
    sdk = exports.Sdk(python, f"sdk-{number}.log")
    for what, file in jobs:
        try:
            sdk.begin(path=str(file))
            sdk.end()
        except AssertionError as e:
            problems.append(f"{what}: {e}")
    sdk.close()


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    done = pool.map(export, [(p, name) for p in programs() for name in pipelines(p)])
    jobs = [job for job in (judge(*d) for d in done) if job]
text = "".join(line + "\n" for line in refused)
if os.environ.get("KFPC_TEST_UPDATE"):
    GOLDEN.write_text(text, encoding="utf-8")
pathlib.Path("refused.txt").write_text(text, encoding="utf-8")
if text != GOLDEN.read_text("utf-8"):
    problems.append(subprocess.run(["diff", "-u", GOLDEN, "refused.txt"], capture_output=True,
                                   text=True).stdout)
python = exports.sdk_python()
if python:
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(load, (jobs[::2], jobs[1::2]), (0, 1)))
if problems:
    print("\n".join(problems))
    sys.exit(1)
if not python:
    print("Kubeflow's SDK cannot be installed by pip: nothing is loaded")
    sys.exit(77)
print(f"{len(jobs)} exports, {len(refused)} refused")
