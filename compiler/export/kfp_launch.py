# The part of the launcher (launch.py) that keeps Kubeflow's contract with an executor: it
# stands where kfp.dsl.executor_main of Kubeflow's SDK would.
BUCKETS = (("gs://", "/gcs/"), ("s3://", "/s3/"), ("minio://", "/minio/"))


def launch(argv):
    spec = json.loads(argv[0])
    given = json.loads(argv[argv.index("--executor_input") + 1])
    if "address" in spec:
        without_failing(spec, given)
    elif "FATES" in globals():
        FATES[spec["kind"]](spec, given)
    else:
        work(KfpJob, spec, given)


def local(uri, start):
    for scheme, folder in BUCKETS:
        if uri.startswith(scheme):
            return folder + uri[len(scheme):]
    if uri.startswith("oci://"):
        return "/oci/" + uri[6:].replace("/", "\\/") + "/models"
    return os.path.join(start, uri[7:] if uri.startswith("file://") else uri)


class KfpJob(Job):
    def __init__(self, spec, given, folder, start):
        self.inputs = given.get("inputs", {})
        self.made = given.get("outputs", {})
        self.values, self.artifacts = {}, {}
        super().__init__(spec, folder, start)

    def read(self, name, t, is_text):
        if t[0] == "status":
            return status_word(self.inputs.get("parameterValues", {}).get(name))
        if t[0] in ("state", "error"):
            wrong = failure(self.inputs["parameterValues"][name])
            return wrong if t[0] == "error" else "failed" if wrong else "succeeded"
        if is_files(t):
            found = self.inputs.get("artifacts", {}).get(name, {}).get("artifacts")
            if found is None:
                return None
            if any("kfpc_none" in (a.get("metadata") or {}) for a in found):
                return None
            found = [File(local(a.get("uri", ""), self.start), a.get("uri", ""),
                          a.get("metadata") or {}) for a in found]
            if bare(t)[0] == "list":
                return found
            return found[0] if found else None
        value = self.inputs.get("parameterValues", {}).get(name)
        if value is None:
            return None
        if is_text:
            value = json.loads(value)
        return wired(value, t)

    def output_file(self, name):
        return self.made["artifacts"][name]["artifacts"][0]

    def out_path(self, name):
        return local(self.output_file(name)["uri"], self.start)

    def keep(self, name, metadata):
        """An output artifact, with its metadata."""
        out = self.output_file(name)
        metadata = {k: v for k, v in metadata.items() if fits(v)}
        self.artifacts[name] = {"artifacts": [dict(out, metadata=dict(
            out.get("metadata") or {}, **metadata))]}
        path = self.out_path(name)
        if not os.path.lexists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            open(path, "w").close()

    def keep_metrics(self, values):
        self.keep("kfpc_metrics", values)

    def give(self, name, value, t, is_text):
        value = plain_json(value)
        if is_text:
            value = encode(value)
        elif not fits(value):
            raise Wrong("output '%s' is %s, which Kubeflow cannot carry: numbers there "
                        "are finite and at most 2**53" % (name, shown(value)))
        self.values[name] = value

    def fail(self, message, status):
        if "note" in self.spec:
            with open(self.spec["note"], "w", encoding="utf-8") as f:
                json.dump({"message": message, "code": status}, f)

    def report(self):
        if "note" in self.spec:
            self.values["kfpc_fate"] = "ok"
        path = local(self.made["outputFile"], self.start)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"parameterValues": self.values, "artifacts": self.artifacts}, f)


def failure(fate):
    """What went wrong, of a task that does not fail (kfp_fate.c); None if nothing did."""
    if not fate.startswith("failed:"):
        return None
    import urllib.parse
    return json.loads(urllib.parse.unquote(fate[7:]))


def status_word(status):
    word = (status or {}).get("state", "")
    return {"COMPLETE": "succeeded", "SUCCEEDED": "succeeded", "CANCELED": "cancelled",
            "CANCELLED": "cancelled"}.get(word, "failed")


def fits(value):
    if isinstance(value, (list, tuple)):
        return all(fits(v) for v in value)
    if isinstance(value, dict):
        return all(fits(v) for v in value.values())
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or abs(value) <= 2**53
