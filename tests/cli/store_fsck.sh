# kfpc fsck: clean stores are clean, and each kind of damage is found and named.
make="$builddir/tests/unit/store_fixture"
fail() { echo "not as it should be: $*"; exit 1; }
has() { grep -qF -e "$1" out || { cat out err; fail "no '$1'"; }; }
status() {
	want=$1; shift
	got=0
	"$@" > out 2> err || got=$?
	[ $got = $want ] || { cat out err; fail "status $got, not $want: $*"; }
}
fresh() {
	chmod -R u+w .kfpc 2>/dev/null || true
	rm -rf .kfpc
	"$make" .kfpc > ids
	good=$(sed -n 1p ids)
	run=.kfpc/runs/$good
}
blob() {	# the file that holds exactly these bytes
	grep -lrxF -e "$1" .kfpc/cas | head -n 1
}
unset KFPC_STORE

fresh
status 0 kfpc fsck
has "is lost: its kfpc ended before the run did"
has "clean"
mkdir below
( cd below; status 0 kfpc fsck; has clean )
status 0 kfpc fsck --store .kfpc --json
python3 -c 'import json; [json.loads(l) for l in open("out")]'

file=$(blob weights); chmod u+w $file; printf 'WEIGHTS' > $file
status 1 kfpc fsck
has "is damaged: its bytes have the digest"
has "train.model is damaged"

fresh; rm -f "$(blob 3,4)"
status 1 kfpc fsck
has "load.data/나.csv is lost"

fresh; rm -f "$(blob 'def fit(): ...')"
status 1 kfpc fsck
has "the code in the manifest of train.model is lost"

fresh; echo x > .kfpc/cas/sha256/readme
status 1 kfpc fsck
fresh; mkdir -p .kfpc/cas/sha256/zz; echo x > .kfpc/cas/sha256/zz/readme
status 1 kfpc fsck
has "is not a blob"

fresh; sed -i 's/rbf/RBF/' $run/journal
status 1 kfpc fsck
has "is not what was written"
status 0 kfpc show $good
has "damage"
rm .kfpc/index.db
status 0 kfpc runs
has "damaged"

fresh; sed -i 3d $run/journal
status 1 kfpc fsck
has "record 3 is missing"

fresh; sed -i '$d' $run/journal
status 1 kfpc fsck
has "the journal does not say that the run ended"

fresh; sed -i 's/succeeded/failed/' $run/DONE
status 1 kfpc fsck
has "DONE says 'failed'"

fresh; echo '{' > $run/run.json
status 1 kfpc fsck
has "run.json"
status 0 kfpc runs

fresh; sed -i 's/"value":0.5/"value":0.4/' $run/metrics
status 1 kfpc fsck
has "metrics"

# A tail that was never committed, of a run that was cut off, is no damage.
fresh; lost=$(sed -n 3p ids); printf '{"t":1,"n":2,"ev' >> .kfpc/runs/$lost/journal
status 0 kfpc fsck
has clean
rm -f .kfpc/index.db; echo rubbish > .kfpc/index.db
status 0 kfpc fsck

echo 'kfpc store 7' > .kfpc/FORMAT
status 4 kfpc fsck
rm .kfpc/FORMAT
status 4 kfpc fsck
status 4 kfpc fsck --store nowhere
status 2 kfpc fsck more

# A store that cannot be written can be read.
fresh
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	unshare -m sh -eu -c '
		mount --bind .kfpc .kfpc && mount -o remount,bind,ro .kfpc
		kfpc runs && kfpc show @-3 && kfpc artifacts @-3 && kfpc fsck
		! "$1" .kfpc' sh "$make" > out 2> err || { cat out err; fail "a read-only store"; }
	has clean
	has "cannot be written: Read-only file system"
fi
chmod -R u+w .kfpc
