"""kfpc repl without a terminal: scripts, -e, results on stdout, the rest on stderr."""
import subprocess


def repl(script="", *args, status=0):
    p = subprocess.run(["kfpc", "repl", *args], input=script.encode(), stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=60)
    out, err = p.stdout.decode(), p.stderr.decode()
    assert p.returncode == status, (p.returncode, script, out, err)
    return out, err


ADD = """
## Adds.
component add(a: int, b: int = 1) -> int:
    python:
        print("adding", a)

        output = a + b
"""

out, err = repl("1 + 1\n")
assert (out, err) == ("2\n", ""), (out, err)

out, err = repl(ADD + "n = add(a=2)\nn * 2\nn = add(a=2)\n")
assert out == "n = 3\n6\nn: unchanged\nn = 3\n", out
assert err == "n | adding 2\n", err
