"""kfpc check --fix: what is sure is mended in place, the rest is reported."""
import os
import pathlib
import stat
import subprocess
import sys

problems = []


def kfpc(*args, **kw):
    p = subprocess.run(["kfpc", *args], capture_output=True, text=True, **kw)
    return p.returncode, p.stdout, p.stderr


def expect(what, condition):
    if not condition:
        problems.append(what)


def fix(name, before, after, status, said, *args):
    """--fix makes `before` into `after`, ends with status, and says the parts of said."""
    path = pathlib.Path("program.kfp")
    path.write_bytes(before if isinstance(before, bytes) else before.encode())
    got, out, err = kfpc("check", "--fix", *args, "program.kfp")
    want = after if isinstance(after, bytes) else after.encode()
    expect(f"{name}: status {got}, {out}{err}", got == status)
    expect(f"{name}: got {path.read_bytes()}", path.read_bytes() == want)
    for part in said:
        expect(f"{name}: does not say {part!r}: {out}{err}", part in err)
    expect(f"{name}: a file too many", {p.name for p in pathlib.Path().iterdir()
                                        if "program" in p.name} == {"program.kfp"})


BODY = """
pipeline p(rate: float, n: int) -> float:
    return {}
"""

fix("nothing to do", BODY.format("rate + n"), BODY.format("rate + n"), 0, [])
fix("a name", BODY.format("raet + n"), BODY.format("rate + n"), 0,
    ["program.kfp: 1 fix applied\n"])
fix("two on a line", BODY.format("raet + raet + n"), BODY.format("rate + rate + n"), 0,
    ["2 fixes applied"])
fix("a name that is too far off", BODY.format("rte_x + n"), BODY.format("rte_x + n"), 1,
    ["E0301"])
fix("two candidates", "pipeline p(aa1: int, aa2: int) -> int:\n    return aa3 + aa1 + aa2\n",
    "pipeline p(aa1: int, aa2: int) -> int:\n    return aa3 + aa1 + aa2\n", 1,
    ["did you mean 'aa", "1 error"])
fix("round after round", "pipeline p(rate: float)->float\n    return raet;\n",
    "pipeline p(rate: float)->float:\n    return rate\n", 0, ["3 fixes applied"])
fix("two places of one fix", 'const A = “text”\n', 'const A = "text"\n', 0,
    ["1 fix applied"])
fix("a proposal", "pipeline p(n) -> int:\n    return 1\n",
    "pipeline p(n) -> int:\n    return 1\n", 1, ["E0205"])
fix("what a truth test means is not sure", BODY.format("1.0 if n else rate"),
    BODY.format("1.0 if n else rate"), 1, ["E0309"])
fix("strings", 'const A = "a" "b"\n', 'const A = "a" + "b"\n', 0, ["1 fix"])
fix("strings on two lines", 'const A = ["a"  # one\n    "b"]\n',
    'const A = ["a"  # one\n    + "b"]\n', 0, ["1 fix"])
fix("Windows and a mark", ("\ufeff# 한글\r\n" + BODY.format("raet + n").replace("\n", "\r\n"))
    .encode(), ("\ufeff# 한글\r\n" + BODY.format("rate + n").replace("\n", "\r\n")).encode(), 0,
    ["1 fix"])
fix("mixed ends of lines", b"const A = true\r\nconst B = false\nconst C = null\r\n",
    b"const A = True\r\nconst B = False\nconst C = None\r\n", 0, ["3 fixes"])
fix("at the end, without a newline", "const A = true", "const A = True", 0, ["1 fix"])
fix("Python contents", "component c(rows: int) -> (x: int):\n    python:\n"
    "        x = rwos + (1 if true else 2) + rows\n",
    "component c(rows: int) -> (x: int):\n    python:\n"
    "        x = rows + (1 if True else 2) + rows\n", 0, ["2 fixes"])
fix("Python contents, two candidates",
    "component c(aa1: int, aa2: int) -> (x: int):\n    python:\n"
    "        x = aa3 + aa1 + aa2\n",
    "component c(aa1: int, aa2: int) -> (x: int):\n    python:\n"
    "        x = aa3 + aa1 + aa2\n", 1, ["E0502"])
fix("a member of an enum", "enum Kernel: rbf\n\nconst K: Kernel = \"rbf\"\n",
    "enum Kernel: rbf\n\nconst K: Kernel = Kernel.rbf\n", 0, ["1 fix"])
fix("what is near is of another kind", "pipeline p(n: int) -> int:\n    model(n=1)\n"
    "    return n\n", "pipeline p(n: int) -> int:\n    model(n=1)\n    return n\n", 1,
    ["did you mean 'Model'?"])
fix("warnings", "component c() -> (d: Dataset[parket]):\n    shell:\n        true\n",
    "component c() -> (d: Dataset[parquet]):\n    shell:\n        true\n", 0, ["1 fix"])
fix("silenced ones stay", "component c() -> (d: Dataset[parket]):  # kfpc: allow W0306\n"
    "    shell:\n        true\n", "component c() -> (d: Dataset[parket]):  "
    "# kfpc: allow W0306\n    shell:\n        true\n", 0, [])

many = "".join(f"const A{i} = true\n" for i in range(700))
fix("more than are reported at once", many, many.replace("true", "True"), 0,
    ["700 fixes applied"])
fix("not UTF-8", b"const A = true\nconst B = \"\xff\"\n", b"const A = true\nconst B = \"\xff\"\n",
    1, ["E0101"])
fix("empty", "", "", 0, [])

# The rest is reported as JSON, once.
fix("json", "const A = true\n" + BODY.format("nothing_near"),
    "const A = True\n" + BODY.format("nothing_near"), 1, ["1 fix applied"], "--json")

# Only files that are named are changed, each with what it is told through the others.
lib, main = pathlib.Path("lib.kfp"), pathlib.Path("main.kfp")
LIB = "const ALPHA = True\nconst BETA = [ALPHHA]\n"
MAIN = 'import "lib.kfp" as lib\n\npipeline p() -> bool:\n    return lib.ALPHAA\n'
lib.write_text(LIB)
main.write_text(MAIN)
status, out, err = kfpc("check", "--fix", "main.kfp")
expect(f"imports: {status} {out}{err}", status == 1 and "main.kfp: 1 fix applied" in err)
expect("an import that was not named was changed", lib.read_text() == LIB)
main.write_text(MAIN)
status, out, err = kfpc("check", "--fix", "./main.kfp", "lib.kfp", "lib.kfp")
expect(f"two files: {status} {out}{err}", status == 0 and "./main.kfp: 1 fix applied" in err
       and "lib.kfp: 1 fix applied" in err)
expect("two files: not mended", "lib.ALPHA\n" in main.read_text() and "[ALPHA]" in lib.read_text())

# An enum that cannot be named here is not written.
lib.write_text("enum Kernel: rbf\n\ncomponent c(k: Kernel):\n    shell:\n        true\n")
MAIN = 'from "lib.kfp" import c\n\npipeline p():\n    c(k="rbf")\n'
main.write_text(MAIN)
status, out, err = kfpc("check", "--fix", "main.kfp")
expect(f"an unknown enum: {status} {err}", status == 1 and main.read_text() == MAIN)

# The mode stays; a link stays one; what cannot be written is said.
lib.write_text(LIB)
lib.chmod(0o640)
link = pathlib.Path("link.kfp")
link.symlink_to("lib.kfp")
status, out, err = kfpc("check", "--fix", "link.kfp")
expect(f"a link: {status} {err}", status == 0 and link.is_symlink()
       and "True" in lib.read_text() and stat.S_IMODE(lib.stat().st_mode) == 0o640)
status, out, err = kfpc("check", "--fix", "nowhere.kfp", "lib.kfp")
expect(f"a file that is not there: {status} {err}", status == 4 and "nowhere.kfp" in err)
if os.geteuid():
    folder = pathlib.Path("locked")
    folder.mkdir()
    (folder / "x.kfp").write_text(LIB)
    folder.chmod(0o500)
    status, out, err = kfpc("check", "--fix", "locked/x.kfp")
    expect(f"a locked folder: {status} {err}", status == 4)
    expect("a locked folder: changed", (folder / "x.kfp").read_text() == LIB)
    folder.chmod(0o700)
for args in (["-"], ["--ast", "main.kfp"], []):
    status, out, err = kfpc("check", "--fix", *args, input="const A = true\n")
    expect(f"{args}: {status} {err}", status == 2)

print("\n".join(problems))
sys.exit(bool(problems))
