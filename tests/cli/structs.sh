# Structs as a user meets them: defaults, the config, Python, shell, constraints.
cat > s.kfp <<'E'
enum Act: relu, relu6 = "relu-6"

struct Layer:
    units: int where units > 0
    act: Act = Act.relu
    dropout: float? = 0.5 where dropout < 1

struct Optim:
    lr: float = 0.5 where lr > 0
    momentum: float = 0.25 where momentum <= lr
    wait: duration = 5m
    layers: list[Layer] = [Layer(units=1)]
    named: dict[str, Layer] = {}

component fit(optim: Optim = Optim(lr=1), how: str = "same") -> (out: Optim, text: str):
    python:
        from dataclasses import dataclass, field

        text = f"{optim.lr} {optim.layers[0].units} {optim.layers[0].act}"
        try:
            optim.lr = 3
        except AttributeError as e:
            text += " | " + str(e)
        assert optim == optim and optim.layers[0] != optim
        assert optim.to_dict()["layers"][0]["units"] == optim.layers[0].units
        if how == "same":
            out = optim
        elif how == "dict":
            out = {"lr": 2, "layers": [{"units": 3}]}
        elif how == "dataclass":
            @dataclass
            class L:
                units: int
                act: str = "relu-6"

            @dataclass
            class O:
                lr: float
                layers: list = field(default_factory=list)
                named: dict = field(default_factory=dict)

            out = O(lr=7, layers=[L(2)], named={"a": L(4)})
        elif how == "other":
            out = optim.layers[0]
        elif how == "unknown":
            out = {"lrr": 1}
        elif how == "type":
            out = {"layers": [{"units": True}]}
        elif how == "lacks":
            out = {"layers": [{}]}
        elif how == "breaks":
            out = {"layers": [{"units": 1}, {"units": 0}]}
        elif how == "numpy_like":
            class Scalar:
                dtype = "int64"
                def item(self):
                    return 9
            out = {"layers": [{"units": Scalar()}]}

component sh(o: Optim) -> (o2: Optim, part: Layer):
    shell:
        printf '%s' "$o" > "$o2_path"
        echo '{"units": 5}' > "$part_path"

pipeline p(how: str = "same", o: Optim = Optim()) -> (a: Optim, b: Layer, t: str):
    f = fit(how=how)
    s = sh(o=f.out if o.lr != 3 else o)
    return a=s.o2, b=s.part, t=f.text

config fast for p:
    f.optim.lr = 4
    o = Optim(lr=3)
    o.layers = [Layer(units=2)]
E

kfpc check s.kfp
kfpc run s.kfp > said 2>&1
grep -F '"lr": 1.0, "momentum": 0.25, "wait": 300, "layers": [{"units": 1, "act": "relu", "dropout": 0.5}], "named": {}' said
grep -F '{"units": 5, "act": "relu", "dropout": 0.5}' said
grep -F '1.0 1 relu | Optim cannot be changed: dict(x.to_dict(), lr=...) is a changed copy' said

kfpc run s.kfp -p how=dict > said 2>&1
grep -F '"lr": 2.0, "momentum": 0.25, "wait": 300, "layers": [{"units": 3, "act": "relu", "dropout": 0.5}]' said
kfpc run s.kfp -p how=dataclass > said 2>&1
grep -F '"lr": 7.0, "momentum": 0.25, "wait": 300, "layers": [{"units": 2, "act": "relu-6", "dropout": 0.5}], "named": {"a": {"units": 4' said
kfpc run s.kfp -p how=numpy_like > said 2>&1
grep -F '"units": 9' said

fails() {
	status=0
	kfpc run s.kfp -p how="$1" > said 2>&1 || status=$?
	[ "$status" = 3 ]
	grep -F "$2" said
}
fails other "output 'out' is declared Optim, and the code gave it Layer(units=1"
fails unknown "output 'out': Optim has no field 'lrr', it has lr, momentum, wait, layers, named"
fails type "output 'out.layers[0].units' is declared int, and the code gave it True (bool)"
fails lacks "output 'out.layers[0]' lacks the field 'units' of Layer"
fails breaks "'out.layers[1].units': 'units' is 0, which breaks 'units > 0' (s.kfp:4:22)"

# The config: whole values, single fields, and everything that is wrong at once.
kfpc config s.kfp --config fast > said
grep -F 'o = Optim(lr=3.0, momentum=0.25, wait=5m, layers=[Layer(units=2' said
grep -F 'f.optim = Optim(lr=4.0' said
kfpc run s.kfp -p 'f.optim={"lr": 2, "wait": "7m"}' -p f.optim.momentum=2 > said 2>&1
grep -F '"lr": 2.0, "momentum": 2.0, "wait": 420' said

refuses() {
	status=0
	kfpc run s.kfp "$@" > said 2>&1 || status=$?
	[ "$status" = 1 ]
}
refuses -p 'o={"lr": "x", "momentun": 1, "layers": [{"units": 1}, {"unit": 2, "act": "relu7"}], "wait": "soon"}'
grep -F "'o.lr': wanted float, found a string \"x\"" said
grep -F "'o': Optim has no field 'momentun'; did you mean 'momentum'?" said
grep -F "'o.layers[1]': Layer has no field 'unit'; did you mean 'units'?" said
grep -F "'o.layers[1].act': 'relu7' is no Act; it is one of relu, relu6; did you mean 'relu'" said
grep -F "'o.wait': wanted duration, found a string \"soon\"" said
[ "$(grep -c "^  -p" said)" = 5 ]
refuses -p 'o={"lr": -1, "layers": [{"units": 0, "dropout": 1.5}]}' -p f.optim.layer=1 -p f.optim.lr=x
grep -F "o.lr: 'lr' is -1.0, which breaks 'lr > 0'" said
grep -F "o.momentum: 'momentum' is 0.25, 'lr' is -1.0, which breaks 'momentum <= lr'" said
grep -F "o.layers[0].units: 'units' is 0, which breaks" said
grep -F "o.layers[0].dropout: 'dropout' is 1.5, which breaks" said
grep -F "'f.optim.layer': Optim has no field 'layer'; did you mean 'layers'?" said
grep -F "'f.optim.lr': wanted a float, found 'x'" said
refuses -p o.lr=1 -p o.lr=2
grep -F "'o.lr' is given twice" said
echo '{"o": {"lr": 3}, "f": {"optim.lr": 5}}' > c.json
kfpc config s.kfp --config-file c.json > said
grep -F 'o = Optim(lr=3.0' said
grep -F 'f.optim = Optim(lr=5.0' said

# A struct that must be given may be given field by field.
cat > need.kfp <<'E'
struct Part:
    a: int
    b: int
    c: int = 3

pipeline p(part: Part, inner: Part?) -> Part:
    return part if inner is None else inner
E
kfpc run need.kfp -p part.a=1 -p part.b=2 -p inner=null > said 2>&1
grep -F '{"a": 1, "b": 2, "c": 3}' said
kfpc run need.kfp -p 'part={"a": 1, "b": 2}' -p inner.b=5 -p inner.a=4 > said 2>&1
grep -F '{"a": 4, "b": 5, "c": 3}' said
status=0
kfpc run need.kfp -p part.a=1 -p inner=null > said 2>&1 || status=$?
[ "$status" = 1 ]
grep -F "'part.b' has no value: give one with -p part.b=... (int)" said

# The compiled module knows all of it.
kfpc build s.kfp -o s.kfpb
kfpvm s.kfpb -p 'o={"lr": 2}' > said 2>&1
status=0
kfpvm s.kfpb -p 'o={"lr": -2}' > said 2>&1 || status=$?
[ "$status" = 1 ]
grep -F "o.lr: 'lr' is -2.0, which breaks 'lr > 0'" said

# Defaults that double with each level are refused, and so are values that do.
{
	echo 'struct S0:'
	echo '    a: int = 1'
	i=1
	while [ $i -lt 30 ]; do
		printf 'struct S%d:\n    a: list[S%d] = [S%d(), S%d()]\n' \
			$i $((i - 1)) $((i - 1)) $((i - 1))
		i=$((i + 1))
	done
	echo 'pipeline p(x: S29 = S29()) -> str:'
	echo '    return f"{x}"'
} > doubling.kfp
status=0
kfpc check doubling.kfp > said 2>&1 || status=$?
[ "$status" = 1 ]
grep -F "error E0802: the default of 'a' holds too many values" said
sed 's/ = \[.*\]$//; s/^pipeline.*/pipeline p(n: int) -> int:/; /return/d' doubling.kfp > values.kfp
{
	echo '    x0 = S0(a=n)'
	i=1
	while [ $i -lt 30 ]; do
		echo "    x$i = S$i(a=[x$((i - 1)), x$((i - 1))])"
		i=$((i + 1))
	done
	echo '    return len(str(x29))'
} >> values.kfp
status=0
kfpc run values.kfp -p n=1 > said 2>&1 || status=$?
[ "$status" = 3 ]
grep -F 'elements and bytes' said
