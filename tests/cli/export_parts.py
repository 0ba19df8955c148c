"""kfpc export image and component: what stands in them, and that Kubeflow's SDK uses a component
in a pipeline that is written in Python."""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "lib"))
import exports

kfpc = exports.kfpc
problems = []


def expect(what, condition):
    if not condition:
        problems.append(what)


pathlib.Path("requirements.txt").write_text("# 한글\nsix==1.16.0  # \"quoted\" $HOME \\\n")
pathlib.Path("p.kfp").write_text('''environment plain:
    packages = ["six==1.16.0", "tiny[x]==1.0; python_version < '3.9'"]

environment rich:
    image          = "registry.example.org/base:1"
    python         = "3.12"
    packages       = ["six==1.16.0"]
    pip_index_urls = ["https://one.example.org/simple", "https://two.example.org/simple"]
    requirements   = "requirements.txt"

environment old:
    python = "3.9"

environment bad:
    image = "a b"

enum Mode: fast, slow

## Adds.
component add(
    ## The first.
    a: int,
    b: int = 3 where b > 0,
    mode: Mode = Mode.fast,
    words: list[str] = [],
) -> (sum: int where sum >= a, text: Dataset[txt]):
    python:
        sum = a + b
        with open(text_path, "w") as f:
            f.write(f"{mode} {words}")

component size(file: Dataset[txt]) -> (n: int):
    shell:
        wc -c < "$file_path" > "$n_path"

component uses_plain():
    environment = plain
    python:
        pass

component uses_rich():
    environment = rich
    python:
        pass

component uses_old():
    environment = old
    python:
        pass

component uses_bad():
    environment = bad
    python:
        pass

component inline() -> (n: int):
    environment:
        packages = ["kfpc-has-no-such-package==1.0"]
    python:
        n = 1

environment unused:
    python = "3.9"
''')


def lines(text):
    return [x for x in text.split("\n") if x and not x.startswith("#")]


# Images.
status, out, err = kfpc("export", "image", "p.kfp", "plain")
got = lines(out)
expect(f"plain: {status} {out}{err}", status == 0 and got[0] == "FROM python:3.11-slim"
       and json.loads(got[1][4:])[-2:] == ["six==1.16.0", "tiny[x]==1.0; python_version < '3.9'"]
       and got[2].startswith("ENV KFPC_PACKAGES=") and len(got) == 3)
expect("how to build it is not said", "podman build" in out and 'image = "NAME"' in out)
status, out, err = kfpc("export", "image", "p.kfp", "rich", "-o", "Containerfile")
got = lines(pathlib.Path("Containerfile").read_text())
expect(f"rich: {got}", status == 0 and not out and got[0] == "FROM registry.example.org/base:1"
       and json.loads(got[1][4:])[-1] == pathlib.Path("requirements.txt").read_text()
       and json.loads(got[2][4:])[7:] == [
           "--index-url", "https://one.example.org/simple",
           "--extra-index-url", "https://two.example.org/simple",
           "six==1.16.0", "-r", "/tmp/requirements.txt"])
# Its command writes the file as it is.
subprocess.run([w.replace("/tmp/requirements.txt", "copy.txt") for w in json.loads(got[1][4:])],
               check=True)
expect("the requirements are not the same", pathlib.Path("copy.txt").read_bytes()
       == pathlib.Path("requirements.txt").read_bytes())
got = lines(kfpc("export", "image", "p.kfp", "rich", "--base", "x:2")[1])
expect(f"--base: {got}", got[0] == "FROM x:2")
got = lines(kfpc("export", "image", "p.kfp", "old")[1])
expect(f"no packages: {got}", got[0] == "FROM python:3.9-slim" and len(got) == 2)
got = lines(kfpc("export", "image", "p.kfp", "inline.environment")[1])
expect(f"of a component: {got}", len(got) == 3)
for args, word in ((["image", "p.kfp", "plaim"], "did you mean 'plain'"),
                   (["image", "p.kfp", "unused"], "one that no component uses is none"),
                   (["image", "p.kfp"], "the name of an environment"),
                   (["image", "p.kfp", "bad"], "'a b' is no name of an image"),
                   (["image", "p.kfp", "old", "--base", "x\nRUN rm"], "no name of an image"),
                   (["image", "p.kfp", "old", "--config", "x"], "are for pipelines"),
                   (["kfp", "p.kfp", "--base", "x"], "--base is for image"),
                   (["component", "p.kfp", "add", "--base", "x"], "--base is for image"),
                   (["component", "p.kfp", "ad"], "did you mean 'add'"),
                   (["component", "p.kfp", "zzz"], "there is no component 'zzz'"),
                   (["component", "p.kfp"], "the name of a component")):
    status, out, err = kfpc("export", *args)
    expect(f"{args}: {status} {out}{err}", status == 2 and not out and word in err)
status, out, err = kfpc("export", "image", "p.kfp", "old", "-o", "/proc/none/x")
expect(f"a folder that is not there: {status}", status == 4)

# A module does as well as its source, and what the image says is what a task looks for.
kfpc("build", "p.kfp", "-o", "p.kfpb")
for part in (["image", "rich"], ["component", "add"], ["component", "inline"]):
    a, b = (kfpc("export", part[0], f, part[1])[1] for f in ("p.kfp", "p.kfpb"))
    expect(f"{part} of the module differs", a and a == b)
mark = lines(kfpc("export", "image", "p.kfp", "inline.environment")[1])[-1].split("=")[1]
expect("the task does not look for the mark",
       f'"packages_digest": "{mark}"' in kfpc("export", "component", "p.kfp", "inline")[1]
       .replace('\\"', '"'))

for name in ("add", "size", "inline"):
    status, out, err = kfpc("export", "component", "p.kfp", name, "-o", name + ".yaml")
    expect(f"{name}: {status} {err}", status == 0)

RUN = """
import json, os
from kfp import components, dsl, local, compiler
add = components.load_component_from_file("add.yaml")
size = components.load_component_from_file("size.yaml")
inline = components.load_component_from_file("inline.yaml")

@dsl.pipeline
def written_in_python(a: int = 5) -> int:
    first = add(a=a, b=4, mode="slow", words=["x"])
    second = add(a=first.outputs["sum"])
    return size(file=second.outputs["text"]).output

compiler.Compiler().compile(written_in_python, "whole.yaml")
local.init(runner=local.SubprocessRunner(use_venv=False), pipeline_root=os.path.abspath("runs"))
out = {"inputs": {k: [v.type, v.default] for k, v in
                  add.component_spec.inputs.items()},
       "n": written_in_python(a=2).output}
one = add(a=1)
out["sum"] = one.outputs["sum"]
out["text"] = open(one.outputs["text"].path).read()
try:
    add(a=1, b=0)
    out["constraint"] = "was not seen"
except RuntimeError:
    out["constraint"] = "holds"
os.environ["KFPC_PACKAGES"] = MARK   # as in the image: nothing is installed
out["image"] = inline().output
print("RESULT" + json.dumps(out))
"""
python = exports.sdk_python()
if python:
    p = subprocess.run([python, "-c", RUN.replace("MARK", repr(mark))], capture_output=True,
                       text=True)
    got = next((json.loads(x[6:]) for x in p.stdout.split("\n") if x.startswith("RESULT")), {})
    wanted = {"inputs": {"a": ["Integer", None],
                         "b": ["Integer", 3],
                         "mode": ["String", "fast"], "words": ["List", []]},
              "n": 7, "sum": 4, "text": "fast []", "constraint": "holds",
              "image": 1}
    expect(f"Kubeflow's SDK: {got}\nnot {wanted}\n{p.stderr[-2000:]}{p.stdout[-500:]}",
           got == wanted)

for p in problems:
    print(p)
if not python and not problems:
    print("Kubeflow's SDK cannot be installed by pip: its part of the test is not done")
    sys.exit(77)
sys.exit(bool(problems))
