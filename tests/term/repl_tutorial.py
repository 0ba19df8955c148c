"""A session that follows doc/tutorial.md to its end: each program of it is pasted, its pipeline
called, and what that gives is what `kfpc run` gives."""
import json
import os
import pathlib
import subprocess

import docs
import repl
import term

TUTORIAL = pathlib.Path(os.environ["srcdir"], "doc/tutorial.md")
MISTAKES, FAILS = "mistakes.kfp", "broken.kfp"      # what is shown with these is an error


def programs():
    for block in docs.blocks(TUTORIAL.read_text("utf-8")):
        name = next((word for word in block.info.split() if "." in word), None)
        if name and not name.endswith(".kfp"):
            pathlib.Path(name).write_text(block.text(), "utf-8")
        elif name and block.lang == "kfp":
            yield name, block.text()


def outputs(*args):
    out = subprocess.run(["kfpc", *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return json.loads(out.stdout)


def enter(t, text):
    """Types a line and waits until it is answered; what it says."""
    t.clear()
    t.type(text + "\n")
    term.until(lambda: t.rows()[-1] == "kfp>" and len(t.rows()) > 1 and t.cursor()[1] == 5,
               lambda: f"no prompt after {text!r}; there is\n{term.shown_rows(t.rows())}", 120)
    return t.text()


def paste(t, text):
    t.clear()
    t.paste(text)
    t.keys("Enter")
    t.keys("Enter")
    term.until(lambda: t.rows()[-1] == "kfp>" and len(t.rows()) > 1 and t.cursor()[1] == 5,
               lambda: f"no prompt after a program; there is\n{term.shown_rows(t.rows())}", 120)
    return t.text()


def compare(name, pipeline):
    """What the session has and what a run has of the tasks of the pipeline."""
    session = outputs("show", "@last", "--json")
    tasks = {task["task"]: task["state"] for task in session["tasks"]}
    run = outputs("run", name, "--json", "--progress", "quiet")
    assert run["state"] == "succeeded", run
    for path, task in run["tasks"].items():
        assert tasks[f"r/{path}"].replace("cached", "succeeded") == task["state"], (name, path)


def follow(t, name, text):
    said = paste(t, text)
    if name == MISTAKES:
        assert "error E" in said, said
        return
    pipeline = name.removesuffix(".kfp")
    assert "error E" not in said, (name, said)
    said = enter(t, f"r = {pipeline}()")
    assert "error E" not in said and "the session" not in said and "more: " not in said, said
    if name == FAILS:
        enter(t, ":config 'r.a.numbers=1 two 3'")
        said = enter(t, ":rerun")
        assert "failed at" in said and ":logs r/a" in said, said
        enter(t, ":config r.a.numbers=")
        said = enter(t, ":rerun")
        assert "failed at" not in said, said


ntried = 0
with repl.Session(100, 50) as t:
    for name, text in programs():
        pathlib.Path(name).write_text(text, "utf-8")
        if ntried:
            t.type("clear\n")
            t.begin()
        follow(t, name, text)
        t.clear()
        t.type(":quit\n")
        t.wait("$")
        if name != MISTAKES:
            t.wait("kfpc show")
            compare(name, name.removesuffix(".kfp"))
        ntried += 1
assert ntried >= 8, ntried
