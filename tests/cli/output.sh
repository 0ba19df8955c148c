# -o: what stands in the way is said, and what to do about it; a file that was there stays.
cat >p.kfp <<'KFP'
environment tools:
    packages = ["dill==0.3.9"]

component one() -> (n: int):
    environment = tools
    shell:
        echo 1 > "$n_path"

pipeline p():
    one()
KFP
mkdir folder "있는 폴더"
echo old >file

# says PATTERN COMMAND...: it ends with 4, and says that on one line of standard error.
says() {
	pattern=$1
	shift
	status=0
	"$@" >out 2>err || status=$?
	if [ $status -ne 4 ] || ! grep -qF -- "$pattern" err || [ -s out ] || [ "$(wc -l <err)" -ne 1 ]; then
		echo "$*: status $status, not with: $pattern"
		cat out err
		exit 1
	fi
}

for target in kfp:yaml argo:yaml dot:dot mermaid:mmd json:json; do
	export="kfpc export ${target%:*} p.kfp"
	name=p.${target#*:}
	says "'folder' is a folder: name a file in it, such as -o folder/$name" $export -o folder
	says "'있는 폴더' is a folder: name a file in it, such as -o 있는 폴더/$name" $export -o "있는 폴더"
	says "there is no folder 'no/such'; make it first, or name another" $export -o no/such/x
	says "what is before the last '/' is no folder" $export -o file/x
	says "'/dev/full' is not written: No space left on device; make room" $export -o /dev/full
	if $export -o "" 2>err; then exit 1; fi
	grep -q "name of a file, or - for" err
	status=0
	$export >/dev/full 2>err || status=$?
	[ $status -eq 4 ] && grep -q "No space left on device" err
	$export -o file && grep -q . file && ! grep -qx old file
done
says "such as -o folder/one.yaml" kfpc export component p.kfp one -o folder
says "such as -o folder/Containerfile" kfpc export image p.kfp tools -o folder
says "such as -o folder/p.kfpb" kfpc build p.kfp -o folder
says "such as -o folder/p.md" kfpc doc p.kfp --markdown -o folder
kfpc build p.kfp -o p.kfpb
says "such as -o folder/p.yaml" kfpc export kfp p.kfpb -o folder

# A folder that nobody may write to; root may all, but for what the kernel shows.
chmod 555 folder
where=folder
if [ "$(id -u)" = 0 ]; then where=/sys; fi
says "choose another place with -o" kfpc export kfp p.kfp -o $where/x.yaml

# A disk that is full: what was there stays, and no half of a file beside it.
if mkdir disk && mount -t tmpfs -o size=16k tmpfs disk 2>err; then
	trap 'umount disk' EXIT
	echo old >disk/p.yaml
	says "No space left on device; make room" kfpc export kfp p.kfp -o disk/p.yaml
	[ "$(cat disk/p.yaml)" = old ] && [ "$(ls -A disk)" = p.yaml ]
fi
