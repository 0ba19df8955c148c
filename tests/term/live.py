"""What a run looks like while it goes on: all kinds of lines, more lines than rows, windows that
change, ends by signals; and the same seen from another terminal."""
import os
import pathlib
import re
import signal
import subprocess

import term

PROGRAM = r"""
component until(gate: str) -> (n: int):
    shell:
        while [ ! -e "$gate" ]; do sleep 0.02; done
        printf 1 > "$n_path"

component item(gate: str, i: int) -> (n: int):
    shell:
        while [ ! -e "$gate" ]; do sleep 0.02; done
        printf %s "$i" > "$n_path"

component quick(n: int) -> (n2: int, score: Metric):
    shell:
        printf %s "$n" > "$n2_path"
        printf 0.75 > "$score_path"

component fails(n: int) -> (m: int):
    retries = 1
    backoff = 10m
    shell:
        echo "시도 $n" >&2
        exit 7

component breaks(n: int) -> (m: int):
    shell:
        echo "reading $n rows"
        echo "the table has no column 'species'" >&2
        echo "는 끝 🎉" >&2
        exit 3

component after(gate: str) -> (n: int):
    shell:
        trap 'echo "is asked to end"' TERM
        echo "begins"
        while [ ! -e "$gate" ]; do sleep 0.02 || true; done
        printf 1 > "$n_path"

component rude(gate: str) -> (n: int):
    shell:
        printf '\033[2J\033[31mred\033]0;title\007 \r\b\b 한글\n'
        printf 'no newline \033[1A'
        while [ ! -e "$gate" ]; do sleep 0.02; done
        printf 1 > "$n_path"

pipeline part(n: int, gate: str) -> int:
    first = quick(n=n)
    second = until(gate=gate) with after=[first]
    third = quick(n=second.n)
    return third.n2

pipeline all(gate: str, gate2: str):
    data = quick(n=150)
    hold = until(gate=gate)
    for x in range(60):
        y = item(gate=gate2, i=x)
    p = part(n=data.n2, gate=gate)
    again = fails(n=data.n2)
    if data.n2 > 1000:
        large = quick(n=data.n2) with display_name = "큰 🎉"
    last = quick(n=p) with display_name = "마지막"
    end = quick(n=again.m)

pipeline wrong(gate: str):
    hold = until(gate=gate)
    bad = breaks(n=150)
    never = quick(n=bad.m)
    for k in [1, 2, 3]:
        z = breaks(n=k)

pipeline words(gate: str):
    rude(gate=gate)

pipeline stubborn(gate: str):
    first = after(gate=gate)
    second = quick(n=first.n)
"""
MANY = "\npipeline many(gate: str):\n    t0 = quick(n=0)\n" + "".join(
    f"    t{i} = quick(n=t{i - 1}.n2)\n" for i in range(1, 15)) + "    hold = until(gate=gate)\n" + \
    "    u0 = quick(n=hold.n)\n" + "".join(
    f"    u{i} = quick(n=u{i - 1}.n2)\n" for i in range(1, 25))
GATES = [pathlib.Path(f"gate{i}").resolve() for i in range(2)]
ENV = {"GATE": str(GATES[0]), "GATE2": str(GATES[1])}
pathlib.Path("live.kfp").write_text(PROGRAM + MANY, "utf-8")


def close():
    for gate in GATES:
        gate.unlink(missing_ok=True)


def begin(t, pipeline, until, args=""):
    close()
    t.type(f"clear; kfpc run live.kfp {pipeline} -p gate=$GATE {args}\n")
    t.wait(until)


def cursor_is_seen(t):
    assert t.tmux("display-message", "-p", "#{cursor_flag}").strip() == "1", "the cursor is hidden"


def state_of_last():
    return subprocess.run(["kfpc", "show", "@last"], stdout=subprocess.PIPE, check=True,
                          text=True).stdout.split("\nstate")[1].split()[0]


# Every kind of line: loops, retries, called pipelines, branches, what waits and for what.
with term.Terminal(80, 24, env=ENV) as t:
    begin(t, "all", "attempt 2 in", "-p gate2=$GATE2 -j 10")
    t.wait("second  running")
    t.screen("all kinds of lines")
    GATES[0].touch()
    t.wait("마지막)")
    t.wait("last (마지막)  succeeded")
    t.screen("a called pipeline that has ended is closed")
    GATES[1].touch()
    t.wait("60 succeeded")
    t.keys("C-c")
    t.wait_prompt()
    t.screen("interrupted while it waits for an attempt", cursor=True)
    cursor_is_seen(t)

    begin(t, "wrong", "3 failed")
    GATES[0].touch()
    t.wait_prompt()
    t.type("clear; kfpc run live.kfp wrong -p gate=$GATE 2>&1 >/dev/null\n")
    t.wait_prompt()
    t.screen("failures say their last words")

    begin(t, "words", "한글")
    t.screen("what steers a terminal is shown harmlessly")
    GATES[0].touch()
    t.wait_prompt()
    t.screen("and is no trouble at the end")

# More lines than rows.
with term.Terminal(80, 24, env=ENV) as t:
    begin(t, "many", "15 done")
    t.screen("many lines in 24 rows", cursor=True)
    t.resize(200, 60)
    t.screen("all lines in 60 rows", cursor=True)
    t.resize(30, 60)
    t.screen("all lines in 30 columns", cursor=True)
    for rows in 10, 5, 3:
        t.resize(60, rows)
        t.screen(f"many lines in {rows} rows", cursor=True)
    GATES[0].touch()
    t.wait_prompt()

# A block that was left with Ctrl-Z stays where it is: another one goes on below what the shell
# wrote.
with term.Terminal(80, 24, env=ENV) as t:
    begin(t, "stubborn", "begins")
    t.keys("C-z")
    t.wait_prompt()
    t.type("fg >/dev/null\n")
    t.wait(re.compile(r"\n  first +running.*\n  second.*\n.*1 waiting\n(.*\n)*\$ fg >/dev/null\n"
                      r"  first +running.*\n  second.*\n.*1 waiting\Z"))
    GATES[0].touch()
    t.wait_prompt()

# Ends.  A task that does not want to end has five seconds, or until the next Ctrl-C.
with term.Terminal(80, 24, env=ENV) as t:
    begin(t, "stubborn", "begins")
    t.keys("C-c")
    t.wait("is asked to end")
    t.screen("the first Ctrl-C")
    t.keys("C-c")
    t.wait_prompt()
    t.screen("the second Ctrl-C", cursor=True)
    cursor_is_seen(t)

    for number in (signal.SIGTERM, signal.SIGKILL):
        close()
        t.type("clear; sh -c 'echo $$ >pid; exec kfpc run live.kfp all -p gate=$GATE "
               "-p gate2=$GATE2 -j 4'\n")
        t.wait("2 running")
        os.kill(int(pathlib.Path("pid").read_text()), number)
        t.wait_prompt()
        t.screen(number.name, cursor=True)
        cursor_is_seen(t)

with term.Terminal(80, 24, env=ENV) as t:
    begin(t, "stubborn", "begins")
term.until(lambda: state_of_last() == "cancelled", lambda: "a run outlives its terminal")

# From another terminal.
with term.Terminal(80, 24, env=ENV) as t, term.Terminal(100, 30, env=ENV) as other:
    begin(t, "all", "attempt 2 in", "-p gate2=$GATE2 -j 10 --name seen")
    t.wait("second  running")
    other.type("clear; kfpc show seen --watch\n")
    other.wait("attempt 2 in")
    other.screen("watched in another terminal")
    other.resize(80, 12)
    other.screen("watched in a smaller window")
    other.keys("C-c")
    other.wait_prompt()
    cursor_is_seen(other)
    t.screen("the run does not mind")
    other.resize(100, 30)
    other.type("clear; kfpc show seen --watch\n")
    other.wait("attempt 2 in")
    GATES[0].touch()
    GATES[1].touch()
    other.wait("60 succeeded")
    other.wait("last (마지막)  succeeded")
    t.keys("C-c")
    other.wait_prompt()
    other.screen("watched to its end", cursor=True)
    t.wait_prompt()

    close()
    t.type("clear; sh -c 'echo $$ >pid; exec kfpc run live.kfp stubborn -p gate=$GATE --name gone'\n")
    t.wait("begins")
    other.type("clear; kfpc logs gone -f\n")
    other.wait("first | begins")
    other.keys("C-c")
    other.type("clear; kfpc show gone --watch\n")
    other.wait("begins")
    os.kill(int(pathlib.Path("pid").read_text()), signal.SIGKILL)
    other.wait_prompt()
    other.screen("a run that is lost", cursor=True)

    begin(t, "words", "한글")
    other.type("clear; kfpc logs @last -f\n")
    other.wait("한글")
    other.screen("logs -f")
    GATES[0].touch()
    other.wait_prompt()
    other.screen("logs -f at the end")

term.finish()
