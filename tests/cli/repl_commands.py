"""Every command of kfpc repl, and what is wrong with each."""
import json
import os
import pathlib
import re
import sys

sys.path.insert(0, os.environ["srcdir"] + "/tests/lib")
from replscript import has, repl, says  # noqa: E402

PROGRAM = """component make(n: int = 3) -> (data: Dataset[csv], size: Metric):
    shell:
        i=0
        while [ $i -lt $n ]; do echo a; i=$((i + 1)); done > "$data_path"
        echo "$n.0" > "$size_path"

## Waits, and
## says so.
component learn(data: Dataset[csv], rate: float = 0.5, epochs: int) -> (loss: Series, note: str):
    shell:
        for step in $(seq $epochs); do
            echo "{\\"step\\": $step, \\"value\\": $rate}" >> "$loss_path"
        done
        echo "$epochs epochs" > "$note_path"
        echo learned
"""
pathlib.Path("program.kfp").write_text(PROGRAM)
CALLS = "made = make()\nlearnt = learn(data=made.data, epochs=4)\n"


def command(line, status=0, args=()):
    """What comes of a command behind a session."""
    out, err = repl(CALLS + line + "\n", "program.kfp", *args, status=status)
    assert out.startswith(BEFORE) or args, (BEFORE, out)
    return out[len(BEFORE) if not args else 0:], err


BEFORE, _ = repl(CALLS, "program.kfp")


def names():
    text = pathlib.Path(os.environ["srcdir"], "compiler/repl/command.def").read_text()
    return re.findall(r"^COMMAND\((\w+)", text, re.MULTILINE)


# help
out, _ = repl(":help\n")
for name in names():
    has(out, f"  :{name}")
each = repl("1\n" + "".join(f":help {name}\n:help :{name}\n" for name in names()))[0]
for name in names():
    assert each.count(f"\n:{name}") == 2, name
assert max(map(len, out.splitlines())) <= 80, out
has(repl(":help E0304\n")[0], "E0304")
has(repl(":help W0301\n")[0], "W0301")
has(repl(":help flow\n", status=2)[1], "no command ':flow'")

# which command
for line, said in [(":foo", "there is no command ':foo'; ':help' lists them"),
                   (":hlep", "there is no command ':hlep'; did you mean ':help'?"),
                   (":re", "':re' may be :rerun, :reload"), (":", "no command ':'"),
                   (":undo now", ":undo: it takes no arguments"),
                   (":load 'x", ":load: a quote is not closed"),
                   (":\x1b[2J", "no command ':\\x1b[2J'")]:
    out, err = repl(line + "\n", status=2)
    has(err, said)
    assert "\x1b" not in err
says(":q\n1\n", "")
says(":quit\n1\n", "")
says("  :type 1\n", "int\n")

# type
out, _ = command(":type made")
assert out == "(task) made -> (data: Dataset[csv], size: Metric)\n", out
assert command(":type made.size")[0] == "float\n"
says(':type {"a": [1]}\n', "dict[str, list[int]]\n")
has(repl(":type\n", status=2)[1], ":type EXPRESSION")
has(repl(":type nope\n", status=1)[1], "E0301", "<input")
out, err = command(":type make(n=7).size")
assert out == "float\n" and "make" not in err, (out, err)

# print, time
says("x = [i for i in range(30)]\n:print x\n",
     "x = [\n  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,\n"
     "  22, 23, 24, 25, 26, 27, 28, 29,\n]\n" + str(list(range(30))) + "\n")
says(':print "a\\nb\\x1b"\n', "a\nb\\x1b\n")
has(command(":print made.data")[0], "made.data: Dataset[csv], 2 rows")
has(repl(":print\n", status=2)[1], ":print EXPRESSION")
has(repl(":print 1 +\n", status=1)[1], "E0201")
has(repl(':print int("x")\n', status=1)[1], "cannot read 'x'")
assert re.fullmatch(r"\d+ ms\n", command(":time")[0])
assert re.fullmatch(r"3\n\d+ ms\n", repl(":time 1 + 2\n")[0])
says(":time\n", "", "nothing has run yet\n")

# doc
out, _ = command(":doc learn")
has(out, "learn(data, rate, epochs)", "Waits, and", "rate: float = 0.5")
has(repl("## Doubles.\ndef two(x: int) -> int:\n    return 2 * x\n:doc two\n")[0], "Doubles.")
has(repl("from std.data import split\n:doc split\n")[0], "split(")
has(repl(":doc std.data split\n")[0], "split(")
has(repl(":doc std.nope\n", status=1)[1], "std.data")
has(command(":doc lern", status=2)[1], "did you mean 'learn'?")
has(repl(":doc\n", status=2)[1], ":doc NAME")

# list, undo, rerun
out, err = command(":list")
assert out.splitlines()[-2:] == ["<input 1>:1    done  made = make()",
                                 "<input 2>:1    done  learnt = learn(data=made.data, epochs=4)"], out
says(":list\n", "", "nothing was typed yet\n")
says(":undo\n", "", "there is nothing to undo\n")
out, err = repl("x = 1\nx = 2\n:undo\nx\n:undo\nx\n", status=1)
assert out == "x = 1\nx = 2\n1\n", out
has(err, "redefined: x", "undone: x = 2", "undone: x = 1", "E0301")
says(":rerun\n", "", "nothing is stale or failed\n")
has(repl(":rerun nope\n", status=1)[1], "'nope'")
out, err = command("made = make(n=5)\n:list\n:rerun\n:list\nlearnt.note\n")
has(err, "redefined: made", "stale now: learnt (:rerun brings it up to date)")
has(out, "stale  learnt", "done   made", "learnt.note = \"4 epochs\"")
assert out.rstrip().endswith("done  learnt = learn(data=made.data, epochs=4)\n\"4 epochs\""), out
out, err = command("made = make(n=5)\nlearnt.note\n:list\n")
has(err, "brought up to date first: learnt")
assert "stale" not in out, out

# A redefinition that breaks what depends on it; and one that mends it.
out, err = command("component make(n: int) -> (size: int):\n    python:\n        size = n\n"
                   ":list\nlearnt.note\n", status=1)
has(out, "broken  made = make()", "E03")
has(err, "broken now: ")
out, err = command("made = 3\n:list\nmade = make(n=6)\n:rerun\n")
has(out, "broken  learnt", 'learnt.note = "4 epochs"')
has(err, "mended: learnt")

# A failed one is run again when asked.
FLAKY = """component flaky(path: str) -> int:
    shell:
        test -e "$path"
        echo 1 > "$output_path"
x = flaky(path="{0}")
"""
flag = pathlib.Path("flag").resolve()
out, err = repl(FLAKY.format(flag), status=3)
has(err, "task 'x' failed", "more: :show x")

# config
out, err = repl("learnt = learn(data=make().data)\n", "program.kfp", status=1)
has(err, "epochs", ":config")
out, err = command(":config\n:config made.n=9 learnt.rate=0.25\n:config\n:rerun\n:config made.n=\n:rerun")
has(out, "made.n       int    = 3", "learnt.rate  float  = 0.5", "= 9", "set here",
    "made.size = 9.0", "made.size = 3.0")
has(err, "stale now: made, learnt")
has(command(":config made.m=9", status=1)[1], "no parameter 'm'")
has(command(":config made.n=x", status=1)[1], "made.n")
has(command(":config made.n", status=1)[1], "NAME.PARAMETER=VALUE")
says(":config\n", "", "no call leaves a parameter open\n")

# show, logs, metrics, artifacts, get, runs: as in the shell, of the session's run
has(command(":show")[0], "pipeline  session", "state     running", "made", "learnt")
out, _ = command(":show made")
has(out, "component  make", "state      succeeded")
assert command(":logs")[0] == "learnt | learned\n"
assert command(":logs learnt")[0] == "learned\n"
has(command(":metrics")[0], "made.size", "learnt.loss", "METRIC")
has(command(":metrics learnt --csv")[0], "task,name,attempt", "learnt,loss,1,1,0.5")
has(command(":artifacts")[0], "made.data", "Dataset")
has(command(":get made.data -o - ")[0], "a\na\na\n")
command(":get made.data -o 'a file.csv'")
assert pathlib.Path("a file.csv").read_text() == "a\na\na\n"
has(command(":get made.data -o 'a file.csv'", status=4)[1], "a file.csv")
has(command(":get", status=2)[1], ":get TASK.OUTPUT")
has(command(":get made.dat", status=2)[1], "made")
has(command(":runs")[0], "session", "running")
has(command(":show @last")[0], "session")
has(command(":show mad", status=2)[1], "did you mean 'made'?")
for line in [":show", ":logs", ":metrics", ":artifacts"]:
    says(line + "\n", "", "nothing has run yet\n")
    has(repl(line + " x\n", status=2)[1], "nothing has run yet")
out, _ = command(":show made\n:runs\n:metrics", args=["--json"])
for line in out.splitlines():
    json.loads(line)
has(out, '"run_id"', '"points"')

# graph, export
out, _ = command("if made.size > 1.0:\n    m2 = make(n=1)\n\n:graph")
has(out, "made    make(...)", "learnt  learn(...)", "<- made", "if      made.size > 1.0",
    "  m2    make(...)")
has(command(":graph mermaid")[0], "flowchart", "learnt")
has(command(":graph dot")[0], "digraph", "learnt")
has(command(":graph svg", status=2)[1], ":graph [mermaid or dot]")
says(":graph\n", "", "nothing was called yet\n")
has(command(":export kfp")[0], "pipelineInfo", "name: session")
has(command(":export argo")[0], "kind: Workflow")
has(command(":export mermaid")[0], "flowchart")
command(":export kfp -o out.yaml")
has(pathlib.Path("out.yaml").read_text(), "pipelineInfo")
has(command(":export kubeflow", status=2)[1], "kfp")
has(repl(":export\n", status=2)[1], ":export TARGET")
has(repl(":export kfp\n", status=2)[1], "nothing was called yet")
assert not [p for p in pathlib.Path("/tmp").glob("kfpc-*.kfpb")]

# load, reload
pathlib.Path("more.kfp").write_text("const k = 4\n")
says(":load more.kfp\nk + 1\n", "5\n")
has(repl(":load nowhere.kfp\n", status=4)[1], "nowhere.kfp")
has(repl(":load\n", status=2)[1], ":load FILE")
has(repl(":reload\n", status=2)[1], "no file was loaded")
says(":load more.kfp\n:reload\n", "", "nothing has changed\n")

# env
out, _ = repl("environment e:\n    python = \"3.11\"\n    packages = [\"numpy==2.1.0\"]\n:env\n")
has(out, "e: not built yet, Python 3.11", "  numpy==2.1.0") if out else None
says(":env\n", "", "none is declared: components run in the interpreter at hand\n")

# edit
edit = {"VISUAL": "", "EDITOR": "sed -i s/1/2/"}
says("x = 1\n:edit\n", "x = 1\nx = 2\n", "redefined: x\n", env=edit)
says("x = 1\ny = 5\n:edit x\n", "x = 1\ny = 5\nx = 2\n", "redefined: x\n", env=edit)
says("x = 3\n:edit\n", "x = 3\n", "nothing has changed\n", env=edit)
has(repl(":edit nope\n", status=2, env=edit)[1], "there is no 'nope'")
has(repl("x = 1\n:edit\n", status=4, env={"VISUAL": "no-such-editor"})[1], "no-such-editor")
has(repl("x = 1\n:edit\n", status=4, env={"VISUAL": "false"})[1], "nothing is run")
says("x = 1\n:edit\n1\n", "x = 1\n1\n", "nothing has changed\n", env={"VISUAL": "cat >&2; true"})

# save
out, err = command(":save out.kfp")
assert not out
has(err, "saved; to run it: kfpc run out.kfp")
has(command(":save out.kfp", status=1)[1], "'out.kfp' is there already; --force replaces it")
command(":save --force out.kfp")
has(repl(":save x.kfp\n", status=2)[1], "there is nothing to save yet")
has(repl("x = 1\n:save\n", status=2)[1], ":save FILE [--force]")
has(repl("x = 1\n:save a b\n", status=2)[1], "'b' is not wanted")
has(repl("x = 1\n:save nowhere/x.kfp\n", status=4)[1], "nowhere")
