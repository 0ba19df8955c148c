"""What pods of Argo's do with programs of images, settings of a run, earlier results and `load`:
Argo's own controller runs them (tests/lib/judge.py)."""
import functools
import http.server
import json
import os
import pathlib
import subprocess
import sys
import threading

sys.path.insert(0, os.environ["srcdir"] + "/tests/lib")
import judge  # noqa: E402

TOOL, why = judge.tool()
if TOOL:
    why = judge.can_run(TOOL)
if why:
    print(why)
    sys.exit(77)

BOX = r'''environment tools:
    image = "docker.io/library/busybox:1.36"
    env   = {"GREETING": "{{hello}} $(HOME)"}

component make() -> (text: Dataset[txt]):
    shell:
        printf 'one\ntwo\nthree\n' > "$text_path"

component head(text: Dataset[txt], word: str, lines: int? = None) -> (
    first: Dataset[txt],
    count: int,
    said: str,
    none: str?,
):
    environment = tools
    container:
        command = ["sh", "-c", "f=$1; c=$2; s=$3; w=$4; shift 5; head \"$@\" > $f; wc -l < $f > $c; printf %s \"$w $GREETING\" > $s", "sh", first.path, count.path, said.path, word, none.path]
        args    = (["-n", str(lines)] if lines != None else []) + [text.path]

## No word of it has to be computed.
component size(text: Dataset[txt]) -> (n: int, loss: Series, m: Model[json]):
    environment = tools
    container:
        command = ["sh", "-c", "wc -c < \"$1\" > \"$2\"; echo '{\"value\": 2.5}' > $3; echo '{}' > $4; ls $1"]
        args    = ["sh", text.path, n.path, loss.path, m.path]

component ending(m: Model[json], d: Dataset) -> str:
    python:
        output = m_path[-5:] + d_path[-4:]

pipeline box(word: str = "{{x}} $(HOME) $HOME `\"q\"") -> (
    count: int,
    said: str,
    none: str?,
    all: int,
    n: int,
    loss: float,
    end: str,
):
    m = make()
    h = head(text=m.text, word=word + "!", lines=2)
    b = head(text=m.text, word="plain")
    s = size(text=h.first)
    e = ending(m=s.m, d=h.first)
    return count=h.count, said=h.said, none=h.none, all=b.count, n=s.n, loss=s.loss.last, end=e
'''

WRONG = r'''component c(n: int where n > 1) -> (out: int):
    environment:
        image = "busybox:1.36"
    retries = 1
    container:
        command = ["sh", "-c", "echo no > $1; exit $2", "sh", out.path, str(n - 2)]

pipeline wrong(n: int) -> int:
    return c(n=n)
'''

LATE = '''component ask() -> (
    mem: size,
    cpus: float,
    gpus: int,
    kind: str,
    env: dict[str, str],
    tries: int,
    wait: duration,
    long: duration,
):
    python:
        mem, cpus, gpus, kind, env = 2 ** 29, 0.5, 1, "nvidia.com/gpu", {"A": "{{b}} $(C)"}
        tries, wait, long = 2, 5, 60

component work(x: int) -> str:
    python:
        import os
        output = os.environ["A"] + str(x)

component fail() -> int:
    shell:
        exit 1

pipeline late(memory: size = 64MiB) -> str:
    a = ask()
    w = work(x=1) with:
        memory       = a.mem
        memory_limit = memory
        cpu          = a.cpus
        gpu          = a.gpus
        gpu_type     = a.kind
        env          = a.env
        retries      = a.tries
        backoff      = a.wait
        timeout      = a.long
    return w

pipeline tries(n: int = 2) -> int:
    f = fail() with retries=n
    return f
'''

MEMO = '''component make(n: int) -> (d: Dataset[txt], v: int):
    cache = on
    python:
        v = n
        with open(d_path, "w") as f:
            f.write("x" * n)

component use(d: Dataset[txt]) -> str:
    cache = on
    python:
        import time
        output = open(d_path).read() + str(time.time_ns())

pipeline memo() -> (a: str, b: str, c: str):
    m = make(n=3)
    a = use(d=m.d)
    m2 = make(n=3) with after=[a]
    b = use(d=m2.d)
    m3 = make(n=4) with after=[b]
    c = use(d=m3.d)
    return a=a, b=b, c=c
'''

LOAD = '''component rows(d: Dataset[csv]) -> (n: int, from_where: str):
    python:
        n = len(open(d_path).readlines())
        from_where = d.metadata["loaded_from"] + d.metadata["k"]

pipeline loads(uri: str) -> (n: int, from_where: str):
    d = load(Dataset[csv], uri, metadata={"k": "v"})
    r = rows(d=d)
    return n=r.n, from_where=r.from_where
'''


class Server(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


os.mkdir("www")
pathlib.Path("www/d.csv").write_text("a,b\n1,2\n")
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                         functools.partial(Server, directory="www"))
threading.Thread(target=server.serve_forever, daemon=True).start()
BASE = "http://127.0.0.1:%d/" % server.server_port


def text(value):
    """A text as it travels."""
    return "`" + json.dumps(value).replace("{", "\\u007b")


CASES = [   # program, pipeline, parameters, outputs (None: it fails), what is in the logs
    (BOX, "box", {}, {
        "count": "2", "said": text('{{x}} $(HOME) $HOME `"q"! {{hello}} $(HOME)'), "none": "null",
        "all": "3", "n": "8", "loss": "2.5", "end": ".json.txt"}, ""),
    (WRONG, "wrong", {"n": "1"}, None, "which breaks 'n > 1'"),
    (WRONG, "wrong", {"n": "2"}, None, "output 'out' is declared int, and its file holds"),
    (WRONG, "wrong", {"n": "5"}, None, "exit code 3"),
    (LATE, "late", {}, {"output": text("{{b}} $(C)1")}, ""),
    (LATE, "tries", {"n": "3"}, None, "exit status 1"),
    (MEMO, "memo", {}, ..., ""),
    (LOAD, "loads", {"uri": BASE + "d.csv"}, {"n": "2", "from_where": BASE + "d.csvv"}, ""),
    (LOAD, "loads", {"uri": BASE + "e.csv"}, None, "the answer was 404"),
    (LOAD, "loads", {"uri": "s3://b/d"}, None, "knows where this store is"),
]
problems, jobs = [], []
for i, (program, pipeline, given, _, _) in enumerate(CASES):
    pathlib.Path("p.kfp").write_text(program, "utf-8")
    p = subprocess.run(["kfpc", "export", "argo", "p.kfp", pipeline, "-o", f"{i}.yaml"],
                       capture_output=True, text=True)
    if p.returncode:
        problems.append(f"{pipeline}: {p.stderr}")
        continue
    jobs.append({"name": str(i), "files": [os.path.abspath(f"{i}.yaml")], "parameters": given})
for job, found in zip(jobs, judge.lint(TOOL, [j["files"] for j in jobs])):
    problems += [f"{job['name']}: {line}" for line in found]

seen = 0
for name, verdict in judge.Batch(TOOL, "runs", jobs).verdicts():
    program, pipeline, given, wanted, words = CASES[int(name)]
    seen += 1
    outputs, whole = verdict["outputs"] or {}, json.dumps(verdict)
    if verdict["state"] != ("failed" if wanted is None else "succeeded"):
        problems.append(f"{pipeline} {given}: {whole[:3000]}")
    elif wanted not in (None, ...) and outputs != wanted:
        problems.append(f"{pipeline} {given}: {outputs} and not {wanted}")
    if json.dumps(words)[1:-1] not in whole:
        problems.append(f"{pipeline} {given}: no '{words}' in {whole[:3000]}")
    if pipeline == "memo" and not (outputs["a"] == outputs["b"] and outputs["c"][:4] == "xxxx"):
        problems.append(f"memo: {outputs}")
    attempts = {n["attempts"] for n in verdict["nodes"].values() if n.get("attempts")} | \
        {t["attempts"] for t in verdict["tasks"].values() if t.get("attempts")}
    if pipeline in ("tries", "wrong") and attempts != {4 if pipeline == "tries" else 2}:
        problems.append(f"{pipeline} {given}: {attempts} attempts")
if seen != len(CASES):
    problems.append(f"{seen} of {len(CASES)} were run")
if problems:
    print("\n".join(problems))
    sys.exit(1)
