# What breaks a constraint or an assertion: the part of the condition, and the values in it.
fail() { echo "$1"; cat said; exit 1; }
says() { grep -qF -e "$1" said || fail "not said: $1"; }
run() { kfpc run w.kfp --progress quiet "$@" >said 2>&1 && fail "it succeeded"; :; }

cat >w.kfp <<'EOP'
struct Span:
    lo: int
    hi: int where lo < hi and hi <= 100

def ratio(a: int, b: int) -> int:
    return a // b

def third(a: int, b: int, c: int) -> int:
    assert a < b, f"{a} first"
    assert b < c
    return c

component c(
    lo: int,
    hi: int where lo < hi and hi <= 100 and ratio(hi, lo) < 50,
    names: list[str] where len(names) <= lo and all([len(n) > 0 for n in names]),
    most: float? = None where 0 < most and most <= 1,
) -> (o: int where o >= lo):
    shell:
        if [ "$lo" = 3 ]; then echo 0; else echo "$lo"; fi > "$o_path"

pipeline p(lo: int = 3, hi: int = 5, names: list[str] = ["a"], s: Span = Span(lo=1, hi=2), a: int = 1) -> int:
    n = third(a, 2, 3 if a < 2 else 1)
    x = c(lo=lo, hi=hi, names=names)
    return x.o + n
EOP

# At run start, all at once; of a conjunction the part that fails.
run -p lo=3 -p hi=101 -p 'names=["a", ""]' -p 's={"lo": 3, "hi": 2}' -p x.most=2.5
says "x.hi: 'hi' is 101, which breaks 'hi <= 100' (w.kfp:15:19)"
says "x.names: 'names' is [\"a\", \"\"], which breaks 'all([len(n) > 0 for n in names])'"
says "s.hi: 'lo' is 3, 'hi' is 2, which breaks 'lo < hi'"
says "x.most: 'most' is 2.5, which breaks 'most <= 1'"
run -p lo=1 -p hi=60 -p 'names=["a", "b"]'
says "x.hi: 'ratio(hi, lo)' is 60, which breaks 'ratio(hi, lo) < 50'"
says "x.names: 'len(names)' is 2, 'lo' is 1, which breaks 'len(names) <= lo'"
run -p lo=3 -p hi=1
says "x.hi: 'lo' is 3, 'hi' is 1, which breaks 'lo < hi'"
# A constraint that cannot be computed says where and why.
run -p lo=0 -p hi=5 -p 'names=[]'
says "x.hi: w.kfp:6:12: division by zero (in 'ratio' called at w.kfp:15:"
# Of what a task made.
run -p lo=3
says "'o' is 0, 'lo' is 3, which breaks 'o >= lo' (w.kfp:18:"
# Assertions within a function.
run -p a=2 -p lo=2
says "2 first: a < b does not hold: a is 2, b is 2 (in 'third' at w.kfp:9:12)"
sed 's/3 if a < 2 else 1/a/' w.kfp >v.kfp
kfpc run v.kfp --progress quiet -p lo=2 >said 2>&1 && fail "it succeeded"
says "b < c does not hold: b is 2, c is 1 (in 'third' at v.kfp:10:12)"
# Long values are cut.
run -p "names=[\"$(printf %0300d 0)\", \"\"]"
says "000..., which breaks"
[ "$(wc -c <said)" -lt 2000 ] || fail "much was printed"

# Evaluation ends: calls that double, lists in lists, long strings.
{
	echo 'def d0(n: int) -> int:'
	echo '    return n + 1'
	i=0
	while [ $i -lt 60 ]; do
		printf '\ndef d%d(n: int) -> int:\n    return d%d(n) + d%d(n)\n' $((i + 1)) $i $i
		i=$((i + 1))
	done
	echo
	echo 'const A = d60(1)  # error'
	echo 'pipeline p(n: int = 1) -> int:'
	echo '    return d60(n)'
} >deep.kfp
kfpc check deep.kfp >said 2>&1 && fail "it was computed"
says "the expression takes more than 50000000 steps"
sed '/^const/d' deep.kfp >run.kfp
kfpc run run.kfp --progress quiet >said 2>&1 && fail "it was computed"
says "the expression takes more than 50000000 steps (in 'd"
sed 's/while/&/; /^const/d; s/d60(n)$/d0(n)/' deep.kfp >ok.kfp
kfpc run ok.kfp --progress quiet >said 2>&1 || fail "a function is no longer called"
cat >big.kfp <<'EOP'
pipeline p(n: int = 1000000, s: str = "a") -> int:
    return len(CASE)
EOP
for case in 's * n * n' '[[x + y for x in range(n)] for y in range(n)]' 'range(n * n)' '[x in range(n) for x in range(n)]'; do
	sed "s/CASE/$(printf %s "$case" | sed 's/[*]/\\*/g')/" big.kfp >one.kfp
	kfpc run one.kfp --progress quiet >said 2>&1 && fail "$case was computed"
	grep -qE 'more than|longer than|overflow' said || fail "$case"
done
