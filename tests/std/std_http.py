"""std.http: what was asked for is there, or the reason why not."""
import hashlib
import pathlib

from stdtest import artifact, fails, run, server

BODY = bytes(range(256)) * 4000
DIGEST = hashlib.sha256(BODY).hexdigest()

DOWNLOAD = """
from std.http import download

pipeline p(url: str, sha256: str, limit: size = 2MiB, attempts: int = 3) -> int:
    got = download(url=url, sha256=sha256, limit=limit, attempts=attempts, timeout=5s)
    return got.bytes
"""
FETCH = """
from std.http import fetch

pipeline p(url: str, limit: size = 2MiB, attempts: int = 1) -> (sha256: str, bytes: int):
    got = fetch(url=url, limit=limit, attempts=attempts, timeout=5s)
    return sha256=got.sha256, bytes=got.bytes
"""
times = {"busy": 0, "short": 0}


def answer(method, path, body):
    if path == "/busy":
        times["busy"] += 1
        return 503 if times["busy"] < 3 else (200, BODY)
    if path == "/short":        # promises more than it sends
        times["short"] += 1
        if times["short"] < 2:
            return 200, BODY[:1000], {"Content-Length": str(len(BODY)), "Connection": "close"}
        return 200, BODY
    if path == "/moved":
        return 302, b"", {"Location": "/file"}
    if path == "/chunks":       # no length is told
        return 200, BODY, {"Content-Length": None, "Connection": "close"}
    return (200, BODY) if path == "/file" else 404


with server(answer) as s:
    asked = lambda path, digest=DIGEST: ("-p", f"url={s.url}{path}", "-p", f"sha256={digest}")
    assert run(DOWNLOAD, *asked("/file"))["outputs"]["output"] == len(BODY)
    assert pathlib.Path(artifact("got.file", "file")).read_bytes() == BODY
    assert run(DOWNLOAD, *asked("/file", DIGEST.upper()))["outputs"]["output"] == len(BODY)
    fails(DOWNLOAD, f"the SHA-256 is {DIGEST}, not {'0' * 64}", *asked("/file", "0" * 64))
    assert run(DOWNLOAD, *asked("/busy"))["outputs"]["output"] == len(BODY) and times["busy"] == 3
    times["busy"] = 0
    fails(DOWNLOAD, "503 Service Unavailable (2 attempts)", *asked("/busy"), "-p", "attempts=2")
    assert times["busy"] == 2
    assert run(DOWNLOAD, *asked("/short"))["outputs"]["output"] == len(BODY)
    times["short"] = 0
    fails(DOWNLOAD, f"it broke off after 1000 of {len(BODY)} bytes", *asked("/short"), "-p", "attempts=1")
    before = len(s.asked)
    fails(DOWNLOAD, "404 Not Found", *asked("/nowhere"))
    assert len(s.asked) == before + 1, "what is not there is asked for once"

    # 1000KiB are as many as there are
    fails(FETCH, "has 1024000 bytes, and the limit is 1022976", "-p", f"url={s.url}/file", "-p", "limit=999KiB")
    fails(FETCH, "more bytes than the limit of 1022976", "-p", f"url={s.url}/chunks", "-p", "limit=999KiB")
    for path in ("/file", "/chunks"):
        got = run(FETCH, "-p", f"url={s.url}{path}", "-p", "limit=1000KiB")["outputs"]
        assert got == {"sha256": DIGEST, "bytes": 1024000}, got
    assert run(FETCH, "-p", f"url={s.url}/moved")["outputs"]["sha256"] == DIGEST
    closed = s.url
fails(FETCH, "Connection refused (2 attempts)", "-p", f"url={closed}/file", "-p", "attempts=2")
fails(FETCH, "does not begin with http: or https:", "-p", "url=file:///etc/passwd")
