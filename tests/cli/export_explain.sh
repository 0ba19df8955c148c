# What a target refuses, without writing (check --target), and what it needs on top of the
# tasks of the program (export --explain).
. "$srcdir/tests/lib/bad.sh"

cat >plain.kfp <<'KFP'
component twice(x: int) -> (y: int):
    shell:
        echo $((2 * x)) >"$y_path"

pipeline sum(a: int = 1, flag: bool = True) -> int:
    first = twice(x=a)
    total = first.y + a
    assert total > 0, "no {{sum}}"
    if flag:
        last = twice(x=total)
    else:
        last = twice(x=a)
    return last.y

pipeline alone(a: int = 1):
    twice(x=a) with display_name="한국어 {{x}}"
KFP
sed 's/^pipeline alone(a: int = 1)/pipeline alone(a: int where a > 0)/' plain.kfp >where.kfp

# rows FILE PIPELINE: the table without its head, one blank between columns.
rows() { kfpc export kfp "$@" --explain | sed 1d | tr -s ' '; }

rows plain.kfp sum >got
cat >want <<'TXT'
total computes an expression plain.kfp:7:13 first.y + a
assert checks that this holds plain.kfp:8:12 total > 0
TXT
diff want got
[ "$(kfpc export kfp plain.kfp alone --explain)" = "every task is one of the program" ]
rows where.kfp alone | grep -Fx 'check-a checks that this holds where.kfp:15:29 a > 0'

# It is in place of the file; errors are told as ever.
gives 0 kfpc export kfp plain.kfp sum --explain -o table
grep -q '^TASK .*EXPRESSION$' table
gives 2 kfpc export dot plain.kfp sum --explain
says "--explain is for kfp and argo"
gives 2 kfpc export component plain.kfp twice --explain
says "--explain is for pipelines"

# What has no counterpart is in it, not among the warnings.
cat >labels.kfp <<'KFP'
component c():
    shell:
        :

pipeline p():
    settings:
        labels = {"team": "a"}
    c()
KFP
gives 0 kfpc export kfp labels.kfp --explain
says "what is left out" "labels.kfp:7:18: Kubeflow has no 'labels' for a pipeline"
! grep -q W1001 err
gives 0 kfpc export kfp labels.kfp
says "warning W1001" "labels.kfp:7:18"

# check --target
gives 0 kfpc check --target kfp plain.kfp
gives 0 kfpc check --target kfp labels.kfp
says "warning W1001: Kubeflow has no 'labels'" "        labels = {" "1 warning"
sed 's/"a"}$/&  # kfpc: allow W1001/' labels.kfp >allowed.kfp
gives 0 kfpc check --target kfp allowed.kfp
not_said W1001
gives 0 kfpc check --target kfp labels.kfp --json
[ "$(json_of '(d["code"], d["severity"], d["line"], d["col"], d["end_col"])')" = \
	"('W1001', 'warning', 7, 18, 19)" ]
gives 2 kfpc check --target dot plain.kfp
says "--target is kfp or argo, not 'dot'"
gives 2 kfpc check --target
mkdir -p parts
cat >parts/lib.kfp <<'KFP'
component nothing():
    shell:
        :

pipeline inner():
    settings:
        timeout = 1h
    nothing()
KFP
cat >outer.kfp <<'KFP'
import "parts/lib.kfp" as lib

pipeline _p():    # 한국어
    a = lib.inner()
    b = lib.inner()
KFP
gives 1 kfpc check --target kfp outer.kfp
says "error E1004: '-p' is no name" " --> outer.kfp:3:10" "3 | pipeline _p():" "^^" \
	"error E1003: " " --> parts/lib.kfp:7:" '        timeout = 1h' "2 errors"
gives 0 kfpc check outer.kfp --no-python
gives 0 kfpc check --target kfp - <plain.kfp

# What is refused is said by both in the same words.
for f in "$srcdir"/tests/export/refused.kfp; do
	gives 1 kfpc export kfp "$f"
	grep '^error' err | sort >one
	gives 1 kfpc check --target kfp "$f"
	grep '^error' err | sort >two
	diff one two
done
