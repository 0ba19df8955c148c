# Environments through the command: a package that does not exist, one that the host lacks,
# an interpreter that is not there.  No network is used.
fail() { echo "$*" >&2; cat out err >&2; exit 1; }
says() { grep -qF -- "$1" out err || fail "not said: $1"; }
run() {
	status=0
	timeout 300 kfpc run env.kfp "$@" --progress plain >out 2>err || status=$?
	[ "$status" != 0 ] || fail "it succeeded: $*"
}
export PIP_NO_INDEX=1 UV_NO_INDEX=1 UV_OFFLINE=1

cat >env.kfp <<'KFP'
environment absent:
    packages = ["no-such-package-kfpc==9.9"]

environment future:
    python = "3.99"
    packages = ["six"]

component uses_absent() -> (n: int):
    environment = absent
    python:
        n = 1

component uses_future() -> (n: int):
    environment = future
    python:
        n = 1

pipeline p_absent():
    uses_absent()

pipeline p_future():
    uses_future()
KFP

run p_absent
says "environment 'absent': "
says "no-such-package-kfpc"

run p_absent --env host
says "lacks no-such-package-kfpc==9.9"

run p_future
says "Python 3.99 was not found"

( KFPC_PYTHON=/nonexistent/python; export KFPC_PYTHON; run p_absent )
says "/nonexistent/python"
