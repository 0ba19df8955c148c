" Vim syntax file: .kfp, pipelines for machine learning
" The words here are the compiler's; tests/editors compares them.

if exists("b:current_syntax")
  finish
endif

let s:cpo_save = &cpo
set cpo&vim

" Python and shell, for the contents of components.
syn include @kfpPythonCode syntax/python.vim
unlet! b:current_syntax
let s:had_posix = exists("b:is_posix")
if !s:had_posix && !exists("b:is_bash") && !exists("b:is_kornshell")
  let b:is_posix = 1
endif
syn include @kfpShellCode syntax/sh.vim
unlet! b:current_syntax

syn case match
syn sync clear
syn sync fromstart
syn spell default
setlocal iskeyword<

" Names, operators and what is between; the last that fits wins.
syn match kfpOperator "[-+*/%<>=!?]\|->"
syn match kfpIllegal "[;@&^~$`|\\]\|!=\@!"
syn match kfpConstantName "\<\u[A-Z0-9_]\+\>"
syn match kfpTypeName "\<\u\w*\l\w*\>\|\<\u\>"
syn match kfpCall "\<[a-z_]\w*\ze\s*("
syn match kfpBuiltin "\<\%(abs\|all\|any\|argmax\|argmin\|collect\|enumerate\|len\|load\|max\|min\|range\|round\|secret\|sorted\|sum\|zip\)\ze\s*("
syn match kfpType "\<\%(int\|float\|bool\|str\|list\|dict\)\>"
syn match kfpType "\%(:\s*\|->\s*\|\[\)\@<=\<\%(duration\|json\|size\)\>\|\<\%(duration\|json\|size\)\ze("
syn match kfpType "\<\%(Artifact\|ClassificationMetrics\|Dataset\|HTML\|Markdown\|Metric\|Metrics\|Model\|Series\|SlicedClassificationMetrics\)\>"
syn match kfpSpecial "\<\%(run\|task\)\ze\.\%(id\|name\|started\|state\|error\)\>"
syn match kfpSwitch "\%(=\s*\)\@<=\%(on\|off\|stop\)\ze\s*\%($\|[,#]\)"
syn match kfpField "\.\@<=\s*\h\w*"

" Words that are words everywhere.
syn keyword kfpFlow if elif else for try except finally return assert pass
syn keyword kfpImport import from as
syn keyword kfpWith with where
syn keyword kfpDef def nextgroup=kfpName skipwhite
syn keyword kfpWordOperator and or not in is
syn keyword kfpConstant None True False
syn keyword kfpReserved async await break class continue del global lambda nonlocal raise while yield

" Words that only begin a line, with a name next.
syn match kfpDeclare "^\s*\zs\%(component\|pipeline\|environment\|config\|const\|schedule\|stub\)\ze\s\+\h" nextgroup=kfpName skipwhite
syn match kfpDeclare "^\s*\zs\%(struct\|type\|artifact\)\ze\s\+\h" nextgroup=kfpTypeDeclared skipwhite
syn match kfpDeclare "^\s*\zstest\ze\s*[fFrR]\=[\"']"
syn match kfpName "\h\w*" contained
syn match kfpTypeDeclared "\h\w*" contained
syn match kfpName "\%(^\s*\%(config\|schedule\)\s.*\sfor\s\+\)\@<=\h\w*\%(\.\h\w*\)*"

" Settings, groups of them, and what is bound.
syn match kfpBound "^\s*\zs\h\w*\ze\s*\%(=\%([^=]\|$\)\|:\s*\h\)"
syn match kfpSetting "\.\@<!\<\%(after\|args\|backoff\|cache\|command\|concurrency\|config\|cpu\|cpu_limit\|cron\|display_name\|env\|environment\|execute\|gpu\|gpu_type\|image\|labels\|memory\|memory_limit\|native\|notebook\|on_failure\|packages\|parallelism\|pip_index_urls\|python\|requirements\|retries\|timeout\|timezone\|trusted\|ttl\)\ze\s*=\%([^=]\|$\)"
syn match kfpGroup "^\s*\zs\h\w*\%(\.\h\w*\)*\ze\s*:\s*\%(#.*\)\=$"

" Numbers; with an unknown unit they are none.
syn match kfpNumberError "\<\d\w*\%(\.\w\+\)*"
syn match kfpNumber "\<\%([1-9]\%(_\?\d\)*\|0\%(_\?0\)*\)\>\.\@!"
syn match kfpNumber "\<0[xX]\%(_\?\x\)\+\>\|\<0[oO]\%(_\?\o\)\+\>\|\<0[bB]\%(_\?[01]\)\+\>"
syn match kfpFloat "\<\d\%(_\?\d\)*\.\%(\d\%(_\?\d\)*\)\?\%([eE][-+]\?\d\%(_\?\d\)*\)\?\w\@!"
syn match kfpFloat "\w\@<!\.\d\%(_\?\d\)*\%([eE][-+]\?\d\%(_\?\d\)*\)\?\>"
syn match kfpFloat "\<\d\%(_\?\d\)*[eE][-+]\?\d\%(_\?\d\)*\>"
syn match kfpDuration "\<\d\@=\%(\d\%(_\?\d\)*d\)\?\%(\d\%(_\?\d\)*h\)\?\%(\d\%(_\?\d\)*m\)\?\%(\d\%(_\?\d\)*s\)\?\w\@!\%(\d\)\@<!"
syn match kfpSize "\<\d\%(_\?\d\)*\%(B\|kB\|MB\|GB\|TB\|PB\|KiB\|MiB\|GiB\|TiB\|PiB\)\>"

" Brackets.  A declaration at the margin, or a code block, shows that one was never closed.
syn cluster kfpExpression contains=kfpOperator,kfpIllegal,kfpConstantName,kfpTypeName,kfpCall,kfpBuiltin,kfpType,kfpSpecial,kfpField,kfpFlow,kfpImport,kfpWith,kfpWordOperator,kfpConstant,kfpReserved,kfpNumberError,kfpNumber,kfpFloat,kfpDuration,kfpSize,kfpArguments,kfpList,kfpDict,kfpString,kfpComment,kfpDoc
let s:unclosed = 'end="^\ze\%(component\|pipeline\|environment\|enum\|struct\|type\|artifact\|config\|const\|schedule\|def\|import\|from\)\s\+[A-Za-z_\"]"'
      \ . ' end="^\zetest\s\+[\"''fFrR]" end="^\ze\s*\%(python\|shell\)\s*:\s*\%(#.*\)\=$"'
exe 'syn region kfpArguments matchgroup=kfpBracket start="(" end=")" ' . s:unclosed . ' contains=@kfpExpression,kfpParameter'
exe 'syn region kfpList matchgroup=kfpBracket start="\[" end="\]" ' . s:unclosed . ' contains=@kfpExpression'
exe 'syn region kfpDict matchgroup=kfpBracket start="{" end="}" ' . s:unclosed . ' contains=@kfpExpression'
syn match kfpParameter "\%([(,]\s*\|^\s*\)\@<=\h\w*\ze\s*\%(:\|=\%([^=]\|$\)\)" contained
unlet s:unclosed

" Enums: all that is deeper are members.
syn region kfpEnum matchgroup=kfpDeclare start="^\z(\s*\)enum\ze\s\+\h" end="^\%(\z1\s\+\S\|\s*$\)\@!\s*\S"me=s-1,re=s-1 contains=kfpEnumName,kfpMember,kfpOperator,@kfpStrings,kfpComment,kfpDoc keepend
syn match kfpMember "\h\w*" contained
syn match kfpEnumName "\%(^\s*enum\s\+\)\@<=\h\w*" contained

" Strings.
syn cluster kfpStrings contains=kfpString
syn region kfpString matchgroup=kfpQuotes start=+"+ skip=+\\.+ end=+"+ end=+$+ contains=kfpEscape,kfpEscapeError,@Spell
syn region kfpString matchgroup=kfpQuotes start=+'+ skip=+\\.+ end=+'+ end=+$+ contains=kfpEscape,kfpEscapeError,@Spell
syn region kfpString matchgroup=kfpQuotes start=+"""+ skip=+\\.+ end=+"""+ contains=kfpEscape,kfpEscapeError,@Spell
syn region kfpString matchgroup=kfpQuotes start=+'''+ skip=+\\.+ end=+'''+ contains=kfpEscape,kfpEscapeError,@Spell
syn region kfpString matchgroup=kfpQuotes start=+\<[rR]"+ skip=+\\.+ end=+"+ end=+$+ contains=@Spell
syn region kfpString matchgroup=kfpQuotes start=+\<[rR]'+ skip=+\\.+ end=+'+ end=+$+ contains=@Spell
syn region kfpString matchgroup=kfpQuotes start=+\<[rR]"""+ skip=+\\.+ end=+"""+ contains=@Spell
syn region kfpString matchgroup=kfpQuotes start=+\<[rR]'''+ skip=+\\.+ end=+'''+ contains=@Spell
syn region kfpString matchgroup=kfpQuotes start=+\<[fF]"+ skip=+\\.+ end=+"+ end=+$+ contains=kfpEscape,kfpEscapeError,kfpBraces,kfpInserted,@Spell
syn region kfpString matchgroup=kfpQuotes start=+\<[fF]'+ skip=+\\.+ end=+'+ end=+$+ contains=kfpEscape,kfpEscapeError,kfpBraces,kfpInserted,@Spell
syn region kfpString matchgroup=kfpQuotes start=+\<[fF]"""+ skip=+\\.+ end=+"""+ contains=kfpEscape,kfpEscapeError,kfpBraces,kfpInsertedLines,@Spell
syn region kfpString matchgroup=kfpQuotes start=+\<[fF]'''+ skip=+\\.+ end=+'''+ contains=kfpEscape,kfpEscapeError,kfpBraces,kfpInsertedLines,@Spell
syn match kfpEscapeError +\\.+ contained
syn match kfpEscape +\\[nt\\"'r0]\|\\x\x\{2}\|\\u\x\{4}\|\\U\x\{8}+ contained
syn region kfpInserted matchgroup=kfpInterpolation start="{" end="}" excludenl end="$" contained contains=@kfpExpression,kfpFormat
syn region kfpInsertedLines matchgroup=kfpInterpolation start="{" end="}" contained contains=@kfpExpression,kfpFormat
syn match kfpFormat ":[^{}\"']*\ze}" contained
syn match kfpBraces "{{\|}}" contained

" Comments; `##` documents what follows, `# kfpc: allow` silences a warning.
syn match kfpComment "#.*$" contains=kfpAllow,kfpTodo,@Spell
syn match kfpDoc "##\%([^#].*\)\?$" contains=kfpLiteral,kfpTodo,@Spell
syn match kfpLiteral "`[^`]\+`" contained contains=@NoSpell
syn match kfpAllow "\%(#\s*\)\@<=kfpc:\s*allow\s\+[EW]\d\{4}\%(\s*,\s*[EW]\d\{4}\)*" contained contains=@NoSpell
syn keyword kfpTodo TODO FIXME XXX contained

" Contents of components: up to the first line that is not deeper than the header.
syn region kfpPython matchgroup=kfpCode start="^\z(\s*\)python\s*:\ze\s*\%(#.*\)\=$" end="^\%(\z1\s\+\S\|\s*$\)\@!\s*\S"me=s-1,re=s-1 contains=@kfpPythonCode keepend
syn region kfpShell matchgroup=kfpCode start="^\z(\s*\)shell\s*:\ze\s*\%(#.*\)\=$" end="^\%(\z1\s\+\S\|\s*$\)\@!\s*\S"me=s-1,re=s-1 contains=@kfpShellCode keepend

hi def link kfpOperator Operator
hi def link kfpWordOperator Operator
hi def link kfpIllegal Error
hi def link kfpReserved Error
hi def link kfpNumberError Error
hi def link kfpEscapeError Error
hi def link kfpConstantName Constant
hi def link kfpConstant Constant
hi def link kfpSwitch Constant
hi def link kfpMember Constant
hi def link kfpTypeName Type
hi def link kfpType Type
hi def link kfpTypeDeclared Type
hi def link kfpEnumName Type
hi def link kfpCall Function
hi def link kfpBuiltin Function
hi def link kfpName Function
hi def link kfpSpecial Identifier
hi def link kfpBound Identifier
hi def link kfpParameter Identifier
hi def link kfpField Identifier
hi def link kfpFlow Statement
hi def link kfpWith Statement
hi def link kfpImport Include
hi def link kfpDef Statement
hi def link kfpDeclare Statement
hi def link kfpCode PreProc
hi def link kfpSetting PreProc
hi def link kfpGroup PreProc
hi def link kfpNumber Number
hi def link kfpFloat Float
hi def link kfpDuration Number
hi def link kfpSize Number
hi def link kfpBracket Delimiter
hi def link kfpInterpolation Delimiter
hi def link kfpQuotes String
hi def link kfpString String
hi def link kfpEscape SpecialChar
hi def link kfpBraces SpecialChar
hi def link kfpFormat SpecialChar
hi def link kfpComment Comment
hi def link kfpDoc SpecialComment
hi def link kfpLiteral String
hi def link kfpAllow PreProc
hi def link kfpTodo Todo

let b:current_syntax = "kfp"

let &cpo = s:cpo_save
unlet s:cpo_save s:had_posix
