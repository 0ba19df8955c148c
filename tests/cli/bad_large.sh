# A pipeline of 10,000 tasks is checked, built and run as any other; so are very long names,
# many parameters and deep calls.
. "$srcdir/tests/lib/bad.sh"

python3 - <<'PY'
with open("many.kfp", "w") as f:
    f.write("component one(n: int) -> (m: int):\n    shell:\n"
            "        echo \"$n\" > \"$m_path\"\n\npipeline p() -> int:\n")
    for i in range(10000):
        n = f"t{i - 100}.m" if i >= 100 else str(i)
        f.write(f"    t{i} = one(n={n})\n")
    f.write("    return t9999.m\n")

name = "n" * 60000
with open("long.kfp", "w") as f:
    f.write(f"component {name}(a{name}: int = 3) -> (m: int):\n    shell:\n        echo 1 > \"$m_path\"\n"
            f"pipeline p{name}() -> int:\n    t{name} = {name}()\n    return t{name}.m\n")

with open("wide.kfp", "w") as f:
    f.write("component wide(" + ", ".join(f"p{i}: int = {i}" for i in range(2000))
            + ") -> (m: int):\n    shell:\n        echo \"$p1999\" > \"$m_path\"\n"
            "pipeline p() -> int:\n    t = wide()\n    return t.m\n")

with open("deep.kfp", "w") as f:
    f.write("pipeline p0() -> int:\n    return 7\n")
    for i in range(1, 400):
        f.write(f"pipeline p{i}() -> int:\n    t = p{i - 1}()\n    return t\n")

with open("wide_sum.kfp", "w") as f:
    f.write("pipeline p(a: int = 1) -> int:\n    b0 = a\n")
    for i in range(1, 5000):
        f.write(f"    b{i} = b{i - 1} + 1\n")
    f.write("    return b4999\n")
PY
head -n 191 deep.kfp >less_deep.kfp
gives 0 kfpc run less_deep.kfp p63 --json
[ "$(json_of 'd["outputs"]["output"]')" = 7 ] || fail "the result"
gives 0 kfpc check many.kfp
gives 0 kfpc build many.kfp
gives 0 kfpc run many.kfp --json --progress quiet
[ "$(json_of 'd["outputs"]["output"], len(d["tasks"])')" = "99 10000" ] || fail "the result"
gives 0 kfpc runs
says "10000 ok"
gives 0 kfpc show @last
gives 0 kfpc fsck
says clean

gives 0 kfpc run wide.kfp --json
[ "$(json_of 'd["outputs"]["output"]')" = 1999 ] || fail "the result"
gives 0 kfpc run wide.kfp --json -p t.p1999=5
gives 0 kfpc run wide_sum.kfp --json
[ "$(json_of 'd["outputs"]["output"]')" = 5000 ] || fail "the result"

# Names of 60,000 letters, and pipelines that call each other in many levels.
gives 0 kfpc run long.kfp --json
gives 0 kfpc show @last
gives 1 kfpc check deep.kfp
says "E0110: pipelines call each other more than 64 deep"
gives 0 kfpc fsck
says clean
