"""For pycheck.py: calls that make a result differ from run to run."""
import ast

CLOCK = frozenset(
    "time.time time.time_ns datetime.datetime.now datetime.datetime.utcnow"
    " datetime.datetime.today datetime.date.today".split())
# These read the clock only where no time is given to them; the number is how many
# arguments they take before it.
CLOCK_UNLESS_GIVEN = {"time.localtime": 0, "time.gmtime": 0, "time.ctime": 0,
                      "time.asctime": 0, "time.strftime": 1}
NETWORK = (
    "requests.", "httpx.", "urllib.request.", "urllib3.", "aiohttp.", "http.client.",
    "ftplib.", "smtplib.", "boto3.", "paramiko.", "socket.create_connection",
    "socket.getaddrinfo", "sklearn.datasets.fetch_", "huggingface_hub.", "kagglehub.")
CHANCE = ("uuid.uuid1", "uuid.uuid4", "secrets.", "os.urandom")


def imported(tree):
    """What names of the code stand for: {"pd": "pandas", "now": "datetime.datetime"}."""
    names = {}
    for n in ast.walk(tree):
        if isinstance(n, ast.Import):
            for a in n.names:
                names[a.asname or a.name.split(".")[0]] = (
                    a.name if a.asname else a.name.split(".")[0])
        elif isinstance(n, ast.ImportFrom) and n.module and not n.level:
            for a in n.names:
                names[a.asname or a.name] = n.module + "." + a.name
    return names


def dotted(node, names):
    """"datetime.datetime.now" of a callee, or ""."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return ""
    return ".".join([names[node.id]] + parts[::-1])


def is_url(node):
    return (isinstance(node, ast.Constant) and isinstance(node.value, str)
            and node.value.startswith(("http://", "https://", "ftp://", "s3://", "gs://")))


def reads(call, names):
    """What a call reads: "the clock", "the network", "chance", or ""."""
    name = dotted(call.func, names)
    given = len(call.args) + len(call.keywords)
    if name in CLOCK and (name.startswith("time.") or not given or name.endswith(".now")):
        return "the clock"
    if name in CLOCK_UNLESS_GIVEN and given <= CLOCK_UNLESS_GIVEN[name]:
        return "the clock"
    if name.startswith(NETWORK):
        return "the network"
    if name.startswith(CHANCE):
        return "chance"
    if name and name.split(".")[-1].startswith(("read_", "load_dataset", "urlopen")) and any(
            is_url(a) for a in call.args):
        return "the network"
    return ""


def measures_time(tree, names):
    """Is a time subtracted from another?  Then clocks are read to tell how long it took."""
    def is_clock(n):
        return isinstance(n, ast.Call) and dotted(n.func, names) in CLOCK
    return any(isinstance(n, ast.BinOp) and isinstance(n.op, ast.Sub)
               and (is_clock(n.left) or is_clock(n.right)) for n in ast.walk(tree))


def find_uncacheable(tree):
    """The first call of each kind: [(node, what it reads)]."""
    names = imported(tree)
    seen = {"the clock"} if measures_time(tree, names) else set()
    found = []
    for n in ast.walk(tree):
        what = reads(n, names) if isinstance(n, ast.Call) else ""
        if what and what not in seen:
            seen.add(what)
            found.append((n, what))
    return sorted(found, key=lambda f: (f[0].lineno, f[0].col_offset))
