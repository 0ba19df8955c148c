# Parts of the language that meet: each of these once went wrong.
fail() { echo "not as it should be: $*"; exit 1; }
has() { grep -qF -e "$2" "$1" || { cat "$1"; fail "no '$2' in $1"; }; }
status() {
	want=$1; shift
	got=0
	"$@" > out 2> err || got=$?
	[ $got = $want ] || { cat out err; fail "status $got, not $want: $*"; }
}

# What a task prints is told after its start, which may wait for the disk.
cat > prints.kfp <<'KFP'
component bad(x: int) -> (y: int):
    shell:
        if [ "$x" = 2 ]; then echo "oops $x" >&2; exit 7; fi
        echo "$x" > "$y_path"

pipeline main() -> list[int]:
    settings:
        on_failure = stop
    for x in [1, 2, 3] with parallelism=1:
        b = bad(x=x)
    return collect(b)
KFP
for i in 1 2 3 4 5 6; do
	status 3 kfpc run prints.kfp
	has err "| oops 2"
done

# A call of a pipeline stops at a failure also where an except around the call covers it, and
# what is skipped for it in a loop names the loop, not itself.
cat >> prints.kfp <<'KFP'

component note(text: str):
    shell:
        echo "$text"

pipeline covered() -> list[int]:
    try:
        a = main()
        all = a.output
    except:
        note(text=run.error.task)
        all = [0]
    return all
KFP
status 0 kfpc run prints.kfp covered
has err "a/x[2]/b skipped ('a/x' failed)"
has out "[0]"

# A loop and a try wait for each output of a called pipeline that they read.
cat > outputs.kfp <<'KFP'
component slow(x: int) -> (y: int):
    shell:
        sleep 0.1
        echo "$x" > "$y_path"

pipeline sub(n: int) -> (a: int, b: int):
    t = slow(x=n)
    return a=n + 1, b=t

pipeline main(n: int = 1) -> (of_loop: list[int], of_try: int):
    p = sub(n=n)
    q = sub(n=n)
    for x in [1, 2]:
        z = x + p.a + p.b
    try:
        s = q.a + q.b
    except:
        s = 0
    return of_loop=collect(z), of_try=s
KFP
status 0 kfpc run outputs.kfp --progress quiet
has out "of_loop  [4, 5]"
has out "of_try   3"

# What is offered for a task in a loop can be pasted into any shell.
status 3 kfpc run prints.kfp main --progress quiet
grep -q "more: kfpc logs '[0-9a-f]*/x\[1\]/b'" err || fail "the address is not quoted"
status 0 sh -c "$(sed -n "s/^  more: //p" err)"
has out "oops 2"

# The metrics of a long loop do not fill the screen.
cat > metrics.kfp <<'KFP'
component one(x: int) -> (y: Metric):
    shell:
        echo "$x" > "$y_path"

pipeline main() -> int:
    for x in range(52):
        o = one(x=x)
    return len(collect(o))
KFP
status 0 kfpc run metrics.kfp -j 8 --progress quiet
sed -n 's/^  x\[\([0-9]*\).*/\1/p' out > order
sort -n order | cmp - order || fail "the iterations are in disorder"
status 0 kfpc show @last
has out "  ... and 2 more: kfpc metrics "

# Nor does a long value; `get` has all of it.
cat > long.kfp <<'KFP'
pipeline main(n: int = 5000) -> list[int]:
    return range(n)
KFP
status 0 kfpc run long.kfp --progress quiet
status 0 kfpc show @last
test "$(awk '{ if (length($0) > n) n = length($0) } END { print n }' out)" -lt 230 || fail "too long"
status 0 kfpc get @last.output
has out " 4999]"

# A function that fails in a constraint is told with its place, which stands at one end only.
cat > asserts.kfp <<'KFP'
def pick(xs: list[int], i: int) -> int:
    assert i >= 0, f"negative {i}"
    return xs[i]

component w(x: int) -> (y: int where pick([1], y) > 0):
    shell:
        echo "$x" > "$y_path"

pipeline main(n: int = -1) -> list[int]:
    a = w(x=n)
    b = w(x=n + 2)
    c = pick([n], n)
    return [a, b, c]
KFP
status 3 kfpc run asserts.kfp
has err "task 'a' failed at asserts.kfp:5:38:"
has err "  negative -1: i >= 0 does not hold: i is -1 (in 'pick' at asserts.kfp:2:12)"
has err "task 'b' failed at asserts.kfp:3:12:"
has err "  index 1 is outside a list of length 1 (in 'pick' called at asserts.kfp:5:38)"
has err "c failed: negative -1: i >= 0 does not hold: i is -1 (in 'pick' at asserts.kfp:2:12)"
status 3 kfpc run asserts.kfp -p n=-1 --json --progress quiet
has out '"place":"asserts.kfp:5:38"'

# A large literal is one constant, not made again each time that it is read.
python3 - > words.kfp <<'PY'
print("const WORDS = {" + ", ".join(f'"word {i}": {i}' for i in range(9000)) + "}\n")
print("pipeline main(n: int = 3000) -> int:")
print("    for i in range(n):")
print('        at = WORDS[f"word {i}"]')
print("    return sum(collect(at))")
PY
status 0 kfpc dis words.kfp
grep -q "^ *[0-9]* *dict " out && fail "the dict is made at run time"
status 0 kfpc run words.kfp --progress quiet
has out "4498500"
