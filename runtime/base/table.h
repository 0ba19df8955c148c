/* Lines the columns of a table up for a terminal: rows of cells, wide characters counted
 * right.
 *
 *	struct table *t = table_new(&arena, 2);
 *	table_cell(t, STR("run")), table_cell(t, id);
 *	table_print(t, 0, &out); */
#ifndef KFPC_BASE_TABLE_H
#define KFPC_BASE_TABLE_H

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

struct table;

struct table *table_new(struct arena *a, unsigned ncolumns);
/* The next cell of the row, from left to right; borrowed. */
void table_cell(struct table *t, struct str cell);
/* The cells of this column end at its right. */
void table_right(struct table *t, unsigned column);
/* Cut to max_columns where that is not 0 (the last column is cut). */
void table_print(const struct table *t, unsigned max_columns, struct buf *out);

/* The longest beginning of s that is at most columns wide, "..." for what is cut. */
void table_add_cut(struct buf *out, struct str s, size_t columns);

#endif
