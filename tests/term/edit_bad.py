"""kfpc repl: terminals that vanish, signals, faults, input that is no text or has no end."""
import os
import signal

import repl
import term

with repl.Session(80, 24) as t:
    t.clear()
    t.send(bytes(b for b in range(256) if b not in (3, 4, 13, 10, 26)) * 3)
    t.wait("left out")
    t.keys("C-c")
    t.wait("^C")
    t.clear()
    t.paste("1 \x1b[31m+\x07 2\x00\x7f")
    t.screen("control characters in what is pasted", cursor=True)
    t.clear()
    t.send(b"\x1b[999~\x1b[5;6;7z\x1bOZ\x1bq")
    t.type("1")
    t.screen("keys that nobody knows", cursor=True)
    t.clear()

    # 10 MB on one line, typed and pasted.
    t.send(b"x" * (10 << 20))
    t.wait("more than 1024 KiB")
    t.wait("kfp>", gone=True)
    t.screen("10 MB on a line", cursor=True)
    t.keys("C-c")
    t.wait("^C")
    t.clear()
    t.paste("y" * (10 << 20))
    t.wait("more than 1024 KiB")
    t.keys("C-c")
    t.wait("^C")
    t.clear()
    t.paste("# line\n" * 20000)
    t.screen("20,000 lines", cursor=True)
    t.keys("Up", "Up", "Home")
    t.type("above ")
    t.screen("among 20,000 lines", cursor=True)
    t.keys("C-c")
    t.wait("^C")
    t.clear()
    t.type("1 + 1\n")
    t.wait("2\nkfp>")

    for number in (signal.SIGSEGV, signal.SIGABRT):
        t.type("x = [")
        t.wait("x = [")
        os.kill(t.process(), number)
        t.wait_prompt()
        t.type("clear; stty -a | grep -o ' icanon'; stty -a | grep -o ' echo'\n")
        t.screen(f"after {number.name} the terminal is right", cursor=True)
        t.type("clear\n")
        t.begin()
    t.type("interrupted")
    t.wait("interrupted")
    os.kill(t.process(), signal.SIGINT)
    t.wait("^C")
    t.clear()
    for number in (signal.SIGHUP, signal.SIGTERM):
        t.type(f"'{number.name}'")
        t.wait(f"'{number.name}'")
        pid = t.process()
        os.kill(pid, number)
        t.wait_prompt()
        assert repl.history()[-1] == f"'{number.name}'", repl.history()[-1]
        t.type("clear\n")
        t.begin()

with repl.Session(80, 24) as t:
    t.type("'half of it'")
    t.wait("'half of it'")
assert repl.history()[-1] == "'half of it'", repl.history()[-1]

with repl.Session(80, 24, term="dumb") as t:
    t.type("1")

term.finish()
