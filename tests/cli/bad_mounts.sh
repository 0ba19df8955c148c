# Disks that are full or mounted read-only: the run says so, and what was committed stays.
. "$srcdir/tests/lib/bad.sh"
unshare -m true 2>/dev/null || skip "no file system can be mounted here"
unset KFPC_STORE
store=$PWD/store

cat >d.kfp <<'KFP'
component small(n: int) -> (data: Dataset):
    shell:
        echo "$n" > "$data_path"

component large(n: int, mib: int = 1) -> (data: Dataset):
    shell:
        head -c "${mib}M" /dev/zero > "$data_path"
        echo "$n" >> "$data_path"

component loud(mib: int = 1):
    shell:
        head -c "${mib}M" /dev/zero | tr '\0' x

pipeline p_small():
    s = small(n=1)

pipeline p_fills():
    s = small(n=2)
    a = large(n=1) with after=[s]
    b = large(n=2) with after=[a]
    c = large(n=3) with after=[b]
    d = large(n=4) with after=[c]
    e = large(n=5) with after=[d]
    f = large(n=6) with after=[e]

pipeline p_loud():
    s = small(n=3)
    l = loud(mib=50) with after=[s]
KFP

gives 0 kfpc run d.kfp p_small --store "$store"
cat >read_only.sh <<'SH'
mount --bind ro ro
mount -o remount,bind,ro ro
status=0
( cd ro; kfpc run ../d.kfp p_small ) || status=$?
[ $status = 4 ]
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
kfpc runs --store "$1" && kfpc get @last/s.data -o kept --store "$1" && kfpc fsck --store "$1"
status=0
kfpc run d.kfp p_small --store "$1" || status=$?
[ $status = 4 ]
SH
mkdir ro
gives 0 unshare -m sh -eu read_only.sh "$store"
says "Read-only file system"
[ "$(cat kept)" = 1 ] || fail "not what was kept"

# 5 MiB hold some of six artifacts.
cat >full.sh <<'SH'
mkdir disk
mount -t tmpfs -o size=5m none disk
head -c 200k /dev/zero >disk/room	# to be had back later
export TMPDIR=$PWD/disk
kfpc run d.kfp p_small --store disk/.kfpc
status=0
kfpc run d.kfp p_fills --store disk/.kfpc --json >result 2>said || status=$?
[ $status = 3 ] || [ $status = 4 ] || exit 1
grep -q "No space left on device" said
kfpc runs --store disk/.kfpc
kfpc artifacts @last --store disk/.kfpc
kfpc get @last/s.data -o two --store disk/.kfpc
kfpc get @last/a.data -o big --store disk/.kfpc
status=0
kfpc run d.kfp p_loud --store disk/.kfpc 2>said || status=$?
[ $status = 3 ] || [ $status = 4 ] || exit 2
grep -q "No space left on device" said
cat /dev/zero >disk/rest 2>/dev/null || true
status=0
kfpc run d.kfp p_small --store disk/.kfpc 2>said || status=$?
[ $status = 3 ] || [ $status = 4 ] || exit 3
grep -q "No space left on device" said
kfpc get @-2/s.data -o one --store disk/.kfpc || true
kfpc runs --store disk/.kfpc
kfpc fsck --store disk/.kfpc
rm disk/rest disk/room
rm -f disk/.kfpc/index.db*
kfpc fsck --store disk/.kfpc
kfpc run d.kfp p_small --store disk/.kfpc
status=0
mkdir other
mount -t tmpfs -o size=200k none other
cat /dev/zero >other/rest 2>/dev/null || true
kfpc run d.kfp p_small --store other/.kfpc 2>said || status=$?
[ $status = 4 ] || exit 4
grep -q "No space left on device" said
kfpc build d.kfp -o other/d.kfpb 2>said && exit 5
grep -q "No space left on device" said
SH
gives 0 unshare -m sh -eux full.sh
[ "$(cat two)" = 2 ] || fail "a committed artifact was lost"
[ "$(tail -c 2 big)" = 1 ] || fail "a committed artifact is cut"
