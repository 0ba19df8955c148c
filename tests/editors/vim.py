"""editors/vim in Vim and Neovim: groups of syntax, indentation, :make.  syntax/*.kfp say below a
line what groups stand there: `# ^^^ group - group that must not be`."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import editors

HERE = editors.TOP / "tests/editors"
VIM = editors.TOP / "editors/vim"
ILLEGAL = {"kfpIllegal", "kfpReserved", "kfpNumberError", "kfpEscapeError"}
problems = []


def vim_words():
    text = editors.read("editors/vim/syntax/kfp.vim")
    keywords = {name: set(row.split()) - {"contained"} for name, row in
                re.findall(r"^syn keyword (\w+) ((?:\w+ ?)+)(?: nextgroup.*)?$", text, re.M)}

    def lists(group):
        found = re.findall(rf"^syn match {group} .*$", text, re.M)
        return {w for row in found for part in re.findall(r"\\%\((\w+(?:\\\|\w+)+)\\\)", row)
                for w in part.split(r"\|")}
    declared = lists("kfpDeclare") | {"enum", "test"}
    duration = re.search(r"^syn match kfpDuration .*$", text, re.M).group()
    size = re.search(r"\\%\((B\\\|.*?)\\\)", text).group(1)
    return {
        "soft": declared,
        "hard": {w for name in ("kfpFlow", "kfpImport", "kfpWith", "kfpWordOperator", "kfpConstant")
                 for w in keywords[name]} | {"def"},
        "reserved": keywords["kfpReserved"],
        "types": lists("kfpType"),
        "builtins": lists("kfpBuiltin"),
        "settings": lists("kfpSetting"),
        "times": set(re.findall(r"\*(\w)\\\)\\\?", duration)),
        "sizes": set(size.split(r"\|")),
    }


def expectations():
    """Jobs, and what must come out: [(file, line, column, groups, groups that must not be)]."""
    for path in sorted((HERE / "syntax").glob("*.kfp")):
        lines, wanted = [], []
        for line in path.read_text("utf-8").split("\n")[:-1]:
            said = re.fullmatch(r"#( *)(\^+|<-+) (.*)", line)
            if not said:
                lines.append(line)
                continue
            column = 1 if said[2].startswith("<") else len(said[1]) + 2
            width = len(said[2]) - said[2].startswith("<")
            good, _, bad = said[3].partition("- ")
            for c in range(column, column + width):
                wanted.append((path.name, len(lines), c, good.split(), bad.split()))
        pathlib.Path(path.name).write_text("\n".join(lines) + "\n")
        yield ({"do": "stacks", "file": path.name, "places": [w[1:3] for w in wanted]}, wanted)


def check_expectations(job, result, wanted, who):
    if not wanted:
        problems.append(f"{job['file']} expects nothing")
    for (name, line, column, good, bad), stack in zip(wanted, result):
        if not set(good) <= set(stack) or set(bad) & set(stack):
            problems.append(f"{who}: {name}:{line}:{column}: {stack}, not {good}, none of {bad}")


def places(text, blocks):
    """Where a word or a sign begins: in code blocks, in each line the first alone; their headers
    are both."""
    headers = {lo - 1 for lo, _, _ in blocks}
    inside = {n: language for lo, hi, language in blocks for n in range(lo, hi + 1)}
    for n, line in enumerate(text.split("\n"), 1):
        if n in headers:
            continue
        for word in re.finditer(r"\w+|[^\w\s,.:]", line):
            yield n, len(line[:word.start()].encode()) + 1, word.group(), inside.get(n)
            if n in inside:
                break


def check_program(name, wanted, result, who):
    for (line, column, word, language), stack in zip(wanted, result):
        block = {"kfpPython": "python", "kfpShell": "shell"}.get(stack[0] if stack else "")
        bare = not stack and not re.match(r"\w", word)
        if block != language or (not language and (bare or ILLEGAL & set(stack))):
            problems.append(f"{who}: {name}:{line}:{column}: {word!r} is {stack}")


TYPED = [  # before, keys typed at the end of its last line, after
    ("", "icomponent a(<CR>x: int,<CR>) -> (<CR>y: int,<CR>):<CR>python:<CR>y = x",
     "component a(\n    x: int,\n) -> (\n    y: int,\n):\n    python:\n        y = x"),
    ("pipeline p(x: int) -> int:", "oif x > 1:<CR>y = 1<CR>elif x > 0:  # so<CR>y = 2<CR>else:<CR>y = 3",
     "pipeline p(x: int) -> int:\n    if x > 1:\n        y = 1\n    elif x > 0:  # so\n        y = 2\n"
     "    else:\n        y = 3"),
    ("pipeline p():\n    for x in [1]:", "otry:<CR>a = f(x=[<CR>1,<CR>])<CR>except:<CR>pass<CR>b = 1",
     "pipeline p():\n    for x in [1]:\n        try:\n            a = f(x=[\n                1,\n"
     "            ])\n        except:\n            pass\n        b = 1"),
    ("component c():\n    python:\n        def f():", "oreturn 1<CR>if f():<CR>print(1)",
     "component c():\n    python:\n        def f():\n            return 1\n        if f():\n"
     "            print(1)"),
    ("def twice(x: int) -> int:", "oreturn x * 2<CR>const A = 1",
     "def twice(x: int) -> int:\n    return x * 2\nconst A = 1"),
    ('pipeline p() -> str:\n    a = "x: # y"', "ob = 1",
     'pipeline p() -> str:\n    a = "x: # y"\n    b = 1'),
    ("component c():", "o## Doc.<CR>umented.<Esc>", "component c():\n    ## Doc.\n    ## umented."),
    ("## Said.", "ocomponent c():<CR># why:<Esc>oshell:  # so<CR>true",
     "## Said.\ncomponent c():\n    # why:\n    shell:  # so\n        true"),
]


def typed_jobs():
    for i, (before, keys, after) in enumerate(TYPED):
        name = f"typed{i}.kfp"
        pathlib.Path(name).write_text(before + "\n")
        yield {"do": "type", "file": name, "line": before.count("\n") + 1, "keys": keys}, after


WRONG = """from parts import part

pipeline p(x: int) -> int:
    s = part(x=x)
    return s.z

component c() -> (a: int):
    python:
        a = q
"""
PART = "component part(x: int) -> (y: int):\n    python:\n        y = x\n"


def made_job():
    pathlib.Path("parts.kfp").write_text(PART)
    pathlib.Path("wrong it's.kfp").write_text(WRONG)
    return {"do": "make", "file": "wrong it's.kfp"}


def check_made(result, who):
    p = subprocess.run(["kfpc", "check", "--json", "wrong it's.kfp"], capture_output=True, text=True)
    said = [json.loads(line) for line in p.stdout.splitlines()]
    wanted = [[d["file"], d["line"], d["col"], d["severity"][0].upper(),
               f"{d['code']}: {d['message']}"] for d in said]
    if result["found"] != wanted or len(wanted) < 2:
        problems.append(f"{who}: quickfix has {result['found']}, not {wanted}")
    rest = [result[k] for k in ("filetype", "comments", "expandtab", "sw")]
    if rest != ["kfp", "# %s", 1, 4]:
        problems.append(f"{who}: options {rest}")


def run(editor, jobs):
    pathlib.Path("jobs.json").write_text(json.dumps(jobs))
    shutil.copyfile(HERE / "vim_run.vim", "run.vim")
    command = {"vim": ["vim", "-N", "-es"], "nvim": ["nvim", "--headless", "-es"]}[editor]
    p = subprocess.run(
        [*command, "-u", "NONE", "-i", "NONE", "--cmd", "let &rtp = $FILES . ',' . &rtp",
         "-c", "filetype plugin indent on", "-c", "syntax on", "-S", "run.vim"],
        capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL,
        env=dict(os.environ, FILES=str(VIM), JOBS="jobs.json", RESULTS=f"{editor}.json"))
    try:
        return json.loads(pathlib.Path(f"{editor}.json").read_text())
    except (OSError, ValueError):
        print(f"{editor} gave nothing: status {p.returncode}\n{p.stdout}{p.stderr}")
        sys.exit(1)


def main():
    problems.extend(editors.compare("editors/vim", vim_words()))
    here = [e for e in ("vim", "nvim") if shutil.which(e)]
    here = [e for e in here if e == "nvim" or "+syntax" in
            subprocess.run(["vim", "--version"], capture_output=True, text=True).stdout]
    if not here:
        print("\n".join(problems) or "there is no Vim with colours here, and no Neovim")
        sys.exit(1 if problems else 77)
    checks = [(job, lambda result, who, job=job, wanted=wanted:
               check_expectations(job, result, wanted, who)) for job, wanted in expectations()]
    for i, (name, text, blocks) in enumerate(
            editors.programs(["examples", "tests/lang", "tests/fmt"], few=5)):
        copy = pathlib.Path(f"program{i}.kfp")
        copy.write_bytes(text.encode())
        wanted = list(places(text.removeprefix("\ufeff").replace("\r\n", "\n"), blocks))
        checks.append(({"do": "stacks", "file": copy.name, "places": [w[:2] for w in wanted]},
                       lambda result, who, name=name, wanted=wanted:
                       check_program(name, wanted, result, who)))
        if name.startswith("examples/"):
            lines = text.rstrip("\n").split("\n")
            checks.append(({"do": "indent", "file": copy.name},
                           lambda result, who, name=name, lines=lines: result == lines or
                           problems.append(f"{who}: {name} is indented anew: "
                                           f"{[p for p in zip(result, lines) if p[0] != p[1]][:3]}")))
    for job, after in typed_jobs():
        checks.append((job, lambda result, who, after=after: "\n".join(result) == after or
                       problems.append(f"{who}: typed\n" + "\n".join(result) + f"\nnot\n{after}")))
    checks.append((made_job(), check_made))
    for editor in here:
        for (_, check), result in zip(checks, run(editor, [job for job, _ in checks])):
            check(result, editor)


main()
print("\n".join(problems[:80]))
sys.exit(1 if problems else 0)
