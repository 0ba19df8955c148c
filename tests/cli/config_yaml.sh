# Config files in YAML: what all readers of YAML read alike has a value, the rest is an error
# with its line and column.
. "$srcdir/tests/lib/bad.sh"

cat >c.kfp <<'KFP'
enum Kernel: linear, rbf

struct Optim:
    lr: float = 0.1
    steps: list[int] = [1]

component fit(c: int = 1, text: str = "t", k: Kernel = Kernel.rbf, f: float = 1.0, b: bool = True, wait: duration = 1m, o: Optim = Optim(), j: json = None, n: int? = None) -> (said: str):
    shell:
        printf '%s|%s|%s|%s|%s' "$c" "$text" "$k" "$f" "$b" >"$said_path"

pipeline p() -> str:
    fit = fit()
    return fit.said
KFP

# reads KEY WRITTEN SHOWN: the value of fit.KEY is shown so.
reads() {
	printf 'fit:\n  %s: %s\n' "$1" "$2" >c.yaml
	kfpc config c.kfp --config-file c.yaml >out 2>&1 || cat out >&2
	grep -Fqx -e "fit.$1 = $3" out || fail "$2: $(grep -F "fit.$1" out || cat out)"
}

# refuses WRITTEN MESSAGE: at its place, whatever the parameter wants.
refuses() {
	for key in c text f b j; do
		printf 'fit:\n  %s: %s\n' "$key" "$1" >c.yaml
		gives 1 kfpc config c.kfp --config-file c.yaml
		says "c.yaml: line 2, column $((${#key} + 5)): $2"
	done
}

reads c 12 12
reads c -9223372036854775808 -9223372036854775808
reads c 9007199254740993 9007199254740993
reads f 0.25 0.25
reads f 1.0e-5 1e-05
reads f 1.5E+3 1500.0
reads f 3 3.0
reads f .inf 'float("inf")'
reads f -.INF 'float("-inf")'
reads f .nan 'float("nan")'
reads b true True
reads b FALSE False
reads n '~' None
reads n '' None
reads n null None
reads k linear Kernel.linear
reads wait 10m 10m
reads text 'Hello, World' '"Hello, World"'
reads text "'yes'" '"yes"'
reads text '"0123"' '"0123"'
reads text "'1e3'" '"1e3"'
reads text "'null'" '"null"'
reads text "''" '""'
reads text "'2024-01-01'" '"2024-01-01"'
reads text '"tab\there \ud55c \U0001F600 {{x}} : #"' '"tab\there 한 😀 {{x}} : #"'
reads text 'a:b' '"a:b"'
printf 'fit:\n  text: |\n    two\n    lines\n' >c.yaml
kfpc config c.kfp --config-file c.yaml | grep -Fqx 'fit.text = "two\nlines\n"' || fail block

for word in yes no on off y n Yes NO oN; do
	refuses "$word" "readers of YAML do not agree what '$word' is: write true or false, or put"
done
for word in 0123 0o17 0x1F 0b11 1_000 +1 00 1.; do
	refuses "$word" "readers of YAML do not agree what '$word' is: write it in decimals"
done
for word in 1e3 1e-5 1.0e3 1E5 .5e3; do
	refuses "$word" "readers of YAML do not agree what '$word' is: write a point"
done
for word in 2024-01-01 1:30 12:30:45 '=' 2001-12-14t21:59:43.10-05:00; do
	refuses "$word" "readers of YAML do not agree what '$word' is: put it in quotes"
done
refuses 9223372036854775808 "readers of YAML do not agree what '9223372036854775808' is: write a smaller"
refuses 1.0e+999 "readers of YAML do not agree what '1.0e+999' is: write a smaller"
refuses '&x 1' "'&x' gives a value a name"
refuses '!!str 5' "'tag:yaml.org,2002:str' gives a value a type"
refuses '*x' "'*x' stands for another value"

# bad TEXT MESSAGE
bad() {
	printf '%b' "$1" >c.yml
	gives 1 kfpc run c.kfp --config-file c.yml --progress quiet
	says "$2"
}
bad 'fit:\n  c: 1\n  c: 2\n' "c.yml: line 3, column 3: 'c' is there twice"
bad '<<: {fit: {c: 1}}\n' "line 1, column 1: maps cannot be merged"
bad '? [a]\n: 1\n' "line 1, column 3: the key of a value has to be a text"
bad 'fit: {c: 1}\n---\nfit: {c: 2}\n' "line 3, column 1: a second document"
bad 'fit: {c: [}\n' "line 1, column 11:"
bad 'fit: "open\n' "line 2, column 1:"
bad 'fit:\n\tc: 1\n' "line 2, column 1:"
bad 'a\0b: 1\n' "byte 1: control characters"
bad 'fit: \0377\n' "byte 5: invalid leading UTF-8"
bad '- 1\n' "an object of addresses and values is wanted"
bad 'just a text\n' "an object of addresses and values is wanted"
bad 'fit:\n  c: one\n' "--config-file c.yml:2:6: 'fit.c': wanted int, found a string"
bad 'fit:\n  o:\n    steps: [1, 2,\n      x]\n' "--config-file c.yml:4:7: 'fit.o.steps[2]': wanted int"
bad 'fit:\n  o: {lr: 1.0, speed: 3}\n' "--config-file c.yml:2:6: 'fit.o'"
bad 'fit:\n  cc: 1\n' "--config-file c.yml:2:7: component 'fit' has no parameter 'cc'"
bad "$(printf 'k%s: 1\\n' $(seq 20))k7: 2\n" "line 21, column 1: 'k7' is there twice"

# What it is read from is told, -p is stronger, and a file for one value may be YAML, too.
printf 'fit:\n  c: 3\n  text: "no"\n' >c.yaml
gives 0 kfpc config c.kfp --config-file c.yaml -p fit.text=on --explain
grep -Fqx 'fit.c = 3  # --config-file c.yaml:2:6' out || fail "explain: $(cat out)"
grep -Fqx 'fit.text = "on"  # -p' out || fail "explain: $(cat out)"
kfpc run c.kfp --config-file c.yaml --progress quiet | grep -Fq '3|no|rbf|1.0|true' || fail run
printf 'lr: 0.5\nsteps:\n- 4\n' >o.yaml
gives 0 kfpc config c.kfp -p fit.o=@o.yaml
grep -Fq 'lr=0.5, steps=[4]' out || fail "a value from a file: $(cat out)"
: >empty.yaml
gives 0 kfpc config c.kfp --config-file empty.yaml
echo '# nothing' >empty.yaml
gives 0 kfpc config c.kfp --config-file empty.yaml

# Limits.
python3 - <<'PY'
import json
open("deep.yaml", "w").write("fit: {j: " + "[" * 253 + "]" * 253 + "}\n")
open("deeper.yaml", "w").write("fit: {j: " + "[" * 300 + "]" * 300 + "}\n")
open("open.yaml", "w").write("fit: " + "[" * 1000000)
open("blocks.yaml", "w").write("".join(" " * k + "a:\n" for k in range(2000)))
open("many.yaml", "w").write("fit: [" + "1," * 4000001 + "]\n")
open("tags.yaml", "w").write("".join(f"%TAG !a{k}! x\n" for k in range(100000)) + "---\n{}")
open("long.yaml", "w").write("fit: {text: " + json.dumps("x" * 3000000) + "}\n")
PY
gives 0 kfpc config c.kfp --config-file deep.yaml
gives 0 kfpc config c.kfp --config-file long.yaml
for f in deeper open blocks; do
	gives 1 kfpc config c.kfp --config-file $f.yaml
	says "nested deeper than 256 levels"
done
gives 1 kfpc config c.kfp --config-file tags.yaml
says "more than 100 lines with %TAG"
gives 1 kfpc config c.kfp --config-file many.yaml
says "more than 4000000 values"
