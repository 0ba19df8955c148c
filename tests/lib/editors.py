"""What the tests of editors/ share: tools from npm, and the words of the language."""
import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import sys

TOP = pathlib.Path(os.environ["srcdir"])
NPM = ["npm", "ci", "--loglevel=error", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional"]


def skip(why):
    print(why)
    sys.exit(77)


@contextlib.contextmanager
def cached(name):
    """A folder that all runs share; one at a time is in it."""
    folder = pathlib.Path(os.environ["XDG_CACHE_HOME"]) / name
    folder.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def npm(source, folder):
    """The packages of the lock file in source, installed in folder; ends the test where npm is not
    to be had."""
    if not shutil.which("node") or not shutil.which("npm"):
        skip("there is no node or no npm")
    wanted = (source / "package-lock.json").read_text()
    done = folder / "done"
    if done.exists() and done.read_text() == wanted:
        return
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(source / name, folder / name)
    made = subprocess.run(NPM, cwd=folder, capture_output=True, text=True)
    if made.returncode:
        skip(f"npm cannot install what is needed: {made.stderr.strip()[-200:]}")
    done.write_text(wanted)


def tools():
    """The folder of node_modules with what the tests themselves need."""
    with cached("editor-tools") as folder:
        npm(TOP / "tests/editors", folder)
        return folder / "node_modules"


def read(path):
    return (TOP / path).read_text("utf-8")


def listed(path, name):
    """The strings of a C array."""
    found = re.search(rf"\b{name}\[\] = \{{(.*?)\}};", read(path), re.S)
    return set(re.findall(r'"([^"]+)"', found.group(1)))


def words():
    """What the compiler knows, by kind: {"soft", "hard", "reserved", "types", "builtins",
    "settings", "times", "sizes"}, sets of words."""
    lex, number = read("compiler/front/lex.l"), read("compiler/front/number.c")
    plain = dict(re.findall(r'^"(\w+)"\s+WORD\((\w+)\);', lex, re.M))
    order = re.findall(r"""(\w+) "'\w+'\"""", read("compiler/front/gram.y"))
    soft = set(order[order.index("COMPONENT"):order.index("TEST") + 1])
    types = listed("compiler/sema/scope.c", "TYPES")
    builtins = set(re.findall(r'^BUILTIN\(\w+,\s*"(\w+)"', read("runtime/value/builtin.def"), re.M))
    settings = set(re.findall(r'^SETTING\(\w+,\s*"(\w+)"', read("runtime/bc/setting.def"), re.M))
    for part in ("environment", "schedule", "container"):
        settings |= listed(f"compiler/sema/{part}.c", "NAMES")
    sema = "".join(p.read_text() for p in (TOP / "compiler/sema").glob("*.c"))
    # What has its own place in the checker.
    builtins |= {w for w in ("collect", "enumerate", "load", "secret", "zip") if f'"{w}"' in sema}
    settings |= {w for w in ("environment", "execute", "native", "notebook") if f'"{w}"' in sema}
    units = [re.findall(r'\{"(\w+)", ', part)
             for part in re.search(r"TIMES\[\] = (.*?)SIZES\[\] = (.*?);", number, re.S).groups()]
    return {
        "soft": {w for w, token in plain.items() if token in soft},
        "hard": {w for w, token in plain.items() if token not in soft},
        "reserved": {w for row in re.findall(r"^(\w[\w|]+)\s+WORD\(RESERVED\);", lex, re.M)
                     for w in row.split("|")},
        "types": types, "builtins": builtins - types, "settings": settings,
        "times": set(units[0]), "sizes": set(units[1]),
    }


def compare(where, kinds):
    """What the words of an editor's file, by kind, lack or have too much, in words."""
    known = words()
    problems = []
    for kind, got in kinds.items():
        problems += [f"{where}: lacks {w}, of {kind}" for w in sorted(known[kind] - set(got))]
        problems += [f"{where}: {w} is none of {kind}" for w in sorted(set(got) - known[kind])]
    return problems


def programs(folders, few=1):
    """(name, text, [[first line, last line, language of a code block]]) of right programs; of those
    that are no examples, one in `few`."""
    for i, path in enumerate(sorted(p for f in folders for p in (TOP / f).rglob("*.kfp"))):
        if i % few and "examples" not in path.parts:
            continue
        p = subprocess.run(["kfpc", "check", "--ast", path.name], cwd=path.parent,
                           capture_output=True)
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        if p.returncode == 0:
            found = re.findall(r"^ *(?:\w+: )?CODE .* language=(\w+) text=.* "
                               r"text_at=(\d+):\d+-(\d+):\d+", p.stdout.decode(), re.M)
            yield (str(path.relative_to(TOP)), text,
                   [[int(lo), int(hi), language] for language, lo, hi in found])
