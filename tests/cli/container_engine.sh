# Which container engine is used and what it is told, with programs in place of engines.
. "$srcdir/tests/lib/bad.sh"
unset KFPC_CONTAINER_ENGINE CONTAINER_HOST DOCKER_HOST

cat >a.kfp <<'END'
environment box:
    image = "tool:1"
    env   = {"COLOUR": "blue", "HOME": "/root", "GOOGLE_TOKEN": secret("c", "token")}

component work(data: Dataset[csv]) -> (model: Model, n: int):
    environment = box
    resources:
        cpu_limit    = 1.5
        memory_limit = 64MiB
    container:
        command = ["train", "--in", data.path]
        args    = [model.path, n.path, "a b"]

component make() -> (data: Dataset[csv]):
    shell:
        echo 1 > "$data_path"

pipeline p():
    m = make()
    work(data=m)
END
export KFPC_SECRET_C_TOKEN=hush-hush

# An engine that writes down its words, does what its environment says, and writes outputs.
cat >engine <<'END'
#!/bin/sh
case "$1 $2" in
"--version "*) echo "$SAYS version 9.9" ;;
"info "*) echo "${INFO-false}"; [ -z "${DEAD-}" ] || { echo "$DEAD" >&2; exit 1; } ;;
"image exists") [ "$3" = "${HAS-}" ] ;;
"run "*)
	printf '%s\n' "$@" >"$LOG"
	env | sort >"$LOG.env"
	[ -z "${MESSAGE-}" ] || echo "$MESSAGE" >&2
	cd ..
	echo 5 >val/n
	echo m >out/model
	[ -z "${SLEEPS-}" ] || exec sleep 100
	exit "${STATUS-0}" ;;
"kill "* | "rm "*) echo "$@" >>"$LOG.ends" ;;
esac
END
chmod +x engine
mkdir podman_only docker_only both nothing
for tool in sh env sort printf cat sleep mkdir rm cut; do
	for d in podman_only docker_only both nothing; do
		ln -s "$(command -v $tool || echo /bin/$tool)" $d/$tool
	done
done
ln -s "$PWD/engine" podman_only/podman
ln -s "$PWD/engine" docker_only/docker
ln -s "$PWD/engine" both/podman
ln -s "$PWD/engine" both/docker
real_path=$PATH
kfpc=$(command -v kfpc)
export LOG="$PWD/words"

# run STATUS FOLDER-OF-PATH [NAME=VALUE]...
run() {
	want=$1 path=$PWD/$2
	shift 2
	PATH=$real_path gives "$want" env "$@" PATH="$path" "$kfpc" run a.kfp p
}
told() { for word; do grep -qxF -e "$word" words || fail "not told: $word"; done; }
not_told() { ! grep -qF -e "$1" words || fail "told: $1"; }

# None, and what does not answer.
run 3 nothing
says 'a container needs podman or docker, and neither is in PATH' 'apt-get install podman'
run 3 nothing KFPC_CONTAINER_ENGINE=nosuch
says "KFPC_CONTAINER_ENGINE names 'nosuch', and there is no such program"
run 3 docker_only SAYS=Docker DEAD="Cannot connect to the Docker daemon at unix:///x."
says 'docker is installed and does not work: Cannot connect to the Docker daemon' \
	'systemctl start docker'
run 3 docker_only SAYS=Docker DEAD="permission denied while trying to connect to the socket"
says "The group 'docker' may"
run 3 both SAYS=podman DEAD="cannot set up namespace"
says 'podman is installed and does not work: cannot set up namespace; ' '/docker is installed'

# podman, as root and without; what it is told.
run 0 podman_only SAYS=podman
told run --rm --user "$(id -u):$(id -g)" --cpus 1.500 --memory 67108864b --entrypoint train \
	docker.io/library/tool:1 --in /kfpc/in/data.csv /kfpc/out/model /kfpc/val/n 'a b' \
	--env COLOUR GOOGLE_TOKEN HOME=/root kfpc.task=work TMPDIR=/kfpc/work
grep -qE '^type=bind,source=.*/in,target=/kfpc/in,readonly$' words || fail "inputs may be changed"
grep -qE '^type=bind,source=.*/out,target=/kfpc/out$' words || fail "no outputs"
not_told hush
grep -qxF 'GOOGLE_TOKEN=hush-hush' words.env || fail "the secret is not handed on"
run 0 podman_only SAYS=podman INFO=true HAS=tool:1
told 0:0 tool:1

# docker; the first that answers; the one that is named.
run 0 docker_only SAYS=Docker INFO='[name=seccomp]'
told "$(id -u):$(id -g)" tool:1
run 0 docker_only SAYS=Docker INFO='[name=seccomp name=rootless]'
told 0:0
run 0 nothing SAYS=Docker KFPC_CONTAINER_ENGINE="$PWD/engine"
told tool:1

# How it ends.
run 3 podman_only SAYS=podman STATUS=7
says 'exit status 7'
run 3 podman_only SAYS=podman STATUS=125 MESSAGE='Error: no such image'
says "could not run the image 'tool:1': no such image"
run 3 docker_only SAYS=Docker STATUS=127 MESSAGE='docker: exec: "train": not found.'
says "the image 'tool:1' has no 'train': exec:"
run 3 docker_only SAYS=Docker STATUS=126 MESSAGE='docker: permission denied.'
says "'train' of the image 'tool:1' cannot be run: permission denied."
run 3 podman_only SAYS=podman STATUS=126
says 'exit status 126'
run 3 podman_only SAYS=podman STATUS=137
says 'ended by signal 9 (Killed): perhaps it ran out of memory, of which it has a limit'
run 3 podman_only SAYS=podman STATUS=139
says 'ended by signal 11'

# A client that is killed: its container is removed by name.
rm -f words.ends
sed -i 's/    work(data=m)/    work(data=m) with timeout=1s/' a.kfp
run 3 podman_only SAYS=podman SLEEPS=1
says 'longer than its timeout'
grep -qE '^kill kfpc-.*-work-[0-9a-f]{8}-1$' words.ends || fail "it was not killed"
grep -qE '^rm -f kfpc-.*-work-[0-9a-f]{8}-1$' words.ends || fail "it was not removed"
