"""Large programs of many shapes: each name, argument and place is still the right one."""
import re
import subprocess
import sys

ADD = """component add(a: int, b: int = 0) -> int:
    python:
        output = a + b

"""


def kfpc(*args, status=0):
    done = subprocess.run(["kfpc", *args], capture_output=True, text=True)
    if done.returncode != status:
        sys.exit(f"kfpc {' '.join(args)}: status {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout + done.stderr


def listing(text):
    """What dis prints; check has nothing to say, and fmt nothing to do, the second time."""
    with open("p.kfp", "w") as f:
        f.write(text)
    said = kfpc("check", "--no-python", "p.kfp")
    if said:
        sys.exit(f"check said {said[:2000]}")
    kfpc("fmt", "p.kfp")
    kfpc("fmt", "--check", "p.kfp")
    return kfpc("dis", "p.kfp")


def expect(what, got, want):
    if got != want:
        sys.exit(f"{what}: {got!r}, not {want!r}")


def calls(n):
    body = "".join(f"    t{i} = add(a=t{i - 1}, b={i})\n" for i in range(1, n))
    dis = listing(f"{ADD}pipeline p():\n    t0 = add(a=0)\n{body}")
    expect("calls", re.findall(r"a: int = t(\d+)\.output  ", dis),
           [str(i) for i in range(n - 1)])


def inputs(n):
    """A list of all outputs, there and back: each is one input of the list."""
    names = [f"t{i}" for i in range(n)]
    body = "".join(f"    {name} = add(a={i})\n" for i, name in enumerate(names))
    body += f"    every = [{', '.join(names + names[::-1])}]\n    z = add(a=len(every))\n"
    dis = listing(f"{ADD}pipeline p():\n{body}")
    read = re.findall(r"input +(\d+)  (t\d+)\.output", dis)
    expect("inputs", read, [(str(i), f"t{i}") for i in [*range(n), *reversed(range(n))]])


def parameters(n):
    """Arguments that stand in the opposite order of the parameters, and every third only."""
    params = ", ".join(f"p{i}: int = {i} where p{i} >= {i}" for i in range(n))
    back = ", ".join(f"p{i}={i + 1}" for i in reversed(range(n)))
    third = ", ".join(f"p{i}={i + 2}" for i in range(0, n, 3))
    dis = listing(f"component c({params}):\n    shell:\n        :\n\n"
                  f"pipeline p():\n    x = c({back})\n    y = c({third})\n")
    given = re.findall(r"^    p(\d+): int = (\d+)", dis, re.M)
    want = [(str(i), str(i + 1)) for i in range(n)] + [(str(i), str(i + 2))
                                                       for i in range(0, n, 3)]
    expect("parameters", given, want)


def outputs(n):
    outs = ", ".join(f"o{i}: int" for i in range(n))
    body = "".join(f"    u{i} = add(a=t.o{i})\n" for i in reversed(range(n)))
    dis = listing(f"{ADD}component c() -> ({outs}):\n    shell:\n        :\n\n"
                  f"pipeline p():\n    t = c()\n{body}")
    expect("outputs", re.findall(r"a: int = t\.o(\d+)  ", dis),
           [str(i) for i in reversed(range(n))])


def configs(n):
    """Each inherits from the one after it in the file."""
    body = "".join(f"config c{i}(c{i - 1}) for p:\n    n = {i}\n" for i in range(n, 0, -1))
    dis = listing(f"{ADD}pipeline p(n: int = 0):\n    add(a=n)\n\n{body}"
                  "config c0 for p:\n    n = 0\n")
    expect("configs", re.findall(r"^config c(\d+)", dis, re.M),
           [str(i) for i in range(n + 1)])


def places(n):
    """Columns in one long line are counted in characters, whichever place is asked first."""
    text = f"{ADD}component c(s: list[list[str]]):\n    shell:\n        :\n\npipeline p():\n"
    line = "    c(s=[" + ", ".join(f'["é{i}", "x"]' for i in range(n)) + ', ["é", 1]])'
    with open("p.kfp", "w") as f:
        f.write(text + line + "\n")
    said = kfpc("check", "--no-python", "p.kfp", status=1)
    expect("places", re.findall(r"p\.kfp:(\d+):(\d+)", said),
           [("10", str(len(line) - len("1]])") + 1))])


def main():
    calls(5000)
    inputs(300)
    parameters(400)
    outputs(400)
    configs(40000)
    places(3000)


main()
