noinst_LIBRARIES += %D%/liblsp.a
%C%_liblsp_a_SOURCES = \
	%D%/complete.c %D%/complete.h %D%/completion.c %D%/diagnostics.c \
	%D%/document.c %D%/hints.c %D%/hover.c %D%/lsp.h %D%/lsp_int.h %D%/navigate.c \
	%D%/outline.c %D%/place.c %D%/rpc.c %D%/server.c %D%/tokens.c %D%/word.c \
	%D%/word.h %D%/method.def
