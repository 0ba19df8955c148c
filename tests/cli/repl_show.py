"""How kfpc repl shows what comes out: tables, models, folders, text, metrics, long values."""
import os
import pathlib
import sys

sys.path.insert(0, os.environ["srcdir"] + "/tests/lib")
from replscript import has, repl, says  # noqa: E402


def table(text, head, *rows):
    """A CSV file of this text is shown so."""
    pathlib.Path("in.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    path = pathlib.Path("in.csv").resolve()
    out, _ = repl(f"""component t(p: str) -> (d: Dataset[csv]):
    shell:
        cp "$p" "$d_path"
x = t(p="{path}")
""")
    lines = out.splitlines()
    assert lines[0].startswith(f"x.d: Dataset[csv], {head}, "), out
    assert lines[1:] == list(rows), "\n".join(lines[1:])
    assert "\x1b" not in out and "\0" not in out


table("a,b\n1,x\n20,yy\n", "2 rows x 2 columns", "   a  b", "   1  x", "  20  yy")
table("이름,n\n홍길동,1.5\nkim,-20\n", "2 rows x 2 columns",
      "  이름      n", "  홍길동  1.5", "  kim     -20")
table('a,b\n"x, ""y""\nz",2\n', "1 row x 2 columns", "  a            b",
      '  x, "y"\\x0az  2')
table("a,b\n", "0 rows x 2 columns", "  a  b")
table("a\n" + "1\n" * 7, "7 rows x 1 column", *["  a"] + ["  1"] * 5, "  ...")
table("a,b\n1\n1,2,3\n", "2 rows x 2 columns", "  a  b", "  1", "  1  2  3")
table("a\n\x1b[31mred\n", "1 row x 1 column", "  a", "  \\x1b[31mred")
table("x" * 40 + ",b\n1,2\n", "1 row x 2 columns", "  " + "x" * 27 + "...  b",
      " " * 31 + "1  2")
table(",".join(f"column{i}" for i in range(30)) + "\n" + ",".join("1" * 30) + "\n",
      "1 row x 30 columns",
      "  " + "  ".join(f"column{i}" for i in range(7)) + "  column7",
      "  " + "  ".join(["      1"] * 8),
      "  ... 22 more columns")
out, _ = repl("""component t() -> (d: Dataset[csv], e: Dataset[csv]):
    shell:
        printf 'a\\000b\\n' > "$d_path"
        : > "$e_path"
x = t()
""")
has(out, "x.d: Dataset[csv]", "x.e: Dataset[csv]", "cas/sha256/")

# Other artifacts.
out, _ = repl(r"""component all() -> (j: Dataset[json], p: Dataset[parquet], m: Markdown, h: HTML, f: Artifact,
                 empty: Artifact, meta: Dataset[csv]):
    python:
        import os
        open(j, "w").write('{"a": [1, 2]}\n')
        open(p, "wb").write(b"PAR1" + bytes(2000))
        open(m, "w").write("# One\n\ntwo\nthree\nfour\nfive\nsix\n")
        open(h, "w").write("<p>\033[2J</p>")
        os.makedirs(f.path + "/sub")
        for i in range(12):
            open(f"{f.path}/{i:02}.txt", "w").write("x" * i)
        open(f.path + "/\033[1mname", "w").write("")
        os.makedirs(empty.path)
        open(meta, "w").write("a\n1\n")
        meta.metadata["source"] = "here"
        meta.metadata["long"] = "y" * 500
x = all()
""")
assert "\x1b" not in out
has(out, 'x.j: Dataset[json], 14 B\n  | {"a": [1, 2]}\n  ', "x.p: Dataset[parquet], 2.0 KiB\n  ",
    "x.m: Markdown, 31 B\n  | # One\n  | \n  | two\n  | three\n  | four\n  ...\n  ",
    "x.h: HTML, 11 B\n  ", "x.f: Artifact, a folder, 66 B\n", "\\x1b[1mname  ", "  00.txt", "... 4 more",
    "x.empty: Artifact, a folder, 0 B\n", 'x.meta: Dataset[csv], 1 row x 1 column, 4 B\n',
    'source: "here"', "y...\n  a\n  1\n")
assert max(len(line) for line in out.splitlines() if "sha256" not in line) <= 80

# A model and its four parts.
out, _ = repl(r"""component fit() -> (model: Model[txt], other: Model):
    python:
        import os
        model.structure = {"layers": 3}
        open(model, "w").write("weights")
        os.makedirs(other.path)
        open(other.path + "/w", "w").write("w")
m = fit()
[fit().model for i in range(2)]
""")
has(out, "m.model: Model[txt], 7 B\n", "m.other: Model, a folder, 1 B\n")
for part in ["code", "weights", "structure", "environment"]:
    assert out.count(f"\n  {part}  ") == 2, out
has(out, "Python 3.")

# Metrics.
out, _ = repl("""component m(n: int) -> (s: Series, acc: Metric):
    python:
        for i in range(n):
            s.log(float(i), step=10 * i)
        acc = 1 / 3
many = m(n=1000)
one = m(n=1)
none = m(n=0)
""")
has(out, "many.s: ▁▁▁▂▂▂▃▃▃▄▄▄▅▅▅▆▆▆▇▇▇███  0.0 to 999.0, min 0.0, max 999.0, 1000 points\n",
    "many.acc = 0.3333333333333333\n", "one.s: 0.0, min 0.0, max 0.0, 1 point\n",
    "none.s: no points\n")

# Values.
says('{"a": 1}\n', '{"a": 1}\n')
says("10m\n8GiB\n1.0\nNone\nTrue\n", "10m\n8GiB\n1.0\nNone\nTrue\n")
out, _ = repl("[{\"index\": i, \"square\": i * i, \"cube\": i * i * i} for i in range(100)]\n")
assert out.startswith('[\n  {"index": 0, "square": 0, "cube": 0},\n'), out
assert out.endswith("  ... 80 more\n]\n"), out
out, _ = repl("struct P:\n    text: str\n    n: list[int]\n"
              "p = P(text=\"" + "z" * 90 + "\", n=[i for i in range(3)])\n")
assert out.startswith("p = P(\n  text=\"zzz") and out.endswith("\n  n=[0, 1, 2],\n)\n"), out
out, _ = repl("[[i for i in range(5000)] for j in range(3)]\n")
assert out == "[\n" + "  [... 5000 elements],\n" * 3 + "]\n", out
out, _ = repl("\"" + "한" * 500 + "\"\n")
has(out, "한...\" (1500 bytes)")
out, _ = repl("[\"" + "한" * 100 + "\", \"b\"]\n")
assert max(len(line) for line in out.splitlines()) < 60, out

# Loops and conditions.
out, err = repl("""component c(n: int) -> (k: int, d: Dataset[txt]):
    shell:
        echo $n > "$k_path"
        echo $n > "$d_path"
for i in [1, 2]:
    for j in [3, 4]:
        x = c(n=i * j)
ys = [c(n=i) for i in [5, 6]]
ys.k
z = c(n=7) if ys.k[0] > 5 else c(n=8)
z
z.k
""")
has(out, "i[0]/j[1]/x.k = 4\n", "i[1]/j[0]/x.k = 6\n", "[5, 6]\n", "z.k = 8\n", "z.d: Dataset[txt], 2 B\n",
    "\n8\n")
out, _ = repl("""component c(n: int) -> int:
    shell:
        echo $n > "$output_path"
for i in [x for x in range(30)]:
    y = c(n=i)
""")
has(out, "i[19]/y.output = 19\n", "... 10 more\n")
