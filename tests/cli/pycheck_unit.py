"""compiler/sema/pycheck.py by itself: what it says about contents, and what it does not."""
import json
import pathlib
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2] / "compiler/sema"
PARTS = ("pycheck_packages.py", "pycheck_names.py", "pycheck_hints.py", "pycheck.py")
SCRIPT = "".join((TOP / n).read_text() for n in PARTS)
KINDS = {"a": "artifact", "s": "series", "v": "value"}


def type_(text):
    """ "list[int]?" as a request has it."""
    if text.endswith("?"):
        return ["opt", text, type_(text[:-1])]
    if text.endswith("]"):
        kind, _, elem = text[:-1].partition("[")
        return [kind, text, type_(elem.rpartition(",")[2])]
    if text.startswith("enum:"):
        return ["enum", "Kernel", text[5:].split("/")]
    return [text, text]


def port(text):
    """ "a:model?" -> an optional artifact of that name; "n" -> a value, "n=int" -> an int."""
    text, _, t = text.partition("=")
    kind, _, name = text.rpartition(":")
    t = t or {"a": "artifact", "s": "series"}.get(kind, "json")
    return {"name": name.rstrip("?"), "kind": KINDS[kind or "v"],
            "optional": name[-1] == "?" or t[-1] == "?", "type": type_(t)}


def request(code, inputs="", outputs="", packages=None, function="", requirements="",
            python="", used=""):
    return {"code": code, "function": function, "shown": "train.py", "python": python,
            "inputs": [port(t) for t in inputs.split()],
            "outputs": [port(t) for t in outputs.split()], "used": used.split(),
            "environment": "env" if packages is not None else "",
            "packages": packages or [], "requirements": requirements}


def same(want, got):
    """Python's own words differ between its versions: "..." at the end stands for them."""
    return len(want) == len(got) and all(
        g.startswith(w[:-3]) if w.endswith("...") else g == w for w, g in zip(want, got))


def where(at):
    if isinstance(at, list):
        line, col, end_line, end = at
        return "%d:%d-%s" % (line, col, end if line == end_line else "%d:%d" % (end_line, end))
    return "code" if at is None else ":".join(next(iter(at.items())))


def brief(reply):
    if "unchecked" in reply:
        return ["unchecked " + reply["unchecked"]]
    return ["%s %s %s" % (d["code"], where(d["at"]), d["text"]) for d in reply["diags"]]


CASES = []


def case(name, want, code, *args, **kw):
    want = [want] if isinstance(want, str) else want
    CASES.append((name, want, request(code, *args, **kw)))


CUSTOMER = '''import dill
import pandas as pd

from sklearn.svm import SVC

train_data = pd.read_csv(train_data_path)
train_target= pd.read_csv(train_target_path)

clf= SVC(
kernel=kernel
)
clf.fit(train_data, train_target)

with open(model_path, mode="wb") as file_writer:
    dill.dump(clf, file_writer)
'''

case("the customer's contents are clean", [], CUSTOMER,
     "a:train_data a:train_target kernel", "a:model", ["dill", "pandas", "scikit-learn"])

# Syntax.
case("syntax error at its place", "E0501 2:...",
     "x = 1\nif x \n    y = 2\n")
case("bracket never closed", "E0501 1:5-6...",
     "print('a'\nx = 1\n")
case("columns are bytes", "E0501 1:14-15 Python syntax: unmatched ')'",
     "x = 'h\u00e9\u00e9llo')\n")
case("at the end of the text", "E0501 2:...", "x = 1\nif x:\n")
case("return outside a function", "E0501 1:0-...",
     "return 1\n")
# Where it stands, only a newer Python tells.
case("a NUL", "E0501 ...",
     "x = 1\0\n")
case("written for a newer Python",
     "unchecked it is written for Python 3.99, and the interpreter"
     " here is 3.%d" % sys.version_info[1], "x = = 1\n", python="3.99")
case("clean for a newer Python", [], "x = 1\n", python="3.99")
case("new syntax, old environment", "E0501 2:...", "match 1:\n  case 1: pass\n",
     python="3.9")
case("nested too deeply", "unchecked it is nested too deeply",
     "x = " + "-" * 20000 + "1\n")
case("nothing at all", [], "")
case("long sums", [], "x = " + " + ".join("1" for _ in range(900)) + "\n")

# Names.
case("undefined, once", "E0502 1:6-7 'y' is not defined", "print(y)\nprint(y)\n")
case("names outside ASCII", "E0502 1:6-12 '\uc778\uc0ac' is not defined",
     "print(\uc778\uc0ac)\n\uc778 = 1\n")
case("near names", "E0502 1:6-16 'trian_data' is not defined",
     "print(trian_data)\n", "train_data", used="train_data")
case("path of a value", "E0502 1:5-11 'n_path' is not defined",
     "open(n_path)\n", "n", used="n")
case("forgotten import", "E0502 1:0-2 'os' is not defined", "os.remove('x')\n")
case("bound later in the text", [],
     "def f():\n    return g()\ndef g():\n    return 1\nf()\n")
case("builtins", [], "print(len(range(3)), __name__, __file__, exit)\n")
case("comprehensions have scopes", "E0502 2:6-7 'i' is not defined",
     "a = [i for i in range(3)]\nprint(i)\n")
case("walrus binds outside", [], "a = [y for x in [1] if (y := x)]\nprint(y)\n")
case("nested comprehensions", [],
     "m = [[1]]\nprint({x: [y for y in r] for r in m for x in r})\n")
case("class names are not seen in methods", "E0502 4:15-16 'k' is not defined",
     "class A:\n    k = 1\n    def f(self):\n        return k\nA()\n")
case("class bodies", [], "class A(dict):\n    k = 1\n    j = k + 1\n    def f(self):\n"
     "        return __class__, super().f()\nA\n")
case("global", [], "def f():\n    global z\n    z = 1\nf()\nprint(z)\n")
case("nonlocal", [],
     "def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n"
     "    g()\n    return n\nf()\n")
case("names of a function stay there", "E0502 3:6-7 'w' is not defined",
     "def f(a, *b, c=1, **d):\n    w = a, b, c, d\nprint(w)\n")
case("except as, with as, for, del", [], "try:\n    pass\nexcept ValueError as e:\n"
     "    print(e)\nwith open('x') as (f, g):\n    print(f, g)\nfor i, [j, *k] in []:\n"
     "    print(i, j, k)\ndel i\n")
case("star imports end the check", [], "from os.path import *\nprint(join('a', 'b'))\n")
case("exec and globals end it", [], "exec('q = 1')\nprint(q)\n")
case("NameError is expected", [],
     "try:\n    unicode\nexcept NameError:\n    unicode = str\n"
     "try:\n    get_ipython()\nexcept:\n    pass\n")
case("lambda and defaults", "E0502 1:15-16 'r' is not defined",
     "f = lambda x,y=r: x + y\nf(1)\n")
case("decorators, annotations",
     ["E0502 1:1-2 'd' is not defined", "E0502 2:9-10 'T' is not defined"],
     "@d\ndef f(x: T):\n    y: U = x\n    return y\nf(1)\n", python="3.11")
case("future annotations", [],
     "from __future__ import annotations\ndef f(x: T): pass\nf(1)\n")
case("TYPE_CHECKING", [], "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
     "    import pandas as pd\ndef f(x: 'pd.X'): pass\nf(1)\n")
case("f-strings", "E0502 1:10-14 'nope' is not defined", "x = f'abc{nope}'\nprint(x)\n")
case("f-strings over lines", "E0502 2:4-8 'nope' is not defined",
     "x = f\"\"\"abc\n   {nope}\"\"\"\nprint(x)\n")
case("imports bind their first part", [],
     "import os.path, xml.dom as d\nprint(os.sep, d)\n")
if sys.version_info >= (3, 10):
    case("match binds", [], "match [1]:\n    case [a, *b]: print(a, b)\n"
         "    case {'k': v, **r}: print(v, r)\n    case int() as n: print(n)\n"
         "    case _: pass\n")
if sys.version_info >= (3, 12):
    case("type parameters", [], "def f[T](x: T) -> T: return x\nclass A[T](list[T]): pass\n"
         "type L[X] = list[X]\nprint(f, A, L)\n")

# Inputs and outputs.
case("value output never assigned", "E0503 output:acc output 'acc' is never assigned",
     "acc2 = 1\n", "", "acc")
case("assigned in one branch", [], "if 1 > 2:\n    acc = 1\n", "", "acc")
case("assigned by global", [], "def f():\n    global acc\n    acc = 1\nf()\n", "", "acc")
case("assigned in a function only", "E0503 output:acc output 'acc' is never assigned",
     "def f():\n    acc = 1\nf()\n", "", "acc")
case("optional value output", [], "x = 1\n", "", "acc?")
case("declared is not assigned", "E0503 output:acc output 'acc' is never assigned",
     "acc: float\n", "", "acc")
case("assigned by a loop, with, import", [],
     "for a in []: pass\nwith open('x') as b: pass\n"
     "from os import sep as c\n", "", "a b c")
case("read but never assigned", "E0503 output:acc output 'acc' is never assigned",
     "print(acc)\n", "", "acc")
case("artifact output never used", "E0504 output:model output 'model' is never written",
     "x = 1\n", "", "a:model")
case("artifact output used by its path, or itself", [],
     "open(a_path)\nb.metadata['x'] = 1\n", "", "a:a a:b")
case("artifact output used in a function", [], "def f():\n    open(model_path)\nf()\n",
     "",
     "a:model")
case("a parameter of that name is no use",
     "E0504 output:model output 'model' is never written",
     "def f(model): return model\nf(1)\n", "", "a:model")
case("artifact output assigned",
     "E0505 1:0-5 assigning to the output 'model' does nothing",
     "model = 1\n", "", "a:model")
case("assigned by a loop", "E0505 1:4-9 assigning to the output 'model' does nothing",
     "for model in [1, 2]:\n    open(model_path)\n", "", "a:model")
case("a local of that name is fine", [], "def f():\n    model = 1\n    return model\n"
     "open(model_path, f())\n", "", "a:model")
case("series never used", "E0504 output:loss series 'loss' never gets a point", "x = 1\n",
     "", "s:loss")
case("series used", [], "loss.log(0.5, step=1)\n", "", "s:loss")
case("series assigned", "E0505 1:0-4 assigning to the output 'loss' does nothing",
     "loss = 0.5\n", "", "s:loss")
case("input rebound", [], "d = open(d_path)\n", "a:d")
case("input never used", "W0501 input:n input 'n' is never used", "x = 1\n", "n _m")
case("input used elsewhere", [], "x = 1\n", "n", used="n")
case("input used in a query", [], "import pandas as pd\npd.DataFrame().query('x > @n')\n",
     "n", packages=["pandas"])
case("input counted up", [], "n += 1\n", "n")
case("locals() uses all", [], "print('{n}'.format(**locals()))\n", "n")

# Functions in files.
F = dict(function="train")
case("no such function", "E0506 code 'train.py' has no function 'train'",
     "def trian(): pass\n", **F)
case("a function", [], "def train(n, d, model_path):\n    return n\n", "n a:d",
     "a:model acc", **F)
case("keyword arguments", [], "def train(**kw):\n    return 1\n", "n a:d", "a:model acc",
     **F)
case("stray parameter", ["E0507 1:10-11 nothing is passed for parameter 'q'",
                         "W0501 input:n input 'n' is never used"],
     "def train(q, r=1):\n    pass\n", "n", **F)
case("value output as a parameter", "E0507 1:10-13 nothing is passed for parameter 'acc'",
     "def train(acc):\n    return 1\n", "", "acc", **F)
case("outputs that it does not take",
     ["E0504 output:model output 'model' is never written",
                                       "E0504 output:loss output 'loss' is never written"],
     "def train():\n    pass\n", "", "a:model s:loss", **F)
case("returns nothing", "E0503 1:4-9 function 'train' returns no value for 'acc'",
     "def train():\n    def g():\n        return 1\n    g()\n", "", "acc", **F)
case("returns too few", "E0503 2:11-15 2 values are returned for 3 outputs",
     "def train():\n    return 1, 2\n", "", "a b c", **F)
case("returns a dict without one", "E0503 2:11-19 the returned dict has no 'b'",
     "def train():\n    return {'a': 1}\n", "", "a b", **F)
case("returns a dict with too much", "E0503 2:28-31 'c' is no output of the component",
     "def train():\n    return {'a': 1, 'b': 2, 'c': 3}\n", "", "a b", **F)
case("decorated", [], "import functools\n@functools.cache\ndef train(zzz): pass\n", "n",
     "acc", **F)
case("made otherwise", [], "import functools\ntrain = functools.partial(print)\n", "n",
     "acc", **F)
case("generator",
     "E0506 1:4-9 function 'train' is a generator, so a call does not run it",
     "def train():\n    yield 1\n", "", "acc", **F)
case("undefined in a file", "E0502 2:11-12 'n' is not defined",
     "def train():\n    return n\n", "n", "acc", used="n", **F)

# Imports.
case("no packages",
     "W0502 1:7-13 'pandas' is not provided by a component without packages",
     "import pandas\n")
case("not in the environment",
     "W0502 1:5-12 'sklearn' is not provided by environment 'env'",
     "from sklearn.svm import SVC\nSVC()\n", packages=["pandas==2.2.3"])
case("known names", [],
     "import cv2, PIL, yaml, bs4, dateutil, skimage, attr, dotenv, jwt\n"
     "import Crypto, OpenSSL, serial, usb, git, MySQLdb, psycopg2\n", packages="""opencv-python
     Pillow>=9 PyYAML~=6.0 beautifulsoup4 python-dateutil scikit_image attrs python.dotenv PyJWT
     pycryptodome pyOpenSSL pyserial pyusb GitPython mysqlclient psycopg2-binary""".split())
case("what comes along", [],
     "import numpy, pytz, dateutil.parser, six\nimport scipy, joblib\n",
     packages=["pandas", "scikit-learn"])
case("unknown packages may bring anything", [], "import pandas, whatever\n",
     packages=["acme-ml"])
case("a package of its own name",
     "W0502 2:7-12 'other' is not provided by environment 'env'",
     "import numpy\nimport other\n", packages=["numpy"])
case("requirements", "W0502 2:7-14 'sklearn' is not provided by environment 'env'",
     "import pandas\nimport sklearn\n", packages=[],
     requirements="# data\npandas == 2.2 \\\n  --hash=sha256:00  # yes\n--index-url https://x\n")
case("requirements of other files", [], "import sklearn\n", packages=[],
     requirements="-r x.txt\n")
case("URLs and paths", [], "import sklearn\n", packages=["git+https://github.com/x/y"])
case("extras", [], "import sklearn\n", packages=["dask[complete]"])
case("optional imports", [],
     "try:\n    import torch\nexcept ImportError:\n    torch = None\n"
     "try:\n    import cupy as np\nexcept ModuleNotFoundError:\n    np = None\n")
case("namespaces",
     "W0502 1:5-11 'google.cloud.bigquery' is not provided by environment 'env'",
     "from google.cloud import bigquery, storage\nbigquery, storage\n",
     packages=["google-cloud-storage"])
case("relative imports",
     "W0502 1:0-15 a relative import has no package to start from here",
     "from . import x\n")
case("imports once",
     "W0502 1:7-12 'torch' is not provided by a component without packages",
     "import torch\nimport torch.nn\n")

# Type hints of functions in files.


def hints(name, want, head, inputs="", outputs="", before=""):
    """head is the function's; before: lines that stand in front of it."""
    line = before.count("\n") + 1
    want = ["E0507 %d:%s" % (line, w) for w in ([want] if isinstance(want, str) else want)]
    case("hints: " + name, want, before + head + ":\n    return g()\ndef g(): pass\n", inputs,
         outputs, function="f")


SCALARS = "a=int b=float c=bool d=str e=enum:x/y"
hints("that fit", [], "def f(a: int, b: float, c: bool, d: str, e: str)", SCALARS)
hints("that fit more", [], "def f(a: float, b: complex, c: int, d: 'str', e: object)", SCALARS)
hints("int for str", "9-12 parameter 'd' is hinted 'int', and the component passes str",
      "def f(d: int)", "d=str")
hints("int for float", "9-12 parameter 'b' is hinted 'int', and the component passes float",
      "def f(b: int)", "b=float")
hints("bool for int", "9-13 parameter 'a' is hinted 'bool', and the component passes int",
      "def f(a: bool)", "a=int")
hints("in quotes", "9-14 parameter 'a' is hinted '\"str\"', and the component passes int",
      'def f(a: "str")', "a=int")
hints("in quotes that are no Python", [], 'def f(a: "in t")', "a=int")
hints("unknown ones", [], "def f(a: np.ndarray, b: X, c: list[Y], d: lambda: 1, e: 3)",
      "a=list[int] b=int c=list[int] d=int e=int", before="import numpy as np\nX=Y=int\n")
CASES[-1][1][:] = ["W0502 1:7-12 'numpy' is not provided by a component without packages"]
hints("names of the file's own", [], "def f(a: int, b: str)", "a=str b=int",
      before="class int: pass\nstr = type(3)\n")
hints("other names of types", "9-10 parameter 'a' is hinted 'N', and the component passes str",
      "def f(a: N, b: N)", "a=str b=int", before="N = int\n")
hints("names of themselves", [], "def f(a: N)", "a=str", before="N = N\n")
hints("None that may come",
      "9-12 parameter 'a' is hinted 'int', and the component may pass None",
      "def f(a: int, b: int = None)", "a=int? b=int?")
hints("optional ones", [], "def f(a: O[int], b: t.Optional[int], c: int | None,"
      " d: t.Union[int, None], e: 'int | None')", "a=int? b=int? c=int d=int? e=int?",
      before="import typing as t\nfrom typing import Optional as O\n")
hints("lists", "9-18 parameter 'a' is hinted 'list[str]', and the component passes list[int]",
      "def f(a: list[str], b: list, c: t.List[float], d: t.Sequence[int])",
      "a=list[int] b=list[int] c=list[int] d=list[int]", before="import typing as t\n")
hints("tuple for list",
      "9-14 parameter 'a' is hinted 'tuple', and the component passes list[int]",
      "def f(a: tuple)", "a=list[int]")
hints("dicts", "9-23 parameter 'a' is hinted 'dict[str, str]', and the component passes"
      " dict[str,int]", "def f(a: dict[str, str], b: dict, c: Mapping[str, float])",
      "a=dict[str,int] b=dict[str,int] c=dict[str,int]",
      before="from collections.abc import Mapping\n")
hints("keys", "9-23 parameter 'a' is hinted 'dict[int, int]', and the component passes"
      " dict[str,int]", "def f(a: dict[int, int])", "a=dict[str,int]")
hints("literals", ["9-21 parameter 'a' is hinted 'Literal[\"x\"]', and the component passes"
                   " Kernel"], 'def f(a: Literal["x"], b: Literal["x", "y", "z"], c: str)',
      "a=enum:x/y b=enum:x/y c=enum:x/y", before="from typing import Literal\n")
hints("a struct is no dict", "9-13 parameter 'a' is hinted 'dict', and the component passes"
      " struct", "def f(a: dict, b: Optim)", "a=struct b=struct",
      before="class Optim: pass\n")
hints("artifacts", "9-12 parameter 'd' is hinted 'int', and the component passes artifact",
      "def f(d: int, e: str, g: Path, h: os.PathLike, e_path: str, m_path: Path)",
      "a:d a:e a:g a:h", "a:m",
      before="import os\nfrom pathlib import Path\n")
hints("paths", "14-19 parameter 'd_path' is hinted 'bytes', and the component passes a path",
      "def f(d_path: bytes)", "a:d")
hints("lists of artifacts", "9-18 parameter 'd' is hinted 'list[int]', and the component passes"
      " list[artifact]", "def f(d: list[int], e: list[str])",
      "a:d=list[artifact] a:e=list[artifact]")
hints("a series", "9-13 parameter 'l' is hinted 'list', and the component passes series",
      "def f(l: list)", "", "s:l")
hints("the rest", [], "def f(*args: int, **kw: str)", "a=int b=float")
hints("only by position", "6-7 parameter 'a' cannot be passed by its name",
      "def f(a, /, b)", "a=int b=int")
hints("annotated", [], "def f(a: Annotated[int, 'rows'])", "a=int",
      before="from typing import Annotated\n")

hints("a return that fits", [], "def f() -> int", "", "x=float")
hints("a return that does not",
      "11-16 the return hint 'float' does not give the output 'x', which is int",
      "def f() -> float", "", "x=int")
hints("bool is no int", "11-15 the return hint 'bool' does not give the output 'x', which is int",
      "def f() -> bool", "", "x=int")
hints("None is no int",
      "11-21 the return hint 'int | None' does not give the output 'x', which is int",
      "def f() -> int | None", "", "x=int")
hints("None for an optional", [], "def f() -> 'int | None'", "", "x=int?")
hints("a dict of the output", [], "def f() -> dict[str, int]", "", "x=int")
hints("a dict of another type", "11-25 the return hint 'dict[str, str]' does not give the output"
      " 'x', which is int", "def f() -> dict[str, str]", "", "x=int")
hints("a tuple", [], "def f() -> tuple[int, str]", "", "x=int y=str")
hints("a shorter tuple", "11-21 the return hint 'tuple[int]' has 1 value for 2 outputs",
      "def f() -> tuple[int]", "", "x=int y=str")
hints("a tuple the other way round", "11-26 the return hint 'tuple[str, int]' does not give the"
      " output 'x', which is int", "def f() -> tuple[str, int]", "", "x=int y=str")
hints("tuples of one type", "11-26 the return hint 'tuple[int, ...]' does not give the output"
      " 'y', which is str", "def f() -> tuple[int, ...]", "", "x=int y=str")
hints("one value for two", "11-14 the return hint 'int' is one value, and the component has the"
      " outputs x, y", "def f() -> int", "", "x=int y=int")
hints("what is returned for no output", [], "def f() -> int", "", "a:m")
CASES[-1][1][:] = ["E0504 output:m output 'm' is never written"]
FIELDS = "from typing import NamedTuple, TypedDict\nclass R(%s):\n    y: str\n    x: int\n"
hints("a NamedTuple", [], "def f() -> R", "", "x=int y=str", before=FIELDS % "NamedTuple")
hints("a TypedDict", "11-12 the return hint 'R' has no field 'z'", "def f() -> R", "",
      "x=int y=str z=int", before=FIELDS % "TypedDict")
hints("its fields", "11-12 the return hint 'R' has the field 'y', which is no output",
      "def f() -> R", "", "x=int", before=FIELDS % "TypedDict")
hints("their types", "11-12 the return hint 'R' does not give the output 'y', which is int",
      "def f() -> R", "", "x=int y=int", before=FIELDS % "NamedTuple")
hints("fields that may lack", [], "def f() -> R", "", "x=int y=str?",
      before=FIELDS.replace("y: str", "y: NotRequired[str]")
      .replace("import", "import NotRequired,") % "TypedDict")
hints("a list of tuples", [], "def f() -> list[tuple[int, int]]", "", "x=list[list[int]]")


def main():
    with tempfile.NamedTemporaryFile() as f:
        f.write("".join(json.dumps(r) + "\n" for _, _, r in CASES).encode())
        f.flush()
        done = subprocess.run([sys.executable, "-I", "-S", "-c", SCRIPT, f.name],
                              stdout=subprocess.PIPE, check=True)
    replies = done.stdout.decode().splitlines()
    assert len(replies) == len(CASES), len(replies)
    bad = 0
    for (name, want, _), line in zip(CASES, replies):
        got = brief(json.loads(line))
        if not same(want, got):
            bad += 1
            print("not ok - %s\n  want %s\n  got  %s" % (name, want, got))
    print("%d of %d cases pass" % (len(CASES) - bad, len(CASES)))
    return bad != 0


sys.exit(main())
