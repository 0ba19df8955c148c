" Vim indent file: .kfp, pipelines for machine learning
" Blocks go deeper after ':', brackets hang by one level and close where their line began.  What a
" user has dedented stays: only he knows which block a line belongs to.  Contents of components and
" text in triple quotes are never moved.

if exists("b:did_indent")
  finish
endif
let b:did_indent = 1

setlocal indentexpr=GetKfpIndent(v:lnum)
setlocal indentkeys=!^F,o,O,0),0],0},0=elif,0=else,0=except,0=finally
setlocal nolisp autoindent
let b:undo_indent = "setl inde< indk< lisp< ai<"

if exists("*GetKfpIndent")
  finish
endif

let s:cpo_save = &cpo
set cpo&vim

" Lines that are looked at to find the bracket or block around one.
let s:far = 300

" The line without strings and its comment; what was in strings is blank.
function s:Bare(text)
  let text = substitute(a:text, '"\%([^"\\]\|\\.\)*"\|''\%([^''\\]\|\\.\)*''', '""', 'g')
  return substitute(text, '\s*#.*$', '', '')
endfunction

" The header of the code block that the line is in, or 0: walks back over what is deeper.
function s:CodeHeader(lnum)
  let least = getline(a:lnum) =~ '^\s*$' ? -1 : indent(a:lnum)
  let n = prevnonblank(a:lnum - 1)
  while n > 0
    let here = indent(n)
    if getline(n) =~ '^\s*\%(python\|shell\)\s*:\s*\%(#.*\)\=$' && (least < 0 || here < least)
      return n
    endif
    let least = least < 0 || here < least ? here : least
    if least == 0
      return 0
    endif
    let n = prevnonblank(n - 1)
  endwhile
  return 0
endfunction

" Does the line begin within a string in triple quotes?
function s:InText(lnum)
  let open = ''
  for n in range(max([1, a:lnum - s:far]), a:lnum - 1)
    let text = getline(n)
    let at = 0
    while 1
      let at = match(text, open == '' ? '\\.\|"""\|''''''\|"\%([^"\\]\|\\.\)*"\|''\%([^''\\]\|\\.\)*''\|#' : '\\.\|' . open, at)
      if at < 0 || (open == '' && text[at] == '#')
        break
      endif
      let three = strpart(text, at, 3)
      if open == '' && (three == '"""' || three == "'''")
        let open = three
        let at += 3
      elseif open != '' && three == open
        let open = ''
        let at += 3
      elseif text[at] == '\'
        let at += 2
      else
        let at = matchend(text, '"\%([^"\\]\|\\.\)*"\|''\%([^''\\]\|\\.\)*''', at)
      endif
    endwhile
  endfor
  return open != ''
endfunction

" The line whose bracket is open where the line begins, or 0.
function s:Opener(lnum)
  let depth = 0
  let n = prevnonblank(a:lnum - 1)
  while n > 0 && n > a:lnum - s:far
    let text = s:Bare(getline(n))
    for i in reverse(range(len(text)))
      if text[i] =~ '[])}]'
        let depth += 1
      elseif text[i] =~ '[[({]'
        if depth == 0
          return n
        endif
        let depth -= 1
      endif
    endfor
    if depth == 0 && indent(n) == 0 && text !~ '^[])}]'
      return 0
    endif
    let n = prevnonblank(n - 1)
  endwhile
  return 0
endfunction

" Where the logical line begins that n is a part of.
function s:Begin(lnum)
  let n = a:lnum
  let opener = s:Opener(n)
  while opener > 0
    let n = opener
    let opener = s:Opener(n)
  endwhile
  return n
endfunction

" The word that `else` and its like belong to, at most as deep as `column`.
function s:Partner(lnum, word, column)
  let partners = a:word == 'except' || a:word == 'finally' ? '\%(try\|except\)' : '\%(if\|elif\)'
  let n = prevnonblank(a:lnum - 1)
  let column = a:column
  while n > 0
    if indent(n) <= column && !s:CodeHeader(n)
      if getline(n) =~ '^\s*' . partners . '\>'
        return indent(n)
      endif
      let column = indent(n)
    endif
    let n = prevnonblank(n - 1)
  endwhile
  return -1
endfunction

function GetKfpIndent(lnum)
  let prev = prevnonblank(a:lnum - 1)
  let text = getline(a:lnum)
  let is_blank = text =~ '^\s*$'
  if prev == 0
    return is_blank ? 0 : -1
  endif
  if s:InText(a:lnum)
    return -1
  endif
  let header = s:CodeHeader(a:lnum)
  if header
    if !is_blank
      return -1
    endif
    return prev == header ? indent(header) + shiftwidth() : s:AfterCode(prev)
  endif

  let opener = s:Opener(a:lnum)
  if opener
    return indent(opener) + (text =~ '^\s*[])}]' ? 0 : shiftwidth())
  endif
  let begin = s:Begin(prev)
  let bare = s:Bare(getline(prev))
  if getline(prev) =~ '^\s*#'
    let wanted = indent(prev)
  elseif bare =~ ':$'
    let wanted = indent(begin) + shiftwidth()
  elseif getline(begin) =~ '^\s*\%(return\|pass\)\>'
    let wanted = max([0, indent(begin) - shiftwidth()])
  else
    let wanted = indent(begin)
  endif
  let word = matchstr(text, '^\s*\zs\%(elif\|else\|except\|finally\)\>')
  if word != ''
    let partner = s:Partner(a:lnum, word, min([wanted, max([0, indent(a:lnum)])]))
    let partner = partner < 0 ? s:Partner(a:lnum, word, wanted) : partner
    return partner < 0 ? -1 : partner
  endif
  " Less deep than it may be: the user knows.
  return !is_blank && indent(a:lnum) < wanted ? -1 : wanted
endfunction

" A new line within the contents of a component.
function s:AfterCode(prev)
  let bare = s:Bare(getline(a:prev))
  if bare =~ '[:([{]$'
    return indent(a:prev) + shiftwidth()
  elseif bare =~ '^\s*\%(return\|pass\|raise\|break\|continue\)\>'
    return indent(a:prev) - shiftwidth()
  endif
  return indent(a:prev)
endfunction

let &cpo = s:cpo_save
unlet s:cpo_save
