# Completion of kfpc for bash: source <(kfpc completion bash)
_kfpc() {
	local line=${COMP_LINE:0:COMP_POINT} words word about before
	read -ra words <<<"$line"
	case $line in
	*[[:space:]]) words+=("") ;;
	esac
	# bash breaks words at '=', ':' and '@' too, and replaces only what is behind.
	before=${words[-1]%"${COMP_WORDS[COMP_CWORD]}"}
	[ "${COMP_WORDS[COMP_CWORD]}" = = ] && before=${words[-1]}
	COMPREPLY=()
	while IFS=$'\t' read -r word about; do
		case $word in
		:folders) compopt -o filenames && mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(
			compgen -d -- "${words[-1]#"$before"}") ;;
		:*) compopt -o filenames && mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(
			compgen -f -- "${words[-1]#"$before"}") ;;
		*[=/]) compopt -o nospace && COMPREPLY+=("${word#"$before"}") ;;
		*) COMPREPLY+=("${word#"$before"}") ;;
		esac
	done < <("${words[0]}" completion candidates -- "${words[@]:1}" 2>/dev/null)
}
complete -F _kfpc kfpc
