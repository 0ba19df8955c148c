"""Each file of the library is one that the program carries, says nothing when it is checked, has
its one form, and describes itself."""
import os
import pathlib

from stdtest import kfpc

source = pathlib.Path(os.environ["srcdir"], "stdlib")
files = sorted((source / "std").glob("*.kfp"))
assert len(files) >= 7, files
env = {**os.environ, "KFPC_STDLIB": str(source)}
for path in files:
    said = kfpc("check", "--json", path, env=env)
    assert not said, said
    kfpc("fmt", "--check", path)
    lines = path.read_text(encoding="utf-8").split("\n")
    assert lines[0].startswith("## "), f"{path.name} does not say what it is"
    for number, line in enumerate(lines):
        if line.startswith("component ") and not line.startswith("component _"):
            assert lines[number - 1].startswith("##"), f"{path.name}:{number + 1}: no doc comment"
pathlib.Path("all.kfp").write_text("".join(
    f"import std.{path.stem} as m{i}  # kfpc: allow W0303\n" for i, path in enumerate(files)))
kfpc("check", "all.kfp")
shown = kfpc("dis", "all.kfp")
for path in files:
    assert f"std/{path.name}, sha256" in shown, shown
