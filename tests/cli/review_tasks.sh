# What a task leaves behind, or is given, must neither hang the run nor reach the next task.
. "$srcdir/tests/lib/bad.sh"

cat >a.kfp <<'EOF'
component fifo() -> (n: int):
    python:
        import os
        n = 1
        os.mkfifo("../result")
        os._exit(0)

component link() -> (n: int):
    python:
        import os
        n = 1
        os.symlink("/dev/zero", "../result")
        os._exit(0)

component shows():
    shell:
        pwd -P

component moves():
    shell:
        mkdir -p "$HOME/elsewhere"
        cd .. && rmdir work && ln -s "$HOME/elsewhere" work

pipeline pipes():
    fifo()

pipeline links():
    link()

pipeline named(name: str = "A=B"):
    shows() with env={name: "x"}

pipeline moved():
    m = moves()
    shows() with after=[m]
EOF

# A result that is no plain file is none.
for p in pipes links; do
	gives 3 timeout -k 5 60 kfpc run a.kfp $p
	says 'the interpreter was ended before the outputs could be read'
done

# A name that would set another variable.
gives 3 kfpc run a.kfp named
says "the setting 'env' has a name that no environment variable can have"
gives 3 kfpc run a.kfp named -p name=
says "the setting 'env' has a name that no environment variable can have"
gives 0 kfpc run a.kfp named -p name=A_B

# Small tasks share a folder: only one that is as it was.
gives 0 kfpc run a.kfp moved
gives 0 kfpc logs @last/shows
says "$KFPC_STORE/runs/"
not_said elsewhere

# A file that may not grow any more is an error, not the end of kfpc.
cat >b.kfp <<'EOF'
component chatty():
    shell:
        head -c 3000000 /dev/zero

pipeline p():
    chatty()
EOF
gives 3 sh -c 'ulimit -f 1024; exec kfpc run b.kfp'
says 'cannot write to'
gives 0 kfpc fsck
