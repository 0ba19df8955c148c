"""kfpc run in a terminal: a small and a large window, Hangul and emoji, TERM=dumb, colours."""
import pathlib

import term

PROGRAM = """
component wait(gate: str) -> (text: str):
    shell:
        echo "waiting for 문"
        while [ ! -e "$gate" ]; do sleep 0.02; done
        printf %s done > "$text_path"

component learn(whom: str) -> (text: str):
    shell:
        echo "값 🎉 $whom"
        printf %s "값" > "$text_path"

pipeline show(gate: str):
    first = wait(gate=gate)
    learn(whom=first.text) with display_name = "학습 🎉"
"""
GATE = pathlib.Path("gate").resolve()  # its first task ends when this is there
ENV = {"GATE": str(GATE)}
RUN = "clear; kfpc run show.kfp -p gate=$GATE\n"
pathlib.Path("show.kfp").write_text(PROGRAM, "utf-8")


def begin(t):
    GATE.unlink(missing_ok=True)
    t.type(RUN)
    t.wait("first")


def run(t, title):
    """A run with a look while it waits and one at its end."""
    begin(t)
    t.screen(title + ", one task waits", cursor=True)
    GATE.touch()
    t.wait_prompt()
    t.screen(title + ", done", cursor=True)


with term.Terminal(80, 24, env=ENV) as t:
    run(t, "80 columns")
    begin(t)
    t.resize(40, 8)
    t.screen("made small while it runs")
    t.resize(100, 30)
    t.screen("made large while it runs")
    t.keys("C-c")
    t.wait_prompt()
    t.screen("interrupted", cursor=True)

with term.Terminal(200, 50, env=ENV) as t:
    run(t, "a large window")

GATE.touch()
with term.Terminal(80, 24, env=ENV, term="dumb") as t:
    t.type("kfpc run show.kfp -p gate=$GATE\n")
    t.wait_prompt()
    t.screen("a dumb terminal")

for title, env in (("colours", {"NO_COLOR": None}), ("NO_COLOR", {})):
    with term.Terminal(80, 24, env={**ENV, **env}) as t:
        t.type("kfpc run show.kfp -p gate=$GATE\n")
        t.wait_prompt()
        t.screen(title, styles=True)

term.finish()
