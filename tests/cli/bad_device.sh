# A component that makes a device as its output, or inside of it: refused, nothing is read.
. "$srcdir/tests/lib/bad.sh"
mknod probe c 1 5 2>/dev/null || skip "devices cannot be made here"

cat >d.kfp <<'KFP'
component writes_a_device() -> (data: Dataset):
    shell:
        mknod "$data_path" c 1 5

component holds_a_device() -> (data: Dataset):
    shell:
        mkdir "$data_path"
        mknod "$data_path/zero" c 1 5

component value_is_a_device() -> (text: str):
    shell:
        mknod "$text_path" c 1 5

pipeline p_device(): writes_a_device()
pipeline p_inside(): holds_a_device()
pipeline p_value(): value_is_a_device()
KFP

gives 3 kfpc run d.kfp p_device
says "cannot keep the output 'data': out/data: is a device"
gives 3 kfpc run d.kfp p_inside
says "cannot keep the output 'data': out/data/zero: is a device"
gives 3 kfpc run d.kfp p_value
says "output 'text': what lies at its path is not a plain file"
gives 0 kfpc fsck
