# Values on the screen: aligned, NaN and infinity told as numbers are, None and True as the
# language writes them; display names; plurals.
fail() { echo "$*"; cat out; exit 1; }
line() { grep -qxF -e "$1" out || fail "no line '$1'"; }

cat >w.kfp <<'E'
component measure() -> (acc: Metric, best: Metric, loss: Series, once: Series, none: Series,
                        maybe: int?, good: bool):
    python:
        acc = float("nan")
        best = float("inf")
        loss.log(1.0)
        loss.log(float("-inf"))
        once.log(2.0)
        if acc > 1:
            none.log(acc)
        good = True

pipeline main() -> (a: int, longer: bool, none: int?):
    m = measure() with display_name="한 번 재기"
    return a=1, longer=m.good, none=m.maybe
E
kfpc run w.kfp --progress plain >out 2>&1
grep -q ' m succeeded .* acc=nan best=inf loss=-inf once=2.0 good=True$' out ||
	fail "the numbers of a task"
line "  a       1"
line "  longer  True"
line "  none    None"
line "  m.acc   nan"
line "  m.best  inf"
line "  m.loss  -inf  (2 points)"
line "  m.once  2.0  (1 point)"
line "  m.none  -  (0 points)"
kfpc show @last >out
line "  longer  True"
line "  none    None"
line "  m.once  2.0   1 point"
kfpc show @last/m >out
line "name       한 번 재기"
line "  maybe  None"
line "  good   True"
kfpc show @last/m --json >out
python3 -c 'import json; assert json.load(open("out"))["display_name"] == "한 번 재기"'

# What nothing failed of is counted in words too.
{
	echo 'component bad():'
	printf '    shell:\n        exit 1\n\npipeline main():\n'
	for i in 1 2 3 4 5 6; do echo "    t$i = bad()"; done
} >bad.kfp
kfpc run bad.kfp --progress quiet >out 2>&1 && fail "all tasks fail"
line "... and 1 more task failed"

# get prints numbers, of a series the last one.
kfpc run w.kfp --progress quiet >out 2>&1
kfpc get @last/m.loss >out
line "-Infinity"
