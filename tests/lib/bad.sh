# What the scripts tests/cli/bad_*.sh share; each begins with `. "$srcdir/tests/lib/bad.sh"`.

fail() { echo "$*" >&2; for f in out err; do head -c 2500 $f >&2; done; exit 1; }

# gives STATUS COMMAND...: what it prints goes to the files `out` and `err`.
gives() {
	want=$1; shift
	got=0
	timeout 600 "$@" </dev/null >out 2>err || got=$?
	[ "$got" = "$want" ] || fail "status $got, not $want: $(echo "$*" | head -c 300)"
	! grep -qE 'AddressSanitizer|runtime error:' err || fail "a sanitizer's report: $*"
}

# says TEXT...: on one of the two streams.
says() {
	for said; do
		grep -qaF -e "$said" out err || fail "not said: $said"
	done
}

not_said() { ! grep -qaF -e "$1" out err || fail "said: $1"; }

# skip WHY: the whole script cannot be tried here.
skip() { echo "$*"; exit 77; }

# wait_for COMMAND...: until it succeeds; fails after about a minute.
wait_for() {
	tries=0
	until "$@" 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -lt 1200 ] || fail "in vain: $*"
		sleep 0.05
	done
}

# json_of EXPRESSION: of the object d in the file `out`.
json_of() { python3 -c "import json; d = json.load(open('out')); print($1)"; }
