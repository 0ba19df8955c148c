"""Programs that are run here and, as an export, elsewhere: both have to come to the same.

tests/README.md, "Exports", says what a program of tests/export looks like.  What a run came to is
{"state": STATE, "outputs": {NAME: VALUE}, "tasks": {ADDRESS: {"state": STATE, "outputs": ...}}}.
A task may also be its state alone.  A file or folder is {"path": WHERE, "metadata": {...}}.
"""
import base64
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import zlib

TOP = pathlib.Path(os.environ["srcdir"])
POOL = TOP / "tests/export"


def kfpc(*args, cwd=None):
    p = subprocess.run(["kfpc", *map(str, args)], capture_output=True, text=True, cwd=cwd)
    return p.returncode, p.stdout, p.stderr


class Run:
    """`# run PIPELINE {"PARAMETER": VALUE} config=NAME STATE`, of which all may be left out."""

    def __init__(self, program, line):
        m = re.fullmatch(r"# run((?: \w+)??)(?: (\{.*\}))?(?: config=(\w+))?(?: (failed))?", line)
        if not m:
            raise ValueError(f"{program.path}: {line}")
        self.program = program
        self.pipeline = [m[1].strip()] if m[1] else []
        self.given = m[2] or "{}"
        self.config = ["--config", m[3]] if m[3] else []
        self.state = m[4] or "succeeded"
        self.name = f"{program.path.stem}: {line[2:]}"

    def only_loads(self, target):
        return self.program.loads.get(target) or \
            any((target, p) in self.program.partly for p in self.pipeline)

    def args(self, folder):
        """`$DIR` is a new folder: a component that fails at first leaves a mark in it."""
        folder.mkdir(parents=True, exist_ok=True)
        return json.loads(self.given.replace("$DIR", str(folder)))

    def export(self, target, *options):
        status, out, err = kfpc("export", target, self.program.path, *self.pipeline, *self.config,
                                *options)
        if status:
            raise AssertionError(f"{self.name}: export {target} gives {status}: {err}")
        return out

    def here(self, folder):
        """What `kfpc run` makes of it."""
        params = [w for k, v in self.args(folder).items()
                  for w in ("-p", f"{k}={v if isinstance(v, str) else json.dumps(v)}")]
        status, out, err = kfpc("run", self.program.path, *self.pipeline, *self.config, *params,
                                "--json", "--progress", "quiet")
        if not out:
            raise AssertionError(f"{self.name}: kfpc run gives {status}: {err}")
        found = json.loads(out)
        found["log"] = err
        return found


class Program:
    """`# TARGET loads: REASON`: it is not run there, or a pipeline of it where one is named;
    `# TARGET refuses CODE...`: no export."""

    def __init__(self, path):
        self.path = path
        self.runs, self.loads, self.refuses = [], {}, {}
        self.partly = set()     # (target, pipeline)
        for line in path.read_text("utf-8").split("\n"):
            if line.startswith("# run"):
                self.runs.append(Run(self, line))
            elif m := re.fullmatch(r"# (kfp|argo) loads: (.+)", line):
                self.loads[m[1]] = m[2]
            elif m := re.fullmatch(r"# (kfp|argo) loads (\w+): (.+)", line):
                self.partly.add((m[1], m[2]))
            elif m := re.fullmatch(r"# (kfp|argo) refuses((?: [EW]10\d\d)+)", line):
                self.refuses[m[1]] = m[2].split()

    def refusal(self, target, run):
        """The codes with which it is refused, each with a place."""
        status, out, err = kfpc("export", target, self.path, *run.pipeline, *run.config)
        codes = re.findall(r"^error (E10\d\d): .+\n --> .+\.kfp:\d+:\d+$", err, re.M)
        return codes if status == 1 and not out else [f"status {status}", err]


def pool():
    """The programs; of KFPC_SHARE="2 6" only the second of six hands of them."""
    share, shares = map(int, os.environ.get("KFPC_SHARE", "1 1").split())
    return [Program(p) for p in sorted(POOL.glob("*.kfp"))[share - 1::shares]]


def are_run():
    """KFPC_EXPORT_RUNS=no: exports are only made, as where a build is looked at for leaks."""
    return os.environ.get("KFPC_EXPORT_RUNS") != "no"


def contents(path):
    """A digest of a file, or of the names and contents in a folder."""
    path = pathlib.Path(path)
    if not path.exists():
        return f"{path} is not there"
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    listing = sorted((str(p.relative_to(path)), p.read_bytes().hex() if p.is_file() else None)
                     for p in path.rglob("*"))
    return hashlib.sha256(json.dumps(listing).encode()).hexdigest()


class Here:
    """The outputs of a run of ours, in the form that is compared."""

    def __init__(self, found, folder):
        self.run, self.folder, self.count = found["run_id"], folder, 0
        folder.mkdir(parents=True, exist_ok=True)

    def value(self, v, address):
        if isinstance(v, list):
            return [self.value(e, f"{address}[{i}]") for i, e in enumerate(v)]
        if not isinstance(v, dict):
            return v
        if "$series" in v:
            return {"series": v["$series"]}
        if "$artifact" not in v:
            return v
        form = {"type": v["$artifact"], "metadata": v["metadata"],
                "contents": self.tree(address) if v["tree"] else v["digest"]}
        if v.get("manifest") and "[" not in address.rpartition("/")[2]:
            self.model(form, address)
        return form

    def place(self):
        self.count += 1
        return self.folder / str(self.count)

    def get(self, *args):
        path = self.place()
        status, _, err = kfpc("get", *args, "-o", path)
        if status:
            raise AssertionError(f"kfpc get {args} gives {status}: {err}")
        return path

    def tree(self, address):
        return contents(self.get(f"{self.run}{address}"))

    def model(self, form, address):
        bundle = self.get(f"{self.run}{address}", "--bundle")
        structure = bundle / "structure.json"
        form["structure"] = in_order(json.loads(structure.read_text("utf-8")))


def in_order(structure):
    """Files are listed as they lie in their folder."""
    if structure and structure.get("source") == "files":
        structure["files"].sort(key=lambda f: f["path"])
    return structure


def there(v):
    """The same of a run elsewhere; kfpc:order, json and zip are in doc/kubeflow.md."""
    if isinstance(v, str) and v.startswith("kfpc:zip:"):
        v = zlib.decompress(base64.b64decode(v[len("kfpc:zip:"):])).decode()
    if isinstance(v, str) and v.startswith("kfpc:json:"):
        return json.loads(v[len("kfpc:json:"):])
    if isinstance(v, list):
        return [there(e) for e in v]
    if not isinstance(v, dict):
        return v
    if "path" not in v:
        return {k: there(v[k]) for k in v.get("kfpc:order", v) if k != "kfpc:order"}
    if v.get("metadata", {}).get("kfpc_none"):
        return None
    return dict(v, contents=contents(v["path"]))


class Wire(str):
    """A value as a parameter of Argo carries it: compiler/export/argo/argo_int.h says how."""

    def same(self, mine):
        text = self.removeprefix("`=")
        if isinstance(mine, str) and mine == text:
            return True
        try:
            found = json.loads(text.removeprefix("`"))
        except ValueError:
            return False
        if isinstance(found, str):
            return mine == found or Wire(found).same(mine)
        return same(mine, self.within(found) if isinstance(mine, list) else found)

    def within(self, v):
        """Of a list, the texts in it are wires themselves."""
        return [Wire(e) if isinstance(e, str) else self.within(e) if isinstance(e, list) else e
                for e in v]


def same(mine, other):
    """Are these values the same?  `1` and `1.0` are, `1` and `True` are not."""
    if isinstance(other, Wire):
        return other.same(mine)
    if isinstance(mine, dict) and "contents" in mine:
        return same_file(mine, other)
    if isinstance(mine, dict) and "series" in mine:
        return isinstance(other, dict) and other == {
            ("npoints" if k == "n" else k): v for k, v in mine["series"].items() if v != "NaN"}
    if isinstance(other, str) and mine != other:    # of type json or T?, in some targets
        try:
            other = json.loads(other)
        except ValueError:
            return False
        return mine == other if isinstance(other, str) else same(mine, other)
    if isinstance(mine, bool) or isinstance(other, bool):
        return mine is other
    if isinstance(mine, (list, tuple)) and isinstance(other, dict) and "path" in other:
        other = [there({"path": f"{other['path']}/{i}"}) for i in range(len(mine))]
    if isinstance(mine, (list, tuple)):
        return isinstance(other, list) and len(mine) == len(other) and \
            all(same(a, b) for a, b in zip(mine, other))
    if isinstance(mine, dict):
        return isinstance(other, dict) and set(mine) == set(other) and \
            all(same(v, other[k]) for k, v in mine.items())
    return mine == other


def same_file(mine, other):
    if not isinstance(other, dict) or mine["contents"] != other.get("contents"):
        return False
    if "metadata" not in other:     # the target has no place for it
        return True
    metadata = {k: v for k, v in other["metadata"].items() if not k.startswith("kfpc_")}
    if "structure" in mine and in_order(other["metadata"].get("kfpc_structure")) != mine["structure"]:
        return False
    return same(mine["metadata"], metadata)


def shape(address):
    """`x[0]/sub/fit#2` is the task `fit` of iteration (0,): targets have other names for what is
    around it, and number what has one name in their own ways."""
    leaf = address.rpartition("/")[2]
    turns = tuple(int(i) for i in re.findall(r"\[(\d+)\]", address[:len(address) - len(leaf)]))
    return turns, re.sub(r"\W+", "-", re.sub(r"([#_-]\d+)+$", "", leaf).replace("_", "-")
                         .lower()).strip("-")


STATES = {"cached": "succeeded"}


def ran(tasks, by_component):
    """{shape: [(state, outputs)]} of the tasks that were run to an end.

    Where a target has names of its own for tasks, their components tell what they are."""
    found = {}
    for address, task in tasks.items():
        task = {"state": task} if isinstance(task, str) else task
        state = STATES.get(task["state"], task["state"])
        if state in ("succeeded", "failed"):
            leaf = task["component"].rpartition(".")[2] if by_component else \
                address.rpartition("/")[2]
            key = shape(address[:address.rfind("/") + 1] + leaf)
            found.setdefault(key, []).append((state, task.get("outputs"), address))
    return found


def fits(mine, other):
    return mine[0] == other[0] and (other[1] is None or all(
        k in other[1] and same(v, other[1][k]) for k, v in mine[1].items()))


def compare(run, found, other, folder):
    """What differs between our run and another: sentences."""
    problems = []
    if found["state"] != run.state:
        problems.append(f"{run.name}: {found['state']} here, wanted {run.state}\n{found['log']}")
    if other["state"] != found["state"]:
        problems.append(f"{run.name}: {other['state']} there, {found['state']} here\n"
                        f"{other.get('log', '')[-3000:]}\n{found['log'][-1000:]}")
        return problems
    take = Here(found, folder)
    for name, value in found["outputs"].items():
        value, theirs = take.value(value, f".{name}"), there(other["outputs"].get(name))
        if not same(value, theirs):
            problems.append(f"{run.name}: output {name} is {theirs} there, {value} here")
    mine = {a: dict(t, outputs={k: take.value(v, f"/{a}.{k}") for k, v in t["outputs"].items()})
            for a, t in found["tasks"].items()}
    theirs = ran({a: t if isinstance(t, str) or t.get("outputs") is None
                  else dict(t, outputs={k: there(v) for k, v in t["outputs"].items()})
                  for a, t in other["tasks"].items()}, other.get("by_component"))
    for key, tasks in ran(mine, other.get("by_component")).items():
        rest = list(theirs.get(key, ()))
        for task in tasks:
            match = next((t for t in rest if fits(task, t)), None)
            if match:
                rest.remove(match)
            else:
                problems.append(f"{run.name}: task {task[2]} is {task[:2]} here, and none of "
                                f"{[t[:2] for t in rest]} there")
        if rest:
            problems.append(f"{run.name}: {rest} are there and not here")
    if problems and other.get("log"):
        problems.append(other["log"][-2000:])
    return problems


SDK = "kfp==2.17.3"


def sdk_python():
    """The interpreter of an environment that has Kubeflow's SDK; None where pip cannot make it,
    or exports are not to be run."""
    if not are_run():
        return None
    folder = pathlib.Path(os.environ["XDG_CACHE_HOME"]) / ("sdk-" + SDK.replace("==", "-"))
    python = folder / "bin/python3"
    if not (folder / "done").exists():
        made = subprocess.run([sys.executable, "-m", "venv", folder]).returncode or \
            subprocess.run([python, "-m", "pip", "install", "-q", SDK]).returncode
        if made:
            return None
        (folder / "done").touch()
    return python


class Sdk:
    """A process of the SDK, which starts slowly, for many jobs."""

    def __init__(self, python, log):
        self.log = open(log, "w+", encoding="utf-8", errors="replace")
        reading, writing = os.pipe()
        self.process = subprocess.Popen(
            [python, TOP / "tests/lib/kfp_sdk.py", str(writing)], stdin=subprocess.PIPE,
            stdout=self.log, stderr=self.log, text=True, pass_fds=[writing])
        os.close(writing)
        self.results = os.fdopen(reading, encoding="utf-8")

    def begin(self, **job):
        self.seen = os.fstat(self.log.fileno()).st_size
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()

    def end(self):
        """The result, with its log; {"error": ...} where the SDK could not do it."""
        line = self.results.readline()
        self.log.seek(self.seen)
        log = self.log.read()
        found = json.loads(line) if line else {"error": "the SDK ended"}
        if "error" in found:
            raise AssertionError(f"the SDK: {found['error']}\n{log[-3000:]}")
        return dict(found, log=log)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
