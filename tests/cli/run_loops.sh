# Loops as a user meets them: what they gather, in which order, what fails in them, how they
# are shown, and that a long one is no burden.
fail() { echo "not as it should be: $*"; exit 1; }
has() { grep -qF -e "$2" "$1" || { cat "$1"; fail "no '$2' in $1"; }; }
hasnt() { ! grep -qF -e "$2" "$1" || { cat "$1"; fail "'$2' in $1"; }; }
status() {
	want=$1; shift
	got=0
	"$@" > out 2> err || got=$?
	[ $got = $want ] || { cat out err; fail "status $got, not $want: $*"; }
}
json() {
	got=$(python3 -c "import json; r = json.load(open('out')); x = ($1); print(x)")
	[ "$got" = "$2" ] || { cat out; fail "$1 is $got, not $2"; }
}

cat > loops.kfp <<'KFP'
component add(a: int, b: int = 0) -> int:
    shell:
        test "$a" != 13 || { echo "unlucky" >&2; exit 3; }
        echo $((a + b)) > "$output_path"

component slow_first(a: int) -> int:
    shell:
        test "$a" != 0 || sleep 0.2
        echo "$a" > "$output_path"

component write(text: str) -> Dataset:
    shell:
        echo "$text" > "$output_path"

component join(parts: list[Dataset]) -> Dataset:
    shell:
        cat "$parts_path"/* > "$output_path"

component numbers(n: int) -> (list: list[int]):
    shell:
        seq 1 "$n" | paste -sd, | sed 's/^/[/; s/$/]/' > "$list_path"

pipeline sub(n: int) -> int:
    s = add(a=n, b=100)
    if s > 102:
        k = add(a=s)
    else:
        k = add(a=1)
    return k

pipeline all(n: int = 4) -> (
    ys: list[int], lists: list[list[int]], best: int, subs: list[int], opt: list[int?],
    pairs: list[int],
):
    base = add(a=n, b=1)
    for x in range(n) with parallelism=2:
        t = add(a=x, b=base)
        y = t * 2
        for z in range(x):
            u = add(a=x, b=z)
        us = collect(u)
        if x > 0:
            o = add(a=x)
        s = sub(n=x)
    ys = collect(y)
    for i, v in enumerate(ys):
        w = add(a=i, b=v)
    fits = [add(a=lr, b=1) for lr in [3, 1, 2]]
    return ys=ys, lists=collect(us), best=fits[argmax(fits)], subs=collect(s), opt=collect(o), pairs=collect(w)

pipeline order() -> list[int]:
    for x in range(4):
        t = slow_first(a=x)
    return collect(t)

pipeline empty(xs: list[int] = []) -> (n: int, list: list[int]):
    for x in xs:
        t = add(a=x)
        for y in xs:
            add(a=y)
    ts = collect(t)
    return n=len(ts), list=ts

pipeline files(texts: list[str] = ["one", "two", "three"]) -> Dataset:
    ws = [write(text=t) for t in texts]
    return join(parts=ws)

pipeline produced(n: int = 3) -> list[int]:
    ns = numbers(n=n)
    for x in ns:
        t = add(a=x, b=10)
    return collect(t)

pipeline unlucky(xs: list[int] = [12, 13, 14]) -> int:
    for x in xs:
        t = add(a=x)
    after = add(a=len(collect(t)))
    return after

pipeline stops(xs: list[int] = [12, 13, 14, 15, 16, 17, 18]) -> int:
    settings:
        on_failure = "stop"
        parallelism = 1
    for x in xs:
        t = add(a=x)
    return len(collect(t))

pipeline upstream() -> list[int]:
    bad = add(a=13)
    for x in [1, 2]:
        t = add(a=x, b=bad)
    return collect(t)

pipeline divide(xs: list[int] = [1, 0, 2]) -> list[int]:
    for x in xs:
        y = 10 // x
        t = add(a=y)
    return collect(t)

pipeline many(n: int = 120) -> int:
    for x in range(n):
        t = add(a=x)
    return len(collect(t))

pipeline million(n: int = 1000000) -> (last: int, n: int):
    for x in range(n):
        y = x * 2
        if y == 500000:
            t = add(a=y)
    ys = collect(y)
    return last=ys[n - 1], n=len(ys)
KFP
status 0 kfpc check loops.kfp

# all kinds of things in a loop
status 0 kfpc run loops.kfp all --json --progress quiet
json 'r["outputs"]["ys"]' '[10, 12, 14, 16]'
json 'r["outputs"]["lists"]' '[[], [1], [2, 3], [3, 4, 5]]'
json 'r["outputs"]["best"]' 4
json 'r["outputs"]["subs"]' '[1, 1, 1, 103]'
json 'r["outputs"]["opt"]' '[None, 1, 2, 3]'
json 'r["outputs"]["pairs"]' '[10, 13, 16, 19]'
json 'r["tasks"]["x[3]/z[2]/u"]["state"]' succeeded
json 'r["tasks"]["x[0]/o"]["reason"]' branch
json 'r["tasks"]["x[3]/s/k"]["state"]' succeeded
status 0 kfpc show @last --json
json '[l["iterations"] for l in r["loops"] if l["loop"] == "x"]' '[4]'
json 'sorted(t["task"] for t in r["tasks"] if t["task"].startswith("x[2]/z"))' "['x[2]/z[0]/u', 'x[2]/z[1]/u']"
status 0 kfpc show @last/x[3]/s/k
has out 'succeeded'

# the order is that of the elements, whatever ends first
status 0 kfpc run loops.kfp order --json --progress quiet -j 4
json 'r["outputs"]["output"]' '[0, 1, 2, 3]'

# nothing to do
status 0 kfpc run loops.kfp empty --json --progress quiet
json 'r["outputs"]' "{'n': 0, 'list': []}"
json 'len(r["tasks"])' 0

# artifacts of a loop, as files of one task
status 0 kfpc run loops.kfp files --progress quiet
status 0 kfpc get @last/join.output -o joined
[ "$(tr '\n' ' ' < joined)" = 'one two three ' ] || fail "joined: $(cat joined)"
status 0 kfpc artifacts @last
has out 't[1]/ws.output'

# a list that a task made
status 0 kfpc run loops.kfp produced --json --progress quiet
json 'r["outputs"]["output"]' '[11, 12, 13]'

# a failure in one iteration: the others run, what needs the loop does not
status 3 kfpc run loops.kfp unlucky --json --progress quiet
json 'r["tasks"]["x[1]/t"]["state"]' failed
json 'r["tasks"]["x[2]/t"]["state"]' succeeded
json '(r["tasks"]["after"]["reason"], r["tasks"]["after"]["because"])' "('upstream_failed', 'x')"
status 0 kfpc logs @last/x[1]/t
has out unlucky
status 0 kfpc runs
has out unlucky
status 3 kfpc run loops.kfp stops --json --progress quiet
json 'sorted(r["tasks"])' "['x[0]/t', 'x[1]/t']"

# what the body reads failed: the loop is skipped, and says so
status 3 kfpc run loops.kfp upstream --progress plain
has err "for x: skipped ('bad' failed)"
status 0 kfpc show @last
has out "skipped: 'bad' failed"

# a value in an iteration that cannot be computed
status 3 kfpc run loops.kfp divide --json --progress quiet
json 'r["error"]' "'x[1]/y' failed: division by zero"
json 'r["tasks"]["x[2]/t"]["state"]' succeeded
json 'r["tasks"]["x[1]/t"]["because"]' 'x[1]/y'

# many iterations: a line for all of them, a line for what fails
status 3 kfpc run loops.kfp many --progress plain
has err 'for x: 120 iterations'
has err 'x[13]/t failed'
has err 'for x: 119 succeeded, 1 failed; 120 iterations in '
hasnt err 'x[14]/t'
[ "$(grep -c . err)" -lt 15 ] || fail "too many lines: $(cat err)"
status 0 kfpc show @last
has out 'x[*]/t'
has out '119 succeeded, 1 failed'
has out 'x[13]/t'
hasnt out 'x[14]/t'
! grep -qE '.{81}' out || fail "lines that are too long: $(cat out)"
status 0 kfpc show @last --json
json 'len(r["tasks"])' 120

# very many, most of which run nothing: bounded memory, a short journal
status 0 kfpc run loops.kfp million --json --progress quiet
json 'r["outputs"]' "{'last': 1999998, 'n': 1000000}"
json 'list(r["tasks"])' "['x[250000]/t']"
size=$(wc -c < "$KFPC_STORE"/runs/"$(python3 -c "import json; print(json.load(open('out'))['run_id'])")"/journal)
[ "$size" -lt 20000 ] || fail "a journal of $size bytes"
status 3 kfpc run loops.kfp million -p n=2000000 --progress quiet
has err 'range() of more than 1048576 elements'
status 0 kfpc fsck
