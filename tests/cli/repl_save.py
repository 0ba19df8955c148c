"""What :save writes runs by kfpc run to the same results; a session with examples/iris, too."""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, os.environ["srcdir"] + "/tests/lib")
from replscript import has, repl  # noqa: E402

TOP = pathlib.Path(os.environ["srcdir"])


def kfpc(*args):
    p = subprocess.run(["kfpc", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert p.returncode == 0, (args, p.returncode, p.stdout, p.stderr)
    return p.stdout


def outputs(run):
    """What each task of a run gave, by its address; an artifact by its contents."""
    found = {}
    for task in json.loads(kfpc("show", run, "--json"))["tasks"]:
        if task["state"] in ("succeeded", "cached"):
            found[task["task"]] = {
                name: value["digest"] if isinstance(value, dict) and "digest" in value else value
                for name, value in task["outputs"].items()}
    return found


def saved(script, *args, only=None):
    """Holds a session, runs what it saved, and compares; the text of the program."""
    path = pathlib.Path("saved.kfp")
    path.unlink(missing_ok=True)
    _, err = repl(script + "\n:save saved.kfp\n", *args)
    session = outputs("@last")
    command = err.rstrip().splitlines()[-1].removeprefix("saved; to run it: ").split()
    assert command[:2] == ["kfpc", "run"], err
    text = path.read_text("utf-8")
    assert kfpc("fmt", "--check", "saved.kfp") == ""
    kfpc(*command[1:], "--progress", "quiet")
    program = outputs("@last")
    for task in only or session:
        assert session[task] == program[task], (task, session[task], program[task], text)
    assert only or set(session) == set(program), (set(session) ^ set(program), text)
    return text


PARTS = """
const factor = 3
enum Kind: small, large

## Numbers, one a line.
component numbers(n: int = 4, kind: Kind = Kind.small) -> (data: Dataset[csv], size: Metric):
    python:
        step = 1 if kind == "small" else 10
        open(data, "w").write("x\\n" + "".join(f"{i * step}\\n" for i in range(n)))
        size = float(n)

component total(data: Dataset[csv], times: int = 1) -> int:
    python:
        output = times * sum(int(x) for x in open(data).read().split()[1:])

component unused() -> int:
    python:
        output = 1
"""

text = saved(PARTS + """
few = numbers(n=3)
sum = total(data=few.data)
more = numbers(n=sum + factor, kind=Kind.large)
sum2 = total(data=more.data, times=2)
sum2 > 100
""")
has(text, "few = numbers(n=3)", "const factor = 3", "## Numbers, one a line.", "enum Kind")
assert "unused" not in text and "> 100" not in text, text

# A loop, a condition, lists of tasks.
saved(PARTS + """
grid = [2, 5, 7]
all = [numbers(n=x) for x in grid]
best = all[argmax(all.size)]
for x in grid:
    one = numbers(n=x, kind=Kind.large)
    t = total(data=one.data)
sums = collect(t)
if max(sums) > 100:
    y = total(data=best.data, times=100)
else:
    y = total(data=best.data)
y + 1
""")

# What was redefined, undone, failed and set in between is not in it.
text = saved(PARTS + """
a = numbers()
b = total(data=a.data)
a = numbers(n=6)
:rerun
:config b.times=7
:rerun
c = total(data=a.data, times=3)
:undo
:list
""", only=["a", "b"])
has(text, "times=7")
assert "c = " not in text

# A file is loaded, and part of it is redefined.
pathlib.Path("parts.kfp").write_text(PARTS)
text = saved("""
component total(data: Dataset[csv]) -> int:
    python:
        output = -1
a = numbers()
b = total(data=a.data)
""", "parts.kfp")
has(text, "-1")

# Irises.
text = saved("""
flowers = load_iris()
parts = split(data=flowers.data, target=flowers.target)
fit = train_svc_from_csv(train_data=parts.train_data, train_target=parts.train_target, kernel=Kernel.linear)
score = evaluate_model(model=fit.model, test_data=parts.test_data, test_target=parts.test_target)
""", str(TOP / "examples/iris/iris.kfp"), only=["flowers", "parts", "score"])
has(text, "kernel=Kernel.linear")
