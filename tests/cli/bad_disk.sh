# Stores and folders that cannot be made, written or read.
. "$srcdir/tests/lib/bad.sh"

cat >d.kfp <<'KFP'
component small(n: int) -> (data: Dataset):
    shell:
        echo "$n" > "$data_path"

pipeline p_small():
    s = small(n=1)
KFP

# A folder in which nothing can be made.  Root may write everywhere until it gives that up.
unset KFPC_STORE
store=$PWD/store
plain=
[ "$(id -u)" != 0 ] || plain="setpriv --bounding-set=-all --inh-caps=-all"
mkdir closed
cp d.kfp closed
chmod 555 closed
$plain true 2>/dev/null || skip "setpriv is missing, and root may write everywhere"
gives 4 $plain sh -c 'cd closed && exec kfpc run d.kfp p_small'
says "Permission denied"
gives 0 $plain sh -c 'cd closed && exec kfpc check d.kfp'
gives 4 $plain sh -c 'cd closed && exec kfpc build d.kfp'
says "Permission denied"
gives 4 $plain sh -c 'cd closed && exec kfpc runs'
gives 0 $plain sh -c 'cd closed && exec kfpc run d.kfp p_small --store ../elsewhere'
gives 0 $plain kfpc fsck --store elsewhere
chmod -R a-w elsewhere
gives 4 $plain kfpc run d.kfp p_small --store elsewhere
says "Permission denied"
gives 0 $plain kfpc get @last/s.data -o from_closed --store elsewhere
chmod -R u+w elsewhere
chmod 000 closed/d.kfp
gives 4 $plain kfpc check closed/d.kfp
says "Permission denied"
gives 4 kfpc run d.kfp p_small --store /proc/store
says "/proc/store"
gives 4 kfpc run d.kfp p_small --store d.kfp
says "d.kfp"
gives 4 kfpc run d.kfp p_small --store "$(printf 'x/%.0s' $(seq 3000))"
says "File name too long"
gives 4 kfpc runs --store nowhere
says "nowhere"
: >.kfpc
gives 4 kfpc run d.kfp p_small
rm .kfpc
