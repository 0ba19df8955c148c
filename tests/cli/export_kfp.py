"""kfpc export kfp: every example comes out, the same twice, or is refused with its places."""
import ast
import collections
import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(os.environ["srcdir"])
FLOW = TOP / "tests/export/flow.kfp"
problems = []


def expect(what, condition):
    if not condition:
        problems.append(what)


def kfpc(*args):
    p = subprocess.run(["kfpc", *map(str, args)], capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr


# Every example exports, and what cannot be exported is said with its place.
REFUSED = re.compile(r"^error (E10\d\d): .+\n --> .+\.kfp:\d+:\d+$", re.M)
for program in sorted((TOP / "examples").glob("*/*.kfp")):
    status, out, err = kfpc("export", "kfp", program)
    if status == 2:     # several pipelines
        continue
    got = REFUSED.findall(err)
    expect(f"{program}: {status}: {err}", status == (1 if got else 0))
    expect(f"{program}: refused and written", not (got and out))
    expect(f"{program}: two exports differ",
           out == kfpc("export", "kfp", program)[1])

# The launcher is one text made of several: no name may mean two things.
for other in ("argo", "kfp"):
    names = collections.Counter()
    for path in (TOP / "runtime/exec/task.py",
                 *(TOP / "compiler/export").glob("*/*launch*.py")):
        if path.name == other + "_launch.py":
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            targets = [node.name] if hasattr(node, "name") else \
                [t.id for t in getattr(node, "targets", ()) if isinstance(t, ast.Name)]
            names.update(targets)
    twice = [name for name, n in names.items() if n > 1]
    expect(f"defined twice in the launcher: {twice}", not twice)

# Usage.
status, out, err = kfpc("export", "kpf", "x.kfp")
expect("an unknown target", status == 2 and "did you mean 'kfp'" in err)
status, out, err = kfpc("export", "kfp", FLOW, "flow", "-o", "/proc/none/x.yaml")
expect(f"a folder that is not there: {status}", status == 4)

if problems:
    print("\n".join(problems))
    sys.exit(1)
