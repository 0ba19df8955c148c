"""std.data: what is loaded is what was there, and parts are what was asked for."""
import csv
import hashlib
import pathlib

from stdtest import artifact, fails, run, server

TEXT = "name,kind,note\n" + "".join(
    f'"r{i}",{"ab"[i % 4 == 0]},"a ""quoted"", line\nbroken {i}"\n' for i in range(40))


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


pathlib.Path("in.csv").write_text(TEXT, encoding="utf-8")
path = pathlib.Path("in.csv").resolve()
digest = hashlib.sha256(TEXT.encode()).hexdigest()

LOAD = """
from std.data import checksum, load_csv

pipeline p(uri: str, sha256: str? = None) -> (digest: str, same: bool, rows: int, columns: list[str]):
    loaded = load_csv(uri=uri, sha256=sha256)
    again = checksum(data=loaded.data)
    return digest=loaded.digest, same=again == loaded.digest, rows=loaded.rows, columns=loaded.columns
"""
want = {"digest": digest, "same": True, "rows": 40, "columns": ["name", "kind", "note"]}
for uri in (str(path), path.as_uri()):
    assert run(LOAD, "-p", f"uri={uri}")["outputs"] == want
assert run(LOAD, "-p", f"uri={path}", "-p", f"sha256={digest}")["outputs"] == want
assert pathlib.Path(artifact("loaded.data", "copy.csv")).read_text(encoding="utf-8") == TEXT
fails(LOAD, f"the SHA-256 is {digest}, not {'0' * 64}", "-p", f"uri={path}", "-p", "sha256=" + "0" * 64)
fails(LOAD, "a task runs in a folder of its own", "-p", "uri=in.csv")
fails(LOAD, "only file:, http: and https: can be read", "-p", "uri=ftp://localhost/in.csv")
fails(LOAD, "No such file", "-p", f"uri={path}x")
for text, why in (("", "the file is empty"), ("a,b\n1,2\n3\n", "line 3 has 1 fields, the header has 2")):
    pathlib.Path("bad.csv").write_text(text, encoding="utf-8")
    fails(LOAD, why, "-p", f"uri={path.parent}/bad.csv")

# what is there may change, so it is read in every run
with server(lambda method, where, body: (200, TEXT.encode()) if where == "/in.csv" else 404) as s:
    for _ in range(2):
        assert run(LOAD, "-p", f"uri={s.url}/in.csv")["outputs"] == want
    assert len(s.asked) == 2, s.asked
    fails(LOAD, "404", "-p", f"uri={s.url}/other.csv")

SPLIT = """
from std.data import load_csv, split

pipeline p(uri: str, fraction: float = 0.25, seed: int = 0, stratify: str? = None) -> (train: int, test: int):
    loaded = load_csv(uri=uri)
    parts = split(data=loaded.data, fraction=fraction, seed=seed, stratify=stratify)
    return train=parts.train_rows, test=parts.test_rows
"""


def parts(name, *config):
    outputs = run(SPLIT, "-p", f"uri={path}", *config)["outputs"]
    train = rows(artifact("parts.train", name + ".train"))
    test = rows(artifact("parts.test", name + ".test"))
    assert outputs == {"train": len(train) - 1, "test": len(test) - 1}, outputs
    every = rows(path)
    assert train[0] == test[0] == every[0]
    assert sorted(train[1:] + test[1:]) == sorted(every[1:])
    order = [every.index(row) for row in test]
    assert order == sorted(order)
    return train[1:], test[1:]


train, test = parts("plain")
assert len(test) == 10
assert parts("other", "-p", "seed=1")[1] != test
train, test = parts("even", "-p", "stratify=kind", "-p", "fraction=0.5")
assert [row[1] for row in test].count("b") == 5 and len(test) == 20, test
fails(SPLIT, "there is no column 'colour' to stratify by; there are name, kind, note",
      "-p", f"uri={path}", "-p", "stratify=colour")
few = path.parent / "few.csv"
few.write_text("kind\na\nb\nb\n", encoding="utf-8")
assert run(SPLIT, "-p", f"uri={few}", "-p", "stratify=kind", "-p", "fraction=0.01")["outputs"] == {
    "train": 2, "test": 1}

# a folder's checksum tells names and contents
FOLDER = """
from std.data import checksum

component make(name: str, text: str) -> (files: Artifact):
    shell:
        mkdir -p "$files_path/deep"
        printf %s "$text" > "$files_path/deep/$name"

pipeline p(name: str = "a", text: str = "x") -> str:
    made = make(name=name, text=text)
    sum = checksum(data=made)
    return sum
"""
sums = [run(FOLDER, *args)["outputs"]["output"] for args in ((), ("-p", "name=b"), ("-p", "text=y"), ())]
line = hashlib.sha256(b"x").hexdigest() + "  deep/a\n"
assert sums[0] == sums[3] == hashlib.sha256(line.encode()).hexdigest(), sums
assert len(set(sums)) == 3, sums

# a data set of scikit-learn's
BUILTIN = """
from std.data import Builtin, load_builtin

pipeline p(name: Builtin = Builtin.iris) -> (rows: int, features: list[str], classes: list[str]):
    data = load_builtin(name=name)
    return rows=data.rows, features=data.features, classes=data.classes
"""
outputs = run(BUILTIN)["outputs"]
assert outputs["rows"] == 150 and outputs["classes"] == ["setosa", "versicolor", "virginica"], outputs
header = rows(artifact("data.data", "iris.csv"))[0]
assert header == [*outputs["features"], "target"] and len(header) == 5, header
assert run(BUILTIN, "-p", "name=diabetes")["outputs"]["classes"] == []
