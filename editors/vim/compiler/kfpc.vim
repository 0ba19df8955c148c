" Vim compiler file: `:make` checks the file, its errors go to the quickfix list.

if exists("current_compiler")
  finish
endif
let current_compiler = "kfpc"

let s:cpo_save = &cpo
set cpo&vim

CompilerSet makeprg=kfpc\ check\ %:S
" A message, then the line with its place; the text and carets below it are passed over.
CompilerSet errorformat=%Eerror\ %m,%Wwarning\ %m,%-Z%.%#error:\ %.%#,%Z\ %#-->\ %f:%l:%c,%-G%.%#

let &cpo = s:cpo_save
unlet s:cpo_save
