"""std.sklearn: real models of real data, and what is said where they cannot be had."""
import csv
import json
import pathlib

from stdtest import artifact, failures, kfpc, run

CLASSIFY = """
from std.data import Builtin, load_builtin, split
from std.sklearn import Estimator, evaluate, train

pipeline p(name: Builtin = Builtin.iris, estimator: Estimator = Estimator.svc) -> float:
    loaded = load_builtin(name=name)
    parts = split(data=loaded.data, seed=7, stratify="target")
    fit = train(data=parts.train, estimator=estimator)
    good = evaluate(model=fit.model, data=parts.test)
    return good.accuracy
"""
first = run(CLASSIFY)
assert first["outputs"]["output"] == first["metrics"]["good.accuracy"] > 0.9, first
for name in ("precision", "recall", "f1"):
    assert 0.9 < first["metrics"][f"good.{name}"] <= 1, first["metrics"]
assert 0.95 < first["metrics"]["good.roc_auc"] <= 1, first["metrics"]
assert first["tasks"]["fit"]["outputs"]["features"] == [
    f"{part} {size} (cm)" for part in ("sepal", "petal") for size in ("length", "width")], first
report = json.loads(pathlib.Path(artifact("good.report", "report.json")).read_text())
matrix = [row["row"] for row in report["confusionMatrix"]["rows"]]
assert [s["displayName"] for s in report["confusionMatrix"]["annotationSpecs"]] == ["0", "1", "2"]
assert sum(map(sum, matrix)) == 39 and [sum(row) for row in matrix] == [13, 13, 13], matrix
right = sum(matrix[i][i] for i in range(3))
assert abs(right / 39 - first["outputs"]["output"]) < 1e-9
assert report["confidenceMetrics"][-1]["recall"] == 1
# the artifact's metadata say the same
shown = [json.loads(line) for line in kfpc("artifacts", "@last", "--json").splitlines()]
assert next(a for a in shown if a["output"] == "report")["metadata"] == report
with open(artifact("good.predictions", "predictions.csv"), newline="") as file:
    rows = list(csv.DictReader(file))
assert len(rows) == 39 and sum(r["target"] == r["prediction"] for r in rows) == right, rows[:3]
# the model's structure
bundle = kfpc("get", "@last/fit.model", "--bundle", "-o", "bundle")
told = json.loads(pathlib.Path("bundle/structure.json").read_text())
assert told["class"] == "sklearn.svm._classes.SVC" and told["params"]["kernel"] == "rbf", told
assert told["classes"] == [0, 1, 2], told

# two classes: a ROC curve that rises from corner to corner
two = run(CLASSIFY, "-p", "name=breast_cancer", "-p", "estimator=logistic_regression",
          "-p", "fit.scale=true", "-p", 'fit.params={"C": 0.5}')
assert two["outputs"]["output"] > 0.93 and two["metrics"]["good.roc_auc"] > 0.97, two["metrics"]
report = json.loads(pathlib.Path(artifact("good.report", "two.json")).read_text())
curve = report["confidenceMetrics"]
assert all(p.keys() == {"confidenceThreshold", "recall", "falsePositiveRate"} for p in curve)
assert (curve[0]["recall"], curve[0]["falsePositiveRate"]) == (0, 0), curve[0]
assert (curve[-1]["recall"], curve[-1]["falsePositiveRate"]) == (1, 1), curve[-1]
assert [p["recall"] for p in curve] == sorted(p["recall"] for p in curve)
with open(artifact("good.predictions", "two.csv"), newline="") as file:
    assert next(csv.reader(file)) == ["row", "target", "prediction", "p_0", "p_1"]

# numbers, and twice the same where it is random but seeded; a misspelled parameter
REGRESS = """
from std.data import Builtin, load_builtin, split
from std.sklearn import Estimator, Task, evaluate_regression, train

pipeline p():
    loaded = load_builtin(name=Builtin.diabetes)
    parts = split(data=loaded.data)
    fit = train(data=parts.train, task=Task.regression, estimator=Estimator.ridge, scale=True)
    good = evaluate_regression(model=fit.model, data=parts.test)
    a = train(data=parts.train, task=Task.regression, params={"n_estimators": 7})
    b = train(data=parts.train, task=Task.regression, params={"n_estimators": 7})
    wrong = train(data=parts.train, task=Task.regression, params={"n_estimator": 7})
"""
result = run(REGRESS, state="failed")
measured = result["metrics"]
assert 0.3 < measured["good.r2"] < 0.7, measured
assert measured["good.rmse"] > measured["good.mae"] > 30, measured
assert measured["a.train_score"] == measured["b.train_score"] > 0.7, measured
assert failures(result) == {
    "wrong": "RandomForestRegressor has no parameter 'n_estimator': did you mean 'n_estimators'?"}

# a table with text; what the data or the model do not have
TABLE = """
from std.data import load_csv
from std.sklearn import Estimator, Task, evaluate, evaluate_regression, train

pipeline p(folder: str):
    buys = load_csv(uri=folder + "/buys.csv")
    fit = train(data=buys.data, target="buys", estimator=Estimator.decision_tree)
    good = evaluate(model=fit.model, data=buys.data, target="buys")
    no_numbers = evaluate_regression(model=fit.model, data=buys.data, target="buys")
    no_column = train(data=buys.data, target="sells")
    text = train(data=buys.data, target="buys", task=Task.regression)

    few = load_csv(uri=folder + "/few.csv")
    lacks = evaluate(model=fit.model, data=few.data, target="buys")
    one_class = train(data=few.data, target="buys")

    other = load_csv(uri=folder + "/other.csv")
    other_kind = evaluate(model=fit.model, data=other.data, target="buys")

    holes = load_csv(uri=folder + "/holes.csv")
    filled = train(data=holes.data, target="buys", estimator=Estimator.gradient_boosting)
    missing = train(data=holes.data, target="buys")
"""
for name, text in {
    "buys": "town,age,buys\n" + "Seoul,30,yes\nBusan,40,no\nJeju,35,yes\n" * 8,
    "few": "town,buys\nSeoul,yes\nBusan,yes\n",
    "other": "town,age,buys\nSeoul,1,0\n",
    "holes": "town,age,buys\nSeoul,,yes\nBusan,40,no\n",
}.items():
    pathlib.Path(name + ".csv").write_text(text, encoding="utf-8")
result = run(TABLE, "-p", f"folder={pathlib.Path.cwd()}", state="failed")
assert result["metrics"]["good.accuracy"] == 1.0 and "filled.train_score" in result["metrics"]
assert failures(result) == {
    "no_numbers": "the model classifies: evaluate is for it",
    "no_column": "the data have no column 'sells'; they have town, age, buys",
    "text": "'buys' holds text, and a regression predicts numbers",
    "lacks": "the data lack columns that the model predicts from: age",
    "one_class": "'buys' has one class only",
    "other_kind": "'buys' holds 0, and the model tells apart 'no', 'yes'",
    "missing": "values are missing in 'age' (1): fill them in, leave these rows out, "
               "or take gradient_boosting"}

# what does not fit is said before anything runs
pathlib.Path("wrong.kfp").write_text("""
from std.sklearn import Estimator, Task, train

pipeline p(data: Dataset[csv]):
    train(data=data, task=Task.regression, estimator=Estimator.svc)
    train(data=data, task=Task.classification, estimator=Estimator.ridge)
""", encoding="utf-8")
said = kfpc("check", "wrong.kfp", status=1)
assert said.count("error E0801") == 2 and "estimator is Estimator.svc" in said, said
