# The part of the launcher (launch.py) that a pod of Argo's has: Argo has laid out the
# inputs as files of one folder, and takes the outputs as files of another.
import itertools

OTHER_SCHEMES = "no task of Argo's knows where this store is: give the artifact to the " \
    "pipeline, or an http: URI"
BUNDLE = ("format", "structure", "code", "environment")
LEFT_OUT = {"kfpc_" + k for k in (*BUNDLE[1:], "metadata")}
VALUE_MAX = 256 << 10   # bytes; every value is kept in the Workflow, which has 1 MiB


def launch(argv):
    """argv: the file that says what to do, the folder of inputs, that of outputs; of an
    artifact that is one of many, its name among them."""
    with open(argv[0], encoding="utf-8") as f:
        spec = json.load(f)
    if "code_in" in spec:
        path = os.path.splitext(argv[0])[0] + "." + spec["code_in"]
        with open(path, encoding="utf-8", newline="") as f:
            spec["code"] = f.read()
    work(ArgoJob, spec, [os.path.abspath(p) for p in argv[1:3]] + argv[3:])


class ArgoJob(Job):
    POINTS = "%s-points"

    def __init__(self, spec, given, folder, start):
        self.inputs, self.outputs, *self.key = given
        super().__init__(spec, folder, start)
        os.makedirs(self.outputs, exist_ok=True)

    def text(self, name):
        """What a parameter holds; None: there is none."""
        try:
            path = os.path.join(self.inputs, name)
            with open(path, encoding="utf-8", newline="") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def begin(self):
        os.environ.update(self.spec.get("env", {}))
        texts = [self.text("setting-env")]
        while texts[-1]:
            texts.append(self.text("setting-env-%d" % (len(texts) + 1)))
        for env in reversed(texts[:-1]):
            os.environ.update(json.loads(env) or {})
        super().begin()

    def read(self, name, t, is_text):
        if is_files(t):
            return self.read_files(name, t)
        if name.startswith("setting-"):     # for Argo itself
            return None
        text = self.text(name)
        if text is None:
            raise Wrong("there is no input '%s'" % name)
        try:
            value = unwired(text, t)
            if not holds_series(t):
                value = checked(value, t, "the input '%s'" % name)
            return wired(value, t)
        except ValueError:
            raise Wrong("the input '%s' is declared %s, and it is %s"
                        % (name, t[1], shown(text))) from None
        except Wrong as e:
            raise Wrong(str(e).replace("the code gave it", "it is")) from None

    def read_files(self, name, t):
        path = os.path.join(self.inputs, name)
        metadata = unwired(self.text(name + "-metadata") or "null", ("json", "json"))
        if bare(t)[0] != "list":
            is_there = os.path.lexists(path)
            if self.spec["kind"] in ("argv", "collected"):  # which do not read what is in it
                is_there |= t[0] != "opt"
            return self.file(path, metadata) if is_there else None
        if metadata is None:    # each artifact of the list is an input of its own
            each = itertools.takewhile(lambda n: self.text(n + "-metadata") is not None,
                                       ("%s-%d" % (name, i) for i in itertools.count(1)))
            return [self.read_files(n, bare(t)[2]) for n in each]
        every = unwired_json(metadata, ("list", "", ("json", "json")))
        return [m and self.file(os.path.join(path, m.pop("kfpc_key", str(i))), m)
                for i, m in enumerate(every)]

    @staticmethod
    def file(path, metadata):
        return File(path, "file://" + path, metadata or {})

    def out_path(self, name):
        return os.path.join(self.outputs, name)

    def write(self, name, text):
        with open(self.out_path(name), "w", encoding="utf-8", newline="") as f:
            f.write(text + "\n")    # Argo takes one newline off

    def give_file(self, name, value):
        if not isinstance(value, list):
            super().give_file(name, value)
            return
        os.makedirs(self.out_path(name), exist_ok=True)
        for i, one in enumerate(value):
            if one:
                copy(one.path, os.path.join(self.out_path(name), str(i)))
        self.write_value(name + "-metadata",
                         wire_json([one and one.metadata for one in value]))

    def keep(self, name, metadata):
        if metadata.get("kfpc_none"):
            self.write_value(name + "-metadata", "null")
            return
        path = self.out_path(name)
        if not os.path.lexists(path):
            open(path, "w").close()
        bundle = {k: metadata.get("kfpc_" + k) for k in BUNDLE}
        if bundle["code"] is not None:
            with open(path + "-bundle", "w", encoding="utf-8") as f:
                f.write(encode(bundle) + "\n")
        metadata = {k: v for k, v in metadata.items() if k not in LEFT_OUT}
        if self.spec.get("digests"):
            metadata["kfpc_digest"] = digest(path)
        if self.key:
            metadata["kfpc_key"] = self.key[0]
        self.write_value(name + "-metadata", wire_json(metadata))

    def give(self, name, value, t, is_text):
        self.write_value(name, wire(plain_json(value), t))

    def write_value(self, name, text):
        size = len(text.encode())
        if size > VALUE_MAX:
            raise Wrong("output '%s' has %d KiB, and Argo can keep values of at most %d "
                        "KiB: make it an artifact"
                        % (name, size >> 10, VALUE_MAX >> 10))
        self.write(name, text)

    def fail(self, message, status):
        """Argo stops at the first output that is missing, so that all are there."""
        for name in self.spec.get("values", ()):
            if not os.path.lexists(self.out_path(name)):
                self.write(name, "")
        self.write("kfpc_error", wire_json({"message": message[:1000], "code": status}))


MARK = "`"      # before a text that is JSON, and not what is meant
SPOILED = set(map(chr, [*range(0x20), 0x7f])) - set("\b\f\n\r\t")


def is_spoiled(c):
    """Argo quotes it as Go does, which is no JSON."""
    return c in SPOILED or ord(c) > 0xffff


def quoted(text):
    """JSON without "{", so that Argo sees no tag in it."""
    text = json.dumps(text, ensure_ascii=False).replace("{", "\\u007b")
    return "".join(json.dumps(c)[1:-1] if c > "\uffff" else
                   "\\u007f" if c == "\x7f" else c for c in text)


def wire_json(value, t=("json", "json")):
    """Equal values of one type have equal texts."""
    t = bare(t)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, list):
        elem = t[2] if t[0] == "list" else ("json", "json")
        return "[%s]" % ",".join(quoted(wire(v, elem)) if is_text(elem)
                                 else wire_json(v, elem) for v in value)
    if isinstance(value, dict):
        of = {f: ft for f, ft, _ in t[2]} if t[0] == "struct" else {}
        elem = t[2] if t[0] == "dict" else ("json", "json")
        names = [f for f in of if f in value] or value
        return "{%s}" % ",".join(quoted(k) + ":" + wire_json(value[k], of.get(k, elem))
                                 for k in names)
    return encode(value)


def is_text(t):
    return t[0] in ("str", "enum")


def is_json_text(t):
    """Is a text in JSON a value of the type?"""
    return t[0] == "json" or t[0] == "opt" and (is_text(t[2]) or is_json_text(t[2]))


def wire(value, t):
    """How a value travels between pods."""
    if not is_text(t):
        return wire_json(value, t)
    if "{{" in value or value.startswith(MARK) or any(map(is_spoiled, value)):
        return MARK + quoted(value)
    return value


def holds_series(t):
    """What a series came to travels as a dict, which is nothing that code gives."""
    t = bare(t)
    return t[0] == "series" or t[0] == "list" and holds_series(t[2])


def unwired(text, t):
    while text.startswith(MARK + "="):
        text = text[2:]
    if text.startswith(MARK + '"'):
        return json.loads(text[1:])
    if is_text(t) or t[0] == "opt" and is_text(t[2]) and text != "null" and \
            not text.startswith('"'):   # people leave the quotes out
        return text
    return unwired_json(json.loads(text), t)


def unwired_json(value, t):
    """The elements of a list may be texts that hold how an element travels."""
    t = bare(t)
    if t[0] == "list" and isinstance(value, list):
        return [unwired(v, t[2]) if isinstance(v, str) and
                (v.startswith(MARK) or not is_json_text(t[2]))
                else unwired_json(v, t[2]) for v in value]
    if t[0] == "dict" and isinstance(value, dict):
        return {k: unwired_json(v, t[2]) for k, v in value.items()}
    if t[0] == "struct" and isinstance(value, dict):
        of = {f: ft for f, ft, _ in t[2]}
        return {k: unwired_json(v, of.get(k, ("json", "json"))) for k, v in value.items()}
    return value


@does("fail")
def fail_again(job):
    """What was tried has failed, and this is to be known."""
    raise Wrong(job.reads[0]["message"])


def digest(path):
    """Of the names and contents of a file or folder."""
    import hashlib
    h = hashlib.sha256()
    files = [path] if not os.path.isdir(path) else sorted(
        os.path.join(d, f) for d, _, names in os.walk(path) for f in names)
    for name in files:
        if name != path:
            h.update(os.path.relpath(name, path).encode("utf-8", "surrogateescape"))
        h.update(b"\0%d\0" % os.path.getsize(name))
        with open(name, "rb") as f:
            for piece in iter(lambda: f.read(1 << 20), b""):
                h.update(piece)
    return h.hexdigest()


@does("items")
def lay_out_items(job):
    """The rows of a loop over lists: how an element travels, of several lists a list of
    that."""
    columns = [[wire(plain_json(v), bare(t)[2]) for v in values]
               for values, (_, t, _) in zip(job.reads, job.spec["reads"])]
    rows = columns[0] if len(columns) == 1 else \
        ["[%s]" % ",".join(map(quoted, row)) for row in zip(*columns)]
    job.write_value("Output", "[%s]" % ",".join(map(quoted, rows)))


@does("argv")
def make_argv(job):
    """The words that a program of an image gets; Kubernetes puts the value of a variable
    for $(NAME) in them."""
    spec, values = job.spec, [value for _, _, value in Component(job).given]
    values += [path if param < 0 or values[param] is not None else None
               for param, path in spec["files"]]
    for name in ("command", "args"):
        if name in spec:
            words = job.compute(spec[name], values, spec["place"])
            job.write_value(name, "[%s]" % ",".join(
                quoted(w.replace("$", "$$")) for w in words if w is not None))


@does("collected")
def collect_files(job):
    """What a program of an image has left."""
    component, values = Component(job), {}
    for name, t, _, _, _ in job.spec["outputs"]:
        path = os.path.join(job.inputs, name)
        if os.path.lexists(path):
            os.symlink(path, component.out_path(name, t))
        if not is_files(t) and bare(t)[0] != "series":
            values[name] = component.shell_value(name, t)
    component.collect(values, {}, {})
