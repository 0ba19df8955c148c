#compdef kfpc
# Completion of kfpc for zsh: source <(kfpc completion zsh)
_kfpc() {
	local line word
	local -a found open
	for line in "${(@f)$(${words[1]} completion candidates -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
		word=${line%%$'\t'*}
		case $word in
		"") ;;
		:folders) _files -/ ;;
		:programs) _files -g '*.kfp(|b)' ;;
		:*) _files ;;
		*=) open+=("${word//:/\\:}:${line#*$'\t'}") ;;
		*) found+=("${word//:/\\:}:${line#*$'\t'}") ;;
		esac
	done
	((${#found})) && _describe kfpc found
	((${#open})) && _describe kfpc open -S ''
	return 0
}
compdef _kfpc kfpc
