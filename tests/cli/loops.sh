# Loops, comprehensions over calls, try and assert, as a user meets them: what is printed,
# what is returned, in what order, what a failure does.
fail() { echo "not as it should be: $*"; exit 1; }
has() { grep -qF -e "$2" "$1" || { cat "$1"; fail "no '$2' in $1"; }; }
hasnt() { ! grep -qF -e "$2" "$1" || { cat "$1"; fail "'$2' in $1"; }; }
status() {
	want=$1; shift
	got=0
	"$@" > out 2> err || got=$?
	[ $got = $want ] || { cat out err; fail "status $got, not $want: $*"; }
}
# of the JSON object in out: a Python expression over r
json() {
	got=$(python3 -c "import json; r = json.load(open('out')); x = ($1); print(x)")
	[ "$got" = "$2" ] || { cat out; fail "$1 is $got, not $2"; }
}

cat > p.kfp <<'KFP'
component train(lr: float, steps: int = 10) -> (model: Model[txt], accuracy: Metric, loss: Series):
    shell:
        echo "$lr $steps" > "$model_path"
        echo "1 - $lr" | awk '{ print $1 - $3 }' > "$accuracy_path"
        echo "{\"step\": 0, \"value\": $lr}" >> "$loss_path"

component join(models: list[Model], one: Model) -> str:
    shell:
        cat "$models_path"/* "$one_path" | tr '\n' ';' > "$output_path"

component add(a: int, b: int = 1) -> int:
    shell:
        if test "$a" = 13; then exit 7; fi
        echo $((a + b)) > "$output_path"

component note(text: str):
    shell:
        echo "$text"

pipeline twice(n: int) -> (once: int, more: int):
    a = add(a=n)
    b = add(a=a)
    return once=a, more=b

pipeline search(grid: list[float] = [0.1, 0.4, 0.2]) -> (best: Model, all: str, n: int, accuracies: list[float], last: float):
    fits = [train(lr=lr) for lr in grid] with retries=1, parallelism=2
    best = fits[argmax(fits.accuracy)]
    j = join(models=fits.model, one=best.model)
    return best=best.model, all=j, n=len(fits), accuracies=fits.accuracy, last=fits[-1].loss.last

config long for search:
    fits.steps = 100

pipeline nest(ns: list[int] = [1, 2], k: int = 1) -> (sums: list[list[int]], gaps: list[int?], more: list[int], pairs: list[int], rows: list[list[int]], one: int):
    for n in ns with parallelism=k:
        for i, m in enumerate(ns, 10):
            s = add(a=10 * n + m, b=i)
        if n > 1:
            g = add(a=n)
        t = twice(n=n) with display_name=f"twice {n}"
        total = sum(collect(s)) + t.more
    for x, y in zip(ns, collect(total)):
        z = x + y
    rows = [[add(a=a, b=b) for a in range(b)] for b in range(9) if b < 3]
    return sums=collect(s), gaps=collect(g), more=collect(t.more), pairs=collect(z), rows=rows.output, one=rows[2][1]

pipeline guard(n: int, last: int = 1) -> (x: int, how: str, after: int):
    try:
        for i in [1, n]:
            a = add(a=i)
        x = sum(collect(a))
        how = "fine"
    except:
        x = 0
        how = f"{run.state} {run.error.task} {run.error.code} {run.error.message}"
    finally:
        note(text=f"done: {run.state}")
    assert last > 0 and x >= 0, f"last is {last}"
    after = add(a=x)
    return x=x, how=how, after=after

pipeline finally_only(n: int) -> int:
    try:
        a = add(a=n)
        b = a + 1 if n > 0 else a
    finally:
        note(text="cleaned")
        e = run.error
        if run.error is not None:
            note(text=run.error.message)
    return a + b
KFP

status 0 kfpc check p.kfp
status 0 kfpc run p.kfp search --json
json "r['outputs']['all']" "0.1 10;0.4 10;0.2 10;0.1 10;"
json "r['outputs']['accuracies'], r['outputs']['n'], r['outputs']['last']" "([0.9, 0.6, 0.8], 3, 0.2)"
has err "for lr: 3 iterations"
has err "lr[2]/fits succeeded"
status 0 kfpc run p.kfp search --config long -p grid=[0.5] --json
json "r['outputs']['all']" "0.5 100;0.5 100;"
status 3 kfpc run p.kfp search -p grid=[]
has err "argmax"

status 0 kfpc run p.kfp nest --json
json "r['outputs']['sums']" "[[21, 23], [31, 33]]"
json "r['outputs']['gaps'], r['outputs']['more']" "([None, 3], [3, 4])"
json "r['outputs']['pairs'], r['outputs']['rows'], r['outputs']['one']" "([48, 70], [[], [1], [2, 3]], 3)"
status 0 kfpc run p.kfp nest -p ns=[] -p k=4 --json
json "r['outputs']['sums'], r['outputs']['gaps'], r['outputs']['pairs']" "([], [], [])"

status 0 kfpc run p.kfp guard -p n=2 --json
json "r['outputs']" "{'x': 5, 'how': 'fine', 'after': 6}"
status 0 kfpc run p.kfp guard -p n=13 --json
json "r['state'], r['outputs']" "('succeeded', {'x': 0, 'how': 'failed i[1]/a 7 exit status 7', 'after': 1})"
status 3 kfpc run p.kfp guard -p n=2 -p last=0
has err "last is 0"
hasnt err "after running"

status 0 kfpc run p.kfp finally_only -p n=1 --json
json "r['outputs']" "{'output': 5}"
status 3 kfpc run p.kfp finally_only -p n=13
has err "note succeeded"
has err "note#2 succeeded"
