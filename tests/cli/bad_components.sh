# Components whose outputs, inputs or processes are not as they should be; more of them stand
# in exec_bad.sh.
. "$srcdir/tests/lib/bad.sh"

cat >bad.kfp <<'KFP'
component makes() -> (data: Dataset[csv], dir: Dataset):
    shell:
        echo a,b > "$data_path"
        mkdir "$dir_path"
        echo one > "$dir_path/one"

component writes_a_socket() -> (data: Dataset):
    python:
        import os
        import socket
        os.chdir(os.path.dirname(data.path))
        socket.socket(socket.AF_UNIX).bind(os.path.basename(data.path))

component holds_a_pipe() -> (data: Dataset):
    shell:
        mkdir "$data_path"
        mkfifo "$data_path/pipe"

component holds_a_link() -> (data: Dataset):
    shell:
        mkdir "$data_path"
        ln -s /etc/passwd "$data_path/link"

component links_to_a_folder() -> (data: Dataset):
    shell:
        ln -s / "$data_path"

component value_is_a_link() -> (n: str):
    shell:
        ln -s /etc/passwd "$n_path"

component value_is_a_folder() -> (n: str):
    shell:
        mkdir "$n_path"

component value_is_a_pipe() -> (n: str):
    shell:
        mkfifo "$n_path"

component value_is_missing() -> (n: str):
    shell:
        true

component value_is_binary() -> (n: str):
    shell:
        printf 'a\377b' > "$n_path"

component value_has_nul() -> (n: str):
    shell:
        printf 'a\0b' > "$n_path"

component takes(text: str):
    shell:
        [ "$text" = ab ]

component value_is_no_number() -> (n: int):
    shell:
        echo one > "$n_path"

component changes_a_file(data: Dataset[csv]):
    shell:
        chmod u+w "$data_path" 2>/dev/null || true
        echo changed > "$data_path" || echo changed > "$data_path.new"
        mv -f "$data_path.new" "$data_path" 2>/dev/null || true
        grep changed "$data_path"

component changes_a_folder(dir: Dataset):
    shell:
        chmod -R u+w "$dir_path" 2>/dev/null || true
        echo changed > "$dir_path/one"
        echo more > "$dir_path/two"

component removes_a_folder(dir: Dataset):
    shell:
        chmod -R u+w "$dir_path" 2>/dev/null || true
        rm -r "$dir_path"

component same(data: Dataset[csv], dir: Dataset) -> (text: str):
    shell:
        cat "$data_path" "$dir_path"/* > "$text_path"

component reads_stdin() -> (text: str):
    shell:
        cat > "$text_path"
        echo end >> "$text_path"

component reads_stdin_python() -> (text: str):
    python:
        import sys
        text = sys.stdin.read() + "end"

component kills_itself():
    shell:
        kill -9 $$

component kills_its_group():
    shell:
        kill -9 0

component exits_255():
    shell:
        exit 255

component removes_its_folder() -> (n: int):
    shell:
        cd /; rm -rf "$(dirname "$n_path")"

pipeline p_socket(): writes_a_socket()
pipeline p_pipe_inside(): holds_a_pipe()
pipeline p_link_inside(): holds_a_link()
pipeline p_link(): links_to_a_folder()
pipeline p_value_link(): value_is_a_link()
pipeline p_value_folder(): value_is_a_folder()
pipeline p_value_pipe(): value_is_a_pipe()
pipeline p_value_missing(): value_is_missing()
pipeline p_value_binary(): value_is_binary()
pipeline p_value_nul():
    v = value_has_nul()
    takes(text=v.n)
pipeline p_value_word(): value_is_no_number()
pipeline p_killed(): kills_itself()
pipeline p_group(): kills_its_group()
pipeline p_exits(): exits_255()
pipeline p_removes(): removes_its_folder()

pipeline p_changes() -> str:
    m = makes()
    f = changes_a_file(data=m.data)
    d = changes_a_folder(dir=m.dir)
    r = removes_a_folder(dir=m.dir)
    s = same(data=m.data, dir=m.dir) with after=[f, d, r]
    return s.text

pipeline p_same() -> str:
    m = makes()
    s = same(data=m.data, dir=m.dir)
    return s.text

pipeline p_stdin() -> str:
    s = reads_stdin()
    t = reads_stdin_python()
    return s.text + t.text
KFP

# fails PIPELINE TEXT...: with exit status 3 and the reason, and the run says failed.
fails() {
	pipeline=$1; shift
	gives 3 kfpc run bad.kfp "$pipeline" --progress plain
	says "failed" "$@"
}

fails p_socket "socket"
fails p_pipe_inside "pipe"
fails p_link_inside "link"
fails p_link "link"
fails p_value_link "output 'n': what lies at its path is not a plain file"
fails p_value_folder "output 'n': what lies at its path is not a plain file"
fails p_value_pipe "output 'n': what lies at its path is not a plain file"
fails p_value_missing "output 'n': nothing was written to \$n_path"
fails p_value_binary "UTF-8"
fails p_value_nul "'text' holds a NUL byte"
fails p_value_word "output 'n': it is declared int, and its file holds 'one'"
fails p_killed "signal 9"
fails p_group "signal 9"
fails p_exits "255"
fails p_removes "'n'"

# What was committed stays as it was, whatever a task does to the input that it was given.
gives 3 kfpc run bad.kfp p_changes --progress plain
says "the task changed its input 'data'" "the task changed its input 'dir'"
gives 0 kfpc fsck
gives 0 kfpc run bad.kfp p_same --json
[ "$(json_of 'd["outputs"]["output"]')" = "a,b
one" ] || fail "the inputs are not what they were"
gives 0 kfpc get @-2/m.data -o was.csv
echo a,b | cmp - was.csv || fail "a committed artifact was changed"

gives 0 kfpc run bad.kfp p_stdin --json
[ "$(json_of 'repr(d["outputs"]["output"])')" = "'endend'" ] || fail "stdin"
gives 0 kfpc fsck
