"""Trains and evaluates estimators of scikit-learn: std.sklearn."""
import difflib
import importlib
import json

import dill
import numpy as np
import pandas as pd
from sklearn import metrics
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, label_binarize

# name: module of scikit-learn, the class that classifies, the one that predicts numbers
ESTIMATORS = {
    "logistic_regression": ("linear_model", "LogisticRegression", None),
    "svc": ("svm", "SVC", None),
    "naive_bayes": ("naive_bayes", "GaussianNB", None),
    "decision_tree": ("tree", "DecisionTreeClassifier", "DecisionTreeRegressor"),
    "random_forest": ("ensemble", "RandomForestClassifier", "RandomForestRegressor"),
    "gradient_boosting": ("ensemble", "HistGradientBoostingClassifier",
                          "HistGradientBoostingRegressor"),
    "knn": ("neighbors", "KNeighborsClassifier", "KNeighborsRegressor"),
    "mlp": ("neural_network", "MLPClassifier", "MLPRegressor"),
    "linear_regression": ("linear_model", None, "LinearRegression"),
    "ridge": ("linear_model", None, "Ridge"),
    "lasso": ("linear_model", None, "Lasso"),
    "svr": ("svm", None, "SVR"),
}
CURVE_POINTS = 500      # of a ROC curve, at most


def make(name, task, params, seed):
    module, classifier, regressor = ESTIMATORS[name]
    class_name = classifier if task == "classification" else regressor
    found = getattr(importlib.import_module(f"sklearn.{module}"), class_name)
    known = found().get_params()
    for key in params:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(sorted(known))}"
            raise SystemExit(f"{class_name} has no parameter {key!r}: {hint}")
    if "random_state" in known:
        params = {"random_state": seed, **params}
    return found(**params)


def read(path, target):
    """The table without the target, and the target."""
    table = pd.read_csv(path)
    if target not in table.columns:
        raise SystemExit(f"the data have no column {target!r}; "
                         f"they have {', '.join(map(str, table.columns))}")
    if table.empty:
        raise SystemExit("the data have no rows")
    missing = int(table[target].isna().sum())
    if missing:
        raise SystemExit(f"{missing} values of {target!r} are missing")
    return table.drop(columns=target), table[target]


def refuse_missing(table, estimator):
    counts = table.isna().sum()
    lacking = [f"{name!r} ({n})" for name, n in counts[counts > 0].items()]
    if lacking and estimator != "gradient_boosting":
        raise SystemExit(f"values are missing in {', '.join(lacking)}: fill them in, "
                         "leave these rows out, or take gradient_boosting")


def preparing(table, scale):
    numbers = list(table.select_dtypes(["number", "bool"]).columns)
    texts = [column for column in table.columns if column not in numbers]
    steps = [("numbers", StandardScaler() if scale else "passthrough", numbers)]
    if texts:
        one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        steps.append(("texts", one_hot, texts))
    return ColumnTransformer(steps, verbose_feature_names_out=False)


def structure(estimator, table, classes):
    told = {"source": "sklearn", "features": [str(column) for column in table.columns],
            "class": f"{type(estimator).__module__}.{type(estimator).__qualname__}",
            "params": json.loads(json.dumps(estimator.get_params(), default=repr))}
    return {**told, "classes": [plain(c) for c in classes]} if classes is not None else told


def plain(value):
    return value.item() if isinstance(value, np.generic) else value


def train(data, target, task, estimator, params, scale, seed, model):
    table, wanted = read(data, target)
    refuse_missing(table, estimator)
    if task == "regression" and not pd.api.types.is_numeric_dtype(wanted):
        raise SystemExit(f"{target!r} holds text, and a regression predicts numbers")
    if task == "classification" and wanted.nunique() < 2:
        raise SystemExit(f"{target!r} has one class only")
    fitted = Pipeline([("prepare", preparing(table, scale)),
                       ("estimate", make(estimator, task, params, seed))])
    fitted.fit(table, wanted)
    with open(model, "wb") as file:
        dill.dump(fitted, file)
    model.structure = structure(fitted["estimate"], table, getattr(fitted, "classes_", None))
    score = fitted.score(table, wanted)
    print(f"{estimator} from {len(table)} rows and {len(table.columns)} columns: {score:.4f}")
    return {"train_score": score, "features": [str(column) for column in table.columns]}


def load(model, table):
    with open(model, "rb") as file:
        fitted = dill.load(file)
    lacking = [name for name in getattr(fitted, "feature_names_in_", []) if name not in table]
    if lacking:
        raise SystemExit("the data lack columns that the model predicts from: "
                         + ", ".join(map(str, lacking)))
    return fitted


def certainty(fitted, table):
    """What it knows of each class, and whether that is probabilities."""
    if hasattr(fitted, "predict_proba"):
        return fitted.predict_proba(table), True
    if hasattr(fitted, "decision_function"):
        d = fitted.decision_function(table)
        return np.column_stack([-d, d]) if len(fitted.classes_) == 2 else d, False
    return None, False


def curve(truth, scores, classes):
    """False and true positive rates and thresholds: of the second of two classes, else of
    all classes against their others, taken together."""
    if len(classes) == 2:
        truth, scores = truth == classes[1], scores[:, 1]
    else:
        truth, scores = label_binarize(truth, classes=classes).ravel(), scores.ravel()
    if truth.all() or not truth.any():
        return []
    rates = metrics.roc_curve(truth, scores)
    step = -(-len(rates[0]) // CURVE_POINTS)
    keep = [*range(0, len(rates[0]) - 1, step), len(rates[0]) - 1]
    top = scores.max()                          # the first threshold is infinite
    return [{"confidenceThreshold": float(min(threshold, top)), "recall": float(recall),
             "falsePositiveRate": float(false_rate)}
            for false_rate, recall, threshold in zip(*(r[keep] for r in rates))]


def area(truth, scores, classes):
    """Under the ROC curve of each class against the others, weighted by its frequency."""
    areas, weights = [], []
    for i, c in enumerate(classes):
        is_c = (truth == c).to_numpy()
        if is_c.any() and not is_c.all():
            areas.append(metrics.roc_auc_score(is_c, scores[:, i]))
            weights.append(is_c.sum())
    return float(np.average(areas, weights=weights)) if areas else float("nan")


def evaluate(model, data, target, report, predictions):
    table, truth = read(data, target)
    fitted = load(model, table)
    if not hasattr(fitted, "classes_"):
        raise SystemExit("the model does not classify: evaluate_regression is for it")
    classes = list(fitted.classes_)
    if isinstance(classes[0], str) != (truth.dtype == object):
        raise SystemExit(f"{target!r} holds {plain(truth.iloc[0])!r}, and the model tells apart "
                         + ", ".join(repr(plain(c)) for c in classes))
    guess = fitted.predict(table)
    scores, are_probabilities = certainty(fitted, table)
    every = classes + sorted(set(truth) - set(classes))
    told = {"confusionMatrix": {
        "annotationSpecs": [{"displayName": str(c)} for c in every],
        "rows": [{"row": row} for row in
                 metrics.confusion_matrix(truth, guess, labels=every).tolist()]}}
    points = curve(truth, scores, classes) if scores is not None and every == classes else []
    if points:
        told["confidenceMetrics"] = points
    with open(report, "w", encoding="utf-8") as file:
        json.dump(told, file, indent=1)
    report.metadata = told
    out = pd.DataFrame({"row": range(len(table)), "target": truth, "prediction": guess})
    if are_probabilities:
        for i, c in enumerate(classes):
            out[f"p_{c}"] = scores[:, i]
    out.to_csv(predictions, index=False)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        truth, guess, average="weighted", zero_division=0)
    accuracy = metrics.accuracy_score(truth, guess)
    print(f"accuracy {accuracy:.4f}, F1 {f1:.4f} on {len(table)} rows")
    return {"accuracy": accuracy, "precision": precision, "recall": recall, "f1": f1,
            "roc_auc": area(truth, scores, classes) if scores is not None else float("nan")}


def evaluate_regression(model, data, target, predictions):
    table, truth = read(data, target)
    fitted = load(model, table)
    if hasattr(fitted, "classes_"):
        raise SystemExit("the model classifies: evaluate is for it")
    guess = fitted.predict(table)
    pd.DataFrame({"row": range(len(table)), "target": truth, "prediction": guess,
                  "error": guess - truth}).to_csv(predictions, index=False)
    r2 = metrics.r2_score(truth, guess)
    print(f"R2 {r2:.4f} on {len(table)} rows")
    return {"r2": r2, "mae": metrics.mean_absolute_error(truth, guess),
            "rmse": metrics.mean_squared_error(truth, guess) ** 0.5}
