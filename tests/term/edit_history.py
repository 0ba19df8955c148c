"""kfpc repl: what was typed and pasted comes back whole, in this session and the next."""
import os
import stat

import repl
import term

BLOCK = "def f(x: int) -> int:\n\n    y = x + 1\n\n    return y\n"

with repl.Session(80, 24) as t:
    t.clear()
    # Pasted: as it is, with its blank lines, and not run before Enter.
    t.paste(BLOCK)
    t.screen("pasted with blank lines", cursor=True)
    t.type("\n")
    t.wait("return y\nkfp>")
    t.clear()
    t.paste("z = f(\r\n\t40,\r\n)", as_is=True)
    t.screen("pasted with tab and CRLF", cursor=True)
    t.type("\n")
    t.wait("z = 41\nkfp>")
    t.clear()
    # Behind an offered indentation: the pasted one takes its place.
    t.type("def g(x: int) -> int:\n")
    t.paste("    a = x\n    return a\n")
    t.screen("pasted into a block", cursor=True)
    t.type("\n\n")
    t.wait("...\nkfp>")
    t.clear()

    t.keys("Up")
    t.screen("up: the last block, whole", cursor=True)
    t.keys("Up")
    t.screen("up: a block with a tab in it", cursor=True)
    t.keys("Up")
    t.screen("up: a block with blank lines", cursor=True)
    t.keys("Up")
    t.screen("there is nothing before it", cursor=True)
    t.keys("Left", "BSpace", "Right")
    t.type("x * 2")
    t.keys("Enter")
    t.screen("changed, it waits for its end", cursor=True)
    t.keys("C-c")
    t.clear()
    t.type("draft")
    t.keys("Up", "Up", "Down", "Down")
    t.screen("back to what was typed", cursor=True)
    t.keys("C-c")
    t.clear()
    t.keys("M-<")
    t.screen("the oldest", cursor=True)
    t.keys("M->")
    t.screen("and the end", cursor=True)

    t.type("f(1)\n")
    t.wait("f(1)\n")
    t.type("f(2)\n")
    t.wait("f(2)\n")
    t.clear()
    t.type("typed ")
    t.keys("C-r")
    t.type("(1")
    t.screen("search", cursor=True)
    t.keys("BSpace", "BSpace")
    t.screen("searched for nothing", cursor=True)
    t.type("f(")
    t.keys("C-r")
    t.screen("search on", cursor=True)
    t.keys("C-s")
    t.screen("search forward", cursor=True)
    t.type("없다")
    t.screen("there is no such block", cursor=True)
    t.keys("C-g")
    t.screen("search given up", cursor=True)
    t.keys("C-u", "C-r")
    t.type("y = x")
    t.keys("C-e")
    t.type("0")
    t.screen("found and edited", cursor=True)
    t.keys("C-c")
    t.clear()
    t.keys("C-r")
    t.type("f(1")
    t.type("\n")
    t.screen("found and run", cursor=True)
    t.keys("C-d")
    t.wait_prompt()

assert stat.S_IMODE(repl.HISTORY.stat().st_mode) == 0o600, repl.HISTORY.stat()
assert stat.S_IMODE(repl.HISTORY.parent.stat().st_mode) == 0o700, repl.HISTORY.parent.stat()
assert repl.history()[0] == BLOCK.strip().replace("\n", "\\n"), repl.history()
assert repl.history()[-1] == "f(1)", repl.history()

with repl.Session(80, 24) as t, repl.Session(80, 24) as other:
    t.clear()
    t.keys("Up", "Up", "Up")
    t.screen("the session before", cursor=True)
    t.keys("C-c")
    # Two at once: both are kept.
    for i in range(5):
        t.type(f"{i}\n")
        other.type(f"1{i}\n")
    t.wait("4\nkfp>")
    other.wait("14\nkfp>")
    both = repl.history()[-10:]
    assert sorted(both) == sorted([f"{i}" for i in range(5)] + [f"1{i}" for i in range(5)]), both

# Twice as much as is kept: the oldest go, whoever wrote them.
with open(repl.HISTORY, "a", encoding="utf-8") as file:
    file.write("".join(f"{i}  # 오래된 것\n" for i in range(3000)) + "half of a li")
with repl.Session(80, 24) as t:
    t.clear()
    t.type("'last'\n")
    t.wait("'last'\n")
    kept = repl.history()
    assert len(kept) == 1001 and kept[-1] == "'last'", (len(kept), kept[-3:])
    assert stat.S_IMODE(repl.HISTORY.stat().st_mode) == 0o600

repl.HISTORY.write_bytes(b"1\n\xff\xfe\n\0\0\n" + b"x" * 100000 + b"\n\\q\n2\n")
with repl.Session(80, 24) as t:
    t.wait("4 damaged lines were left out")
    t.type("3\n")
    t.wait("3\nkfp>")
    t.clear()
    t.keys("Up", "Up", "Up")
    t.screen("what is right in it is there", cursor=True)
    t.keys("Up")
    t.screen("and before that nothing", cursor=True)

# A block may take more room in the file than in the editor, and the longest one is kept.
block = ("x\n" * (32 << 10)).replace("\n", "\\n")
repl.HISTORY.write_text(f"1\n{block}\n{'y' * 65537}\n")
with repl.Session(80, 24) as t:
    t.wait("1 damaged line was left out")

repl.HISTORY.unlink()
repl.HISTORY.mkdir()
with repl.Session(60, 10, env={"HOME": "/"}) as t:
    t.wait("history is not kept")
    assert "(Is a directory)" in t.text(), t.text()
    t.type("1\n")
    t.wait("1\nkfp>")
    t.clear()
    t.keys("Up")
    t.screen("kept for the session at least", cursor=True)
repl.HISTORY.rmdir()
os.mkfifo(repl.HISTORY)
with repl.Session(80, 24) as t:
    t.wait("it is no regular file")
os.unlink(repl.HISTORY)

term.finish()
