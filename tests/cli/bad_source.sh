# Files that are no programs, or strange ones: one clear error at its place, quickly.
. "$srcdir/tests/lib/bad.sh"

every() {	# every STATUS TEXT FILE: each command that reads a program says the same
	for verb in check build dis config run; do
		gives "$1" kfpc $verb "$3"
		says "$2"
		[ ! -s out ] || fail "$verb $3 printed a result"
	done
	[ ! -e .kfpc ] || fail "$3 made a store"
}

every 4 "missing.kfp: No such file or directory" missing.kfp
mkdir folder folder.kfp
every 4 "folder: Is a directory" folder
every 4 "folder.kfp: Is a directory" folder.kfp
head -c 3000 "$(command -v python3)" >binary.kfp
every 1 "E0101: a NUL byte: this is not a text file" binary.kfp
printf 'const A = "a\0b"\n' >nul.kfp
every 1 "nul.kfp:1:13" nul.kfp
printf 'const A = "\355\225\234"\nconst B = "\377"\n' >latin.kfp
every 1 "E0101: byte 0xff is not UTF-8 here" latin.kfp
says "latin.kfp:2:12"
iconv -f UTF-8 -t UTF-8 err >/dev/null || fail "what is not UTF-8 was printed as it stood"
printf 'const A = "\355\240\200"\n' >surrogate.kfp
every 1 "E0101" surrogate.kfp
printf 'pipeline p():\n\tx = 1\n' >tab.kfp
every 1 "E0103: a tab in the indentation" tab.kfp
says "tab.kfp:2:1"
printf 'const A = "\033]0;title\007"  # \033[31m\nconst B = \n' >escape.kfp
gives 1 kfpc check escape.kfp
! grep -q "$(printf '\033')" err || fail "an escape sequence of the source was printed"
: >empty.kfp
gives 0 kfpc check empty.kfp
gives 1 kfpc run empty.kfp
says "has no pipeline"
long=$(head -c 5000 /dev/zero | tr '\0' x)
gives 4 kfpc check "$long.kfp"
says "File name too long"
gives 4 kfpc run "$(printf 'folder/%.0s' $(seq 1000))x.kfp"
says "File name too long"
gives 4 kfpc check ''

# Imports.
mkdir ring
echo 'import "b.kfp" as b' >ring/a.kfp
echo 'import "c.kfp" as c' >ring/b.kfp
echo 'import "a.kfp" as a' >ring/c.kfp
every 1 "E0602" ring/a.kfp
says "imports itself" "ring/c.kfp:1:8"
echo 'import "self.kfp" as s' >self.kfp
every 1 "'self.kfp' imports itself" self.kfp
echo 'import "missing.kfp" as m' >import.kfp
every 1 "E0601: cannot import: there is no file missing.kfp" import.kfp
echo 'import "folder" as m' >import.kfp
every 1 "folder: Is a directory" import.kfp
mkfifo pipe.kfp
echo 'import "/dev/null" as m' >import.kfp
gives 0 kfpc check import.kfp

# A file of one long line, and deep nesting of each kind.
python3 - <<'PY'
def write(name, text):
    with open(name + ".kfp", "w") as f:
        f.write(text)

n = 100000
write("line", 'const A = "' + "x" * 1000000 + '"\n')
write("open_line", 'const A = "' + "x" * 1000000)
write("list", "const A = [" + "1, " * 330000 + "1]\n")
write("word", "x" * 1000000)
write("comment", "#" * 1000000)
deep = {
    "parens": "(" * n + "1" + ")" * n, "open": "(" * n, "close": ")" * n,
    "lists": "[" * n + "]" * n, "dicts": '{"a":' * n + "1" + "}" * n,
    "minus": "-" * n + "1", "nots": "not " * n + "True", "calls": "len(" * n + ")" * n,
    "powers": "1 ** " * n + "1", "sum": "1 + " * n + "1", "arms": "1 if True else " * n + "1",
    "index": "x" + "[0]" * n, "fields": "x" + ".a" * n, "holes": 'f"{' * 500 + '}"' * 500,
    "chain": "True" + " and True" * n, "comps": "[x for x in " * n + "y" + "]" * n,
}
for name, text in deep.items():
    write("deep_" + name, "const A = " + text + "\n")
write("deep_type", "type A = " + "list[" * n + "int" + "]" * n + "\n")
write("deep_optional", "type A = int" + "?" * n + "\n")
write("deep_blocks", "pipeline p():\n" + "".join(
    " " * i + "if True:\n" for i in range(1, 3000)) + " " * 3001 + "pass\n")
write("deep_elif", "pipeline p():\n    if True:\n        pass\n"
      + "    elif True:\n        pass\n" * 20000)
PY
gives 0 kfpc check line.kfp
gives 0 kfpc check comment.kfp
gives 1 kfpc check open_line.kfp
says "E0105" "open_line.kfp:1:11"
[ "$(wc -c <err)" -lt 2000 ] || fail "the whole line was printed"
gives 0 kfpc check list.kfp
gives 1 kfpc check word.kfp
[ "$(wc -c <err)" -lt 2000 ] || fail "the whole line was printed"
for file in deep_*.kfp; do
	gives 1 kfpc check "$file"
	says "error E0"
	[ "$(wc -c <err)" -lt 50000 ] || fail "much was printed about $file"
done
gives 1 kfpc check deep_parens.kfp
says "E0110: brackets are nested too deeply" "deep_parens.kfp:1:2"

# Programs that come through a pipe.
printf 'pipeline p() -> int:\n    return 3\n' >good.kfp
cat good.kfp | kfpc check - >out 2>err || fail "standard input"
cat good.kfp | kfpc check /dev/stdin >out 2>err || fail "/dev/stdin"
cat good.kfp | kfpc run /dev/stdin --json >out 2>err || fail "run of /dev/stdin"
[ "$(json_of 'd["outputs"]')" = "{'output': 3}" ] || fail "outputs"
cat good.kfp >pipe.kfp &
kfpc run pipe.kfp --json >out 2>err || fail "run of a FIFO"
wait $!
kfpc build good.kfp -o good.kfpb >out 2>err || fail build
cat good.kfpb | kfpvm --json /dev/stdin >out 2>err || fail "a module from a pipe"
[ "$(json_of 'd["outputs"]')" = "{'output': 3}" ] || fail "outputs"

# Constants of constants, each twice as large as the one before.
{
	echo 'const l0 = [1, 2]'
	for i in $(seq 60); do
		echo "const l$i = [l$((i - 1)), l$((i - 1))]"
	done
	printf 'pipeline p() -> int:\n    return len(l60)\n'
} >doubling.kfp
gives 1 kfpc check doubling.kfp
says "error E0802: the expression takes more than"
