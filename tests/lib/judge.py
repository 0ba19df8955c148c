"""tests/conformance/argo, which is built once: Argo's own linter and controller judge exports."""
import fcntl
import hashlib
import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess

import exports

SOURCE = exports.TOP / "tests/conformance/argo"
NEEDED = (1, 21)    # a Go that can bring the one that go.mod names,
WANTED = (1, 26)    # and one that need not


def go():
    """The go command and the environment for it; else None and why not."""
    found = shutil.which("go") or shutil.which("/usr/local/go/bin/go")
    if not found:
        return None, "there is no go command"
    home = pwd.getpwuid(os.getuid()).pw_dir     # where modules and what is built are kept
    env = dict(os.environ, HOME=home, CGO_ENABLED="0", GOFLAGS="-mod=readonly -buildvcs=false")
    env.pop("XDG_CACHE_HOME", None)
    env.pop("XDG_CONFIG_HOME", None)
    p = subprocess.run([found, "env", "GOVERSION"], capture_output=True, text=True, env=env,
                       cwd=SOURCE.parent)
    version = tuple(int(n) for n in p.stdout.strip().removeprefix("go").split(".")[:2]
                    if n.isdigit())
    if version < NEEDED:
        return None, f"Go {p.stdout.strip()} is too old"
    if version < WANTED:
        env["GOTOOLCHAIN"] = "auto"
    p = subprocess.run([found, "mod", "download"], capture_output=True, text=True, env=env,
                       cwd=SOURCE)
    if p.returncode:
        return None, f"Go's modules cannot be had: {p.stderr.strip().splitlines()[-1:]}"
    return found, env


def digest():
    whole = hashlib.sha256()
    for path in sorted([*SOURCE.glob("**/*.go"), *SOURCE.glob("go.*")]):
        whole.update(f"{path.relative_to(SOURCE)}\0".encode() + path.read_bytes() + b"\0")
    return whole.hexdigest()[:16]


def tool():
    """The program argojudge; else None and why there is none."""
    cache = pathlib.Path(os.environ["XDG_CACHE_HOME"])
    folder = cache / f"argojudge-{digest()}"
    with open(cache / "argojudge.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "argojudge").exists():
            found, env = go()
            if not found:
                return None, env
            made = folder.with_suffix(".new")
            subprocess.run([found, "build", "-ldflags", "-s -w", "-o", f"{made}/", "./..."],
                           cwd=SOURCE, env=env, check=True)
            shutil.rmtree(folder, ignore_errors=True)
            made.rename(folder)
    return folder / "argojudge", ""


def can_run(judge):
    """May pods have namespaces of their own here?  "" or why not."""
    if not exports.are_run():
        return "exports are made here, and not run"
    p = subprocess.run([judge, "batch", "-d", "try"], text=True, capture_output=True,
                       input=json.dumps({"name": "try", "files": [
                           str(SOURCE / "testdata/run/cron.yaml")]}))
    found = json.loads(p.stdout or "{}")
    shutil.rmtree("try", ignore_errors=True)
    return "" if found.get("state") == "succeeded" else \
        f"pods cannot be run here: {p.stderr}{json.dumps(found)[:500]}"


def crds():
    folder = os.environ.get("KFPC_CONFORMANCE")
    return ["-crds", f"{folder}/argo"] if folder and os.path.isdir(f"{folder}/argo") else []


def lint(judge, groups):
    """What is found in each of some groups of files."""
    p = subprocess.run([judge, "lint", *crds()], text=True, capture_output=True,
                       input="".join(json.dumps(g) + "\n" for g in groups))
    if p.returncode:
        raise AssertionError(f"lint: {p.stderr}")
    return [json.loads(line) for line in p.stdout.splitlines()]


class Batch:
    """Runs many workflows in one process; verdicts come in any order."""

    def __init__(self, judge, folder, jobs):
        self.process = subprocess.Popen([judge, "batch", "-d", str(folder)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdin.write("".join(json.dumps(j) + "\n" for j in jobs))
        self.process.stdin.close()

    def verdicts(self):
        for line in self.process.stdout:
            found = json.loads(line)
            yield found["name"], found
        self.process.wait()


def carried(value):
    """A parameter of a submission: a text as it is, all else as JSON; a text with characters
    that no parameter of Argo may have is a JSON text after a mark."""
    if not isinstance(value, str):
        return json.dumps(value)
    if not re.search("[\0-\x07\x0b\x0e-\x1f\x7f]|{{", value):
        return value
    return "`" + json.dumps(value).replace("{", "\\u007b")


def task_outputs(outputs):
    """Values are texts there; a file NAME may have NAME-metadata and NAME-bundle beside it."""
    outputs = dict(outputs or {})
    found = {}
    for name, v in [*outputs.items()]:
        if not isinstance(v, dict) or name.endswith("-bundle"):
            continue
        found[name] = dict(v)
        metadata = outputs.pop(f"{name}-metadata", None)
        if metadata is not None:
            found[name]["metadata"] = json.loads(metadata)
            if isinstance(found[name]["metadata"], list):
                found[name] = [{"path": f"{v['path']}/{i}", "metadata": m}
                               for i, m in enumerate(found[name]["metadata"])]
                continue
        if f"{name}-bundle" in outputs:
            bundle = pathlib.Path(outputs[f"{name}-bundle"]["path"]).read_text("utf-8")
            found[name].setdefault("metadata", {})["kfpc_structure"] = \
                json.loads(bundle)["structure"]
    for name in [n.removesuffix("-metadata") for n, v in outputs.items() if v == "null"]:
        found.setdefault(name, None)    # a file that is not there
    found.update((name, exports.Wire(v)) for name, v in outputs.items() if isinstance(v, str))
    return found


STATES = {"error": "failed", "omitted": "skipped"}


def outcome(verdict):
    """A verdict in the form that exports.compare() takes."""
    tasks, log = {}, verdict.get("message", "") + "\n"
    for address, task in (verdict["tasks"] or {}).items():
        if address.endswith("]"):
            address += "/" + address.rpartition("/")[2].partition("[")[0]
        state = STATES.get(task["state"], task["state"])
        tasks[address.lstrip("/")] = {"state": state, "component": task["template"],
                                      "outputs": task_outputs(task.get("outputs"))}
        if state == "failed":
            log += f"{address}: {task.get('message')}\n{task.get('log', '')}\n"
    for address, node in (verdict["nodes"] or {}).items():
        if node["state"] in ("error", "running"):
            log += f"{address} is {node['state']}: {node.get('message')}\n"
    return {"state": STATES.get(verdict["state"], verdict["state"]), "log": log, "tasks": tasks,
            "by_component": True, "outputs": task_outputs(verdict["outputs"])}
