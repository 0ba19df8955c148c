# A search over a grid: the best model, what is collected, attempts that fail and are left out.
fail() { echo "not as it should be: $*"; cat out err; exit 1; }
has() { grep -qF -e "$1" out err || fail "no '$1'"; }

cp -r "$srcdir/examples/search" .
kfpc run search/search.kfp search > out 2> err || fail "the run"
has "rate    0.05"
has "for rate: 3 iterations"
kfpc get @last/rate[2]/fits.model -o best.json > out 2> err || fail "the model"
python3 -c "
import json
m = json.load(open('best.json'))
assert abs(m['slope'] - 2) < 0.1, m" || fail "the slope"
kfpc logs @last/say > out 2> err
has "0.001: "
kfpc run search/search.kfp search --config patient -p rates=[0.05] > out 2> err || fail "the config"
kfpc run search/search.kfp search -p rates=[] > out 2> err && fail "no rates"
has "there is nothing to choose from"
kfpc run search/search.kfp careful --json > out 2> err || fail "careful"
python3 -c "
import json
r = json.load(open('out'))
assert r['state'] == 'succeeded', r
a, b = r['outputs']['errors']
assert a < 0.1 and b is None, r" || fail "what is left out"
kfpc logs @last > out 2> err
has "0.5 is too large: OverflowError"
