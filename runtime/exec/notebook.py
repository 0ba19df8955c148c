"""Runs a notebook as the contents of a component, in the interpreter of its environment.

The folder of the task holds "task", as task.py reads it, and takes "result".  Parameters
are put in as a cell after the one that is tagged `parameters`, else in front of all; cells
that nobody sees make the artifact objects before that, and read the outputs at the end.
The notebook is written where the output `notebook` belongs, also when a cell fails.
Python 3.8 and later, with nbclient and ipykernel.
"""
import os
import re
import sys
import warnings

import kfpc_task

NEEDED = ("a notebook is run by nbclient and ipykernel, and the environment lacks %s: add"
          " \"nbclient\" and \"ipykernel\" to its packages")
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def kept_to_itself(folder):
    """Jupyter and IPython write beside the task, not into the user's folders."""
    own = os.path.join(folder, "jupyter")
    os.makedirs(own, mode=0o700, exist_ok=True)
    os.environ.update(JUPYTER_RUNTIME_DIR=own, IPYTHONDIR=own, JUPYTER_PLATFORM_DIRS="1",
                      PYDEVD_DISABLE_FILE_VALIDATION="1")


def literal(value):
    """Python text for a parameter; None for what is no plain value."""
    if isinstance(value, float) and (value != value or value in (1e999, -1e999)):
        return "float(%r)" % str(value)
    if isinstance(value, (list, tuple)):
        parts = [literal(v) for v in value]
        return None if None in parts else "[%s]" % ", ".join(parts)
    if isinstance(value, dict):
        parts = [(repr(k), literal(v)) for k, v in value.items()]
        if None in [v for _, v in parts]:
            return None
        return "{%s}" % ", ".join(k + ": " + v for k, v in parts)
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    return None


def parameters(task):
    lines = ["# Parameters of the task"]
    for name, value in task.names.items():
        text = literal(value)
        if text is not None and name != "notebook_path":
            lines.append("%s = %s" % (name, text))
    return "\n".join(lines)


def begin_code(folder):
    return ("import sys as _sys\n_sys.path.insert(0, %r)\nimport kfpc_task as _kfpc\n"
            "del _sys.path[0], _sys\n_kfpc.notebook_begin(%r, globals())\n"
            % (folder, os.path.join(folder, "task")))


def tagged(cell):
    return "parameters" in cell.get("metadata", {}).get("tags", [])


def first_line(cell):
    text = cell["source"].strip().split("\n")[0]
    return text if len(text) <= 50 else text[:47] + "..."


def failing_line(traceback):
    """The line of the cell itself, from what IPython prints: "----> 2 1 / 0", or in its
    newer versions "Cell In[1], line 2"."""
    inside, line = False, 0
    for text in ANSI.sub("", "\n".join(traceback)).split("\n"):
        m = re.match(r"\s*(Cell In|<ipython-input|Input In|File )(?:.*, line (\d+))?", text)
        if m:
            inside = m.group(1) != "File "
        else:
            m = re.match(r"(-+>) *(\d+)", text)
        if m and inside and m.group(2):
            line = int(m.group(2))
    return line


def make_client(nb, folder):
    from nbclient import NotebookClient

    class Client(NotebookClient):
        """What cells print is seen while they run."""

        def output(self, outs, msg, display_id, cell_index):
            if msg["msg_type"] == "stream":
                to = sys.stderr if msg["content"].get("name") == "stderr" else sys.stdout
                to.write(msg["content"]["text"])
                to.flush()
            return super().output(outs, msg, display_id, cell_index)

    return Client(nb, timeout=None, kernel_name="python3", allow_errors=False,
                  record_timing=False,  # the same run gives the same notebook
                  extra_arguments=["--log-level=40"],   # errors
                  resources={"metadata": {"path": os.path.join(folder, "work")}})


class Run:
    def __init__(self, folder, nbformat):
        with open(os.path.join(folder, "task"), encoding="utf-8") as f:
            self.task = kfpc_task.Task(kfpc_task.parse(f.read()))
        self.folder = folder
        self.nbformat = nbformat
        self.nb = nbformat.reads(self.task.code.lstrip("\n"), as_version=4)
        for i, cell in enumerate(self.nb.cells, 1):
            cell.metadata["kfpc_cell"] = i
        self.client = None

    def cell(self, source):
        """A new one; only newer formats know names of cells."""
        cell = self.nbformat.v4.new_code_cell(source)
        if self.nb.nbformat_minor < 5:
            cell.pop("id", None)
        return cell

    def hidden(self, source):
        self.nb.cells.append(self.cell(source))
        try:
            self.client.execute_cell(self.nb.cells[-1], len(self.nb.cells) - 1)
        finally:
            self.nb.cells.pop()

    def inject(self, at):
        cell = self.cell(parameters(self.task))
        cell.metadata["tags"] = ["injected-parameters"]
        self.nb.cells.insert(at, cell)

    def run_cells(self):
        at = next((i + 1 for i, c in enumerate(self.nb.cells) if tagged(c)), 0)
        self.inject(at)
        i = 0
        while i < len(self.nb.cells):
            cell = self.nb.cells[i]
            if cell.cell_type == "code" and cell.source.strip():
                self.client.execute_cell(cell, i)
            if i == at:
                self.hidden(begin_code(self.folder))
            i += 1
        self.hidden("_kfpc.notebook_end(globals())")

    def place(self, cell, line):
        n = cell.metadata.get("kfpc_cell")
        if not n:
            return "the parameters"
        text = "cell %d (%s)" % (n, first_line(cell))
        return text + ", line %d" % line if line else text

    def fail(self, e):
        failed = [c for c in self.nb.cells if c.cell_type == "code" and any(
            o.output_type == "error" for o in c.get("outputs", []))]
        traceback = next((o.traceback for c in failed for o in c.outputs
                          if o.output_type == "error"), [])
        print(ANSI.sub("", "\n".join(traceback)), file=sys.stderr)
        name, value = str(getattr(e, "ename", "")), str(getattr(e, "evalue", e))
        value = re.sub(r" \(\d+\.py, line \d+\)$", "", value)   # a name of IPython's own
        error = ": ".join(part for part in (name, value) if part)
        place = self.place(failed[-1], failing_line(traceback)) + ": " if failed else ""
        self.task.fail(place + error.strip().split("\n")[0], 0)

    def keep(self):
        for cell in self.nb.cells:
            cell.metadata.pop("kfpc_cell", None)
        path = next(str(obj) for name, _, obj in self.task.outputs if name == "notebook")
        self.nbformat.write(self.nb, path)

    def run(self):
        from nbclient.exceptions import CellExecutionError, DeadKernelError
        self.client = make_client(self.nb, self.folder)
        try:
            with self.client.setup_kernel():
                self.run_cells()
        except CellExecutionError as e:
            self.fail(e)
            return 1
        except DeadKernelError:
            self.task.fail("the kernel died: the code ended it, or it ran out of memory", 0)
            return 1
        finally:
            self.keep()
        with open(self.task.result, encoding="utf-8") as f:
            return '"values"' not in f.read(20)


def main(folder):
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    kept_to_itself(folder)
    warnings.filterwarnings("ignore", module="nbformat")    # of what it mends itself
    try:
        import nbformat
        import ipykernel    # noqa: F401
        import nbclient     # noqa: F401
    except ImportError as e:
        with open(os.path.join(folder, "task"), encoding="utf-8") as f:
            task = kfpc_task.Task(kfpc_task.parse(f.read()))
        task.fail(NEEDED % (e.name or str(e)), 0)
        return 1
    return int(Run(folder, nbformat).run())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
