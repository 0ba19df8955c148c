"""`load` of an exported pipeline, over http: redirects, what is missing, what breaks off, a name
and password that stay out of everything; and what is left to Kubeflow itself."""
import base64
import http.server
import json
import pathlib
import sys
import threading

import exports

SEEN = []


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        SEEN.append((self.path, self.headers.get("Authorization")))
        if self.path.startswith("/loop"):
            self.answer(302, b"", Location="/loop")
        elif self.path == "/away":
            self.answer(302, b"", Location="/data.csv")
        elif self.path == "/ftp":
            self.answer(302, b"", Location="ftp://example.org/x")
        elif self.path in ("/data.csv", "/a%20b?x=1"):
            self.answer(200, b"a\n1\n2\n")
        elif self.path == "/short":
            self.answer(200, b"a\n", **{"Content-Length": "100"})
        else:
            self.answer(404, b"what is this")

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in dict({"Content-Length": str(len(body))}, **headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


pathlib.Path("web.kfp").write_text('''component rows(data: Dataset[csv]) -> (n: int, place: str):
    python:
        n = len(open(data).read().split()) - 1
        place = data.metadata["loaded_from"]

pipeline web(uri: str) -> (n: int, place: str):
    d = load(Dataset[csv], uri)
    r = rows(data=d)
    return n=r.n, place=r.place
''')
python = exports.sdk_python()
if not python:
    print("Kubeflow's SDK cannot be installed by pip: this is not tried")
    sys.exit(77)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
at = "http://%s127.0.0.1:%d" % ("%s", server.server_port)
status, out, err = exports.kfpc("export", "kfp", "web.kfp", "-o", "web.yaml")
problems = [] if status == 0 else [err]
sdk = exports.Sdk(python, "sdk.log")
CASES = [("/data.csv", "", None), ("/away", "", None), ("/a b?x=1", "", None),
         ("/data.csv", "anna:p%40ss@", None), ("/none", "", "the answer was 404"),
         ("/loop", "", "redirected more than 10 times"), ("/short", "", "broke off"),
         ("/ftp", "", "neither http nor https")]
for number, (path, who, fault) in enumerate(CASES):
    sdk.begin(path=str(pathlib.Path("web.yaml").resolve()), args={"uri": at % who + path},
              root=str(pathlib.Path(f"root-{number}").resolve()))
    got = sdk.end()
    if fault:
        if got["state"] != "failed" or fault not in got["log"]:
            problems.append(f"{path}: {got['state']}, without '{fault}': {got['log'][-1000:]}")
    elif got["state"] != "succeeded" or got["outputs"] != {"n": 2, "place": at % "" + path}:
        problems.append(f"{path}: {json.dumps(got)[-1500:]}")
if ("/data.csv", "Basic " + base64.b64encode(b"anna:p@ss").decode()) not in SEEN:
    problems.append(f"no name and password: {SEEN}")
sdk.close()

# What no pod has, or what Kubeflow cannot be told, is refused where it stands.
for call, word in (('"data.csv"', "a file of this machine"),
                   ('"file:///x"', "a file of this machine"),
                   ('"s3://b/x", digest="sha256:' + "0" * 64 + '"', "compares no digest")):
    pathlib.Path("bad.kfp").write_text(
        "component n(data: Dataset) -> int:\n    python:\n        output = len(data.path)\n\n"
        f"pipeline p() -> int:\n    d = load(Dataset, {call})\n    return n(data=d)\n")
    status, out, err = exports.kfpc("export", "kfp", "bad.kfp")
    if status != 1 or out or word not in err or "bad.kfp:6:" not in err:
        problems.append(f"{call}: {status} {out[-100:]} {err}")
print("\n".join(problems) or f"{len(CASES)} loads")
sys.exit(bool(problems))
