# Lists of artifacts and artifacts that may be missing: given to Python and to shell contents,
# given back, returned.
fail() { echo "not as it should be: $*"; exit 1; }
# of the JSON object in out: a Python expression over r
json() {
	got=$(python3 -c "import json; r = json.load(open('out')); x = ($1); print(x)")
	[ "$got" = "$2" ] || { cat out; fail "$1 is $got, not $2"; }
}

cat > m.kfp <<'KFP'
component make(text: str, extra: bool = False) -> (model: Model[txt], data: Dataset[csv]?):
    python:
        with open(model, "w") as f:
            f.write(text)
        if extra:
            open(data, "w").write("a,b\n1,2\n")

component py(models: list[Model], first: Model?, data: Dataset[csv]? = None) -> (sum: str, kept: Model?):
    python:
        sum = "+".join(open(m).read() for m in models)
        sum += " first " + open(first).read() if first else " none"
        assert models_path.endswith("/models"), models_path
        if data is not None:
            sum += " " + open(data).readline().strip()

component sh(models: list[Model], first: Model?, data: Dataset[csv]? = None) -> (sum: str, kept: Model?):
    shell:
        ls "$models_path" | tr '\n' ' ' >> "$sum_path"
        for f in "$models_path"/*; do test ! -e "$f" || cat "$f" >> "$sum_path"; done
        echo " ${first_path:+first} ${data_path:+data}" >> "$sum_path"
        if test -n "${first_path-}"; then cp "$first_path" "$kept_path"; fi

pipeline p(m: Model? = None) -> (a: str, b: str, c: str, d: str, e: str, kept: Model?, none: Model?, all: list[Model], back: bool):
    x = make(text="x", extra=True)
    y = make(text="y")
    a = py(models=[x.model, y.model], first=x.model, data=x.data)
    b = sh(models=[x.model, y.model], first=x.model, data=x.data)
    c = py(models=[], first=None, data=y.data)
    d = sh(models=[], first=m)
    e = sh(models=[y.model, x.model, y.model], first=b.kept)
    return a=a.sum, b=b.sum, c=c.sum, d=d.sum, e=e.sum, kept=b.kept, none=d.kept, all=[x.model, y.model], back=y.data is None
KFP

kfpc run m.kfp --json > out 2> err || { cat out err; fail "the run"; }
json "r['state']" succeeded
json "r['outputs']['a']" "x+y first x a,b"
json "r['outputs']['b']" "0 1 xy first data"
json "r['outputs']['c']" " none"
json "r['outputs']['d']" "  "
json "r['outputs']['e']" "0 1 2 yxy first "
json "r['outputs']['none']" None
json "[a['\$artifact'] + a['format'] for a in r['outputs']['all']]" "['Modeltxt', 'Modeltxt']"
json "r['outputs']['back']" True
kfpc run m.kfp > out 2> err
grep -q "^  all   2 artifacts$" out || { cat out; fail "the summary"; }
