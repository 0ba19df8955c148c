"""kill -9 of kfpc at any moment of a run: what it said was done is in the store, the store
is clean, and the run is lost."""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile

PROGRAM = '''
component make(n: int) -> (data: Dataset, twice: int, score: Metric):
    shell:
        echo "of $n"
        echo "$n" > "$data_path"
        echo $((2 * n)) > "$twice_path"
        echo "0.$n" > "$score_path"

component put(data: Dataset) -> (dir: Dataset):
    shell:
        mkdir "$dir_path"
        cp "$data_path" "$dir_path/one"

pipeline p():
'''
TASKS = 25


def main():
    with open("p.kfp", "w") as f:
        f.write(PROGRAM)
        for i in range(TASKS):
            f.write(f"    m{i} = make(n={i + 1})\n    d{i} = put(data=m{i}.data)\n")
    run("build", "p.kfp")
    whole = kill_after(None)
    if len(whole) != 2 * TASKS:
        sys.exit(f"{len(whole)} tasks were said to be done in a whole run")
    random.seed()
    for _ in range(20):
        said = kill_after(random.randrange(2 * TASKS + 2))
        check(said)
    runs = [json.loads(line) for line in run("runs", "--json").splitlines()]
    states = [r["state"] for r in listed(runs)]
    if len(states) < 10 or set(states) - {"lost", "succeeded"}:
        sys.exit(f"states: {states}")
    run("run", "p.kfp", "--progress", "quiet")
    for name in os.listdir(os.environ["KFPC_STORE"] + "/tmp"):
        sys.exit(f"tmp/{name} was left by a kfpc that is dead")


def listed(runs):
    return runs[0] if len(runs) == 1 and isinstance(runs[0], list) else runs


def run(*args):
    p = subprocess.run(["kfpc", *args], capture_output=True, timeout=60)
    if p.returncode:
        sys.exit(f"status {p.returncode} of kfpc {args}\n{p.stdout}\n{p.stderr}")
    return p.stdout


def kill_after(n):
    """Runs it, kills it once n events were read; the tasks that were said to be done."""
    out = tempfile.TemporaryFile()
    p = subprocess.Popen(["kfpc", "run", "p.kfp", "-j", "4", "--progress", "json"],
                         stdout=out, stderr=subprocess.PIPE)
    done, events = set(), 0
    for line in p.stderr:
        events += 1
        if events == n:
            p.send_signal(signal.SIGKILL)
        if not line.endswith(b"\n"):
            break
        event = json.loads(line)
        if event.get("state") == "succeeded" and "task" in event:
            done.add(event["task"])
    if p.wait() not in ((0,) if n is None else (0, -signal.SIGKILL)):
        sys.exit(f"status {p.returncode}")
    return done


def check(said):
    if b"clean" not in run("fsck"):
        sys.exit("not clean")
    if not said:
        return
    show = json.loads(run("show", "@last", "--json"))
    if show["state"] not in ("lost", "succeeded"):
        sys.exit(f"the state is {show['state']}")
    tasks = {t["task"]: t for t in show["tasks"]}
    for path in said:
        if tasks[path]["state"] != "succeeded":
            sys.exit(f"{path} was done and is {tasks[path]['state']}")
    for path in sorted(said)[:2]:
        output = "data" if path[0] == "m" else "dir"
        run("get", f"@last/{path}.{output}", "-o", "got")
        name = "got" if path[0] == "m" else "got/one"
        with open(name) as f:
            if f.read() != f"{int(path[1:]) + 1}\n":
                sys.exit(f"{path}.{output} is not what it was")
        subprocess.run(["rm", "-rf", "got"], check=True)


if __name__ == "__main__":
    main()
