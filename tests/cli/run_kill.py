# kfpc killed at any moment of a run leaves a sound store with all that was committed.
import json
import os
import random
import subprocess
import time

random.seed(20)
lines = ["""
component t(x: int) -> (n: int, data: Dataset):
    shell:
        echo $((x + 1)) > "$n_path"
        echo "hello $x" > "$data_path"

component u(data: Dataset) -> (model: Model):
    shell:
        mkdir "$model_path"
        cp "$data_path" "$model_path/weights"

pipeline p():
"""]
for i in range(60):
    lines.append(f"    a{i} = t(x={i})\n    b{i} = u(data=a{i}.data)\n")
with open("many.kfp", "w") as f:
    f.write("".join(lines))


def kfpc(*args):
    return subprocess.run(["kfpc", *args], capture_output=True, text=True)


for _ in range(8):
    p = subprocess.Popen(["kfpc", "run", "many.kfp", "--progress", "json", "--no-cache"],
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    time.sleep(random.uniform(0.02, 0.4))
    p.kill()
    shown = []
    for line in p.stderr:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if event["event"] == "task_finished":
            shown.append(event["task"])
    p.wait()
    check = kfpc("fsck")
    assert check.returncode == 0, check.stdout + check.stderr
    if not shown:
        continue
    tasks = json.loads(kfpc("show", "@last", "--json").stdout)["tasks"]
    states = {t["task"] if "task" in t else t["path"]: t["state"] for t in tasks} \
        if isinstance(tasks, list) else {k: t["state"] for k, t in tasks.items()}
    for task in shown:        # what was shown as done is there
        assert states[task] == "succeeded", (task, states)
r = kfpc("run", "many.kfp", "--progress", "quiet")
assert r.returncode == 0, r.stderr
assert not [f for f in os.listdir(os.environ["KFPC_STORE"] + "/tmp")], "tmp is swept"
