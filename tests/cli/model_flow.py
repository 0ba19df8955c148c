"""Random pipelines of branches, loops, tries, asserts and calls do what a model of them does.

The model is written from doc/rules.md: a name has a value, or is missing because what it
needs failed or was skipped; a statement fails or does not.  KFPC_MODEL=SEED,COUNT makes
other pipelines, and more.
"""
import os
import random
import subprocess
import sys

MISSING = object()
STUBS = 10  # the component is called with 0..9


class Failure(Exception):
    pass


class Skipped(Exception):
    """An assert that cannot be decided: nothing fails, and nothing follows."""


# Expressions are nested tuples; so are statements, in which those are.

def text(e):
    kind = e[0]
    if kind == "name":
        return e[1]
    if kind == "const":
        return str(e[1])
    if kind == "sum" or kind == "len":
        return f"{kind}({e[1]}) % 1000"
    if kind == "if":
        return f"({text(e[3])} if {text(e[1])} > {text(e[2])} else {text(e[4])})"
    if kind == "//":
        return f"({text(e[1])} // {text(e[2])})"
    return f"({text(e[1])} {kind} {text(e[2])}) % 1000"


def names_in(e):
    if not isinstance(e, tuple):
        return set()
    if e[0] in ("name", "sum", "len"):
        return {e[1]}
    return set().union(*(names_in(part) for part in e[1:]))


def compute(e, env):
    kind = e[0]
    if kind == "name":
        return env[e[1]]
    if kind == "const":
        return e[1]
    if kind == "sum" or kind == "len":
        return {"sum": sum, "len": len}[kind](env[e[1]]) % 1000
    if kind == "if":
        return compute(e[3 if compute(e[1], env) > compute(e[2], env) else 4], env)
    a, b = compute(e[1], env), compute(e[2], env)
    if kind == "//":
        if b == 0:
            raise Failure
        return a // b
    return {"+": a + b, "-": a - b, "*": a * b}[kind] % 1000


class Writer:
    """Makes statements at random.  Of a block, the names that it binds for those after it."""

    def __init__(self, rng, callees):
        self.rng, self.callees, self.count = rng, callees, 0

    def new(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def name(self, ints):
        return ("name", self.rng.choice(ints))

    def expr(self, ints, lists, depth=2):
        r = self.rng.random()
        if depth == 0 or r < 0.35:
            return self.name(ints) if r < 0.3 else ("const", self.rng.randint(0, 9))
        if r < 0.6:
            return (self.rng.choice("++-*"), self.name(ints), self.expr(ints, lists, depth - 1))
        if r < 0.68:
            return ("//", self.name(ints), self.name(ints))
        if r < 0.8 and lists:
            return (self.rng.choice(["sum", "len"]), self.rng.choice(lists))
        return ("if", self.name(ints), self.expr(ints, lists, 0),
                self.expr(ints, lists, depth - 1), self.expr(ints, lists, depth - 1))

    def bind(self, name, ints, lists):
        r = self.rng.random()
        if r < 0.55:
            return ("task", name, self.expr(ints, lists, 1))
        if r < 0.7 and self.callees:
            return ("call", name, self.rng.choice(self.callees), self.expr(ints, lists, 1))
        if r < 0.8:
            return ("either", name, self.name(ints), self.name(ints),
                    self.expr(ints, lists, 1), self.expr(ints, lists, 1))
        return ("expr", name, self.expr(ints, lists))

    def block(self, ints, lists, depth, most, last=None):
        ints, lists, out = list(ints), list(lists), []
        for _ in range(self.rng.randint(0 if last else 1, most)):
            statement, name = self.statement(ints, lists, depth)
            out.append(statement)
            if name:
                (lists if name.startswith("all") else ints).append(name)
        if last:
            out.append(self.bind(last, ints, lists))
            ints.append(last)
        return out, ints, lists

    def statement(self, ints, lists, depth):
        r, name = self.rng.random(), self.new("v")
        if depth == 0 or r < 0.4:
            return self.bind(name, ints, lists), name
        if r < 0.55:
            arms = [self.block(ints, lists, depth - 1, 2, name)[0] for _ in range(2)]
            return ("branch", self.name(ints), self.expr(ints, lists, 1), *arms), name
        if r < 0.72:
            return self.loop(ints, lists, depth, name)
        if r < 0.92:
            body = self.block(ints, lists, depth - 1, 2, name)[0]
            mend = self.block(ints, lists, depth - 1, 1, name)[0] if r < 0.86 else None
            last = self.block(ints, lists, depth - 1, 1)[0] if r >= 0.81 else None
            return ("try", body, mend, last), name
        return ("assert", self.name(ints), self.expr(ints, lists, 1)), None

    def loop(self, ints, lists, depth, name):
        item, result = self.new("i"), self.new("all")
        over = self.rng.choice(lists) if lists and self.rng.random() < 0.5 else \
            self.expr(ints, lists, 1)
        body, inner, _ = self.block([*ints, item], lists, depth - 1, 2, name)
        collected = self.rng.choice(inner[len(ints) + 1:])
        return ("loop", item, over, body, result, collected), result


def lines(block, level=1):
    pad = "    " * level
    for s in block:
        kind = s[0]
        if kind == "task":
            yield f"{pad}{s[1]} = c(n=({text(s[2])}) % {STUBS}).m"
        elif kind == "expr":
            yield f"{pad}{s[1]} = {text(s[2])}"
        elif kind == "call":
            yield f"{pad}{s[1]} = {s[2]}(n={text(s[3])}).out"
        elif kind == "either":
            a, b = (f"c(n=({text(e)}) % {STUBS}).m" for e in s[4:])
            yield f"{pad}{s[1]} = {a} if {text(s[2])} > {text(s[3])} else {b}"
        elif kind == "assert":
            yield f"{pad}assert {text(s[1])} <= ({text(s[2])}) + 500"
        elif kind == "branch":
            yield f"{pad}if {text(s[1])} > {text(s[2])}:"
            yield from lines(s[3], level + 1)
            yield f"{pad}else:"
            yield from lines(s[4], level + 1)
        elif kind == "loop":
            over = s[2] if isinstance(s[2], str) else f"range(({text(s[2])}) % 4)"
            yield f"{pad}for {s[1]} in {over}:"
            yield from lines(s[3], level + 1)
            yield f"{pad}{s[4]} = collect({s[5]})"
        else:
            for word, part in zip(("try", "except", "finally"), s[1:]):
                if part is not None:
                    yield f"{pad}{word}:"
                    yield from lines(part, level + 1)


def bound(block):
    """The names that a block binds for those after it, and some that its branches bind."""
    for s in block:
        if s[0] == "branch":
            yield from bound(s[3])
        elif s[0] == "try":
            yield from bound(s[1])
        elif s[0] == "loop":
            yield s[4]
        elif s[0] != "assert":
            yield s[1]


def read_from_outside(block):
    reads, binds = set(), set()

    def visit(s):
        for part in s[1:]:
            if isinstance(part, list):
                for inner in part:
                    visit(inner)
            else:
                reads.update(names_in(part))
        if s[0] == "loop":
            binds.update((s[1], s[4]))
            if isinstance(s[2], str):
                reads.add(s[2])
        elif isinstance(s[1], str):
            binds.add(s[1])

    for s in block:
        visit(s)
    return reads - binds


class Model:
    def __init__(self, stub, pipelines):
        self.stub, self.pipelines = stub, pipelines

    def value(self, e, env):
        return MISSING if any(env[n] is MISSING for n in names_in(e)) else compute(e, env)

    def task(self, e, env):
        n = self.value(e, env)
        if n is MISSING:
            return MISSING
        if self.stub[n % STUBS] is None:
            raise Failure
        return self.stub[n % STUBS]

    def pipeline(self, name, n):
        """(has it failed, the value of its output)"""
        block, result = self.pipelines[name]
        env = {"n": n}
        failed = self.block(block, env)
        return failed, env[result]

    def block(self, block, env):
        """Has something in it failed?  After an assert that does not hold nothing is done."""
        failed = stopped = False
        for s in block:
            names = list(bound([s]))
            env.update((n, MISSING) for n in names)
            if stopped:
                continue
            try:
                failed |= getattr(self, "do_" + s[0])(s, env)
            except Skipped:
                stopped = True
            except Failure:
                failed, stopped = True, s[0] == "assert"
        return failed

    def do_task(self, s, env):
        env[s[1]] = self.task(s[2], env)
        return False

    def do_expr(self, s, env):
        env[s[1]] = self.value(s[2], env)
        return False

    def do_call(self, s, env):
        failed, out = self.pipeline(s[2], self.value(s[3], env))
        env[s[1]] = MISSING if failed else out
        return failed

    def do_either(self, s, env):
        a, b = self.value(s[2], env), self.value(s[3], env)
        if a is not MISSING and b is not MISSING:
            env[s[1]] = self.task(s[4 if a > b else 5], env)
        return False

    def do_assert(self, s, env):
        a, b = self.value(s[1], env), self.value(s[2], env)
        if a is MISSING or b is MISSING:
            raise Skipped
        if a > b + 500:
            raise Failure
        return False

    def do_branch(self, s, env):
        a, b = self.value(s[1], env), self.value(s[2], env)
        return a is not MISSING and b is not MISSING and self.block(s[3 if a > b else 4], env)

    def do_loop(self, s, env):
        if isinstance(s[2], str):
            items = env[s[2]]
        else:
            items = self.value(s[2], env)
            items = items if items is MISSING else range(items % 4)
        if items is MISSING or any(env[n] is MISSING
                                   for n in read_from_outside(s[3]) - {s[1]}):
            return False
        failed, collected = False, []
        for item in items:
            inner = {**env, s[1]: item}
            failed |= self.block(s[3], inner)
            collected.append(inner[s[5]])
        if not failed and MISSING not in collected:
            env[s[4]] = collected
        return failed

    def do_try(self, s, env):
        failed = self.block(s[1], inner := dict(env))
        if failed and s[2] is not None:
            failed = self.block(s[2], inner := dict(env))
        for name in bound([s]):
            env[name] = inner.get(name, MISSING)
        if s[3] is not None and self.block(s[3], dict(env)):
            failed = True
        return failed


def make_pipelines(rng, number):
    pipelines = {}
    for name in [f"q{number}_{i}" for i in range(rng.randint(0, 2))] + [f"p{number}"]:
        block, ints, _ = Writer(rng, list(pipelines)).block(
            ["n"], [], rng.randint(1, 3), 4, "last")
        pipelines[name] = block, rng.choice(ints[1:])
    return pipelines


def make_test(rng, name, number, pipelines):
    """A test, and whether the run in it is to succeed."""
    rate = rng.choice([0.05, 0.3])
    stub = [None if rng.random() < rate else rng.randint(0, 20) for _ in range(STUBS)]
    n = rng.randint(0, 9)
    failed, out = Model(stub, pipelines).pipeline(name, n)
    said = [f'test "{name} {number}":']
    for i, v in enumerate(stub):
        said.append(f"    stub c(n={i}) -> " + ('fail("no")' if v is None else str(v)))
    said.append(f"    r = {name}(n={n})")
    if failed or out is MISSING:
        said.append('    assert r.state == "failed"')
    else:
        said.append(f'    assert r.state == "succeeded", r.error\n'
                    f'    assert r.outputs.out == {out}')
    return "\n".join(said) + "\n", not failed


def main():
    seed, count = (int(s) for s in os.environ.get("KFPC_MODEL", "1,60").split(","))
    rng = random.Random(seed)
    parts = ['component c(n: int) -> (m: int):\n    shell:\n        echo "$n" > "$m_path"\n']
    succeeded = 0
    for number in range(count):
        pipelines = make_pipelines(rng, number)
        for name, (block, result) in pipelines.items():
            parts.append(f"pipeline {name}(n: int) -> (out: int):\n" + "\n".join(lines(block)) +
                         f"\n    return out={result}\n")
        for i in range(3):
            test, good = make_test(rng, name, i, pipelines)
            parts.append(test)
            succeeded += good
    with open("model.kfp", "w", encoding="utf-8") as f:
        f.write("\n".join(parts))
    ran = subprocess.run(["kfpc", "test", "model.kfp"], capture_output=True, text=True)
    if ran.returncode or f"\n{3 * count} passed, 0 failed" not in ran.stdout:
        sys.exit(ran.stdout[-6000:] + "\n" + ran.stderr[-3000:])
    if not count / 2 < succeeded < 3 * count - count / 2:
        sys.exit(f"{succeeded} of {3 * count} runs succeed: that shows too little")


main()
