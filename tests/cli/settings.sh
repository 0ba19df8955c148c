# Settings: which one counts, and that they are recorded and shown.
cat > a.kfp <<'EOP'
component work(n: int) -> (out: str):
    labels  = {"from": "component", "a": "1"}
    retries = 1
    timeout = 10s
    shell:
        printf %s "${A-}${B-}" > "$out_path"

pipeline inner(n: int) -> str:
    settings:
        parallelism = 1

    x = work(n=n) with env={"A": "x"}, labels={"a": "2"}, timeout=20s
    y = work(n=n)
    return x.out + y.out

pipeline main(n: int = 1) -> str:
    settings:
        ttl          = 7d
        labels       = {"team": "ml"}
        display_name = "All of it"
        timeout      = 1h

    s = inner(n=n) with:
        env          = {"A": "c", "B": "d"}
        cpu          = 1
        labels       = {"c": "3", "a": "9"}
        retries      = 3
        backoff      = 1s
        timeout      = 1m
        display_name = "Inner"
    w = work(n=3) with display_name=f"Work {n}"
    return s + w.out

config slow for main:
    w.settings.timeout = 30s
    s.settings.cpu     = 0.5
    settings.ttl       = 1d
EOP
cat > f.json <<'EOP'
{"w": {"settings": {"timeout": "40s"}}, "s.settings.memory": "2MiB"}
EOP
run() {
	kfpc run a.kfp main --cpu 4 --json --progress plain "$@" > out.json 2> progress
}
has() {			# TASK or "", then what its settings must be as JSON
	kfpc show "@last$1" --json | python3 -c '
import json, sys
got, want = json.load(sys.stdin)["settings"], json.loads(sys.argv[1])
assert got == want, (got, want)' "$2"
}
run
grep -q '"output":"xdcd"' out.json	# env: the task, then the call, key by key
grep -q "run .* (All of it) started" progress
grep -q "w running (Work 1)" progress
has "" '{"ttl": 604800, "labels": {"team": "ml"}, "display_name": "All of it", "timeout": 3600}'
has /s/x '{"retries": 1, "backoff": 1, "timeout": 20, "cpu": 1.0,
	"labels": {"a": "2", "from": "component", "c": "3"}}'
has /s/y '{"retries": 1, "backoff": 1, "timeout": 10, "cpu": 1.0,
	"labels": {"from": "component", "a": "1", "c": "3"}}'
has /w '{"retries": 1, "timeout": 10, "labels": {"from": "component", "a": "1"}}'
kfpc show @last > shown
grep -q "^  ttl  *7d$" shown
grep -q "^  w (Work 1) " shown
kfpc show @last/s/x | grep -q "^  timeout  *20s$"

run --config slow
has /w '{"retries": 1, "timeout": 30, "labels": {"from": "component", "a": "1"}}'
has /s/y '{"retries": 1, "backoff": 1, "timeout": 10, "cpu": 0.5,
	"labels": {"from": "component", "a": "1", "c": "3"}}'
kfpc show @last | grep -q "^  ttl  *1d$"
run --config slow --config-file f.json
has /w '{"retries": 1, "timeout": 40, "labels": {"from": "component", "a": "1"}}'
run --config slow --config-file f.json -p w.settings.timeout=50s -p s.x.settings.memory=3MiB \
	-p s.settings.parallelism=2 -p s.settings.timeout=2m
has /w '{"retries": 1, "timeout": 50, "labels": {"from": "component", "a": "1"}}'
has /s/x '{"retries": 1, "backoff": 1, "timeout": 20, "cpu": 0.5, "memory": 3145728,
	"labels": {"a": "2", "from": "component", "c": "3"}}'
has /s/y '{"retries": 1, "backoff": 1, "timeout": 10, "cpu": 0.5, "memory": 2097152,
	"labels": {"from": "component", "a": "1", "c": "3"}}'

refused() {
	words=$1
	shift
	status=0
	kfpc run a.kfp main "$@" 2> err || status=$?
	test $status = 1 || { cat err; exit 1; }
	grep -q -e "$words" err || { cat err; exit 1; }
}
refused "'s.settings.parallelism' must be at least 1" -p s.settings.parallelism=0
refused "'s.settings.cpu' must be more than zero" -p s.settings.cpu=nan
refused "'w.settings.timeout' must be more than zero" -p w.settings.timeout=0s
refused "'settings.on_failure' is 'stop' or 'keep_going'" -p settings.on_failure=go
refused "has no setting 'cpi'; did you mean 'cpu'" -p s.settings.cpi=1
refused "'w.settings.labels' can be set in the program only" -p w.settings.labels=x
