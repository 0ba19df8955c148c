# Runs that go wrong: what is said, what is skipped, what is kept.
fail() { echo "not as it should be: $*"; exit 1; }
has() { grep -qF -e "$2" "$1" || { cat "$1"; fail "no '$2' in $1"; }; }
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

cat > fail.kfp <<'KFP'
component boom() -> (x: int):
    shell:
        echo "last words" >&2
        exit 7

component use(x: int):
    shell:
        echo "$x"

component flaky(good: int) -> (n: int):
    shell:
        test "$KFPC_ATTEMPT" -ge "$good"
        echo "$KFPC_ATTEMPT" > "$n_path"

component slow():
    shell:
        trap '' TERM
        sleep 100 &
        sleep 100

component nap():
    shell:
        sleep 100

component change(data: Dataset):
    shell:
        chmod u+w "$data_path"
        echo more >> "$data_path"

component make() -> (data: Dataset):
    shell:
        echo data > "$data_path"

component limited(n: int) -> (m: int where m < 10):
    shell:
        echo "$n" > "$m_path"

pipeline failing():
    b = boom()
    u = use(x=b.x)
    f = flaky(good=3) with retries=2
    g = flaky(good=3) with retries=1

pipeline late():
    s = slow() with timeout=1s

pipeline whole():
    settings:
        timeout = 1s
    n = nap()
    x = use(x=1) with after=[n]

pipeline sleepy():
    n = nap()
    x = use(x=1) with after=[n]

pipeline changing():
    m = make()
    c = change(data=m.data)

pipeline dividing(n: int):
    l = limited(n=n)
    u = use(x=100 // (l.m - 5))

pipeline wrong(n: int) -> int:
    return 7 // n
KFP

status 3 kfpc run fail.kfp failing --json -j 4
json "r['state'], {k: t['state'] for k, t in r['tasks'].items()}" \
	"('failed', {'b': 'failed', 'u': 'skipped', 'f': 'succeeded', 'g': 'failed'})"
json "r['tasks']['u']['reason'], r['tasks']['u']['because']" "('upstream_failed', 'b')"
json "r['tasks']['f']['attempts'], r['tasks']['g']['attempts']" "(3, 2)"
has err "    | last words"
has err "more: kfpc logs"
has err "'b' failed"
ls "$KFPC_STORE"/runs/*/tasks | grep -qx b.1 || fail "the work folder of a failed task is kept"
status 3 kfpc run fail.kfp late --json
json "r['tasks']['s']['error']" "it ran longer than its timeout of 1 s"
status 3 kfpc run fail.kfp whole --json
json "r['error'], r['tasks']['n']['state'], r['tasks']['x']['reason']" \
	"('it ran longer than its timeout of 1 s', 'cancelled', 'cancelled')"
status 3 kfpc run fail.kfp changing --json
json "r['tasks']['c']['error']" "the task changed its input 'data'"
status 0 kfpc fsck
status 3 kfpc run fail.kfp dividing -p n=5 --json
json "r['tasks']['u']['error'], r['tasks']['l']['state']" "('division by zero', 'succeeded')"
has err "fail.kfp:"
status 3 kfpc run fail.kfp dividing -p n=12 --json
json "'breaks' in r['tasks']['l']['error'], r['tasks']['u']['state']" "(True, 'skipped')"
status 3 kfpc run fail.kfp wrong -p n=0 --json
json "r['error'], r['outputs']" "(\"'output' failed: division by zero\", {})"

# Ctrl-C: asked to end, then killed; the run says so
cat > cancel.py <<'PY'
import json, signal, subprocess, time

def start(pipeline):
    p = subprocess.Popen(["kfpc", "run", "fail.kfp", pipeline, "--json", "--progress", "plain"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while "running" not in p.stderr.readline():
        pass
    return p

def end(p):
    out, _ = p.communicate(timeout=60)
    r = json.loads(out)
    assert p.returncode == 130, p.returncode
    assert r["state"] == "cancelled", r
    return r

p = start("sleepy")
p.send_signal(signal.SIGINT)
r = end(p)
assert r["tasks"]["n"]["state"] == "cancelled", r
assert r["tasks"]["x"]["state"] == "skipped" and r["tasks"]["x"]["reason"] == "cancelled", r
p = start("late")
p.send_signal(signal.SIGTERM)
time.sleep(0.2)				# two at once count as one
p.send_signal(signal.SIGTERM)
r = end(p)
assert r["ms"] < 4000, r		# killed at once
PY
python3 cancel.py
status 0 kfpc show @last
has out "cancelled"
status 0 kfpc fsck
