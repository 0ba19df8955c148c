# Ctrl-C, TERM and the loss of the terminal end a run and all that it started, and it says so;
# two runs share a store at the same time.
. "$srcdir/tests/lib/bad.sh"

cat >c.kfp <<'KFP'
component quick() -> (n: int):
    shell:
        echo 1 > "$n_path"

component sleeps(name: str):
    shell:
        echo $$ > "$NAMES/$name"
        exec sleep 1000

component ignores(name: str):
    shell:
        trap '' TERM INT HUP
        echo $$ > "$NAMES/$name"
        while :; do sleep 0.1; done

component forks(name: str):
    shell:
        setsid sh -c 'trap "" TERM INT HUP; echo $$ > "$NAMES/$1"; while :; do sleep 0.1; done' sh "$name" &
        wait

component python_sleeps(name: str):
    python:
        import os
        import time
        with open(os.path.join(os.environ["NAMES"], "part"), "w") as f:
            f.write(str(os.getpid()))
        os.rename(os.path.join(os.environ["NAMES"], "part"),
                  os.path.join(os.environ["NAMES"], name))
        while True:
            try:
                time.sleep(1000)
            except KeyboardInterrupt:
                pass

component after(n: int):
    shell:
        echo "$n"

pipeline p():
    q = quick()
    s = sleeps(name="one") with after=[q]
    i = ignores(name="two") with after=[q]
    f = forks(name="three") with after=[q]
    y = python_sleeps(name="four") with after=[q]
    a = after(n=q.n) with after=[s]

component waits_for_the_other(me: str, other: str) -> (data: Dataset):
    shell:
        : > "$NAMES/$me"
        while [ ! -e "$NAMES/$other" ]; do sleep 0.02; done
        echo both > "$data_path"

pipeline one_of_two(me: str, other: str):
    a = waits_for_the_other(me=me, other=other)
KFP
NAMES=$PWD/names
export NAMES

# ended SIGNAL STATUS
ended() {
	rm -rf names
	mkdir names
	timeout -k 60 -s KILL 120 env kfpc run c.kfp p -j 8 --json >out 2>err </dev/null &
	job=$!
	for name in one two three four; do
		wait_for test -s names/$name
	done
	kfpc=$(pgrep -P $job) || fail "kfpc is gone"
	kill -$1 $kfpc
	status=0
	wait $job || status=$?
	[ $status = $2 ] || fail "status $status after $1, not $2"
	for name in one two three four; do
		! kill -0 "$(cat names/$name)" 2>/dev/null || fail "$name runs on after $1"
	done
	[ "$(json_of 'd["state"]')" = cancelled ] || fail "the state of the run"
	[ "$(json_of '" ".join(sorted(t["state"] for t in d["tasks"].values()))')" = \
		"cancelled cancelled cancelled cancelled skipped succeeded" ] || fail "states"
	gives 0 kfpc runs
	says cancelled
	gives 0 kfpc show @last
	gives 0 kfpc fsck
	says clean
}

ended INT 130
ended TERM 130
ended HUP 130

# Two at once in a new store: each waits for what the other does.
rm -rf names "$KFPC_STORE"
mkdir names
kfpc run c.kfp one_of_two -p me=a -p other=b --json >out.a 2>err.a &
a=$!
kfpc run c.kfp one_of_two -p me=b -p other=a --json >out.b 2>err.b &
b=$!
gives 0 kfpc run c.kfp one_of_two -p me=c -p other=a
wait $a || fail "$(cat err.a)"
wait $b || fail "$(cat err.b)"
gives 0 kfpc runs --json
[ "$(grep -c '"state":"succeeded"' out)" = 3 ] || fail "runs"
gives 0 kfpc fsck
says "3 runs, 1 blob" clean

# A run that goes on while others look and check.
rm -rf names
mkdir names
kfpc run c.kfp one_of_two -p me=a -p other=b --progress quiet >out.a 2>err.a &
a=$!
wait_for test -e names/a
gives 0 kfpc runs
says "running"
gives 0 kfpc show @last
says "running"
gives 0 kfpc logs @last
gives 0 kfpc fsck
says clean
gives 1 kfpc get @last/a.data -o early
: >names/b
wait $a || fail "$(cat err.a)"
gives 0 kfpc get @last/a.data -o late
gives 0 kfpc fsck
