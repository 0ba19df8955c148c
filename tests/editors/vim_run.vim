" Works through the jobs in $JOBS, a JSON list, and writes what came out to $RESULTS.
" {"do": "stacks", "file", "places": [[line, column]...]}: the syntax groups at each, outermost first
" {"do": "indent", "file"}: the lines after they were all indented anew
" {"do": "type", "file", "line", "keys"}: the lines after keys were typed in that line
" {"do": "make", "file"}: the entries of the quickfix list, and the options of the buffer

function Stacks(job)
  return map(copy(a:job.places), {_, p -> map(synstack(p[0], p[1]), {_, id -> synIDattr(id, 'name')})})
endfunction

function Indent(job)
  silent normal! gg=G
  return getline(1, '$')
endfunction

function Type(job)
  exe a:job.line
  silent exe 'normal ' . substitute(substitute(a:job.keys, '<CR>', "\<CR>", 'g'), '<Esc>', "\<Esc>", 'g')
  return getline(1, '$')
endfunction

function Make(job)
  silent! make!
  let found = map(filter(getqflist(), {_, e -> e.valid}),
        \ {_, e -> [bufname(e.bufnr), e.lnum, e.col, e.type, e.text]})
  return {'found': found, 'filetype': &filetype, 'makeprg': &makeprg, 'comments': &commentstring,
        \ 'expandtab': &expandtab, 'sw': &shiftwidth}
endfunction

set nomore
let g:results = []
for job in json_decode(join(readfile($JOBS), "\n"))
  exe 'silent edit! ' . fnameescape(job.file)
  call add(g:results, {'stacks': function('Stacks'), 'indent': function('Indent'),
        \ 'type': function('Type'), 'make': function('Make')}[job.do](job))
  silent! bwipeout!
endfor
call writefile([json_encode(g:results)], $RESULTS)
qall!
