kfpc run "$srcdir/examples/numbers/numbers.kfp" --json >out
grep -q '"state":"succeeded"' out
grep -q '"outputs":{"output":5}' out
kfpc logs @last/say | grep -qx '17 / 5 is 3, rest 2; their sum is 5'

status=0
kfpc run "$srcdir/examples/numbers/numbers.kfp" -p b=0 2>err || status=$?
[ "$status" != 0 ] && grep -q 'b != 0' err
