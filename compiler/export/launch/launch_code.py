# The part of the launcher (launch.py) that runs the code of components; only jobs that
# have code carry it.


@does("python")
def run_python(job):
    Component(job).run_python()


@does("shell")
def run_shell(job):
    Component(job).run_shell()


class Component:
    def __init__(self, job):
        self.job, self.spec = job, job.spec
        self.given = self.params()
        if "env" in self.spec:      # computed while the pipeline runs
            for read in self.spec["env"]:
                os.environ.update(job.reads[read] or {})

    def params(self):
        """[name, type, value], once every constraint on them holds."""
        out, values = [], []
        for name, t, tree, text, where in self.spec["params"]:
            value = self.job.compute(tree, self.job.reads)
            out.append((name, t, value))
            values.append(value)
            if where and value is not None and \
                    self.job.compute(where, values) is not True:
                raise Wrong(self.broken(where, values, text))
        return out

    def broken(self, where, values, text):
        names = [p[0] for p in self.spec["params"]] + [o[0] for o in self.spec["outputs"]]
        return "%s, which breaks %s" % (", ".join(
            "'%s' is %s" % (names[i], raw_json(values[i])) for i in inputs_of(where)), text)

    def input_path(self, name, t, f):
        """Where the code finds a file: with the ending of its format."""
        if bare(t)[0] == "list":
            folder = os.path.join(self.job.folder, "in", name)
            os.makedirs(folder)
            for i, one in enumerate(f):
                os.symlink(one.path, os.path.join(folder, str(i)))
            return folder
        tag = bare(t)[3] or f.metadata.get("kfpc_format")
        if not tag or f.path.endswith("." + tag):
            return f.path
        os.makedirs(os.path.join(self.job.folder, "in"), exist_ok=True)
        path = os.path.join(self.job.folder, "in", name + "." + tag)
        os.symlink(f.path, path)
        return path

    def task_input(self, name, t, value):
        if not is_files(t) or value is None:
            return [name, t, plain_json(value), ""]
        path = self.input_path(name, t, value)
        if bare(t)[0] == "list":
            files = [["%s/%d" % (path, i), f.uri, told(f)]
                     for i, f in enumerate(value)]
            return [name, t, files, path]
        return [name, t, [path, value.uri, told(value)], path]

    def out_path(self, name, t):
        """Where the code writes an artifact, a series, or what the shell gives."""
        os.makedirs(os.path.join(self.job.folder, "out"), exist_ok=True)
        tag = bare(t)[3] if is_files(t) else ""
        return os.path.join(self.job.folder, "out", name + ("." + tag if tag else ""))

    def task(self, result):
        """The job as the helper reads it, which leaves what came of it in result."""
        spec = self.spec
        outputs = [[n, t, self.out_path(n, t) if is_files(t) or bare(t)[0] == "series"
                    else ""] for n, t, _, _, _ in spec["outputs"]]
        return {"name": spec["file"], "line": spec["line"], "limit": spec["limit"],
                "entry": spec["entry"], "code": spec["code"], "result": result,
                "inputs": [self.task_input(*p) for p in self.given], "outputs": outputs}

    def run_python(self):
        result = os.path.join(self.job.folder, "result")
        task = Task(self.task(result))
        if sys.path and sys.path[0] != "":
            sys.path.insert(0, "")
        status = attempt(task)
        os.chdir(self.job.folder)
        self.finish(result, status)

    def finish(self, result, status):
        spec = self.spec
        done = {}
        if os.path.exists(result):
            with open(result, encoding="utf-8") as f:
                done = json.load(f)
        if status:
            raise Failed(done.get("error") or "exit status %d" % status, status)
        values = {n: wired(done["values"][n], t) for n, t, _, _, _ in spec["outputs"]
                  if n in done["values"]}
        self.collect(values, {n: json.loads(m) for n, m in done["metadata"].items()},
                     done["structure"])

    def run_shell(self):
        spec = self.spec
        env = dict(os.environ)
        for name, t, value in self.given:
            if value is None:
                env.pop(name, None)
            elif is_files(t):
                env[name + "_path"] = self.input_path(name, t, value)
            elif isinstance(value, str) and bare(t)[0] != "json":
                env[name] = value
            else:
                env[name] = raw_json(value)
        for name, t, _, _, _ in spec["outputs"]:
            env[name + "_path"] = self.out_path(name, t)
        sys.stdout.flush()
        code = "\n" * (spec["line"] - 1) + spec["code"]
        status = subprocess.call(["/bin/sh", "-eu", "-c", code, spec["file"]], env=env)
        if status:
            message = "exit status %d" % status if status > 0 else \
                "ended by signal %d" % -status
            print(message, file=sys.stderr)
            raise Failed(message, status if status > 0 else 128 - status)
        self.collect({n: self.shell_value(n, t) for n, t, _, _, _ in spec["outputs"]
                      if not is_files(t) and bare(t)[0] != "series"}, {}, {})

    def shell_value(self, name, t):
        try:
            with open(self.out_path(name, t), encoding="utf-8", newline="") as f:
                return self.text_value(name, t, f.read())
        except FileNotFoundError:
            if t[0] == "opt":
                return None
            raise Wrong("output '%s': nothing was written to its file" % name) from None

    def text_value(self, name, t, text):
        """What a text that a program wrote is as a value."""
        if bare(t)[0] == "str":
            return text[:-1] if text.endswith("\n") else text
        text = text.strip()
        if bare(t)[0] == "enum" and not text.startswith('"'):
            value = text
        elif bare(t)[0] == "float" and text.lower().lstrip("-") in ("nan", "inf"):
            value = float(text)
        else:
            try:
                value = json.loads(text)
            except ValueError:
                raise Wrong("output '%s' is declared %s, and its file holds %s"
                            % (name, t[1], shown(text))) from None
        return wired(value, t) if value is not None else None

    # What came of it.

    def collect(self, values, metadata, structure):
        metrics, all_values = {}, [v for _, _, v in self.given]
        for name, t, text, where, is_text in self.spec["outputs"]:
            kind = bare(t)[0]
            if is_files(t):
                self.collect_file(name, t, metadata.get(name, {}), structure.get(name))
                all_values.append(None)
                continue
            if kind == "series":
                value = self.collect_series(name, metrics)
            else:
                value = values.get(name)
                if value is None and t[0] != "opt":
                    raise Wrong("output '%s' was not assigned" % name)
                value = wired(checked(value, t, "output '%s'" % name), t)
                self.job.fit(value, t, "output '%s'" % name)
                if t[1] == "Metric":
                    metrics[name] = value
            all_values.append(value)
            if where and value is not None and \
                    self.job.compute(where, all_values) is not True:
                raise Wrong(self.broken(where, all_values, text))
            self.job.give(name, value, t, is_text)
        if metrics:
            self.job.keep_metrics(metrics)

    def collect_file(self, name, t, metadata, structure):
        path = self.out_path(name, t)
        if not os.path.lexists(path) and t[0] == "opt":
            self.job.keep(name, {"kfpc_none": True})
            return
        if not os.path.lexists(path):
            raise Wrong("output '%s': nothing was written to its path" % name)
        copy(path, self.job.out_path(name))
        kind, tag = bare(t)[2:4]
        if kind == "Dataset" and tag:
            metadata = dict(data_facts(path, tag), **metadata)
        if metadata:
            metadata = dict(metadata, kfpc_metadata=encode(metadata))
        if kind == "Model":     # with what it was made by
            metadata = dict(metadata, kfpc_structure=json.loads(structure) if structure
                            else listed(path),
                            kfpc_code=self.spec["code"],
                            kfpc_environment=self.spec.get("packages", []))
        if tag:
            metadata = dict(metadata, kfpc_format=tag)
        self.job.keep(name, metadata)

    def collect_series(self, name, metrics):
        path = self.out_path(name, ["series", "Series"])
        points = []
        if os.path.exists(path):
            with open(path, encoding="utf-8", errors="replace") as f:
                points = [point_value(name, n, line) for n, line in enumerate(f, 1)
                          if line.strip()]
            copy(path, self.job.out_path(self.job.POINTS % name))
        self.job.keep(self.job.POINTS % name, {"points": len(points)})
        finite = [p for p in points if p == p]
        out = {"npoints": len(points)}
        if finite:
            out.update(last=points[-1], min=min(finite), max=max(finite))
            metrics.update({name: points[-1], name + "_min": out["min"],
                            name + "_max": out["max"]})
        return out


def point_value(name, number, line):
    try:
        point = json.loads(line)
        if not all(type(point.get(k, 0)) is int for k in ("step", "time")):
            raise ValueError
        value = point["value"]
        if value in ("NaN", "Infinity", "-Infinity"):
            value = float(value)
        return checked(value, ["float", "float"], name)
    except (Wrong, ValueError, TypeError, AttributeError, LookupError):
        raise Wrong("output '%s': line %d of its file is not a point "
                    "{\"step\": n, \"value\": x}" % (name, number)) from None


def inputs_of(tree):
    """The inputs that an expression looks at, in their order."""
    if not isinstance(tree, list):
        return []
    if tree[:1] == ["input"]:
        return tree[1:]
    return list(dict.fromkeys(i for e in tree for i in inputs_of(e)))


def told(f):
    """The metadata as code sees it: as it was set, without what is there for those who look
    from outside.  Some targets keep every number as a double, and keys in no order."""
    return f.metadata.get("kfpc_metadata") or encode({k: v for k, v in f.metadata.items() if not k.startswith("kfpc_")})


CSV_BYTES = 64 << 20        # of a larger file only the header is read
FILES_LISTED = 1000


def data_facts(path, tag):
    """What is known of a data set without asking its maker."""
    if tag == "csv" and os.path.isfile(path):
        return dict({"format": tag}, **csv_facts(path))
    return {"format": tag}


def csv_facts(path):
    """CSV as RFC 4180 has it: quotes protect commas and line ends, "" is a quote."""
    size, lines, quoted, last = os.path.getsize(path), 0, 0, b"\n"
    with open(path, "rb") as f:
        head = chunk = f.read(64 << 10)
        while chunk and size <= CSV_BYTES:
            parts = chunk.split(b'"')
            lines += sum(part.count(b"\n") for part in parts[quoted::2])
            quoted ^= 1 - len(parts) % 2
            last, chunk = chunk[-1:], f.read(64 << 10)
    if not head:
        return {}
    found = {} if size > CSV_BYTES else {"rows": lines + (last != b"\n") - 1}
    return dict(found, columns=csv_columns(head.decode("utf-8", "replace")))


def csv_columns(text):
    fields, start, quoted = [], 0, False
    for i, c in enumerate(text):
        quoted ^= c == '"'
        if c == "\n" and not quoted:
            text = text[:i - (text[i - 1:i] == "\r")]
            break
        if c == "," and not quoted:
            fields.append(text[start:i])
            start = i + 1
    fields.append(text[start:])
    return [f[1:-1].replace('""', '"') if len(f) > 1 and f[0] == '"' else f
            for f in fields]


def listed(path):
    """The structure of a model that nothing else is known of."""
    files = [os.path.basename(path)] if os.path.isfile(path) else sorted(
        os.path.relpath(os.path.join(folder, name), path)
        for folder, _, names in os.walk(path) for name in names)
    place = os.path.dirname(path) if os.path.isfile(path) else path
    return {"source": "files", "count": len(files),
            "files": [{"path": f, "size": os.path.getsize(os.path.join(place, f))}
                      for f in files[:FILES_LISTED]]}
