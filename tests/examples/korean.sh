kfpc run "$srcdir/examples/korean/korean.kfp" --json >out
grep -q '"output":"세종 님, 안녕하세요!"' out
kfpc run "$srcdir/examples/korean/korean.kfp" --config friend --json >out
grep -q '"output":"철수아, 안녕!"' out
kfpc get @last/write_note.note -o note.md
grep -qx '철수아, 안녕! (철수)' note.md
# the name is too long for a note: that branch is not taken
kfpc run "$srcdir/examples/korean/korean.kfp" -p limit=3 --json >out
grep -q '"write_note":{"state":"skipped"' out
