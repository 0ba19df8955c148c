# std.csv, in C and in Python, against Python's csv module: every component, on ordinary and
# on bad files, and a large one in little memory.
import csv
import inspect
import json
import math
import os
import random
import re
import resource
import runpy
import shutil
import statistics
import subprocess

random.seed(7)

KFP = """
import std.csv

component file(path: str) -> (data: Dataset[csv]):
    shell:
        cp "$path" "$data_path"

pipeline describe(path: str, header: bool = True, delimiter: str = ",") -> (rows: int, columns: int, summary: json):
    x = std.csv.describe(data=file(path=path), header=header, delimiter=delimiter)
    return rows=x.rows, columns=x.columns, summary=x.summary

pipeline split(path: str, fraction: float = 0.8, seed: int = 0, header: bool = True) -> (first: Dataset[csv], rest: Dataset[csv], first_rows: int, rest_rows: int):
    x = std.csv.split(data=file(path=path), fraction=fraction, seed=seed, header=header)
    return first=x.first, rest=x.rest, first_rows=x.first_rows, rest_rows=x.rest_rows

pipeline select(path: str, columns: list[str], header: bool = True, delimiter: str = ",") -> (out: Dataset[csv]):
    x = std.csv.select(data=file(path=path), columns=columns, header=header, delimiter=delimiter)
    return out=x.selected

pipeline filter(path: str, column: str, value: str, compare: std.csv.Compare = std.csv.Compare.equal, header: bool = True) -> (out: Dataset[csv], rows: int):
    x = std.csv.filter(data=file(path=path), column=column, value=value, compare=compare, header=header)
    return out=x.filtered, rows=x.rows

pipeline join(left: str, right: str, on: str, kind: std.csv.Join = std.csv.Join.inner, suffix: str = "_right") -> (out: Dataset[csv], rows: int):
    x = std.csv.join(left=file(path=left), right=file(path=right), on=on, kind=kind, suffix=suffix)
    return out=x.joined, rows=x.rows

pipeline to_jsonl(path: str, typed: bool = True, header: bool = True) -> (out: Dataset[jsonl], rows: int):
    x = std.csv.to_jsonl(data=file(path=path), typed=typed, header=header)
    return out=x.lines, rows=x.rows
"""
with open("std.kfp", "w") as f:
    f.write(KFP)


def kfpc(pipeline, status=0, limit=None, **params):
    if form:
        return python_form(pipeline, params)
    argv = ["kfpc", "run", "std.kfp", pipeline, "--json"]
    for name, value in params.items():
        value = value if isinstance(value, str) else json.dumps(value)
        if name in ("path", "left", "right"):
            value = os.path.abspath(value)
        argv += ["-p", f"{name}={value}"]

    def less():
        if limit:
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    r = subprocess.run(argv, capture_output=True, text=True, preexec_fn=less)
    assert r.returncode == status, (argv, r.returncode, r.stdout, r.stderr)
    return json.loads(r.stdout)


DEFAULTS = {"header": True, "delimiter": ",", "fraction": 0.8, "seed": 0, "compare": "equal",
            "kind": "inner", "suffix": "_right", "typed": True}
form = None             # the functions in Python, while they are what is tested


def python_form(pipeline, params):
    """Calls the function with its artifacts as paths."""
    values = dict(DEFAULTS, **params, data=params.get("path"))
    names = inspect.signature(form[pipeline]).parameters
    outputs = form[pipeline](**{n: values.get(n, "out." + n) for n in names})
    return {"outputs": json.loads(json.dumps(outputs))}


def fails(pipeline, says, **params):
    if form:
        try:
            python_form(pipeline, params)
        except ValueError as e:
            assert says in str(e), (pipeline, params, e, says)
            return
        assert False, (pipeline, params, says)
    tasks = kfpc(pipeline, status=3, **params)["tasks"]
    errors = [t["error"] for t in tasks.values() if t["state"] == "failed"]
    assert len(errors) == 1 and says in errors[0], (pipeline, params, errors, says)


def output(name):
    if form:
        with open("out." + name, "rb") as f:
            return f.read()
    if os.path.exists("got"):
        os.remove("got")
    subprocess.run(["kfpc", "get", f"@last/x.{name}", "-o", "got"], check=True,
                   capture_output=True)
    with open("got", "rb") as f:
        return f.read()


def rows_of(data, delimiter=","):
    lines = data.decode().splitlines(keepends=True) if isinstance(data, bytes) else data
    return [r for r in csv.reader(lines, delimiter=delimiter, strict=True) if r]


def write(path, rows, end="\n", before="", delimiter=",", quoting=csv.QUOTE_MINIMAL):
    with open(path, "w", newline="", encoding="utf-8") as f:
        f.write(before)
        csv.writer(f, lineterminator=end, delimiter=delimiter, quoting=quoting).writerows(rows)


def raw(path, data):
    with open(path, "wb") as f:
        f.write(data)
    return path


NASTY = ['', 'a', '1', '-2.5', '007', '1e3', 'x,y', 'say "hi"', 'two\nlines', 'cr\r\nlf', ' 3 ',
         '"', '""', 'é', '日本', '\t', 'nan', 'inf', 'a;b', '-', '.', '1.', '.5', 'x' * 3000]


def table(n, width=4):
    return [[f"c{i}" for i in range(width)]] + \
        [[random.choice(NASTY) for _ in range(width - 1)] + [str(k)] for k in range(n)]


def splitmix(seed):
    while True:
        seed = (seed + 0x9e3779b97f4a7c15) & (1 << 64) - 1
        z = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9 & (1 << 64) - 1
        z = (z ^ z >> 27) * 0x94d049bb133111eb & (1 << 64) - 1
        yield ((z ^ z >> 31) >> 11) * 2.0 ** -53


def expected_split(rows, fraction, seed):
    left, wanted, draw = len(rows), int(len(rows) * fraction + 0.5), splitmix(seed)
    sides = [], []
    for row in rows:
        first = next(draw) * left < wanted
        left, wanted = left - 1, wanted - first
        sides[not first].append(row)
    return sides


def expected_join(left, right, on, kind, suffix="_right"):
    lk, rk = left[0].index(on), right[0].index(on)
    names = [n + suffix if n in left[0] else n for i, n in enumerate(right[0]) if i != rk]
    out = [left[0] + names]
    for row in left[1:]:
        found = [[f for i, f in enumerate(r) if i != rk] for r in right[1:] if r[rk] == row[lk]]
        found = found or ([[""] * len(names)] if kind == "left" else [])
        out += [row + more for more in found]
    return out


def all_components():
    # what is read and written: the fields as Python reads them, whatever the form
    for end, before, delimiter, quoting in (("\n", "", ",", csv.QUOTE_MINIMAL),
                                            ("\r\n", "\ufeff", ",", csv.QUOTE_ALL),
                                            ("\r", "", ";", csv.QUOTE_ALL),
                                            ("\n\n\r\n", "", "\t", csv.QUOTE_NONNUMERIC)):
        rows = table(60)
        write("t.csv", rows, end, before, delimiter, quoting)
        kfpc("select", path="t.csv", columns=["c3", "c0", "c2"], delimiter=delimiter)
        with open("got", "wb") as f:
            f.write(output("selected"))
        with open("got", newline="", encoding="utf-8") as f:
            assert [r for r in csv.reader(f, delimiter=delimiter, strict=True) if r] == \
                [[r[3], r[0], r[2]] for r in rows], (end, delimiter)

    # one column, whose empty fields are not lines with nothing on them; no header
    write("one.csv", [["only"], [""], ["x"], [""]], quoting=csv.QUOTE_ALL)
    kfpc("select", path="one.csv", columns=["only"])
    assert output("selected") == b'only\n""\nx\n""\n'
    kfpc("select", path="one.csv", columns=["column_1"], header=False)
    assert output("selected") == b'only\n""\nx\n""\n'
    fails("select", "there is no column 'x'; there are 'only'", path="one.csv", columns=["x"])
    fails("select", "'columns' names 'only' twice", path="one.csv", columns=["only", "only"])
    fails("select", "'columns' names no column", path="one.csv", columns=[])
    write("quoted names.csv", [['a "b"', "c,\u00e9\n"], ["1", "2"]])
    kfpc("select", path="quoted names.csv", columns=["c,é\n", 'a "b"'])
    assert output("selected") == '"c,é\n","a ""b"""\n2,1\n'.encode()

    # describe
    numbers = [random.gauss(10, 3) for _ in range(500)]
    rows = [["i", "f", "s", "none", "mixed"]] + [
        [str(k - 100), repr(x), "é" * (k % 5 + 1), "", random.choice(["1", "2.5"]) if k else "nan"]
        for k, x in enumerate(numbers)]
    write("d.csv", rows)
    got = kfpc("describe", path="d.csv")["outputs"]
    assert (got["rows"], got["columns"]) == (500, 5), got
    by_name = {c["name"]: c for c in got["summary"]}
    assert list(by_name) == rows[0]
    i, x = by_name["i"], by_name["f"]
    assert i["type"] == "int" and (i["min"], i["max"], i["mean"]) == (-100, 399, 149.5), i
    assert x["type"] == "float" and x["min"] == min(numbers) and x["max"] == max(numbers), x
    assert math.isclose(x["mean"], statistics.fmean(numbers), rel_tol=1e-12), x
    assert math.isclose(x["std"], statistics.stdev(numbers), rel_tol=1e-9), x
    assert by_name["s"] == {"name": "s", "type": "str", "missing": 0, "shortest": 1, "longest": 5}
    assert by_name["none"] == {"name": "none", "type": "empty", "missing": 500}
    assert by_name["mixed"]["type"] == "float" and by_name["mixed"]["missing"] == 1
    got = kfpc("describe", path=raw("n.csv", b"1;x\n2;y\n"), header=False, delimiter=";")["outputs"]
    assert got["rows"] == 2 and [c["name"] for c in got["summary"]] == ["column_1", "column_2"], got
    assert got["summary"][0]["std"] == math.sqrt(0.5), got
    got = kfpc("describe", path=raw("n.csv", b"a\n9223372036854775807\ninf\n"))["outputs"]["summary"]
    assert got[0]["type"] == "float" and got[0]["max"] == "Infinity", got
    got = kfpc("describe", path=raw("n.csv", b"a,b"))["outputs"]        # a header alone
    assert got["rows"] == 0 and [c["type"] for c in got["summary"]] == ["empty", "empty"], got
    assert kfpc("describe", path=raw("n.csv", b""), header=False)["outputs"] == \
        {"rows": 0, "columns": 0, "summary": []}


    # split: as many as were asked for, nothing lost, the same for the same seed
    for fraction, seed in ((0.8, 0), (0.25, -5), (0.0, 1), (1.0, 1), (0.5, 2)):
        got = kfpc("split", path="d.csv", fraction=fraction, seed=seed)["outputs"]
        want = expected_split(rows[1:], fraction, seed)
        assert (got["first_rows"], got["rest_rows"]) == (len(want[0]), len(want[1])), got
        assert rows_of(output("first")) == rows[:1] + want[0], (fraction, seed)
        assert rows_of(output("rest")) == rows[:1] + want[1], (fraction, seed)
    kfpc("split", path=raw("n.csv", b"\xef\xbb\xbf1\n2\n3\n4\n"), fraction=0.5, header=False)
    assert sorted((output("first") + output("rest")).split()) == [b"1", b"2", b"3", b"4"]

    # filter
    write("f.csv", [["k", "v"], ["1.0", "a"], ["1", "b"], ["", "c"], ["-3", "d"], ["10", "a"]])
    for params, want in ((("v", "a", "equal"), ["a", "a"]), (("v", "a", "not_equal"), ["b", "c", "d"]),
                         (("k", "1", "equal"), ["a", "b"]), (("k", "", "equal"), ["c"]),
                         (("k", "1", "not_equal"), ["c", "d", "a"]), (("k", "1", "less"), ["d"]),
                         (("k", "1", "at_most"), ["a", "b", "d"]), (("k", "1", "more"), ["a"]),
                         (("k", "1", "at_least"), ["a", "b", "a"]), (("v", "zz", "equal"), [])):
        got = kfpc("filter", path="f.csv", **dict(zip(("column", "value", "compare"), params)))
        assert got["outputs"]["rows"] == len(want), (params, got)
        assert [r[1] for r in rows_of(output("filtered"))[1:]] == want, params
    fails("filter", "row 1 (line 2): 'a' of column 'v' is no number", path="f.csv", column="v",
          value="1", compare="less")
    fails("filter", "'less' compares numbers, and 'x' is none", path="f.csv", column="k", value="x",
          compare="less")
    fails("filter", "there is no column 'w'", path="f.csv", column="w", value="x")


    # join
    keys = ["", "a", "b", "c", "é", "k,1", "two\nlines", 'q"q']
    left = [["id", "key", "x"]] + [[str(i), random.choice(keys), str(i)] for i in range(80)]
    right = [["x", "y", "key"]] + [[str(i), random.choice(NASTY), random.choice(keys[:6] + ["z"])]
                                   for i in range(40)]
    write("l.csv", left)
    write("r.csv", right, end="\r\n", before="\ufeff")
    for kind in ("inner", "left"):
        got = kfpc("join", left="l.csv", right="r.csv", on="key", kind=kind)["outputs"]
        want = expected_join(left, right, "key", kind)
        with open("got", "wb") as f:
            f.write(output("joined"))
        with open("got", newline="", encoding="utf-8") as f:
            assert list(csv.reader(f, strict=True)) == want, kind
        assert got["rows"] == len(want) - 1
    fails("join", "left: there is no column 'y'; there are 'id', 'key', 'x'", left="l.csv",
          right="r.csv", on="y")
    fails("join", "both files have a column 'x'", left="l.csv", right="r.csv", on="key", suffix="")
    fails("join", "right: row 2 (line 3): it has 1 field, and the header has 2", left="l.csv",
          right=raw("n.csv", b"key,a\n1,2\n3\n"), on="key")

    # to_jsonl
    rows = table(40)
    write("t.csv", rows)
    kfpc("to_jsonl", path="t.csv", typed=False)
    assert [json.loads(s) for s in output("lines").decode().splitlines()] == \
        [dict(zip(rows[0], r)) for r in rows[1:]]
    raw("n.csv", b'a,b,c,d,e\n1,-2.5e3,007,,true\n"x ""y""",0.0,.5,-,"1\n2"\n')
    kfpc("to_jsonl", path="n.csv")
    assert output("lines").decode().splitlines() == [
        '{"a": 1, "b": -2.5e3, "c": "007", "d": null, "e": "true"}',
        r'{"a": "x \"y\"", "b": 0.0, "c": ".5", "d": "-", "e": "1\n2"}']
    kfpc("to_jsonl", path=raw("n.csv", b"1,a\n"), header=False)
    assert output("lines") == b'[1, "a"]\n'
    fails("to_jsonl", "data: row 2 (line 3): it is not UTF-8", path=raw("n.csv", b"a\nb\n\xff\n"))

    # files that are not CSV, and where
    for data, says in (
            (b"", "data: the file is empty: it has no header"),
            (b"\xef\xbb\xbf\n\n", "data: the file is empty: it has no header"),
            (b"a,b\n1,2\n\n\n3\n", "data: row 2 (line 5): it has 1 field, and the header has 2"),
            (b'a,b\n"1\n\n2",2\n1,2,3\n', "data: row 2 (line 5): it has 3 fields, and the header has 2"),
            (b'a,b\nx"y,2\n', "data: row 1 (line 2): a quote in field 1, which does not begin with one"),
            (b'a,b\n1,"x"y\n', "data: row 1 (line 2): after the closing quote of field 2"),
            (b'a,b\n1,"x\n\n', "data: row 1 (line 2): the quote on line 2 is not closed"),
            (b'"a', "data: the header (line 1): the quote on line 1 is not closed"),
            (b"a,a\n", "data: the header has 'a' twice"),
            (b"a\n\"" + b"x" * (17 << 20), "data: row 1 (line 2): it is longer than 16 MiB: is a quote"),
            (b"," * (1 << 17) + b"\n", "data: the header (line 1): it has more than 131072 fields")):
        raw("n.csv", data)
        fails("describe", says, path="n.csv")
    fails("describe", "the delimiter is one character of ASCII, not '::'", path="d.csv", delimiter="::")
    fails("describe", "the delimiter is one character of ASCII", path="d.csv", delimiter='"')


all_components()

# the Python form of the components: it fits them, and passes the same tests
with open(os.path.join(os.environ["srcdir"], "stdlib/std/csv.kfp")) as f:
    text = re.sub(r'native = "kfpc_csv:csv_(\w+)"', r'python = "form.py:\1"', f.read())
with open("form.kfp", "w") as f:
    f.write(text)
shutil.copy(os.path.join(os.environ["srcdir"], "stdlib/python/csv.py"), "form.py")
subprocess.run(["kfpc", "check", "form.kfp"], check=True)
form = runpy.run_path("form.py")
all_components()
form = None

# a stream of 20 MB in less memory than half of it would take
with open(shutil.which("kfpc"), "rb") as f:
    sanitized = b"__asan_init" in f.read()
limit = None if sanitized else 160 << 20
with open("big.csv", "w") as f:
    f.write("id,text,number\n")
    for k in range(250000):
        f.write(f'{k},"some text, quoted, of row {k} ""and"" more of it\nand on",{k * 0.5}\n')
size = os.path.getsize("big.csv")
assert size > 18e6, size
got = kfpc("describe", path="big.csv", limit=limit)["outputs"]
assert got["rows"] == 250000 and got["summary"][2]["mean"] == 62499.75, got
got = kfpc("split", path="big.csv", fraction=0.1, limit=limit)["outputs"]
assert (got["first_rows"], got["rest_rows"]) == (25000, 225000), got
got = kfpc("join", left="big.csv", right="big.csv", on="id", limit=limit)["outputs"]
assert got["rows"] == 250000, got
