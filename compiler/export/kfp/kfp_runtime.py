# Stands behind parts of the helper and the launcher in a component that has the form of
# Kubeflow's SDK (kfp_runtime.c): gives the contents the names that they have in the
# language, and takes from them what came of it.


class Contents:
    def __init__(self, file, line, code, packages):
        self.file, self.line, self.code, self.packages = file, line, code, packages
        self.folder, self.start = tempfile.mkdtemp(), os.getcwd()
        self.module = type(sys)("__main__")     # what is pickled is found there, as here
        self.names = self.module.__dict__
        self.names.update(__file__=file, __builtins__=__builtins__)
        self.made = []      # (Artifact, the SDK's, its type)

    def given(self, name, value, t, is_text):
        value = None if value is None else received(value, t, is_text)
        self.names[name] = converted(plain_json(value), t)

    def place(self, folder, name, tag):
        os.makedirs(os.path.join(self.folder, folder), exist_ok=True)
        return os.path.join(self.folder, folder, name + ("." + tag if tag else ""))

    def read(self, name, a, t, path=None):
        """An artifact of the SDK's as the language has it, with the ending of its format."""
        metadata = {k: opened(v) for k, v in (a.metadata or {}).items()}
        target = os.path.join(self.start, a.path)
        tag = t[3] or metadata.get("kfpc_format")
        if not path:
            path = self.place("in", name, tag)
        if not tag or target.endswith("." + tag):
            path = target if t[0] != "of list" else path
        if path != target:
            os.symlink(target, path)
        return Artifact(name, t[1], path, a.uri, told(File(path, a.uri, metadata)))

    def taken(self, name, a, t):
        """An artifact that goes in, or a list of them."""
        path, inner = None, bare(t)
        if inner[0] == "list":
            path = self.place("in", name, "")
            os.makedirs(path)
            of = ["of list", *bare(inner[2])[1:]]
            a = [self.read(name, one, of, os.path.join(path, str(i)))
                 for i, one in enumerate(a or ())]
        elif a is not None and "kfpc_none" not in (a.metadata or {}):
            a = self.read(name, a, inner)
            path = a.path
        else:
            a = None
        self.names[name], self.names[name + "_path"] = a, path

    def wanted(self, name, a, t):
        """An artifact that the contents make."""
        path = self.place("out", name, t[3])
        made = Artifact(name, t[1], path)
        self.made.append((made, a, t))
        self.names[name], self.names[name + "_path"] = made, path

    def run(self):
        before = sys.modules["__main__"]
        sys.modules["__main__"], sys.argv = self.module, [self.file]
        if sys.path and sys.path[0] != "":
            sys.path.insert(0, "")
        os.chdir(self.folder)
        try:
            exec(compile("\n" * (self.line - 1) + self.code, self.file, "exec",
                         dont_inherit=True), self.names)
        except SystemExit as e:
            if e.code not in (None, 0):
                raise
        finally:
            os.chdir(self.start)
            sys.modules["__main__"] = before
        for made, _, _ in self.made:
            if self.names.get(made.name) is not made:
                raise Wrong("output '%s' was rebound: write to %s_path instead"
                            % (made.name, made.name))

    def result(self, name, t, is_text):
        if name not in self.names:
            raise Wrong("output '%s' was not assigned" % name)
        value = wired(checked(self.names[name], t, "output '%s'" % name), t)
        out = sent(plain_json(value), t, is_text)
        if isinstance(out, str) and isinstance(value, (int, float)):
            raise Wrong("output '%s' is %s, which the SDK has no number for: export with "
                        "--python-runtime embedded" % (name, shown(value)))
        return out

    def metric(self, metrics, name, value):
        if fits(value):
            metrics.log_metric(name, value)

    def keep(self):
        models = [m for m, _, t in self.made if t[2] == "Model"]
        known = model_structures(models, self.names) if models else {}
        for made, a, t in self.made:
            if not os.path.lexists(made.path):
                raise Wrong("output '%s': nothing was written to its path" % made.name)
            metadata = checked_json(made.metadata, made.name + ".metadata")
            if not isinstance(metadata, dict):
                raise Wrong("%s.metadata must be a dict" % made.name)
            a.metadata.update(plain_scalars(plain_json(
                self.facts(made, t, metadata, known.get(made.name)))))
            copy(made.path, os.path.join(self.start, a.path))
        shutil.rmtree(self.folder, ignore_errors=True)

    def facts(self, made, t, metadata, structure):
        if t[2] == "Dataset" and t[3]:
            metadata = dict(data_facts(made.path, t[3]), **metadata)
        if metadata:
            metadata = dict(metadata, kfpc_metadata=encode(metadata))
        if t[2] == "Model":
            metadata = dict(metadata, kfpc_code=self.code, kfpc_environment=self.packages,
                            kfpc_structure=json.loads(structure) if structure
                            else listed(made.path))
        return dict(metadata, kfpc_format=t[3]) if t[3] else metadata
