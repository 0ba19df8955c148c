# Components that misbehave: each is a failure that says why, never a hang, and nothing of it
# runs on.
fail() { echo "$*" >&2; cat out err >&2; exit 1; }
says() { grep -qF -- "$1" out err || fail "not said: $1"; }
# run STATUS PIPELINE
run() {
	status=0
	timeout 120 kfpc run bad.kfp "$2" --progress plain >out 2>err || status=$?
	[ "$status" = "$1" ] || fail "exit status $status for $2, not $1"
}

cat >bad.kfp <<'KFP'
component forks_away() -> (pid: int):
    shell:
        setsid sh -c '(setsid sh -c "echo \$\$ > \"$1\"; exec sleep 1000" sh "$1" &)' sh "$pid_path.new"
        while [ ! -s "$pid_path.new" ]; do sleep 0.05; done
        mv "$pid_path.new" "$pid_path"

component ignores_term():
    shell:
        trap '' TERM
        while :; do sleep 0.1; done

component prints_much():
    shell:
        head -c 200000000 /dev/zero | tr '\0' 'x'

component writes_nothing() -> (data: Dataset):
    shell:
        echo "$data_path" >/dev/null

component writes_a_link() -> (data: Dataset):
    shell:
        ln -s /etc/passwd "$data_path"

component writes_a_pipe() -> (data: Dataset):
    shell:
        mkfifo "$data_path"

component fails_in_python() -> (n: int):
    python:
        def inner(x):
            return 1 / x

        n = inner(0)

component exits_early() -> (n: int):
    python:
        import os
        n = 1
        os._exit(0)

component wrong_type() -> (n: int):
    python:
        n = "one"

pipeline p_forks_away() -> int:
    t = forks_away()
    return t.pid

pipeline p_ignores_term():
    ignores_term() with timeout=1s

pipeline p_prints_much():
    prints_much()

pipeline p_writes_nothing():
    writes_nothing()

pipeline p_writes_a_link():
    writes_a_link()

pipeline p_writes_a_pipe():
    writes_a_pipe()

pipeline p_fails_in_python():
    fails_in_python()

pipeline p_exits_early():
    exits_early()

pipeline p_wrong_type():
    wrong_type()
KFP

status=0
kfpc run bad.kfp p_forks_away --json >out 2>err || status=$?
[ "$status" = 0 ] || fail "a daemon fails its component: $status"
pid=$(python3 -c 'import json; print(json.load(open("out"))["outputs"]["output"])')
! kill -0 "$pid" 2>/dev/null || fail "the daemon $pid outlived its component"

run 3 p_ignores_term
says "timeout of 1 s"
run 0 p_prints_much
run 3 p_writes_nothing
run 3 p_writes_a_link
run 3 p_writes_a_pipe

run 3 p_fails_in_python
says "ZeroDivisionError: division by zero"
line_of() { grep -nF -- "$1" bad.kfp | cut -d: -f1; }
says "File \"bad.kfp\", line $(line_of 'n = inner(0)'), in <module>"
says "File \"bad.kfp\", line $(line_of 'return 1 / x'), in inner"
run 3 p_exits_early
says "ended before the outputs could be read"
run 3 p_wrong_type
says "is declared int, and the code gave it 'one' (str)"
