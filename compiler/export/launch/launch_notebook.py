# The part of the launcher that runs a notebook, behind launch_code.py: what runs one here does
# it there, in a process of its own, and what the notebook leaves is what Python code leaves.


@does("notebook")
def run_notebook(job):
    component, spec = Component(job), job.spec
    result = os.path.join(job.folder, "result")
    files = {"kfpc_task.py": spec["helper"], "kfpc_notebook.py": spec["driver"],
             "task": encode(component.task(result))}
    for name, text in files.items():
        with open(os.path.join(job.folder, name), "w", encoding="utf-8") as f:
            f.write(text)
    os.makedirs(os.path.join(job.folder, "work"))
    sys.stdout.flush()
    status = subprocess.call([sys.executable, os.path.join(job.folder, "kfpc_notebook.py"),
                              job.folder])
    if status:
        print_error(result)
    component.finish(result, status)


def print_error(result):
    """Which cell it was; a traceback stands above it."""
    if os.path.exists(result):
        with open(result, encoding="utf-8") as f:
            print(json.load(f).get("error", ""), file=sys.stderr)
