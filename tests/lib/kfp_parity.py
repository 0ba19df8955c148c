"""What two pipelines of Kubeflow's say otherwise; for the interpreter that has PyYAML.

argv: a file of lines "OURS<tab>THEIRS"; prints the differences of each, then a line "=".  Left out
are what runs in the containers (command, arguments), versions, and where the file comes from; the
image, where it is one of Python's.  Each task stands with what its component says.
"""
import json
import re
import sys

import yaml

PYTHON = re.compile(r"(.*/)?(python(:|-\d)|ubi\d/python).*")


def read(path):
    with open(path, encoding="utf-8") as f:
        docs = [d for d in yaml.load_all(f, yaml.CSafeLoader) if d is not None]
    return docs + [{}] * (2 - len(docs))


def executor(d, second, label):
    found = d.get("deploymentSpec", {}).get("executors", {}).get(label, {})
    out = {k: dict(v) for k, v in found.items()}
    container = out.get("container", {})
    for key in ("command", "args"):
        container.pop(key, None)
    if PYTHON.fullmatch(container.get("image", "")):
        container["image"] = "Python's"
    platform = second.get("platforms", {}).get("kubernetes", {})
    if label in platform.get("deploymentSpec", {}).get("executors", {}):
        out["kubernetes"] = platform["deploymentSpec"]["executors"][label]
    return out


def component(d, second, comp):
    out = {k: v for k, v in comp.items() if k not in ("dag", "executorLabel")}
    if "dag" in comp:
        if comp["dag"].get("outputs"):
            out["outputs"] = comp["dag"]["outputs"]
        out["tasks"] = {name: task_of(d, second, task)
                        for name, task in comp["dag"]["tasks"].items()}
    else:
        out["executor"] = executor(d, second, comp["executorLabel"])
    return out


def task_of(d, second, task):
    out = {k: v for k, v in task.items() if k != "componentRef"}
    used = d["components"][task["componentRef"]["name"]]
    return dict(out, component=component(d, second, used))


def whole(path):
    d, second = read(path)
    config = second.get("platforms", {}).get("kubernetes", {}).get("pipelineConfig", {})
    return {"info": d["pipelineInfo"], "root": component(d, second, d["root"]),
            "config": config}


GROUP = re.compile(r"\b(for-loop|condition-branches|condition|exit-handler|finally|loop-item-param|"
                   r"oneof)-(\d+)\b")


def counted(tree):
    """Groups are counted one by one of a kind: how the others are counted does not matter."""
    text = json.dumps(tree)
    numbers = {}
    for kind, n in sorted(set(GROUP.findall(text)), key=lambda pair: int(pair[1])):
        of_kind = numbers.setdefault(kind, {})
        of_kind[n] = str(len(of_kind) + 1)
    return json.loads(GROUP.sub(lambda m: f"{m[1]}-{numbers[m[1]][m[2]]}", text))


def flat(v, path=""):
    if isinstance(v, dict) and v:
        for k in v:
            yield from flat(v[k], f"{path}/{k}")
    elif isinstance(v, list) and any(isinstance(e, dict) for e in v):
        for i, e in enumerate(v):
            yield from flat(e, f"{path}[{i}]")
    else:
        yield path, json.dumps(v, ensure_ascii=False, sort_keys=True)


def differences(ours, theirs):
    a, b = dict(flat(counted(whole(theirs)))), dict(flat(counted(whole(ours))))
    for path in sorted(set(a) | set(b)):
        if path not in b:
            yield f"- {path}: {a[path]}"
        elif path not in a:
            yield f"+ {path}: {b[path]}"
        elif a[path] != b[path]:
            yield f"~ {path}: {a[path]} -> {b[path]}"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as jobs:
        for job in jobs:
            print(*differences(*job.rstrip("\n").split("\t")), sep="\n")
            print("=")
