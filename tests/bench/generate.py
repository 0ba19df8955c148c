"""Programs of any size for the bench: one graph in the words of each runner."""


def long_file(lines):
    """A pipeline of so many lines, each a call that takes what the one before gave."""
    head = ["component add(a: int, b: int) -> int:", "    python:", "        output = a + b", "",
            "pipeline long(n: int = 0) -> int:", "    task_0 = add(a=n, b=0)"]
    body = [f"    task_{i} = add(a=task_{i - 1}.output, b={i})"
            for i in range(1, lines - len(head))]
    return "\n".join(head + body + [f"    return task_{len(body)}.output"]) + "\n"


def lua_file(lines):
    """As many lines of a similar kind, for `luac -p`."""
    return "".join(f"t.task_{i} = add(t.task_{i - 1}.output, {i})\n" for i in range(lines))


def edges(layers, width):
    """(name, names it waits for) of each task: two of the layer before."""
    for layer in range(layers):
        for i in range(width):
            before = [] if not layer else [f"t{layer - 1}_{i}", f"t{layer - 1}_{(i + 1) % width}"]
            yield f"t{layer}_{i}", before


def kfp_graph(layers, width):
    out = ["component step():", "    shell:", "        :", "", "pipeline graph():"]
    for name, before in edges(layers, width):
        after = f" with after=[{', '.join(before)}]" if before else ""
        out.append(f"    {name} = step(){after}")
    return "\n".join(out) + "\n"


def make_graph(layers, width):
    """Recipes that make runs without a shell of its own: one `sh` a task, as with kfpc."""
    names = " ".join(name for name, _ in edges(layers, width))
    out = [f"all: {names}", f".PHONY: all {names}"]
    for name, before in edges(layers, width):
        out.append(f"{name}: {' '.join(before)}\n\t@/bin/sh -eu -c :")
    return "\n".join(out) + "\n"


def ninja_graph(layers, width):
    """ninja has a shell for each command: the command is what the shell is to do."""
    out = ["rule step", "  command = :", ""]
    for name, before in edges(layers, width):
        out.append(f"build {name}: step {' '.join(before)}")
    return "\n".join(out) + "\n"


def python_tasks(n):
    out = ["component step():", "    python:", "        pass", "", "pipeline many():"]
    out += [f"    t{i} = step()" for i in range(n)]
    return "\n".join(out) + "\n"


def chain(n):
    """A pipeline of n tasks, each with a value of the one before."""
    out = ["component step(x: int) -> (y: int):", "    python:", "        y = x + 1", "",
           "pipeline chain(x: int = 1) -> int:"]
    out += [f"    s{i} = step(x={f's{i - 1}.y' if i else 'x'})" for i in range(n)]
    return "\n".join(out) + f"\n    return s{n - 1}.y\n"


def nested_chain(n, width):
    """The same in pipelines of at most width tasks each, within each other."""
    if n <= width:
        return chain(n)
    out = [chain(width)]
    return "\n".join(out) + (
        "\npipeline nested(x: int = 1) -> int:\n"
        + "".join(f"    c{i} = chain(x={f'c{i - 1}' if i else 'x'})\n"
                  for i in range(n // width)) + f"    return c{n // width - 1}\n")


def sdk_chain(n):
    """chain(n) as Kubeflow's SDK has it; compiles itself."""
    out = ["import warnings", "warnings.simplefilter('ignore')", "from kfp import compiler, dsl",
           "", "", "@dsl.component(base_image='python:3.11-slim')",
           "def step(x: int) -> int:", "    return x + 1", "", "", "@dsl.pipeline",
           "def chain(x: int = 1) -> int:"]
    out += [f"    s{i} = step(x={f's{i - 1}.output' if i else 'x'})" for i in range(n)]
    return "\n".join(out) + (f"\n    return s{n - 1}.output\n\n\n"
                             "compiler.Compiler().compile(chain, 'chain.yaml')\n")
