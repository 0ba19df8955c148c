"""Programs of images in an export: which words they are given, and what their outputs become.  The
SDK runs them on this machine, which has all that they need."""
import pathlib
import re
import sys

import exports

PROGRAM = exports.POOL / "container/programs.kfp"
problems = []


def expect(what, condition):
    if not condition:
        problems.append(what)


def refused(component, call, word):
    """A pipeline of one task cannot be exported."""
    pathlib.Path("bad.kfp").write_text(
        "environment e:\n    image = \"x\"\n\ncomponent c" + component + "\n\npipeline p(b: bool = False, "
        "s: str = \"\"):\n" + call + "\n")
    status, out, err = exports.kfpc("export", "kfp", "bad.kfp")
    expect(f"{component}: {status} {err}", status == 1 and not out and word in err
           and re.search(r" --> bad.kfp:\d+:\d+", err))


HEAD = "\n    environment = e\n    container:\n        "
refused("(b: bool) -> (o: Model):" + HEAD + "command = [\"a\", o.path] + ([\"-v\"] if b else [])",
        "    c(b=b)", "how many words there are is known only in the run")
refused("(s: str) -> (o: Model):" + HEAD + "command = s.split(\" \") + [o.path]", "    c(s=s)",
        "how many words there are is known only in the run")
refused("() -> (o: Model):" + HEAD + "args = [o.path]", "    c()", "say the `command`")
refused("() -> (o: Model):" + HEAD + "command = [\"a\", o.path.upper()]", "    c()",
        "Kubeflow knows where files lie only when the program starts")
refused("() -> (o: int?):" + HEAD + "command = [\"a\", o.path]", "    c()", "cannot be None")
refused("() -> (o: Model):" + HEAD + "command = [\"a\", \"{{x}}\", o.path]", "    c()",
        'a text with "{{" in it')
refused("(x: list[Model]) -> (o: Model):" + HEAD + "command = [\"a\", x.path, o.path]\n\n"
        "component m() -> Model:\n    shell:\n        echo > \"$output_path\"",
        "    a = m()\n    c(x=[a])", "no path for a list of artifacts")
refused("() -> (o: Model):" + HEAD + "command = [\"a\", o.path]",
        "    try:\n        c()\n    except:\n        pass", "move it out of the `try`")

python = exports.sdk_python()
sdk = exports.Sdk(python, "sdk.log") if python else None
for number, (pipeline, args, wanted) in enumerate((
        ("programs", {"s": "x y"}, {
            "seen": ["of the environment", "--all", "PATH", "x y", "fast", "--both=x y1.0", "1.0",
                     "X Y!", "2", "-v"],
            "count": 9, "half": 0.5, "last": 2.5, "line": "a line\n",
            "copy": "x y <9>\n한 글\n"}),
        ("programs", {"s": "", "n": 3}, {
            "seen": ["of the environment", "-n", "3", "PATH", "", "fast", "--both=1.0", "1.0", "!",
                     "3", "2", "-v"], "count": 11}),
        ("programs", {"s": "bad"}, None), ("programs", {"s": "a {{b}}"}, {"count": 9}),
        ("again", {}, {"all": ["c <1>\nb <4>\n{{x}} <3>\nb <2>\n{{x}} <1>\nx\n",
                               "c <2>\nb <4>\n{{x}} <3>\nb <2>\n{{x}} <1>\nx\n"]}),
        ("fixed", {}, {
            "output": ["of the environment", "-n", "7", "PATH", "it's \"s\"", "slow",
                       "--both=it's \"s\"1.0", "1.0", "IT'S \"S\"!", "PATH", "7", "0"]}))):
    status, out, err = exports.kfpc("export", "kfp", PROGRAM, pipeline)
    expect(f"{pipeline}: {err}", status == 0)
    if status:
        continue
    path = pathlib.Path(f"{number}.yaml").resolve()
    path.write_text(out, encoding="utf-8")
    if not sdk:
        continue
    sdk.begin(path=str(path), args=args, root=str(pathlib.Path(f"root-{number}").resolve()))
    got = sdk.end()
    state = "succeeded" if wanted else "failed"
    expect(f"{pipeline} {args}: {got['state']} {got['log'][-2500:]}", got["state"] == state)
    for name, value in (wanted or {}).items() if got["state"] == "succeeded" else ():
        found = got["outputs"].get("seen" if name == "output" and pipeline == "fixed" else name)
        found = exports.there(found)
        if isinstance(value, list) and isinstance(found, str):
            found = [w if not w.startswith("/") else "PATH" for w in found.split("\n")[:-1]]
        expect(f"{pipeline} {args}: {name} is {found}, not {value}", found == value)
if sdk:
    sdk.close()
print("\n".join(problems) or "all as wanted")
sys.exit(bool(problems) or (0 if python else 77))
