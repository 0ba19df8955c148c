# Notebooks, for real: parameters, outputs, what is kept of them, what fails and where.
. "$srcdir/tests/lib/bad.sh"

cat >make.py <<'END'
import json


def cell(source, kind="code", **metadata):
    made = {"cell_type": kind, "metadata": metadata, "source": source.splitlines(True)}
    if kind == "code":
        made.update(outputs=[], execution_count=None)
    return made


def write(name, *cells):
    with open(name + ".ipynb", "w") as f:
        json.dump({"nbformat": 4, "nbformat_minor": 4, "cells": cells, "metadata": {
            "kernelspec": {"name": "of another machine", "language": "python",
                           "display_name": "x"}}}, f)


write("eda", cell("# 탐색", "markdown"),
      cell("n = 1\ndata_path = 'here.csv'", tags=["parameters"]),
      cell("print('n is', n, name)\nwords = open(data).read().split()\nnotebook = 3"),
      cell("total = n * len(words)\nloss.log(0.5, step=1)\nmodel.metadata['rows'] = 3\n"
           "with open(model_path, 'w') as f:\n    f.write('m')\ntotal"))
write("plain", cell("x = n + 1"))
write("fails", cell("x = 1"), cell("def f():\n    return 1 / 0\n\nf()"))
write("wrong", cell("x = 'text'"))
write("dies", cell("import os\nos._exit(3)"))
write("lacks", cell("print(1)"))
END
python3 make.py
cat >a.kfp <<'END'
environment jupyter:
    packages = ["nbclient", "ipykernel"]

component eda(data: Dataset[csv], n: int, name: str) -> (total: int, model: Model, loss: Series):
    environment = jupyter
    notebook = "eda.ipynb"

component make() -> (data: Dataset[csv]):
    shell:
        echo a b c > "$data_path"

component plain(n: int) -> (x: int, notebook: Artifact[ipynb]):
    environment = jupyter
    notebook = "plain.ipynb"

component size(file: Artifact[ipynb]) -> int:
    shell:
        wc -c < "$file_path" > "$output_path"

component fails():
    environment = jupyter
    notebook = "fails.ipynb"

component wrong() -> (x: int):
    environment = jupyter
    notebook = "wrong.ipynb"

component dies():
    environment = jupyter
    notebook = "dies.ipynb"

component bare() -> (x: int):
    notebook = "lacks.ipynb"

pipeline p() -> int:
    e = eda(data=make(), n=3, name="한글 \"q\"")
    return e.total

pipeline handed_on() -> (x: int, bytes: int):
    t = plain(n=41)
    s = size(file=t.notebook)
    return x=t.x, bytes=s

pipeline failing():
    fails()

pipeline of_wrong_type() -> int:
    w = wrong()
    return w.x

pipeline dying():
    dies()

pipeline without_packages() -> int:
    b = bare()
    return b.x
END
gives 0 kfpc build a.kfp -o a.kfpb
mkdir elsewhere
mv a.kfpb elsewhere	# the notebooks travel
gives 0 kfpc run --json elsewhere/a.kfpb p
[ "$(json_of 'd["outputs"]')" = "{'output': 9}" ] || fail "the output is another"
gives 0 kfpc logs @last
says 'n is 3 한글 "q"'
not_said WARNING
gives 0 kfpc get @last/e.notebook -o out.ipynb
python3 - <<'END'
import json
cells = json.load(open("out.ipynb"))["cells"]
assert len(cells) == 5, cells
assert cells[2]["metadata"] == {"tags": ["injected-parameters"]}, cells[2]
assert "n = 3\n" in cells[2]["source"], cells[2]
assert cells[4]["outputs"][0]["data"]["text/plain"] == ["9"], cells[4]
assert "kfpc" not in "".join(sum((c["source"] for c in cells[3:]), []))
END
gives 0 kfpc run --json a.kfp handed_on
[ "$(json_of 'd["outputs"]["x"], d["outputs"]["bytes"] > 300')" = "42 True" ] || fail "handed on"

gives 3 kfpc run a.kfp failing
says 'cell 2 (def f():), line 2: ZeroDivisionError: division by zero'
gives 3 kfpc run a.kfp of_wrong_type
says "output 'x' is declared int, and the code gave it 'text' (str)"
gives 3 kfpc run a.kfp dying
says 'the kernel died'
gives 3 env KFPC_PYTHON="$(command -v python3)" kfpc run a.kfp without_packages
says 'a notebook is run by nbclient and ipykernel, and the environment lacks '
