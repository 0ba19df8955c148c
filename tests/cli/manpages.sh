# The manual pages that the build made: well-formed, and nothing of the command is left out.
build=$(dirname "$(readlink -f "$(command -v kfpc)")")
[ -e "$build/doc/kfpc.1" ] || { echo "this build made no manual pages"; exit 77; }
fail() {
	echo "$1"
	status=1
}
status=0

for page in kfpc.1 kfp.5; do
	cp "$build/doc/$page" .
	mandoc -T utf8 -O width=78 $page | col -b >$page.txt
	grep -q 'kfpc manual' $page.txt || fail "$page has no head"
	# Long lines and the missing date are meant.
	mandoc -T lint -W warning $page | grep -v 'missing date' && fail "$page is not well-formed"
	grep -n '```\|^ *|\|\](' $page.txt && fail "$page has Markdown in it"
done
kfpc --help | sed -n 's/^  \([a-z]*\) .*/\1/p' >verbs
[ "$(wc -l <verbs)" -gt 15 ] || fail "kfpc --help lists no commands"
while read -r verb; do
	grep -q "^   kfpc $verb" kfpc.1.txt || fail "kfpc.1 does not have '$verb'"
	kfpc "$verb" --help | grep -o '^  *\(-., \)\?--[a-z-]*' | grep -v -e --help >options || :
	while read -r option; do
		grep -q -F -e "$option" kfpc.1.txt || fail "kfpc.1 does not have '$option' of $verb"
	done <options
done <verbs
grep -q '^EXIT STATUS' kfpc.1.txt || fail "kfpc.1 does not tell the exit status"
grep -q 'component square(x: int) -> (y: int):' kfp.5.txt || fail "kfp.5 has no example"
exit $status
