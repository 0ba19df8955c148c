# Python contents at compile time: diagnostics within .py files, the cache of replies, and
# interpreters that are not there or do not work.
unset KFPC_PYTHON
export XDG_CACHE_HOME="$PWD/cache"

fail() {
	echo "$*" >&2
	exit 1
}

# says TEXT: the last check said it; silent: it said nothing.
says() { grep -qF -- "$1" out || { cat out >&2; fail "not said: $1"; }; }
silent() { [ ! -s out ] || { cat out >&2; fail "something was said"; }; }
# check STATUS FILE
check() {
	status=0
	kfpc check --json "$2" >out 2>err || status=$?
	[ "$status" = "$1" ] || { cat out err >&2; fail "exit status $status for $2, not $1"; }
}

cat >file.kfp <<'KFP'
component train(n: int) -> (x: int, y: int):
    python = "train.py:train"
KFP
cat >train.py <<'PY'
def train(n, steps):
    return n, undefined_name, 3
PY
check 1 file.kfp
says '"code":"E0507"'
says '"code":"E0502"'
says '"code":"E0503"'
says '"file":"train.py"'
grep -F '"code":"E0507"' out | grep -qF '"line":1,"col":14' || fail "E0507 is at another place"
grep -F '"code":"E0502"' out | grep -qF '"line":2,"col":15' || fail "E0502 is at another place"

# Type hints that say something else: both places are named.
cat >hinted.kfp <<'KFP'
component hinted(n: int, note: str? = None, data: Dataset) -> (x: int, y: str):
    python = "hinted.py:f"
KFP
cat >hinted.py <<'PY'
def f(n: str, note: str, data: int) -> tuple[int, int]:
    return 1, 2
PY
check 1 hinted.kfp
says "parameter 'n' is hinted 'str', and the component passes int"
says "parameter 'note' is hinted 'str', and the component may pass None"
says "parameter 'data' is hinted 'int', and the component passes Dataset"
says "the return hint 'tuple[int, int]' does not give the output 'y', which is str"
kfpc check hinted.kfp >text 2>&1 || true
grep -qF 'hinted.py:1:10' text || fail "the place in the file is not shown"
grep -qF 'hinted.kfp:1:18' text || fail "the place in the program is not shown"

# Hints that fit are kept: artifacts come as what they ask for.
cat >fits.kfp <<'KFP'
component write() -> (text: Dataset[txt]):
    shell:
        echo 한글 텍스트 > "$text_path"

component read(text: Dataset[txt], other: Dataset, name: str?) -> (model: Model, n: int, kinds: str):
    python = "fits.py:read"

pipeline p(name: str? = None) -> str:
    w = write()
    r = read(text=w.text, other=w.text, name=name)
    return r.kinds
KFP
cat >fits.py <<'PY'
from __future__ import annotations
import os
import pathlib
from typing import NamedTuple


class Result(NamedTuple):
    kinds: str
    n: int


def read(text: pathlib.Path, other: str | None, model: os.PathLike, text_path: pathlib.Path,
         name: str | None, seed: int = 1, **rest) -> Result:
    with open(model, "w") as f:
        f.write(text.read_text() + other)
    kinds = [type(x).__name__ for x in (text, other, model, text_path, name)]
    return Result(" ".join(kinds), len(text.read_text()) + len(rest))
PY
check 0 fits.kfp
silent
kfpc run fits.kfp >out 2>err || { cat out err >&2; fail "the function failed"; }
says 'PosixPath str Artifact PosixPath NoneType'

# A second time the same is said from the cache; a change is seen.  (The file is replaced
# whenever an interpreter was asked.)
check 1 file.kfp
cp out first
kept=$(ls -i cache/kfpc/pycheck/*)
check 1 file.kfp
cmp -s out first || fail "the cache says something else"
[ "$(ls -i cache/kfpc/pycheck/*)" = "$kept" ] || fail "an interpreter was asked again"
printf 'def train(n):\n    return n, n\n' >train.py
check 0 file.kfp
silent
[ "$(ls -i cache/kfpc/pycheck/*)" != "$kept" ] || fail "the change was not seen"

# A cache that is damaged, or cannot be written, is as none.
for f in cache/kfpc/pycheck/*; do
	sed 's/diags/diagx/' "$f" >changed
	cp changed "$f"
done
check 0 file.kfp
silent
for f in cache/kfpc/pycheck/*; do
	head -c 100 "$f" >changed
	cp changed "$f"
done
check 0 file.kfp
silent
rm -r cache
echo "a file in its place" >cache
check 0 file.kfp
silent
rm cache

# Files beside a program do not travel.
cat >beside.kfp <<'KFP'
component c() -> (x: int):
    python:
        import helpers
        x = helpers.f()
KFP
echo 'def f(): return 1' >helpers.py
check 0 beside.kfp
says '"code":"W0502"'
says "'helpers.py' lies beside this file"

# A file of Python has comments of its own, which silence what they name.
cat >net.kfp <<'KFP'
component c(url: str) -> (x: str):
    python = "net.py:get"
KFP
for comment in '' '# kfpc: allow W0502' '# kfpc: allowW0505'; do
	printf 'import urllib.request\n\n\ndef get(url: str) -> str:\n    return str(urllib.request.urlopen(url))  %s\n' "$comment" >net.py
	check 0 net.kfp
	says '"code":"W0505"'
done
for comment in '# kfpc: allow W0505' '#kfpc: allow W0301, W0505: it never changes'; do
	printf 'import urllib.request\n\n\ndef get(url: str) -> str:\n    return str(urllib.request.urlopen(url))  %s\n' "$comment" >net.py
	check 0 net.kfp
	silent
done

# No interpreter, one that fails, one that answers nonsense: a warning says so.
export KFPC_PYTHON="$PWD/none"
check 0 file.kfp
says '"code":"W0503"'
printf '#!/bin/sh\necho broken to pieces >&2\nexit 3\n' >failing
printf '#!/bin/sh\necho nonsense\n' >talking
chmod +x failing talking
KFPC_PYTHON=$PWD/failing
check 0 file.kfp
says '"code":"W0503"'
KFPC_PYTHON=$PWD/talking
check 0 file.kfp
says '"code":"W0503"'

# It can be left out.
kfpc check --no-python --json beside.kfp >out
silent
