"""editors/vscode: it builds, carries what it needs and nothing else, and its client works with
kfpc lsp."""
import json
import os
import shutil
import subprocess
import sys
import zipfile

import editors

SOURCE = editors.TOP / "editors/vscode"
problems = []


def build(folder):
    """The .vsix, packed from a copy."""
    editors.npm(SOURCE, folder)
    for path in SOURCE.rglob("*"):
        name = path.relative_to(SOURCE)
        if path.is_file() and name.parts[0] != "node_modules" and path.suffix != ".vsix":
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / name)
    p = subprocess.run(["npm", "run", "--silent", "package", "--", "-o", os.getcwd() + "/kfp.vsix"],
                       cwd=folder, capture_output=True, text=True)
    if p.returncode:
        print(p.stdout + p.stderr)
        sys.exit(1)


def look(archive):
    names = [n.removeprefix("extension/") for n in archive.namelist()]
    manifest = json.loads(archive.read("extension/package.json"))
    wanted = [manifest["main"], *[x["path"] for x in manifest["contributes"]["snippets"]],
              *[x["path"] for x in manifest["contributes"]["grammars"]],
              *[x["configuration"] for x in manifest["contributes"]["languages"]]]
    for name in wanted:
        if name.removeprefix("./") not in names:
            problems.append(f"the extension lacks {name}")
    for name in names:
        if "vsce" in name or name.endswith((".vsix", ".map", "package-lock.json")):
            problems.append(f"the extension carries {name}")
    for said in ("kfpc.path", "kfpc.include", "kfpc.checkContents"):
        if said not in manifest["contributes"]["configuration"]["properties"]:
            problems.append(f"there is no setting {said}")


for lock in ("editors/vscode/package-lock.json", "tests/editors/package-lock.json"):
    text = editors.read(lock)
    if '"resolved"' in text or "registry" in text:
        problems.append(f"{lock} names a registry")
modules = editors.tools()
with editors.cached("vscode-extension") as folder:
    build(folder)
with zipfile.ZipFile("kfp.vsix") as archive:
    look(archive)
    archive.extractall("built")
os.mkdir("work")
p = subprocess.run(["node", editors.TOP / "tests/editors/client.js", "built/extension",
                    os.getcwd() + "/work"], capture_output=True, text=True,
                   env=dict(os.environ, NODE_PATH=str(modules)))
if p.returncode:
    problems.append(p.stdout + p.stderr)
print("\n".join(problems))
sys.exit(1 if problems else 0)
