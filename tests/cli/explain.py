"""kfpc explain: every code has a page, and its examples do what they say."""
import json
import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(os.environ["srcdir"])
WIDTH = 80
CODES = dict(re.findall(r'^DIAG\((\w+), "(.*)"\)',
                        (TOP / "runtime/base/diag.def").read_text("utf-8"), re.M))
PAGES = {}
problems = []


def kfpc(*args):
    p = subprocess.run(["kfpc", *args], capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr


def check(program):
    """The diagnostics of a program, as (code, line)."""
    path = pathlib.Path("example.kfp")
    path.write_text(program, "utf-8")
    status, out, err = kfpc("check", "--json", str(path))
    if status not in (0, 1):
        problems.append(f"status {status}: {err}\n{program}")
    return [(d["code"], d["line"]) for d in map(json.loads, out.splitlines())]


def expect(what, condition):
    if not condition:
        problems.append(what)


for section in re.split(r"^## ", (TOP / "compiler/cli/explain.md").read_text("utf-8"),
                        flags=re.M)[1:]:
    code, _, body = section.partition("\n")
    expect(f"{code}: two pages", code not in PAGES)
    PAGES[code] = body

for code in CODES.keys() ^ PAGES.keys():
    problems.append(f"{code}: " + ("no page" if code in CODES else "a page of no code"))
expect("the pages are not in the order of the codes", list(PAGES) == list(CODES))

not_shown = 0
for code, body in PAGES.items():
    examples = re.findall(r"^```kfp (\w+)\n(.*?)^```$", body, re.M | re.S)
    prose = re.sub(r"^```.*?^```$", "", body, flags=re.M | re.S)
    expect(f"{code}: does not say how to mend it", re.search(r"^Fix: ", prose, re.M))
    expect(f"{code}: a line is too long", max(map(len, body.splitlines())) <= WIDTH)
    if "<!-- not shown by one file -->" in prose:
        not_shown += 1
        expect(f"{code}: shown after all", not examples)
        continue
    if [kind for kind, _ in examples] != ["bad", "good"]:
        problems.append(f"{code}: wants one bad and one good example")
        continue
    bad, good = (text for _, text in examples)
    got = check(bad)
    marks = [n for n, line in enumerate(bad.split("\n"), 1)
             if re.search(rf"# {code}$", line)]
    expect(f"{code}: the bad example gives {got or 'nothing'}",
           {c for c, _ in got} == {code})
    expect(f"{code}: marked on line {marks}, reported as {got}",
           not marks or marks == [line for _, line in got])
    expect(f"{code}: the good example gives {check(good)}", not check(good))

    status, out, _ = kfpc("explain", code)
    expect(f"{code}: explain does not print its title",
           status == 0 and CODES.get(code, "") in " ".join(out.split()))
    expect(f"{code}: explain prints fences", "```" not in out)
    expect(f"{code}: explain lacks the examples",
           all("    " + line in out for line in (bad + good).splitlines() if line))
    expect(f"{code}: explain prints a line that is too long",
           max(map(len, out.splitlines())) <= WIDTH)

status, out, _ = kfpc("explain")
listed = re.findall(r"^([EW]\d{4})  (.*)$", out, re.M)
expect("explain alone does not list the codes", status == 0 and dict(listed) == CODES)

status, out, _ = kfpc("explain", "e0301")
expect("a code in small letters is not found", status == 0 and "E0301" in out)
status, out, _ = kfpc("explain", "E0301", "W0301")
expect("two codes", status == 0 and "E0301" in out and "W0301" in out)
for args in (["E9999"], ["E03"], [""], ["E0301\n"], ["E0301", "no"]):
    status, out, err = kfpc("explain", *args)
    expect(f"explain {args}: {status}, {out}", status == 2 and "there is no code" in err)

status, out, _ = kfpc("explain", "--json", "E0301", "E0101")
found = [json.loads(line) for line in out.splitlines()]
expect("explain --json", status == 0 and [f["code"] for f in found] == ["E0301", "E0101"]
       and found[0]["title"] == CODES["E0301"] and found[0]["severity"] == "error"
       and "```kfp bad" in found[0]["text"])
status, out, _ = kfpc("explain", "--json")
expect("explain --json without a code lists all", len(out.splitlines()) == len(CODES))

print(f"{len(PAGES)} pages, of which {not_shown} have no example of one file")
print("\n".join(problems))
sys.exit(bool(problems))
