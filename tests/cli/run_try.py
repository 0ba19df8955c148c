# try, except, finally and assert as a user meets them; what is left of a run that is
# cancelled, out of time or killed.
import json
import os
import signal
import subprocess
import time

PROGRAM = """
component add(a: int, b: int = 0) -> int:
    shell:
        test "$a" != 13 || { echo "unlucky" >&2; exit 3; }
        echo $((a + b)) > "$output_path"

component say(text: str) -> str:
    shell:
        printf %s "$text" > "$output_path"

component hang() -> int:
    shell:
        trap 'exit 1' TERM
        touch started
        while :; do sleep 0.05; done

component flag(path: str):
    shell:
        touch "$path"
        echo cleaned

component hang_flag(path: str):
    shell:
        touch "$path"
        while :; do sleep 0.05; done

pipeline handled(bad: int = 13) -> str:
    try:
        a = add(a=bad)
        r = say(text=f"fine {a}")
    except:
        r = say(text=f"{run.state} {run.error.task} {run.error.message} {run.error.code}")
    finally:
        say(text=f"done {run.state}")
    return r

pipeline open(bad: int = 13) -> int:
    try:
        a = add(a=bad)
    finally:
        say(text=f"done {run.state}")
    b = add(a=a)
    return b

pipeline twice(bad: int = 13):
    try:
        add(a=bad)
    except:
        again = add(a=13)
    finally:
        say(text=f"done {run.state}")

pipeline each(xs: list[int] = [1, 13, 3]) -> list[int]:
    for x in xs:
        try:
            t = add(a=x)
        except:
            t = add(a=0)
    return collect(t)

pipeline over(xs: list[int] = [1, 13, 3]) -> int:
    try:
        for x in xs:
            t = add(a=x)
        r = add(a=sum(collect(t)))
    except:
        r = add(a=len(xs))
    return r

pipeline inner(bad: int) -> int:
    x = add(a=bad)
    return x

pipeline called(bad: int = 13) -> int:
    try:
        i = inner(bad=bad)
        r = add(a=i)
    except:
        r = add(a=7)
    return r

pipeline before():
    bad = add(a=13)
    try:
        add(a=bad)
    except:
        say(text="except")
    finally:
        say(text="finally")

pipeline asserts(n: int = 3) -> int:
    a = add(a=n)
    assert a > 5, f"too small: {a}"
    b = add(a=a)
    assert b < 100
    c = add(a=b)
    return c

pipeline waits(flag_path: str):
    settings:
        timeout = 10m
    try:
        h = hang()
        add(a=h)
    except:
        say(text="never")
    finally:
        c = flag(path=flag_path)
        say(text=f"{run.state}") with after=[c]

pipeline waits_long(flag_path: str):
    try:
        hang()
    finally:
        hang_flag(path=flag_path)
"""
with open("try.kfp", "w") as f:
    f.write(PROGRAM)


def kfpc(*args):
    return subprocess.run(["kfpc", *args], capture_output=True, text=True)


def run(pipeline, *args, status=0):
    r = kfpc("run", "try.kfp", pipeline, "--json", "--progress", "quiet", *args)
    assert r.returncode == status, (r.returncode, r.stdout, r.stderr)
    return json.loads(r.stdout)


def states(result):
    return {k: t["state"] for k, t in result["tasks"].items()}


assert kfpc("check", "try.kfp").returncode == 0, kfpc("check", "try.kfp").stderr

r = run("handled")
assert r["state"] == "succeeded" and r["error"] is None
assert r["outputs"]["output"] == "failed a exit status 3 3", r["outputs"]
assert r["tasks"]["a"]["covered"] is True
r = run("handled", "-p", "bad=1")
assert r["outputs"]["output"] == "fine 1"
assert states(r)["r#2"] == "skipped"

r = run("open", status=3)
assert r["state"] == "failed" and "exit status 3" in r["error"]
assert states(r) == {"a": "failed", "say": "succeeded", "b": "skipped"}, states(r)
assert run("open", "-p", "bad=1")["outputs"]["output"] == 1

r = run("twice", status=3)
assert "'again' failed" in r["error"], r["error"]
assert states(r)["say"] == "succeeded"
text = kfpc("run", "try.kfp", "twice", "--progress", "plain").stderr
assert "add failed" in text and "(except follows)" in text, text
assert text.count("task 'again' failed") == 1 and "task 'add' failed" not in text, text

assert run("each")["outputs"]["output"] == [1, 0, 3]
assert run("over")["outputs"]["output"] == 3
assert run("called")["outputs"]["output"] == 7
assert run("called", "-p", "bad=2")["outputs"]["output"] == 2
text = kfpc("show", "@last").stdout
assert "except" not in text, text
run("called")
text = kfpc("show", "@last").stdout
assert "covered by an except" in text, text

# what comes before a try is no matter of it
r = run("before", status=3)
assert set(states(r).values()) == {"failed", "skipped"}, states(r)

r = run("asserts", status=3)
assert r["error"] == "too small: 3 (assertion failed: a > 5; a is 3)", r["error"]
assert states(r) == {"a": "succeeded", "b": "skipped", "c": "skipped"}
r = run("asserts", "-p", "n=100", status=3)
assert r["error"] == "assertion failed: b < 100; b is 100", r["error"]
assert run("asserts", "-p", "n=6")["outputs"]["output"] == 6
text = kfpc("run", "try.kfp", "asserts", "--progress", "plain").stderr
assert "try.kfp:" in text and "too small: 3" in text, text


def start(pipeline, task):
    """Returns the run once its task has begun."""
    p = subprocess.Popen(["kfpc", "run", "try.kfp", pipeline, "--progress", "json",
                          "-p", "flag_path=" + os.path.abspath("flag")],
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wait_for(p, "task_started", task)
    return p


def wait_for(p, event, task):
    for line in p.stderr:
        e = json.loads(line)
        if e["event"] == event and e.get("task") == task:
            return e
    raise AssertionError("no " + event)


# Ctrl-C: the finally block runs, and its tasks are kept
p = start("waits", "h")
p.send_signal(signal.SIGINT)
events = [json.loads(line) for line in p.stderr if line.startswith("{")]
assert p.wait() == 130, p.returncode
assert os.path.exists("flag")
ends = {e["task"]: e["state"] for e in events if e["event"] == "task_finished"}
assert ends == {"h": "cancelled", "c": "succeeded", "say#2": "succeeded"}, ends
v = json.loads(kfpc("show", "@last", "--json").stdout)
assert v["state"] == "cancelled"
outputs = {t["task"]: t["outputs"] for t in v["tasks"]}
assert outputs["say#2"] == {"output": "cancelled"}, outputs
assert kfpc("logs", "@last/c").stdout == "cleaned\n"
os.remove("flag")

# and a person is told what goes on
p = subprocess.Popen(["kfpc", "run", "try.kfp", "waits", "--progress", "plain",
                      "-p", "flag_path=" + os.path.abspath("flag")],
                     stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
while not p.stderr.readline().endswith(" h running\n"):
    pass
p.send_signal(signal.SIGINT)
said = p.stderr.read()
assert p.wait() == 130 and said.count("stopping: ") == 1, said
os.remove("flag")

# a second one kills at once
p = start("waits_long", "hang")
p.send_signal(signal.SIGINT)
wait_for(p, "task_started", "hang_flag")
p.send_signal(signal.SIGINT)
p.stderr.read()
assert p.wait() == 130, p.returncode
v = json.loads(kfpc("show", "@last", "--json").stdout)
assert [t["state"] for t in v["tasks"]] == ["cancelled", "cancelled"], v["tasks"]
if os.path.exists("flag"):
    os.remove("flag")

# the run's timeout
with open("try.kfp", "w") as f:
    f.write(PROGRAM.replace("timeout = 10m", "timeout = 1s"))
r = kfpc("run", "try.kfp", "waits", "--json", "--progress", "quiet",
         "-p", "flag_path=" + os.path.abspath("flag"))
v = json.loads(r.stdout)
assert r.returncode == 3 and "timeout" in v["error"], r.stdout
assert v["tasks"]["c"]["state"] == "succeeded" and os.path.exists("flag")

# kill -9 in the finally block: the store is sound, and nothing is said to run
p = start("waits_long", "hang")
p.send_signal(signal.SIGINT)
wait_for(p, "task_started", "hang_flag")
p.kill()
p.wait()
assert kfpc("fsck").returncode == 0, kfpc("fsck").stdout
v = json.loads(kfpc("show", "@last", "--json").stdout)
assert v["state"] == "lost", v["state"]
assert {t["state"] for t in v["tasks"]} <= {"cancelled"}, v["tasks"]
