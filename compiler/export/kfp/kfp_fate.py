# Behind kfp_launch.py, for tasks that do not fail (kfp_fate.c): what became of one is an
# output, "ok", "skipped" or "failed:" and what went wrong.
import signal
import time
import urllib.parse

POLL = 0.02         # seconds
BACKOFF_MAX = 3600


def without_failing(spec, given):
    """Tries until it goes well or there is no try left."""
    if any(f != "ok" for f in fates(given, "kfpc_fate_")):
        print("skipped: something that it needs did not go well", file=sys.stderr)
        leave(spec, given, "skipped")
        return
    for n in range(spec.get("retries", 0) + 1):
        if n:
            time.sleep(min(spec.get("backoff", 0) * 2 ** (n - 1), BACKOFF_MAX))
        wrong = one_try(spec, given)
        if not wrong:
            return
        print("attempt %d failed: %s" % (n + 1, wrong["message"]), file=sys.stderr)
    wrong = dict(wrong, task=spec["address"], time=time.time())
    leave(spec, given, "failed:" + urllib.parse.quote(json.dumps(wrong), safe=""))


def one_try(spec, given):
    """In a process of its own, whose end is seen however it comes."""
    note = os.path.join(tempfile.mkdtemp(), "note")
    pid = os.fork()
    if not pid:
        os.setpgid(0, 0)
        work(KfpJob, dict(spec, note=note), given)
    status = waited(pid, spec.get("timeout"))
    if status is None:
        return {"message": "it ran longer than its timeout of %g s" % spec["timeout"],
                "code": -1}
    if not status:
        return None
    if os.WIFSIGNALED(status):
        return {"message": signal_text(os.WTERMSIG(status)), "code": -1}
    if os.path.exists(note):
        with open(note, encoding="utf-8") as f:
            return json.load(f)
    code = os.WEXITSTATUS(status)
    return {"message": "exit status %d" % code, "code": code}


def waited(pid, timeout):
    """The status with which the process ended; None: it was out of time."""
    if not timeout:
        return os.waitpid(pid, 0)[1]
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        time.sleep(POLL)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


def signal_text(number):
    if number == signal.SIGKILL:
        return "ended by signal 9 (Killed): perhaps it ran out of memory"
    return "ended by signal %d (%s)" % (number, signal.strsignal(number))


def fates(given, prefix):
    found = []
    values = given.get("inputs", {}).get("parameterValues", {})
    for name in sorted(values):
        if name.startswith(prefix):
            found += values[name] if isinstance(values[name], list) else [values[name]]
    return found


def leave(spec, given, fate):
    """Outputs there have to be, though they mean nothing."""
    job = KfpJob(spec, given, "", os.getcwd())
    for name in job.made.get("artifacts", {}):
        job.keep(name, {})
    for name, t, _, _, is_text in spec.get("outputs", ()):
        if not is_files(t):
            job.values[name] = "null" if is_text else blank(t)
    if "type" in spec and not is_files(spec["type"]):
        job.values["Output"] = "null" if spec["is_text"] else blank(spec["type"])
    job.values["kfpc_fate"] = fate
    job.report()


def blank(t):
    return {"str": "", "enum": "", "bool": False, "list": [], "dict": {}, "struct": {},
            "series": {}}.get(bare(t)[0], 0)


def first_failure(found):
    """Of these fates: None, or what failed first."""
    failed = [failure(f) for f in found if f.startswith("failed:")]
    return min(failed, key=lambda wrong: wrong["time"]) if failed else None


def end(spec, given):
    """What became of all in a group of tasks."""
    found = fates(given, "kfpc_fate_")
    wrong = first_failure(found)
    if any(f != "ok" for f in fates(given, "kfpc_gate_")):
        fate = "skipped"
    elif wrong:
        fate = "failed:" + urllib.parse.quote(json.dumps(wrong), safe="")
    elif "skipped" not in found:
        fate = "ok"
    elif spec["kind"] == "end":
        fate = "skipped"
    else:       # of a try: because of something outside that it waits for
        wrong = {"task": "", "message": "it did not run", "code": -1, "time": time.time()}
        fate = "failed:" + urllib.parse.quote(json.dumps(wrong), safe="")
    leave(spec, given, fate)


def rethrow(spec, given):
    wrong = first_failure(fates(given, "kfpc_fate_"))
    if wrong:
        print("%s: %s" % (wrong["task"], wrong["message"]), file=sys.stderr)
        sys.exit(1)


FATES = {"end": end, "try-end": end, "rethrow": rethrow}
