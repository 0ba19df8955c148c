# kfpc run and kfpc config: what is printed, the config and where it comes from, exit statuses.
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

cat > demo.kfp <<'KFP'
enum Kind: small, big

## How it is done.
component make(
    ## How many lines.
    n: int = 3 where n > 0,
    kind: Kind = Kind.small,
) -> (data: Dataset[csv], count: int):
    shell:
        i=0
        while [ $i -lt $n ]; do echo "$i,$kind"; i=$((i+1)); done > "$data_path"
        echo $n > "$count_path"

component score(data: Dataset[csv], weight: float = 1.0) -> (accuracy: Metric, loss: Series):
    shell:
        echo '{"step": 1, "value": 0.5}' >> "$loss_path"
        echo '{"step": 2, "value": 0.25}' >> "$loss_path"
        wc -l < "$data_path" | awk "{print \$1 * $weight / 10}" > "$accuracy_path"

component say(text: str):
    shell:
        echo "$text"

pipeline demo(least: float = 0.5) -> float:
    d = make()
    s = score(data=d.data)
    if s.accuracy >= least:
        say(text="good")
    else:
        say(text=f"only {s.accuracy}")
    return s.accuracy

config more for demo:
    least = 0.2
    d.n = 8

config most(more) for demo:
    d.n = 9
KFP

# the ending object, outputs, metrics, skipped tasks
status 0 kfpc run demo.kfp --json
json "r['state'], r['error'], r['outputs']" "('succeeded', None, {'output': 0.3})"
json "r['metrics']" "{'s.accuracy': 0.3, 's.loss': 0.25}"
json "[t['state'] for t in r['tasks'].values()]" "['succeeded', 'succeeded', 'skipped', 'succeeded']"
json "r['tasks']['say']['reason'], r['tasks']['say']['because']" "('branch', 'if')"
has err "s succeeded"
has err "accuracy=0.3 loss=0.25"
has err "skipped (its branch was not taken)"
status 0 kfpc logs @last
has out "only 0.3"

# progress
status 0 kfpc run demo.kfp --progress quiet
[ ! -s err ] || { cat err; fail "quiet says something"; }
has out "s.accuracy  0.3"
has out "kfpc get"
status 0 kfpc run demo.kfp --progress json
python3 -c 'import json; e = [json.loads(l)["event"] for l in open("err")]
assert e[0] == "run_started" and e[-1] == "run_finished" and e.count("task_finished") == 3, e'

# where values come from, weakest first
status 0 kfpc config demo.kfp --json
json "r" "{'least': 0.5, 'd.n': 3, 'd.kind': 'small', 's.weight': 1.0}"
cp out file.json
status 0 kfpc run demo.kfp --config-file file.json --json
json "r['metrics']['s.accuracy']" 0.3
status 0 kfpc config demo.kfp --config most --explain
has out "least = 0.2  # config more at demo.kfp:"
has out "d.n = 9  # config most at demo.kfp:"
has out "## How many lines."
has out "d.kind = Kind.small  # default at demo.kfp:7:5"
echo '{"d": {"n": 5, "kind": "big"}, "least": 0.9}' > file.json
status 0 kfpc config demo.kfp --config more --config-file file.json -p d.n=6 --json --explain
json "r['d.n']['value'], r['d.n']['origin']" "(6, '-p')"
json "r['d.kind']['origin'], r['least']['value']" "('--config-file file.json', 0.9)"
status 0 kfpc config demo.kfp --schema
json "r['properties']['d.kind']['enum'], r['properties']['d.n']['default']" "(['small', 'big'], 3)"
echo 7 > seven.json
status 0 kfpc run demo.kfp -p d.n=@seven.json -p s.settings.retries=2 --json
json "r['metrics']['s.accuracy']" 0.7

# what is wrong with a config is said all at once
status 1 kfpc run demo.kfp -p d.n=0 -p d.kind=huge -p leas=1 -p s.data=x -p s.weight=1 -p s.weight=2
has err "'n' is 0, which breaks 'n > 0'"
has err "'huge' is no Kind; it is one of small, big"
has err "did you mean 'least'?"
has err "'s.data' is set by the call at demo.kfp:"
has err "'s.weight' is given twice"
status 1 kfpc run demo.kfp --json -p d.n=x
json "r['run_id'], r['state'], 'wanted int' in r['error'] or 'int' in r['error']" "(None, 'failed', True)"
status 2 kfpc run demo.kfp nothing
status 2 kfpc run demo.kfp --config mor
has err "did you mean 'more'?"
status 2 kfpc run demo.kfp -j 0
status 2 kfpc run demo.kfp --progress loud
status 4 kfpc run demo.kfp --config-file x.yaml
has err "x.yaml: No such file"
status 4 kfpc run missing.kfp --json
json "r['state']" failed
status 1 kfpc run /dev/null
status 4 kfpc run demo.kfp --store /proc/nowhere

# several pipelines: one has to be named, those that others call are not offered
cat > two.kfp <<'KFP'
component say(text: str):
    shell:
        echo "$text"
pipeline inner(t: str):
    say(text=t)
pipeline one():
    inner(t="x")
pipeline two():
    say(text="y")
KFP
status 2 kfpc run two.kfp
has err "  one"
has err "  two"
hasnt err "  inner"
status 0 kfpc run two.kfp one --json
json "list(r['tasks'])" "['inner/say']"
status 1 kfpc run two.kfp inner
has err "'t' has no value: give one with -p t=..."

# the same by the runtime alone
status 0 kfpc build demo.kfp -o demo.kfpb
status 0 kfpvm demo.kfpb -p d.n=4 --json
json "r['metrics']['s.accuracy']" 0.4
status 0 kfpc run demo.kfpb --config most --json
json "r['metrics']['s.accuracy']" 0.9
status 1 kfpvm demo.kfp
status 2 kfpvm
status 2 kfpvm demo.kfpb demo more
