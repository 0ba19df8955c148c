/* Expressions, values and types as JSON for the launcher (launch_tree.py).
 *
 * Strings are spelled so that nothing in them is taken for a placeholder, wherever the
 * JSON is put. */
#ifndef KFPC_EXPORT_TREE_JSON_H
#define KFPC_EXPORT_TREE_JSON_H

#include "runtime/bc/module.h"

/* An expression; at[i]: which read of the job its input i is (NULL: input i itself). */
void tree_json(const struct module *m, const struct expr *e, const uint32_t *at,
	       struct buf *b);
/* A constant as an expression. */
void tree_value(struct value v, struct buf *b);
/* The functions of the module, in their order. */
void tree_defs(const struct module *m, struct buf *b);
void tree_type(const struct type *t, struct buf *b);

/* A string as JSON, and JSON that was made elsewhere, spelled that way. */
void tree_text(struct str s, struct buf *b);
void tree_escape(struct str json, struct buf *b);

#endif
