/* The first rows of a CSV file (RFC 4180) as a table that fits the window. */
#include <config.h>

#include <ctype.h>
#include <fcntl.h>
#include <unistd.h>

#include "compiler/repl/show.h"
#include "runtime/base/table.h"
#include "runtime/base/utf8.h"
#include "runtime/value/number.h"

enum {
	HEAD_BYTES = 256 << 10,
	SHOWN_ROWS = 5,
	SHOWN_COLUMNS = 40,
	SHOWN_LINES = 5,	/* of other text */
	CELL_WIDTH = 30,	/* of a cell; a wider one is cut */
	MARGIN = 2,
};

struct grid {
	struct str at[SHOWN_ROWS + 1][SHOWN_COLUMNS];	/* the first row is the header */
	size_t rows, columns, more_columns;
	bool has_more;		/* rows */
};

/* The first bytes of a file; true if that is all of it. */
static bool read_head(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	ssize_t n = 1;

	while (fd >= 0 && out->n < HEAD_BYTES && n > 0) {
		char *to = buf_reserve(out, HEAD_BYTES);

		n = read(fd, to, HEAD_BYTES - out->n);
		if (n > 0)
			out->n += (size_t)n;
	}
	if (fd >= 0)
		close(fd);
	return fd >= 0 && n == 0;
}

/* The field at *at, which is set behind it. */
static struct str read_field(const struct show *s, struct str text, size_t *at)
{
	struct buf plain = {0}, shown = {0}, cell = {0};
	bool quoted = false;
	struct str field;

	for (; *at < text.n; ++*at) {
		char c = text.p[*at];

		if (c == '"' && quoted && *at + 1 < text.n && text.p[*at + 1] == '"')
			buf_addc(&plain, text.p[++*at]);
		else if (c == '"' && (quoted || !plain.n))
			quoted = !quoted;
		else if (!quoted && (c == ',' || c == '\n'))
			break;
		else if (plain.n < CELL_WIDTH * 8)
			buf_addc(&plain, c);
	}
	if (plain.n && plain.p[plain.n - 1] == '\r')
		plain.n--;
	buf_add_printable(&shown, buf_str(&plain), false);
	table_add_cut(&cell, buf_str(&shown), CELL_WIDTH);
	field = arena_str(s->a, buf_str(&cell));
	buf_release(&plain);
	buf_release(&shown);
	buf_release(&cell);
	return field;
}

static void read_row(const struct show *s, struct str text, size_t *at, struct grid *g)
{
	size_t k = 0;

	for (;; ++*at) {
		struct str field = read_field(s, text, at);

		if (k < SHOWN_COLUMNS)
			g->at[g->rows][k] = field;
		k++;
		if (*at >= text.n || text.p[*at] == '\n')
			break;
	}
	++*at;
	if (k > g->columns + g->more_columns) {
		g->columns = k < SHOWN_COLUMNS ? k : SHOWN_COLUMNS;
		g->more_columns = k - g->columns;
	}
	g->rows++;
}

static void read_grid(const struct show *s, struct str text, bool whole, struct grid *g)
{
	size_t at = 0;

	/* A row that was cut in the middle is not one. */
	if (!whole)
		while (text.n && text.p[text.n - 1] != '\n')
			text.n--;
	while (at < text.n && g->rows <= SHOWN_ROWS)
		read_row(s, text, &at, g);
	g->has_more = at < text.n || (!whole && g->rows);
}

static bool is_numeric(const struct grid *g, size_t column)
{
	bool any = false;
	double x;

	for (size_t r = 1; r < g->rows; r++) {
		if (!g->at[r][column].n)
			continue;
		if (!number_float(g->at[r][column], &x))
			return false;
		any = true;
	}
	return any;
}

/* Of as many columns as the window holds, at least one. */
static size_t fitting(const struct grid *g, size_t room)
{
	size_t used = MARGIN, k = 0;

	for (; k < g->columns; k++) {
		size_t width = 0;

		for (size_t r = 0; r < g->rows; r++) {
			size_t w = utf8_width(g->at[r][k]);

			width = w > width ? w : width;
		}
		used += width + (k ? 2 : 0);
		if (used > room && k)
			break;
	}
	return k;
}

static void print_grid(const struct show *s, struct grid *g, struct buf *out)
{
	size_t n = fitting(g, s->columns), more = g->columns - n + g->more_columns;
	struct table *t = table_new(s->a, (unsigned)n + 1);
	struct buf text = {0};

	for (size_t k = 0; k < n; k++)
		if (is_numeric(g, k))
			table_right(t, (unsigned)k + 1);
	for (size_t r = 0; r < g->rows; r++) {
		table_cell(t, STR(""));
		for (size_t k = 0; k < n; k++)
			table_cell(t, g->at[r][k]);
	}
	table_print(t, 0, out);
	if (g->has_more)
		buf_addz(&text, "...");
	if (more)
		buf_addf(&text, "%s%zu more column%s", text.n ? " and " : "... ", more,
			 more == 1 ? "" : "s");
	if (text.n) {
		buf_fill(out, ' ', MARGIN);
		show_dim(s, buf_str(&text), out);
		buf_addc(out, '\n');
	}
	buf_release(&text);
}

bool show_csv(const struct show *s, const char *path, struct buf *out)
{
	struct grid *g = ARENA_NEW(s->a, struct grid);
	struct buf head = {0};
	bool whole = read_head(path, &head);

	if (head.n && !memchr(head.p, '\0', head.n))
		read_grid(s, buf_str(&head), whole, g);
	if (g->rows)
		print_grid(s, g, out);
	buf_release(&head);
	return g->rows > 0;
}

void show_head(const struct show *s, const char *path, struct buf *out)
{
	struct buf head = {0};
	bool whole = read_head(path, &head);
	struct str text = buf_str(&head);
	size_t at = 0, end, n = 0;

	if (utf8_invalid_at(text) + 4 < text.n ||
	    (text.n && memchr(text.p, '\0', text.n)))
		text.n = 0;	/* not text */
	for (; at < text.n && n < SHOWN_LINES; at = end + 1, n++) {
		end = str_find(text, STR("\n"), at);
		show_line(s, "  | ", str_sub(text, at, end), out);
	}
	if (n && (at < text.n || !whole)) {
		show_dim(s, STR("  ..."), out);
		buf_addc(out, '\n');
	}
	buf_release(&head);
}
