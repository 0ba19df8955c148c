# Strange places and surroundings: names with blanks and Hangul, no HOME, no locale, no
# terminal, no Python.
. "$srcdir/tests/lib/bad.sh"

place="나의 '폴더' \"\$x\" \`y\` *"
mkdir "$place"
cat >"$place/도구.py" <<'PY'
def twice(n):
    return 2 * n
PY
cat >"$place/파이프 라인.kfp" <<'KFP'
component words(text: str) -> (data: Dataset[csv], dir: Dataset):
    shell:
        printf '%s\n' "$text" > "$data_path"
        mkdir "$dir_path"
        cp "$data_path" "$dir_path/이름 with blanks"

component reads(data: Dataset[csv], dir: Dataset) -> (text: str):
    python:
        import os
        with open(data, encoding="utf-8") as f:
            text = f.read().strip()
        text += "".join(os.listdir(dir.path))
        print(text, "한글")

component doubles(n: int) -> (n2: int):
    python = "도구.py:twice"

pipeline p(text: str = "한글 'and' \"quotes\" $x `y`") -> (text: str, n: int):
    w = words(text=text)
    r = reads(data=w.data, dir=w.dir)
    d = doubles(n=4)
    return text=r.text, n=d.n2
KFP
text="한글 'and' \"quotes\" \$x \`y\`이름 with blanks"
export KFPC_STORE="$PWD/$place/저장 소"

# works COMMAND...: the run gives what it should.
works() {
	gives 0 "$@"
	[ "$(json_of 'd["outputs"]["text"]')" = "$text" ] || fail "outputs: $(cat out)"
	[ "$(json_of 'd["outputs"]["n"]')" = 8 ] || fail "outputs: $(cat out)"
}
works kfpc run "$place/파이프 라인.kfp" --json
works env LC_ALL=C kfpc run "$place/파이프 라인.kfp" --json
works env -u LC_ALL -u LANG kfpc run "$place/파이프 라인.kfp" --json
gives 0 env LC_ALL=C kfpc logs @last
says "한글"
works env -u HOME -u XDG_CACHE_HOME -u XDG_CONFIG_HOME kfpc run "$place/파이프 라인.kfp" --json
works env HOME=/proc/none XDG_CACHE_HOME=/proc/none/cache kfpc run "$place/파이프 라인.kfp" --json
works env TMPDIR="/proc/none" kfpc run "$place/파이프 라인.kfp" --json
works env -i PATH="$PATH" ASAN_OPTIONS="${ASAN_OPTIONS-}" KFPC_STORE="$KFPC_STORE" \
	kfpc run "$place/파이프 라인.kfp" --json
works sh -c 'umask 077; cd "$1" && exec kfpc run "파이프 라인.kfp" --json' sh "$place"
gives 0 kfpc get @last/w.dir -o "받은 것"
[ -e "받은 것/이름 with blanks" ] || fail "names in a folder"
gives 0 kfpc get @last/w.data -o "./-o"
gives 0 kfpc build "$place/파이프 라인.kfp" -o "$place/모듈.kfpb"
works kfpc run "$place/모듈.kfpb" --json
works kfpvm "$place/모듈.kfpb" --json
gives 0 kfpc fsck
says clean

# Progress never needs a terminal, and draws only in one that can.
for term in '' dumb xterm; do
	gives 0 env TERM=$term script -qec 'kfpc run ./*/파이프*.kfp' typescript
	says "succeeded"
	[ "$term" = xterm ] || ! grep -qa "$(printf '\033')" out || fail "it draws with TERM=$term"
done

# Without Python, contents are not checked, and only components in Python fail.
mkdir bin
for tool in sh env cat mkdir cp rm; do
	ln -s "$(command -v $tool)" bin/$tool
done
ln -s "$(command -v kfpc)" bin/kfpc
gives 0 env PATH="$PWD/bin" kfpc check "$place/파이프 라인.kfp"
says "not checked"
cat >shell.kfp <<'KFP'
component one() -> (n: int):
    shell:
        echo 1 > "$n_path"
component two() -> (n: int):
    python:
        n = 2
pipeline p() -> int:
    a = one()
    return a.n
pipeline q() -> int:
    a = two()
    return a.n
KFP
gives 0 env PATH="$PWD/bin" kfpc run shell.kfp p
status=0
env PATH="$PWD/bin" kfpc run shell.kfp q >out 2>err || status=$?
[ $status = 3 ] || [ $status = 4 ] || fail "status $status without Python"
says "Python"
gives 0 env PATH=/nonexistent "$KFPC" check shell.kfp
gives 0 env -u PATH "$KFPC" run shell.kfp p
gives 0 env PATH=/nonexistent "$KFPC" run shell.kfp p
