"""For the tests of the standard library: run a program as a user would, and serve HTTP."""
import contextlib
import http.server
import json
import subprocess
import threading


def kfpc(*args, status=0, env=None):
    """What the command printed on standard output; on standard error if it failed."""
    p = subprocess.run(["kfpc", *map(str, args)], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, text=True, env=env)
    assert p.returncode == status, (args, p.returncode, p.stdout, p.stderr)
    return p.stdout if status == 0 else p.stderr


def run(program, *args, state="succeeded", env=None):
    """Runs the text of a program; the object that `kfpc run --json` prints."""
    with open("program.kfp", "w", encoding="utf-8") as file:
        file.write(program)
    p = subprocess.run(
        ["kfpc", "run", "program.kfp", "--json", "--progress", "plain", *map(str, args)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    assert p.stdout, p.stderr
    result = json.loads(p.stdout)
    assert result["state"] == state, (result, p.stderr)
    result["said"] = p.stderr
    return result


def fails(program, why, *args, env=None):
    """Runs a program that has to fail, and to say why."""
    result = run(program, *args, state="failed", env=env)
    assert why in result["said"], result["said"]
    return result


def failures(result):
    """Why which tasks of a run failed."""
    return {name: t["error"] for name, t in result["tasks"].items() if t["state"] == "failed"}


def artifact(output, name):
    """The path of a copy of an output of the last run: "task.output"."""
    kfpc("get", f"@last/{output}", "-o", name)
    return name


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers with what the server's `answer(method, path, body)` says: a status, or that
    and bytes, or those and a dict of headers.  What was asked is kept in `asked`."""

    def do(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, self.path, body, dict(self.headers)))
        given = self.server.answer(self.command, self.path, body)
        given = given if isinstance(given, tuple) else (given,)
        status, content, headers = given + (b"", {})[len(given) - 1:]
        self.send_response(status)
        for key, value in {"Content-Length": str(len(content)), **headers}.items():
            if value is not None:
                self.send_header(key, value)
        self.end_headers()
        with contextlib.suppress(OSError):      # the other side may have seen enough
            self.wfile.write(content)

    do_GET = do_POST = do

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def server(answer):
    """A server on this machine; its `url` and what was `asked` of it."""
    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    s.answer, s.asked, s.daemon_threads = answer, [], True
    s.url = f"http://127.0.0.1:{s.server_port}"
    threading.Thread(target=s.serve_forever, daemon=True).start()
    try:
        yield s
    finally:
        s.shutdown()
        s.server_close()
