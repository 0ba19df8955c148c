# The part of the launcher (launch.py) that computes expressions; only jobs that have one
# carry it.


@does("expr")
def compute_expr(job):
    value = job.compute(job.spec["tree"], job.reads, job.spec["place"])
    if is_files(job.spec["type"]):
        job.give_file("Output", value)
    else:
        job.give("Output", value, job.spec["type"], job.spec["is_text"])


@does("assert")
def compute_assert(job):
    place = job.spec["place"]
    if job.compute(job.spec["tree"], job.reads, place) is not True:
        message = job.spec.get("message")
        message = message and job.compute(message, job.reads, place)
        why = "assertion failed: " + job.spec["text"]
        seen = ["%s is %s" % (name, raw_json(v)) for name, v in
                zip(job.spec["names"], job.reads) if not isinstance(v, (list, dict))]
        why += "; " + ", ".join(seen) if seen else ""
        raise at_place(Wrong("%s (%s)" % (message, why) if message else why), place)


def bounded(value):
    if isinstance(value, int) and not isinstance(value, bool) and \
            not -2**63 <= value < 2**63:
        raise Wrong("the result does not fit 64 bits")
    return value


def text_of(value):
    if isinstance(value, (list, dict)):
        return raw_json(value)
    return str(value)


class Tree:
    """Computes an expression of the language: [kind, ...]."""

    def __init__(self, spec, values, slots=None):
        self.spec, self.values, self.slots = spec, values, slots or {}

    def value(self, e):
        return getattr(self, "do_" + e[0])(*e[1:])

    def do_const(self, v):
        return v

    def do_float(self, word):
        return float(word)

    def do_input(self, i):
        return self.values[i]

    def do_local(self, slot):
        return self.slots[slot]

    def do_to_float(self, e):
        v = self.value(e)
        return None if v is None else float(v)

    def do_unary(self, op, e):
        v = self.value(e)
        return bounded(-v) if op == "-" else v if op == "+" else not v

    def do_binary(self, op, x, y):
        return binary(op, self.value(x), self.value(y))

    def do_chain(self, ops, first, *rest):
        left = self.value(first)
        for op, e in zip(ops, rest):
            right = self.value(e)
            if not binary(op, left, right):
                return False
            left = right
        return True

    def do_and(self, x, y):
        return self.value(x) and self.value(y)

    def do_or(self, x, y):
        return self.value(x) or self.value(y)

    def do_cond(self, c, x, y):
        return self.value(x) if self.value(c) else self.value(y)

    def do_index(self, x, i):
        x, i = self.value(x), self.value(i)
        if isinstance(x, dict) and i not in x:
            raise Wrong("there is no key %r" % i)
        if not isinstance(x, dict) and not -len(x) <= i < len(x):
            raise Wrong("index %d is out of range: there are %d" % (i, len(x)))
        return x[i]

    def do_field(self, name, e):
        v = self.value(e)
        return v[name] if isinstance(v, dict) else getattr(v, name)

    def do_list(self, *es):
        return [self.value(e) for e in es]

    def do_dict(self, *es):
        return {self.value(k): self.value(v) for k, v in zip(es[::2], es[1::2])}

    def do_fstring(self, *es):
        return "".join(self.value(e) for e in es)

    def do_format(self, spec, e):
        v = self.value(e)
        return format(v, spec) if spec else text_of(v)

    def do_let(self, slot, e, body):
        return Tree(self.spec, self.values,
                    dict(self.slots)).bound(slot, self.value(e)).value(body)

    def bound(self, slot, value):
        self.slots[slot] = value
        return self

    def do_comp(self, slot, element, condition, *lists):
        out, inner = [], Tree(self.spec, self.values, dict(self.slots))
        for row in zip(*[self.value(e) for e in lists]):
            for i, v in enumerate(row):
                inner.slots[slot + i] = v
            if condition is None or inner.value(condition):
                out.append(inner.value(element))
        return out

    def do_call(self, name, number, *es):
        args = [self.value(e) for e in es]
        return Tree(self.spec, args).value(self.spec["defs"][number])

    def do_assert(self, name, condition, message, e):
        if not self.value(condition):
            text = self.value(message) if message else None
            raise Wrong(text or "a constraint%s does not hold"
                        % (" on '%s'" % name if name else ""))
        return self.value(e)

    def do_builtin(self, name, *es):
        args = [self.value(e) for e in es]
        if "." in name:
            return method(name.split(".")[1], *args)
        return bounded(BUILTINS[name](*args))


def binary(op, x, y):
    numbers = all(isinstance(v, (int, float)) for v in (x, y))
    if op == "==":
        return x == y
    if op == "!=":
        return x != y
    if op in ("in", "not in"):
        return (x in y) == (op == "in")
    if op in ("<", "<=", ">", ">="):
        if x != x or y != y:
            raise Wrong("NaN has no place in an order")
        return {"<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y}[op]
    if op == "**":
        if isinstance(x, int) and isinstance(y, int):
            if y < 0:
                raise Wrong("an int to a negative power")
            if abs(x) > 1 and y > 63:
                raise Wrong("the result does not fit 64 bits")
        v = x ** y
        if isinstance(v, complex):
            raise Wrong("a negative number to a broken power")
        return bounded(v)
    if op == "+":
        return bounded(x + y)
    if op == "-":
        return bounded(x - y)
    if op == "*":
        return bounded(x * y)
    if numbers and not y:
        raise Wrong("division by zero")
    return bounded({"/": lambda: x / y, "//": lambda: x // y, "%": lambda: x % y}[op]())


def extreme(pick):
    def found(*args):
        args = args[0] if len(args) == 1 and isinstance(args[0], list) else list(args)
        if not args:
            raise Wrong("the list is empty")
        if any(v != v for v in args):
            raise Wrong("NaN has no place in an order")
        return pick(args)
    return found


BUILTINS = {
    "len": len, "range": lambda *a: list(range(*a)), "min": extreme(min),
    "max": extreme(max), "abs": abs, "sum": sum,
    "round": lambda x, n=None: round(x) if n is None else round(x, n),
    "sorted": lambda x, reverse=False: sorted(x, reverse=reverse), "any": any,
    "all": all, "argmax": extreme(lambda x: x.index(max(x))),
    "argmin": extreme(lambda x: x.index(min(x))), "int": int, "float": float,
    "str": text_of, "bool": bool, "json": plain_json,
}
ASCII_UPPER = {c: c - 32 for c in range(97, 123)}
ASCII_LOWER = {c: c + 32 for c in range(65, 91)}


def method(name, x, *args):
    if name == "upper":
        return x.translate(ASCII_UPPER)
    if name == "lower":
        return x.translate(ASCII_LOWER)
    if name in ("keys", "values"):
        return list(getattr(x, name)())
    if name == "removeprefix":
        return x[len(args[0]):] if x.startswith(args[0]) else x
    if name == "removesuffix":
        return x[:len(x) - len(args[0])] if x.endswith(args[0]) else x
    return getattr(x, name)(*args)
