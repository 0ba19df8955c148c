"""Every setting in every place that takes it, for each target: it is exported or told about.

The golden says which.  It is exported where the file differs from that of the same program
without it; told about where an error or a warning names it, or says what it is for, at its line."""
import concurrent.futures
import os
import pathlib
import re
import sys

import exports

GOLDEN = exports.POOL / "golden/settings.txt"
SETTINGS = {   # its value, or two that are tried, and what it needs beside it
    "retries": ("3", ""), "backoff": ("7s", "retries = 1"), "timeout": ("77s", ""),
    "cache": ("off on", ""), "display_name": ('"Shown 7"', ""), "env": ('{"A": "7"}', ""),
    "labels": ('{"a": "seven"}', ""), "after": ("[early]", ""), "cpu": ("0.7", ""),
    "cpu_limit": ("0.7", ""), "memory": ("77MiB", ""), "memory_limit": ("77MiB", ""),
    "gpu": ("1", ""), "gpu_type": ('"example.com/x"', "gpu = 1"), "parallelism": ("7", ""),
    "on_failure": ("stop", ""), "ttl": ("77s", ""),
}
COMPUTED = {   # the same, from what a task gives
    "retries": "early.n", "backoff": "early.d", "timeout": "early.d", "cache": "early.b",
    "display_name": "early.s", "env": '{"A": early.s}', "labels": '{"a": early.s}',
    "cpu": "early.f", "cpu_limit": "early.f", "memory": "early.z", "memory_limit": "early.z",
    "gpu": "early.n", "gpu_type": "early.s", "parallelism": "early.n",
}
ALIKE = {      # what makes no difference: none of these takes an earlier result, there
    ("load of http", "cache"), ("load of s3", "cache"), ("task in try with except", "cache"),
}
TARGETS = {"kfp": ("kfp",), "kfp sdk": ("kfp", "--python-runtime", "kfp"), "argo": ("argo",),
           "argo workflow": ("argo", "--kind", "workflow")}
EARLY = '''component first() -> (n: int, d: duration, b: bool, s: str, f: float, z: size):
    python:
        n, d, b, s, f, z = 1, 1, True, "s", 1.0, 1
'''
WORK = '''component work(n: int = 1) -> (m: int):
{block}    python:
        m = n
'''
IMAGE = '''component work(n: int = 1) -> (text: str):
    environment:
        image = "busybox"
{block}    container:
        command = ["sh", "-c", "echo $0 > $1", str(n), text.path]
'''
INNER = '''
pipeline inner(n: int = 1):
{settings}    one = work(n=n)
    two = work(n=n)
'''
OUTER = '''
pipeline outer():
    sub = inner()
    last = work()
'''


def block(lines, spaces=4):
    return "".join(" " * spaces + line + "\n" for line in lines)


def with_(lines):
    return " with " + ", ".join(line.replace(" = ", "=") for line in lines) if lines else ""


def in_component(code, body, lines):
    resources = [l for l in lines if re.match("cpu|memory|gpu", l)]
    rest = [l for l in lines if l not in resources]
    own = block(rest) + (("    resources:\n" + block(resources, 8)) if resources else "")
    return code.format(block=own) + body


def p(body, settings=()):
    text = "\npipeline p():\n"
    if settings:
        text += "    settings:\n" + block(settings, 8)
    return text + block(["early = first()", *body])


def called(lines, where, config=()):
    own = "    settings:\n" + block(lines, 8) if where == "own" and lines else ""
    call = "sub = inner()" + (with_(lines) if where == "call" else "")
    return EARLY + WORK.format(block="") + INNER.format(settings=own) + OUTER + \
        p([call, "deep = outer()"]) + configured(config)


def configured(lines):
    return "\nconfig c for p:\n" + block(lines) if lines else ""


def plain(body, lines=(), code=WORK):
    return EARLY + code.format(block="") + p(body, lines)


PLACES = {   # the letters of setting.def that it takes, and the program
    "pipeline": ("P", lambda l: plain(["work()"], l)),
    "called pipeline": ("P", lambda l: called(l, "own")),
    "component": ("CR", lambda l: EARLY + in_component(WORK, p(["work()"]), l)),
    "task": ("W", lambda l: plain(["a = work()" + with_(l)])),
    "task in a branch of a loop": ("W", lambda l: plain(
        ["for i in [1, 2]:", "    if i == 1:", "        work(n=i)" + with_(l)])),
    "task in try with except": ("W", lambda l: plain(
        ["try:", "    a = work()" + with_(l), "except:", "    b = work()"])),
    "list of calls": ("W", lambda l: plain(["a = [work(n=i) for i in [1, 2]]" + with_(l)])),
    "list of calls, as a loop": ("F", lambda l: plain(
        ["a = [work(n=i) for i in [1, 2]]" + with_(l)])),
    "call": ("W", lambda l: called(l, "call")),
    "loop": ("F", lambda l: plain(["for i in [1, 2]" + with_(l) + ":", "    work(n=i)"])),
    "container component": ("CR", lambda l: EARLY + in_component(IMAGE, p(["work()"]), l)),
    "container task": ("W", lambda l: plain(["a = work()" + with_(l)], (), IMAGE)),
    "load of http": ("W", lambda l: plain(
        ['a = load(Dataset, "http://localhost/a")' + with_(l)])),
    "load of s3": ("W", lambda l: plain(['a = load(Dataset, "s3://b/a")' + with_(l)])),
}
ADDRESSES = {"": "P", "sub": "WP", "sub.one": "W", "deep": "WP", "deep.sub": "WP",
             "deep.sub.two": "W", "deep.last": "W"}


def values(text):
    return text.split() if text == "off on" else [text]


def allowed():
    text = (exports.TOP / "runtime/bc/setting.def").read_text()
    return dict(re.findall(r'^SETTING\(\w+,\s*"(\w+)",\s*"\w+",\s*"(\w+)"', text, re.M))


def cases():
    """(where, setting, program with what it needs, with it, options)"""
    takes = allowed()
    assert set(takes) - {"trusted"} == set(SETTINGS), "a setting is not in the table"
    for where, (letters, program) in PLACES.items():
        for name, (value, needs) in SETTINGS.items():
            beside = [needs] if needs else []
            if not set(letters) & set(takes[name]) or (where, name) in ALIKE:
                continue
            yield (where, name, program(beside),
                   [program([*beside, f"{name} = {v}"]) for v in values(value)], ())
            if name in COMPUTED and letters in ("W", "F"):
                yield (where, name + " computed", program(beside),
                       [program([*beside, f"{name} = {COMPUTED[name]}"])], ())
    for address, letters in ADDRESSES.items():
        prefix = f"{address}.settings." if address else "settings."
        for name, (value, needs) in SETTINGS.items():
            if not set(letters) & set(takes[name]) or name in ("env", "labels", "after"):
                continue
            beside = [prefix + needs] if needs else ["early.settings.cpu_limit = 3"]
            yield (f"config {prefix}", name, called((), "", beside),
                   [called((), "", [*beside, f"{prefix}{name} = {v}"]) for v in values(value)],
                   ("--config", "c"))


def export(folder, target, text, options):
    path = folder / "p.kfp"
    path.write_text(text, "utf-8")
    return exports.kfpc("export", target[0], path, "p", *target[1:], *options)


def place_of(text, plain_text):
    """The line that the two programs differ in."""
    lines, others = text.split("\n"), plain_text.split("\n")
    return next(n for n, line in enumerate(lines, 1)
                if n > len(others) or line != others[n - 1])


def found(folder, target, case):
    """What became of the value that makes a difference."""
    where, name, before, afters, options = case
    ends = [end_of(folder, target, before, after, options) for after in afters]
    return next((e for e in ends if e != "SILENT"), "SILENT")


def end_of(folder, target, before, after, options):
    status, out, err = export(folder, target, after, options)
    _, plain_out, plain_err = export(folder, target, before, options)
    if not plain_out:
        return "(without it: " + "|".join(re.findall(r"E\d{4}", plain_err)) + ")"
    said = re.findall(r"^(?:error|warning) ([EW]\d{4}): (.+)\n --> .+\.kfp:(\d+):", err, re.M)
    old = re.findall(r"^(?:error|warning) ([EW]\d{4}): (.+)\n --> .+\.kfp:(\d+):", plain_err, re.M)
    lines = range(place_of(after, before), place_of(after, before) + 2)
    new = sorted({c for c, text, line in said if int(line) in lines and
                  not any(o[:2] == (c, text) for o in old)})
    if status not in (0, 1):
        return f"STATUS {status}: {err}"
    changed = ["exported"] if out and out != plain_out else []
    return " ".join([*new, *changed]) or "SILENT"


def row(numbered):
    number, case = numbered
    folder = pathlib.Path(f"case-{number}").resolve()
    folder.mkdir()
    ends = {t: found(folder, words, case) for t, words in TARGETS.items()}
    if ends["kfp sdk"] == ends["kfp"]:
        del ends["kfp sdk"]
    if ends["argo workflow"] == ends["argo"]:
        del ends["argo workflow"]
    return case[0], case[1], "; ".join(f"{t} {e}" for t, e in ends.items())


def table(rows):
    """A line for each end that settings have in a place."""
    lines = {}
    for where, name, end in rows:
        lines.setdefault((where, end), []).append(name)
    return [f"{where}: {end}: {', '.join(names)}" for (where, end), names in lines.items()]


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    ends = list(pool.map(row, enumerate(cases())))
rows = table(ends)
text = "\n".join(rows) + "\n"
silent = [r for r in rows if "SILENT" in r or "STATUS" in r or "without it: E0" in r]
if os.environ.get("KFPC_TEST_UPDATE"):
    GOLDEN.write_text(text, "utf-8")
old = GOLDEN.read_text("utf-8").split("\n") if GOLDEN.exists() else []
changed = [f"now  {r}" for r in text.split("\n") if r not in old] + \
    [f"gone {r}" for r in old if r not in text.split("\n")]
if silent or changed:
    print("\n".join(silent + changed))
    sys.exit(1)
print(f"{len(ends)} settings in their places")
