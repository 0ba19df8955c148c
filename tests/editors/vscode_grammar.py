"""editors/vscode: the grammar knows the compiler's words, does what its expectations say, and
leaves nothing of right programs without a scope; what the editor does on Enter."""
import json
import os
import re
import subprocess
import sys

import editors

HERE = editors.TOP / "tests/editors"
VSCODE = editors.TOP / "editors/vscode"
GRAMMAR = VSCODE / "syntaxes/kfp.tmLanguage.json"
problems = []


def every_rule(rule):
    if isinstance(rule, dict):
        yield rule
        for part in rule.values():
            yield from every_rule(part)
    elif isinstance(rule, list):
        for part in rule:
            yield from every_rule(part)


def alternatives(rules, scope, key="match"):
    """The words that rules of such a scope list; the longest list of each."""
    found = set()
    for rule in every_rule(rules):
        if re.fullmatch(scope, rule.get("name", "")) and key in rule:
            found |= set(max(re.findall(r"\w+(?:\|\w+)*", rule[key]), key=len).split("|"))
    return found


def grammar_words():
    parts = json.loads(GRAMMAR.read_text())["repository"]
    declared = {m for rule in every_rule(parts["declaration"]) for name in [rule.get("name", "")]
                for m in re.findall(r"^storage\.type\.(\w+)\.kfp$", name)}
    setting = [rule["match"] for rule in parts["statement"]["patterns"]
               if "setting" in rule["captures"]["1"]["name"]]
    numbers = {rule["name"].split(".")[2]: rule["match"] for rule in parts["number"]["patterns"]}
    plain = {w for name in (r"keyword\.control\..*", r"storage\.type\.kfp",
                            r"keyword\.operator\.logical\.kfp", r"constant\.language\.kfp")
             for w in alternatives(parts["keyword"], name)}
    return {
        "soft": declared - {"def"},
        "hard": plain,
        "reserved": alternatives(parts["keyword"], r"invalid\.illegal\.reserved\.kfp"),
        "types": alternatives(parts["word"], r"support\.(type|class)\.kfp"),
        "builtins": alternatives(parts["word"], r"support\.function\.builtin\.kfp"),
        "settings": set(re.search(r"\((\w+(?:\|\w+)+)\)", setting[0]).group(1).split("|")),
        "times": set(re.findall(r"\((\w)\)\)\?", numbers["duration"])),
        "sizes": set(re.search(r"\((\w+(?:\|\w+)+)\)", numbers["size"]).group(1).split("|")),
    }


def expectations(modules):
    others = [a for name in ("python", "shellscript")
              for a in ("-g", modules / f"tm-grammars/grammars/{name}.json")]
    p = subprocess.run([modules / ".bin/vscode-tmgrammar-test", "-g", GRAMMAR, *others,
                        *sorted((HERE / "grammar").glob("*.kfp"))],
                       capture_output=True, text=True)
    if p.returncode or "✓" not in p.stdout:
        problems.append(p.stdout + p.stderr)


def coverage(modules, programs):
    p = subprocess.run(
        ["node", HERE / "scopes.js", GRAMMAR], capture_output=True, text=True,
        input=json.dumps({name: {"text": text, "blocks": blocks}
                          for name, text, blocks in programs}),
        env=dict(os.environ, NODE_PATH=str(modules)))
    last = p.stdout.rstrip("\n").split("\n")[-1]
    if p.returncode or last != f"{len(programs)} programs" or p.stdout.count("\n") != 1:
        problems.append("\n".join(p.stdout.split("\n")[:60]) + p.stderr)
    if len(programs) < 300:
        problems.append(f"only {len(programs)} programs were looked at")


def indent(line):
    return len(line) - len(line.lstrip(" "))


def enter(programs):
    """After each line of the examples that ends with a ':', and only after those, the editor
    indents; before `else` and its like it goes back."""
    rules = json.loads((VSCODE / "language-configuration.json").read_text())
    more = re.compile(rules["indentationRules"]["increaseIndentPattern"])
    less = re.compile(rules["indentationRules"]["decreaseIndentPattern"])
    out = re.compile(rules["onEnterRules"][1]["beforeText"])
    doc = re.compile(rules["onEnterRules"][0]["beforeText"])
    seen = 0
    for name, text, _ in programs:
        depth, lines = 0, [line for line in text.split("\n") if line.strip()]
        for line, after in zip(lines, lines[1:]):
            bare = re.sub(r'"[^"\\]*"|#.*', "", line)
            depth += sum(bare.count(c) for c in "([{") - sum(bare.count(c) for c in ")]}")
            comment = line.lstrip().startswith("#")
            if comment or depth > 0 or '"""' in text:
                continue
            deeper = indent(after) > indent(line) and not after.lstrip().startswith(")")
            if bool(more.match(line)) != deeper and bare.rstrip()[-1:] not in ("(", "\\"):
                problems.append(f"{name}: after {line!r} comes {after!r}")
            if less.match(after) and indent(after) >= indent(line):
                problems.append(f"{name}: {after!r} goes back, after {line!r}")
            if out.match(line) and indent(after) >= indent(line) and not less.match(after):
                problems.append(f"{name}: after {line!r} comes {after!r}")
            seen += 1
    for line, wanted in (("return f(", None), ("return [", None), ("    return a, b  # c", out),
                         ("pass", out), ("passed = 1", None), ("returned = 1", None)):
        if bool(out.match(line)) != (wanted is out):
            problems.append(f"on Enter: {line!r}")
    for line, wanted in (("    ## What", True), ("# What", False), ("### What", False)):
        if bool(doc.match(line)) != wanted:
            problems.append(f"a comment goes on: {line!r}")
    for line, wanted in (('x = "a: # b"', False), ('if x == ":":  # c', True), ("# so:", False),
                         ("d = {", False), ("python:", True), ('f(text="it\'s:")', False)):
        if bool(more.match(line)) != wanted:
            problems.append(f"what begins a block: {line!r}")
    if seen < 300:
        problems.append(f"only {seen} lines were looked at")


def tell():
    print("\n".join(problems))
    sys.exit(1)


problems += editors.compare("the grammar", grammar_words())
enter(list(editors.programs(["examples"])))
if problems:
    tell()
modules = editors.tools()
expectations(modules)
coverage(modules, list(editors.programs(
    [f"tests/{name}" for name in ("parse", "lower", "fmt", "graph", "export")])) +
    list(editors.programs(["examples", "tests/check", "tests/lang"], few=3)))
if problems:
    tell()
