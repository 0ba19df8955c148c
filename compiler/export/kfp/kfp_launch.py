# The part of the launcher (launch.py) that keeps Kubeflow's contract with an executor: it
# stands where kfp.dsl.executor_main of Kubeflow's SDK would.
OTHER_SCHEMES = "is fetched by Kubeflow itself, which has to know it before the run: write " \
    "the URI out in the program"
BUCKETS = (("gs://", "/gcs/"), ("s3://", "/s3/"), ("minio://", "/minio/"))


def launch(argv):
    end = argv.index("--executor_input")
    given = json.loads(argv[end + 1])
    # What is to be done stands in the command, or where several share one in an input.
    spec = json.loads("".join(argv[:end]) or given["inputs"]["parameterValues"]["kfpc_job"])
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
            if found is None:   # so is an empty list
                return [] if t[0] == "list" else None
            if any("kfpc_none" in (a.get("metadata") or {}) for a in found):
                return None
            found = [File(local(a.get("uri", ""), self.start), a.get("uri", ""),
                          {k: opened(v) for k, v in (a.get("metadata") or {}).items()})
                     for a in found]
            if bare(t)[0] == "list":
                return found
            return found[0] if found else None
        value = self.inputs.get("parameterValues", {}).get(name)
        if value is None:
            return None
        return DEFAULT if value == DEFAULT else received(value, t, is_text)

    def output_file(self, name):
        return self.made["artifacts"][name]["artifacts"][0]

    def out_path(self, name):
        return local(self.output_file(name)["uri"], self.start)

    def keep(self, name, metadata):
        """An output artifact, with its metadata."""
        out = self.output_file(name)
        metadata = plain_scalars(plain_json(metadata))
        self.artifacts[name] = {"artifacts": [dict(out, metadata=dict(
            out.get("metadata") or {}, **metadata))]}
        path = self.out_path(name)
        if not os.path.lexists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            open(path, "w").close()

    def keep_metrics(self, values):
        self.keep("kfpc_metrics", {k: v for k, v in values.items() if fits(v)})

    def give(self, name, value, t, is_text):
        if is_files(t):
            self.give_file(name, value)
        else:
            self.values[name] = sent(plain_json(value), t, is_text)

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


@does("quantity")
def write_quantity(job):
    """A setting as Kubernetes wants it."""
    value, setting = job.reads[-1], job.spec["setting"]
    if not isinstance(value, str) and not value >= 0:
        raise Wrong("the setting '%s' is %s" % (setting, shown(value)))
    if setting.startswith("memory"):
        units = ["", "Ki", "Mi", "Gi", "Ti"]
        while value and not value % 1024 and len(units) > 1:
            value //= 1024
            units.pop(0)
        value = "%d%s" % (value, units[0])
    elif setting.startswith("cpu") and value != int(value):
        value = "%dm" % (value * 1000 + 0.5)
    elif not isinstance(value, str):
        value = "%d" % value
    job.values["Output"] = value


@does("rows")
def make_rows(job):
    """What a loop goes through: the elements of a list, or of several in step."""
    columns = [[i if t is None else sent(plain_json(v), t, is_text)
                for i, v in enumerate(job.reads[read])]
               for read, t, is_text in job.spec["columns"]]
    job.values["Output"] = columns[0] if len(columns) == 1 else [
        {"c%d" % j: cell for j, cell in enumerate(row)} for row in zip(*columns)]


ORDER = "kfpc:order"    # the keys of a dict in their order: Kubeflow keeps none
JSON = "kfpc:json:"     # before a str as JSON: in it, something looks like a placeholder
ZIP = "kfpc:zip:"       # before a long str, compressed: a task is told all its inputs in
LONG = 32 << 10         # one argument of a program, which may have 128 KiB


def received(value, t, is_text):
    if is_text > 1:
        return [received(v, bare(t)[2], is_text - 1) for v in value]
    if is_text:
        return wired(json.loads(unzipped(value)) if isinstance(value, str) else value, t)
    return wired(unpacked(value, bare(t)), t)


def opened(value):
    if not isinstance(value, str):
        return value
    value = unzipped(value)
    return json.loads(value[len(JSON):]) if value.startswith(JSON) else value


def unpacked(value, t):
    if value is None:
        return None
    if isinstance(value, str):
        return opened(value)
    if t[0] == "int" and not fits(int(value)):
        raise Wrong("%d came as a number, and Kubeflow may have rounded that: numbers "
                    "there are exact below 2**53" % value)
    if t[0] == "list":
        return [unpacked(v, bare(t[2])) for v in value]
    if t[0] == "dict":
        return {k: unpacked(value[k], bare(t[2]))
                for k in value.get(ORDER) or sorted(value)}
    if t[0] == "struct":
        return {k: unpacked(value[k], bare(ft)) for k, ft, _ in t[2] if k in value}
    return value


def sent(value, t, is_text):
    """A value in a form that Kubeflow keeps: every number there is a double."""
    if is_text > 1:
        return [sent(v, bare(t)[2], is_text - 1) for v in value]
    return zipped(unmarked(encode(value))) if is_text else packed(value, bare(t))


def zipped(text):
    if len(text) < LONG:
        return text
    import base64
    import zlib
    return ZIP + base64.b64encode(zlib.compress(text.encode())).decode()


def unzipped(text):
    if not text.startswith(ZIP):
        return text
    import base64
    import zlib
    return zlib.decompress(base64.b64decode(text[len(ZIP):])).decode()


def unmarked(text):
    """JSON without what might be taken for a placeholder."""
    return text.replace("{{", "\\u007b{")


def packed(value, t):
    if value is None or t[0] not in ("list", "dict", "struct"):
        return plain_scalars(value)
    if t[0] == "list":
        return [packed(v, bare(t[2])) for v in value]
    if t[0] == "struct":
        return {k: packed(value[k], bare(ft)) for k, ft, _ in t[2] if k in value}
    out = {k: packed(v, bare(t[2])) for k, v in value.items()}
    if list(value) != sorted(value):
        out[ORDER] = list(value)
    return out


def plain_scalars(value):
    """What a double cannot say becomes text, and that never a placeholder."""
    if isinstance(value, str):
        is_odd = "{{" in value or value.startswith("kfpc:")
        return zipped(JSON + unmarked(encode(value)) if is_odd else value)
    if isinstance(value, (list, tuple)):
        return [plain_scalars(v) for v in value]
    if isinstance(value, dict):
        return {k: plain_scalars(v) for k, v in value.items()}
    return value if fits(value) else encode(value).strip('"')


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
    """Is it a scalar that a double can say?  2**53 is also what 2**53 + 1 becomes."""
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or abs(value) < 2**53
