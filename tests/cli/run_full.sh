# A full disk: the tasks that need room fail and say so, the store stays sound.
fail() { echo "not as it should be: $*"; exit 1; }
mkdir small
mount -t tmpfs -o size=3m none small 2>/dev/null || { echo "cannot mount a small disk"; exit 77; }
trap 'umount -l small' EXIT

cat > full.kfp <<'KFP'
component fill(mib: int) -> (data: Dataset):
    shell:
        head -c ${mib}000000 /dev/zero > "$data_path"
component noisy():
    shell:
        head -c 20000000 /dev/zero
component ok() -> (n: int):
    shell:
        sleep 0.3
        echo 1 > "$n_path"
pipeline files():
    x = fill(mib=1)
    y = fill(mib=20)
    z = ok() with after=[x]
pipeline logs():
    x = noisy()
    z = ok()
KFP
for p in files logs; do
	got=0
	timeout 60 kfpc run full.kfp $p --store small/$p --json > out 2> err || got=$?
	[ $got = 3 ] || { cat out err; fail "status $got of $p"; }
	grep -q "No space left" out || { cat out; fail "no reason"; }
	kfpc fsck --store small/$p || fail "fsck of $p"
	kfpc show @last --store small/$p > out
	grep -q failed out || { cat out; fail "the run is not kept"; }
done
