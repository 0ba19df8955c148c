# Modules: where they are looked for, the standard library, digests, a module that travels.
fail() { echo "not as it should be: $*"; exit 1; }
has() { grep -qF -e "$2" "$1" || { cat "$1"; fail "no '$2' in $1"; }; }
hasnt() { ! grep -qF -e "$2" "$1" || { cat "$1"; fail "'$2' in $1"; }; }
status() {
	want=$1; shift
	got=0
	"$@" > out 2> err || got=$?
	[ $got = $want ] || { cat out err; fail "status $got, not $want: $*"; }
}
# constant FOLDER WHERE: a module parts.place in the folder
constant() { mkdir -p "$1/parts"; echo "const WHERE = \"$2\"" > "$1/parts/place.kfp"; }

mkdir -p app one "two folder"
cat > app/main.kfp <<'KFP'
from parts.place import WHERE

pipeline p() -> str:
    return WHERE
KFP
answer() { # answer TEXT COMMAND...
	text=$1; shift
	status 0 "$@" --progress quiet --json
	has out "\"output\":\"$text\""
}

# nowhere: all folders that were looked in
status 1 kfpc check app/main.kfp
has err "E0601: there is no module 'parts.place'"
has err "looked for parts/place.kfp in app (the folder of this file)"
has err "-I and KFPC_PATH name more folders"
export KFPC_PATH="::$PWD/none:two folder:"
status 1 kfpc check app/main.kfp -I one --include=three
has err "and in one (-I)"
has err "and in three (-I)"
has err "and in $PWD/none (KFPC_PATH)"
has err "and in two folder (KFPC_PATH)"
hasnt err "name more folders"
mkdir -p one/parts
echo 'const WHERE = "x"' > one/parts/plaec.kfp
status 1 kfpc check app/main.kfp -I one
has err "did you mean 'parts.plaec'?"

# KFPC_PATH, then -I in order, then beside the file
constant "two folder" path
answer path kfpc run app/main.kfp
constant one one
answer one kfpc run -I one app/main.kfp
constant three three
answer three kfpc run -I three -I one app/main.kfp
constant app beside
answer beside kfpc run -I three app/main.kfp
for verb in check build dis config; do status 0 kfpc $verb app/main.kfp -I one; done
rm -r app/parts
for verb in check build dis config; do status 0 kfpc $verb app/main.kfp -I one; done
status 2 kfpc check app/main.kfp -I
has err "needs a value"

# what is there and no file is said, and ends the search
mkdir -p app/parts/place.kfp
status 1 kfpc check app/main.kfp -I one
has err "cannot import: app/parts/place.kfp: Is a directory"
rm -r app/parts

# a chain over the path, the module's names for its files
cat > one/parts/outer.kfp <<'KFP'
import "inner/deep.kfp" as deep
from parts.place import WHERE

const BOTH = WHERE + deep.DEEP
KFP
mkdir -p one/parts/inner
echo 'const DEEP = "+deep"' > one/parts/inner/deep.kfp
cat > app/chain.kfp <<'KFP'
from parts.outer import BOTH

pipeline p() -> str:
    return BOTH
KFP
answer one+deep kfpc run -I "$PWD/one" app/chain.kfp
status 0 kfpc dis -I "$PWD/one" app/chain.kfp
has out "file 0 chain.kfp"
has out "file 1 parts/outer.kfp, sha256 $(sha256sum one/parts/outer.kfp | cut -c 1-16)"
has out "file 2 parts/inner/deep.kfp, sha256 $(sha256sum one/parts/inner/deep.kfp | cut -c 1-16)"
has out "file 3 parts/place.kfp, sha256"
hasnt out "$PWD"
# so the same module wherever the folder lies
status 0 kfpc build -I "$PWD/one" app/chain.kfp -o here.kfpb
mv one elsewhere
status 0 kfpc build -I ./elsewhere app/chain.kfp -o there.kfpb
cmp here.kfpb there.kfpb

# a circle over the path shows its whole chain
echo 'from parts.outer import BOTH' > elsewhere/parts/inner/deep.kfp
status 1 kfpc check app/chain.kfp -I elsewhere
has err "E0602: 'elsewhere/parts/outer.kfp' imports itself through other files"
has err "'elsewhere/parts/inner/deep.kfp' is imported here"

# one file on two ways is one file: its types are the same
mkdir -p shape
echo 'enum Kind: a, b' > shape/kinds.kfp
printf 'from shape.kinds import Kind\nconst A = Kind.a\n' > left.kfp
printf 'import "shape/../shape/kinds.kfp" as kinds\nconst A = kinds.Kind.a\n' > right.kfp
cat > both.kfp <<'KFP'
import left
import right

pipeline p() -> bool:
    return left.A == right.A
KFP
status 0 kfpc run both.kfp --progress quiet --json
has out '"output":true'

# std is the library, whatever lies beside the program
mkdir -p std
echo 'const MINE = 1' > std/data.kfp
cat > lib.kfp <<'KFP'
from std.data import checksum
import "std/data.kfp" as mine

component make() -> (file: Artifact):
    shell:
        printf 'one\n' > "$file_path"

pipeline p(n: int = mine.MINE) -> str:
    m = make()
    c = checksum(data=m)
    return f"{n} {c}"
KFP
want="1 $(printf 'one\n' | sha256sum | cut -c 1-64)"
answer "$want" kfpc run lib.kfp
status 0 kfpc dis lib.kfp
[ $(grep -c "^file . std/data.kfp, sha256" out) = 2 ] || { cat out; fail "not two files of that name"; }

# a compiled module needs no source
status 0 kfpc build lib.kfp -o lib.kfpb
mkdir away
mv lib.kfpb away
(cd away && env -u KFPC_PATH kfpvm lib.kfpb --store "$PWD/store" --json > ../out)
has out "$want"

# KFPC_STDLIB is another library, and the whole of it
mkdir -p other/std
echo 'const NEW = "new"' > other/std/fresh.kfp
printf 'from std.fresh import NEW\nfrom std.data import checksum\nconst A = NEW\n' > new.kfp
status 1 kfpc check new.kfp
has err "the standard library has no 'std.fresh'"
export KFPC_STDLIB=$PWD/other
status 1 kfpc check new.kfp
hasnt err "std.fresh"
has err "the standard library has no 'std.data'"
has err "it was looked for in $PWD/other (KFPC_STDLIB)"
sed -i 2d new.kfp
status 0 kfpc check new.kfp
echo 'const NEW = oops' > other/std/fresh.kfp
status 1 kfpc check new.kfp
has err " --> std/fresh.kfp:1:13"
