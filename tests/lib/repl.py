"""For tests of `kfpc repl` in a terminal: term.py with a session in it."""
import pathlib
import subprocess

import term

STATE = pathlib.Path("state").resolve()
HISTORY = STATE / "kfpc/history"


class Session(term.Terminal):
    """A terminal in which `kfpc repl` asks for the first block; its history is below
    ./state."""

    def __init__(self, columns=80, rows=24, env=None, **how):
        super().__init__(columns, rows, {"XDG_STATE_HOME": str(STATE), **(env or {})}, **how)
        self.begin()

    def begin(self, args=""):
        self.type(f"exec 2>&1; kfpc repl {args}\n")
        self.wait("kfp>")

    def clear(self):
        """Nothing typed, nothing on the screen."""
        self.keys("C-u", "C-l")
        term.until(lambda: self.rows() == ["kfp>"], lambda: self.text())

    def wait_for_input(self):
        """Until a new block is asked for."""
        term.until(lambda: self.rows()[-1] == "kfp>" and self.cursor()[1] == 5, self.text)

    def process(self):
        """The number of kfpc's process; 0: it has ended."""
        out = subprocess.run(["pgrep", "-P", str(self.pid())], stdout=subprocess.PIPE).stdout
        return int(out or 0)

    def close(self):
        """And waits until kfpc has seen that its terminal is gone."""
        if self.server.poll() is not None:
            return
        number = self.process()
        super().close()
        if number:
            term.until(lambda: is_over(number), lambda: f"kfpc ({number}) did not end")


def is_over(number):
    """Is there no such process, or only its status?"""
    try:
        with open(f"/proc/{number}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def history():
    """The blocks in the file, the oldest first."""
    if not HISTORY.exists():
        return []
    return HISTORY.read_text("utf-8").split("\n")[:-1]
