"""Models in one file: std.model."""
import hashlib
import importlib
import importlib.metadata
import json
import os
import platform
import tempfile
import zipfile

LIMIT = 16 << 30        # bytes of a bundle that is unpacked


def python_version():
    return ".".join(platform.python_version_tuple()[:2])


def digest_of(path):
    running = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            running.update(block)
    return running.hexdigest()


def files_of(model):
    """Name in the bundle -> path, of a file or of all in a folder."""
    if not os.path.isdir(model):
        return {os.path.basename(model): model}
    paths = [os.path.join(folder, name) for folder, _, names in os.walk(model) for name in names]
    return {os.path.relpath(path, model).replace(os.sep, "/"): path for path in sorted(paths)}


def chosen(main, files):
    if main:
        if main not in files:
            raise SystemExit(f"the model has no file {main!r}; it has {', '.join(files)}")
        return main
    if len(files) != 1:
        raise SystemExit(f"main has to say which file is loaded: {', '.join(files) or 'none'}")
    return next(iter(files))


def version_of(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        raise SystemExit(f"the package {package!r} is not in the environment of std.model") \
            from None


def entry(name):
    """Of a fixed date, so that the same model gives the same bytes."""
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def pack(model, name, loader, main, packages, bundle):
    files = files_of(str(model))
    told = {"bundle": 1, "name": name, "loader": loader, "main": chosen(main, files),
            "python": python_version(), "packages": {p: version_of(p) for p in packages},
            "files": {file: digest_of(path) for file, path in files.items()},
            "metadata": model.metadata}
    with zipfile.ZipFile(bundle, "w") as out:
        out.writestr(entry("bundle.json"), json.dumps(told, indent=1, sort_keys=True) + "\n")
        for file, path in files.items():
            with open(path, "rb") as source, out.open(entry("model/" + file), "w") as to:
                while block := source.read(1 << 20):
                    to.write(block)
    bundle.metadata = {"name": name, "loader": loader, "packages": told["packages"]}
    print(f"{name}: {len(files)} files, loaded by {loader}")


def unpack(archive, folder):
    """What bundle.json says, after its files were found to be as it says."""
    told = json.loads(archive.read("bundle.json"))
    if told["bundle"] != 1:
        raise SystemExit(f"bundles of version {told['bundle']} cannot be read here")
    if sum(info.file_size for info in archive.infolist()) > LIMIT:
        raise SystemExit("the bundle is too large")
    names = {info.filename for info in archive.infolist()} - {"bundle.json"}
    wanted = {"model/" + file for file in told["files"]}
    if names != wanted:
        raise SystemExit("the bundle does not hold what it says: "
                         + ", ".join(sorted(names ^ wanted)))
    for file, digest in told["files"].items():
        path = archive.extract("model/" + file, folder)    # never outside of the folder
        if digest_of(path) != digest:
            raise SystemExit(f"{file} is not what was packed: its SHA-256 differs")
    return told


def refuse_other_versions(told):
    here = {"python": python_version(), **{p: version_of(p) for p in told["packages"]}}
    there = {"python": told["python"], **told["packages"]}
    wrong = [f"{name} {there[name]}, here is {here[name]}"
             for name in there if there[name] != here[name]]
    if wrong:
        raise SystemExit("the model was packed with " + "; ".join(wrong))


def load(bundle):
    """The model, and what bundle.json says."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(bundle) as archive:
                told = unpack(archive, folder)
            loader, main = told["loader"], os.path.join(folder, "model", told["main"])
        except (zipfile.BadZipFile, ValueError, KeyError, TypeError) as e:
            raise SystemExit(f"this is no bundle of std.model: {e!r}") from None
        if loader not in ("dill", "pickle", "joblib") or told["main"] not in told["files"]:
            raise SystemExit(f"this is no bundle of std.model: its loader is {loader!r}")
        refuse_other_versions(told)
        with open(main, "rb") as file:
            return importlib.import_module(loader).load(file), told


def check(bundle):
    model, told = load(bundle)
    kind = f"{type(model).__module__}.{type(model).__qualname__}"
    print(f"{told['name']}: {kind}")
    return {"kind": kind, "name": told["name"], "packages": told["packages"]}


def predict(bundle, data, predictions):
    import pandas as pd

    model, _ = load(bundle)
    if not hasattr(model, "predict"):
        raise SystemExit(f"{type(model).__qualname__} has no method predict")
    table = pd.read_csv(data)
    known = [str(name) for name in getattr(model, "feature_names_in_", table.columns)]
    lacking = [name for name in known if name not in table]
    if lacking:
        raise SystemExit("the data lack columns that the model predicts from: "
                         + ", ".join(lacking))
    out = pd.DataFrame({"row": range(len(table))})
    if len(table):
        out["prediction"] = model.predict(table[known])
        if hasattr(model, "predict_proba"):
            for name, column in zip(model.classes_, model.predict_proba(table[known]).T):
                out[f"p_{name}"] = column
    else:
        out["prediction"] = []
    out.to_csv(predictions, index=False)
    return len(table)
