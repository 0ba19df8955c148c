# Settings of tasks from outside keep the rules of those in the program, before anything runs;
# a run's name is a word that other commands can find.
fail() { echo "$*"; cat out; exit 1; }
wrong() {
	want=$1; shift
	got=0
	kfpc "$@" >out 2>&1 || got=$?
	[ $got = "$want" ] || fail "status $got, not $want: $*"
	[ ! -e "$KFPC_STORE/runs" ] || [ -z "$(ls "$KFPC_STORE/runs")" ] || fail "it ran: $*"
}
says() { grep -qF -e "$1" out || fail "no '$1'"; }

cat >c.kfp <<'E'
component one() -> int:
    shell:
        echo 1 > "$output_path"

pipeline inner() -> int:
    x = one()
    return x

pipeline main(sizes: list[int] = [1]):
    x = one()
    y = inner()
    if len(sizes) > 5:
        one()
E
wrong 1 run c.kfp -p x.settings.retries=-1
says "-p: 'x.settings.retries' cannot be negative"
wrong 1 run c.kfp -p x.settings.timeout=0s
says "'x.settings.timeout' must be more than zero"
wrong 1 run c.kfp -p settings.parallelism=0
says "'settings.parallelism' must be at least 1"
echo '{"y": {"x": {"settings": {"retries": -2}}}}' >f.json
wrong 1 run c.kfp --config-file f.json
says "--config-file f.json: 'y.x.settings.retries' cannot be negative"
wrong 1 config c.kfp -p y.settings.paralelism=3
says "has no setting 'paralelism'"
kfpc config c.kfp -p y.settings.parallelism=3 -p y.settings.cache=off >out 2>&1
says "y.settings.parallelism = 3"
says "y.settings.cache = False"
wrong 1 config c.kfp -p sizes=1,2
says "'sizes': wanted list[int] as JSON"
wrong 2 run c.kfp --name @last
says "--name wants one line of text, without '/'"
wrong 2 run c.kfp --name a/b
kfpc run c.kfp --name v1.2 -p x.settings.retries=2 --progress quiet >out 2>&1
kfpc get v1.2/x.output >out
says 1
