# native = "lib:symbol": every type both ways, and libraries that misbehave.
import json
import os
import shutil
import subprocess
import sys

CC = next((c for c in ("cc", "gcc", "clang") if shutil.which(c)), None)
if not CC:
    print("no C compiler: native components are not tried")
    sys.exit(77)

CODE = r"""
#include "runtime/exec/native.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int numbers(int64_t i, double f, int b, int64_t d, int64_t s,
	    int64_t *io, double *fo, int *bo, int64_t *dout, int64_t *so, double *m,
	    char *err, size_t nerr)
{
	*io = i + 1; *fo = f / 2; *bo = !b; *dout = d * 2; *so = s * 2; *m = f;
	(void)err; (void)nerr;
	return 0;
}

int texts(const char *s, const char *kind, const char *j, const char *l, const char *d,
	  char **so, char **ko, char **jo, char **lo, char **dout, char *err, size_t nerr)
{
	*so = malloc(strlen(s) + 2); sprintf(*so, "%s!", s);
	*ko = strdup(strcmp(kind, "small") ? "small" : "big-one");
	*jo = strdup(j); *lo = strdup(l); *dout = strdup(d);
	(void)err; (void)nerr;
	return 0;
}

int maybe(const int64_t *i, const double *f, const int *b, const char *s, const char *l,
	  int64_t **io, double **fo, int **bo, char **so, char **lo, char *err, size_t nerr)
{
	if (i) { *io = malloc(sizeof **io); **io = -*i; }
	if (f) { *fo = malloc(sizeof **fo); **fo = -*f; }
	if (b) { *bo = malloc(sizeof **bo); **bo = !*b; }
	if (s) *so = strdup(s);
	if (l) *lo = strdup(l);
	(void)err; (void)nerr;
	return 0;
}

int copies(const char *from, const char *to, int64_t *bytes, char *err, size_t nerr)
{
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	int c;
	if (!in || !out) { snprintf(err, nerr, "cannot open %s", in ? to : from); return 2; }
	while ((c = getc(in)) != EOF) { putc(c, out); ++*bytes; }
	fclose(in); fclose(out);
	return 0;
}

int logs(struct kfp_ctx *ctx, int64_t n, const char *name, int64_t *bad, char *err, size_t nerr)
{
	for (int64_t i = 0; i < n; i++)
		*bad += kfp_log(ctx, name, i * 10, 1.0 / (double)(i + 1)) != 0;
	printf("printed %d\n", ctx->version == KFP_ABI_VERSION);
	fprintf(stderr, "to stderr %s\n", getenv("WHO") ? getenv("WHO") : "-");
	(void)err; (void)nerr;
	return 0;
}

static char *endless(void)
{
	size_t n = 20 << 20;
	char *p = malloc(n + 1);
	memset(p, 'x', n);
	p[n] = 0;
	return p;
}

static void set(char **p, char *to)
{
	free(*p);
	*p = to;
}

int bad(const char *how, char **text, double *number, char **js, char *err, size_t nerr)
{
	static char not_allocated[] = "x";
	*text = strdup("fine"); *js = strdup("[1]"); *number = 1;
#define IS(what) (!strcmp(how, what))
	if (IS("segv")) *(volatile int *)(size_t)getpid() = 1;
	if (IS("abort")) abort();
	if (IS("kill")) raise(SIGKILL);
	if (IS("exit")) exit(0);
	if (IS("exit3")) { puts("going"); exit(3); }
	if (IS("_exit")) _exit(9);
	if (IS("loop")) for (;;) ;
	if (IS("wait")) { signal(SIGTERM, SIG_IGN); for (;;) pause(); }
	if (IS("fork")) { if (!fork()) for (;;) pause(); }
	if (IS("code")) return 5;
	if (IS("message")) { snprintf(err, nerr, "the \xff number is odd\n"); return -1; }
	if (IS("long")) { memset(err, 'e', nerr); return 1; }
	if (IS("static")) *text = not_allocated;
	if (IS("wild")) *text = (char *)(size_t)16;
	if (IS("utf8")) strcpy(*text, "\xff\xfe");
	if (IS("unset")) set(text, NULL);
	if (IS("huge")) set(text, endless());
	if (IS("nojson")) set(js, strdup("[1, 2"));
	if (IS("nan")) set(js, strdup("[NaN]"));
	if (IS("type")) set(js, strdup("{\"a\": 1}"));
	if (IS("deep")) { set(js, malloc(100001)); memset(*js, '[', 100000); (*js)[100000] = 0; }
	if (IS("number")) *number = 0.0 / 0.0;
	if (IS("closes")) for (int i = 0; i < 64; i++) close(i);
	return 0;
}

__attribute__((destructor)) static void at_end(void)
{
	if (getenv("DIE_LATE")) abort();
}

/* how many bytes all files have; what comes with a Point comes back moved */
int several(const char *const *files, int64_t nfiles, const char *extra, const char *const *more,
	    int64_t nmore, int64_t *bytes, char **which, char *err, size_t nerr)
{
	char names[400] = "";
	for (int64_t i = 0; i < nfiles + nmore + (extra != NULL); i++) {
		const char *path = i < nfiles ? files[i] : i < nfiles + nmore ? more[i - nfiles] : extra;
		FILE *f = fopen(path, "r");
		if (!f) { snprintf(err, nerr, "cannot open %s", path); return 1; }
		while (getc(f) != EOF) ++*bytes;
		fclose(f);
	}
	snprintf(names, sizeof names, "%d %d %d", (int)nfiles, (int)nmore, extra != NULL);
	*which = strdup(names);
	return more && files ? 0 : 2;
}

int move(const char *point, const char *points, char **moved, char **first, char *err, size_t nerr)
{
	if (strcmp(point, "{\"x\": 1, \"name\": \"a\"}")) {
		snprintf(err, nerr, "%s", point);
		return 1;
	}
	*moved = strdup("{\"x\": 2, \"name\": \"b\"}");
	*first = strdup(strcmp(points, "[]") ? points : "[{\"x\": \"one\", \"name\": \"c\"}]");
	return 0;
}

int quietly(struct kfp_ctx *ctx, const char *data, const char *copy, char *err, size_t nerr)
{
	int64_t bytes = 0;
	return kfp_log(ctx, "loss", 1, 0.5) || kfp_log(ctx, "loss", 2, 0.25) ||
	       kfp_log(ctx, "other", 7, 7) || copies(data, copy, &bytes, err, nerr);
}

int train(const char *model, char *err, size_t nerr)
{
	FILE *f = fopen(model, "w");
	(void)err; (void)nerr;
	return !f || fputs("weights", f) < 0 || fclose(f);
}

int add(int64_t a, int64_t b, int64_t *sum, char *err, size_t nerr)
{
	if (b < 0) { snprintf(err, nerr, "b is negative"); return 1; }
	*sum = a + b;
	return 0;
}
"""

KFP = """
enum Kind: small, big = "big-one"

component numbers(i: int, f: float, b: bool, d: duration, s: size) -> (io: int, fo: float, bo: bool, dout: duration, so: size, m: Metric):
    native = "my:numbers"

component texts(s: str, kind: Kind, j: json, l: list[int], d: dict[str, float]) -> (so: str, ko: Kind, jo: json, lo: list[int], dout: dict[str, float]):
    native = "my:texts"

component maybe(i: int?, f: float?, b: bool?, s: str?, l: list[str]?) -> (io: int?, fo: float?, bo: bool?, so: str?, lo: list[str]?):
    native = "my:maybe"

component write() -> (data: Dataset[csv]):
    shell:
        printf 'a,b\\n1,2\\n' > "$data_path"

component copies(data: Dataset[csv]) -> (copy: Dataset[csv], bytes: int):
    native = "my:copies"

component logs(n: int, name: str) -> (bad: int, loss: Series):
    environment:
        env = {"WHO": "me"}
    native = "my:logs"

component bad(how: str) -> (text: str, number: float, js: list[float]):
    native = "my:bad"
    timeout = 1s

component late(how: str) -> (text: str, number: float, js: list[float]):
    environment:
        env = {"DIE_LATE": "yes"}
    native = "my:bad"

component add(a: int, b: int) -> int:
    native = "my:add"
    trusted = on

component one(n: int) -> (data: Dataset):
    shell:
        printf "%0${n}d" 0 > "$data_path"

component several(files: list[Dataset], extra: Dataset? = None, more: list[Dataset]) -> (bytes: int, which: str):
    native = "my:several"

struct Point:
    x: int
    name: str

component move(point: Point, points: list[Point]) -> (moved: Point, first: list[Point]):
    native = "my:move"

component no_library():
    native = "nothing:f"

component no_symbol():
    native = "my:nothing"

component no_elf():
    native = "text:f"

component trained() -> (model: Model):
    native = "my:train"

pipeline types(x: float = 1.5, s: str = "é\\n", j: json = json({"a": [1, None]})) -> (io: int, fo: float, bo: bool, dout: duration, so: size, m: float, text: str, kind: Kind, jo: json, lo: list[int], dd: dict[str, float], copied: int):
    n = numbers(i=-9223372036854775807, f=x, b=True, d=90s, s=2KiB)
    t = texts(s=s, kind=Kind.small, j=j, l=[1, 2], d={"k": 0.5})
    c = copies(data=write())
    return io=n.io, fo=n.fo, bo=n.bo, dout=n.dout, so=n.so, m=n.m, text=t.so, kind=t.ko, jo=t.jo, lo=t.lo, dd=t.dout, copied=c.bytes

pipeline options(i: int? = None, f: float? = None, b: bool? = None, s: str? = None, l: list[str]? = None) -> (io: int?, fo: float?, bo: bool?, so: str?, lo: list[str]?):
    m = maybe(i=i, f=f, b=b, s=s, l=l)
    return io=m.io, fo=m.fo, bo=m.bo, so=m.so, lo=m.lo

pipeline log(name: str = "loss") -> (bad: int, last: float):
    g = logs(n=3, name=name)
    return bad=g.bad, last=g.loss.last

pipeline misbehaves(how: str) -> (text: str, number: float):
    x = bad(how=how)
    return text=x.text, number=x.number

pipeline dies_late() -> str:
    x = late(how="")
    return x.text

pipeline trusting(b: int = 2) -> int:
    one = add(a=40, b=b)
    two = add(a=one, b=0)
    return two

pipeline many() -> (bytes: int, which: str, none: str):
    a = one(n=1)
    b = one(n=2)
    extra = one(n=100)
    s = several(files=[a.data, b.data, a.data], extra=extra.data, more=[b.data])
    t = several(files=[], more=[])
    return bytes=s.bytes, which=s.which, none=t.which

pipeline moves(points: list[Point]) -> (moved: Point, first: list[Point]):
    m = move(point=Point(x=1, name="a"), points=points)
    return moved=m.moved, first=m.first

pipeline missing_library():
    no_library()

pipeline maybe_missing(wanted: bool = False):
    if wanted:
        no_library()

component quietly(data: Dataset[csv]) -> (copy: Dataset[csv], loss: Series, other: Series):
    native = "my:quietly"
    trusted = on

pipeline trusted_files() -> (last: float, other: float, bytes: int):
    q = quietly(data=write())
    c = copies(data=q.copy)
    return last=q.loss.last, other=q.other.last, bytes=c.bytes

pipeline models():
    x = trained()

pipeline missing_symbol():
    no_symbol()

pipeline not_elf():
    no_elf()
"""


def run(*args, status=0, env=None, timeout=60):
    r = subprocess.run(["kfpc", "run", "n.kfp", *args, "--json"], capture_output=True, text=True,
                       timeout=timeout, env=dict(os.environ, **(env or {})))
    assert r.returncode == status, (args, r.returncode, r.stdout, r.stderr)
    return json.loads(r.stdout)


def fails(pipeline, *args, says, env=None):
    tasks = run(pipeline, *args, status=3, env=env)["tasks"]
    errors = [t["error"] for t in tasks.values() if t["state"] == "failed"]
    assert len(errors) == 1 and says in errors[0], (pipeline, args, errors, says)
    return errors[0]


def refused(pipeline, says, env=None):
    """Before there is a run."""
    r = run(pipeline, status=4, env=env)
    assert r["run_id"] is None and says in r["error"], r
    return r["error"]


def compile_library(text, to):
    with open("code.c", "w") as f:
        f.write(text)
    subprocess.run([CC, "-shared", "-fPIC", "-w", "-I", os.environ["srcdir"], "-o", to, "code.c"],
                   check=True)


os.mkdir("elsewhere")
compile_library(CODE, "libmy.so")
with open("n.kfp", "w") as f:
    f.write(KFP)
with open("text.so", "w") as f:
    f.write("this is no library\n")

# each type both ways
out = run("types")["outputs"]
assert out["io"] == -9223372036854775806 and out["fo"] == 0.75 and out["bo"] is False, out
assert out["dout"] == 180 and out["so"] == 4096 and out["m"] == 1.5, out
assert out["text"] == "é\n!" and out["kind"] == "big-one" and out["jo"] == {"a": [1, None]}, out
assert out["lo"] == [1, 2] and out["dd"] == {"k": 0.5} and out["copied"] == 8, out
assert run("types", "-p", "x=nan")["outputs"]["m"] == "NaN"
assert run("types", "-p", "j=null", "-p", "s=")["outputs"]["jo"] is None
with open("zero.json", "w") as f:
    f.write('"a\\u0000b"')
fails("types", "-p", "s=@zero.json", says="holds a NUL byte")

# what may be None
out = run("options")["outputs"]
assert list(out.values()) == [None] * 5, out
out = run("options", "-p", "i=3", "-p", "f=0.5", "-p", "b=true", "-p", "s=", "-p", 'l=["x"]')
assert list(out["outputs"].values()) == [-3, -0.5, False, "", ["x"]], out

# structures, and lists of artifacts
out = run("moves", "-p", 'points=[{"x": 1, "name": "é"}]')["outputs"]
assert out == {"moved": {"x": 2, "name": "b"}, "first": [{"x": 1, "name": "é"}]}, out
fails("moves", "-p", "points=[]", says="output 'first': ")
out = run("many")["outputs"]
assert out == {"bytes": 106, "which": "3 1 1", "none": "0 0 0"}, out

# points, what it prints, its environment
r = run("log")
assert r["outputs"] == {"bad": 0, "last": 1 / 3} and r["metrics"]["g.loss"] == 1 / 3, r
logged = subprocess.run(["kfpc", "logs", "@last"], capture_output=True, text=True).stdout
assert "printed 1" in logged and "to stderr me" in logged, logged
fails("log", "-p", "name=los", says="kfp_log: there is no Series output 'los'")

# libraries that misbehave fail their task, and say how
for how, says in {
    "segv": "bad: ended by signal 11 (Segmentation fault) in its function",
    "abort": "bad: ended by signal 6 (Aborted) in its function",
    "kill": "signal 9 (Killed) in its function: perhaps it ran out of memory",
    "exit": "bad: it ended the process (exit status 0) in its function",
    "exit3": "exit status 3",
    "_exit": "exit status 9",
    "loop": "longer than its timeout of 1 s",
    "code": "bad returned 5",
    "message": "the ? number is odd",
    "long": "eeeeeeee",
    "wild": "ended by signal 11 (Segmentation fault) while its outputs were read",
    "utf8": "output 'text': its text is not valid UTF-8",
    "unset": "output 'text': it was not set",
    "huge": "output 'text': its text is longer than 16 MiB, or does not end",
    "nojson": "output 'js': its text is not JSON",
    "nan": "output 'js': its text is not JSON",
    "type": "output 'js': ",
    "deep": "output 'js': its text is not JSON",
}.items():
    fails("misbehaves", "-p", "how=" + how, says=says)
with open(shutil.which("kfpc"), "rb") as f:
    SANITIZED = b"__asan_init" in f.read()
if not SANITIZED:      # a sanitizer has its own words for it
    fails("misbehaves", "-p", "how=static", says="while its outputs were read: are they from malloc")
assert run("misbehaves", "-p", "how=number")["outputs"] == {"text": "fine", "number": "NaN"}
run("misbehaves", "-p", "how=fork")
run("misbehaves", "-p", "how=closes")
fails("dies_late", says="ended by signal 6 (Aborted) after its function had returned")

# within kfpc
assert run("trusting")["outputs"] == {"output": 42}
fails("trusting", "-p", "b=-1", says="b is negative")

# a model keeps the library that trained it
run("models")
subprocess.run(["kfpc", "get", "@last/x.model", "--bundle", "-o", "bundle"], check=True,
               capture_output=True)
with open("bundle/code/libmy.so", "rb") as f, open("libmy.so", "rb") as g:
    assert f.read() == g.read()
with open("bundle/manifest.json") as f:
    assert json.load(f)["code"]["entry"] == "libmy.so:train"

# trusted: artifacts and points too
out = run("trusted_files")["outputs"]
assert out == {"last": 0.25, "other": 7, "bytes": 8}, out

# where libraries are looked for
fails("missing_symbol", says="libmy.so has no function 'nothing'")
fails("not_elf", says="cannot load the library: ")
error = refused("missing_library", "task 'no_library' cannot run here: there is no library "
                "'nothing': neither nothing.so nor libnothing.so is in",
                env={"KFPC_NATIVE_PATH": "/a:b"})
fails("maybe_missing", "-p", "wanted=true", says="there is no library 'nothing'")
run("maybe_missing")
assert "\n  /a\n  b\n" in error and "KFPC_NATIVE_PATH" in error, error
os.rename("libmy.so", "elsewhere/my.so")
refused("trusting", "task 'one' cannot run here: there is no library 'my'")
assert run("trusting", env={"KFPC_NATIVE_PATH": "none:elsewhere"})["outputs"] == {"output": 42}
out = run("types", env={"KFPC_NATIVE_PATH": "elsewhere"})["outputs"]
assert out["io"] == -9223372036854775806, out

# the folder of the module, whatever the current one; and kfpvm
subprocess.run(["kfpc", "build", "n.kfp", "-o", "elsewhere/n.kfpb"], check=True)
for program, pipeline in (("kfpc run", "types"), ("kfpvm", "types"), ("kfpvm", "trusting")):
    r = subprocess.run([*program.split(), "elsewhere/n.kfpb", pipeline, "--json"],
                       capture_output=True, text=True)
    assert r.returncode == 0, (program, pipeline, r.stderr)

# the contents of the library are part of the key
def key():
    run("trusting")
    with open(os.path.join(newest(), "journal")) as f:
        record = next(r for r in map(json.loads, f) if r.get("event") == "task_started")
    return record["key"]["code"]


def newest():
    runs = os.path.join(os.environ["KFPC_STORE"], "runs")
    return os.path.join(runs, max(os.listdir(runs)))


os.rename("elsewhere/my.so", "my.so")
first = key()
assert key() == first
compile_library(CODE + "int more;\n", "my.so")
assert key() != first
