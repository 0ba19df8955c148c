"""kfpc repl without a terminal: scripts and their blocks, -e, FILE, and what bad input gets."""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, os.environ["srcdir"] + "/tests/lib")
from replscript import has, repl, says  # noqa: E402

ADD = """
## Adds.
component add(a: int, b: int = 1) -> int:
    python:
        print("adding", a)

        output = a + b
"""
FAIL = """component fail(code: int) -> int:
    shell:
        echo "so it goes" >&2
        exit $code
"""

# Values; a block ends where the next line begins, blank lines in code do not end it.
says("", "")
says("1 + 1\n", "2\n")
says("1 + 1", "2\n")
says("# nothing\n\n   \n", "")
says("x = 3\nx * 2\n", "x = 3\n6\n")
says("x = [\n1,\n  2\n]\nsum(x)\n", "x = [1, 2]\n3\n")
says('"""\n  two\n\n  lines\n  """\n', '"two\\n\\nlines\\n"\n')
says("enum K: a, b\nK.b\n", "K.b\n")
says('struct P:\n    x: int\n\n    y: str = "z"\nP(x=1)\n', 'P(x=1, y="z")\n')
says("x = 1\r\ny = x + 1\r\n", "x = 1\ny = 2\n")
says(b"\xef\xbb\xbfx = 1\n", "x = 1\n")
says(ADD + "n = add(a=2)\nn * 2\nn = add(a=2)\n", "n = 3\n6\nn: unchanged\nn = 3\n",
     "n | adding 2\n")
says(ADD + "# a comment at the end of a block\n# and one of the next.\nadd(a=4)\n", "5\n",
     "add | adding 4\n")

says("x = 2\nif x > 1:\n    y = 10\n\nelse:\n    y = 20\ny\n", "x = 2\ny = 10\n10\n",
     "if x > 1: yes\n")

# Nothing is made where nothing ran.
pathlib.Path("empty").mkdir()
os.environ.pop("KFPC_STORE", None)
os.chdir("empty")
says("x = 1\nx + 1\n:list\n", "x = 1\n2\n<input 1>:1  done  x = 1\n")
assert not os.listdir("."), os.listdir(".")

# What was typed is answered while the writer goes on.
p = subprocess.Popen(["kfpc", "repl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
for n in range(3):
    p.stdin.write(f"{n} + 1\n".encode())
    assert p.stdout.readline() == f"{n + 1}\n".encode()
p.stdin.close()
assert p.wait() == 0

# -e, FILE and standard input.
pathlib.Path("add.kfp").write_text(ADD)
says("1\n", "4\n8\n", "add | adding 3\n", args=["add.kfp", "-e", "add(a=3)", "-e", "2 ** 3"])
says("add(a=5)\n", "6\n", "add | adding 5\n", args=["add.kfp"])
out, err = repl("", "-e", "1", "-e", "1 +", "-e", "3", status=1)
assert out == "1\n", out
has(err, "E0201", "<input 2>:1:4")
out, err = repl("", "nowhere.kfp", status=4)
has(err, "nowhere.kfp", "No such file")
pathlib.Path("wrong.kfp").write_text("component (:\n")
out, err = repl("1\n", "wrong.kfp", status=1)
assert not out
has(err, "wrong.kfp:1:11")
has(repl("", "a.kfp", "b.kfp", status=2)[1], "one file at most")
has(repl("", "--env", "moon", status=2)[1], "--env is venv or host")
has(repl("", "-j", "0", status=2)[1], "kfpc repl")

# The first error ends it.
out, err = repl("x = 1\ny = x + 'a'\nz = 3\n", status=1)
assert out == "x = 1\n", out
has(err, "<input 2>:1:7")
out, err = repl("x = (1,\n  2\n", status=1)
has(err, "E0", "<input>:1:5")
has(repl("if True:\n", status=1)[1], "<input")
has(repl("component c(a: int):\n", status=1)[1], "error")
out, err = repl(FAIL + "x = fail(code=7)\ny = 1\n", status=3)
assert not out, out
has(err, "task 'x' failed at <input 2>:1:5", "exit status 7", "| so it goes", "more: :logs x")
out, err = repl("xs = [1]\nxs[int(\"1\")]\n", status=3)
has(err, "<input 2>:1:1")
out, err = repl(ADD + "n = add(a=1)\n[1, 2][n]\n1\n", status=3)
assert out == "n = 2\n", out
has(err, "failed at <input 3>:1:1", "index")
out, err = repl(ADD + "n = add(a=1)\nassert n > 5, \"too small\"\n1\n", status=3)
has(err, "too small", "<input 3>")
out, err = repl(ADD + "add(b=2)\n", status=1)
has(err, "a", ":config", "<input 2>")

# A store that cannot be used.
pathlib.Path("file").write_text("")
out, err = repl("1 + 1\n", "--store", "file/x")
assert out == "2\n"
out, err = repl(ADD + "add(a=1)\n", "--store", "file/x", status=4)
has(err, "/file: Not a directory")

# JSON.
out, err = repl(ADD + "n = add(a=1)\n[1.5, 2.0]\n\"x\"\n", "--json")
lines = [json.loads(line) for line in out.splitlines()]
assert lines == [{"name": "n", "type": "int", "value": 2},
                 {"type": "list[float]", "value": [1.5, 2.0]},
                 {"type": "str", "value": "x"}], lines

# A component that reads standard input gets its end.
READ = """component read() -> str:
    shell:
        cat > "$output_path"
        echo done
component readpy() -> str:
    python:
        import sys
        output = sys.stdin.read()
"""
says(READ + "read()\nreadpy()\n1 + 1\n", '""\n""\n2\n', "read | done\n")

# What tasks write is harmless.
ESC = """component esc() -> str:
    shell:
        printf '\\033[2J\\033]0;title\\007 \\302\\2331m\\n'
        printf '\\033[31mred' > "$output_path"
component escpy() -> int:
    python:
        output = 1
        raise ValueError("\\033[31m" + "\\x07")
"""
out, err = repl(ESC + "esc()\nescpy()\n", status=3)
assert "\x1b" not in out + err and "\x07" not in out + err and "\x9b" not in out + err
has(out, '"\\u001b[31mred"')
has(err, "esc | \\x1b[2J\\x1b]0;title\\x07 \\xc2\\x9b1m", "\\x1b[31m\\x07")

# What is no program: binary data, a byte 0, a line of 10 MB.
out, err = repl(bytes(range(256)) * 400, status=1)
has(err, "error")
assert "\x1b" not in err
has(repl(b"x = 1\0\n", status=1)[1], "NUL byte")
has(repl(b":li\0st\n", status=2)[1], "byte 0")
out, err = repl("x" * 10_000_000, status=1)
has(err, "more than 1048576 bytes")
out, err = repl("x = \"" + "가" * 300_000 + "\"\nlen(x)\n")
has(out, "300000\n", "(900000 bytes)")
assert len(out) < 2000, len(out)
out, err = repl("".join(f"x{i} = {i}\n" for i in range(300)))
assert out.splitlines()[-1] == "x299 = 299", out[-100:]
rows = "".join(f" {i},\n" for i in range(20000))
out, err = repl(f"x = [\n{rows}]\nlen(x)\n")
has(out, "20000\n", "; all of it: :print x")

# A pipe that is closed ends it.
p = subprocess.Popen("kfpc repl | head -n 1", shell=True, stdin=subprocess.PIPE,
                     stdout=subprocess.PIPE)
said, _ = p.communicate(b"".join(b"%d\n" % i for i in range(5000)), timeout=60)
assert said == b"0\n", said
