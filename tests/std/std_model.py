"""std.model: what is packed is the model, and a bundle that is not right is refused."""
import csv
import json
import pathlib
import zipfile

from stdtest import artifact, failures, run

PACK = """
from std.data import Builtin, load_builtin
from std.model import check, Loader, pack, predict
from std.sklearn import Estimator, train

component folder() -> (model: Model):
    shell:
        mkdir "$model_path"
        echo one > "$model_path/a.txt"
        echo two > "$model_path/b.txt"

pipeline p():
    iris = load_builtin(name=Builtin.iris)
    fit = train(data=iris.data, estimator=Estimator.logistic_regression, scale=True)
    packed = pack(model=fit.model, name="irises")
    again = pack(model=fit.model, name="irises")
    checked = check(bundle=packed)
    used = predict(bundle=packed, data=iris.data)

    parts = folder()
    which = pack(model=parts)
    other = pack(model=parts, main="c.txt")
    absent = pack(model=parts, main="a.txt", packages=["no-such-package"])
    one = pack(model=parts, main="b.txt")
    unloadable = check(bundle=one)
"""
result = run(PACK, state="failed")
tasks = result["tasks"]
assert tasks["packed"]["outputs"]["bundle"]["digest"] == tasks["again"]["outputs"]["bundle"]["digest"]
assert tasks["checked"]["outputs"]["kind"] == "sklearn.pipeline.Pipeline", tasks["checked"]
assert tasks["checked"]["outputs"]["packages"] == {
    "dill": "0.3.9", "pandas": "2.2.3", "scikit-learn": "1.5.2"}
assert tasks["used"]["outputs"]["rows"] == 150
failed = failures(result)
assert failed.keys() == {"which", "other", "absent", "unloadable"}, failed
assert failed["which"] == "main has to say which file is loaded: a.txt, b.txt"
assert failed["other"] == "the model has no file 'c.txt'; it has a.txt, b.txt"
assert "'no-such-package' is not in the environment" in failed["absent"]
with open(artifact("used.predictions", "predictions.csv"), newline="") as file:
    rows = list(csv.DictReader(file))
assert list(rows[0]) == ["row", "prediction", "p_0", "p_1", "p_2"], rows[0]
assert sum(int(r["prediction"]) == i // 50 for i, r in enumerate(rows)) > 140
bundle = artifact("packed.bundle", "good.zip")
with zipfile.ZipFile(bundle) as archive:
    told = json.loads(archive.read("bundle.json"))
    contents = {name: archive.read(name) for name in archive.namelist()}
assert told["name"] == "irises" and told["loader"] == "dill", told

# bundles that somebody has changed
CHECK = """
from std.model import check, predict

component take(path: str) -> (bundle: Model[zip]):
    shell:
        cp "$path" "$bundle_path"

component few() -> (data: Dataset[csv]):
    shell:
        echo a,b > "$data_path"

pipeline p(folder: str):
    a = check(bundle=take(path=folder + "/a.zip"))
    b = check(bundle=take(path=folder + "/b.zip"))
    c = check(bundle=take(path=folder + "/c.zip"))
    d = check(bundle=take(path=folder + "/d.zip"))
    e = check(bundle=take(path=folder + "/e.zip"))
    f = predict(bundle=take(path=folder + "/good.zip"), data=few())
"""


def write(name, **changes):
    files = {**contents, **changes.pop("files", {})}
    files["bundle.json"] = json.dumps({**told, **changes})
    with zipfile.ZipFile(name, "w") as out:
        for file, data in files.items():
            out.writestr(file, data)


main = "model/" + told["main"]
write("a.zip", files={main: contents[main] + b"x"})
write("b.zip", files={"../../evil": b"x"})
write("c.zip", packages={**told["packages"], "pandas": "1.0.0"}, python="2.7")
write("d.zip", loader="os")
pathlib.Path("e.zip").write_bytes(b"no zip file")
failed = failures(run(CHECK, "-p", f"folder={pathlib.Path.cwd()}", state="failed"))
assert failed["a"].endswith("is not what was packed: its SHA-256 differs"), failed["a"]
assert failed["b"] == "the bundle does not hold what it says: ../../evil", failed["b"]
assert "pandas 1.0.0, here is 2.2.3" in failed["c"] and "python 2.7" in failed["c"], failed["c"]
assert "its loader is 'os'" in failed["d"], failed["d"]
assert failed["e"].startswith("this is no bundle of std.model"), failed["e"]
assert failed["f"].startswith("the data lack columns that the model predicts from: sepal"), failed["f"]
