# A store that holds rubbish: what can be read is shown, the rest is named, nothing crashes,
# and new runs go on beside it.
. "$srcdir/tests/lib/bad.sh"

cat >p.kfp <<'KFP'
component make() -> (data: Dataset, score: Metric):
    shell:
        echo kept > "$data_path"
        echo 0.5 > "$score_path"
pipeline p():
    m = make()
KFP
gives 0 kfpc run p.kfp
gives 0 kfpc run p.kfp
cp -r "$KFPC_STORE" good
cat >damage.py <<'PY'
"""Puts rubbish into one file of a store at a time and looks at it with every command."""
import glob
import json
import os
import random
import shutil
import subprocess
import sys

store = os.environ["KFPC_STORE"]
random.seed(11)
run = sorted(glob.glob("good/runs/*"))[-1].removeprefix("good/")
words = {
    "empty": lambda b: b"", "nul": lambda b: b"\0" * 5000, "cut": lambda b: b[:len(b) // 2],
    "noise": lambda b: random.randbytes(5000), "long": lambda b: b"x" * 3000000,
    "deep": lambda b: b"[" * 100000 + b"\n", "lines": lambda b: b"\n" * 100000,
    "bit": lambda b: bytes([b[0] ^ 1]) + b[1:] if b else b"\1",
    "twice": lambda b: b + b, "numbers": lambda b: b"1\n{}\n[]\nnull\n\"x\"\n",
}
commands = [["runs"], ["runs", "--json"], ["show", "@last"], ["show", "@last", "--json"],
            ["logs", "@last"], ["metrics", "@last"], ["artifacts", "@last"],
            ["get", "@last/m.data", "-o", "got"], ["fsck"], ["show", "@-2"],
            ["run", "p.kfp", "--progress", "quiet"], ["runs"]]


def look(what):
    for command in commands:
        try:
            p = subprocess.run(["kfpc", *command], capture_output=True, timeout=60)
        except subprocess.TimeoutExpired:
            sys.exit(f"{command} does not end: {what}")
        if p.returncode not in (0, 1, 2, 4) or b"Sanitizer" in p.stderr \
                or b"runtime error" in p.stderr:
            sys.exit(f"status {p.returncode} of {command}: {what}\n{p.stderr.decode()[:3000]}")
        if p.returncode and not p.stdout + p.stderr:
            sys.exit(f"{command} says nothing: {what}")
        if command[0] == "run" and p.returncode and "FORMAT" not in what[0]:
            sys.exit(f"no run beside it: {what}\n{p.stderr.decode()}")
        if command[0] == "get":
            if os.path.exists("got"):
                with open("got") as f:
                    if f.read() != "kept\n" and what[0].startswith("runs"):
                        sys.exit(f"another artifact: {what}")
                os.remove("got")
            elif not p.returncode:
                sys.exit(f"nothing was got: {what}")


def fresh():
    subprocess.run(["chmod", "-R", "u+w", store], check=True)
    shutil.rmtree(store)
    shutil.copytree("good", store)


chosen = sys.argv[1:]
for name in chosen:
    name = name.replace("RUN", run)
    for word, change in words.items():
        fresh()
        path = os.path.join(store, name)
        data = b""
        if os.path.exists(path):
            os.chmod(path, 0o600)
            with open(path, "rb") as f:
                data = f.read()
        with open(path, "wb") as f:
            f.write(change(data))
        look((name, word))
    fresh()
    path = os.path.join(store, name)
    if os.path.exists(path):
        os.remove(path)
    os.mkdir(path)
    look((name, "a folder"))
PY
python3 damage.py RUN/journal RUN/run.json RUN/DONE index.db FORMAT RUN/logs RUN/metrics >out 2>err || fail "damage"
