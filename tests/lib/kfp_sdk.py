"""Runs pipelines with the local runner of Kubeflow's SDK; for its interpreter, not for ours.

A job is a line of JSON on standard input: {"path": YAML, "args": {...} or null: load only,
"root": folder}.  Its result is a line in the pipe that argv[1] is; logs go to the streams.
"""
import json
import os
import re
import sys
import traceback
import warnings

warnings.simplefilter("ignore")
import yaml  # noqa: E402
from kfp import components, local  # noqa: E402
from kfp.local import status  # noqa: E402
from kfp.local.orchestrator import task_executor  # noqa: E402
import kfp_mends  # noqa: E402

tasks = {}
single = task_executor.execute_single_task


def observed(*, task_name, pipeline_resource_name, **rest):
    """Notes how each task ended; the iterations around it are in the resource's name."""
    turns = re.findall(r"/([^/]+)-iteration-(\d+)", pipeline_resource_name)
    address = "".join(f"{name}[{i}]/" for name, i in turns) + task_name
    while address in tasks:
        address += "#2"
    tasks[address] = {"state": "running"}
    outputs, state = single(task_name=task_name, pipeline_resource_name=pipeline_resource_name,
                            **rest)
    tasks[address] = {"state": ended(outputs, state),
                      "outputs": {k: form(v) for k, v in outputs.items()}}
    return outputs, state


def ended(outputs, state):
    """A task that is not to fail the run has its end as an output."""
    done = state == status.Status.SUCCESS
    fate = outputs.get("kfpc_fate", "ok").partition(":")[0] if done else "failed"
    return "succeeded" if fate == "ok" else fate


task_executor.execute_single_task = observed


def form(v):
    if isinstance(v, list):
        return [form(e) for e in v]
    if not hasattr(v, "metadata"):
        return v
    if "kfpc_none" in v.metadata:       # an artifact that is not there
        return None
    return {"path": v.path, "metadata": dict(v.metadata)}


def source(v, kind):
    """What an input is bound to: (None, input of the DAG) or (task, output)."""
    what = kind[:-1].capitalize()
    out = v.get("taskOutput" + what)
    if out:
        return out["producerTask"], out["output" + what + "Key"]
    return None, v.get("componentInput" + what)


def check_task(d, comp, name, where):
    tasks = comp["dag"]["tasks"]
    task = tasks[name]
    used = d["components"][task["componentRef"]["name"]]
    assert set(task.get("dependentTasks", [])) <= set(tasks), where
    item = (task.get("parameterIterator") or task.get("artifactIterator") or {}).get("itemInput")
    for kind in ("parameters", "artifacts"):
        given = task.get("inputs", {}).get(kind, {})
        wanted = used.get("inputDefinitions", {}).get(kind, {})
        assert set(given) <= set(wanted), where
        for key, definition in wanted.items():
            assert key in given or key == item or definition.get("isOptional") or \
                "defaultValue" in definition, (where, key)
        for v in given.values():
            producer, key = source(v, kind)
            if producer:
                made = d["components"][tasks[producer]["componentRef"]["name"]]
                assert key in made["outputDefinitions"][kind], (where, key)
                assert producer in task["dependentTasks"], (where, producer)
            elif key:
                assert key in comp["inputDefinitions"][kind], (where, key)


def selectors(out, kind):
    if kind == "artifacts":
        return [(s["producerSubtask"], s["outputArtifactKey"]) for s in out["artifactSelectors"]]
    several = out.get("valueFromOneof", {}).get("parameterSelectors") or \
        [out["valueFromParameter"]]
    return [(s["producerSubtask"], s["outputParameterKey"]) for s in several]


def check(d, comp, where):
    """Kubeflow checks no name before it runs: every reference has to mean something."""
    if "dag" not in comp:
        assert comp["executorLabel"] in d["deploymentSpec"]["executors"], where
        return
    tasks = comp["dag"]["tasks"]
    assert tasks, where
    for name, task in tasks.items():
        check_task(d, comp, name, f"{where}/{name}")
        check(d, d["components"][task["componentRef"]["name"]], f"{where}/{name}")
    for kind, outs in comp["dag"].get("outputs", {}).items():
        assert set(outs) == set(comp["outputDefinitions"][kind]), where
        for out in outs.values():
            for producer, key in selectors(out, kind):
                made = d["components"][tasks[producer]["componentRef"]["name"]]
                assert key in made["outputDefinitions"][kind], (where, producer, key)


def arguments(d, given):
    """A value of type json travels as text; a dot in an address is a `_`."""
    params = d["root"].get("inputDefinitions", {}).get("parameters", {})
    out = {}
    for key, v in given.items():
        key = key.replace(".", "_")
        text = params.get(key, {}).get("parameterType") == "STRING" and not isinstance(v, str)
        out[key] = json.dumps(v) if text else v
    return out


def one(job):
    with open(job["path"], encoding="utf-8") as f:
        text = f.read()
    docs = list(yaml.load_all(text, yaml.CSafeLoader))
    loaded = components.load_component_from_text(text)
    check(docs[0], docs[0]["root"], "")
    out = {"documents": len(docs)}
    if job.get("args") is None:
        return out
    root = os.path.abspath(job["root"])
    os.makedirs(root)
    local.init(runner=local.SubprocessRunner(use_venv=False), pipeline_root=root,
               raise_on_error=True)
    tasks.clear()
    kfp_mends.prepare(docs[0])
    try:
        task = loaded(**arguments(docs[0], job["args"]))
        out.update(state="succeeded", outputs={k: form(v) for k, v in task.outputs.items()})
    except RuntimeError:    # "Pipeline ... finished with status FAILURE"
        out.update(state="failed", outputs={})
    return dict(out, tasks=dict(tasks))


def main():
    with os.fdopen(int(sys.argv[1]), "w") as results:
        for line in sys.stdin:
            job = json.loads(line)
            try:
                result = one(job)
            except Exception as e:
                traceback.print_exc()
                result = {"error": f"{type(e).__name__}: {str(e)[-2000:]}"}
            sys.stdout.flush()
            results.write(json.dumps(result) + "\n")
            results.flush()


main()
