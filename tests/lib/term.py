"""A real terminal for a test: tmux holds it, the test types, waits for a text and looks.

    import term
    with term.Terminal(80, 24) as t:
        t.type("kfpc run hello.kfp\\n")
        t.wait("succeeded")
        t.screen("after the run")       # compared with NAME.screens beside the test
    term.finish()                       # fails if NAME.screens holds others

A shell with the prompt `$ ` runs in it, in the test's folder and with its environment.
Nothing here sleeps for a fixed time: wait() and screen() look again until what they want
is there, and fail with what is there instead after TIMEOUT seconds.

NAME.screens has a part for each screen: a line `== TITLE (80x24)`, then the rows with a
`|` before each, without blanks at their ends and without empty rows at the bottom.  IDs,
times, dates and sizes stand there as `<time>`; see docs.py.  `tests/run --update term`
writes it anew.
"""
import atexit
import difflib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import docs

TIMEOUT = 30
STILL = 0.3     # --update keeps what did not change for so long
SCRIPT = pathlib.Path(sys.argv[0]).resolve()
GOLDEN = SCRIPT.with_suffix(".screens")
MASKS = (*docs.VARIES[:-1], (re.compile(r" +(?=<(?:time|size|id)>)"), " "))
HEAD = re.compile(r"== (.*) \(\d+x\d+(?:, cursor \d+,\d+)?\)$")

if not shutil.which("tmux"):
    print("tmux is not here (tests/install-tools installs it)")
    sys.exit(77)


class Terminal:
    """One window of columns x rows cells.

    env:   changes to the environment of what runs in it; None takes a variable away.
    term:  what TERM says; "dumb" can do nothing but lines.
    """

    def __init__(self, columns=80, rows=24, env=None, term="tmux-256color", folder=None):
        self.size = columns, rows
        self.socket = tempfile.mkdtemp(prefix="term.", dir="/tmp") + "/s"
        changed = {"ENV": None, "TERM": term, **(env or {})}
        environ = {**os.environ, **{k: v for k, v in changed.items() if v is not None}}
        for name in (k for k, v in changed.items() if v is None):
            environ.pop(name, None)
        # -D: it stays in our process group and ends with the test, however that ends.
        self.server = subprocess.Popen(["tmux", "-u", "-S", self.socket, "-f", "/dev/null", "-D"],
                                       env=environ, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(self.close)
        # The socket is there a little before anybody listens.
        until(lambda: self.call("show-options", "-g").returncode == 0,
              lambda: "tmux does not start")
        for option in ("status off", "remain-on-exit on",
                       "escape-time 0", f"default-terminal {term}", "history-limit 20000"):
            self.tmux("set-option", "-g", *option.split(" ", 1))
        shell = "exec env -u TMUX -u TMUX_PANE -u TERM_PROGRAM -u TERM_PROGRAM_VERSION PS1='$ ' sh"
        self.tmux("new-session", "-d", "-x", str(columns), "-y", str(rows),
                  "-c", str(folder or os.getcwd()), shell)
        self.wait("$")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends what runs in it, as closing a terminal's window does."""
        if self.server.poll() is None:
            self.server.terminate()
            self.server.wait()
        shutil.rmtree(os.path.dirname(self.socket), ignore_errors=True)

    def call(self, *args, data=None):
        return subprocess.run(["tmux", "-u", "-S", self.socket, *args], input=data,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def tmux(self, *args, data=None):
        p = self.call(*args, data=data)
        assert p.returncode == 0, (args, p.stderr.decode())
        return p.stdout.decode("utf-8", "replace")

    def type(self, text):
        """As if each character were typed; a newline is the Enter key."""
        for part in re.split(r"(\n)", text):
            if part == "\n":
                self.keys("Enter")
            for at in range(0, len(part) if part != "\n" else 0, 1000):
                self.tmux("send-keys", "-l", "--", part[at:at + 1000])

    def keys(self, *names):
        """Keys by tmux's names: "Up", "C-r", "M-Enter", "BSpace", "Tab"."""
        self.tmux("send-keys", "--", *names)

    def send(self, data):
        """Bytes as they are, whatever they would mean to tmux."""
        self.tmux("load-buffer", "-", data=data)
        self.tmux("paste-buffer", "-d", "-r")

    def paste(self, text, as_is=False):
        """As a terminal does it: bracketed where the program asked for that, and with a
        carriage return for each newline, unless as_is."""
        self.tmux("load-buffer", "-", data=text.encode())
        self.tmux("paste-buffer", "-d", "-p", *["-r"] * as_is)

    def resize(self, columns, rows):
        self.size = columns, rows
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def rows(self, styles=False, history=False):
        """What is shown; styles: with the escape sequences for colours; history: and what
        scrolled out of it."""
        text = self.tmux("capture-pane", "-p", *["-e"] * styles, *["-S", "-"] * history)
        return [row.rstrip() for row in text.rstrip("\n").split("\n")]

    def text(self, **how):
        return "\n".join(self.rows(**how))

    def cursor(self):
        """Row and column, from 0."""
        x, y = self.tmux("display-message", "-p", "#{cursor_x} #{cursor_y}").split()
        return int(y), int(x)

    def pid(self):
        """Of the shell in it."""
        return int(self.tmux("display-message", "-p", "#{pane_pid}"))

    def wait(self, text, gone=False, history=False, timeout=TIMEOUT):
        """Until text is (gone: is no more) somewhere on the screen, or matches there."""
        def there():
            shown = self.text(history=history)
            return bool(text.search(shown) if hasattr(text, "search") else text in shown)
        until(lambda: there() != gone, lambda: f"waited for {text!r}{' to go' * gone}; "
              f"there is\n{shown_rows(self.rows())}", timeout)

    def wait_prompt(self):
        """Until the shell asks for the next command."""
        until(lambda: self.rows()[-1] == "$" and self.cursor()[1] == 2,
              lambda: f"no prompt; there is\n{shown_rows(self.rows())}")

    def screen(self, title, cursor=False, styles=False):
        """The screen must be (or soon become) the one of this title in NAME.screens."""
        def now():
            rows = [masked(row) for row in self.rows(styles)]
            at = ", cursor %d,%d" % self.cursor() if cursor else ""
            while rows and not rows[-1]:
                rows.pop()
            return [f"== {title} ({self.size[0]}x{self.size[1]}{at})",
                    *("|" + row.replace("\033", "^[") for row in rows)]
        assert title not in seen, f"two screens are called {title}"
        want = wanted().get(title, [])
        seen[title] = want
        if os.environ.get("KFPC_TEST_UPDATE"):
            seen[title] = when_still(now)
            return
        until(lambda: now() == want, lambda: "\n".join(difflib.unified_diff(
            want, now(), "wanted", "got", lineterm="", n=100)))


seen = {}


def masked(row):
    for pattern, word in MASKS:
        row = pattern.sub(word, row)
    return row.rstrip()


def wanted():
    parts, rows = {}, []
    for line in GOLDEN.read_text("utf-8").split("\n") if GOLDEN.exists() else []:
        head = HEAD.match(line)
        if head:
            rows = parts[head.group(1)] = []
        if line:
            rows.append(line)
    return parts


def shown_rows(rows):
    return "\n".join("|" + row for row in rows)


def until(done, why, timeout=TIMEOUT):
    end = time.monotonic() + timeout
    while not done():
        if time.monotonic() > end:
            print(why())
            sys.exit(1)
        time.sleep(0.02)


def when_still(look, still=STILL):
    """What look() gives once it did not change for so long."""
    last, since = look(), time.monotonic()
    while time.monotonic() < since + still:
        time.sleep(0.02)
        now = look()
        if now != last:
            last, since = now, time.monotonic()
    return last


def finish():
    """NAME.screens has no screen that the test did not look at."""
    if os.environ.get("KFPC_TEST_UPDATE"):
        GOLDEN.write_text("\n\n".join("\n".join(rows) for rows in seen.values()) + "\n", "utf-8")
    extra = [title for title in wanted() if title not in seen]
    assert not extra, f"{GOLDEN.name} has screens that nobody looks at: {extra}"
