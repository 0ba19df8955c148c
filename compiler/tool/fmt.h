/* The formatter: one canonical form of a program (compiler/front/write.h), verified.
 *
 * The result is parsed again: it must give the same tree, the same comments in the
 * same order and the same errors.  Where something is wrong with the syntax, the lines
 * from the end of the declaration before to the end of the one that is wrong stay byte
 * for byte, and everything else is formatted.
 *
 *	struct compilation c;
 *	compilation_init(&c);
 *	if (fmt_text(&c, STR("a.kfp"), text, &out, &err)) ...	out is untouched
 *	... c.diags has the errors of the syntax
 *	compilation_release(&c);
 */
#ifndef KFPC_TOOL_FMT_H
#define KFPC_TOOL_FMT_H

#include "compiler/ir/compile.h"

/* Appends the canonical form of text to out.  -1 with err (ERR_INPUT), and out as it
 * was, if text is no text or cannot be formatted without changing what it means. */
int fmt_text(struct compilation *c, struct str path, struct str text, struct buf *out,
	     struct err *err);

#endif
