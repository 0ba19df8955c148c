"""The judge of Argo's exports itself: what Argo does with workflows, what is found in bad ones."""
import subprocess
import sys

import judge

go, env = judge.go()
if not go:
    print(env)
    sys.exit(77)
tool, why = judge.tool()
why = why or judge.can_run(tool)
tests = ["-run", "Lint|CRD"] if why else []
p = subprocess.run([go, "test", "-count=1", *tests, "./..."], cwd=judge.SOURCE, env=env,
                   capture_output=True, text=True)
print(p.stdout[-20000:] + p.stderr[-5000:])
sys.exit(1 if p.returncode else 77 if why else 0)
