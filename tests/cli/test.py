"""kfpc test: text, TAP, JSON; passes, fails, branches; what runs and what does not; nothing is left behind."""
import json
import os
import pathlib
import subprocess
import tempfile

PROGRAM = '''
component train(lr: float = 0.1) -> (accuracy: Metric, loss: Series, report: Dataset[txt]):
    shell:
        touch RAN; echo 0.25 > "$accuracy_path"; echo '{"step":1,"value":2}' >> "$loss_path"
        echo real > "$report_path"

component read(report: Dataset[txt]) -> str:
    shell:
        cat "$report_path" > "$output_path"

component bad():
    shell:
        exit 3

pipeline sub(lr: float = 0.1) -> float:
    fit = train(lr=lr)
    return fit.accuracy

pipeline main(lr: float = 0.1, least: float = 0.9 where least > 0) -> (text: str, best: float):
    fit = train(lr=lr) with retries=1
    inner = sub(lr=2 * lr)
    text = read(report=fit.report)
    if inner > least:
        bad()
    return text=text, best=fit.loss.last

config small for main:
    lr = 0.01
'''
OK = '''
test "values, files, series, configs":
    stub train(lr=0.1) -> (accuracy=0.5, loss=[1, 0.25], report="파일 1.txt")
    stub train(lr=0.2) -> (accuracy=0.75, loss=[], report="파일 1.txt")
    stub train -> (accuracy=1, loss=[9], report="dir")
    stub read -> "read"
    stub bad -> None
    r = main()
    assert r.state == "succeeded" and r.error == ""
    assert r.outputs.text == "read" and r.outputs.best == 0.25
    assert r.tasks.fit.outputs.accuracy == 0.5 and r.tasks.inner.fit.outputs.accuracy == 0.75
    assert r.tasks.bad.state == "skipped" and r.tasks.fit.attempts == 1
    s = main() with config=small
    assert s.outputs.best == 9.0 and s.tasks.bad.state == "succeeded"

test "executes what has no stub":
    execute = True
    stub bad -> None
    r = main()
    assert r.outputs.text == "real\\n" or r.outputs.text == "real"
    assert r.tasks.fit.outputs.accuracy == 0.25

test "a failure is retried, then skips":
    stub train(lr=0.2) -> (accuracy=0.5, loss=[1], report="dir")
    stub train -> fail("no luck")
    stub read -> "x"
    stub bad -> None
    r = main()
    assert r.state == "failed" and "no luck" in r.error
    assert r.tasks.fit.state == "failed" and r.tasks.fit.attempts == 2
    assert r.tasks.text.state == "skipped"
'''
WRONG = '''
test "does not hold":
    stub train -> (accuracy=0.5, loss=[1], report="dir")
    stub read -> "x"
    stub bad -> None
    r = main()
    assert r.outputs.text == "y", f"it is {r.outputs.text}"

test "has no value":
    stub train -> fail("gone")
    stub read -> "x"
    stub bad -> None
    r = main()
    assert r.outputs.text == "x"

test "no stub fits":
    stub train(lr=7) -> (accuracy=0.5, loss=[1], report="dir")
    stub read -> "x"
    stub bad -> None
    r = main()
    assert r.state == "succeeded"

test "config breaks where":
    stub train -> (accuracy=0.5, loss=[1], report="dir")
    stub read -> "x"
    stub bad -> None
    r = main(least=-1)
    assert r.state == "succeeded"
'''


def kfpc(*args, status=0, **env):
    r = subprocess.run(["kfpc", "test", *args], capture_output=True, text=True,
                       env={**os.environ, **env})
    assert r.returncode == status, (args, r.returncode, r.stdout, r.stderr)
    return r


pathlib.Path("파일 1.txt").write_text("one\n")
pathlib.Path("dir/deep").mkdir(parents=True)
pathlib.Path("dir/deep/a").write_text("a")
pathlib.Path("ok.kfp").write_text(PROGRAM + OK)
pathlib.Path("wrong.kfp").write_text(PROGRAM + WRONG)
tmp = tempfile.mkdtemp(dir=".")

out = kfpc("ok.kfp", TMPDIR=tmp).stdout
assert "3 passed, 0 failed; 2 of 2 branches taken" in out, out
assert not os.listdir(tmp), "the store of the tests is left behind"
assert not os.path.exists("RAN") and not os.path.exists(".kfpc")
assert not pathlib.Path(os.environ["KFPC_STORE"]).exists()

out = kfpc("wrong.kfp", "--tap", status=1).stdout
assert out.count("\nnot ok ") + out.startswith("not ok ") == 4 and "\n1..4\n" in out, out
assert "it is x: 'r.outputs.text == \\\"y\\\"' does not hold" in out, out
assert "does not hold: r.outputs.text is \\\"x\\\"" in out, out
assert "has no value" in out and "no stub of 'train' is for these arguments" in out, out
assert "breaks" in out and "# 0 passed, 4 failed" in out, out

lines = [json.loads(s) for s in kfpc("ok.kfp", "wrong.kfp", "--json", status=1).stdout.splitlines()]
assert [x["passed"] for x in lines[:-1]] == [True] * 3 + [False] * 4, lines
assert lines[-1]["passed"] == 3 and lines[-1]["failed"] == 4, lines[-1]
assert lines[3]["at"].startswith("wrong.kfp:") and lines[0]["file"] == "ok.kfp", lines[3]

out = kfpc("ok.kfp", "-k", "failure").stdout
assert "1 passed, 0 failed" in out and "never" not in out, out
assert "0 passed, 0 failed" in kfpc("ok.kfp", "-k", "nothing like it").stdout
out = kfpc("ok.kfp", "-k", "retried").stdout

# branches of two files with one name are told apart; many runs in one test
BRANCH = """
pipeline p(n: int = 1) -> int:
    if n > 0:
        m = 1
    else:
        m = 2
    return m

test "%s":
%s
"""
for folder, value in (("one", 1), ("two", 0)):
    pathlib.Path(folder).mkdir()
    runs = "".join(f"    r{i} = p(n={value})\n" for i in range(70 if value else 1))
    last = 69 if value else 0
    text = BRANCH % (folder, runs + f"    assert r{last}.outputs.output == {1 if value else 2}\n")
    if value:
        text += '\ntest "all of them":\n' + runs + "    assert " + " and ".join(
            f"r{i}.outputs.output == 1" for i in range(70)) + "\n"
    pathlib.Path(folder, "same.kfp").write_text(text)
out = kfpc("one/same.kfp", "two/same.kfp").stdout
assert "3 passed, 0 failed; 2 of 4 branches taken" in out, out

# wrong usage, wrong programs, no program
kfpc(status=2)
kfpc("--tap", "--json", "ok.kfp", status=2)
kfpc("none.kfp", status=4)
pathlib.Path("broken.kfp").write_text("test \"x\":\n    stub nothing -> 3\n")
kfpc("broken.kfp", status=1)
kfpc("ok.kfp", status=4, TMPDIR="/no/such/folder")

# a .kfp with tests still runs
r = subprocess.run(["kfpc", "run", "ok.kfp", "main", "--progress", "quiet"], capture_output=True, text=True)
assert r.returncode == 0, r.stderr

# a folder that cannot be copied as a whole is no fixture
os.makedirs("odd", exist_ok=True)
os.mkfifo("odd/pipe")
pathlib.Path("odd.kfp").write_text('''component make() -> (d: Dataset[dir]):
    shell:
        mkdir "$d_path"

pipeline p():
    make()

test "odd":
    stub make() -> (d="odd")
    r = p()
    assert r.state == "succeeded"
''')
out = kfpc("odd.kfp", status=1).stdout
assert "odd/pipe: neither a file nor a folder" in out, out
