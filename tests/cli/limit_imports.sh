# Files import each other 64 levels deep, the first one counted; the next is refused by name.
. "$srcdir/tests/lib/bad.sh"

chain() {
	for i in $(seq 1 "$1"); do
		printf 'import "f%d.kfp" as next\n\nconst N = next.N + 1\n' $((i + 1)) >"f$i.kfp"
	done
	echo 'const N = 1' >"f$(($1 + 1)).kfp"
}

chain 63
cat >>f1.kfp <<'EOF'

pipeline p() -> int:
    return N

test "all of them are read":
    r = p()
    assert r.outputs.output == 64
EOF
kfpc test f1.kfp

chain 64
kfpc check f1.kfp 2>err && fail "65 levels are accepted"
grep -q "E0605: imports are nested more than 64 files deep" err || fail "$(cat err)"
[ "$(grep -c '^error' err)" = 1 ] || fail "more than one error: $(cat err)"
