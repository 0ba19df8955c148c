# kfpc doc: text, Markdown, JSON; what is private, broken, missing or strange.
fail() { echo "$*"; exit 1; }
want() { s=0; "$@" >out 2>err || s=$?; [ $s -eq $status ] || fail "$* ended with $s: $(cat err)"; }
has() { grep -qF -e "$1" out || fail "lacks '$1': $(cat out)"; }

cat >a.kfp <<'END'
## 파이프라인의 모음.

## A | B
enum Kind:
    ## Left | right.
    a
    b = "bee"
struct Box:
    ## 너비
    w: float = (1.0 + 2.0) * 3.0 where w > 0
    inner: list[Box]?
type P = float where value > 0
artifact Tok(Model)
const N: int = 3
def twice(x: int) -> int:
    return 2 * x
environment e:
    packages = ["dill==0.3.9"]
component c(x: Dataset[csv], n: int = 1) -> (y: Model, z: Metric):
    shell:
        true
component _hidden():
    shell:
        true
pipeline p(x: Dataset[csv]) -> Model:
    t = c(x=x)
    return t.y
config fast for p:
    t.n = 2
END
cp a.kfp before

status=0; want kfpc doc a.kfp
has '파이프라인의 모음.'
has '    c(x, n) -> (y, z)'
has '        n: int = 1'
has '        w: float = (1.0 + 2.0) * 3.0 where w > 0'
has '            너비'
has '    twice(x) -> int'
has '    Tok(Model)'
has '    fast for p'
has '        packages = ["dill==0.3.9"]'
! grep -q _hidden out || fail "shows what is private"
cmp a.kfp before

status=0; want kfpc doc -m a.kfp
has '| `a` |  | Left \| right. |'
has '`const N: int = 3`'
has '| `y` | `Model` |  |'
status=0; want kfpc doc --json a.kfp
python3 - <<'END'
import json
r = json.load(open("out", encoding="utf-8"))
c = next(d for d in r["declarations"] if d["name"] == "c")
assert c["signature"] == "c(x: Dataset[csv], n: int = 1) -> (y: Model, z: Metric)", c
assert c["parameters"][1] == {"name": "n", "type": "int", "value": "1", "where": "", "doc": ""}
kinds = [d["kind"] for d in r["declarations"]]
assert kinds == "enum struct type artifact const def environment component pipeline config".split(), kinds
END

# some declarations; a name that is misspelled; where to write
status=0; want kfpc doc a.kfp twice p
has 'twice(x) -> int'
! grep -q Tok out || fail "shows more than was named"
status=1; want kfpc doc a.kfp Bax
grep -q "did you mean 'Box'" err || fail "$(cat err)"
status=0; want kfpc doc -m a.kfp -o "page 쪽.md"
[ ! -s out ] && grep -q '^### Box' "page 쪽.md" || fail "-o"
status=2; want kfpc doc
status=2; want kfpc doc -m --json a.kfp
status=4; want kfpc doc none.kfp
status=4; want kfpc doc a.kfp -o no/such/folder.md

# standard input; a file with errors is read as far as it goes
status=0; want kfpc doc - <a.kfp
{ cat a.kfp; echo 'component broken(:'; echo '    shell:'; echo '        true'; } >broken.kfp
status=1; want kfpc doc broken.kfp
has 'twice(x) -> int'
head -c 3000 /dev/urandom >noise.kfp
status=1; want kfpc doc noise.kfp
: >empty.kfp
status=0; want kfpc doc empty.kfp
[ "$(cat out)" = empty ] || fail "$(cat out)"

# lines fit the terminal where words allow it
status=0; want kfpc doc "$srcdir/examples/iris/iris.kfp"
awk 'length > 80 { print; bad = 1 } END { exit bad }' out || fail "too wide"

# modules of the standard library, which are files of no folder here
status=0; want kfpc doc std.data split
has "stratify"
status=0; want kfpc doc -m std.sklearn
has "std.sklearn"
status=1; want kfpc doc std.dta
grep -qF "the standard library has no 'std.dta'; it has std.csv, std.data," err || fail "$(cat err)"
mkdir -p lib/std; printf '## Mine.\n\n## Counts.\nconst N = 1\n' > lib/std/mine.kfp
export KFPC_STDLIB=lib
status=0; want kfpc doc std.mine
has "Counts."
status=4; want kfpc doc std.data

# prose is wrapped anew, also where a line of it begins with a mark; the rest stands as it is
cat >prose.kfp <<'END'
## A line that goes on and on, until it has to be wrapped somewhere; then there is
## `code` at the beginning of one,
## *strong* and --an-option too.
##
## 1. one
## 2. two
##
## ```
## x = 1
## y = 2
## ```

const N = 1
END
cat >prose.txt <<'END'
prose
    A line that goes on and on, until it has to be wrapped somewhere; then there
    is `code` at the beginning of one, *strong* and --an-option too.

    1. one
    2. two

    ```
    x = 1
    y = 2
    ```

Constants
    N = 1
END
status=0 want kfpc doc prose.kfp
cmp out prose.txt
