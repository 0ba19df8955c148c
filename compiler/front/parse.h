/* From text to tree: flex, the layout stage, bison.
 *
 *	struct parse_result r = parse_file(&ctx, file);
 *	... r.file is an AST_FILE, whatever was wrong with the text
 *
 * Everything wrong is said through ctx->diags; the parse goes on after an error at the
 * next statement or block. */
#ifndef KFPC_FRONT_PARSE_H
#define KFPC_FRONT_PARSE_H

#include "compiler/front/ast.h"

struct parse_ctx {
	struct arena *arena;	/* where nodes go */
	struct symtab *syms;
	struct src *src;
	struct diags *diags;
};

struct comment {		/* every comment in the file, in order: for the formatter */
	struct span span;
	bool doc;		/* ## */
	bool own_line;		/* nothing but white space before it */
	bool in_brackets;
};

struct parse_result {
	struct node *file;	/* never NULL */
	bool incomplete;	/* the text ended where more was needed (REPL) */
	VEC(struct comment) comments;
};

/* The caller releases r.comments with vec_release. */
struct parse_result parse_file(struct parse_ctx *ctx, const struct src_file *f);

#endif
