"""kfpc repl: sessions of a person, in a small and a large window: what is shown while a task runs
and of what came out, Ctrl-C, commands, the end."""
import pathlib
import subprocess

import repl
import term

PROGRAM = """import "gate.kfp" as g

component rows(n: int = 7) -> (data: Dataset[csv], size: Metric):
    shell:
        {
            echo "이름,price,the third column,the fourth column,a fifth,the last"
            for i in $(seq $n); do echo "한글 $i,$((i * 25)).5,$i,text $i,$i,x"; done
        } > "$data_path"
        echo "$n.0" > "$size_path"

## Learns from rows.
component train(data: Dataset[csv], rate: float = 0.5) -> (model: Model[txt], loss: Series):
    python:
        import os
        for step in range(40):
            loss.log(rate / (step + 1), step=step)
        model.structure = {"layers": 2}
        open(model, "w").write("weights")
        print("trained 훈련", os.path.getsize(data))

component wait(gate: str = g.path) -> (text: str):
    shell:
        echo "\\033[2Jwaiting for 문"
        while [ ! -e "$gate" ]; do sleep 0.02; done
        echo open > "$text_path"
"""
GATE = pathlib.Path("gate").resolve()
pathlib.Path("program.kfp").write_text(PROGRAM, "utf-8")
pathlib.Path("gate.kfp").write_text(f'const path = "{GATE}"\n', "utf-8")


def enter(t, line):
    """Types a line and waits until it is answered."""
    t.type(line + "\n")
    term.until(lambda: t.rows()[-1] == "kfp>" and t.cursor()[1] == 5,
               lambda: f"no prompt after {line!r}; there is\n{term.shown_rows(t.rows())}")


class Here(repl.Session):
    def begin(self, args="program.kfp"):
        super().begin(args)


def work(t, title):
    enter(t, "d = rows()")
    t.screen(f"{title}: a table")
    t.clear()
    enter(t, "m = train(data=d.data)")
    t.screen(f"{title}: a model and a metric")
    t.clear()
    enter(t, "d = rows(n=2)")
    enter(t, ":list")
    enter(t, ":rerun")
    t.screen(f"{title}: a change")
    t.clear()
    enter(t, "m = train(data=d, rte=0.1)")
    t.screen(f"{title}: an error")
    t.clear()
    enter(t, "if d.size > 1.0:\n    e = rows(n=1)\n")
    enter(t, ":graph")
    enter(t, ":metrics")
    t.screen(f"{title}: commands")
    t.clear()


with Here(80, 24) as t:
    t.screen("the beginning", cursor=True)
    t.clear()
    work(t, "80 columns")
    # While a task runs.
    t.type("w = wait()\n")
    t.wait("waiting for")
    t.wait(" s ")
    t.screen("a task runs")
    GATE.touch()
    t.wait("w.text = \"open\"")
    t.screen("it is done", cursor=True)
    t.clear()
    GATE.unlink()
    t.type("w2 = wait() with cache=off\n")
    t.wait("waiting for")
    t.keys("C-c")
    t.wait("the session goes on")
    enter(t, ":list")
    t.screen("Ctrl-C ends the task", cursor=True)
    t.clear()
    enter(t, "1 + 1")
    t.keys("C-d")
    t.wait("kfpc show")
    t.screen("the end", cursor=True)
    t.type("clear; kfpc runs\n")
    t.wait("succeeded")

with Here(40, 12) as t:
    t.clear()
    work(t, "a small window")

with Here(150, 40) as t:
    t.clear()
    work(t, "a large window")

with Here(80, 24, term="dumb") as t:
    enter(t, "d = rows(n=1)")
    enter(t, ":type d")
    t.screen("a terminal that can only print lines", cursor=True)

# A terminal that vanishes while a task runs: so does the task, and the run is ended.
GATE.unlink(missing_ok=True)
with Here(80, 24) as t:
    t.type("w = wait()\n")
    t.wait("waiting for")
runs = subprocess.run(["kfpc", "runs", "-n", "1"], stdout=subprocess.PIPE, text=True).stdout
assert "running" not in runs, runs
term.finish()
