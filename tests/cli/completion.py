"""kfpc completion: what is offered where, and real shells that complete with it."""
import os
import pathlib
import pty
import select
import shutil
import subprocess
import time

problems = []
PATIENCE = 30   # seconds that a shell has for an answer


def expect(what, condition):
    if not condition:
        problems.append(what)


def kfpc(*args):
    p = subprocess.run(["kfpc", *args], capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr


def offered(*words):
    status, out, err = kfpc("completion", "candidates", "--", *words)
    expect(f"{words}: status {status}: {err}", status == 0 and not err)
    return [line.split("\t")[0] for line in out.splitlines()]


def offers(words, wanted, unwanted=()):
    found = offered(*words)
    expect(f"{words} offers {found}", set(wanted) <= set(found))
    expect(f"{words} offers too much: {found}", not set(unwanted) & set(found))


pathlib.Path("two words.kfp").write_text('''
component fit(c: float = 1.0) -> (score: float, note: Artifact):
    python:
        score = c
        open(note.path, "w").close()

pipeline main(rate: float = 0.5) -> float:
    m = fit()
    return m.score * rate

pipeline other() -> float:
    return fit(c=2.0).score

config quick for main:
    rate = 0.1
''', "utf-8")
FILE = "two words.kfp"
offers([], ["check", "run", "completion"])
offers([""], ["check", "run", "completion"], [":programs"])
offers(["ru"], ["run", "runs"], ["check"])
offers(["run", ""], [":programs"])
offers(["run", FILE, ""], ["main", "other"], ["fit"])
offers(["run", "-j", "2", FILE, "o"], ["other"], ["main"])
offers(["run", "--"], ["--config-file", "--no-cache", "--help"], ["--bundle"])
offers(["run", "--progress", ""], ["tty", "quiet"])
offers(["run", "--progress=q"], ["--progress=quiet"], ["--progress=tty"])
offers(["check", "--target", ""], ["kfp", "argo"], ["dot"])
offers(["export", "kfp", FILE, "--python-runtime", ""], ["embedded", "kfp"])
offers(["export", "argo", FILE, "--kind", "w"], ["workflow", "workflow-template"],
       ["cron-workflow"])
offers(["export", "argo", FILE, "--artifact-store="], ["--artifact-store=s3",
                                                       "--artifact-store=oss"])
offers(["export", "argo", FILE, "--image-pull-policy", ""], ["Always", "IfNotPresent", "Never"])
offers(["run", FILE, "--config", ""], ["quick"])
offers(["run", FILE, "-p", ""], ["rate=", "m.c="], ["m.settings.cache="])
offers(["run", FILE, "main", "-p", "m."], ["m.c=", "m.settings.cache="], ["rate="])
offers(["run", "--store", ""], [":folders"])
offers(["run", "--config-file", ""], [":files"])
offers(["explain", "E0101", "E01"], ["E0101", "E0103"], ["W0101"])
offers(["export", ""], ["kfp", "dot"])
offers(["export", "kfp", ""], [":programs"])
offers(["export", "kfp", FILE, ""], ["main"])
offers(["doc", "std."], ["std.data"])
offers(["completion", ""], ["bash", "fish", "zsh"])
for nothing in (["no_such_verb", ""], ["version", ""], ["run", "missing.kfp", ""],
                ["run", FILE, "-j", ""], ["show", ""]):
    expect(f"{nothing} offers something", offered(*nothing) == [])
pathlib.Path("wrong.kfp").write_text("pipeline p(:\n")
expect("a wrong program offers something", offered("run", "wrong.kfp", "") == [])
expect("completing made a store", not os.path.exists(".kfpc"))

status, _, err = kfpc("run", FILE, "main", "--name", "first try", "--progress", "quiet")
expect(f"the run: {err}", status == 0)
offers(["show", ""], ["@last", "first try"])
offers(["show", "@last/"], ["@last/m"])
offers(["get", "@last/m."], ["@last/m.score", "@last/m.note"])
offers(["logs", "--store", "elsewhere", ""], [], ["@last"])

expect("no shell", kfpc("completion")[0] == 2)
expect("a shell that there is not", kfpc("completion", "csh")[0] == 2)


def read(fd, wanted):
    """What a terminal shows until `wanted` is in it."""
    seen, end = "", time.time() + PATIENCE
    while wanted not in seen and time.time() < end:
        if select.select([fd], [], [], 0.2)[0]:
            try:
                seen += os.read(fd, 65536).decode("utf-8", "replace")
            except OSError:
                break
    return seen


def types(command, setup, typed, wanted):
    """A shell in a terminal shows `wanted` once `typed` was typed."""
    pid, fd = pty.fork()
    if not pid:
        os.environ.update(TERM="dumb", PS1="", HOME=os.getcwd())
        os.execvp(command[0], command)
    os.write(fd, (setup + "; echo rea''dy\n").encode())
    seen = read(fd, "ready\r\n")
    os.write(fd, typed.encode())
    seen = read(fd, wanted)
    expect(f"{command[0]}: after {typed!r} it shows {seen!r}", wanted in seen)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    os.close(fd)


BASH = ["bash", "--norc", "--noprofile", "-i"]
SETUP = "source <(kfpc completion bash)"
types(BASH, SETUP, "kfpc expl\t", "kfpc explain")
types(BASH, SETUP, "kfpc compl\t", "kfpc completion")
types(BASH, SETUP, "kfpc run --progress=q\t", "--progress=quiet")
types(BASH, SETUP, "kfpc get @last/m.sc\t", "last/m.score")
types(BASH, SETUP, "kfpc check wr\t", "wrong.kfp")
if shutil.which("zsh"):
    SETUP = "autoload -U compinit; compinit -u; source <(kfpc completion zsh)"
    types(["zsh", "-f", "-i"], SETUP, "kfpc compl\t", "kfpc completion")
    types(["zsh", "-f", "-i"], SETUP, "kfpc check wr\t", "wrong.kfp")
if shutil.which("fish"):
    p = subprocess.run(["fish", "-c", "kfpc completion fish | source; "
                        "complete -C 'kfpc run --prog'; complete -C 'kfpc check wr'"],
                       capture_output=True, text=True)
    expect(f"fish: {p.stdout}{p.stderr}",
           "--progress\t" in p.stdout and "wrong.kfp" in p.stdout)
for problem in problems:
    print(problem)
raise SystemExit(bool(problems))
