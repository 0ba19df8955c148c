"""`kubernetes:` blocks in the second document for Kubeflow, as outside files have them."""
import os
import pathlib
import re
import subprocess
import sys

problems = []


def expect(what, condition):
    if not condition:
        problems.append(what)


def export(text):
    pathlib.Path("p.kfp").write_text(text)
    p = subprocess.run(["kfpc", "export", "kfp", "p.kfp"], capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr


def program(lines, name="comp", image="python:3.9"):
    block = "".join(f"        {line}\n" for line in lines)
    return (f"component {name}():\n    environment:\n        image = \"{image}\"\n"
            f"    kubernetes:\n{block}    python:\n        pass\n\n"
            f"pipeline p():\n    {name}()\n")


def pod(*lines, name="comp"):
    """What stands in the second document for the executor."""
    status, out, err = export(program(lines, name))
    expect(f"{lines}: {status} {err}", status == 0)
    if "\n---\n" not in out:
        return ""
    head = "        exec-" + name + ":\n"
    second = out.split("\n---\n")[1]
    return re.sub("^" + " " * 10, "", second[second.index(head) + len(head):], flags=re.M)


def same(lines, wanted):
    got = pod(*lines)
    expect(f"{lines} is\n{got}not\n{wanted}", got == wanted)


def refused(line, *words):
    status, out, err = export(program([line]))
    expect(f"{line}: {status} {out} {err}",
           status == 1 and not out and "error E1003" in err and "p.kfp:5:9" in err
           and all(w in err for w in words))


same(['node_selector = {"disk": "ssd", "yes": "0123"}'],
     "nodeSelector:\n  labels:\n    disk: ssd\n    'yes': '0123'\n")
same(['node_selector = {}'], "nodeSelector: {}\n")
same(['tolerations = [{"key": "gpu", "operator": "Equal", "value": "a", '
      '"effect": "NoExecute", "seconds": 10}, {"operator": "Exists"}]'],
     "tolerations:\n- effect: NoExecute\n  key: gpu\n  operator: Equal\n"
     "  tolerationSeconds: '10'\n  value: a\n- operator: Exists\n")
same(['image_pull_secrets = ["a", "b"]'],
     "imagePullSecret:\n" + "".join(
         f"- secretName: {n}\n  secretNameParameter:\n    runtimeValue:\n"
         f"      constant: {n}\n" for n in "ab"))
same(['volumes = [{"pvc": "data", "path": "/d", "sub_path": "x", "read_only": False}]'],
     "pvcMount:\n- constant: data\n  mountPath: /d\n  pvcNameParameter:\n"
     "    runtimeValue:\n      constant: data\n  subPath: x\n")
same(['volumes = [{"secret": "tls", "path": "/tls", "read_only": True}]'],
     "secretAsVolume:\n- mountPath: /tls\n  optional: false\n  secretName: tls\n"
     "  secretNameParameter:\n    runtimeValue:\n      constant: tls\n")
same(['volumes = [{"ephemeral": "big", "path": "/b", "size": 10GiB, '
      '"access_modes": ["ReadWriteOnce"]}, {"ephemeral": "c", "path": "/c", '
      '"size": 1500MB, "storage_class": "fast"}]'],
     "genericEphemeralVolume:\n- accessModes:\n  - ReadWriteOnce\n"
     "  defaultStorageClass: true\n  mountPath: /b\n  size: 10Gi\n  volumeName: big\n"
     "- mountPath: /c\n  size: '1500000000'\n  storageClassName: fast\n  volumeName: c\n")
same(['annotations = {"a/b": "c"}'], "podMetadata:\n  annotations:\n    a/b: c\n")
same(['image_pull_policy = "IfNotPresent"'], "imagePullPolicy: IfNotPresent\n")
same(['run_as_user = 9007199254740993', 'run_as_non_root = True'],
     "securityContext:\n  runAsNonRoot: true\n  runAsUser: '9007199254740993'\n")
same(['shared_memory = 2GiB'],
     "enabledSharedMemory:\n  size: 2Gi\n  volumeName: shm\n")
same(['field_env = {"POD": "metadata.name"}'],
     "fieldPathAsEnv:\n- fieldPath: metadata.name\n  name: POD\n")
same(['config_map_env = [{"config_map": "conf", "key": "k", "name": "K"}]'],
     "configMapAsEnv:\n- configMapName: conf\n  configMapNameParameter:\n"
     "    runtimeValue:\n      constant: conf\n  keyToEnv:\n  - configMapKey: k\n"
     "    envVar: K\n  optional: false\n")
same(['node_affinity = [{"key": "disk", "operator": "In", "values": ["ssd"], '
      '"weight": 5}, {"key": "x", "operator": "Exists"}]'],
     "nodeAffinity:\n- matchExpressions:\n  - key: disk\n    operator: In\n"
     "    values:\n    - ssd\n  weight: 5\n- matchExpressions:\n  - key: x\n"
     "    operator: Exists\n")
same(['pod_affinity = [{"topology_key": "zone", "labels": {"app": "x"}, '
      '"namespaces": ["prod"], "anti": True, "weight": 7}]'],
     "podAffinity:\n- anti: true\n  matchPodLabels:\n    app: x\n  namespaces:\n  - prod\n"
     "  topologyKey: zone\n  weight: 7\n")

# Two components that differ in their blocks have executors of their own.
status, out, err = export(
    "component a() -> int:\n    kubernetes:\n        run_as_user = 1\n    shell:\n"
    "        echo 1 > \"$output_path\"\n\ncomponent b() -> int:\n    kubernetes:\n"
    "        run_as_user = 2\n    shell:\n        echo 1 > \"$output_path\"\n\n"
    "pipeline p():\n    a()\n    b()\n")
expect(f"two blocks: {out}{err}", re.search(
    r"exec-a:\n +securityContext:\n +runAsUser: '1'\n +exec-b:\n +securityContext:\n"
    r" +runAsUser: '2'\n", out))

# What Kubeflow has no word for.
refused('service_account = "trainer"', "service account", "'comp'")
refused('volumes = [{"pvc": "d", "path": "/d", "read_only": True}]', '"read_only"')
refused('volumes = [{"pvc": "d", "path": "/d", "size": 1GiB}]', '"size"')
refused('volumes = [{"secret": "d", "path": "/d", "sub_path": "x"}]', '"sub_path"')
refused('volumes = [{"empty_dir": "d", "path": "/d", "sub_path": "x"}]', '"sub_path"')
refused('volumes = [{"pvc": "d", "path": "/d", "medium": "Memory"}]', '"medium"')
refused('volumes = [{"pvc": "d", "path": "/d", "storage_class": "x"}]', '"storage_class"')
refused('init_containers = [{"name": "kfp-launcher", "image": "x"}]', "kfp-launcher")

# As the outside files have it.
folder = pathlib.Path(os.environ.get("KFPC_CONFORMANCE", "")) / "kfp/kubernetes"
CASES = {
    "config_map_as_vol": ("comp", ['volumes = [{"config_map": "my-cm", '
                                   '"path": "/mnt/my_vol"}]']),
    "empty_dir_mounts": ("comp", ['volumes = [{"empty_dir": "emptydir-vol-1", "path": '
                                  '"/mnt/my_vol_1", "medium": "Memory", "size": 1GiB}]']),
    "init_container": ("print_greeting", [
        'volumes = [{"empty_dir": "shared-data", "path": "/data"}]',
        'init_containers = [{"name": "prepare-data", "image": "busybox:1.36", "command": '
        '["sh", "-c"], "args": ["echo ready > /data/marker"], "env": {"MARKER_TEXT": '
        '"ready"}, "mounts": {"shared-data": "/data"}}]']),
    "node_selector": ("comp", ['node_selector = {"cloud.google.com/gke-accelerator": '
                               '"nvidia-tesla-p4"}']),
    "security_context": ("print_greeting", ["run_as_user = 65534", "run_as_group = 0"]),
}
if os.environ.get("KFPC_CONFORMANCE"):
    for name, (component, lines) in CASES.items():
        status, out, err = export(program(lines, component))
        wanted = (folder / (name + ".yaml")).read_text().split("\n---\n")[1]
        expect(f"{name}:\n{out.split(chr(10) + '---' + chr(10))[-1]}not\n{wanted}",
               status == 0 and out.split("\n---\n")[1] == wanted)

for p in problems:
    print("#", p)
if not os.environ.get("KFPC_CONFORMANCE") and not problems:
    print("# KFPC_CONFORMANCE is not set: the outside files were not compared")
    sys.exit(77)
sys.exit(bool(problems))
