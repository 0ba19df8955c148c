"""A session of `kfpc repl` that a document shows, held again on a terminal that can do
nothing but lines."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

TIMEOUT = 60
PROMPT, MORE = "kfp> ", "...  "
AT_PROMPT = re.compile(r"(?:^|\n)(kfp> |\.\.\.  )$")


class Session:
    def __init__(self, args, folder, env):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.fd = master
        self.process = subprocess.Popen(
            ["kfpc", "repl", *args], cwd=folder, stdin=slave, stdout=slave, stderr=slave,
            env={**env, "TERM": "dumb"}, start_new_session=True)
        os.close(slave)
        self.greeting = self.read()

    def read(self):
        """What it says up to its next prompt, or its end."""
        said, end = b"", time.monotonic() + TIMEOUT
        while True:
            text = said.decode("utf-8", "replace").replace("\r\n", "\n")
            if AT_PROMPT.search(text):
                return text
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"no prompt within {TIMEOUT} s; it said:\n{text}")
            try:
                more = os.read(self.fd, 65536)
            except OSError:     # its end
                more = b""
            if not more:
                return text
            said += more

    def enter(self, lines):
        """What comes of a block that is typed."""
        text = ""
        for line in lines:
            os.write(self.fd, line.encode() + b"\n")
            text = self.read()
            text = text[len(line) + 1:] if text.startswith(line + "\n") else text
        return text.removesuffix(PROMPT)

    def close(self):
        os.write(self.fd, b"\x04")
        self.read()
        os.close(self.fd)
        self.process.wait(TIMEOUT)


def steps(block):
    """(line, what is typed, what is expected) of each prompt."""
    found = []
    for number, line in enumerate(block.lines, block.line + 1):
        if line.startswith(PROMPT) or line == PROMPT.strip():
            found.append((number, [line[len(PROMPT):]], []))
        elif found and not found[-1][2] and line.startswith(MORE):
            found[-1][1].append(line[len(MORE):])
        elif found and not found[-1][2] and line == MORE.strip() and len(found[-1][1]) > 1:
            found[-1][1].append("")
        elif found:
            found[-1][2].append(line)
    return found


def run(block, session, agrees, update):
    """What differs, in words; with update the block is made to say what was printed."""
    said = []
    for number, typed, want in steps(block):
        got = session.enter(typed).rstrip("\n")
        want = "\n".join(want)
        same = agrees(want, got)
        said += [(PROMPT if not i else MORE) + line for i, line in enumerate(typed)]
        said = [line.rstrip() for line in said]
        said += (want if same else got).split("\n") if (want if same else got) else []
        if not same and not update:
            yield f"line {number}: {PROMPT}{typed[0]}\nwanted:\n{want}\ngot:\n{got}"
    if update:
        block.lines = said
