example=$srcdir/examples/debug/debug.kfp
status=0
kfpc run "$example" --progress plain >out 2>err || status=$?
[ "$status" = 3 ]
grep -q "debug.kfp:16" err
grep -q "ZeroDivisionError: division by zero" err
kfpc logs @last/a | grep -q 'averaging \[\]'
kfpc run "$example" --config full --json | grep -q '"a.mean":1.0'
