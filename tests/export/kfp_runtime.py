"""kfpc export kfp --python-runtime kfp: what Kubeflow's SDK would compile, run by its executor.

The program that installs packages is left out: the SDK of the test is there."""
import json
import pathlib
import re
import subprocess
import sys

import exports

PIP = "python3 -m pip install"
RUN = ("values", "artifacts", "models", "names", "failing", "optional")
FORM = ("--python-runtime", "kfp")
problems = []


def expect(what, condition):
    if not condition:
        problems.append(what)


def export(text, *options, target="kfp", name=()):
    pathlib.Path("p.kfp").write_text(text, encoding="utf-8")
    return exports.kfpc("export", target, "p.kfp", *name, *options)


FIT = """component fit(rate: float, data: Dataset[csv]?, many: list[Artifact], n: int? = None) -> (
    model: Model[json], loss: Metric, names: list[str]):
    environment:
        packages   = ["six==1.16.0", "idna==3.7; python_version<'3.9'"]
        pip_index_urls = ["https://one.example/simple", "https://two.example/simple"]
    python:
        loss = 1.0 - rate
        names = []
        open(model_path, "w").write("{}")

component touch():
    python:
        print("{{$}}")

pipeline p(many: list[Artifact], rate: float = 0.5) -> float:
    touch()
    f = fit(rate=rate, data=None, many=many)
    return f.loss
"""
SIGNATURE = """def fit(
    rate: float,
    many: dsl.Input[List[dsl.Artifact]],
    model: dsl.Output[dsl.Model],
    kfpc_metrics: dsl.Output[dsl.Metrics],
    data: Optional[dsl.Input[dsl.Dataset]] = None,
    n: Optional[int] = None,
) -> NamedTuple('Outputs', [
    ('loss', float),
    ('names', list),
]):
"""
HEAD = "\nimport kfp\nfrom kfp import dsl\nfrom kfp.dsl import *\nfrom typing import *\n\n"
URLS = " --index-url 'https://one.example/simple' --extra-index-url 'https://two.example/simple'"
WORDS = (f"{PIP} --quiet --no-warn-script-location{URLS} 'six==1.16.0' "
         "'idna==3.7; python_version<'\\''3.9'\\'''  &&  "
         f"{PIP} --quiet --no-warn-script-location{URLS} 'kfp==2.15.2' '--no-deps' "
         "'typing-extensions>=3.7.4,<5; python_version<\"3.9\"' && \"$0\" \"$@\"\n")
READ = """import json, sys, yaml
d = next(yaml.load_all(open(sys.argv[1], encoding="utf-8"), yaml.CSafeLoader))
print(json.dumps({k: e["container"] for k, e in d["deploymentSpec"]["executors"].items()}))
"""


def check_text(python):
    status, out, err = export(FIT, *FORM)
    expect(f"the export: {err}", status == 0 and not err)
    if status:
        return
    pathlib.Path("p.yaml").write_text(out, encoding="utf-8")
    made = subprocess.run([python, "-c", READ, "p.yaml"], capture_output=True, text=True)
    pods = json.loads(made.stdout)
    fit, touch = pods["exec-f"], pods["exec-touch"]
    expect(f"arguments: {fit['args']}", fit["args"] == ["--executor_input", "{{$}}",
                                                        "--function_to_execute", "fit"])
    expect(f"image: {fit['image']}", fit["image"] == "python:3.11")
    command = fit["command"]
    expect(f"words: {command[:5]}", [command[i] for i in (0, 1, 3, 4)] == ["sh", "-c", "sh", "-ec"])
    expect(f"install: {command[2]}", command[2].endswith(WORDS))
    expect(f"bootstrap: {command[5]}", "kfp.dsl.executor_main" in command[5])
    expect(f"program: {command[6][:900]}", command[6].startswith(HEAD + SIGNATURE))
    expect("no placeholder in the contents", '{{$}}")' not in touch["command"][6])
    expect("the default is embedded", export(FIT)[1] == export(
        FIT, "--python-runtime", "embedded")[1] != out)
    alone = export(FIT, *FORM, target="component", name=["touch"])
    expect(f"a component: {alone[2]}", "--function_to_execute" in alone[1])


def check_runs(python):
    sdk = exports.Sdk(python, "sdk.log")
    count = 0
    for program in exports.pool():
        if program.path.stem not in RUN:
            continue
        for run in program.runs:
            count += 1
            folder = pathlib.Path(f"run-{count}").resolve()
            folder.mkdir()
            text = run.export("kfp", *FORM)
            expect(f"{run.name}: no SDK in it", PIP in text)
            (folder / "p.yaml").write_text(text.replace(PIP, "true"), encoding="utf-8")
            sdk.begin(path=str(folder / "p.yaml"), args=run.args(folder / "dir-there"),
                      root=str(folder / "root"))
            found = run.here(folder / "dir-here")
            problems.extend(exports.compare(run, found, sdk.end(), folder / "out"))
    sdk.close()
    return count


# What has no place there, with the line that says it.
REFUSED = (
    ("the 'where' of 'x'", 1, "component c(x: int = 1 where x > 0) -> (y: int):", "y = x"),
    ("the 'where' of 'y'", 1, "component c(x: int = 1) -> (y: int where y > 0):", "y = x"),
    ("the Series of 'y'", 1, "component c() -> (y: Series):", "y.log(1.0)"),
    ("the None in the type of 'y'", 1, "component c() -> (y: int?):", "y = 1"),
    ("the None in the type of 'x'", 1, "component c(x: list[int?] = []):", "print(x)"),
    ("the name of '_y'", 1, "component c() -> (_y: int):", "_y = 1"),
)


def check_refusals():
    for what, line, head, code in REFUSED:
        status, out, err = export(f"{head}\n    python:\n        {code}\n\npipeline p():\n    c()\n",
                                  *FORM)
        expect(f"{what}: {err}", status == 1 and not out and what in err and "E1001" in err
               and "--python-runtime embedded" in err and f" --> p.kfp:{line}:" in err)
    for name, what in (("structs", "the struct of"), ("function_file", "the file of"),
                       ("except_mends", "the 'try' around the call"),
                       ("settings_computed", "the computed setting"),
                       ("artifact_lists", "the computed argument")):
        program = exports.Program(exports.POOL / f"{name}.kfp")
        run = program.runs[0]
        status, out, err = exports.kfpc("export", "kfp", program.path, *run.pipeline, *FORM)
        expect(f"{name}: {err}", status == 1 and not out and what in err)
        said = re.findall(r"^error.*\n --> .*$", err, re.M)
        expect(f"{name}: the same twice: {err}", len(said) == len(set(said)) > 0)
    long = "component c():\n    python:\n        x = '" + "y" * (120 << 10) + \
        "'\n\npipeline p():\n    c()\n"
    status, out, err = export(long, *FORM)
    expect(f"a long program: {err}", status == 1 and not out and "E1002" in err)


def check_words():
    for target, options, want in (
            ("kfp", ["--python-runtime", "kpf"], "did you mean 'kfp'?"),
            ("kfp", ["--python-runtime", "zzz"], "there are: embedded, kfp"),
            ("argo", FORM, "--python-runtime is for kfp and component"),
            ("dot", FORM, "--python-runtime is for kfp and component")):
        status, out, err = export(FIT, *options, target=target)
        expect(f"{target} {options}: {status} {err}", status == 2 and not out and want in err)
    status, _, err = export(FIT, *FORM, target="image", name=["fit.environment"])
    expect(f"image: {err}", status == 2 and "is for kfp and component" in err)


check_refusals()
check_words()
python = exports.sdk_python()
count = 0
if python:
    check_text(python)
    count = check_runs(python)
if problems:
    print("\n".join(problems))
    sys.exit(1)
if not python:
    print("Kubeflow's SDK cannot be installed by pip: its part of the test is not done")
    sys.exit(77)
print(f"{count} runs")
