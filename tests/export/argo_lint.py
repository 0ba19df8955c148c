"""Every program of the tests and examples that exports to Argo: its linter, CRDs and we find nothing.

With an argument: those alone that have it in their paths."""
import concurrent.futures
import pathlib
import re
import sys

import exports
import judge

FOLDERS = ("examples/*", "tests/export", "tests/parity", "tests/lower", "tests/graph", "tests/lang",
           "tests/lang/*", "tests/check", "tests/check/*", "tests/fmt", "tests/parse")
VARIANTS = (["--kind", "workflow"], ["--kind", "workflow-template"],
            ["--kind", "cron-workflow"], ["--rbac", "--namespace", "ml", "--artifact-store", "s3",
                                          "--image-pull-policy", "Always"])
PIPELINE = re.compile(r"^pipeline (\w+)", re.M)
PLACED = re.compile(r"^error E10\d\d: .+\n --> .+:\d+:\d+$", re.M)
problems = []


def jobs():
    """(program, pipeline, options); examples with all options."""
    wanted = "".join(sys.argv[1:])
    for folder in FOLDERS:
        for program in sorted(exports.TOP.glob(folder + "/*.kfp")):
            if wanted not in str(program):
                continue
            text = program.read_bytes().decode("utf-8", "replace")
            for pipeline in PIPELINE.findall(text):
                yield program, pipeline, []
                for options in VARIANTS if folder == "examples/*" else ():
                    yield program, pipeline, options


def export(number, program, pipeline, options):
    """The file, if there is an export; errors of the target must have their places."""
    status, out, err = exports.kfpc("export", "argo", program, pipeline, *options)
    name = f"{program} {pipeline} {' '.join(options)}"
    if status == 0:
        path = pathlib.Path(f"{number}.yaml").resolve()
        path.write_text(out, encoding="utf-8")
        return name, path
    refused = re.findall(r"^error E10\d\d: ", err, re.M)
    if status not in (1, 2, 3) or out or len(refused) != len(PLACED.findall(err)):
        problems.append(f"{name}: {status}: {err}")
    return name, None


tool, why = judge.tool()
if not tool:
    print(why)
    sys.exit(77)
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    made = list(pool.map(lambda a: export(a[0], *a[1]), enumerate(jobs())))
exported = [(name, path) for name, path in made if path]
for (name, _), found in zip(exported, judge.lint(tool, [[str(path)] for _, path in exported])):
    problems.extend(f"{name}: {text}" for text in found)
if problems:
    print("\n".join(problems))
    sys.exit(1)
if not judge.crds():
    print(f"{len(exported)} exports linted; KFPC_CONFORMANCE is not set: not by CRDs")
    sys.exit(77)
print(f"{len(exported)} exports of {len(made)}")
