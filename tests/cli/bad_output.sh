# Output that is much, that nobody can take, or that would do something to a terminal, and
# values too large for an environment.
. "$srcdir/tests/lib/bad.sh"

cat >o.kfp <<'KFP'
component prints_much():
    shell:
        yes 'a line of the usual length that says next to nothing' | head -c 200000000

component prints_one_line():
    shell:
        head -c 50000000 /dev/zero | tr '\0' 'x' >&2
        exit 1

component prints_escapes() -> (text: str):
    shell:
        printf '\033]0;title\007\033[31mred\r\n\302\233 31m\377\0done\n' >&2
        printf '\033[2Jcleared' > "$text_path"

component fails_with_escapes():
    python:
        raise ValueError("\033[2Jcleared")

component large() -> (text: str):
    python:
        text = "x" * 150000

component takes(text: str) -> (n: int):
    shell:
        echo "${#text}" > "$n_path"

component huge() -> (text: str):
    shell:
        head -c 100000000 /dev/zero | tr '\0' x > "$text_path"

pipeline p_much(): prints_much()
pipeline p_line(): prints_one_line()
pipeline p_escapes() -> str:
    e = prints_escapes()
    return e.text
pipeline p_raises(): fails_with_escapes()
pipeline p_large() -> int:
    l = large()
    t = takes(text=l.text)
    return t.n
pipeline p_huge(): huge()
pipeline p_text(text: str) -> int:
    t = takes(text=text)
    return t.n
KFP

# peak KIB COMMAND...: its peak of memory stays below.
cat >peak.py <<'PY'
import resource
import subprocess
import sys

status = subprocess.call(sys.argv[2:])
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
if peak > int(sys.argv[1]):
	sys.exit(f"{peak} KiB at the peak")
sys.exit(status)
PY
limit=60000
! grep -qa __asan_init "$KFPC" || limit=600000
gives 0 python3 peak.py $limit kfpc run o.kfp p_much --progress plain
gives 3 python3 peak.py $limit kfpc run o.kfp p_line --progress plain
[ "$(wc -c <err)" -lt 20000 ] || fail "the whole line is shown"
gives 0 python3 peak.py $limit sh -c 'kfpc logs @-2 >/dev/null'
[ "$(kfpc logs @-2/prints_much | wc -c)" = 200000000 ] || fail "logs"
kfpc logs @-2 2>err | head -n 1 >out
[ ! -s err ] || fail "a reader that has seen enough is no error"

# Nothing of a component reaches a terminal as it is.
esc=$(printf '\033')
for pipeline in p_escapes p_raises; do
	for how in plain tty; do
		status=0
		TERM=xterm NO_COLOR=1 script -qec "kfpc run o.kfp $pipeline --progress $how" typescript </dev/null >out 2>err || status=$?
		! sed "s/$esc\[[0-9;?]*[AJKGhlm]//g" out | grep -a "$esc\|$(printf '\302\233')" || fail "an escape sequence: $how"
		! grep -qaF "${esc}[2J" out || fail "the screen is cleared: $how"
		! grep -qaF "${esc}[31m" out || fail "red: $how"
	done
done
gives 0 kfpc build o.kfp
for pipeline in p_escapes p_raises; do
	TERM=xterm script -qec "kfpvm o.kfpb $pipeline" typescript </dev/null >out 2>err || true
	says "run "
	! grep -qa "$esc" out || fail "an escape sequence from kfpvm"
done
kfpc logs @-5 >out
grep -qa "${esc}" out || fail "a file gets the bytes as they were written"
for verb in logs show metrics artifacts; do
	script -qec "kfpc $verb @-5" typescript </dev/null >out 2>err
	! grep -qa "$esc" out || fail "an escape sequence in $verb"
done

# Standard output that cannot be written.
cat >good.kfp <<'KFP'
pipeline p(n: int = 3) -> int:
    return n
KFP
for command in "run good.kfp" "run good.kfp --json" "runs" "show @last" "runs --json" "dis good.kfp" "config good.kfp" "version" "--help" "run --help" "check --ast good.kfp" "fsck"; do
	status=0
	kfpc $command >/dev/full 2>err || status=$?
	[ $status = 4 ] || fail "status $status of kfpc $command >/dev/full"
	grep -q "No space left" err || fail "kfpc $command says nothing"
	status=0
	kfpc $command >&- 2>err || status=$?
	[ $status = 4 ] || fail "status $status of kfpc $command with stdout closed"
done
gives 0 kfpc build good.kfp
status=0
kfpvm good.kfpb --json >/dev/full 2>err || status=$?
[ $status = 4 ] || fail "status $status of kfpvm >/dev/full"
says "No space left"
kfpc run good.kfp 2>/dev/full >out || fail "stderr is full"
kfpc run good.kfp 2>&- >out || fail "stderr is closed"
kfpc run good.kfp <&- >out 2>&1 || fail "stdin is closed"
kfpc run good.kfp <&- >&- 2>&- || [ $? = 4 ] || fail "everything is closed"
gives 0 kfpc fsck

# An environment holds 128 KiB a variable.
gives 3 kfpc run o.kfp p_large --progress plain
says "artifact" "'text'"
gives 3 kfpc run o.kfp p_text -p text="$(head -c 110000 /dev/zero | tr '\0' y)"
says "artifact"
gives 0 kfpc run o.kfp p_text -p text="$(head -c 90000 /dev/zero | tr '\0' y)" --json
[ "$(json_of 'd["outputs"]["output"]')" = 90000 ] || fail "90,000 bytes"
gives 3 kfpc run o.kfp p_huge
says "'text'"
