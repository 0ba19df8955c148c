"""The `test` declarations of a program, run by `kfpc test`."""
import re

DECLARATION = re.compile(rb"^(?:\xef\xbb\xbf)?test [\"']", re.MULTILINE)


def run(path, folder, env, ctx):
    """What is wrong with the tests that path declares, in words; nothing if it has none."""
    if not DECLARATION.search(path.read_bytes()):
        return []
    status, out, err = ctx.call([ctx.build / "kfpc", "test", path.name], cwd=folder, env=env)
    if status == 0 and re.search(rb"^\d+ passed, 0 failed", out, re.MULTILINE):
        return []
    return [f"kfpc test {path.name}: status {status}",
            (out + err).decode("utf-8", "replace")[-8000:]]
