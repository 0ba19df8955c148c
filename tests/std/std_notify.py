"""std.notify: what is posted, how often, and that the address stays a secret."""
import json
import os
import pathlib

from stdtest import fails, kfpc, run, server

SLACK = """
from std.notify import slack

pipeline p(text: str, attempts: int = 3) -> int:
    sent = slack(text=text, attempts=attempts, timeout=5s)
    return sent
"""
WEBHOOK = """
from std.notify import webhook

pipeline p(payload: json) -> int:
    sent = webhook(payload=payload)
    return sent
"""
times = {"busy": 0}


def answer(method, path, body):
    if path == "/busy-secret":
        times["busy"] += 1
        return 503 if times["busy"] < 3 else 202
    if path == "/refused-secret":
        return 403, b"invalid_token"
    if path == "/moved-secret":
        return 302, b"", {"Location": "/hook-secret"}
    return 200, b"ok"


def env(name, url):
    return {**os.environ, f"KFPC_SECRET_{name}_URL": url}


TEXT = 'accuracy 0.9 <below> "1.0" \u2014 \uc815\ud655\ub3c4'
with server(answer) as s:
    to = lambda path: env("SLACK", s.url + path)
    assert run(SLACK, "-p", f"text={TEXT}", env=to("/hook-secret"))["outputs"]["output"] == 200
    method, path, body, headers = s.asked[-1]
    assert (method, path, json.loads(body)) == ("POST", "/hook-secret", {"text": TEXT}), s.asked
    assert headers["Content-Type"] == "application/json", headers
    # in every run
    run(SLACK, "-p", f"text={TEXT}", env=to("/hook-secret"))
    assert len(s.asked) == 2, s.asked
    assert run(SLACK, "-p", "text=x", env=to("/busy-secret"))["outputs"]["output"] == 202
    assert times["busy"] == 3
    times["busy"] = 0
    fails(SLACK, "127.0.0.1 did not take the message: 503", "-p", "text=x", "-p", "attempts=1",
          env=to("/busy-secret"))
    assert times["busy"] == 1
    before = len(s.asked)
    fails(SLACK, "403 Forbidden: invalid_token", "-p", "text=x", env=to("/refused-secret"))
    assert len(s.asked) == before + 1, "what is refused is said once"
    fails(SLACK, "302", "-p", "text=x", env=to("/moved-secret"))

    payload = {"run": 1, "deep": [{"a": None}], "text": TEXT}
    assert run(WEBHOOK, "-p", f"payload={json.dumps(payload)}",
               env=env("WEBHOOK", s.url + "/any-secret"))["outputs"]["output"] == 200
    assert json.loads(s.asked[-1][2]) == payload, s.asked[-1]
    closed = s.url
fails(SLACK, "Connection refused", "-p", "text=x", "-p", "attempts=2", env=env("SLACK", closed + "/x-secret"))
fails(SLACK, "the secret is not an address", "-p", "text=x", env=env("SLACK", "hook-secret"))
fails(SLACK, "KFPC_SECRET_SLACK_URL", "-p", "text=x")

# no store, log or module holds the address
kfpc("build", "program.kfp", "-o", "program.kfpb")
kept = [p for p in pathlib.Path(".").rglob("*") if p.is_file()]
kept += [p for p in pathlib.Path(os.environ["KFPC_STORE"]).rglob("*") if p.is_file()]
for path in kept:
    assert b"-secret" not in path.read_bytes(), path
