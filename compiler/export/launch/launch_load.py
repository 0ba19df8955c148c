# The part of the launcher that fetches what `load` names, behind launch_code.py.  What it
# does is what runtime/exec/load_*.c do.
import hashlib

REDIRECTS = 10
STALLED_S = 60      # for so long nothing came


@does("load")
def run_load(job):
    component = Component(job)
    given = {name: value for name, _, value in component.given}
    name, t = job.spec["outputs"][0][:2]
    path = component.out_path(name, t)
    uri, metadata = given["uri"], given["metadata"]
    if not isinstance(metadata, dict):
        raise Wrong("the metadata of an artifact is a JSON object")
    try:
        load = Load(path)
        load.fetch(uri)
        load.check(given.get("digest"))
    except Wrong as e:
        raise Wrong("cannot load '%s': %s" % (shown_uri(uri)[:300], e)) from None
    print("loaded %d bytes from %s" % (load.bytes, shown_uri(uri)), file=sys.stderr)
    component.collect({}, {name: dict({"loaded_from": shown_uri(uri)}, **metadata)}, {})


def scheme_of(uri):
    head, colon, _ = uri.partition(":")
    ok = colon and len(head) > 1 and head[0].isalpha() and head.isascii() and \
        all(c.isalnum() or c in "+-." for c in head)
    return head if ok else ""


def shown_uri(uri):
    """Without a name and password."""
    head, mark, rest = uri.partition("://")
    if not mark:
        return uri
    end = min([rest.find(c) for c in "/?#" if c in rest] or [len(rest)])
    return head + mark + rest[:end].rpartition("@")[2] + rest[end:]


class Load:
    def __init__(self, to):
        self.to, self.bytes, self.is_folder = to, 0, False
        self.hash = hashlib.sha256()
        limit = os.environ.get("KFPC_LOAD_MAX_BYTES", "")
        self.limit = int(limit) if limit.isdigit() and int(limit) else None

    def fetch(self, uri):
        scheme = scheme_of(uri)
        if not uri or "\0" in uri:
            raise Wrong("the URI is empty, or holds a byte 0")
        if scheme in ("http", "https"):
            self.fetch_http(uri, scheme)
        elif scheme in ("", "file"):
            self.fetch_file(uri, scheme)
        else:
            raise Wrong("%s: %s" % (scheme, OTHER_SCHEMES))

    def put(self, out, piece):
        self.bytes += len(piece)
        if self.limit and self.bytes > self.limit:
            raise Wrong("it is larger than the %d bytes of KFPC_LOAD_MAX_BYTES" % self.limit)
        self.hash.update(piece)
        out.write(piece)

    def check(self, digest):
        if digest is None:
            return
        hexadecimal = digest[7:]
        if not digest.startswith("sha256:") or len(hexadecimal) != 64 or \
                set(hexadecimal) - set("0123456789abcdef"):
            raise Wrong("a digest is \"sha256:\" and 64 hexadecimal digits in lower case, not "
                        "'%s'" % digest[:80])
        if self.is_folder:
            raise Wrong("it is a folder, and only files have a digest")
        if self.hash.hexdigest() != hexadecimal:
            raise Wrong("its digest is sha256:%s, and not the one that was wanted, %s"
                        % (self.hash.hexdigest(), digest))

    def copy_into(self, source):
        with open(self.to, "xb") as out:
            while True:
                piece = source.read(1 << 17)
                if not piece:
                    return
                self.put(out, piece)

    def fetch_http(self, uri, scheme):
        import http.client
        try:
            with answer_of(uri, scheme) as source:
                length = source.headers.get("Content-Length")
                self.copy_into(source)
        except (OSError, http.client.HTTPException, ValueError) as e:
            raise Wrong(reason_of(e)) from None
        if length and length.isdigit() and int(length) != self.bytes:
            raise Wrong("the transfer broke off")

    def fetch_file(self, uri, scheme):
        from urllib.parse import unquote
        path = uri
        if scheme:
            path = uri[5:]
            if path.startswith("//"):
                host, _, rest = path[2:].partition("/")
                path = "/" + rest if host in ("", "localhost") else ""
            path = unquote(path)
        if not os.path.isabs(path):
            raise Wrong("'%s' names no file of the machine where the task runs" % uri)
        try:
            self.copy_any(path, self.to, 0)
        except OSError as e:
            raise Wrong("there is no file '%s'" % path if e.errno == 2 and e.filename == path
                        else str(e)) from None

    def copy_any(self, path, to, depth):
        if depth and os.path.islink(path):
            raise Wrong("'%s' is a link, not a file or folder" % path)
        if os.path.isdir(path):
            self.is_folder = True
            os.mkdir(to)
            for name in os.listdir(path):
                self.copy_any(os.path.join(path, name), os.path.join(to, name), depth + 1)
        elif os.path.isfile(path):
            with open(path, "rb") as source, open(to, "xb") as out:
                for piece in iter(lambda: source.read(1 << 17), b""):
                    self.put(out, piece)
        elif os.path.lexists(path):
            raise Wrong("'%s' is a device or the like, not a file or folder" % path)
        else:
            raise Wrong("there is no file '%s'" % path)


def answer_of(uri, scheme):
    import base64
    import urllib.parse
    import urllib.request

    class Redirects(urllib.request.HTTPRedirectHandler):
        max_redirections = REDIRECTS
        max_repeats = REDIRECTS

        def redirect_request(self, req, fp, code, msg, headers, newurl):
            kind = newurl.partition(":")[0].lower()
            if kind not in ("http", "https") or scheme == "https" and kind == "http":
                raise Wrong("it was redirected to what is not https" if scheme == "https"
                            else "it was redirected to what is neither http nor https")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    parts = urllib.parse.urlsplit(uri)
    host = parts.netloc.rpartition("@")[2]
    path = urllib.parse.quote(parts.path, safe="/%:@!$&'()*+,;=~-._")
    query = urllib.parse.quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    request = urllib.request.Request(
        urllib.parse.urlunsplit((parts.scheme, host, path or "/", query, "")),
        headers={"User-Agent": "kfpc"})
    if parts.username is not None:
        pair = "%s:%s" % (urllib.parse.unquote(parts.username),
                          urllib.parse.unquote(parts.password or ""))
        request.add_unredirected_header(
            "Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
    return urllib.request.build_opener(Redirects).open(request, timeout=STALLED_S)


def reason_of(e):
    import urllib.error
    if isinstance(e, urllib.error.HTTPError):
        if 300 <= e.code < 400:
            return "it was redirected more than %d times" % REDIRECTS
        return "the answer was %d (%s)" % (e.code, e.reason)
    if isinstance(e, urllib.error.URLError):
        return "no connection: %s" % e.reason
    return str(e) or type(e).__name__
