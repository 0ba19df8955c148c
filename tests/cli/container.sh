# Containers for real, where podman works: what goes in and out, paths of all kinds,
# failures, ends.  The image is made here, of a static busybox.
. "$srcdir/tests/lib/bad.sh"

command -v podman >podman_path 2>/dev/null || skip "no podman here"
for box in /bin/busybox /usr/bin/busybox; do
	[ -x $box ] && break
done
[ -x $box ] || skip "no busybox here"

# Storage of our own, in a short path: sockets lie in it; small limits, since those of the caller may not be raised.
export CONTAINERS_CONF="$PWD/containers.conf" CONTAINERS_STORAGE_CONF="$PWD/storage.conf"
export XDG_CONFIG_HOME="$PWD/config"
store=$(mktemp -d /tmp/kfpc-box.XXXXXX)
trap 'podman rm -fa >/dev/null 2>&1; rm -rf "$store"' EXIT
cat >containers.conf <<-END
	[containers]
	default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
	netns = "none"
	[engine]
	cgroup_manager = "cgroupfs"
	events_logger = "file"
END
cat >storage.conf <<-END
	[storage]
	driver = "vfs"
	graphroot = "$store/graph"
	runroot = "$store/run"
END
mkdir -p root/bin root/tmp
cp $box root/bin/busybox
for tool in sh cat echo wc id sleep true ls; do ln -s busybox root/bin/$tool; done
tar -C root -c . | podman import - localhost/kfpc-test:1 >/dev/null 2>import.err ||
	skip "podman cannot import an image: $(tail -n 1 import.err)"
# Some machines have runc only, some crun only, and some of them cannot start anything.
run_works() { podman run --rm localhost/kfpc-test:1 true >works.out 2>&1; }
run_works || { echo 'runtime = "runc"' >>containers.conf && run_works; } ||
	skip "podman cannot run anything: $(tail -n 1 works.out)"
export KFPC_CONTAINER_ENGINE=podman

cat >a.kfp <<'END'
environment box:
    image = "localhost/kfpc-test:1"
    env   = {"GREETING": "hello there", "PATH": "/bin", "TOKEN": secret("c", "token")}

component write(text: str, n: int? = None) -> (data: Dataset[txt], size: int, maybe: str?):
    environment = box
    container:
        command = ["sh", "-c", 'echo "$@" > "$0"; wc -c < "$0" > "$SIZE"; echo "$TOKEN"; echo to err >&2', data.path]
        args    = [text, None] + (["--n", str(n)] if n != None else []) + [maybe.path]

component measure(data: Dataset[txt]) -> (model: Model, size: int, words: str, loss: Series):
    environment = box
    container:
        command = ["sh", "-c", r'cat "$1" > "$2"; wc -c < "$1" > "$3"; printf "%s %s %s" "$GREETING" "$1" "$(id -u)" > "$4"; echo "{\"step\": 1, \"value\": 0.5}" >> "$5"; (echo x > "$1") 2>/dev/null || echo cannot be changed', "sh"]
        args    = [data.path, model.path, size.path, words.path, loss.path]

pipeline p(text: str = "두 단어", n: int? = None) -> (words: str, size: int):
    w = write(text=text, n=n) with env={"SIZE": "/kfpc/val/size"}
    m = measure(data=w.data)
    return words=m.words, size=m.size
END
# `size` of write is written through a variable: only its path in the words is missed.
sed -i 's/, \[maybe.path\]//; s/ + \[maybe.path\]/ + [maybe.path, size.path]/' a.kfp
export KFPC_SECRET_C_TOKEN=hush-hush

uid=$(id -u)
[ "$(podman info --format '{{.Host.Security.Rootless}}')" = false ] || uid=0
gives 0 kfpc run --json -p n=3 a.kfp
[ "$(json_of 'd["outputs"]["words"]')" = "hello there /kfpc/in/data.txt $uid" ] ||
	fail "words are others"
[ "$(json_of 'd["outputs"]["size"]')" = 48 ] || fail "the size is another"
gives 0 kfpc logs @last
says 'cannot be changed' 'to err'
not_said hush-hush
gives 0 kfpc get @last/m.model -o model
[ "$(cat model)" = "두 단어 --n 3 /kfpc/val/maybe /kfpc/val/size" ] || fail "the model is another"
[ "$(stat -c %u model)" = "$(id -u)" ] || fail "files are not ours"
gives 0 kfpc metrics @last
says loss

# Folders of all kinds.
sed '/^pipeline/,$d' a.kfp >one.kfp
printf 'pipeline p():\n    write(text="x") with env={"SIZE": "/kfpc/val/size"}\n' >>one.kfp
for folder in 'a b 한글' 'colon:s' 'com,ma' 'a,b:c "d"'; do
	mkdir "$folder"
	cp one.kfp "$folder/a.kfp"
	(cd "$folder" && env -u KFPC_STORE kfpc run a.kfp >../out 2>../err) ||
		fail "not within $folder"
done

# What fails, and how it is told.
cat >b.kfp <<'END'
environment box:
    image = "localhost/kfpc-test:1"

environment missing_image:
    image = "localhost/kfpc-no-such-image:1"

environment taken_name:
    image = "localhost/kfpc-test:1"
    env   = {"DOCKER_HOST": secret("c", "token")}

component exits(n: int):
    environment = box
    container:
        command = ["sh", "-c", 'exit "$0"']
        args    = [str(n)]

component no_program():
    environment = box
    container:
        command = ["no-such-program"]

component no_image():
    environment = missing_image
    container:
        command = ["true"]

component taken():
    environment = taken_name
    container:
        command = ["true"]

component silent() -> (x: int, model: Model):
    environment = box
    container:
        command = ["true", x.path, model.path]

component wrong() -> (x: int):
    environment = box
    container:
        command = ["sh", "-c", 'echo many > "$0"', x.path]

component divides(n: int):
    environment = box
    container:
        command = ["echo", str(1 // n)]

component sleeps():
    environment = box
    container:
        command = ["sh", "-c", "trap 'exit 0' TERM; echo on; sleep 300 & wait"]

pipeline exit_with(n: int):
    exits(n=n)

pipeline without_program():
    no_program()

pipeline without_image():
    no_image()

pipeline with_taken_name():
    taken()

pipeline is_silent():
    silent()

pipeline is_wrong():
    wrong()

pipeline divide(n: int):
    divides(n=n)

pipeline too_slow():
    sleeps() with timeout=2s

pipeline sleep():
    sleeps()
END
gives 3 kfpc run -p n=3 b.kfp exit_with
says 'exit status 3'
gives 3 kfpc run -p n=127 b.kfp exit_with
says 'exit status 127'
gives 3 kfpc run b.kfp without_program
says "the image 'localhost/kfpc-test:1' has no 'no-such-program'"
gives 3 kfpc run b.kfp with_taken_name
says "a secret cannot be called 'DOCKER_HOST' in a container"
gives 3 kfpc run b.kfp is_silent
says "output 'x': nothing was written to x.path"
gives 3 kfpc run b.kfp is_wrong
says "output 'x': it is declared int, and its file holds 'many'"
gives 3 kfpc run -p n=0 b.kfp divide
says 'division by zero' 'b.kfp:45:32'
gives 3 kfpc run b.kfp too_slow
says 'longer than its timeout of 2 s'
none_runs() { [ -z "$(podman ps -aq)" ]; }
one_runs() { [ -n "$(podman ps -q)" ]; }
none_runs || fail "a container goes on after its timeout"

# Cancelled: it ends.  We are killed: it ends too.
kfpc run b.kfp sleep >out 2>err &
kfpc=$!
wait_for one_runs
kill -TERM $kfpc
wait $kfpc && fail "a cancelled run succeeded"
none_runs || fail "a container goes on after it was cancelled"
kfpc run b.kfp sleep >out 2>err &
kfpc=$!
wait_for one_runs
kill -KILL $kfpc
wait $kfpc || true
wait_for none_runs
