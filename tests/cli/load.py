# load(): files and folders, http and https from a server of our own, digests, and what
# goes wrong: 404, redirects, a wrong digest, a file that is too large, no server.
import hashlib
import http.server
import json
import os
import ssl
import subprocess
import sys
import threading

PROGRAM = """
component head(data: Dataset[csv]) -> (line: str, meta: json):
    python:
        line = open(data).readline().strip()
        meta = data.metadata

component names(data: Dataset) -> (all: str):
    shell:
        cd "$data_path"
        find . -type f | sort | tr '\\n' ' ' > "$all_path"

pipeline one(url: str, digest: str? = None, most: str = "") -> (line: str, meta: json):
    data = load(Dataset[csv], url, metadata={"who": "me"}, digest=digest) with env={"KFPC_LOAD_MAX_BYTES": most}
    h = head(data=data)
    return line=h.line, meta=h.meta

pipeline folder(url: str) -> str:
    f = load(Dataset, url)
    return names(data=f).all
"""
TEXT = b"a,b\n1,2\n"
DIGEST = "sha256:" + hashlib.sha256(TEXT).hexdigest()
failed = 0


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        to = {"/moved": "/x.csv", "/loop": "/loop", "/ftp": "ftp://127.0.0.1/x",
              "/down": "http://127.0.0.1:%d/x.csv" % plain.server_port}.get(self.path)
        if to:
            self.send_response(302)
            self.send_header("Location", to)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        found = self.path in ("/x.csv", "/cut.csv")
        self.send_response(200 if found else 404)
        body = TEXT if found else b"not here"
        self.send_header("Content-Length", str(len(body) + 5 * (self.path == "/cut.csv")))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def serve(context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def run(pipeline, want, *args, env=None):
    """The result of a run; its only error where it is wanted to fail with that."""
    global failed
    p = subprocess.run(["kfpc", "run", "l.kfp", pipeline, "--json", *args],
                       capture_output=True, text=True,
                       env=dict(os.environ, **(env or {})))
    r = json.loads(p.stdout) if p.stdout.startswith("{") else {}
    got = p.stdout + p.stderr if isinstance(want, str) else r.get("outputs")
    ok = want in got if isinstance(want, str) else got == want
    ok = ok and (p.returncode == 0) == (not isinstance(want, str))
    if not ok:
        failed += 1
        print("args:", args, "\nwanted:", want, "\ngot:", got, p.returncode, p.stderr)
    return p.stdout + p.stderr


def outcome(url):
    return {"line": "a,b", "meta": {"format": "csv", "rows": 1, "columns": ["a", "b"],
                                    "who": "me", "loaded_from": url}}


open("l.kfp", "w").write(PROGRAM)
os.makedirs("data/sub")
open("data/x y.csv", "wb").write(TEXT)
open("data/sub/z", "wb").write(b"z")
plain = serve()
web = "http://127.0.0.1:%d" % plain.server_port
here = os.getcwd()

run("one", outcome("data/x y.csv"), "-p", "url=data/x y.csv")
run("one", outcome(here + "/data/x y.csv"), "-p", "url=" + here + "/data/x y.csv",
    "-p", "digest=" + DIGEST)
uri = "file://" + here.replace(" ", "%20") + "/data/x%20y.csv"
run("one", outcome(uri), "-p", "url=" + uri)
run("folder", {"output": "./sub/z ./x y.csv "}, "-p", "url=data")
run("one", outcome(web + "/x.csv"), "-p", "url=" + web + "/x.csv", "-p", "digest=" + DIGEST)
run("one", outcome(web + "/moved"), "-p", "url=" + web + "/moved")

run("one", "there is no file '%s/none'" % here, "-p", "url=none")
run("one", "names no file of this machine", "-p", "url=file://other/x")
run("one", "the answer was 404 (Not Found)", "-p", "url=" + web + "/none")
run("one", "redirected more than 10 times", "-p", "url=" + web + "/loop")
run("one", "redirected to what is neither http nor https", "-p", "url=" + web + "/ftp")
run("one", "the transfer broke off", "-p", "url=" + web + "/cut.csv")
run("one", "no connection", "-p", "url=http://127.0.0.1:1/x")
run("one", "there is no such host", "-p", "url=http://nothing.invalid/x")
run("one", "s3: cannot be loaded on this machine", "-p", "url=s3://bucket/x")
run("one", "its digest is " + DIGEST, "-p", "url=" + web + "/x.csv",
    "-p", "digest=sha256:" + "0" * 64)
run("one", "a digest is \"sha256:\" and 64", "-p", "url=data/x y.csv", "-p", "digest=md5:1")
run("one", "larger than the 4 bytes", "-p", "url=" + web + "/x.csv", "-p", "most=4")
shown = run("one", "cannot load 'http://127.0.0.1:1/x'", "-p", "url=http://me:hidden@127.0.0.1:1/x")
os.symlink("x y.csv", "data/link")
run("folder", "is a link, not a file or folder", "-p", "url=data")
os.remove("data/link")
os.mkfifo("fifo")
run("one", "is a device or the like", "-p", "url=fifo")

try:
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True,
                   capture_output=True)
except (OSError, subprocess.CalledProcessError):
    print("no openssl to make a certificate: https was not tried")
    sys.exit(failed != 0)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("cert.pem", "key.pem")
safe = "https://127.0.0.1:%d" % serve(context).server_port
trusting = {"SSL_CERT_FILE": here + "/cert.pem"}
run("one", "its certificate is not to be trusted", "-p", "url=" + safe + "/x.csv")
run("one", outcome(safe + "/x.csv"), "-p", "url=" + safe + "/x.csv", env=trusting)
run("one", "redirected to what is not https", "-p", "url=" + safe + "/down", env=trusting)
sys.exit(failed != 0)
