# The commands that look at runs, on a store with a succeeded, a failed and a lost run.
make="$builddir/tests/unit/store_fixture"
"$make" "$KFPC_STORE" > ids
good=$(sed -n 1p ids) bad=$(sed -n 2p ids) lost=$(sed -n 3p ids)
short() { echo "$1" | tail -c 9; }

fail() { echo "not as it should be: $*"; exit 1; }
has() { grep -qF -e "$2" "$1" || { cat "$1"; fail "no '$2' in $1"; }; }
# status WANT COMMAND...: its exit status; output in out and err
status() {
	want=$1; shift
	got=0
	"$@" > out 2> err || got=$?
	[ $got = $want ] || { cat out err; fail "status $got, not $want: $*"; }
}

# runs
status 0 kfpc runs
has out "RUN"
has out "$(short $good)  iris (first one)  succeeded"
has out "3 ok, 1 skipped"
[ $(wc -l < out) = 4 ] || fail "four lines of runs"
sed -n 2p out | grep -q "$(short $lost).*lost" || fail "the newest run comes first"
status 0 kfpc runs -n 1 --json
has out "\"run_id\":\"$lost\""
[ $(wc -l < out) = 1 ] || fail "-n 1"
status 0 kfpc runs -n 0 --json
[ $(wc -l < out) = 3 ] || fail "-n 0"
python3 -c 'import json; [json.loads(l) for l in open("out")]'
status 2 kfpc runs -n x
status 2 kfpc runs more
status 4 env KFPC_STORE=nowhere kfpc runs
has err "there is no store at"
rm "$KFPC_STORE/index.db"
status 0 kfpc runs
has out "3 ok, 1 skipped"

# naming runs and tasks
for name in "$good" "$(short $good)" @-3 "first one"; do
	status 0 kfpc show "$name"
	has out "$good"
done
status 0 kfpc show @last
has out "$lost"
status 2 kfpc show
status 2 kfpc show nothing
has err "there is no run 'nothing'; the last ones are:"
status 2 kfpc show frist
status 2 kfpc show @-9
status 2 kfpc show "$good/tran"
has err "did you mean 'train'?"

# show
status 0 kfpc show $good
has out "kernel  \"rbf\"   -p"
has out "folds   [1, 2]  default at iris.kfp:3:9"
has out "2 attempts"
has out "its branch was not taken"
has out "kfpc run 'my iris.kfp'"
has out "train.accuracy  0.97"
status 0 kfpc show $bad
has out "ValueError: no (debug.kfp:12:5)"
has out "'sub/crash#2' failed"
has out "division by zero (debug.kfp:9:3)"
status 0 kfpc show $bad/sub/crash#2
has out "place      debug.kfp:12:5"
has out "exit status 1"
has out 'ValueError: \x1b]0;no\x07'
status 0 kfpc show $good/load
has out "title  \"두 줄\""
has out "Dataset[csv]"
status 0 kfpc show $good/train
has out "3 points, last 0.25"
for what in $good $bad $lost $good/train $bad/after; do
	status 0 kfpc show --json $what
	python3 -c 'import json; json.load(open("out"))' || fail "JSON of $what"
done
python3 - $good <<'END'
import json, subprocess, sys
run = json.loads(subprocess.check_output(["kfpc", "show", "--json", sys.argv[1]]))
assert run["state"] == "succeeded" and run["config"]["kernel"]["origin"] == "-p", run
tasks = {t["task"]: t for t in run["tasks"]}
assert [a["exit_code"] for a in tasks["load"]["attempts"]] == [7, 0], tasks["load"]
assert tasks["deploy"]["reason"] == "branch", tasks["deploy"]
assert run["outputs"]["score"] == 0.97, run["outputs"]
END

# logs
status 0 kfpc logs $good
printf '%s\n' 'load | reading' 'watch | watching' 'train | epoch 1 done' > want
grep -v 'red\|no newline' out | diff want - || fail "lines of tasks in their order"
has out "watch | no newline"
status 0 kfpc logs $good/train
printf 'epoch 1 done\nwarn \033[31mred\033[0m\n' | cmp - out || fail "bytes as they were"
status 0 kfpc logs $good/load --attempt 1
printf 'reading\n' | cmp - out || fail "an attempt"
status 0 kfpc logs $good/load --attempt 2
[ ! -s out ] || fail "an attempt that wrote nothing"
status 2 kfpc logs $good/load --attempt 3
status 2 kfpc logs $good/load --attempt x
script -qec "kfpc logs $good/train" /dev/null < /dev/null > out || true
if grep -q epoch out; then
	has out 'warn \x1b[31mred\x1b[0m'
fi

# metrics
status 0 kfpc metrics $good
has out "train.loss      0.25  0.25  1.0  3"
status 0 kfpc metrics --csv $good/train
has out "train,loss,1,2,0.25,1700000000002"
status 0 kfpc metrics --json $good
python3 -c 'import json
m = json.load(open("out"))["metrics"]
assert m[0]["points"][1] == [1, 0.5, 1700000000001] and m[1]["static"], m'
status 2 kfpc metrics --json --csv $good
status 0 kfpc metrics $bad
[ ! -s out ] || fail "no metrics, no table"

# artifacts
status 0 kfpc artifacts $good
for part in code weights structure environment; do
	has out "  $part"
done
has out "Python 3.11.2"
status 0 kfpc artifacts --json $good
python3 -c 'import json
a = [json.loads(l) for l in open("out")]
assert [x["type"] for x in a] == ["Dataset", "Model"] and a[0]["metadata"] == {"rows": 2}
assert set(a[1]["manifest"]) >= {"code", "weights", "structure", "environment"}'

# get
status 0 kfpc get $good/load.count
[ "$(cat out)" = 2 ] || fail "a value is printed"
status 0 kfpc get $good/load.title
[ "$(cat out)" = "두 줄" ] || fail "text is printed as it is"
status 0 kfpc get $good.score
[ "$(cat out)" = 0.97 ] || fail "an output of the pipeline"
status 0 kfpc get $good/train.model
[ "$(cat model)" = weights ] || fail "an artifact comes under its name"
[ -w model ] || fail "and can be written to"
echo mine > model
status 4 kfpc get $good/train.model
has err "is there already"
[ "$(cat model)" = mine ] || fail "nothing is overwritten"
status 0 kfpc get $good.best -o "새 모델"
[ "$(cat "새 모델")" = weights ] || fail "-o"
status 0 kfpc get $good/train.model -o -
[ "$(cat out)" = weights ] || fail "-o -"
status 0 kfpc get $good/load.data -o folder
[ "$(cat folder/나.csv)" = 3,4 ] || fail "a folder"
status 2 kfpc get $good/load.data -o -
status 0 kfpc get $good/train.model --bundle -o bundle
for file in manifest.json code/iris.kfp weights structure.json environment.json environment.lock; do
	[ -s bundle/$file ] || fail "the bundle has no $file"
done
status 2 kfpc get $good/load.data --bundle -o other
status 2 kfpc get $good/load.count --bundle
status 2 kfpc get $good/load.cuont
has err "did you mean 'count'?"
status 2 kfpc get $bad/sub/crash#2.x
status 2 kfpc get $good
status 4 kfpc get $good/train.model -o no/such/folder

# a run that goes on
"$make" "$KFPC_STORE" live &
i=0
until kfpc show live > out 2>&1 && grep -q slow out; do
	i=$((i + 1))
	[ $i -lt 1000 ] || fail "the run does not begin"
done
has out "running"
status 0 kfpc logs -f @last/slow
printf 'one\ntwo\nthree\n' | cmp - out || fail "-f goes on to the end"
wait
status 0 kfpc show live
has out "succeeded"
