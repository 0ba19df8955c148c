"""For pycheck.py: type hints of a Python function, against the types of its component.

A hint is read as a list of alternatives, (kind, ...), or None where it says nothing that is
known here; what is not known fits everything.  A type of the language is [kind, name, of],
as the request has it.
"""
import ast

HINTS = {}      # qualified name -> kind
for _kind, _names in {
        "none": "NoneType types.NoneType",
        "bool": "bool", "int": "int", "float": "float", "complex": "complex",
        "str": "str typing.Text", "bytes": "bytes bytearray",
        "list": "list typing.List typing.MutableSequence collections.abc.MutableSequence",
        "sequence": "typing.Sequence collections.abc.Sequence",
        "iterable": "typing.Iterable typing.Collection typing.Container"
                    " collections.abc.Iterable collections.abc.Collection"
                    " collections.abc.Container",
        "tuple": "tuple typing.Tuple",
        "set": "set frozenset typing.Set typing.FrozenSet typing.AbstractSet"
               " collections.abc.Set",
        "dict": "dict typing.Dict typing.MutableMapping collections.abc.MutableMapping",
        "mapping": "typing.Mapping collections.abc.Mapping",
        "path": "pathlib.Path pathlib.PurePath pathlib.PosixPath pathlib.PurePosixPath",
        "pathlike": "os.PathLike",
        "optional": "typing.Optional", "union": "typing.Union",
        "literal": "typing.Literal", "first": "typing.Annotated typing.Final"
        " typing.Required", "not required": "typing.NotRequired"}.items():
    HINTS.update((_n, _kind) for _n in _names.split())

# Which hints take a value of a type, and which give one.
TAKES = {"bool": "bool int float complex", "int": "int float complex",
         "float": "float complex", "str": "str sequence iterable", "enum": "str",
         "list": "list sequence iterable", "dict": "dict mapping iterable",
         "artifact": "str path pathlike"}
GIVES = {"bool": "bool", "int": "int", "float": "float int", "str": "str", "enum": "str",
         "list": "list tuple sequence iterable", "dict": "dict mapping typeddict",
         "struct": "dict mapping typeddict"}
NO_JSON = "bytes complex set path pathlike".split()
LITERALS = {"bool": bool, "int": int, "str": str, "enum": str, "float": (int, float)}
STR = ["str", "str"]


class Hints:
    def __init__(self, tree, walk):
        self.bound = walk.module.bound
        self.local = {}     # what the file itself defines: classes, other names of types
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                self.local[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.local[node.targets[0].id] = node.value

    # Names.

    def qualified(self, node):
        """ "typing.List" of what an expression names; None where it names nothing known."""
        if isinstance(node, ast.Attribute):
            owner = self.qualified(node.value)
            return owner and owner + "." + node.attr
        if not isinstance(node, ast.Name):
            return None
        nodes = self.bound.get(node.id, ())
        if not nodes:
            return node.id
        found = nodes[0]
        for alias in getattr(found, "names", ()) if len(nodes) == 1 else ():
            if isinstance(found, ast.Import) and (alias.asname or alias.name) == node.id:
                return alias.name
            if isinstance(found, ast.ImportFrom) and not found.level \
                    and (alias.asname or alias.name) == node.id:
                return "%s.%s" % (found.module, alias.name)
        return None

    def kind(self, node):
        name = self.qualified(node) or ""
        return HINTS.get(name.replace("typing_extensions.", "typing."))

    # Hints as they are written.

    def read(self, node, depth=20):
        """The alternatives of a hint, or None."""
        if node is None or not depth:
            return None
        if isinstance(node, ast.Constant):
            return self.constant(node.value, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self.union([node.left, node.right], depth)
        if isinstance(node, ast.Subscript):
            return self.subscript(node, depth)
        kind = self.kind(node)
        if kind:
            return [(kind,)] if kind not in ("optional", "union", "literal", "first") else None
        if isinstance(node, ast.Name) and len(self.bound.get(node.id, ())) == 1:
            local = self.local.get(node.id)
            if isinstance(local, ast.ClassDef):
                return self.class_(local)
            return self.read(local, depth - 1)
        return None

    def constant(self, value, depth):
        if value is None:
            return [("none",)]
        if not isinstance(value, str):
            return None
        try:
            return self.read(ast.parse(value.strip(), mode="eval").body, depth - 1)
        except (SyntaxError, ValueError):
            return None

    def union(self, nodes, depth):
        out = []
        for n in nodes:
            part = self.read(n, depth - 1)
            if part is None:
                return None
            out += part
        return out

    def subscript(self, node, depth):
        kind, index = self.kind(node.value), node.slice
        if type(index).__name__ == "Index":     # before Python 3.9
            index = index.value
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        if kind == "optional":
            return self.union([index, ast.Constant(value=None)], depth)
        if kind == "union":
            return self.union(parts, depth)
        if kind in ("first", "not required"):
            return self.read(parts[0], depth - 1)
        if kind == "literal":
            return self.literals(parts)
        if kind == "tuple":
            if len(parts) == 2 and getattr(parts[1], "value", None) is Ellipsis:
                return [("tuple", None, self.read(parts[0], depth - 1))]
            return [("tuple", [self.read(p, depth - 1) for p in parts])]
        return [(kind,) + tuple(self.read(p, depth - 1) for p in parts)] if kind else None

    def literals(self, parts):
        out = []
        for p in parts:
            if not isinstance(p, ast.Constant):
                return None
            out.append(("none",) if p.value is None else ("literal", p.value))
        return out

    def class_(self, node):
        """NamedTuple and TypedDict have fields; of other classes nothing is known."""
        bases = [self.qualified(b) or "" for b in node.bases]
        name = bases[0].rpartition(".")[2] if len(bases) == 1 else ""
        if name not in ("NamedTuple", "TypedDict"):
            return None
        fields = {n.target.id: n.annotation for n in node.body
                  if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)}
        total = not any(k.arg == "total" for k in node.keywords)
        needed = {k for k, n in fields.items() if total and not (
            isinstance(n, ast.Subscript) and self.kind(n.value) == "not required")}
        return [(name.lower(), fields, needed)]


# Values in.

def takes(t, hint):
    """Does a hint take all values of a type?"""
    if hint is None or t[0] == "json":
        return True
    if t[0] == "opt":
        return ("none",) in hint and takes(t[2], hint)
    literals = [h[1] for h in hint if h[0] == "literal"]
    if t[0] == "enum" and set(t[2]) <= set(literals):
        return True
    return any(takes_as(t, h) for h in hint)


def takes_as(t, h):
    kind = t[0]
    if h[0] == "literal":   # which of its values come is known of an enum alone
        return kind != "enum" and isinstance(h[1], LITERALS.get(kind, ()))
    if h[0] not in TAKES.get(kind, "").split():
        return False
    if len(h) == 1 or kind not in ("str", "list", "dict"):
        return True
    if kind == "dict":
        return takes(STR, h[1]) and (len(h) < 3 or takes(t[2], h[2]))
    return kind == "str" and h[0] == "str" or takes(t[2] if kind == "list" else t, h[1])


# Values out.

def gives(t, hint):
    """Are all values of a hint of a type?"""
    if hint is None:
        return True
    if t[0] == "opt":
        return gives(t[2], [h for h in hint if h != ("none",)])
    return all(gives_as(t, h) for h in hint)


def gives_as(t, h):
    kind = t[0]
    if kind == "json":
        return h[0] not in NO_JSON
    if h[0] == "literal":
        is_kind = isinstance(h[1], LITERALS.get(kind, ())) \
            and isinstance(h[1], bool) == (kind == "bool")
        return is_kind and (kind != "enum" or h[1] in t[2])
    if h[0] not in GIVES.get(kind, "").split():
        return False
    if kind == "list" and h[0] == "tuple" and len(h) == 2:
        return all(gives(t[2], e) for e in h[1])
    if kind == "list" and len(h) > 1:
        return gives(t[2], h[-1])
    if kind == "dict" and h[0] != "typeddict" and len(h) == 3:
        return gives(STR, h[1]) and gives(t[2], h[2])
    return True
