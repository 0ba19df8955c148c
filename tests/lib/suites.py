"""The suites: where cases are found and how one is run."""
import difflib
import os
import pathlib
import re
import signal
import subprocess
import tempfile

import declared
import docs
import expect

SHARES = 6  # that the pool of programs to export is dealt out to
SKIP = 77  # exit status of a program that says it cannot run here


class Context:
    def __init__(self, top, build, work, env, update, timeout):
        self.top, self.build, self.work = top, build, work
        self.env, self.update, self.timeout = env, update, timeout

    def folder(self, case):
        """A new empty folder for the case, and the environment with a store in it."""
        path = pathlib.Path(tempfile.mkdtemp(
            dir=self.work, prefix=case.name.replace("/", "-")[-40:] + "."))
        return path, dict(self.env, KFPC_STORE=str(path / ".kfpc"), TMPDIR=str(path))

    def call(self, argv, **kw):
        """(status, stdout, stderr) as bytes.  What it leaves running in its group is killed."""
        p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=kw.pop("stderr", subprocess.PIPE),
                             start_new_session=True, **kw)
        try:
            out, err = p.communicate(timeout=self.timeout)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            out, err = p.communicate()
            err = (err or b"") + b"\ntimed out after %d s" % self.timeout
            return 124, out, err
        try:
            os.killpg(p.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        return p.returncode, out, err or b""


class Outcome:
    def __init__(self, state, text=""):
        self.state, self.text = state, text


def passed(text=""):
    return Outcome("passed", text)


def failed(text):
    return Outcome("failed", text)


def shown(data, limit=8000):
    text = data.decode("utf-8", "replace")
    return text if len(text) <= limit else text[:limit // 2] + "\n...\n" + text[-limit // 2:]


def crash(status, err):
    """Words for an end that no test may expect: a signal, or a sanitizer's report."""
    if status < 0 or b"AddressSanitizer" in err or b"runtime error:" in err:
        return f"crashed with status {status}\n{shown(err)}"
    return ""


class Case:
    suite = ""

    def __init__(self, path, name):
        self.path, self.name = path, name


class Unit(Case):
    """A C program that prints TAP; one case, its failing checks are shown."""
    suite = "unit"

    def run(self, ctx):
        folder, env = ctx.folder(self)
        status, out, err = ctx.call([ctx.build / "tests/unit" / self.path.stem],
                                    cwd=folder, env=env)
        lines, bad, wrong = shown(out, 100000).split("\n"), [], False
        for line in lines:
            if line.startswith(("ok ", "not ok ")):
                wrong = line.startswith("not ok ")
            if wrong:
                bad.append(line)
        if status == 0 and not bad and any(line.startswith("1..") for line in lines):
            return passed()
        return failed("\n".join(bad[:40]) + f"\nstatus {status}\n" + shown(err))


class Golden(Case):
    """NAME.kfp, and what a command prints for it in NAME.SUFFIX."""
    after = ()

    def golden(self):
        return self.path.with_suffix(self.suffix)

    def normal(self, out):
        return out

    def run(self, ctx):
        golden = self.golden()
        status, out, err = ctx.call([ctx.build / "kfpc", *self.command, self.path.name,
                                     *self.after],
                                    cwd=self.path.parent, env=ctx.env)
        if crash(status, err) or status:
            return failed(crash(status, err) or f"status {status}\n{shown(err)}{shown(out)}")
        out = self.normal(out)
        if ctx.update:
            golden.write_bytes(out)
        want = golden.read_bytes() if golden.exists() else b""
        if out == want:
            return passed()
        diff = difflib.unified_diff(shown(want, 1 << 20).split("\n"),
                                    shown(out, 1 << 20).split("\n"),
                                    str(golden.name), "got", lineterm="", n=2)
        return failed("\n".join(list(diff)[:60]))


class Parse(Golden):
    suite, suffix, command = "parse", ".ast", ("check", "--ast")


class Lower(Golden):
    suite, suffix, command = "lower", ".dis", ("dis",)


class Graph(Golden):
    """The pictures and the graph of the only pipeline of a program; those of the examples have
    their goldens in tests/graph, too."""
    suite = "graph"
    SUFFIXES = {"dot": ".dot", "mermaid": ".mmd", "json": ".json"}
    EXAMPLES = "iris", "epochs", "korean", "numbers"

    def __init__(self, path, name, form, folder):
        super().__init__(path, name)
        self.suffix, self.command, self.folder = self.SUFFIXES[form], ("export", form), folder

    def golden(self):
        return self.folder / (self.path.stem + self.suffix)


class Export(Golden):
    """A pipeline of an example for a cluster, without the launcher."""
    suite = "export"
    LAUNCHER = re.compile(rb'^( +)- "\\"\\"\\"Runs the contents of one .*\n(?:\1  .*\n)*', re.M)

    def __init__(self, path, pipeline, folder):
        name = path.stem + "_" + pipeline if pipeline != path.stem else path.stem
        super().__init__(path, f"export/{name}_kfp")
        self.command = "export", "kfp"
        self.after = [pipeline]
        self.at = folder / f"{name}.yaml"

    def golden(self):
        return self.at

    def normal(self, out):
        return self.LAUNCHER.sub(rb"\1- LAUNCHER\n", out)

    def run(self, ctx):
        outcome = super().run(ctx)
        if not self.at.exists() and "error E10" in outcome.text:
            return Outcome("skipped", "it is refused: " + outcome.text.split("\n")[1])
        return outcome

    @staticmethod
    def pipelines(path):
        """Those that no other calls."""
        text = path.read_text("utf-8")
        return [name for name in re.findall(r"^pipeline (\w+)", text, re.M)
                if not re.search(rf"^ .*(?<!\.)\b{name}\(", text, re.M)]


class ArgoExport(Export):
    """The same for Argo; the names of the ConfigMaps say what is in them."""
    LAUNCHER = re.compile(rb"^  kfpc_task\.py: \|\n(?:(?:    .*)?\n)*", re.M)
    NUMBER = re.compile(rb"(?<=-)[0-9a-f]{10}$", re.M)

    def __init__(self, path, pipeline, folder):
        super().__init__(path, pipeline, folder)
        self.name = self.name.removesuffix("kfp") + "argo"
        self.command = "export", "argo"
        self.at = self.at.with_suffix(".argo.yaml")

    def normal(self, out):
        return self.NUMBER.sub(b"NUMBER", self.LAUNCHER.sub(b"  kfpc_task.py: LAUNCHER\n", out))


class Fmt(Case):
    """NAME.kfp, formatted in place, is NAME.fmt, and that is canonical; err_NAME.kfp has errors."""
    suite = "fmt"

    def run(self, ctx):
        folder, env = ctx.folder(self)
        golden, copy = self.path.with_suffix(".fmt"), folder / self.path.name
        copy.write_bytes(self.path.read_bytes())
        for turn in ("", "formatting it again changes it\n"):
            status, _, err = ctx.call([ctx.build / "kfpc", "fmt", copy], env=env)
            if crash(status, err) or status != self.path.name.startswith("err_"):
                return failed(crash(status, err) or f"status {status}\n{shown(err)}")
            if ctx.update and not turn:
                golden.write_bytes(copy.read_bytes())
            want = shown(golden.read_bytes() if golden.exists() else b"", 1 << 20)
            got = shown(copy.read_bytes(), 1 << 20)
            if want != got:
                diff = difflib.unified_diff(want.split("\n"), got.split("\n"), golden.name,
                                            "got", lineterm="", n=2)
                return failed(turn + "\n".join(list(diff)[:60]))
        return passed()


class Check(Case):
    """A program with its expectations in comments; see expect.py.

    In lang, one that is right must also pass the tests that it declares.
    """

    def __init__(self, path, name, suite):
        super().__init__(path, name)
        self.suite = suite

    def run(self, ctx):
        folder = self.path.parent
        files = sorted(folder.rglob("*.kfp")) if self.path.name == "main.kfp" else [self.path]
        syntax_alone = ["--ast"] if self.suite == "parse" else []
        status, out, err = ctx.call(
            [ctx.build / "kfpc", "check", *syntax_alone, "--json", self.path.name],
            cwd=folder, env=ctx.env)
        if crash(status, err):
            return failed(crash(status, err))
        problems = expect.compare(expect.read(files, folder), out, status)
        if not problems and status == 0 and self.suite == "lang":
            problems = declared.run(self.path, self.path.parent, ctx.folder(self)[1], ctx)
        return failed("\n".join(problems) + "\n" + shown(err)) if problems else passed()


class Script(Case):
    """A shell or Python program in a folder of its own: status 0 passed, 77 skipped."""

    def __init__(self, path, name, suite, share=None):
        super().__init__(path, name)
        self.suite, self.share = suite, share

    def run(self, ctx):
        folder, env = ctx.folder(self)
        env["PYTHONPATH"] = str(ctx.top / "tests/lib")
        if self.share:
            env["KFPC_SHARE"] = self.share
        run = ["sh", "-eu"] if self.path.suffix == ".sh" else ["python3"]
        status, out, _ = ctx.call([*run, self.path], cwd=folder, env=env,
                                  stderr=subprocess.STDOUT)
        if status == SKIP:
            return Outcome("skipped", shown(out).strip().split("\n")[-1])
        return passed() if status == 0 else failed(f"status {status}\n{shown(out)}")


class Doc(Case):
    """A document whose kfp and console blocks are tried; see docs.py."""
    suite = "doc"

    def run(self, ctx):
        folder, env = ctx.folder(self)
        problems = docs.run(self.path, folder, env, ctx)
        return failed("\n".join(problems)) if problems else passed()


class Layers(Case):
    suite = "layers"

    def run(self, ctx):
        status, out, err = ctx.call([self.path, *self.args], env=ctx.env)
        return passed() if status == 0 else failed(shown(out + err))

    def __init__(self, path, name, *args):
        super().__init__(path, name)
        self.args = args


def programs(folder):
    """main.kfp of each folder, and each file that stands alone."""
    for path in sorted(folder.rglob("*.kfp")):
        alone = not any((up / "main.kfp").exists() for up in path.parents if folder in up.parents)
        if path.name == "main.kfp" or alone:
            yield path


def find_all(top, build):
    tests = top / "tests"
    cases = [Layers(tests / "layers", "layers/includes"),
             Layers(top / "build-aux/sources", "layers/sources", "--check")]
    cases += [Unit(p, "unit/" + p.stem) for p in sorted((tests / "unit").glob("*.c"))]
    for path in programs(tests / "parse"):
        name = str(path.relative_to(tests).with_suffix(""))
        if path.name.startswith("err_"):
            cases.append(Check(path, name, "parse"))
        else:
            cases.append(Parse(path, name))
    for suite in ("check", "lang"):
        for path in programs(tests / suite):
            cases.append(Check(path, str(path.relative_to(tests).with_suffix("")), suite))
    for path in programs(tests / "lower"):
        cases.append(Lower(path, str(path.relative_to(tests).with_suffix(""))))
    folder = tests / "graph"
    drawn = [*sorted(folder.glob("*.kfp")),
             *(top / f"examples/{name}/{name}.kfp" for name in Graph.EXAMPLES)]
    cases += [Graph(p, f"graph/{p.stem}_{form}", form, folder)
              for p in drawn for form in Graph.SUFFIXES]
    cases += [form(p, name, tests / "export/golden") for form in (Export, ArgoExport)
              for p in sorted((top / "examples").glob("*/*.kfp")) for name in Export.pipelines(p)]
    cases += [Fmt(p, "fmt/" + p.stem) for p in sorted((tests / "fmt").glob("*.kfp"))]
    for suite in ("cli", "term", "std", "examples", "editors", "export"):
        for path in sorted((tests / suite).glob("*.*")):
            if suite == "export" and path.stem in ("kfp", "argo"):
                cases += [Script(path, f"{suite}/{path.stem}_{i}", suite, f"{i} {SHARES}")
                          for i in range(1, SHARES + 1)]
            elif path.suffix in (".sh", ".py"):
                cases.append(Script(path, f"{suite}/{path.stem}", suite))
    pages = [top / "README.md", top / "examples/README.md", *sorted((top / "doc").rglob("*.md"))]
    cases += [Doc(p, "doc/" + str(p.relative_to(top))) for p in pages if p.exists()]
    return cases
