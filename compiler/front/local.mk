noinst_LIBRARIES += %D%/libfront.a %D%/libparser.a
%C%_libfront_a_SOURCES = \
	%D%/ast.c %D%/ast.h %D%/ast_dump.c %D%/build.c %D%/build.h %D%/build_decl.c \
	%D%/build_expr.c %D%/build_stmt.c %D%/doc.c %D%/front.h %D%/layout.c \
	%D%/number.c %D%/op.h %D%/parse.c %D%/parse.h %D%/raw.c %D%/string.c \
	%D%/syntax.c %D%/words.c %D%/write.c %D%/write.h %D%/write_decl.c \
	%D%/write_expr.c %D%/write_int.h %D%/write_stmt.c %D%/write_type.c \
	%D%/ast.def

# Generated code, in a library of its own: its warnings must not excuse ours.
%C%_libparser_a_SOURCES = %D%/gram.y %D%/lex.l
%C%_libparser_a_CFLAGS = -std=gnu11 $(MODE_CFLAGS)
BUILT_SOURCES += %D%/gram.h
