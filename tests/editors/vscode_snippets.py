"""editors/vscode: what each snippet gives is right and in canonical form."""
import json
import pathlib
import re
import subprocess
import sys

import editors

SNIPPETS = json.loads(editors.read("editors/vscode/snippets/kfp.json"))
problems = []

STEP = '''component step(x: float = 1.0) -> (y: float):
    python:
        y = x
'''
# What stands around: @ is the snippet, at that indentation.
AROUND = {
    "component with Python": "@",
    "component with shell": "@",
    "component in a container": "@",
    "pipeline": "@",
    "environment": "@\n" + STEP.replace("    python", "    environment = name\n    python"),
    "config": "pipeline name(x: float = 1.0) -> float:\n    return x\n\n@",
    "test": STEP + "\npipeline name() -> float:\n    s = step()\n    return s.y\n\n@",
    "enum": "@\npipeline p(n: Name) -> Name:\n    return n\n",
    "struct": "@\npipeline p(n: Name) -> Name:\n    return n\n",
    "def": "@\npipeline p(x: float) -> float:\n    return name(x)\n",
    "schedule": "pipeline name(x: float = 1.0) -> float:\n    return x\n\n@",
    "if": "pipeline p(x: float) -> float:\n    @\n    return z\n",
    "for": "pipeline p(x: float) -> list[float]:\n    @\n    return collect(z)\n",
    "try": "pipeline p(x: float) -> float:\n    @\n    return z\n",
    "call with settings": STEP + "\npipeline p() -> float:\n    s = step() @\n    return s.y\n",
}


def expanded(body):
    """The text with every placeholder as it is offered."""
    text = "\n".join([body] if isinstance(body, str) else body)
    hole = re.compile(r"(?<!\\)\$\{\d+:((?:[^{}\\]|\\.)*)\}|(?<!\\)\$\{?\d+\}?")
    while hole.search(text):
        text = hole.sub(lambda m: m.group(1) or "", text)
    return re.sub(r"\\([$}\\])", r"\1", text)


def tried(name, text):
    path = pathlib.Path(re.sub(r"\W", "_", name) + ".kfp")
    path.write_text(text)
    for command in (["check", "--json"], ["fmt", "--check"]):
        p = subprocess.run(["kfpc", *command, path], capture_output=True, text=True)
        if p.returncode or '"severity":"error"' in p.stdout:
            problems.append(f"{name}: kfpc {command[0]}: {p.stdout}{p.stderr}\n{text}")


for name in SNIPPETS.keys() ^ AROUND.keys():
    problems.append(f"snippet {name}: in one place only")
seen = {}
for name, snippet in SNIPPETS.items():
    for prefix in snippet["prefix"]:
        if seen.setdefault(prefix, name) != name:
            problems.append(f"{name}: {prefix} is also {seen[prefix]}")
    around = AROUND[name]
    margin = re.search(r"^( *)@", around, re.M)
    text = expanded(snippet["body"])
    if "\t" in text or "${" in text:
        problems.append(f"{name}: {text!r}")
    text = text.rstrip("\n").replace("\n", "\n" + (margin.group(1) if margin else ""))
    tried(name, around.replace("@", text + "\n" if around.startswith("@") or around.endswith("@")
                               else text))
print("\n".join(problems))
sys.exit(1 if problems else 0)
