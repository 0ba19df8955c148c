# Completion of kfpc for fish: kfpc completion fish | source
function __kfpc_candidates
	set -l words (commandline -opc) (commandline -ct)
	for line in ($words[1] completion candidates -- $words[2..] 2>/dev/null)
		switch $line
			case ':folders'
				__fish_complete_directories (commandline -ct)
			case ':*'
				__fish_complete_path (commandline -ct)
			case '*'
				echo $line
		end
	end
end
complete -c kfpc -f -a '(__kfpc_candidates)'
