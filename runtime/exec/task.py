"""Runs the contents of one Python component, in the interpreter of its environment.

What to do lies in the file named on the command line, JSON as json_write makes it; what
came of it is left in the file "result".  Only the standard library is used, and of that
only what the interpreter has loaded anyway, since every import here is paid for by every
task; json and traceback are imported where they are needed.  Python 3.8 and later.
"""
import os
import sys

try:
    from _json import encode_basestring_ascii as quote
except ImportError:
    from json.encoder import py_encode_basestring_ascii as quote

JSON_WORDS = {"true": True, "false": False, "null": None, "__builtins__": {}}
CAPTURED = 100  # attributes, layers and the like told of a model


class Wrong(Exception):
    """The code does not keep the contract: the message is for its author."""


class Artifact:
    """A file or folder.  Works as a path wherever Python takes one."""

    def __init__(self, name, type_name, path, uri="", metadata=""):
        self.name = name
        self.type = type_name
        self.path = path
        self.uri = uri or "file://" + path
        self.structure = None
        self._metadata = metadata

    @property
    def metadata(self):
        if isinstance(self._metadata, str):
            self._metadata = parse(self._metadata) if self._metadata else {}
        return self._metadata

    @metadata.setter
    def metadata(self, value):
        self._metadata = value

    def __fspath__(self):
        return self.path

    def __str__(self):
        return self.path

    def __repr__(self):
        return "%s(%r, path=%r)" % (self.type, self.name, self.path)


class Series:
    """A dynamic metric: points that are seen while the task runs."""

    def __init__(self, name, path):
        self.name = name
        self._path = path
        self._fd = -1
        self._next = 0

    def log(self, value, step=None, time=None):
        try:
            value = checked(value, ["float", "float"], self.name + ".log(value)")
            step = checked(self._next if step is None else step, ["int", "int"],
                           self.name + ".log(step)")
        except Wrong as e:
            raise TypeError(str(e)) from None
        line = '{"step": %d, "value": %s, "time": %d}\n' % (
            step, encode(value), now_ms() if time is None else int(time * 1000))
        if self._fd < 0:
            self._fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        os.write(self._fd, line.encode())
        self._next = step + 1

    def __repr__(self):
        return "Series(%r)" % self.name


class Struct:
    """A struct of the language: attributes that cannot be changed."""

    def __init__(self, fields):
        object.__setattr__(self, "__dict__", dict(fields))

    def to_dict(self):
        return {k: plain(v) for k, v in vars(self).items()}

    def __setattr__(self, key, *value):
        raise AttributeError("%s cannot be changed: dict(x.to_dict(), %s=...) is a "
                             "changed copy" % (type(self).__name__, key))

    __delattr__ = __setattr__

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self):
        return hash(repr(self))

    def __repr__(self):
        fields = ["%s=%r" % kv for kv in vars(self).items()]
        return "%s(%s)" % (type(self).__name__, ", ".join(fields))

    def __reduce__(self):
        return dict, (self.to_dict(),)


STRUCTS = {}


def struct(name, fields):
    """An object of the class that stands for the struct of this name."""
    made = STRUCTS.get(name)
    if not made:
        made = STRUCTS[name] = type(name, (Struct,), {})
    return made(fields)


def now_ms():
    import time
    return int(time.time() * 1000)


def plain(value):
    if isinstance(value, Struct):
        return value.to_dict()
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value


def parse(text):
    """JSON of our own making.  Reading it as Python saves the import of json, which costs
    a third of the start of an interpreter."""
    try:
        return eval(text, dict(JSON_WORDS))
    except (SyntaxError, MemoryError, RecursionError):
        import json
        return json.loads(text)


def encode(value):
    """JSON of a value that `checked` or `described` made."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        if value != value:
            return '"NaN"'
        if value in (float("inf"), float("-inf")):
            return '"Infinity"' if value > 0 else '"-Infinity"'
        return float.__repr__(value)
    if isinstance(value, dict):
        return "{%s}" % ", ".join(quote(k) + ": " + encode(v) for k, v in value.items())
    return "[%s]" % ", ".join(encode(v) for v in value)


# Values in: from the wire to what the code sees.

def converted(value, t):
    kind = t[0]
    if value is None:
        return None
    if kind == "float":
        return float(value)
    if kind in ("list", "dict", "opt"):
        elem = t[2]
        if kind == "list":
            return [converted(v, elem) for v in value]
        if kind == "dict":
            return {k: converted(v, elem) for k, v in value.items()}
        return converted(value, elem)
    if kind == "struct":
        return struct(t[1], [(k, converted(value.get(k), ft)) for k, ft, _ in t[2]])
    return value


def bare(t):
    return t[2] if t[0] == "opt" else t


# Artifacts in the form that a function's type hint asks for.

def alternatives(hint):
    is_union = type(hint).__name__ in ("UnionType", "Union") or str(
        getattr(hint, "__origin__", "")) == "typing.Union"
    return hint.__args__ if is_union else (hint,)


def as_hinted(value, hint):
    """A str or a pathlib.Path instead of an artifact, or of its path."""
    for h in alternatives(hint):
        if isinstance(value, list):
            elem = getattr(h, "__args__", None)
            if elem:
                return [as_hinted(v, elem[0]) for v in value]
        elif h is str:
            return str(value)
        elif getattr(h, "__module__", "").startswith("pathlib") and isinstance(h, type):
            return h(value)
    return value


# Values out: strict in their types, but numpy's scalars and arrays are Python's here.

def python_value(value):
    if isinstance(value, (bool, type(None))):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Struct):
        return dict(vars(value))
    if hasattr(value, "dtype"):
        if hasattr(value, "item") and not getattr(value, "shape", ()):
            return value.item()
        if hasattr(value, "tolist"):
            return value.tolist()
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    return value


def shown(value):
    text = repr(value)
    if len(text) > 60:
        text = text[:57] + "..."
    return "%s (%s)" % (text, type(value).__name__)


def below(where, part):
    """The name of a part of what is called where: "output 'out'" -> "output 'out.lr'"."""
    return where[:-1] + part + "'" if where.endswith("'") else where + part


def wrong(value, t, where):
    return Wrong("%s is declared %s, and the code gave it %s"
                 % (where, t[1], shown(value)))


def checked(value, t, where):
    """The value in the form that `encode` takes; Wrong if it is not of type t."""
    given, kind = value, t[0]
    if kind == "opt":
        return None if value is None else checked(value, t[2], where)
    value = python_value(value)
    if kind in ("bool", "int", "float", "str", "enum"):
        return checked_scalar(value, given, t, where)
    if kind == "list":
        if not isinstance(value, (list, tuple)):
            raise wrong(given, t, where)
        return [checked(v, t[2], below(where, "[%d]" % i)) for i, v in enumerate(value)]
    if kind == "dict":
        return {k: checked(v, t[2], below(where, "[%r]" % k))
                for k, v in keyed(value, given, t, where).items()}
    if kind == "struct":
        return checked_struct(value, given, t, where)
    if kind == "json":
        return checked_json(value, where)
    if kind == "none" and value is None:
        return None
    raise wrong(given, t, where)


def checked_scalar(value, given, t, where):
    kind = t[0]
    if kind == "float":
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise wrong(given, t, where)
        try:
            return float(value)
        except OverflowError:
            raise wrong(given, t, where) from None
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind == "int" and isinstance(value, int) and not isinstance(value, bool):
        if -2**63 <= value < 2**63:
            return value
        raise Wrong("%s does not fit 64 bits" % where)
    if kind == "enum" and isinstance(value, str):
        if value in t[2]:
            return value
        raise Wrong("%s is %r, which is no member of %s (%s)"
                    % (where, value, t[1], ", ".join(t[2])))
    if kind == "str" and isinstance(value, str):
        return unicode_text(value, where)
    raise wrong(given, t, where)


def unicode_text(value, where):
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Wrong("%s holds what is not valid Unicode" % where) from None
    return value


def keyed(value, given, t, where):
    if not isinstance(value, dict):
        raise wrong(given, t, where)
    for k in value:
        if not isinstance(k, str):
            raise Wrong("%s has a key that is not a str: %s" % (where, shown(k)))
        unicode_text(k, where)
    return value


def fields_of(value):
    """The fields of a dataclass or a NamedTuple as a dict; anything else as it is."""
    fields = getattr(type(value), "__dataclass_fields__", None)
    if fields is not None:
        return {k: getattr(value, k) for k in fields}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return value._asdict()
    return value


def checked_struct(value, given, t, where):
    """Fields that have a default and are missing stay so: kfpc knows it."""
    if isinstance(given, Struct) and type(given).__name__ != t[1]:
        raise wrong(given, t, where)
    value = keyed(fields_of(value), given, t, where)
    known = [k for k, _, _ in t[2]]
    for k in value:
        if k not in known:
            raise Wrong("%s: %s has no field %r, it has %s"
                        % (where, t[1], k, ", ".join(known)))
    out = {}
    for k, ft, has_default in t[2]:
        if k in value:
            out[k] = checked(value[k], ft, below(where, "." + k))
        elif ft[0] != "opt" and not has_default:
            raise Wrong("%s lacks the field %r of %s" % (where, k, t[1]))
    return out


def checked_json(value, where):
    value = python_value(value)
    if isinstance(value, dict):
        keyed(value, value, ["json", "json"], where)
        return {k: checked_json(v, below(where, "[%r]" % k)) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [checked_json(v, below(where, "[%d]" % i)) for i, v in enumerate(value)]
    if isinstance(value, str):
        return unicode_text(value, where)
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int) and -2**63 <= value < 2**63:
        return value
    raise Wrong("%s is no JSON: %s" % (where, shown(value)))


# What can be told of a model, from the objects that the code has left behind.

def described(value, depth=4):
    """Something like value that JSON can hold."""
    try:
        value = python_value(value)
    except Exception:
        return repr(value)[:200]
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else str(value)
    if isinstance(value, str):
        return value[:2000].encode("utf-8", "replace").decode()
    if isinstance(value, (list, tuple)) and depth:
        return [described(v, depth - 1) for v in list(value)[:CAPTURED]]
    if isinstance(value, dict) and depth:
        items = list(value.items())[:CAPTURED]
        return {str(k): described(v, depth - 1) for k, v in items}
    return repr(value)[:200]


def class_name(obj):
    return "%s.%s" % (type(obj).__module__, type(obj).__qualname__)


def array_shape(value):
    if hasattr(value, "dtype") and getattr(value, "shape", ()):
        return {"dtype": str(value.dtype), "shape": [int(n) for n in value.shape]}
    return None


def fitted(obj):
    """What fit() has left: by custom these names end in one underscore."""
    out = {}
    for name, value in sorted(getattr(obj, "__dict__", {}).items()):
        if not name.endswith("_") or name.startswith("_") or len(out) >= CAPTURED:
            continue
        if "time" in name:  # how long it took: the same model would differ from itself
            continue
        out[name] = array_shape(value) or (
            {"length": len(value)} if isinstance(value, (list, tuple, dict)) else
            described(value))
    return out


def is_estimator(obj):
    methods = ("get_params", "set_params", "fit")
    return all(callable(getattr(obj, name, None)) for name in methods)


def estimator_structure(obj):
    return {"source": type(obj).__module__.split(".")[0], "class": class_name(obj),
            "params": described(obj.get_params()), "fitted": fitted(obj)}


def torch_structure(obj):
    state = list(obj.state_dict().items())[:CAPTURED]
    return {"source": "torch", "class": class_name(obj), "text": str(obj)[:20000],
            "parameters": {name: array_shape(v) for name, v in state},
            "parameter_count": sum(int(p.numel()) for p in obj.parameters())}


def keras_structure(obj):
    return {"source": "keras", "class": class_name(obj),
            "config": parse_json(obj.to_json()),
            "weights": [array_shape(w) for w in obj.weights[:CAPTURED]]}


def booster_structure(obj):
    out = {"source": type(obj).__module__.split(".")[0], "class": class_name(obj)}
    for name in ("num_boosted_rounds", "num_features", "num_trees", "num_feature"):
        if callable(getattr(obj, name, None)):
            out[name] = int(getattr(obj, name)())
    return out


def parse_json(text):
    import json
    return described(json.loads(text), 20)


def structure_kind(obj):
    """(rank, function) of what could be a model; None for all else."""
    if isinstance(obj, type) or isinstance(obj, (Artifact, Series)):
        return None
    torch = sys.modules.get("torch.nn")
    if torch and isinstance(obj, torch.Module):
        return 3, torch_structure
    root = (type(obj).__module__ or "").split(".")[0]
    if callable(getattr(obj, "to_json", None)) and hasattr(obj, "weights") \
            and any("keras" in c.__module__ for c in type(obj).__mro__):
        return 3, keras_structure
    if root in ("xgboost", "lightgbm") and type(obj).__name__ == "Booster":
        return 3, booster_structure
    if is_estimator(obj):
        trained = bool(fitted(obj)) or hasattr(obj, "steps")
        return 1 + hasattr(obj, "predict") + 2 * trained, estimator_structure
    return None


def captured(names):
    """The structures of the likeliest models among the names, in the order of binding."""
    found, seen = [], set()
    for name, obj in list(names.items()):
        if name.startswith("__") or id(obj) in seen:
            continue
        seen.add(id(obj))
        try:
            kind = structure_kind(obj)
        except Exception:
            kind = None
        if kind:
            found.append((kind[0], kind[1], obj))
    best = max([f[0] for f in found], default=0)
    return [f for f in found if f[0] == best]


def model_structures(models, names):
    """name -> JSON text for those output models of which something is known."""
    out, silent = {}, []
    for m in models:
        s = m.structure
        if s is None:
            silent.append(m)
            continue
        s = checked_json(s, m.name + ".structure")
        if not isinstance(s, dict):
            s = {"text": s}
        out[m.name] = encode(dict({"source": "code"}, **s))
    found = captured(names) if silent else []
    # One model: the object bound last.  Several: only where it is plain which is which.
    if len(silent) == 1:
        found = found[-1:]
    if len(found) == len(silent):
        for m, (_, describe, obj) in zip(silent, found):
            try:
                out[m.name] = encode(described(describe(obj), 30))
            except Exception:
                pass
    return out


# The run itself.

class Task:
    def __init__(self, spec):
        self.file = spec["name"]
        self.entry = spec["entry"]
        self.code = "\n" * (spec["line"] - 1) + spec["code"]
        self.limit = spec["limit"]
        self.result = spec["result"]
        self.names = {}     # what the code sees
        self.files = set()  # those of them that are artifacts or their paths
        self.outputs = []   # (name, type, object or None) in the declared order
        for name, t, value, path in spec["inputs"]:
            self.add_input(name, t, value, path)
        for name, t, path in spec["outputs"]:
            self.add_output(name, t, path)

    def add_input(self, name, t, value, path):
        inner = bare(t)
        is_list = inner[0] == "list" and inner[2][0] == "artifact"
        if inner[0] != "artifact" and not is_list:
            self.names[name] = converted(value, t)
            return
        if value is None:
            path = None
        elif is_list:
            value = [Artifact(name, inner[2][1], *v) for v in value]
        else:
            value = Artifact(name, inner[1], *value)
        self.names[name] = value
        self.names[name + "_path"] = path
        self.files.update((name, name + "_path"))

    def add_output(self, name, t, path):
        obj = None
        if bare(t)[0] == "series":
            obj = Series(name, path)
        elif path:
            obj = Artifact(name, bare(t)[1], path)
            self.names[name + "_path"] = path
            self.files.update((name, name + "_path"))
        if obj is not None:
            self.names[name] = obj
        self.outputs.append((name, t, obj))

    def value_outputs(self):
        return [(name, t) for name, t, obj in self.outputs if obj is None]

    def write(self, text):
        with open(self.result, "w", encoding="utf-8") as f:
            f.write(text)

    def run(self):
        """The names that outputs are read from, and those that may hold models."""
        if self.entry:
            return self.run_function()
        names = sys.modules["__main__"].__dict__
        for left_over in ("sys", "kfpc_task"):
            names.pop(left_over, None)
        names["__file__"] = self.file
        names.update(self.names)
        try:
            exec(compile(self.code, self.file, "exec", dont_inherit=True), names)
        except SystemExit as e:
            if e.code not in (None, 0):
                raise
        self.check_bound(names)
        return names, names

    def check_bound(self, names):
        for name, t, obj in self.outputs:
            if obj is not None and names.get(name) is not obj:
                raise Wrong("output '%s' was rebound: %s" % (name, (
                    "use %s.log(value, step=n)" if isinstance(obj, Series) else
                    "write to %s_path instead") % name))

    def run_function(self):
        module = type(sys)(os.path.splitext(os.path.basename(self.file))[0])
        module.__file__ = self.file
        sys.modules[module.__name__] = module
        exec(compile(self.code, self.file, "exec", dont_inherit=True), module.__dict__)
        function = getattr(module, self.entry, None)
        if not callable(function):
            raise Wrong("%s has no function '%s'" % (self.file, self.entry))
        try:
            returned = function(**self.hinted(function, self.arguments(function)))
        except SystemExit as e:
            if e.code not in (None, 0):
                raise
            returned = None
        return self.named(returned), module.__dict__

    def hinted(self, function, arguments):
        hints = getattr(function, "__annotations__", None) or {}
        for name in self.files & set(arguments) & set(hints):
            hint = hints[name]
            if isinstance(hint, str):
                try:
                    hint = eval(hint, getattr(function, "__globals__", {}))
                except Exception:
                    continue
            if arguments[name] is not None:
                arguments[name] = as_hinted(arguments[name], hint)
        return arguments

    def arguments(self, function):
        code = getattr(function, "__code__", None)
        if code is None or hasattr(function, "__wrapped__"):
            return self.arguments_by_signature(function)
        n = code.co_argcount + code.co_kwonlyargcount
        wanted = code.co_varnames[:n]
        if code.co_flags & 0x08:    # **kwargs
            return dict(self.names)
        defaults = len(function.__defaults__ or ())
        optional = set(wanted[code.co_argcount - defaults:code.co_argcount])
        optional.update(function.__kwdefaults__ or ())
        return self.chosen(wanted, optional)

    def arguments_by_signature(self, function):
        import inspect
        params = inspect.signature(function).parameters.values()
        if any(p.kind == p.VAR_KEYWORD for p in params):
            return dict(self.names)
        params = [p for p in params if p.kind != p.VAR_POSITIONAL]
        return self.chosen([p.name for p in params],
                           {p.name for p in params if p.default is not p.empty})

    def chosen(self, wanted, optional):
        for name in wanted:
            if name not in self.names and name not in optional:
                raise Wrong("%s() wants '%s', which is no parameter or output of the "
                            "component" % (self.entry, name))
        return {name: self.names[name] for name in wanted if name in self.names}

    def named(self, returned):
        """The value outputs by name, from what the function returned."""
        names = [name for name, _ in self.value_outputs()]
        types = dict(self.value_outputs())
        if not names:
            return {}
        first = bare(types[names[0]])
        may_be_value = len(names) == 1 and first[0] in ("dict", "json", "struct")
        if first[0] == "struct" and isinstance(returned, dict):
            fields = [k for k, _, _ in first[2]]
            may_be_value &= list(returned) != names or names[0] in fields
        is_named = isinstance(returned, dict) and set(returned) <= set(names)
        if is_named and not may_be_value:
            return returned
        if set(getattr(returned, "_fields", ())) == set(names):     # a NamedTuple
            return returned._asdict()
        if len(names) == 1:
            return {names[0]: returned}
        if isinstance(returned, tuple) and len(returned) == len(names):
            return dict(zip(names, returned))
        raise Wrong("%s() is to return %s, as a tuple or a dict; it returned %s"
                    % (self.entry, ", ".join(names), shown(returned)))

    def finished(self, values, model_names):
        """The text of the result; Wrong if an output is missing or of a wrong type."""
        out, metadata, models = [], [], []
        for name, t, obj in self.outputs:
            if obj is None:
                out.append(quote(name) + ": " + self.value(values, name, t))
            elif isinstance(obj, Artifact):
                data = checked_json(obj.metadata, name + ".metadata")
                if not isinstance(data, dict):
                    raise Wrong("%s.metadata must be a dict" % name)
                if data:
                    metadata.append(quote(name) + ": " + quote(encode(data)))
                if bare(t)[0] == "artifact" and bare(t)[2] == "Model":
                    models.append(obj)
        structure = [quote(k) + ": " + quote(v)
                     for k, v in (model_structures(models, model_names).items()
                                  if models else ())]
        return '{"values": {%s}, "metadata": {%s}, "structure": {%s}}\n' % (
            ", ".join(out), ", ".join(metadata), ", ".join(structure))

    def value(self, values, name, t):
        if name not in values:
            if t[0] == "opt":
                return "null"
            raise Wrong("output '%s' was not assigned" % name)
        text = encode(checked(values[name], t, "output '%s'" % name))
        if len(text) > self.limit:
            raise Wrong("output '%s' is %d MiB; over %d MiB it must be an artifact"
                        % (name, len(text) >> 20, self.limit >> 20))
        return text

    def fail(self, error, line):
        self.write('{"error": %s, "line": %d}\n' % (quote(error[:1000]), line))

    def show(self, e):
        """Prints the traceback as if there were no helper, with the lines of the code."""
        import linecache
        import traceback
        lines = self.code.splitlines(True)
        linecache.cache[self.file] = (len(self.code), None, lines, self.file)
        tb = e.__traceback__
        while tb and tb.tb_frame.f_code.co_filename != self.file:
            tb = tb.tb_next
        traceback.print_exception(type(e), e, tb)

    def line_of(self, e):
        line, tb = 0, e.__traceback__
        while tb:
            if tb.tb_frame.f_code.co_filename == self.file:
                line = tb.tb_lineno
            tb = tb.tb_next
        if isinstance(e, SyntaxError) and e.filename == self.file:
            line = e.lineno or line
        return line


def one_line(e):
    text = str(e)
    if isinstance(e, SyntaxError):
        text = e.msg or text
    first = text.strip().split("\n")[0]
    return type(e).__name__ + (": " + first if first else "")


def exited(task, e):
    """sys.exit(n) and sys.exit("message"), as the interpreter itself takes them."""
    code = e.code
    if isinstance(code, int):
        task.fail("exit status %d" % (code & 255), task.line_of(e))
        return code & 255
    print(code, file=sys.stderr)
    task.fail(str(code).strip().split("\n")[0], task.line_of(e))
    return 1


def attempt(task):
    pid = os.getpid()
    try:
        text = task.finished(*task.run())
    except SystemExit as e:
        return exited(task, e)
    except Wrong as e:
        if task.line_of(e):
            task.show(e)
        task.fail(str(e), task.line_of(e))
        return 1
    except BaseException as e:
        task.show(e)
        task.fail(one_line(e), task.line_of(e))
        return 1
    if os.getpid() == pid:  # not in a child that the code forked and let run on
        task.write(text)
    return 0


# In the kernel of a notebook, which notebook.py drives.

IN_KERNEL = []      # the task


def notebook_begin(path, names):
    with open(path, encoding="utf-8") as f:
        task = Task(parse(f.read()))
    IN_KERNEL.append(task)
    # The notebook itself is no concern of its code, which may use the name.
    task.outputs = [o for o in task.outputs if o[0] != "notebook"]
    names.update((k, v) for k, v in task.names.items()
                 if k not in ("notebook", "notebook_path"))


def notebook_end(names):
    task = IN_KERNEL[0]
    try:
        task.check_bound(names)
        task.write(task.finished(names, names))
    except Wrong as e:
        print(e, file=sys.stderr)
        task.fail(str(e), 0)


def main(path):
    with open(path, encoding="utf-8") as f:
        task = Task(parse(f.read()))
    sys.argv = [task.file]
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace",
                           line_buffering=True)
    status = attempt(task)
    if status:
        sys.exit(status)
