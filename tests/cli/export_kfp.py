"""kfpc export kfp: Kubeflow's own SDK reads what comes out, and runs it as kfpc does."""
import json
import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(os.environ["srcdir"])
HERE = TOP / "tests/cli/export_kfp"
SDK = "kfp==2.17.3"
problems = []


def expect(what, condition):
    if not condition:
        problems.append(what)


def kfpc(*args):
    p = subprocess.run(["kfpc", *map(str, args)], capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr


def sdk():
    """The interpreter of an environment that has the SDK; None where pip cannot make it."""
    folder = pathlib.Path(os.environ["XDG_CACHE_HOME"]) / ("sdk-" + SDK.replace("==", "-"))
    python = folder / "bin/python3"
    if not (folder / "done").exists():
        made = subprocess.run([sys.executable, "-m", "venv", folder]).returncode or \
            subprocess.run([python, "-m", "pip", "install", "-q", SDK]).returncode
        if made:
            return None
        (folder / "done").touch()
    return python


RUN = """
import json, os, sys, warnings
warnings.simplefilter("ignore")
from kfp import components, local
import yaml
os.makedirs("runs", exist_ok=True)
local.init(runner=local.SubprocessRunner(use_venv=False), pipeline_root=os.path.abspath("runs"),
           raise_on_error=True)

def source(v, kind):
    "What an input is bound to: (None, input of the DAG) or (task, output)."
    what = kind[:-1].capitalize()
    out = v.get("taskOutput" + what)
    if out:
        return out["producerTask"], out["output" + what + "Key"]
    return None, v.get("componentInput" + what)

def check(d, comp, where):
    "Kubeflow checks no name before it runs: every reference has to mean something."
    if "dag" not in comp:
        assert comp["executorLabel"] in d["deploymentSpec"]["executors"], where
        return
    tasks = comp["dag"]["tasks"]
    assert tasks, where
    for name, task in tasks.items():
        used = d["components"][task["componentRef"]["name"]]
        assert set(task.get("dependentTasks", [])) <= set(tasks), (where, name)
        item = task.get("parameterIterator", {}).get("itemInput")
        for kind in ("parameters", "artifacts"):
            given = task.get("inputs", {}).get(kind, {})
            wanted = used.get("inputDefinitions", {}).get(kind, {})
            assert set(given) <= set(wanted), (where, name)
            for key, definition in wanted.items():
                assert key in given or key == item or definition.get("isOptional"), \\
                    (where, name, key)
            for v in given.values():
                producer, key = source(v, kind)
                if producer:
                    made = d["components"][tasks[producer]["componentRef"]["name"]]
                    assert key in made["outputDefinitions"][kind], (where, name, key)
                    assert producer in task["dependentTasks"], (where, name, producer)
                elif key:
                    assert key in comp["inputDefinitions"][kind], (where, name, key)
        check(d, used, where + "/" + name)

def one(path, args):
    text = open(path).read()
    docs = list(yaml.safe_load_all(text))
    loaded = components.load_component_from_text(text)
    check(docs[0], docs[0]["root"], path)
    out = {"ndocs": len(docs)}
    if args is None:
        return out
    try:
        task = loaded(**args)
    except RuntimeError:    # "Pipeline ... finished with status FAILURE"
        return dict(out, state="failed", outputs={})
    return dict(out, state="succeeded", outputs={
        k: {"text": open(v.path).read()} if hasattr(v, "path") else v
        for k, v in task.outputs.items()})

for n, (path, args) in enumerate(json.load(open("jobs.json"))):
    print("JOB", n, flush=True)
    result = one(path, args)
    print("\\nRESULT" + json.dumps(result), flush=True)
"""


def run_jobs(python):
    """What the SDK makes of all that was asked for, in one process: it starts slowly."""
    pathlib.Path("jobs.json").write_text(json.dumps([(str(j["path"]), j["args"]) for j in JOBS]))
    p = subprocess.run([python, "-c", RUN], capture_output=True, text=True)
    logs = re.split(r"^\s*JOB \d+$", p.stdout, flags=re.M)[1:]
    if p.returncode:
        problems.append(f"{JOBS[len(logs) - 1]['path']}: the SDK does not take it: "
                        f"{p.stderr[-1500:]}")
    for job, log in zip(JOBS, logs):
        m = re.search(r"^\s*RESULT(.*)$", log, re.M)
        if m:
            job["then"](json.loads(m[1]), log)


JOBS = []


def ask(path, args, then=lambda got, log: None):
    JOBS.append({"path": path, "args": args, "then": then})


def exported(program, *args):
    status, out, err = kfpc("export", "kfp", program, *args)
    expect(f"{program}: export gives {status}: {err}", status == 0)
    path = pathlib.Path(f"{pathlib.Path(program).stem}-{len(JOBS)}.yaml")
    path.write_text(out, encoding="utf-8")
    return path


def ran(program, *args):
    status, out, err = kfpc("run", program, *args, "--json", "--progress", "quiet")
    return json.loads(out)


def same(program, pipeline, args, *says):
    """The SDK runs the export as kfpc runs the program."""
    params = [w for k, v in args.items()
              for w in ("-p", f"{k}={v if isinstance(v, str) else json.dumps(v)}")]
    mine = ran(program, pipeline, *params)
    ask(exported(program, pipeline), args,
        lambda got, log: compare(f"{program.name} {pipeline} {args}", mine, got, log, says))


def compare(what, mine, theirs, log, says):
    expect(f"{what}: {theirs['state']}, not {mine['state']}\n{log[-1500:]}",
           theirs["state"] == mine["state"])
    for name, value in mine["outputs"].items():
        got = theirs["outputs"].get(name)
        if isinstance(value, dict) and "$artifact" in value:
            value = {"text": kfpc("get", f"{mine['run_id']}.{name}", "-o", "-")[1]}
        elif isinstance(got, str) and not isinstance(value, str):
            got = json.loads(got)   # of type json
        expect(f"{what}: {name} is {got}, not {value}", got == value)
    for word in says:
        expect(f"{what}: '{word}' is not in the log", word in log)


# Every example exports, and what cannot be exported is said with its place.
REFUSED = re.compile(r"^error (E10\d\d): .+\n --> .+\.kfp:\d+:\d+$", re.M)
for program in sorted((TOP / "examples").glob("*/*.kfp")) + sorted(HERE.glob("*.kfp")):
    status, out, err = kfpc("export", "kfp", program)
    if status == 2:     # several pipelines
        continue
    wanted = re.findall(r"# error (E10\d\d)$", program.read_text("utf-8"), re.M)
    got = REFUSED.findall(err)
    if wanted:
        expect(f"{program}: {got}, not {wanted}: {err}", sorted(got) == sorted(wanted))
    expect(f"{program}: {status}: {err}", status == (1 if got else 0))
    expect(f"{program}: refused and written", not (got and out))
    expect(f"{program}: two exports differ",
           out == kfpc("export", "kfp", program)[1])

# Usage.
status, out, err = kfpc("export", "argo", "x.kfp")
expect("argo is not said to come later", status == 2 and "later version" in err)
status, out, err = kfpc("export", "kpf", "x.kfp")
expect("an unknown target", status == 2 and "did you mean 'kfp'" in err)
status, out, err = kfpc("export", "kfp", HERE / "flow.kfp", "flow", "-o", "/proc/none/x.yaml")
expect(f"a folder that is not there: {status}", status == 4)

python = sdk()
TUTORIAL = TOP / "examples/tutorial"
if python:
    flow = HERE / "flow.kfp"
    same(TOP / "examples/numbers/numbers.kfp", "numbers", {"a": 20, "b": 6},
         "20 / 6 is 3, rest 2; their sum is 5")
    same(flow, "flow", {}, "state succeeded")
    same(flow, "flow", {"n": 7, "ns": [5], "name": "yes"})
    same(flow, "flow", {"n": 60})      # its `where` refuses it
    same(flow, "fails", {}, "state failed")
    same(HERE / "words.kfp", "words", {})
    for n, pipeline, args in (("1_component", "one_component", {}),
                              ("2_pipeline", "example_pipeline", {"number_1": 5, "number_2": 6}),
                              ("3_paths", "train_pipeline", {}),
                              ("6_results", "results_pipeline", {})):
        same(TUTORIAL / f"{n}.kfp", pipeline, args)
    for program in sorted((TOP / "tests/lang").glob("mix_*.kfp")):
        status, out, _ = kfpc("export", "kfp", program)
        if not status:
            path = pathlib.Path(program.stem + ".lang.yaml")
            path.write_text(out, encoding="utf-8")
            ask(path, None)
    for n in ("4_environment", "5_settings", "7_debugging"):    # it reads them
        ask(exported(TUTORIAL / f"{n}.kfp"), None)
    ask(exported(TUTORIAL / "2_pipeline.kfp", "--config", "five_and_six"), {},
        lambda got, log: expect("a config's values are no defaults",
                                got["outputs"] == {"output": 11}))
    ask(exported(HERE / "cluster.kfp"), None,
        lambda got, log: expect("no second document", got["ndocs"] == 2))
    run_jobs(python)

if problems:
    print("\n".join(problems))
    sys.exit(1)
if not python:
    print("Kubeflow's SDK cannot be installed by pip: its part of the test is not done")
    sys.exit(77)
