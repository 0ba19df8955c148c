#include <config.h>

#include "runtime/base/table.h"
#include "runtime/base/utf8.h"

struct table {
	unsigned ncolumns;
	bool *is_right;		/* of each column */
	struct arena *arena;
	struct str *cells;
	size_t n, cap;
};

struct table *table_new(struct arena *a, unsigned ncolumns)
{
	struct table *t = ARENA_NEW(a, struct table);

	t->arena = a;
	t->ncolumns = ncolumns;
	t->is_right = ARENA_ARRAY(a, ncolumns, bool);
	return t;
}

void table_right(struct table *t, unsigned column)
{
	t->is_right[column] = true;
}

void table_cell(struct table *t, struct str cell)
{
	if (t->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 64;
		struct str *cells = ARENA_ARRAY(t->arena, cap, struct str);

		if (t->n)
			memcpy(cells, t->cells, t->n * sizeof *cells);
		t->cells = cells;
		t->cap = cap;
	}
	t->cells[t->n++] = cell;
}

void table_add_cut(struct buf *out, struct str s, size_t columns)
{
	size_t at = 0, width = 0;

	if (utf8_width(s) <= columns) {
		buf_add(out, s);
		return;
	}
	if (columns < 4)
		return;
	while (at < s.n) {
		size_t n = utf8_length(str_sub(s, at, s.n));

		n = n ? n : 1;
		width += utf8_width(str_sub(s, at, at + n));
		if (width > columns - 3)
			break;
		at += n;
	}
	buf_add(out, str_sub(s, 0, at));
	buf_addz(out, "...");
}

static void add_row(const struct table *t, size_t row, const size_t *widths,
		    unsigned max_columns, struct buf *out)
{
	size_t at = 0, gap = 0;

	for (unsigned c = 0; c < t->ncolumns && row + c < t->n; c++) {
		struct str cell = t->cells[row + c];
		size_t blank = widths[c] - utf8_width(cell);

		if (t->is_right[c])
			gap += blank;
		if (cell.n) {	/* blanks only before something */
			buf_fill(out, ' ', gap);
			gap = 0;
		}
		if (c + 1 == t->ncolumns && max_columns)
			table_add_cut(out, cell, max_columns > at ? max_columns - at : 0);
		else
			buf_add(out, cell);
		gap += (t->is_right[c] ? 0 : blank) + 2;
		at += widths[c] + 2;
	}
	buf_addc(out, '\n');
}

void table_print(const struct table *t, unsigned max_columns, struct buf *out)
{
	size_t *widths = ARENA_ARRAY(t->arena, t->ncolumns, size_t);

	for (size_t i = 0; i < t->n; i++) {
		size_t w = utf8_width(t->cells[i]);

		if (w > widths[i % t->ncolumns])
			widths[i % t->ncolumns] = w;
	}
	for (size_t row = 0; row < t->n; row += t->ncolumns)
		add_row(t, row, widths, max_columns, out);
}
