"""Checks the Python contents of components, without running them.

Its argument is a file of requests, one JSON object a line; the replies go to standard
output, one a line, in the same order.  A request is a component:

    {"code": text, "function": name or "", "shown": "train.py", "python": "3.11",
     "inputs": [{"name", "kind": "value" | "artifact", "optional", "type"}],
     "outputs": [{"name", "kind": "value" | "artifact" | "series", "optional", "type"}],
     "used": [names of inputs that the component uses elsewhere], "cached": bool,
     "environment": name or "", "packages": [PEP 508], "requirements": text}

A type is [kind, name], and after that the type of the elements of a list, dict or optional,
or the members of an enum.  With a function, code is a file's text and the function is what gets called; without, it
is a script that sees inputs and outputs as its global names.  A reply is

    {"diags": [{"code", "text", "label", "at", "notes": [{"at", "text"}],
                "fix": {"put", "text", "sure"}}]}        or        {"unchecked": reason}

where `at` is [line, column, end line, end column] in the code (lines from 1, columns in
bytes of UTF-8 from 0), {"input": name}, {"output": name} or null: the code as a whole.

Standard library only, Python 3.8 and later.  pycheck_cache.py, pycheck_packages.py,
pycheck_names.py and pycheck_hints.py stand before this text in the script that is run, so their names are there.
"""
import ast
import builtins
import json
import re
import sys
import warnings

MODULE_NAMES = frozenset(
    "__annotations__ __builtins__ __cached__ __class__ __debug__ __dict__ __doc__"
    " __file__ __loader__ __module__ __name__ __package__ __path__ __qualname__"
    " __spec__".split())
# What another version of Python has, and what the site module adds.
BUILTINS = frozenset(dir(builtins)) | frozenset(
    "BaseExceptionGroup EncodingWarning ExceptionGroup PythonFinalizationError"
    " WindowsError aiter anext copyright credits exit license quit".split())
# Names whose import is likely to have been forgotten.
IMPORTS = {"np": "import numpy as np", "pd": "import pandas as pd",
           "plt": "import matplotlib.pyplot as plt", "sns": "import seaborn as sns",
           "tf": "import tensorflow as tf", "Path": "from pathlib import Path",
           "datetime": "from datetime import datetime",
           "partial": "from functools import partial",
           "defaultdict": "from collections import defaultdict",
           "Counter": "from collections import Counter",
           "dataclass": "from dataclasses import dataclass"}
SPELLINGS = {"true": "True", "false": "False", "null": "None", "none": "None",
             "nil": "None", "undefined": "None"}


def distance(a, b):
    """Edits from a to b: insert, drop, replace, swap neighbours."""
    two, one = None, list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(one[j] + 1, row[-1] + 1, one[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, two[j - 2] + 1)
            row.append(best)
        two, one = one, row
    return one[-1]


def nearest(name, names, part=3):
    """The best of names for a misspelled one, or None: at most a third (a part) differs."""
    most = max(len(name) // part, 1 if len(name) > 1 else 0)
    near = [(distance(name, n), n) for n in names
            if abs(len(n) - len(name)) <= most and n != name]
    best = min(near, default=(most + 1, None))
    return best[1] if best[0] <= most else None


def is_sure(name, near, names):
    """Can nothing else be meant: no other name is as near, and that is very near."""
    most = distance(name, near)
    return most <= 2 and not any(distance(name, n) <= most for n in names
                                 if n not in (name, near) and abs(len(n) - len(name)) <= most)


class Text:
    """The code, for places in it."""

    def __init__(self, code):
        self.lines = [line.encode("utf-8", "replace") for line in code.split("\n")]

    def span(self, node):
        end_line = getattr(node, "end_lineno", None) or node.lineno
        end_col = getattr(node, "end_col_offset", None)
        if end_col is None or end_line != node.lineno:
            return self.rest_of(node.lineno, node.col_offset)
        return [node.lineno, node.col_offset, end_line, end_col]

    def rest_of(self, line, col=0):
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else b""
        start = max(col, len(text) - len(text.lstrip()))
        return [line, start, line, max(len(text.rstrip()), start)]

    def word(self, node, word):
        """The first whole word at or after the start of node; positions within f-strings
        are not right before Python 3.12."""
        want = re.compile(rb"(?<![\w\x80-\xff])" + re.escape(word.encode())
                          + rb"(?![\w\x80-\xff])")
        last = min(getattr(node, "end_lineno", None) or node.lineno, len(self.lines))
        for line in range(node.lineno, last + 1):
            start = node.col_offset if line == node.lineno else 0
            text = self.lines[line - 1]
            m = want.search(text, start) or want.search(text)
            if m:
                return [line, m.start(), line, m.end()]
        return self.rest_of(node.lineno)


class Checker:
    def __init__(self, request):
        self.code = request["code"].lstrip("\ufeff").replace("\r\n", "\n")
        self.function = request["function"]
        self.shown = request["shown"]
        self.inputs = request["inputs"]
        self.outputs = request["outputs"]
        self.used = set(request["used"])
        self.request = request
        self.text = Text(self.code)
        self.diags = []

    def allowed(self, code, at):
        """A file has its own comments; those in a block are read with the program's."""
        if code[0] != "W" or not self.function or not isinstance(at, list):
            return False
        m = re.search(rb"#\s*kfpc:\s*allow((?:[\s,]+W\d{4})+)", self.text.lines[at[0] - 1])
        return bool(m) and code in re.findall(r"W\d{4}", m.group(1).decode())

    def say(self, code, at, text, label="", notes=(), fix=None):
        """Keeps what is wrong; False if it is not wanted."""
        if self.allowed(code, at):
            return False
        d = {"code": code, "at": at, "text": text, "label": label, "notes": list(notes)}
        if fix:
            d["fix"] = fix
        self.diags.append(d)
        return True

    # Syntax.

    def target(self):
        """The minor version that the environment asks for, or the running one."""
        m = re.match(r"3\.(\d+)", self.request["python"])
        return int(m.group(1)) if m else sys.version_info[1]

    def parse(self):
        minor, kw = max(self.target(), 7), {}
        if minor < sys.version_info[1]:
            kw["feature_version"] = (3, minor)
        try:
            tree = ast.parse(self.code, self.shown, **kw)
        except SyntaxError as e:
            return self.syntax_error(e, False)
        except ValueError as e:
            return self.say("E0501", None, "Python syntax: " + str(e))
        try:
            compile(tree, self.shown, "exec", dont_inherit=True)
        except SyntaxError as e:
            return self.syntax_error(e, True)
        return tree

    def syntax_error(self, e, offset_in_bytes):
        if self.target() > sys.version_info[1]:
            raise Unchecked("it is written for Python 3.%d, and the interpreter here is"
                            " 3.%d" % (self.target(), sys.version_info[1]))
        msg = re.sub(r" \(<.*>, line \d+\)$", "", e.msg or "invalid syntax")
        # Python counts the lines of the contents alone.
        place = re.search(r" on line (\d+)", msg)
        notes = [{"at": self.text.rest_of(int(place.group(1))), "text": "it begins here"}
                 ] if place else []
        msg = re.sub(r" on line \d+", "", msg)
        text = "Python syntax: " + msg[:1].lower() + msg[1:]
        self.say("E0501", self.syntax_place(e, offset_in_bytes), text, "", notes)

    def syntax_place(self, e, offset_in_bytes):
        lines = self.text.lines
        line = e.lineno or 1
        if line > len(lines) or not lines[line - 1].strip() and e.offset is None:
            while line > len(lines) or line > 1 and not lines[line - 1].strip():
                line -= 1
            return self.rest_of_end(line)
        told = (e.text or "").strip()
        if told and told.encode() not in lines[line - 1]:
            return self.fstring_place(line, told)
        col = self.byte_column(line, e.offset, offset_in_bytes)
        end = getattr(e, "end_offset", None)
        if lines[line - 1][col:col + 1] == b"#":    # where code should have gone on
            col, end = len(lines[line - 1][:col].rstrip()), None
        if not end or end < 0 or getattr(e, "end_lineno", line) != line:
            return [line, col, line, col + 1]
        end = self.byte_column(line, end, offset_in_bytes)
        return [line, col, line, max(end, col + 1)]

    def fstring_place(self, line, told):
        """Before Python 3.12 the parts of an f-string are texts of their own, told as
        "(x y)"."""
        inside = told.strip("()").encode()
        for i, text in enumerate(self.text.lines, 1):
            col = text.find(inside)
            if inside and col >= 0:
                return [i, col, i, col + len(inside)]
        return self.text.rest_of(line)

    def rest_of_end(self, line):
        n = len(self.text.lines[line - 1].rstrip())
        return [line, max(n - 1, 0), line, n]

    def byte_column(self, line, offset, in_bytes):
        n = max((offset or 1) - 1, 0)
        raw = self.text.lines[line - 1]
        return n if in_bytes else len(raw.decode("utf-8", "replace")[:n].encode())

    # Names.

    def given(self):
        """Names that are there before the first line."""
        names = set(MODULE_NAMES)
        if self.function:
            return names
        for x in self.inputs + self.outputs:
            names.add(x["name"])
            if x["kind"] == "artifact":
                names.add(x["name"] + "_path")
        return names

    def check_names(self, walk):
        known = self.given()
        seen = set()
        uses = sorted((self.text.span(node), node, name) for scope in walk.scopes
                      for node, name, soft in scope.uses
                      if not soft and name not in known and name not in BUILTINS
                      and not scope.find(name))
        for _, node, name in sorted(uses, key=lambda u: u[0]):
            if name not in seen:
                self.undefined(walk, node, name, known)
            seen.add(name)

    def undefined(self, walk, node, name, known):
        at = self.text.word(node, name)
        text = "'%s' is not defined" % name
        if name in SPELLINGS:
            return self.say_near(at, text, SPELLINGS[name], True)
        owner = name[:-5] if name.endswith("_path") else None
        for x in self.inputs + self.outputs if owner and not self.function else []:
            if x["name"] == owner:
                return self.say("E0502", at, text,
                                "'%s' is a %s and has no path" % (owner, x["kind"]))
        line = IMPORTS.get(name) or ("import " + name if name in STDLIB else None)
        names = {n for s in walk.scopes for n in s.bound} | (known - MODULE_NAMES)
        near = nearest(name, names)
        if line and not near:
            return self.say("E0502", at, text, "'%s' is missing" % line)
        sure = near is not None and is_sure(name, near, names)
        near = near or nearest(name, BUILTINS, 4)
        if near:
            return self.say_near(at, text, near, sure)
        label = "neither an input, an output nor a name of this code"
        if self.function:
            label = "neither this file nor Python defines it"
        self.say("E0502", at, text, label)

    def say_near(self, at, text, near, sure):
        self.used.add(near)
        self.say("E0502", at, text, "", [],
                 {"put": near, "text": "did you mean '%s'?" % near, "sure": sure})

    # Inputs and outputs of a script.

    def uses(self, walk):
        """Names that are read from the module's scope or from outside it."""
        names = {name for scope in walk.scopes for _, name, _ in scope.uses
                 if scope.find(name) in (None, walk.module)}
        for s in walk.strings:
            names.update(re.findall(r"\w+", s))
        return names | self.used

    def check_script(self, walk):
        bound = walk.module.bound
        used = self.uses(walk)
        for x in self.outputs:
            if x["kind"] == "value":
                if not (x["name"] in bound or x["optional"] or walk.dynamic):
                    self.unassigned(walk, x["name"])
            elif x["name"] in bound:
                self.assigned(x, bound[x["name"]])
            elif not (used & self.names_of(x) or x["optional"] or walk.dynamic):
                self.unused_output(x)
        for x in self.inputs:
            if not (used & self.names_of(x) or walk.dynamic):
                self.unused_input(x, "this code")

    def names_of(self, x):
        names = {x["name"]}
        if x["kind"] == "artifact":
            names.add(x["name"] + "_path")
        return names

    def unassigned(self, walk, name):
        taken = {x["name"] for x in self.inputs + self.outputs}
        near = nearest(name, [n for n in walk.module.bound if n not in taken])
        notes = []
        if near:
            notes.append({"at": self.text.word(walk.module.bound[near][0], near),
                          "text": "'%s' is assigned here" % near})
        self.say("E0503", {"output": name}, "output '%s' is never assigned" % name,
                 "a value output is the variable of that name when the code ends", notes)

    def assigned(self, x, nodes):
        name = x["name"]
        node = min(nodes, key=lambda n: (n.lineno, n.col_offset))
        what = "write the %s to '%s_path'" % ("artifact", name)
        if x["kind"] == "series":
            what = "add points with '%s.log(value, step=n)'" % name
        self.say("E0505", self.text.word(node, name),
                 "assigning to the output '%s' does nothing" % name, what,
                 [{"at": {"output": name}, "text": "'%s' is declared here" % name}])

    def unused_output(self, x):
        name = x["name"]
        if x["kind"] == "series":
            return self.say("E0504", {"output": name},
                            "series '%s' never gets a point" % name,
                            "add points with '%s.log(value, step=n)'" % name)
        self.say("E0504", {"output": name}, "output '%s' is never written" % name,
                 "neither '%s' nor '%s_path' is used" % (name, name))

    def unused_input(self, x, where):
        if not x["name"].startswith("_"):
            self.say("W0501", {"input": x["name"]},
                     "input '%s' is never used" % x["name"], "not used by " + where)

    # A function in a file.

    def check_file(self, tree, walk):
        name = self.function
        bound = walk.module.bound.get(name)
        if not bound:
            if not walk.dynamic:
                self.no_function(walk)
            return
        node = bound[0]
        plain = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        if len(bound) != 1 or not plain or node.decorator_list:
            return
        body = own_nodes(node)
        if isinstance(node, ast.AsyncFunctionDef) or any(
                isinstance(n, (ast.Yield, ast.YieldFrom)) for n in body):
            kind = "async" if isinstance(node, ast.AsyncFunctionDef) else "a generator"
            return self.say("E0506", self.text.word(node, name), "function '%s' is %s, so"
                            " a call does not run it" % (name, kind))
        returns = [n for n in body if isinstance(n, ast.Return)]
        self.check_params(node)
        self.check_returns(node, returns)
        self.hints = Hints(tree, walk)
        self.check_param_hints(node)
        if any(r.value is not None for r in returns):
            self.check_return_hint(node.returns)

    def no_function(self, walk):
        near = nearest(self.function, [n for n, b in walk.module.bound.items()
                                       if isinstance(b[0], ast.FunctionDef)])
        notes = []
        if near:
            notes.append({"at": self.text.word(walk.module.bound[near][0], near),
                          "text": "did you mean '%s'?" % near})
        self.say("E0506", None, "'%s' has no function '%s'" % (self.shown, self.function),
                 "no such function", notes)

    def passed(self):
        """Names that a call can pass; value outputs are returned."""
        names = set()
        for x in self.inputs + self.outputs:
            if x["kind"] != "value" or x in self.inputs:
                names |= self.names_of(x)
        return names

    def check_params(self, node):
        args = node.args
        listed = getattr(args, "posonlyargs", []) + args.args
        required = listed[:len(listed) - len(args.defaults)]
        required += [a for a, d in zip(args.kwonlyargs, args.kw_defaults) if d is None]
        names = {a.arg for a in listed + args.kwonlyargs}
        for a in required:
            if a.arg not in self.passed():
                self.stray_param(a)
        for a in getattr(args, "posonlyargs", []):
            if a.arg in self.passed():
                self.say("E0507", self.param_name(a), "parameter '%s' cannot be passed by"
                         " its name" % a.arg, "it stands before '/'")
        if args.kwarg:
            return
        for x in self.outputs:
            if x["kind"] != "value" and not (names & self.names_of(x) or x["optional"]):
                self.not_taken(x)
        for x in self.inputs:
            if not (names | self.used) & self.names_of(x):
                self.unused_input(x, "function '%s'" % self.function)

    def not_taken(self, x):
        label = "function '%s' does not take it" % self.function
        if x["kind"] == "artifact":
            label = "function '%s' takes neither '%s' nor '%s_path'" % (
                self.function, x["name"], x["name"])
        self.say("E0504", {"output": x["name"]},
                 "output '%s' is never written" % x["name"], label)

    def stray_param(self, arg):
        near = nearest(arg.arg, self.passed())
        fix = {"put": near, "text": "did you mean '%s'?" % near} if near else None
        label = "not an input or output of the component"
        if any(x["name"] == arg.arg for x in self.outputs):
            label = "a value output is returned, not passed"
        self.say("E0507", self.param_name(arg),
                 "nothing is passed for parameter '%s'" % arg.arg, label, [], fix)

    def param_name(self, arg):
        end = arg.col_offset + len(arg.arg.encode())
        return [arg.lineno, arg.col_offset, arg.lineno, end]

    def check_returns(self, node, returns):
        wanted = [x["name"] for x in self.outputs if x["kind"] == "value"]
        needed = [x["name"] for x in self.outputs
                  if x["kind"] == "value" and not x["optional"]]
        given = [r for r in returns if r.value is not None]
        if needed and not given and not isinstance(node.body[-1], ast.Raise):
            notes = [{"at": {"output": n}, "text": "'%s' is declared here" % n}
                     for n in needed]
            self.say("E0503", self.text.word(node, node.name),
                     "function '%s' returns no value for '%s'" % (node.name, needed[0]),
                     "no 'return' with a value", notes)
        if len(wanted) > 1:
            for r in given:
                self.check_return(r, wanted, needed)

    def check_return(self, r, wanted, needed):
        v = r.value
        outputs = ", ".join(wanted)
        if isinstance(v, ast.Tuple):
            starred = any(isinstance(e, ast.Starred) for e in v.elts)
            if len(v.elts) != len(wanted) and not starred:
                self.say("E0503", self.text.span(v),
                         "%d values are returned for %d outputs"
                         % (len(v.elts), len(wanted)), "the outputs are " + outputs)
        elif isinstance(v, ast.Dict) and all(
                isinstance(k, ast.Constant) and isinstance(k.value, str) for k in v.keys):
            keys = {k.value for k in v.keys}
            for k in v.keys:
                if k.value not in wanted:
                    self.say("E0503", self.text.span(k),
                             "'%s' is no output of the component" % k.value,
                             "the outputs are " + outputs)
            for name in needed:
                if name not in keys:
                    self.say("E0503", self.text.span(v),
                             "the returned dict has no '%s'" % name,
                             "the outputs are " + outputs)

    # Its type hints.

    def written(self, node):
        """A hint as the file has it."""
        line, start, end_line, end = self.text.span(node)
        if line != end_line:
            return "hint"
        return "'%s'" % self.text.lines[line - 1][start:end].decode("utf-8", "replace")

    def check_param_hints(self, node):
        args = node.args
        listed = getattr(args, "posonlyargs", []) + args.args
        defaults = [None] * (len(listed) - len(args.defaults)) + args.defaults
        for a, default in zip(listed + args.kwonlyargs, defaults + args.kw_defaults):
            hint = self.hints.read(a.annotation)
            if hint is not None and getattr(default, "value", default) is None and default:
                hint = hint + [("none",)]
            for where, ports in (("input", self.inputs), ("output", self.outputs)):
                for x in ports:
                    if a.arg in self.names_of(x) and (where == "input"
                                                      or x["kind"] != "value"):
                        self.check_param_hint(a, hint, where, x)

    def check_param_hint(self, a, hint, where, x):
        t = x["type"]
        if takes(t, hint):
            return
        text = "parameter '%s' is hinted %s, and " % (a.arg, self.written(a.annotation))
        if t[0] == "opt" and takes(t[2], hint):
            text += "the component may pass None"
        elif a.arg != x["name"]:
            text += "the component passes a path"
        else:
            text += "the component passes %s" % t[1]
        self.say("E0507", self.text.span(a.annotation), text, "", [
            {"at": {where: x["name"]}, "text": "'%s' is declared %s here"
             % (x["name"], t[1])}])

    def check_return_hint(self, node):
        hint = self.hints.read(node)
        wanted = [x for x in self.outputs if x["kind"] == "value"]
        if hint is None or not wanted:
            return
        for h in hint:
            if len(wanted) == 1 and gives(wanted[0]["type"], [h]):
                continue
            if not self.check_returned(node, wanted, h):
                return

    def check_returned(self, node, wanted, h):
        """One alternative of the hint against the outputs; False if it was wrong."""
        names = [x["name"] for x in wanted]
        if h[0] in ("namedtuple", "typeddict"):
            return self.check_fields(node, wanted, h)
        parts = [None] * len(wanted)
        if h[0] in ("dict", "mapping") and not (
                len(wanted) == 1 and wanted[0]["type"][0] in ("dict", "struct")):
            parts = [h[2] if len(h) > 2 else None] * len(wanted)
        elif h[0] == "tuple" and len(wanted) > 1:
            if len(h) > 2:
                parts = [h[2]] * len(wanted)
            elif len(h) > 1:
                parts = h[1]
        elif len(wanted) == 1:
            parts = [[h]]
        else:
            return self.wrong_return(node, "is one value, and the component has the outputs "
                                     + ", ".join(names), wanted[:0])
        if len(parts) != len(wanted):
            return self.wrong_return(node, "has %d value%s for %d output%s" % (
                len(parts), "s"[len(parts) == 1:], len(wanted), "s"[len(wanted) == 1:]),
                                     wanted)
        return self.check_parts(node, zip(wanted, parts))

    def check_parts(self, node, pairs):
        for x, part in pairs:
            if not gives(x["type"], part):
                return self.wrong_return(node, "does not give the output '%s', which is %s"
                                         % (x["name"], x["type"][1]), [x])
        return True

    def check_fields(self, node, wanted, h):
        fields, needed = h[1], h[2]
        names = {x["name"] for x in wanted}
        for field in fields:
            if field not in names:
                return self.wrong_return(node, "has the field '%s', which is no output"
                                         % field, [])
        for x in wanted:
            if x["name"] not in needed and not x["optional"]:
                return self.wrong_return(node, "has no field '%s'" % x["name"], [x])
        return self.check_parts(node, [(x, self.hints.read(fields.get(x["name"])))
                                       for x in wanted])

    def wrong_return(self, node, text, ports):
        self.say("E0507", self.text.span(node),
                 "the return hint %s %s" % (self.written(node), text), "", [
                     {"at": {"output": x["name"]}, "text": "'%s' is declared %s here"
                      % (x["name"], x["type"][1])} for x in ports])
        return False

    # Imports.

    def check_imports(self, walk):
        provided = Provided(self.request["packages"], self.request["requirements"])
        seen = set()
        for i in sorted(walk.imports, key=lambda i: (i.node.lineno, i.node.col_offset)):
            top = i.module.partition(".")[0]
            if i.level:
                self.say("W0502", self.text.span(i.node),
                         "a relative import has no package to start from here")
            elif i.module not in seen and top not in seen and not provided.has(i.module):
                self.say_missing(i, i.module if i.module in PROVIDERS else top)
            seen.update((i.module, top))

    def say_missing(self, i, what):
        dist = distribution_of(i.module)
        env = self.request["environment"]
        where = "environment '%s'" % env if env else "a component without packages"
        if "." in env:      # written in the component itself
            where = "the environment of '%s'" % env.partition(".")[0]
        text = "'%s' is not provided by %s" % (what, where)
        if env and not self.request["packages"] and not self.request["requirements"]:
            text += ", which has no packages"
        label = "add \"%s\" to the packages" % dist if dist else (
            "no package is known to provide it")
        at = self.text.word(i.node, i.module.split(".")[0])
        if self.say("W0502", at, text, label):
            self.diags[-1]["module"] = i.module.partition(".")[0]

    def run(self):
        tree = self.parse()
        if not tree:
            return
        future = any(isinstance(n, ast.ImportFrom) and n.module == "__future__"
                     and any(a.name == "annotations" for a in n.names) for n in tree.body)
        walk = Walk(tree, future or self.target() >= 14)
        if not walk.dynamic:
            self.check_names(walk)
        if self.function:
            self.check_file(tree, walk)
        else:
            self.check_script(walk)
        self.check_imports(walk)
        if self.request.get("cached"):
            self.check_cache(tree)

    def check_cache(self, tree):
        for node, what in find_uncacheable(tree):
            self.say("W0505", self.text.span(node.func),
                     "this reads %s, which a cached result cannot follow" % what,
                     "write 'cache = off' in the component")


class Unchecked(Exception):
    pass


def own_nodes(function):
    """Nodes of the body, those of functions and classes within it left out."""
    out, work = [], list(function.body)
    while work:
        n = work.pop()
        out.append(n)
        if not isinstance(n, FUNCTIONS + (ast.ClassDef,)):
            work.extend(ast.iter_child_nodes(n))
    return out


def reply_to(line):
    try:
        checker = Checker(json.loads(line))
        checker.run()
    except Unchecked as e:
        return {"unchecked": str(e)}
    except (RecursionError, MemoryError):
        return {"unchecked": "it is nested too deeply"}
    return {"diags": checker.diags}


def main():
    warnings.simplefilter("ignore")
    with open(sys.argv[1], "rb") as requests:
        for line in requests:
            sys.stdout.buffer.write(json.dumps(reply_to(line)).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
