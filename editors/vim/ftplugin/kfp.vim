" Vim filetype plugin: .kfp, pipelines for machine learning

if exists("b:did_ftplugin")
  finish
endif
let b:did_ftplugin = 1

let s:cpo_save = &cpo
set cpo&vim

setlocal comments=b:##,b:# commentstring=#\ %s
setlocal formatoptions-=t formatoptions-=o formatoptions+=crql
setlocal expandtab shiftwidth=4 softtabstop=4 tabstop=8
setlocal suffixesadd=.kfp
setlocal include=^\\s*\\%(from\\\|import\\)\\s
setlocal includeexpr=substitute(v:fname,'\\.','/','g')
setlocal define=^\\s*\\%(component\\\|pipeline\\\|environment\\\|enum\\\|struct\\\|type\\\|artifact\\\|config\\\|const\\\|schedule\\\|def\\)\\s
compiler kfpc

let b:undo_ftplugin = "setl com< cms< fo< et< sw< sts< ts< sua< inc< inex< def< mp< efm<"

let &cpo = s:cpo_save
unlet s:cpo_save
