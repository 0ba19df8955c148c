# Command lines and configs that are wrong: nothing is started, the place of the fault is
# named, and the exit status tells usage (2) from values (1) and files (4).
. "$srcdir/tests/lib/bad.sh"

cat >c.kfp <<'KFP'
enum Kernel: linear, rbf

component train(x: int = 1, k: Kernel = Kernel.rbf, f: float = 1.0 where f > 0, b: bool = True) -> (n: int):
    shell:
        echo "$k $f $b" >&2
        echo "$x" > "$n_path"

component say(text: str = "x") -> (said: str):
    shell:
        printf %s "$text" > "$said_path"

pipeline p(a: int, text: str = "v") -> (n: int, said: str):
    fit = train()
    told = say(text=f"{text} {a}")
    return n=fit.n, said=told.said

pipeline q() -> int:
    r = p(a=1)
    return r.n

config prod for p:
    a = 5
KFP

# wrong STATUS TEXT ARGUMENT...
wrong() {
	status=$1 text=$2; shift 2
	gives "$status" kfpc run c.kfp "$@"
	says "$text"
	[ ! -s out ] || fail "a result was printed for $*"
	[ ! -e .kfpc ] || fail "a run was begun for $*"
}

# Values.
wrong 1 "has no parameter 'nope'" p -p a=1 -p nope=3
wrong 1 "did you mean 'fit'?" p -p a=1 -p fitt.x=3
wrong 1 "no parameter 'y'" p -p a=1 -p fit.y=3
wrong 1 "'told.text' is set by the call at c.kfp:" p -p a=1 -p told.text=3
wrong 1 "'a': wanted an int" p -p a=x
for value in '' 1.5 true 1e3 '"1"' 9223372036854775808 '1 2' '[1]'; do
	wrong 1 "wanted an int" p -p "a=$value"
done
wrong 1 "'fit.k': 'poly' is no Kernel; it is one of linear, rbf" p -p a=1 -p fit.k=poly
wrong 1 "breaks 'f > 0'" p -p a=1 -p fit.f=-1
wrong 1 "fit.f" p -p a=1 -p fit.f=x
wrong 1 "'fit.b'" p -p a=1 -p fit.b=maybe
wrong 1 "'fit' is a task" p -p a=1 -p fit=1
wrong 1 "no setting 'colour'" p -p a=1 -p fit.settings.colour=red
wrong 1 "wanted a size" p -p a=1 -p fit.settings.memory=much
wrong 1 "'a' is given twice" p -p a=1 -p a=2
wrong 1 "'fit.x' is given twice" p -p a=1 -p fit.x=1 -p fit.x=1
wrong 1 "'a' has no value" p
wrong 1 "fit" p -p a=1 -p fit..x=3

# Usage.
wrong 2 "there is no pipeline 'train'" train
wrong 2 "has no config 'nope'" p --config nope
wrong 2 "NAME=VALUE" p -p a
wrong 2 "NAME=VALUE" p -p =3
wrong 2 "needs a value" p -p
wrong 2 "there is no option '--nope'" p --nope
wrong 2 "there is no option '-Z'" p -Z
wrong 2 "perhaps a pipeline" p q r
for jobs in 0 -1 x '' 1000000 99999999999999999999; do
	wrong 2 "-j wants a number" p -p a=1 -j "$jobs"
done
wrong 2 "--progress is" p -p a=1 --progress loud
wrong 2 "--env is" p -p a=1 --env conda
for name in "$(printf 'two\nlines')" "$(printf 'red\033[31m')"; do
	wrong 2 "--name" p -p a=1 --name "$name"
done
gives 2 kfpc
gives 2 kfpc ''
gives 2 kfpc chekc c.kfp
says "did you mean 'check'?"
gives 2 kfpc plan c.kfp
says "later version"
gives 2 kfpc check
gives 2 kfpc build
gives 2 kfpc build c.kfp -o
gives 2 kfpc get
gives 2 kfpc show @last extra words

# Files.
wrong 4 "missing.json: No such file or directory" p -p a=@missing.json
wrong 4 "missing.json: No such file or directory" p --config-file missing.json
mkdir folder
wrong 4 "folder: Is a directory" p -p a=@folder
wrong 4 "folder: Is a directory" p --config-file folder
wrong 1 "c.kfp: line 1" p --config-file c.kfp
: >empty.json
wrong 1 "empty.json" p --config-file empty.json
printf '{"a": 1}\0' >zero.json
wrong 1 "zero.json" p --config-file zero.json
wrong 1 "zero.json" p -p a=@zero.json
printf '{"a": "\377"}' >latin.json
wrong 1 "latin.json" p --config-file latin.json
echo '[1, 2]' >list.json
wrong 1 "list.json" p --config-file list.json
echo '{"a": 1, "nope": 2}' >c.json
wrong 1 "has no parameter 'nope'" p --config-file c.json
echo '{"a": "one"}' >c.json
wrong 1 "wanted int, found a string" p --config-file c.json
echo '{"a": 1, "a": 2}' >c.json
wrong 1 "duplicate" p --config-file c.json
echo '{"a": 1, "fit": {"x": 2, "k": 3}}' >c.json
wrong 1 "'fit.k'" p --config-file c.json
python3 -c 'print("[" * 100000)' >deep.json
wrong 1 "deep.json" p --config-file deep.json
python3 -c 'print("{\"a\": 1" + "0" * 1000000 + "}")' >big.json
wrong 1 "big.json" p --config-file big.json

# Two values of one task, a config and a file beneath the command line: all of it holds.
echo '{"fit": {"x": 2}, "text": "from a file"}' >good.json
gives 0 kfpc run c.kfp p --config prod --config-file good.json -p fit.k=linear \
	-p fit.settings.retries=1 -p fit.f=2 --json -j 4096 --name '이름 of a run'
[ "$(json_of 'd["outputs"]')" = "{'n': 2, 'said': 'from a file 5'}" ] || fail "outputs"
gives 0 kfpc show '이름 of a run'
gives 0 kfpc run c.kfp q --json -p r.fit.x=7
[ "$(json_of 'd["outputs"]')" = "{'output': 7}" ] || fail "outputs"
gives 1 kfpc run c.kfp p -p a=x --json
json_of 'd["run_id"], d["error"]' >/dev/null || fail "no JSON object for a wrong config"
says "wanted an int"
