"""Posts JSON to an address that is a secret: std.notify."""
import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

BUSY = {408, 425, 429, 500, 502, 503, 504}      # worth another try


class Stay(urllib.request.HTTPRedirectHandler):
    """A redirect would lose what was posted."""

    def redirect_request(self, *args):
        return None


def place(url):
    """What may be said of the address: the rest of it is the secret."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SystemExit("the secret is not an address that begins with http: or https:")
    return parts.hostname


def try_once(url, body, timeout):
    """The status of the answer, and why that is no good; status 0 if there was none."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=timeout) as answer:
            return answer.status, None
    except urllib.error.HTTPError as e:
        said = e.read(200).decode("utf-8", "replace").strip()
        return e.code, f"{e.code} {e.reason}" + (f": {said}" if said else "")
    except (OSError, http.client.HTTPException) as e:
        return 0, str(getattr(e, "reason", e)) or type(e).__name__


def insist(url, payload, attempts, timeout):
    host, body = place(url), json.dumps(payload).encode()
    for attempt in range(1, attempts + 1):
        status, wrong = try_once(url, body, timeout)
        if not wrong:
            print(f"{host} answered {status}")
            return status
        print(f"attempt {attempt} of {attempts}: {wrong}")
        if status and status not in BUSY:
            break
        if attempt < attempts:
            time.sleep(min(0.25 * 2 ** attempt, 30))
    raise SystemExit(f"{host} did not take the message: {wrong}")


def webhook(payload, attempts: int, timeout: float) -> int:
    return insist(os.environ["WEBHOOK_URL"], payload, attempts, timeout)


def slack(text: str, attempts: int, timeout: float) -> int:
    return insist(os.environ["SLACK_URL"], {"text": text}, attempts, timeout)
