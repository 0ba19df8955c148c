"""--help fits a terminal; doc/commands.md has every command and option, and no other, and every
environment variable of ours."""
import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(os.environ["srcdir"])
WIDTH = 80
DEF = (TOP / "compiler/cli/cmd.def").read_text("utf-8")
PAGE = (TOP / "doc/commands.md").read_text("utf-8")
OF_OTHERS = {"--help"}
problems = []


def expect(what, condition):
    if not condition:
        problems.append(what)


def help_of(*words):
    p = subprocess.run([*words, "--help"], capture_output=True, text=True)
    expect(f"{words}: status {p.returncode}, {p.stderr!r}", p.returncode == 0 and not p.stderr)
    for line in p.stdout.split("\n"):
        expect(f"{words}: {len(line)} columns: {line}", len(line) <= WIDTH)
    expect(f"{words}: no usage", p.stdout.startswith("Usage: " + words[0]))
    return p.stdout


def command(verb, options):
    text = help_of("kfpc", verb)
    row = re.search(rf"^\| `{verb}\b.*$", PAGE, re.M)
    expect(f"doc/commands.md has no row for {verb}", row)
    for name, letter in options:
        expect(f"{verb} --help lacks --{name}", f"--{name}" in text)
        said = {f"--{name}", f"-{letter}"} & set(re.findall(r"--?[a-zA-Z][a-z-]*", PAGE))
        expect(f"doc/commands.md lacks --{name}, an option of {verb}", said)


commands = re.findall(r"^CMD\((\w+)", DEF, re.M)
options = [(verb, name.replace("_", "-"), letter) for verb, name, letter in
           re.findall(r"^OPT\((\w+), (\w+), '?(\w)", DEF, re.M)]
expect("cmd.def is not read", len(commands) > 10 and len(options) > 40)
for verb in commands:
    command(verb, [(name, letter) for v, name, letter in options if v == verb])
overview = help_of("kfpc")
help_of("kfpvm")
expect("kfpc --help lists other commands than there are",
       re.findall(r"^  ([a-z]+)  ", overview, re.M) == commands)
for word in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE)):
    expect(f"doc/commands.md has {word}, which no command knows",
           word in OF_OTHERS or word[2:] in {name for _, name, _ in options})
for verb in re.findall(r"^\| `([a-z]+)[ `]", PAGE.partition("## Exit status")[0], re.M):
    expect(f"doc/commands.md has {verb}, which is no command", verb in commands)
for folder in ("runtime", "compiler"):
    for path in (TOP / folder).rglob("*.c"):
        for name in re.findall(r'getenv\("(KFPC_\w+)"\)', path.read_text("utf-8")):
            expect(f"doc/commands.md lacks {name}, which {path.name} reads", f"`{name}`" in PAGE)

print("\n".join(problems))
sys.exit(bool(problems))
