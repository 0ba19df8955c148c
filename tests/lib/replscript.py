"""Scripts for `kfpc repl`, for tests of it."""
import os
import subprocess


def repl(script="", *args, status=0, env=None):
    """What it says on standard output and standard error."""
    script = script if isinstance(script, bytes) else script.encode()
    p = subprocess.run(["kfpc", "repl", *args], input=script, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, timeout=120, env={**os.environ, **(env or {})})
    out, err = (s.decode("utf-8", "replace") for s in (p.stdout, p.stderr))
    assert p.returncode == status, f"status {p.returncode}, not {status}\n{script}\n{out}\n{err}"
    return out, err


def says(script, out, err="", status=0, args=(), **how):
    """Just that, on both."""
    got = repl(script, *args, status=status, **how)
    assert got == (out, err), f"{script}\nwanted:\n{out}--\n{err}\ngot:\n{got[0]}--\n{got[1]}"


def has(got, *texts):
    for text in texts:
        assert text in got, f"no {text!r} in:\n{got}"
