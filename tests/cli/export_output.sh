# Where an export goes, and programs at the edges of what can be one.
. "$srcdir/tests/lib/bad.sh"

cat >p.kfp <<'KFP'
component twice(x: int) -> (y: int):
    shell:
        echo $((2 * x)) >"$y_path"

pipeline p(a: int = 1) -> int:
    return twice(x=a)
KFP

# A full disk, a pipe that nobody reads; output.sh has what else stands in the way.
gives 0 kfpc export kfp p.kfp -o out.yaml
kfpc export kfp p.kfp | cmp - out.yaml
for target in kfp argo json; do
	got=0
	kfpc export $target p.kfp >/dev/full 2>err || got=$?
	[ $got = 4 ] || fail "$got: standard output is full"
	says "cannot write the output: No space left on device"
done
python3 - <<'PY'
import subprocess
p = subprocess.Popen(["kfpc", "export", "kfp", "p.kfp"], stdout=subprocess.PIPE,
                     stderr=subprocess.PIPE)
p.stdout.close()
err = p.stderr.read()
assert p.wait() == 4 and b"Error" not in err, (p.returncode, err)
PY

# What is there is kept where the new file cannot be written whole, and nothing is left.
echo before >kept.yaml
python3 - <<'PY'
import resource, signal, subprocess
def small():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
p = subprocess.run(["kfpc", "export", "kfp", "p.kfp", "-o", "kept.yaml"], preexec_fn=small,
                   capture_output=True, text=True)
assert p.returncode == 4 and "kept.yaml" in p.stderr, (p.returncode, p.stderr)
PY
[ "$(cat kept.yaml)" = before ]
[ "$(ls -A | grep -c kept)" = 1 ] || fail "left: $(ls -A)"
sed 's/twice(x=a)/twice(x=a, z=1)/' p.kfp >wrong.kfp
gives 1 kfpc export kfp wrong.kfp -o kept.yaml
[ "$(cat kept.yaml)" = before ]
if [ "$(id -u)" != 0 ]; then
	mkdir -m 555 closed
	gives 4 kfpc export kfp p.kfp -o closed/x.yaml
	says "Permission denied"
fi
ln -s kept.yaml link.yaml
gives 0 kfpc export kfp p.kfp -o link.yaml
[ -L link.yaml ] && cmp kept.yaml out.yaml

# Nothing in it.
for body in pass 'twice(x=1)
    if 1 > 2:
        pass'; do
	printf '%s\n\npipeline empty():\n    %s\n' "$(sed -n 1,3p p.kfp)" "$body" >empty.kfp
	gives 0 kfpc export kfp empty.kfp
	gives 0 kfpc check --target kfp empty.kfp
done

# Names that would be one, and names of ours.
cat >names.kfp <<'KFP'
component c(lr: int, lr_1: int) -> (y: int):
    shell:
        echo "$lr" >"$y_path"

pipeline p(a: int = 1) -> int:
    a_b = c(lr=a + 1, lr_1=a)
    a__b = c(lr=a_b.y + 1, lr_1=a + 2)
    A_B = c(lr=1, lr_1=a__b.y)
    for_loop_1 = c(lr=1, lr_1=2)
    condition_1 = c(lr=1, lr_1=for_loop_1.y)
    for i in [1, 2]:
        c(lr=i, lr_1=condition_1.y)
    return A_B.y
KFP
gives 0 kfpc export kfp names.kfp
for name in a-b a-b-2 a-b-3 for-loop-1 condition-1; do
	[ "$(grep -c "^      $name:" out)" = 1 ] || fail "$name"
done
cat >metrics.kfp <<'KFP'
component c() -> (loss: Series, loss_points: Dataset, kfpc_metrics: Dataset):
    python:
        loss.log(1.0)
        open(loss_points_path, "w").close()
        open(kfpc_metrics_path, "w").close()

pipeline p():
    c()
KFP
gives 1 kfpc export kfp metrics.kfp
says "error E1004: in Kubeflow 'loss_points' is where the metrics of 'c' are kept" \
	"metrics.kfp:1:33" "in Kubeflow 'kfpc_metrics' is" "metrics.kfp:1:55"

# Large and deep.
python3 - <<'PY'
def component(code, name="c"):
    return f"component {name}(x: int = 0) -> (y: int):\n    python:\n{code}\n"
open("large.kfp", "w").write(
    component('        s = """' + "a" * 2000000 + '"""\n        y = len(s)')
    + "\npipeline p():\n    c()\n")
open("text.kfp", "w", encoding="utf-8").write(
    component("        # 한국어 {{$.x}} {{ }} %s \\U0001F600 😀\n        s = '''"
              + "        가\t'\"\\\\ {{x}}: #\n" * 1000 + "        '''\n        y = len(s)")
    + "\npipeline p() -> int:\n    return c()\n")
deep = component("        y = x") + "\npipeline p(a: int = 1):\n"
for k in range(60):
    deep += "    " * (k + 1) + f"if a > {k}:\n"
open("deep.kfp", "w").write(deep + "    " * 61 + "c(x=a)\n")
calls = component("        y = x")
for k in range(60):
    inner = f"p{k - 1}(a=a)" if k else "c(x=a)"
    calls += f"\npipeline p{k}(a: int = 1) -> int:\n    return {inner}\n"
open("calls.kfp", "w").write(calls)
many = component("        y = x") + "\npipeline p(a: int = 1):\n    s0 = c(x=a)\n"
for k in range(1, 10000):
    many += f"    s{k} = c(x=s{k - 1}.y)\n"
open("many.kfp", "w").write(many)
PY
gives 1 kfpc export kfp large.kfp -o large.yaml
says "error E100" "the code" "KiB long" "large.kfp:1:11"
[ ! -e large.yaml ]
gives 0 kfpc export kfp text.kfp -o text.yaml
gives 0 kfpc export kfp deep.kfp -o deep.yaml
gives 0 kfpc export kfp calls.kfp -o calls.yaml
gives 0 kfpc export kfp many.kfp -o many.yaml
[ "$(grep -c '^      s[0-9]*:$' many.yaml)" = 10000 ]
kfpc build many.kfp -o many.kfpb
gives 0 kfpc export kfp many.kfpb -o again.yaml
cmp many.yaml again.yaml
