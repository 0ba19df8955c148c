"""kfpc export argo: what is written, each option, each limit at its edge, and what a pod does."""
import json
import os
import pathlib
import re
import subprocess
import sys

problems = []


def expect(what, condition):
    if not condition:
        problems.append(str(what))


def kfpc(*args):
    p = subprocess.run(["kfpc", *map(str, args)], capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr


def export(text, *options, name="p.kfp"):
    pathlib.Path(name).write_text(text, "utf-8")
    return kfpc("export", "argo", name, *options)


def documents(out):
    return out.split("\n---\n")


def kinds(out):
    return re.findall(r"^kind: (\w+)$", out, re.M)


def files(out):
    """What the pods read."""
    found = {}
    for doc in documents(out):
        if "\nkind: ConfigMap\n" in doc:
            for m in re.finditer(r"^  (\S+): \|([-+]?)\n((?:    .*\n|\n)*)", doc + "\n", re.M):
                text = re.sub(r"^    ", "", m[3], flags=re.M)
                found[m[1]] = text[:-1] if m[2] == "-" else text
    return found


def refused(what, text, code, words, *options):
    status, out, err = export(text, *options)
    expect(f"{what}: {status} {err}", status == 1 and not out and f"error {code}:" in err
           and words in err and " --> p.kfp:" in err)


def usage(what, words, *options):
    status, out, err = export(TRAIN, *options)
    expect(f"{what}: {status} {err}", status == 2 and not out and words in err)


TRAIN = '''component fit(rate: float = 0.1, kind: str = "yes") -> (model: Model[json], loss: Metric):
    retries = 2
    backoff = 10s
    timeout = 1h
    display_name = "Fit it"
    labels = {"team": "ml"}
    resources:
        cpu = 0.5
        cpu_limit = 2
        memory = 512MiB
        memory_limit = 1500MB
        gpu = 1
    environment:
        image = "registry.example.org/train:3"
        env   = {"A": "$(B) $C", "KEY": secret("store", "api_key")}
    python:
        loss = 1.0 - rate
        open(model_path, "w").close()

## Trains.
pipeline train(limit: float = 0.95) -> float:
    settings:
        parallelism = 3
        timeout = 2h
        ttl = 7d
        labels = {"owner": "me"}
        display_name = "Training"
    first = fit()
    assert first.loss < limit
    return first.loss

config fast for train:
    first.rate = 0.5
    first.kind = "0123"

schedule nightly for train:
    cron        = "30 2 * * MON-FRI"
    timezone    = "Asia/Seoul"
    config      = fast
    concurrency = forbid

schedule hourly for train:
    cron = "0 * * * *"
'''

# What is written.
status, out, err = export(TRAIN)
expect(f"it exports: {err}", status == 0 and not err)
expect(kinds(out), kinds(out) == ["ConfigMap", "WorkflowTemplate", "CronWorkflow", "CronWorkflow",
                                  "Workflow"])
expect("two exports differ", out == export(TRAIN)[1])
template = documents(out)[1]
for line in ("entrypoint: train", "parallelism: 3", "activeDeadlineSeconds: 7200",
             "secondsAfterCompletion: 604800", "activeDeadlineSeconds: '3600'",
             "limit: '2'", "retryPolicy: Always", "duration: 10s", "factor: '2'",
             "cpu: 500m", "cpu: '2'", "memory: 512Mi", "memory: '1500000000'",
             "nvidia.com/gpu: '1'", "image: registry.example.org/train:3",
             "value: $$(B) $C", "key: api_key", "name: store", "team: ml", "owner: me",
             "workflows.argoproj.io/display-name: Fit-it",
             "workflows.argoproj.io/title: Training",
             "workflows.argoproj.io/description: Trains.", "value: '0.1'", "value: 'yes'",
             "- name: first-rate"):
    expect(f"the template lacks {line}", re.search(rf"^[- ]*{re.escape(line)}$", template, re.M))
for word in ("namespace", "serviceAccountName", "imagePullPolicy", "artifactRepositoryRef"):
    expect(f"{word} is said", word not in out)
expect("the map of files cannot be changed", "\nimmutable: true\n" in documents(out)[0])
expect("code is no file", files(out)["fit.py"].startswith("loss = 1.0 - rate\n"))
name = re.search(r"name: (train-[0-9a-f]{10})\n", out)[1]
expect("other code, the same name", name not in export(TRAIN.replace("1.0", "2.0"))[1])
expect("other settings, another name", name in export(TRAIN.replace("10s", "20s"))[1])

nightly, hourly = documents(out)[2:4]
for line in ("name: train-nightly", "- 30 2 * * MON-FRI", "timezone: Asia/Seoul",
             "concurrencyPolicy: Forbid", "- name: first-rate", "value: '0.5'", "value: '0123'"):
    expect(f"the schedule lacks {line}", re.search(rf"^ *{re.escape(line)}$", nightly, re.M))
expect("the other schedule", "timezone: UTC" in hourly and "Allow" in hourly and
       "arguments" not in hourly)

# Kinds.
for kind, wanted in (("workflow", ["ConfigMap", "Workflow"]),
                     ("workflow-template", ["ConfigMap", "WorkflowTemplate"]),
                     ("cron-workflow", ["ConfigMap", "CronWorkflow", "CronWorkflow"])):
    status, out, err = export(TRAIN, "--kind", kind)
    expect(f"--kind {kind}: {kinds(out)} {err}", status == 0 and kinds(out) == wanted)
    expect(f"--kind {kind} has another object's templates", out.count(" templates:\n") ==
           (2 if kind == "cron-workflow" else 1))
cron = documents(export(TRAIN, "--kind", "cron-workflow")[1])
expect("a CronWorkflow has the values of its config", "value: '0.5'" in cron[1] and
       "value: '0.1'" in cron[2])
refused("no schedule", TRAIN[:TRAIN.index("schedule")], "E1001", "has no schedule",
        "--kind", "cron-workflow")
usage("a kind that is not there", "did you mean 'workflow'?", "--kind", "workfow")
usage("a kind that is like none", "there are: workflow, workflow-template, cron-workflow",
      "--kind", "x")
status, out, err = kfpc("export", "kfp", "p.kfp", "--rbac")
expect(f"--rbac for kfp: {err}", status == 2 and "--rbac is for argo" in err)
status, out, err = kfpc("export", "component", "p.kfp", "fit", "--kind", "workflow")
expect(f"--kind for a component: {err}", status == 2 and "--kind is for argo" in err)

# Namespace, account, rights.
status, out, err = export(TRAIN, "--namespace", "ml-team", "--rbac")
expect(kinds(out), kinds(out)[1:5] == ["ServiceAccount", "Role", "RoleBinding",
                                       "WorkflowTemplate"])
expect("a document without a namespace", all("  namespace: ml-team\n" in d + "\n"
                                             for d in documents(out)))
role = documents(out)[2]
expect(role, re.findall(r"^  - (\w\S*)$", role, re.M) ==
       ["argoproj.io", "workflowtaskresults", "create", "patch"])
expect("the account of the pods", "serviceAccountName: train\n" in out)
status, out, err = export(TRAIN, "--service-account", "runner")
expect("the account that is named", "serviceAccountName: runner\n" in out and
       "Role" not in kinds(out))
status, out, err = export(TRAIN, "--service-account", "runner", "--rbac")
expect("the role is that of the account", "name: runner\n" in documents(out)[2])
usage("a namespace that is none", "--namespace: 'Ml' is no name", "--namespace", "Ml")
usage("a name that is too long", "at most 63", "--namespace", "a" * 64)
expect("a namespace of 63", export(TRAIN, "--namespace", "a" * 63)[0] == 0)
usage("an account that is none", "--service-account", "--service-account", "a_b")

# Images and the store.
out = export(TRAIN, "--image-pull-policy", "Never")[1]
expect("a policy for each container", out.count("imagePullPolicy: Never\n") ==
       out.count("container:\n"))
usage("a policy that is none", "did you mean 'Never'?", "--image-pull-policy", "never")
out = export(TRAIN, "--artifact-store", "gcs:repositories/ml")[1]
expect("the repository", "artifactRepositoryRef:\n    configMap: repositories\n    key: ml\n" in out)
out = export(TRAIN, "--artifact-store", "gcs:repositories")[1]
expect("the repository without a key", "configMap: repositories\n" in out and
       "    key: ml" not in out)
usage("a store that is none", "there are: s3, gcs, azure, oss", "--artifact-store", "floppy")
for word in ("s3:", "s3:a/", "s3:A/b"):
    usage(f"a store with {word}", "--artifact-store wants KIND", "--artifact-store", word)

# Values that must be given.
NEEDS = "component c(n: int) -> int:\n    python:\n        output = n\n" \
        "pipeline p(n: int) -> int:\n    return c(n=n)\n"
status, out, err = export(NEEDS)
expect(f"no run without values: {err}", status == 0 and "warning W1002" in err and
       "-p n=VALUE" in err and kinds(out) == ["ConfigMap", "WorkflowTemplate"])
status, out, err = export(NEEDS, "--kind", "workflow")
expect("a workflow that wants values", status == 0 and kinds(out) == ["ConfigMap", "Workflow"])


# Limits.
def one(name="c", body="output = 1", params="", lines="", pipeline="p", call=""):
    return f"component {name}({params}) -> int:\n{lines}    python:\n        {body}\n" \
           f"pipeline {pipeline}() -> int:\n    return {name}({call})\n"


expect("a name of 63", export(one(pipeline="p" * 63))[0] == 0)
refused("a name of 64", one(pipeline="p" * 64), "E1004", "at most 63")
SCHEDULE = '\nschedule {} for p:\n    cron = "0 * * * *"\n'
expect("a schedule of 52", export(one() + SCHEDULE.format("s" * 50))[0] == 0)
refused("a schedule of 53", one() + SCHEDULE.format("s" * 51), "E1004", "at most 52")


def many(n):
    return "".join(f"component c{i}() -> int:\n    python:\n        output = {i}\n"
                   for i in range(n)) + \
        "pipeline p():\n" + "".join(f"    x{i} = c{i}()\n" for i in range(n))


# 197 pods, and the pipeline in three, since its tasks are many.
status, out, err = export(many(197))
expect(f"200 templates: {err}", status == 0 and out.count("\n  - name: ") == 1 + 200)
refused("201 templates", many(198), "E1004", "takes at most 200")


def wide(n):
    return one(params=", ".join(f"a{i}: int = 0" for i in range(n)),
               call=", ".join(f"a{i}={i}" for i in range(n)))


expect("500 inputs", export(wide(500))[0] == 0)
refused("501 inputs", wide(501), "E1004", "takes at most 500")


def variable(n):
    return one(lines=f'    environment:\n        env = {{"A": "{"x" * n}"}}\n')


room = (128 << 10) - len("A=\0")
expect("a long variable", export(variable(room))[0] == 0)
refused("a variable that is too long", variable(room + 1), "E1004", "'A' has 128 KiB")

BIG = "output = len('{}')"
status, out, err = export(one(body=BIG.format("x" * 990000)))
expect(f"code of 990 kB: {err}", status == 0 and kinds(out).count("ConfigMap") == 2)
expect("both maps are mounted", "projected:\n      sources:\n" in out and
       sorted(files(out)) == ["c.json", "c.py", "kfpc_task.py", "run.py"])
refused("code of 1 MB", one(body=BIG.format("x" * 1000000)), "E1004", "1 MiB in a ConfigMap")


def long(n):
    return "component c(s: str) -> int:\n    python:\n        output = len(s)\n" \
           f'pipeline p(s: str = "{"x" * n}") -> int:\n    return c(s=s)\n'


expect("a workflow of almost 1 MiB", export(long((1 << 20) - 4000))[0] == 0)
refused("a workflow of 1 MiB", long(1 << 20), "E1004", "takes at most 1024 KiB")

# What Kubernetes takes in settings.
for what, lines, words in (
        ("a label", '    labels = {"a b": "x"}\n', "the label 'a b: x'"),
        ("a label's value", '    labels = {"a": "-x"}\n', "the label 'a: -x'"),
        ("a long label", f'    labels = {{"a": "{"x" * 64}"}}\n', "the label"),
        ("an accelerator", '    resources:\n        gpu = 1\n        gpu_type = "A 100"\n',
         "no accelerator 'A 100'"),
        ("a secret", '    environment:\n        env = {"A": secret("My", "k")}\n',
         "no secret 'My'")):
    refused(what, one(lines=lines), "E1003", words)
expect("a label of 63", export(one(lines=f'    labels = {{"a.b/c": "{"x" * 63}"}}\n'))[0] == 0)

# What a `kubernetes:` block says.
KUBE = """    kubernetes:
        node_selector      = {"disk": "ssd"}
        tolerations        = [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule", "seconds": 60}]
        volumes            = [
            {"pvc": "data", "path": "/data", "read_only": True, "sub_path": "a"},
            {"secret": "keys", "path": "/keys"},
            {"config_map": "conf", "path": "/conf"},
            {"empty_dir": "tmp", "path": "/scratch", "size": 1GiB, "medium": "Memory"},
            {"ephemeral": "big", "path": "/big", "size": 10GiB, "storage_class": "fast"},
        ]
        image_pull_secrets = ["registry"]
        image_pull_policy  = "Always"
        service_account    = "trainer"
        annotations        = {"a.b/c": "d"}
        run_as_user        = 1000
        run_as_non_root    = True
        shared_memory      = 2GiB
        field_env          = {"NODE": "spec.nodeName"}
        config_map_env     = [{"name": "MODE", "config_map": "conf", "key": "mode"}]
        node_affinity      = [
            {"key": "zone", "operator": "In", "values": ["a", "b"]},
            {"key": "cpu", "operator": "Exists", "weight": 5},
        ]
        pod_affinity       = [{"labels": {"app": "db"}, "topology_key": "host", "anti": True}]
        init_containers    = [
            {"name": "first", "image": "busybox:1", "command": ["sh"], "args": ["-c", "true"],
             "env": {"A": "b"}, "mounts": {"tmp": "/scratch"}},
        ]
"""
status, out, err = export(one(lines=KUBE))
expect(f"kubernetes: {err}", status == 0)
for lines in ("nodeSelector:\n disk: ssd", "key: gpu\n operator: Exists\n effect: NoSchedule\n "
              "tolerationSeconds: 60", "persistentVolumeClaim:\n claimName: data",
              "mountPath: /data\n subPath: a\n readOnly: true", "secretName: keys",
              "configMap:\n name: conf", "emptyDir:\n medium: Memory\n sizeLimit: 1Gi",
              "accessModes:\n - ReadWriteOnce\n storageClassName: fast\n resources:\n "
              "requests:\n storage: 10Gi", "imagePullSecrets:\n - name: registry",
              "imagePullPolicy: Always", "serviceAccountName: trainer",
              "metadata:\n annotations:\n a.b/c: d",
              "securityContext:\n runAsUser: 1000\n runAsNonRoot: true",
              "- name: shm\n emptyDir:\n medium: Memory\n sizeLimit: 2Gi",
              "mountPath: /dev/shm", "fieldRef:\n fieldPath: spec.nodeName",
              "configMapKeyRef:\n name: conf\n key: mode",
              "nodeSelectorTerms:\n - matchExpressions:\n - key: zone\n operator: In\n "
              "values:\n - a\n - b", "- weight: 5\n preference:\n matchExpressions:\n - key: cpu",
              "podAntiAffinity:\n requiredDuringSchedulingIgnoredDuringExecution:\n "
              "- labelSelector:\n matchLabels:\n app: db\n topologyKey: host",
              "initContainers:\n - name: first\n image: busybox:1\n command:\n - sh\n args:\n "
              "- -c\n - 'true'\n env:\n - name: A\n value: b\n volumeMounts:\n - name: tmp\n "
              "mountPath: /scratch"):
    expect(f"kubernetes: no {lines}", lines in re.sub(r"\n +", "\n ", out))
for what, line, words in (
        ("a tag", 'annotations = {"a": "{{pod.name}}"}', "\"{{\" in 'annotations'"),
        ("its place", 'run_as_user = 1\n        node_selector = {"{{a": "b"}', "p.kfp:4:9"),
        ("our folder", 'volumes = [{"pvc": "a", "path": "/kfpc"}]', "mounted at '/kfpc'"),
        ("an input", 'volumes = [{"pvc": "a", "path": "/tmp/inputs/n"}]', "mounted at"),
        ("a claim", 'volumes = [{"pvc": "A_b", "path": "/a"}]', "'A_b' is no name"),
        ("a folder", 'volumes = [{"empty_dir": "A", "path": "/a"}]', "no name for a volume"),
        ("a size", 'volumes = [{"pvc": "a", "path": "/a", "size": 1GiB}]', '"size"')):
    refused(what, one(lines=f"    kubernetes:\n        {line}\n"), "E1003", words)

# What no pod has.
refused("a file", "pipeline p():\n    load(Dataset[csv], \"d.csv\")\n", "E1001",
        "a file of this machine")
refused("a store", "pipeline p():\n    load(Dataset[csv], \"s3://b/d.csv\")\n", "E1001",
        "not told where 's3://b/d.csv' is kept")
refused("a library", 'component n() -> int:\n    native = "m:f"\npipeline p() -> int:\n'
        "    return n()\n", "E1001", "a library of this machine")

refused("a program without a command", one(lines='    environment:\n        image = "a"\n').replace(
    "    python:\n        output = 1", '    container:\n        args = [output.path]'),
        "E1001", "say the `command`")

# What was computed before is looked up where the program says so.
status, out, err = export(one(lines="    cache = on\n", params="a: str = \"x\"", call="a=\"y\""))
key = re.search(r"key: (\S+-)\{\{= sprig\.sha256sum\(toJson\(\[(.*)\]\)\) \}\}", out)
expect("a key", key and re.fullmatch(r"'?c-[0-9a-f]{12}-", key[1]) and
       key[2].replace("''", "'") == "workflow.namespace, inputs.parameters['a']")
expect("no key", "memoize" not in export(one())[1] + export(one(lines="    cache = off\n"))[1])

# A pod.
POD = '''enum Kind: one, two
struct Opt:
    rate: float
    name: str = "n"

component c(n: int, x: float, s: str, k: Kind, o: str?, l: list[str], st: Opt, j: json,
            d: Dataset[txt]) -> (text: str, big: int, nan: float, names: list[str], m: Model[txt],
                                 curve: Series, none: int?):
    python:
        text = repr((n, x, s, k, o, l, st.rate, st.name, j, open(d_path).read(), d.metadata))
        big = n * 1000
        nan = float("nan")
        names = [s, "`x", "{{a}}"]
        curve.log(1.5)
        m.metadata["k"] = "{{v}}"
        print("made", file=open(m_path, "w"))

pipeline p(s: str = "a"):
    d = make()
    c(n=1, x=0.5, s=s, k=Kind.one, o=None, l=["a"], st=Opt(rate=0.1), j={"a": 1}, d=d)

component make() -> (d: Dataset[txt]):
    shell:
        echo data > "$d_path"
'''


def pod(out, template, **inputs):
    for name, text in files(out).items():
        pathlib.Path(name).write_text(text, "utf-8")
    subprocess.run(["rm", "-rf", "in", "out"], check=True)
    os.mkdir("in")
    for name, text in inputs.items():
        pathlib.Path("in", name.replace("__", "-")).write_text(text, "utf-8")
    p = subprocess.run([sys.executable, "run.py", template + ".json", "in", "out"],
                       capture_output=True, text=True)
    return p, {f.name: f.read_text("utf-8") for f in pathlib.Path("out").iterdir()}


status, out, err = export(POD)
expect(f"the program of a pod: {err}", status == 0)
GIVEN = dict(n="9007199254740993", x="Infinity", s='`"\\u007b\\u007bq}} \'"', k="two", o="null",
             l='["`\\"\\\\u007b\\\\u007b\\"","null"]', st='{"rate":0.25,"name":"m"}', j='[1,1.0]',
             d="d\n", d__metadata='{"rows":3}')
p, made = pod(out, "c", **GIVEN)
expect(f"a pod: {p}", p.returncode == 0)
seen = made.get("text", "")[:-1]
wanted = repr((9007199254740993, float("inf"), "{{q}} '", "two", None, ["{{", "null"], 0.25,
               "m", [1, 1.0], "d\n", {"rows": 3}))
expect(f"what the code sees: {seen}", seen.startswith("`") and
       json.loads(seen[1:].replace("`", "")) == wanted)


def unmarked(text):
    return json.loads(text[1:])


expect(f"what it gives: {made}", made.get("big") == "9007199254740993000\n" and
       made["nan"] == "NaN\n" and made["none"] == "null\n" and made["m"] == "made\n" and
       list(map(unmarked, json.loads(made["names"]))) == ["{{q}} '", "`x", "{{a}}"] and
       '"k":"\\u007b\\u007bv}}"' in made["m-metadata"] and "kfpc_code" not in made["m-metadata"]
       and '"points": 1' in made["curve-points-metadata"].replace(":1", ": 1") and
       '"code"' in made["m-bundle"] and "{{" not in "".join(v for n, v in made.items()
                                                            if not n.endswith("bundle")))
for name, text, words in (("n", "1.5", "'n'"), ("n", "x", "declared int"), ("k", "six", "no member"),
                          ("st", '{"name":"m"}', "lacks the field"), ("l", '"a"', "declared")):
    p, made = pod(out, "c", **dict(GIVEN, **{name: text}))
    expect(f"{name}={text}: {p}", p.returncode == 1 and words in p.stderr and
           "text" in made and words in made["kfpc_error"])
status, out, err = export(one(body="output = 'x' * 10").replace("int:", "str:", 2))
p, made = pod(out, "c")
expect("a text", made == {"output": "x" * 10 + "\n"})
for size, good in ((256 << 10, True), ((256 << 10) + 1, False)):
    out = export(one(body=f"output = 'x' * {size}").replace("int:", "str:", 2))[1]
    p, made = pod(out, "c")
    expect(f"a value of {size}", (p.returncode == 0) == good and
           (good or "make it an artifact" in p.stderr))

if problems:
    print("\n".join(problems))
    sys.exit(1)
