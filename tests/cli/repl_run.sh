# The run of a session, looked at with the verbs for runs: while it lives, when it has ended, and
# when it was killed.
fail() { cat out err; echo "not as it should be: $*"; exit 1; }
# what the last command printed has this line, blanks aside
has() { sed 's/  */ /g; s/^ //; s/ $//' out | grep -qxE "$1" || fail "no line '$1'"; }

cat > in.txt <<'IN'
component fit(n: int) -> (acc: Metric, data: Dataset[csv]):
    shell:
        echo fitting $n
        echo 0.$n > $acc_path
        echo a,b > $data_path

a = fit(n=5)
a = fit(n=7)
b = fit(n=5)
for i in range(2):
    l = fit(n=i)

:show
:save saved.kfp
a.acc + b.acc
IN
kfpc repl < in.txt > out 2> err || fail "the session"
has 'state running'
has 'b cached [0-9.]* ?ms'
has '1.2'

kfpc show @last > out 2> err || fail show
has 'session [0-9] steps'
has 'state succeeded'
has 'a succeeded [0-9.]* ms 2 attempts'
has 'b.acc 0.5'
kfpc metrics @last > out 2> err || fail metrics
has 'a.acc 0.7'
has 'b.acc 0.5'
grep -q 'a.acc .*0.5' out && fail "a metric that is none any more"
kfpc logs @last > out 2> err || fail logs
[ "$(grep -c 'fitting 5' out)" = 1 ] || fail "what ran once is told once"
kfpc logs @last/b > out 2> err || fail "logs of a result of another task"
has 'fitting 5'
kfpc artifacts @last > out 2> err || fail artifacts
has 'b.data Dataset .*'
kfpc get @last/b.data -o got.csv > out 2> err && [ "$(cat got.csv)" = a,b ] || fail get
kfpc export dot saved.kfp --run @last > out 2> err || fail export
[ -s err ] && fail "the saved session is that of the run"
grep -q '"b.nfit.*cached' out || fail "the graph shows what became of it"
kfpc show --json @last > out 2> err || fail json
python3 -c '
import json
r = json.load(open("out"))
assert r["header"]["session"] is True
assert [s["text"].strip() for s in r["steps"]][:3] == ["a = fit(n=5)", "a = fit(n=7)", "b = fit(n=5)"]
' || fail steps
kfpc runs > out 2> err || fail runs
has '[0-9a-f]* session succeeded .* 3 ok, 1 cached'
rm "$KFPC_STORE/index.db"
kfpc runs > out 2> err || fail "runs without an index"
has '[0-9a-f]* session succeeded .* 3 ok, 1 cached'
kfpc fsck > out 2> err || fail fsck

# The module of a step is a blob that the run speaks of.
blob=$(python3 -c '
import json
r = json.loads([l for l in open("'"$(echo "$KFPC_STORE"/runs/*/journal)"'") if "\"step\"" in l][-1])
print(r["module"])')
blob=$KFPC_STORE/cas/sha256/$(echo "$blob" | cut -c1-2)/$blob
mv "$blob" gone
kfpc fsck > out 2> err && fail "a module that is gone"
grep -q 'the module of step [0-9]* is lost' out err || fail "that it is gone"
mv gone "$blob"

# Killed while a task runs.
mkdir killed
cd killed
mkfifo typed
kfpc repl < typed > out 2> err &
pid=$!
exec 3> typed
cat ../in.txt >&3
printf 'component slow():\n    shell:\n        touch started\n        sleep 60\n\ns = slow()\n' |
	sed "s:started:$PWD/started:" >&3
# Its record may come a little after its process.
for _ in $(seq 400); do
	test -e started && kfpc show @last > out2 2> err && grep -q 's  *running' out2 && break
	sleep 0.05
done
mv out2 out || fail "show of a session that lives"
has 's running .*'
has 'state running'
kill -9 $pid
exec 3>&-
wait $pid 2> /dev/null || true
kfpc show @last > out 2> err || fail "show of a session that was killed"
has 'state lost'
has 's cancelled .*'
has 'a succeeded [0-9.]* ms 2 attempts'
kfpc get @last/b.data -o got.csv > out 2> err && [ "$(cat got.csv)" = a,b ] || fail get
kfpc fsck > out 2> err || fail "fsck of a session that was killed"
exit 0
