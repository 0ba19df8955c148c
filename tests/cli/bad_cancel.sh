# Ctrl-C, TERM and the loss of the terminal end a run and all that it started, and it says so;
# two runs share a store at the same time.
. "$srcdir/tests/lib/bad.sh"

cat >c.kfp <<'KFP'
component quick() -> (n: int):
    shell:
        echo 1 > "$n_path"

component sleeps(dir: str, name: str):
    shell:
        echo $$ > "$dir/$name"
        exec sleep 1000

component ignores(dir: str, name: str):
    shell:
        trap '' TERM INT HUP
        echo $$ > "$dir/$name"
        while :; do sleep 0.1; done

component forks(dir: str, name: str):
    shell:
        setsid sh -c 'trap "" TERM INT HUP; echo $$ > "$2/$1"; while :; do sleep 0.1; done' sh "$name" "$dir" &
        wait

component python_sleeps(dir: str, name: str):
    python:
        import os
        import time
        with open(os.path.join(dir, "part"), "w") as f:
            f.write(str(os.getpid()))
        os.rename(os.path.join(dir, "part"),
                  os.path.join(dir, name))
        while True:
            try:
                time.sleep(1000)
            except KeyboardInterrupt:
                pass

component after(n: int):
    shell:
        echo "$n"

pipeline polite(dir: str):
    q = quick()
    s = sleeps(dir=dir, name="one") with after=[q]
    a = after(n=q.n) with after=[s]

pipeline rude(dir: str):
    q = quick()
    s = sleeps(dir=dir, name="one") with after=[q]
    i = ignores(dir=dir, name="two") with after=[q]
    f = forks(dir=dir, name="three") with after=[q]
    y = python_sleeps(dir=dir, name="four") with after=[q]
    a = after(n=q.n) with after=[s]

component waits_for_the_other(dir: str, me: str, other: str) -> (data: Dataset):
    shell:
        : > "$dir/$me"
        while [ ! -e "$dir/$other" ]; do sleep 0.02; done
        echo both > "$data_path"

pipeline one_of_two(dir: str, me: str, other: str):
    a = waits_for_the_other(dir=dir, me=me, other=other)
KFP
dir=$PWD/names

# ended PIPELINE SIGNAL NAME...: what writes its process ID under NAME is ended with the run.
ended() {
	pipeline=$1 signal=$2; shift 2
	rm -rf names
	mkdir names
	env --default-signal=INT kfpc run c.kfp $pipeline -p dir="$dir" -j 8 --json >out 2>err </dev/null &
	kfpc=$!
	for name; do
		wait_for test -s names/$name
	done
	kill -$signal $kfpc
	status=0
	wait $kfpc || status=$?
	[ $status = 130 ] || fail "status $status after $signal"
	for name; do
		! kill -0 "$(cat names/$name)" 2>/dev/null || fail "$name runs on after $signal"
	done
	[ "$(json_of 'd["state"]')" = cancelled ] || fail "the state of the run"
	[ "$(json_of '" ".join(sorted({t["state"] for t in d["tasks"].values()}))')" = \
		"cancelled skipped succeeded" ] || fail "states"
	gives 0 kfpc runs
	says cancelled
	gives 0 kfpc show @last
	gives 0 kfpc fsck
	says clean
}

ended polite HUP one
ended polite TERM one
ended rude INT one two three four

# Two at once in a new store: each waits for what the other does.
rm -rf names "$KFPC_STORE"
mkdir names
kfpc run c.kfp one_of_two -p dir="$dir" -p me=a -p other=b --json >out.a 2>err.a &
a=$!
kfpc run c.kfp one_of_two -p dir="$dir" -p me=b -p other=a --json >out.b 2>err.b &
b=$!
gives 0 kfpc run c.kfp one_of_two -p dir="$dir" -p me=c -p other=a
wait $a || fail "$(cat err.a)"
wait $b || fail "$(cat err.b)"
gives 0 kfpc runs --json
[ "$(grep -c '"state":"succeeded"' out)" = 3 ] || fail "runs"
gives 0 kfpc fsck
says "3 runs, 1 blob" clean

# A run that goes on while others look and check.
rm -rf names
mkdir names
kfpc run c.kfp one_of_two -p dir="$dir" -p me=a -p other=b --progress quiet >out.a 2>err.a &
a=$!
wait_for test -e names/a
gives 0 kfpc runs
says "running"
gives 0 kfpc show @last
says "running"
gives 0 kfpc logs @last
gives 0 kfpc fsck
says clean
gives 2 kfpc get @last/a.data -o early
says "running"
: >names/b
wait $a || fail "$(cat err.a)"
gives 0 kfpc get @last/a.data -o late
gives 0 kfpc fsck
