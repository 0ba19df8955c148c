# Compiled modules that were cut, changed or are none: refused in words by `run`, `dis` and
# kfpvm, before anything is started.
. "$srcdir/tests/lib/bad.sh"

cat >m.kfp <<'KFP'
enum Kind: a, b
environment env:
    env:
        K = "v"

component make(n: int = 3 where n > 0, kind: Kind = Kind.a) -> (data: Dataset[csv], m: Metric):
    environment = env
    python:
        open(data, "w").write(str(n))
        m = 0.5

component say(text: str) -> (said: str):
    shell:
        printf %s "$text" > "$said_path"

pipeline inner(n: int) -> Metric:
    x = make(n=n)
    return x.m

pipeline p(a: int = 2, text: str = "v") -> str:
    i = inner(n=a * 2)
    if i > 0.2 and a != 7:
        t = say(text=f"{text} {a + 1}")
    else:
        t = say(text="no")
    return t.said

config prod for p:
    a = 5
KFP
gives 0 kfpc build m.kfp -o m.kfpb
gives 0 kfpc dis m.kfpb
gives 1 kfpc check m.kfpb
says "this is a compiled module, not a program"
gives 0 kfpc build m.kfp -o again.kfpb
cmp m.kfpb again.kfpb

all() {	# all STATUS FILE
	gives "$1" kfpc run "$2" p
	gives "$1" kfpc dis "$2"
	gives "$1" kfpvm "$2" p
	[ ! -s out ] || fail "$2 gave a result"
	[ ! -e .kfpc ] || fail "$2 made a store"
}

all 4 missing.kfpb
mkdir folder.kfpb
all 4 folder.kfpb
: >empty.kfpb
all 1 empty.kfpb
says "empty.kfpb"
cp m.kfp text.kfpb
all 1 text.kfpb
head -c 100000 /dev/urandom >random.kfpb
all 1 random.kfpb
sed 's/$/\r/' m.kfpb >crlf.kfpb
all 1 crlf.kfpb
{ cat m.kfpb; echo; } >long.kfpb
all 1 long.kfpb
gives 0 kfpc build m.kfp -o /dev/null
[ -c /dev/null ] || fail "/dev/null was replaced"
gives 0 kfpc build m.kfp -o /dev/stdout
cmp out m.kfpb
gives 4 kfpc build m.kfp -o folder.kfpb
gives 4 kfpc build m.kfp -o nowhere/m.kfpb
gives 4 kfpc build m.kfp -o /dev/full

# Each cut and each flipped bit is seen.
cat >damage.py <<'PY'
import random
import subprocess
import sys

good = open("m.kfpb", "rb").read()
random.seed(7)


def look(data, want):
    with open("x.kfpb", "wb") as f:
        f.write(data)
    p = subprocess.run(["kfpc", "dis", "x.kfpb"], capture_output=True, timeout=60)
    bad = p.returncode not in want or b"Sanitizer" in p.stderr or b"runtime error" in p.stderr
    if bad or (p.returncode and not p.stderr.startswith(b"kfpc: x.kfpb: ")):
        sys.exit(f"status {p.returncode}, {p.stderr[:2000]}")


for n in sorted(random.sample(range(len(good)), 60)):
    look(good[:n], [1])
for n in random.sample(range(8 * len(good)), 200):
    data = bytearray(good)
    data[n // 8] ^= 1 << n % 8
    look(bytes(data), [1])
PY
python3 damage.py >out 2>err || fail "damaged modules"
gives 0 kfpvm m.kfpb p --json
gives 0 kfpc run m.kfpb p --json
[ "$(json_of 'd["outputs"]')" = "{'output': 'v 3'}" ] || fail "outputs"
gives 0 kfpc runs
gives 0 kfpc fsck
