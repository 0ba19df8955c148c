"""kfpc lsp: a session of the client library that editors use, and clients that misbehave."""
import json
import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys

LSP = pathlib.Path(os.environ["srcdir"]) / "tests/lsp"
problems = []


def expect(what, condition):
    if not condition:
        problems.append(what)


def library():
    """The folder with the client library, fetched once; None where that cannot be."""
    if not shutil.which("node") or not shutil.which("npm"):
        return None
    folder = pathlib.Path(os.environ["XDG_CACHE_HOME"]) / "lsp-client"
    wanted = (LSP / "package.json").read_text()
    done = folder / "done"
    if not done.exists() or done.read_text() != wanted:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(LSP / "package.json", folder)
        made = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"],
                              cwd=folder)
        if made.returncode:
            return None
        done.write_text(wanted)
    return folder / "node_modules"


def frame(text):
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    return b"Content-Length: %d\r\n\r\n%s" % (len(data), data)


def call(method, params, **more):
    return frame(json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}))


def serve(data):
    """What the server answers to all of this, and its status."""
    p = subprocess.run(["kfpc", "lsp", "--no-python"], input=data, capture_output=True,
                       timeout=60)
    answers, rest = [], p.stdout
    while rest:
        head, rest = rest.split(b"\r\n\r\n", 1)
        n = int(head.split(b":")[1])
        answers.append(json.loads(rest[:n]))
        rest = rest[n:]
    said = re.fullmatch(rb"kfpc: (the editor left|what came is no message) .*\n|", p.stderr)
    expect(f"status {p.returncode}, stderr: {p.stderr}",
           said and (p.returncode == 0) == (not p.stderr))
    return answers, p.returncode


START = call("initialize", {"capabilities": {}}, id=1)
END = call("shutdown", None, id=99) + call("exit", None)

answers, status = serve(START + END)
expect("a session without anything", status == 0 and len(answers) == 2)
answers, status = serve(START)
expect("the client is gone without a word", status == 1)
answers, status = serve(b"")
expect("nothing at all", status == 1 and not answers)
answers, status = serve(b"GET / HTTP/1.1\r\n\r\n")
expect("no message", status == 1 and not answers)
answers, status = serve(b"x" * 100000)
expect("no header", status == 1 and not answers)
answers, status = serve(b"Content-Length: 99999999999\r\n\r\n")
expect("a message that is too large", status == 1 and not answers)
answers, status = serve(b"Content-Length: -5\r\n\r\n" + START)
expect("a length below 0", status == 1 and not answers)
answers, status = serve(START + frame("{not json") + frame("[1, 2]") + frame(b"\xff\xfe") +
                        frame("[" * 100000) + END)
expect(f"messages that are no JSON objects: {answers}",
       status == 0 and [a.get("error", {}).get("code") for a in answers]
       == [None] + [-32700] * 4 + [None])
answers, status = serve(call("textDocument/hover", {}, id=1) + START + END)
expect("a request before `initialize`", answers[0]["error"]["code"] == -32002)
answers, status = serve(START + call("no/such", {}, id="text") + call("$/noSuch", {}) + END)
expect("a method that there is not",
       answers[1]["id"] == "text" and answers[1]["error"]["code"] == -32601
       and len(answers) == 3)
URI = "file:///nowhere/a%20b/%ED%95%9C.kfp"
METHODS = [f"textDocument/{m}" for m in (
    "hover", "definition", "references", "documentHighlight", "rename", "prepareRename",
    "completion", "signatureHelp", "documentSymbol", "formatting", "codeAction", "codeLens",
    "inlayHint", "foldingRange", "semanticTokens/full", "typeDefinition")]
for params in ({}, None, [], {"textDocument": 3}, {"textDocument": {"uri": "file:///no"}},
               {"textDocument": {"uri": URI}, "position": {"line": -1, "character": -1}},
               {"textDocument": {"uri": URI}, "position": {"line": 10**9, "character": 10**9},
                "range": {"start": 1}, "newName": ["x"], "context": 0}):
    opened = call("textDocument/didOpen", {"textDocument": {
        "uri": URI, "version": 1, "text": "pipeline p(x: int):\r\n    y = x\r\n"}})
    asked = [call(m, params, id=i + 2) for i, m in enumerate(METHODS)]
    answers, status = serve(START + opened + b"".join(asked) + END)
    expect(f"{params}: {answers}", status == 0 and
           {a["id"] for a in answers if "id" in a} == set(range(1, len(METHODS) + 2)) | {99})
answers, status = serve(START + call("textDocument/didChange", {"textDocument": {"uri": URI}})
                        + call("textDocument/didClose", {}) + call("textDocument/didOpen", {})
                        + END)
expect("changes of what is not open", status == 0 and len(answers) == 2)
long = "# " + "x" * (10 << 20) + "\n"
answers, status = serve(START + call("textDocument/didOpen", {"textDocument": {
    "uri": URI, "version": 1, "text": long}}) + END)
expect("a line of 10 MB", status == 0)

ours, theirs = pty.openpty()
p = subprocess.run(["kfpc", "lsp"], stdin=theirs, capture_output=True, text=True, timeout=60)
expect(f"a person who types the command: {p}",
       p.returncode == 2 and "an editor starts this command" in p.stderr and not p.stdout)
os.close(ours)
os.close(theirs)

modules = library()
if modules:
    p = subprocess.run(["node", LSP / "client.js", os.getcwd()], capture_output=True, text=True,
                       env=dict(os.environ, NODE_PATH=str(modules)))
    expect(f"the editor's session: {p.stdout}{p.stderr}", p.returncode == 0)
for problem in problems:
    print(problem)
if not modules:
    print("node or its client library is not to be had: the session was not tried")
sys.exit(1 if problems else 0 if modules else 77)
