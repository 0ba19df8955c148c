"""What a run says while it goes on: in terminals of all kinds, in a pipe, in CI, as JSON; and
`show --watch` of the same run."""
import json
import os
import pathlib
import pty
import re
import subprocess
import time

PROGRAM = r"""
component talks(n: int) -> (loss: Series):
    python:
        import time
        for i in range(n):
            print("line", i, flush=True)
            loss.log(1 / (i + 1), step=i)
            time.sleep(0.005)

component quick(n: int) -> (m: int):
    shell:
        printf %s "$n" > "$m_path"

component fails(n: int) -> (m: int):
    retries = 1
    backoff = 0s
    shell:
        echo "no column 'species' in $n" >&2
        exit 3

pipeline talk():
    talks(n=200)

pipeline part(n: int) -> int:
    a = quick(n=n)
    return a.m

pipeline all(n: int = 3):
    data = quick(n=n)
    x = part(n=data.m)
    for k in range(60):
        y = quick(n=k)
    if x > 3:
        large = quick(n=1)
    bad = fails(n=x)
    last = quick(n=bad.m)

pipeline good(n: int = 3):
    data = quick(n=n)
"""
pathlib.Path("p.kfp").write_text(PROGRAM, "utf-8")
ESC = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def run(*args, status=0):
    p = subprocess.run(["kfpc", *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, text=True)
    assert p.returncode == status, (args, p.returncode, p.stdout, p.stderr)
    return p


def in_terminal(*args, **env):
    """What a terminal gets on standard error, and the seconds that it took."""
    ours, theirs = pty.openpty()
    environ = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CI", "TERM_PROGRAM")}
    environ.update({k: v for k, v in env.items() if v is not None})
    for k in (k for k, v in env.items() if v is None):
        environ.pop(k, None)
    start, text = time.monotonic(), b""
    with subprocess.Popen(["kfpc", *args], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=theirs, env=environ):
        os.close(theirs)
        try:
            while part := os.read(ours, 65536):
                text += part
        except OSError:     # the other side is closed
            pass
    os.close(ours)
    return text.decode("utf-8").replace("\r\n", "\n"), time.monotonic() - start


# A frame begins in the first column, ends with wrapping switched on again, and there are at most
# ten in a second, however much happens.
text, seconds = in_terminal("run", "p.kfp", "talk", TERM="xterm")
frames = text.count("\x1b[?7l")
assert 3 < frames <= 10 * seconds + 3, (frames, seconds, text)
assert text.count("\x1b[?7h") == frames == text.count("\x1b[J"), "a frame is not whole"
assert text.endswith("\x1b[J\x1b[?7h"), text[-100:]
assert "\x1b[?25l" not in text and "\x1b[2J" not in text, "the cursor or the screen is gone"
assert "loss=" in text and "\x1b[36mrunning" in text and "\x1b[32msucceeded" in text
assert "\x1b[?2026" not in text
text, _ = in_terminal("run", "p.kfp", "good", TERM="xterm-kitty")
assert text.count("\x1b[?2026h\r") == text.count("\x1b[?7h\x1b[?2026l") > 0, text
assert text.endswith("\x1b[?2026l")

# No colours; no block; neither.
text, _ = in_terminal("run", "p.kfp", "good", TERM="xterm", NO_COLOR="1")
assert ESC.search(text) and not re.search(r"\x1b\[[0-9;]*m", text), text
PLAIN = re.compile(r"\d\d:\d\d:\d\d run \w+ \(good\) started\n\d\d:\d\d:\d\d data running\n"
                   r"\d\d:\d\d:\d\d data succeeded \d+ ms m=3\n")
text, _ = in_terminal("run", "p.kfp", "good", TERM="xterm", CI="true")
assert PLAIN.fullmatch(ESC.sub("", text)) and not re.search(r"\x1b\[[^m]*[A-Za-ln-z]", text), text
for env in ({"TERM": "dumb"}, {"TERM": None}, {"TERM": ""}):
    text, _ = in_terminal("run", "p.kfp", "good", **env)
    assert PLAIN.fullmatch(text), (env, text)
assert PLAIN.fullmatch(run("run", "p.kfp", "good").stderr)
text, _ = in_terminal("run", "p.kfp", "good", "--progress", "plain", TERM="xterm", NO_COLOR="1")
assert PLAIN.fullmatch(text), text
assert run("run", "p.kfp", "good", "--progress", "quiet").stderr == ""
assert "\x1b[?7l" in run("run", "p.kfp", "good", "--progress", "tty").stderr


# JSON: the records of the journal, as they are, but for those that say where output lies.
def folder():
    run_id = json.loads(run("show", "@last", "--json").stdout)["run_id"]
    return pathlib.Path(os.environ["KFPC_STORE"]) / "runs" / run_id


def journal():
    records = [json.loads(line) for line in (folder() / "journal").read_text("utf-8").splitlines()]
    return [{k: v for k, v in r.items() if k not in "tn~"} for r in records
            if r["event"] != "task_log"]


lines = run("run", "p.kfp", "all", "--progress", "json", status=3).stderr.splitlines()
assert [json.loads(line) for line in lines] == journal()
assert run("show", "@last", "--watch", "--json").stdout.splitlines() == lines

# A line for each event, and the same lines from the journal.
ran = run("run", "p.kfp", "all", status=3)
watched = run("show", "@last", "--watch").stdout
said = ran.stderr.split("\n\n")[0].splitlines()
seen = watched.split("\n\n")[0].splitlines()
# Only the end of a loop is not in the journal: it is told of at the end, or when all is known.
def comparable(lines):
    return sorted(re.sub(r" in \d.*", "", line[9:]) for line in lines)


assert comparable(said) == comparable(seen) and len(said) >= 14, (said, seen)
assert any("bad failed: exit status 3; attempt 2 follows" in line for line in said), said
assert "if x > 3: no" in ran.stderr and "if x > 3: no" in watched
LAST_WORDS = "task 'bad' failed at p.kfp:35:11 (2 attempts):\n  exit status 3\n" + \
    "    | no column 'species' in 3\n" * 2 + "  more: kfpc logs "
assert LAST_WORDS in ran.stderr and LAST_WORDS in watched, (ran.stderr, watched)
HEAD = re.compile(r"^run \w+ failed in .*: 65 tasks \(62 succeeded, 1 failed, 2 skipped\)$", re.M)
assert HEAD.search(ran.stdout) and HEAD.search(watched), watched

# What is damaged is passed over; a run that nobody ended is lost.
path = folder() / "journal"
text = path.read_bytes()
at = text.index(b'"task":"y') if b'"task":"y' in text else text.index(b'"task":"k[7]/y"')
path.chmod(0o600)
path.write_bytes(text[:at + 8] + b"?" + text[at + 9:])
assert "bad failed" in run("show", "@last", "--watch").stdout
path.write_bytes(text[:text.index(b'"run_finished"') + 20])
p = run("show", "@last", "--watch")
assert re.search(r"\nrun \w+ is lost: the process that ran it is gone, and did not end it\n", p.stdout)
path.write_bytes(b"")
assert "is lost" in run("show", "@last", "--watch").stdout
path.write_bytes(os.urandom(3 << 20))
assert "is lost" in run("show", "@last", "--watch").stdout
path.write_bytes(text)
(folder() / "module.kfpb").chmod(0o600)
(folder() / "module.kfpb").write_bytes(b"what is this")
assert "bad failed" in run("show", "@last", "--watch").stdout

# Wrong uses.
assert "--watch is of a whole run" in run("show", "@last/bad", "--watch", status=2).stderr
run("show", "nothing", "--watch", status=2)
