"""kfpc repl: Ctrl-C ends what runs, be it a task or a verb that would go on, and never the
session."""
import os
import pathlib
import signal

import repl
import term

PROGRAM = """
component wait(gate: str) -> (text: str):
    shell:
        echo "it waits"
        while [ ! -e "$gate" ]; do sleep 0.02; done
        printf %s done > "$text_path"

component say(text: str) -> (said: str):
    shell:
        echo "$text"
        printf %s "$text" > "$said_path"
"""
pathlib.Path("demo.kfp").write_text(PROGRAM, "utf-8")

with repl.Session(80, 24) as t:
    t.type(":load demo.kfp\n")
    t.wait("demo.kfp\nkfp>")
    t.type('a = say(text="first")\n')
    t.wait('"first"')
    t.clear()
    number = t.process()

    t.type('b = wait(gate="/nowhere")\n')
    t.wait("it waits")
    t.keys("C-c")
    t.wait("interrupted")
    t.wait_for_input()
    t.clear()
    t.type("a.said\n")
    t.wait('"first"\nkfp>')

    # A verb that follows what is still going on: the session's own run.
    t.clear()
    t.type(":logs -f\n")
    t.wait("first\n")
    t.keys("C-c")
    t.wait_for_input()
    t.clear()
    t.type("1 + 1\n")
    t.wait("2\nkfp>")

    # Between two blocks, again and again.
    for i in range(20):
        t.type(f"{i} + 100\n")
        os.kill(number, signal.SIGINT)
    term.until(lambda: (t.type("7 * 7\n"), "\n49\n" in t.text())[1], t.text)
    assert t.process() == number
    t.wait_for_input()
    t.keys("C-d")
    t.wait_prompt()

term.finish()
