/* The one writer of .kfp text: a tree and the comments of its file, in canonical form.
 *
 * Indentation and spaces come from the tree, four columns a level; a line of more than
 * WRITE_COLUMNS is broken where a bracket stands or may be put.  What the tree does
 * not hold comes from the text that it was parsed from: comments, the spelling of
 * numbers and strings, the lines of a code block, whether an empty line stands between
 * two statements, and whether an enum or `with` is written as a block.
 *
 * Every comment is written, in order.  The caller verifies the result by parsing it
 * (compiler/tool/fmt.h does). */
#ifndef KFPC_FRONT_WRITE_H
#define KFPC_FRONT_WRITE_H

#include "compiler/front/parse.h"
#include "runtime/base/buf.h"

enum { WRITE_COLUMNS = 88, WRITE_INDENT = 4 };

struct write_input {
	const struct src_file *file;	/* what the tree was parsed from */
	const struct node *tree;	/* AST_FILE */
	const struct comment *comments;	/* of the file, in order */
	size_t ncomments;
	/* By region (write_region): true to copy it as it stands.  NULL: none. */
	const bool *keep;
};

/* The lines that belong to item i at the top of the file, up to the end of the line
 * where it ends; i == the number of items: what follows the last one.  Regions cover
 * the file. */
struct write_regions {
	uint32_t *ends;		/* offsets in the source map, in the arena */
	size_t n;
};
struct write_regions write_regions(struct arena *a, const struct src_file *f,
				   const struct node *tree);

/* Appends the text to out; a is for what is needed on the way. */
void write_kfp(struct arena *a, const struct write_input *in, struct buf *out);

/* Appends a type or an expression of the file, whatever its length without a line
 * break but those within strings. */
void write_type(const struct src_file *file, const struct node *type, struct buf *out);
void write_expr(const struct src_file *file, const struct node *expr, struct buf *out);

#endif
