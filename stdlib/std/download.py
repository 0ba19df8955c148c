"""Takes a file from the web: std.http."""
import hashlib
import http.client
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

BUSY = {408, 425, 429, 500, 502, 503, 504}      # worth another try


class Again(Exception):
    """It may work the next time."""


def take(url, path, limit, timeout):
    """Puts what is at url into the file; its size and SHA-256."""
    running, size = hashlib.sha256(), 0
    opened = urllib.request.urlopen(url, timeout=timeout)  # kfpc: allow W0505: known by its digest
    with opened as answer, open(path, "wb") as out:
        if urllib.parse.urlsplit(answer.geturl()).scheme not in ("http", "https"):
            raise SystemExit(f"{url} leads to {answer.geturl()}, which is not of the web")
        expected = answer.headers.get("Content-Length")
        expected = int(expected) if (expected or "").isdigit() else None
        if expected is not None and expected > limit:
            raise SystemExit(f"{url} has {expected} bytes, and the limit is {limit}")
        while block := answer.read(1 << 18):
            size += len(block)
            if size > limit:
                raise SystemExit(f"{url} has more bytes than the limit of {limit}")
            running.update(block)
            out.write(block)
        if expected is not None and size != expected:
            raise Again(f"it broke off after {size} of {expected} bytes")
    return size, running.hexdigest()


def try_once(url, path, limit, timeout):
    try:
        return take(url, path, limit, timeout)
    except urllib.error.HTTPError as e:
        if e.code not in BUSY:
            raise SystemExit(f"{url}: {e.code} {e.reason}") from None
        raise Again(f"{e.code} {e.reason}") from None
    except (OSError, http.client.HTTPException) as e:
        raise Again(str(getattr(e, "reason", e)) or type(e).__name__) from None


def insist(url, path, limit, attempts, timeout):
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise SystemExit(f"{url!r} does not begin with http: or https:")
    for attempt in range(1, attempts + 1):
        try:
            return try_once(url, path, limit, timeout)
        except Again as e:
            print(f"attempt {attempt} of {attempts}: {e}")
            if attempt == attempts:
                raise SystemExit(f"{url}: {e} ({attempts} attempts)") from None
            time.sleep(min(0.25 * 2 ** attempt, 30))


def download(url: str, sha256: str, limit: int, attempts: int, timeout: float, file: Path):
    size, digest = insist(url, file, limit, attempts, timeout)
    if digest != sha256.lower():
        raise SystemExit(f"{url}: the SHA-256 is {digest}, not {sha256}")
    return size


def fetch(url: str, limit: int, attempts: int, timeout: float, file: Path) -> tuple[int, str]:
    return insist(url, file, limit, attempts, timeout)
