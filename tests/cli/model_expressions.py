"""Random expressions have the value that Python gives them, or fail where Python does.

What is different by design is said in check_64: an int has 64 bits.  KFPC_MODEL=SEED,COUNT
makes other expressions, and more.
"""
import ast
import json
import os
import random
import re
import subprocess
import sys

PARAMS = {"a": "int", "b": "int", "c": "int", "x": "float", "y": "float", "s": "str",
          "t": "str", "xs": "list[int]", "ss": "list[str]"}
VALUES = {
    "int": [0, 1, -1, 2, 3, -7, 10, 100, 2**31, 2**53 + 1, 2**63 - 1, -2**63, 42, -33],
    "float": [0.0, -0.0, 0.5, 1.5, 2.5, -2.5, 1e308, 1e-308, 3.14159, 1e16, 123456789.125],
    "str": ["", "a", "abc", "한글", "  x ", "a,b,,c", "aXbX", "%", "{}"],
}
# What makes a value of a type: {type} is an expression, {!type} a name, {?} a small number;
# of f-strings < and > are the braces.
FORMS = {
    "int": ["({int} + {int})", "({int} - {int})", "({int} * {int})", "({int} // {int})",
            "({int} % {int})", "({int} ** 2)", "({int} ** 63)", "(-{int})", "abs({int})",
            "len({str})", "len({list[int]})", "({int} if {bool} else {int})",
            "sum({list[int]})", "min({int}, {int})", "max({list[int]})", "int({float})",
            "round({float})", "{list[int]}[{int}]", "{str}.find({str})", "{str}.count({str})"],
    "float": ["({float} + {float})", "({float} - {int})", "({float} * {float})",
              "({float} / {float})", "({int} / {int})", "({float} // {float})",
              "({float} % {float})", "(-{float})", "abs({float})", "float({int})",
              "round({float}, 1)", "({float} ** 0.5)", "({float} if {bool} else {float})"],
    "bool": ["({int} < {int})", "({float} >= {int})", "({str} <= {str})", "({str} == {str})",
             "({bool} and {bool})", "({bool} or {bool})", "(not {bool})",
             "({int} < {float} <= {int})", "({str} in {str})", "({int} in {list[int]})",
             "({list[int]} == {list[int]})", "{str}.startswith({str})"],
    "str": ["({str} + {str})", "str({int})", "str({float})", "str({bool})", "({str} * 2)",
            "{str}.strip()", "{str}.replace({str}, {str})", "{str}.join({list[str]})",
            "{str}[{int}]", "f'=<{!float}:.2f>'", "f'=<{!float} * {!int}:,.1f>'",
            "f'=<{!float} - {!float}:.3e>'", "f'=<{!float}:g>'", "f'=<{!float}:.1%>'",
            "f'=<{!int} // {!int}:,>'", "f'=<{!int}:.1f>'", "f'=<{!str}> <{!float}>'"],
    "list[int]": ["({list[int]} + {list[int]})", "sorted({list[int]})", "[{int}, {int}]",
                  "[z * 2 for z in {list[int]} if z > 1]", "span({?}, {?}, {?})",
                  "({list[int]} * 2)"],
    "list[str]": ["{str}.split()", "{str}.split({str})", "[{str}, {str}]"],
}


def value(rng, kind):
    if kind.startswith("list"):
        return [value(rng, kind[5:-1]) for _ in range(rng.randint(0, 4))]
    return rng.choice(VALUES[kind])


def literal(v):
    return json.dumps(v, ensure_ascii=False) if isinstance(v, (str, list)) else repr(v)


def fill(rng, how, kind, depth):
    if how == "?":
        return str(rng.randint(-6, 9))
    if how == "!":
        return rng.choice([name for name, of in PARAMS.items() if of == kind])
    return expression(rng, kind, depth - 1)


def expression(rng, kind, depth):
    if depth == 0 or rng.random() < 0.1:
        names = [name for name, of in PARAMS.items() if of == kind]
        if kind == "bool":
            return rng.choice(["(a > b)", "(x <= y)", "(s == t)"])
        if kind.startswith("list") or rng.random() < 0.75:
            return rng.choice(names)
        return f"({literal(value(rng, kind))})"
    form = rng.choice(FORMS[kind])
    if form.startswith("f'"):
        form = form.replace("<", "\1").replace(">", "\2")
    out = re.sub(r"\{([?!]?)([^}]*)\}", lambda hole: fill(rng, *hole.groups(), depth), form)
    return out.replace("\1", "{").replace("\2", "}")


def check_64(v):
    if isinstance(v, int) and not -2**63 <= v < 2**63:
        raise OverflowError
    if isinstance(v, complex):
        raise ValueError
    return v


class Checked(ast.NodeTransformer):
    """Each operation and call within check_64()."""

    def generic_visit(self, node):
        super().generic_visit(node)
        if isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Call)):
            return ast.Call(ast.Name("check_64", ast.Load()), [node], [])
        return node


def python_value(text, env):
    """What str() of it is in Python; None where it fails."""
    tree = ast.fix_missing_locations(Checked().visit(ast.parse(text, mode="eval")))
    scope = {"check_64": check_64, "span": lambda *a: list(range(*a)), **env}
    try:
        v = eval(compile(tree, "expression", "eval"), scope)
        for part in v if isinstance(v, list) else [v]:
            check_64(part)
        return json.dumps(v) if isinstance(v, list) else str(v)
    except (ArithmeticError, ValueError, IndexError, TypeError):
        return None


def make(rng, number):
    """(the pipeline and its test, does it fail?)"""
    kind = rng.choice(["int", "int", "float", "float", "bool", "str", "str", "list[int]"])
    text = expression(rng, kind, rng.randint(1, 3))
    env = {name: value(rng, of) for name, of in PARAMS.items()}
    wanted = python_value(text, env)
    params = ", ".join(f"{name}: {of}" for name, of in PARAMS.items())
    said = [f"pipeline p{number}({params}) -> str:",
            f"    return str({text.replace('span(', 'range(')})", "", f'test "p{number}":',
            f"    r = p{number}({', '.join(f'{n}={literal(v)}' for n, v in env.items())})"]
    if wanted is None:
        said.append('    assert r.state == "failed", r.outputs.output')
    else:
        said.append('    assert r.state == "succeeded", r.error')
        said.append(f"    assert r.outputs.output == {literal(wanted)}")
    return "\n".join(said) + "\n\n", wanted is None


def write(cases):
    with open("model.kfp", "w", encoding="utf-8") as f:
        f.write("".join(text for text, _ in cases))


def refused(cases):
    """The numbers of those in which the compiler finds a constant that fails."""
    ran = subprocess.run(["kfpc", "check", "--json", "model.kfp"], capture_output=True,
                         text=True)
    starts = [1]
    for text, _ in cases:
        starts.append(starts[-1] + text.count("\n"))
    for line in ran.stdout.splitlines():
        d = json.loads(line)
        if d["severity"] != "error":
            continue
        k = max(i for i, start in enumerate(starts) if start <= d["line"])
        if d["code"] != "E0802" or not cases[k][1]:
            sys.exit(f"{d['code']}: {d['message']}\n{cases[k][0]}")
        yield k


def main():
    seed, count = (int(s) for s in os.environ.get("KFPC_MODEL", "1,200").split(","))
    rng = random.Random(seed)
    cases = [make(rng, number) for number in range(count)]
    write(cases)
    without = set(refused(cases))
    write([case for k, case in enumerate(cases) if k not in without])
    ran = subprocess.run(["kfpc", "test", "model.kfp"], capture_output=True, text=True)
    left = count - len(without)
    if ran.returncode or f"\n{left} passed, 0 failed" not in ran.stdout:
        sys.exit(ran.stdout[-6000:] + "\n" + ran.stderr[-3000:])
    if len(without) > count / 4 or not any(failing for _, failing in cases):
        sys.exit(f"{len(without)} of {count} are refused: that shows too little")


main()
