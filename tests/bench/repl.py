"""How long a person at the REPL waits: for the prompt, and for the answer to a line."""
import fcntl
import os
import pty
import select
import statistics
import struct
import termios
import time

PROMPT = b"kfp> "


class Terminal:
    def __init__(self, argv, env, folder):
        self.began, self.data = time.perf_counter(), b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(argv[0], argv, env)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def read_until(self, wanted):
        while wanted not in self.data:
            if not select.select([self.fd], [], [], 60)[0]:
                raise TimeoutError(f"{wanted!r} did not come: {self.data!r}")
            self.data += os.read(self.fd, 65536)
        self.data = self.data.split(wanted, 1)[1]

    def ask(self, text, wanted):
        """Seconds from the key Return to the answer; what is typed is drawn before."""
        os.write(self.fd, text)
        self.read_until(text[-1:])
        began = time.perf_counter()
        os.write(self.fd, b"\r")
        self.read_until(wanted)
        took = time.perf_counter() - began
        self.read_until(PROMPT)
        return took

    def key(self, text):
        """Seconds until a key is seen."""
        began = time.perf_counter()
        os.write(self.fd, text)
        self.read_until(text)
        return time.perf_counter() - began

    def end(self):
        os.write(self.fd, b"\x15\x04")
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def measure(argv, env, folder, times=15):
    """Medians in seconds: {"prompt", "answer", "key"}."""
    env = dict(env, TERM="xterm", XDG_STATE_HOME=str(folder))
    took = {"prompt": [], "answer": [], "key": []}
    for _ in range(times):
        t = Terminal(argv, env, folder)
        t.read_until(PROMPT)
        took["prompt"].append(time.perf_counter() - t.began)
        took["answer"] += [t.ask(b"40 + 2", b"42") for _ in range(3)]
        took["key"].append(t.key(b"q"))
        t.end()
    return {name: statistics.median(values) for name, values in took.items()}
