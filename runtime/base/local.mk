noinst_LIBRARIES += %D%/libbase.a
%C%_libbase_a_SOURCES = \
	%D%/arena.c %D%/arena.h %D%/block.c %D%/block.h %D%/buf.c %D%/buf.h \
	%D%/diag.c %D%/diag.h %D%/diag_print.c %D%/err.c %D%/err.h %D%/human.c \
	%D%/human.h %D%/io.c %D%/io.h %D%/limits.h %D%/map.c %D%/map.h %D%/sha256.c \
	%D%/sha256.h %D%/src.c %D%/src.h %D%/str.c %D%/str.h %D%/sym.c %D%/sym.h \
	%D%/table.c %D%/table.h %D%/uri.c %D%/uri.h %D%/utf8.c %D%/utf8.h %D%/vec.c \
	%D%/vec.h %D%/diag.def
