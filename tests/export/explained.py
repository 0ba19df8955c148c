"""`--explain` tells every task of an export that no task of the program stands behind, and no other.

Which these are is read from what is exported: what a pod does says of which kind it is."""
import json
import re
import sys

import exports

try:
    import yaml
except ImportError:
    print("Python has no yaml here")
    sys.exit(77)

PROGRAMS = {"python", "shell", "notebook", "load", None}     # None: a program of an image
problems = []


def kind(spec):
    m = re.match(r'\s*\{"kind": "([\w-]+)"', spec)
    return m and m[1]


def kfp_jobs(executors, components, task):
    """What a task of Kubeflow's is told to do, or no word if it is none for the launcher."""
    constant = task.get("inputs", {}).get("parameters", {}).get("kfpc_job", {})
    yield constant.get("runtimeValue", {}).get("constant", "")
    executor = executors[components[task["componentRef"]["name"]]["executorLabel"]]
    for part in ("args", "command"):
        yield from executor.get("container", {}).get(part, [])


def kfp_tasks(docs):
    """(place, kind) of all that is no group."""
    components = docs[0].get("components", {})
    executors = docs[0]["deploymentSpec"]["executors"]

    def walk(dag, prefix):
        for name, task in dag["tasks"].items():
            inner = components[task["componentRef"]["name"]].get("dag")
            if inner:
                yield from walk(inner, f"{prefix}{name}/")
            else:
                kinds = [kind(j) for j in kfp_jobs(executors, components, task)]
                yield prefix + name, next((k for k in kinds if k), None)
    return walk(docs[0]["root"]["dag"], "")


def pod_kind(template, data):
    """By the file that it reads, which has the same kind for all that share it."""
    names = re.findall(r"([a-z0-9-]+\.json)\b", json.dumps(template))
    return next((kind(data[n]) for n in names if n in data), None)


def argo_tasks(docs):
    data, templates, entry = {}, {}, None
    for d in docs:
        if d["kind"] == "ConfigMap":
            data.update(d["data"])
        elif d["kind"] == "WorkflowTemplate":
            entry = d["spec"]["entrypoint"]
            templates = {t["name"]: t for t in d["spec"]["templates"]}

    def leaf(place, task):
        template = templates[task["template"]]
        tasks = template.get("dag", {}).get("tasks", [])
        if not tasks:
            yield place, pod_kind(template, data)
        elif tasks[0].get("when") == "false":
            yield place, "nothing"
        elif template["name"] in trios:
            for t in tasks:
                yield f"{place}/{t['name']}", None if t["name"] == "run" else t["name"]

    # A program of an image and what is around it: only groups have neither.
    trios = {n for n, t in templates.items() if "run" in
             {x["name"] for x in t.get("dag", {}).get("tasks", [])} <= {"argv", "run", "collect"}}
    for name, template in templates.items():
        for task in template.get("dag", {}).get("tasks", []):
            if name not in trios and task.get("when") != "false":
                yield from leaf(task["name"] if name == entry else f"{name}/{task['name']}", task)


TASKS = {"kfp": kfp_tasks, "argo": argo_tasks}


def told(text):
    """The first column of the table, which ends at an empty line."""
    lines = text.split("\n\n")[0].split("\n")
    return sorted(line.split()[0] for line in lines[1:] if line)


def compare(target, name, args):
    status, out, err = exports.kfpc("export", target, *args)
    if status:
        return 0
    docs = list(yaml.load_all(out, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    made = sorted(place for place, k in TASKS[target](docs) if k not in PROGRAMS)
    _, text, _ = exports.kfpc("export", target, *args, "--explain")
    if made != told(text):
        problems.append(f"{name} for {target}: only made {sorted(set(made) - set(told(text)))}, "
                        f"only told {sorted(set(told(text)) - set(made))}")
    return len(made)


count = 0
for program in exports.pool():
    for run in {tuple(r.pipeline + r.config): r for r in program.runs}.values():
        for target in TASKS:
            count += compare(target, run.name, (program.path, *run.pipeline, *run.config))
for pipeline in ("programs", "again", "fixed"):
    for target in TASKS:
        count += compare(target, pipeline, (exports.POOL / "container/programs.kfp", pipeline))
if problems or count < 100:
    print("\n".join(problems), count)
    sys.exit(1)
print(f"{count} tasks")
