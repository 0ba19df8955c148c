# The launcher: does the job that a pod of another system has of us, and needs nothing but
# Python and this text, which stands behind the helper that runs component code, so that
# code means there what it means here.  Behind it come the parts that the job needs
# (launch_tree.py, launch_code.py) and the target's own, which says where values and
# artifacts are found and left.
import json
import math
import shutil
import subprocess
import tempfile

DEFAULT = "kfpc:default"     # a value too special to travel, which the job knows
KINDS = {}      # kind of job -> the function that does it
FIELD_RULES = {}    # type as JSON -> {field: [default, text of where, where]}


def does(kind):
    def known(function):
        KINDS[kind] = function
        return function
    return known


def work(target, spec, given):
    """Does the job and ends the program."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace",
                           line_buffering=True)
    FIELD_RULES.update((encode(t), fields) for t, fields in spec.get("structs", ()))
    sys.argv = [spec.get("file", "expression")]
    folder = tempfile.mkdtemp()
    start = os.getcwd()
    job = target(spec, given, folder, start)
    status = 0
    try:
        install(spec)
        job.begin()
        os.chdir(folder)
        KINDS[spec["kind"]](job)
        job.report()
    except Wrong as e:
        place = getattr(e, "place", None)
        print(place + ": " + str(e) if place else e, file=sys.stderr)
        status = 1
        job.fail(str(e), 0 if "params" in spec else -1)
    except Failed as e:
        status = e.status
        job.fail(str(e), status)
    os.chdir(start)
    if not status:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(status)


def at_place(wrong, place):
    wrong.place = place
    return wrong


class Failed(Exception):
    """The code has failed, and has said so: the message is for run.error."""

    def __init__(self, message, status):
        super().__init__(message)
        self.status = status


def install(spec):
    """The packages, unless the image has them: pip sees that, and `kfpc export image`
    has left word of it."""
    if os.environ.get("KFPC_PACKAGES", "") == spec.get("packages_digest"):
        return
    wanted = list(spec.get("packages", ()))
    if spec.get("requirements"):
        with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as f:
            f.write(spec["requirements"])
        wanted += ["-r", f.name]
    if not wanted:
        return
    urls = spec.get("index_urls", ())
    options = [w for i, u in enumerate(urls)
               for w in ("--extra-index-url" if i else "--index-url", u)]
    status = subprocess.call([sys.executable, "-m", "pip", "install", "--quiet",
                              "--disable-pip-version-check",
                              "--no-warn-script-location", *options, *wanted])
    if status:
        raise Failed("the packages could not be installed", status)
    import importlib
    import site
    importlib.invalidate_caches()
    if os.path.isdir(site.getusersitepackages()):
        site.addsitedir(site.getusersitepackages())


class Job:
    """What is the same for every target.  A target's own class has read(name, type,
    is_text), an input; out_path(name), where an output artifact goes; keep(name,
    metadata), which says that it is there; give(name, value, type, is_text), an output;
    keep_metrics(values); report(), when all went well, and fail(message, status) when it
    did not; status is that of the code, -1 where there is none."""

    POINTS = "%s_points"    # the artifact with the points of a series

    def __init__(self, spec, folder, start):
        self.spec, self.folder, self.start = spec, folder, start
        self.reads = []

    def begin(self):
        for r in self.spec.get("reads", ()):
            value = self.read(*r[:3]) if len(r) != 4 else None
            if len(r) == 4 or len(r) == 5 and value is DEFAULT:
                value = self.compute(r[3], self.reads)
            self.reads.append(self.fit(value, r[1], "'%s'" % r[0]))

    def keep_metrics(self, values):
        pass

    def report(self):
        pass

    def fail(self, message, status):
        pass

    def fit(self, value, t, path):
        """The value, once all structs in it keep the constraints on their fields."""
        t = bare(t)
        if value is None or t[0] not in ("list", "dict", "struct") or is_files(t):
            return value
        if t[0] == "struct":
            self.fit_fields(value, t, path)
            for k, ft, _ in t[2]:
                self.fit(value.get(k), ft, path + "." + k)
        for k in range(len(value)) if t[0] == "list" else value if t[0] == "dict" else ():
            self.fit(value[k], t[2], "%s[%r]" % (path, k))
        return value

    def fit_fields(self, value, t, path):
        for k, (_, text, where) in FIELD_RULES.get(encode(t), {}).items():
            fields = [value.get(name) for name, _, _ in t[2]]
            if where and value.get(k) is not None and \
                    self.compute(where, fields) is not True:
                raise Wrong("%s.%s is %s, and the struct wants %s"
                            % (path, k, shown(value[k]), text))

    def give_file(self, name, value):
        """Hands an artifact on."""
        if value is None:
            self.keep(name, {"kfpc_none": True})
            return
        copy(value.path, self.out_path(name))
        self.keep(name, value.metadata)

    def compute(self, tree, values, place=None):
        if tree[0] == "input":
            return values[tree[1]]
        if tree[0] == "const":
            return tree[1]
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(20000)    # the compiler allows a thousand levels
        try:
            return Tree(self.spec, values).value(tree)
        except (Wrong, ArithmeticError, LookupError, TypeError, ValueError) as e:
            text = str(e) or type(e).__name__
            raise at_place(Wrong(text), place) from None
        finally:
            sys.setrecursionlimit(limit)


@does("pass")
def hand_on(job):
    """An input as the output, so that a group of tasks has it as its own."""
    value, t = job.reads[-1], job.spec["type"]
    if is_files(t):
        job.give_file("Output", value)
    else:
        job.give("Output", value, t, job.spec["is_text"])


class File:
    """An artifact that goes in."""

    def __init__(self, path, uri, metadata):
        self.path, self.uri, self.metadata = path, uri, metadata


def is_files(t):
    t = bare(t)
    return t[0] == "artifact" or t[0] == "list" and is_files(t[2])


def copy(source, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.isdir(source):
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)


def wired(value, t):
    """A value as it travelled, in the form that expressions have.  Some targets keep
    every number as a double."""
    kind = t[0]
    if value is None:
        return None
    if kind == "int" and not isinstance(value, bool):   # text: it is too large for them
        return int(value)
    if kind == "float":
        return float(value)
    if kind == "opt":
        return wired(value, t[2])
    if kind == "list":
        return [wired(v, t[2]) for v in value]
    if kind == "dict":
        return {k: wired(v, t[2]) for k, v in value.items()}
    if kind == "struct":
        return wired_struct(value, t)
    if kind == "series":
        return dict({"last": math.nan, "min": math.nan, "max": math.nan}, **value)
    return value


def wired_struct(value, t):
    """Its fields in their order; one that is not given has its default, and one that the
    struct does not have is kept, to be complained of."""
    if not isinstance(value, dict):
        return value
    out = {}
    for k, ft, has_default in t[2]:
        if k in value or not has_default:
            out[k] = wired(value.get(k), ft)
        else:
            out[k] = wired(FIELD_RULES[encode(t)][k][0], ft)
    return {**out, **{k: v for k, v in value.items() if k not in out}}


def raw_json(value):
    """JSON as code gets to see it, with letters of all scripts as they are."""
    return json.dumps(plain_json(value), ensure_ascii=False)


def plain_json(value):
    if isinstance(value, (list, tuple)):
        return [plain_json(v) for v in value]
    if isinstance(value, dict):
        return {k: plain_json(v) for k, v in value.items()}
    return value
