# cpu_limit binds a task to so many processors; memory_limit ends one that uses more.
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
