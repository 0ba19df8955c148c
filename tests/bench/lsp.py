"""How long an editor waits for the language server, in a file of so many lines."""
import json
import os
import statistics
import subprocess
import time

import generate

URI = "file:///bench/long.kfp"


class Editor:
    def __init__(self, kfpc, env):
        self.p = subprocess.Popen([kfpc, "lsp", "--no-python"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, env=env)
        self.data, self.id = b"", 0

    def send(self, method, params, **more):
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more})
        self.p.stdin.write(b"Content-Length: %d\r\n\r\n%s"
                           % (len(body), body.encode("utf-8")))
        self.p.stdin.flush()

    def receive(self):
        while b"\r\n\r\n" not in self.data:
            self.data += os.read(self.p.stdout.fileno(), 65536)
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        n = int(head.split(b":")[1])
        while len(self.data) < n:
            self.data += os.read(self.p.stdout.fileno(), 1 << 20)
        body, self.data = self.data[:n], self.data[n:]
        return json.loads(body)

    def ask(self, method, params):
        """Seconds until the answer."""
        self.id += 1
        began = time.perf_counter()
        self.send(method, params, id=self.id)
        while self.receive().get("id") != self.id:
            pass
        return time.perf_counter() - began

    def published(self, version):
        while self.receive().get("params", {}).get("version") != version:
            pass


def measure(kfpc, env, lines, keys=15):
    """Medians in seconds: {"diagnostics", "completion", "hover"}."""
    e = Editor(kfpc, env)
    e.ask("initialize", {"capabilities": {}})
    e.send("textDocument/didOpen", {"textDocument": {
        "uri": URI, "languageId": "kfp", "version": 0, "text": generate.long_file(lines)}})
    e.published(0)
    took = {"diagnostics": [], "completion": [], "hover": []}
    middle = {"line": lines // 2, "character": 8}
    doc = {"uri": URI}
    for key in range(1, keys + 1):
        began = time.perf_counter()
        e.send("textDocument/didChange", {
            "textDocument": {"uri": URI, "version": key},
            "contentChanges": [{"range": {"start": middle, "end": middle}, "text": "x"}]})
        e.published(key)
        took["diagnostics"].append(time.perf_counter() - began)
        at = {"textDocument": doc, "position": {"line": lines // 2 + 1, "character": 22}}
        took["completion"].append(e.ask("textDocument/completion", at))
        took["hover"].append(e.ask("textDocument/hover", at))
    e.ask("shutdown", None)
    e.send("exit", None)
    e.p.wait()
    return {name: statistics.median(values) for name, values in took.items()}
