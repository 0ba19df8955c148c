# Limits: cpu_limit binds a task to so many processors; memory_limit ends one that uses more, timeout of a call
# all in it.
cat > a.kfp <<'EOP'
component count() -> (n: int):
    resources:
        cpu_limit = 0.5
    shell:
        nproc > "$n_path"

component free() -> (n: int):
    shell:
        nproc > "$n_path"

component fill(bytes: int) -> (n: int):
    retries = 1
    resources:
        memory_limit = 60MiB
    python:
        import time

        block = bytearray(bytes)
        for at in range(0, bytes, 4096):
            block[at] = 1
        time.sleep(30 if bytes > 100_000_000 else 0)
        n = len(block)

pipeline cpus() -> (bound: int, all: int):
    a = count()
    b = free()
    return bound=a.n, all=b.n

component nap(s: float) -> int:
    shell:
        sleep "$s"
        echo 1 > "$output_path"

component say(text: str):
    shell:
        echo "$text"

pipeline inner(s: float) -> int:
    a = nap(s=0.0)
    b = nap(s=s) with after=[a]
    c = nap(s=0.0) with after=[b]
    return c

pipeline late() -> int:
    i = inner(s=60.0) with timeout=1s
    other = nap(s=0.0)
    return other

pipeline caught():
    try:
        inner(s=60.0) with timeout=1s
    except:
        say(text=run.error.message)

pipeline early() -> int:
    i = inner(s=0.0) with timeout=10m
    return i

pipeline never(s: float = 0.0) -> int:
    n = nap(s=s)
    i = inner(s=s) with timeout=(n - 1) * 1s
    return i

pipeline small() -> int:
    return fill(bytes=1000)

pipeline large() -> int:
    return fill(bytes=200_000_000)
EOP
kfpc run a.kfp cpus --json --progress quiet > out.json
grep -q '"bound":1,' out.json
grep -q "\"all\":$(nproc)}" out.json	# and only that one

kfpc run a.kfp small --env host --progress quiet > /dev/null
status=0
kfpc run a.kfp large --env host 2> err || status=$?
test $status = 3
cat err
grep -q "out of memory: it uses .* MiB, and its memory_limit is 60 MiB; attempt 2 follows" err
test "$(grep -c 'fill failed' err)" -ge 2

# The timeout of a call is for all that it runs.
kfpc run a.kfp early --progress quiet > /dev/null
status=0
kfpc run a.kfp late 2> err || status=$?
test $status = 3
grep -q "task 'i/b' failed at a.kfp" err
grep -q "'i' ran longer than its timeout of 1s" err
grep -q "i/c skipped ('i/b' failed)" err
grep -q "other succeeded" err
kfpc run a.kfp caught --progress quiet > /dev/null
kfpc logs @last/say | grep -q "'inner' ran longer than its timeout of 1s"
status=0
kfpc run a.kfp never 2> err || status=$?
test $status = 3
grep -q "the setting 'timeout' must be more than zero" err
