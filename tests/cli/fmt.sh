# kfpc fmt: files in place, standard input, --check, --diff, and what cannot be read or written.
fail() { echo "$*"; exit 1; }
want() { s=0; "$@" >out 2>err || s=$?; [ $s -eq $status ] || fail "$* ended with $s: $(cat err)"; }

printf 'const A=1\n' >a.kfp
printf 'const B = 2\n' >b.kfp
cp b.kfp b.before
touch -d 2001-01-01 b.kfp
chmod 640 a.kfp

# --check and --diff change nothing
status=1; want kfpc fmt --check a.kfp b.kfp
[ "$(cat out)" = a.kfp ] || fail "--check lists $(cat out)"
status=0; want kfpc fmt --check b.kfp
[ ! -s out ] || fail "--check lists what is canonical"
status=0; want kfpc fmt --diff a.kfp b.kfp
cat >diff <<'END'
--- a.kfp
+++ a.kfp
@@ -1 +1 @@
-const A=1
+const A = 1
END
cmp out diff || fail "diff: $(cat out)"
status=1; want kfpc fmt --check --diff a.kfp
cmp out diff
[ "$(cat a.kfp)" = "const A=1" ] || fail "--diff changed the file"

# in place: what is canonical is not touched, and the mode stays
status=0; want kfpc fmt a.kfp b.kfp
[ ! -s out ] && [ ! -s err ] || fail "fmt printed something"
[ "$(cat a.kfp)" = "const A = 1" ] || fail "not formatted"
[ "$(stat -c %a a.kfp)" = 640 ] || fail "the mode changed"
[ "$(date -r b.kfp +%Y)" = 2001 ] || fail "an unchanged file was written"

# standard input
printf 'const A=1' | kfpc fmt - >out && [ "$(cat out)" = "const A = 1" ] || fail "standard input"
printf 'const A=1' | kfpc fmt --check - >out && fail "--check of standard input"
[ "$(cat out)" = "<stdin>" ] || fail "--check of standard input lists $(cat out)"
printf 'const A=1' | kfpc fmt --diff - | grep -q 'No newline at end of file' || fail "diff without a newline"

# a diff whose hunks lie apart is one that patch applies
i=0
while [ $i -lt 60 ]; do
	case $i in 3 | 5 | 30 | 59) echo "const C$i=$i" ;; *) echo "const C$i = $i" ;; esac
	i=$((i + 1))
done >c.kfp
kfpc fmt --diff c.kfp >c.diff
[ "$(grep -c '^@@' c.diff)" = 3 ] || fail "hunks: $(grep '^@@' c.diff)"
if command -v patch >patch.path; then
	cp c.kfp d.kfp
	patch -s d.kfp c.diff
	kfpc fmt c.kfp
	cmp c.kfp d.kfp || fail "the diff does not lead to the canonical form"
fi

# errors of syntax: the rest is formatted, and the status says so
printf 'const A=1\nconst B = = 2\nconst C=3\n' >e.kfp
status=1; want kfpc fmt e.kfp
grep -q E0203 err || grep -q 'error E' err || fail "no error was printed"
printf 'const A = 1\nconst B = = 2\nconst C = 3\n' | cmp - e.kfp || fail "$(cat e.kfp)"

# other files go on
printf 'const A=1\n' >a.kfp
status=4; want kfpc fmt missing.kfp a.kfp
[ "$(cat a.kfp)" = "const A = 1" ] || fail "a missing file ended it"
printf 'a\0b' >nul.kfp
cp nul.kfp nul.before
status=1; want kfpc fmt nul.kfp
cmp nul.kfp nul.before
printf 'x = \377\r\n' >latin.kfp
cp latin.kfp latin.before
status=1; want kfpc fmt latin.kfp
cmp latin.kfp latin.before
status=4; want kfpc fmt .
status=2; want kfpc fmt
status=2; want kfpc fmt --chekc a.kfp
cmp b.kfp b.before
