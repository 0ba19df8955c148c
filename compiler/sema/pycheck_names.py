"""For pycheck.py: the names of a Python text, resolved as Python does.

Order does not matter: a name that is bound anywhere in a scope counts as bound in it.
"""
import ast

# Calls through which code may read or bind any name.
REACHES_NAMES = frozenset("eval exec globals locals vars".split())
# Calls whose strings may name variables: pandas, DuckDB and their like.
QUERIES = frozenset("eval execute query sql sqldf".split())
VERSIONS = frozenset("PY2 PY3 TYPE_CHECKING hexversion version_info".split())
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
TYPE_ALIAS = getattr(ast, "TypeAlias", ())
TRIES = (ast.Try,) + ((ast.TryStar,) if hasattr(ast, "TryStar") else ())


class Scope:
    """Where names are bound: the module, a function, a class, a comprehension."""

    def __init__(self, kind, parent):
        self.kind = kind
        self.parent = parent
        self.bound = {}       # name -> the nodes that bind it
        self.declared = set()  # `x: int` alone
        self.outer = set()    # global
        self.nonlocal_ = set()
        self.uses = []        # (node, name, soft)

    def binding_scope(self):
        """The scope that a walrus binds in."""
        scope = self
        while scope.kind == "comprehension":
            scope = scope.parent
        return scope

    def find(self, name):
        """The scope in which a use of name here is bound, or None."""
        scope = self
        while scope.parent:
            if name in scope.outer:
                break
            seen = scope is self or scope.kind != "class"
            if seen and name not in scope.nonlocal_ and (
                    name in scope.bound or name in scope.declared):
                return scope
            scope = scope.parent
        while scope.parent:
            scope = scope.parent
        return scope if name in scope.bound or name in scope.declared else None


class Import:
    def __init__(self, node, module, level):
        self.node = node
        self.module = module
        self.level = level


class Walk:
    """Every binding, use and import of a module, by a work list: contents may nest deeper
    than Python recurses."""

    def __init__(self, tree, lazy_annotations):
        self.module = Scope("module", None)
        self.scopes = [self.module]
        self.imports = []
        self.strings = []       # strings that may name variables
        self.dynamic = False    # names may be bound in ways that are not seen
        self.lazy = lazy_annotations
        self.work = [(tree, self.module, False, False)]
        while self.work:
            self.node(*self.work.pop())
        self.settle()

    def settle(self):
        for scope in self.scopes[1:]:
            for name in scope.outer & set(scope.bound):
                self.module.bound.setdefault(name, []).extend(scope.bound.pop(name))

    def new_scope(self, kind, parent):
        scope = Scope(kind, parent)
        self.scopes.append(scope)
        return scope

    def bind(self, scope, name, node):
        scope.bound.setdefault(name, []).append(node)

    def push(self, nodes, scope, soft, quiet):
        if isinstance(nodes, list):
            self.work.extend((n, scope, soft, quiet) for n in nodes if n is not None)
        elif nodes is not None:
            self.work.append((nodes, scope, soft, quiet))

    def node(self, node, scope, soft, quiet):
        """soft: an undefined name is expected here; quiet: a failing import is."""
        if isinstance(node, ast.Name):
            self.name(node, scope, soft)
        elif isinstance(node, FUNCTIONS):
            self.function(node, scope, soft, quiet)
        elif isinstance(node, ast.ClassDef):
            self.class_(node, scope, soft, quiet)
        elif isinstance(node, COMPREHENSIONS):
            self.comprehension(node, scope, soft, quiet)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self.import_(node, scope, quiet)
        elif isinstance(node, TRIES):
            self.try_(node, scope, soft, quiet)
        elif isinstance(node, ast.AnnAssign):
            self.annotated(node, scope, soft, quiet)
        elif TYPE_ALIAS and isinstance(node, TYPE_ALIAS):
            self.bind(scope, node.name.id, node.name)
            inner = self.type_params(node, scope, quiet)
            self.push(node.value, inner, True, quiet)
        else:
            self.other(node, scope, soft, quiet)

    def other(self, node, scope, soft, quiet):
        if isinstance(node, ast.Global):
            scope.outer.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            scope.nonlocal_.update(node.names)
        elif isinstance(node, ast.NamedExpr):
            self.bind(scope.binding_scope(), node.target.id, node.target)
            self.push(node.value, scope, soft, quiet)
            return
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            scope.uses.append((node.target, node.target.id, True))
        elif isinstance(node, ast.Call):
            self.call(node)
        elif isinstance(node, (ast.If, ast.IfExp)) and asks_for_version(node.test):
            soft = quiet = True
        else:
            self.pattern(node, scope)
        self.push(list(ast.iter_child_nodes(node)), scope, soft, quiet)

    def pattern(self, node, scope):
        kind = type(node).__name__
        if kind in ("MatchAs", "MatchStar", "ExceptHandler") and node.name:
            self.bind(scope, node.name, node)
        elif kind == "MatchMapping" and node.rest:
            self.bind(scope, node.rest, node)

    def name(self, node, scope, soft):
        if isinstance(node.ctx, ast.Load):
            scope.uses.append((node, node.id, soft))
        elif isinstance(node.ctx, ast.Store):
            self.bind(scope, node.id, node)

    def call(self, node):
        f = node.func
        if isinstance(f, ast.Name) and f.id in REACHES_NAMES:
            self.dynamic = True
        called = f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "")
        if called in QUERIES:
            for a in node.args + node.keywords:
                self.strings += [n.value for n in ast.walk(a)
                                 if isinstance(n, ast.Constant)
                                 and isinstance(n.value, str)]

    def annotated(self, node, scope, soft, quiet):
        lazy = self.lazy or scope.kind == "function"
        self.push(node.annotation, scope, soft or lazy, quiet)
        self.push(node.value, scope, soft, quiet)
        if node.value is None and isinstance(node.target, ast.Name):
            scope.declared.add(node.target.id)
        else:
            self.push(node.target, scope, soft, quiet)

    def type_params(self, node, scope, quiet):
        """The scope of `def f[T]`'s names; scope itself where there are none."""
        params = getattr(node, "type_params", None)
        if not params:
            return scope
        inner = self.new_scope("function", scope)
        for p in params:
            self.bind(inner, p.name, p)
            self.push(getattr(p, "bound", None), inner, True, quiet)
            self.push(getattr(p, "default_value", None), inner, True, quiet)
        return inner

    def function(self, node, scope, soft, quiet):
        args = node.args
        if not isinstance(node, ast.Lambda):
            self.bind(scope, node.name, node)
            self.push(node.decorator_list, scope, soft, quiet)
        self.push(args.defaults + args.kw_defaults, scope, soft, quiet)
        around = self.type_params(node, scope, quiet)
        inner = self.new_scope("function", around)
        for a in all_args(args):
            self.bind(inner, a.arg, a)
            self.push(a.annotation, around, soft or self.lazy, quiet)
        self.push(getattr(node, "returns", None), around, soft or self.lazy, quiet)
        self.push(node.body, inner, soft, quiet)

    def class_(self, node, scope, soft, quiet):
        self.bind(scope, node.name, node)
        self.push(node.decorator_list, scope, soft, quiet)
        around = self.type_params(node, scope, quiet)
        self.push(node.bases + [k.value for k in node.keywords], around, soft, quiet)
        self.push(node.body, self.new_scope("class", around), soft, quiet)

    def comprehension(self, node, scope, soft, quiet):
        inner = self.new_scope("comprehension", scope)
        for i, g in enumerate(node.generators):
            self.push(g.iter, inner if i else scope, soft, quiet)
            self.push([g.target] + g.ifs, inner, soft, quiet)
        if isinstance(node, ast.DictComp):
            self.push([node.key, node.value], inner, soft, quiet)
        else:
            self.push(node.elt, inner, soft, quiet)

    def import_(self, node, scope, quiet):
        level = getattr(node, "level", 0)
        for alias in node.names:
            if alias.name == "*":
                self.dynamic = True
            else:
                bound = alias.asname or alias.name.partition(".")[0]
                self.bind(scope, bound, node)
            module = alias.name
            if isinstance(node, ast.ImportFrom):
                # google.cloud and the like are shared by many distributions.
                part = "%s.%s" % (node.module, alias.name)
                module = part if part in PROVIDERS else node.module or ""
            if not quiet:
                self.imports.append(Import(node, module, level))

    def try_(self, node, scope, soft, quiet):
        caught = set()
        for h in node.handlers:
            caught |= {"*"} if h.type is None else {
                n.id for n in ast.walk(h.type) if isinstance(n, ast.Name)}
        names = caught & {"*", "NameError"}
        imports = caught & {"*", "ImportError", "ModuleNotFoundError", "Exception",
                            "BaseException"}
        self.push(node.body, scope, soft or bool(names), quiet or bool(imports))
        # What a handler imports stands in for what failed.
        self.push(node.handlers, scope, soft, quiet or bool(imports))
        self.push(node.orelse + node.finalbody, scope, soft, quiet)


def asks_for_version(test):
    """if TYPE_CHECKING, if sys.version_info >= ..., if PY2: not all of it is for us."""
    return any(getattr(n, "id", getattr(n, "attr", "")) in VERSIONS
               for n in ast.walk(test))


def all_args(args):
    listed = getattr(args, "posonlyargs", []) + args.args + args.kwonlyargs
    return listed + [a for a in (args.vararg, args.kwarg) if a]


