#include "stdlib/native/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_BYTES = 1 << 16, SHOWN_BYTES = 80 };

enum field_end { END_FIELD, END_ROW, END_FAILED };

int csv_fail(const struct csv *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->err, c->nerr, fmt, ap);
	va_end(ap);
	return CSV_FAILED;
}

int csv_fail_row(const struct csv *c, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (!c->row)
		return csv_fail(c, "%s: the header (line %lld): %s", c->what,
				(long long)c->row_line, text);
	return csv_fail(c, "%s: row %lld (line %lld): %s", c->what, (long long)c->row,
			(long long)c->row_line, text);
}

static int no_memory(const struct csv *c)
{
	return csv_fail(c, "%s: there is not enough memory", c->what);
}

/* Bytes */

/* The next block: 1, 0 at the end of the file, or CSV_FAILED. */
static int fill(struct csv *c)
{
	ssize_t n;

	do
		n = read(c->fd, c->block, BLOCK_BYTES);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return csv_fail(c, "%s: cannot be read: %s", c->what, strerror(errno));
	c->at = 0;
	c->n = (size_t)n;
	c->next += n;
	return n > 0;
}

/* The next byte, without taking it; -1 at the end, -2 on failure. */
static int peek(struct csv *c)
{
	int rc = c->at < c->n ? 1 : fill(c);

	if (rc <= 0)
		return rc ? -2 : -1;
	return (unsigned char)c->block[c->at];
}

/* Adds n bytes of the block to the field, and takes them. */
static int take(struct csv *c, size_t n)
{
	if (c->text.n + n > CSV_ROW_BYTES)
		return csv_fail_row(c, "it is longer than %d MiB: is a quote not closed?",
				    CSV_ROW_BYTES >> 20);
	if (!csv_text_add(&c->text, c->block + c->at, n))
		return no_memory(c);
	c->at += n;
	return 0;
}

/* Fields */

/* What comes after a field. */
static enum field_end field_end(struct csv *c)
{
	int k = peek(c);

	if (k == -2)
		return END_FAILED;
	if (k == -1)
		return END_ROW;
	c->at++;
	if (k == (unsigned char)c->delimiter)
		return END_FIELD;
	c->line++;
	if (k == '\n')
		return END_ROW;
	k = peek(c);
	if (k == '\n')
		c->at++;
	return k == -2 ? END_FAILED : END_ROW;
}

static enum field_end plain_field(struct csv *c)
{
	for (;;) {
		size_t n = 0, left = c->n - c->at;
		const char *p = c->block + c->at;

		while (n < left && p[n] != c->delimiter && p[n] != '\n' && p[n] != '\r' &&
		       p[n] != '"')
			n++;
		if (n && take(c, n))
			return END_FAILED;
		if (n < left)
			break;
		switch (fill(c)) {
		case 0:
			return END_ROW;
		case 1:
			continue;
		default:
			return END_FAILED;
		}
	}
	if (c->block[c->at] != '"')
		return field_end(c);
	csv_fail_row(c, "a quote in field %zu, which does not begin with one: such a "
		     "field stands in quotes as a whole, and its own are doubled",
		     c->nfields + 1);
	return END_FAILED;
}

static void count_lines(struct csv *c, const char *p, size_t n)
{
	const char *end = p + n;

	while ((p = memchr(p, '\n', (size_t)(end - p)))) {
		c->line++;
		p++;
	}
}

/* After the quote that opens it. */
static enum field_end quoted_field(struct csv *c)
{
	int64_t opened = c->line;
	int k;

	for (;;) {
		const char *p = c->block + c->at, *quote;
		size_t left = c->n - c->at;

		quote = left ? memchr(p, '"', left) : NULL;
		left = quote ? (size_t)(quote - p) : left;
		count_lines(c, p, left);
		if (take(c, left))
			return END_FAILED;
		if (!quote) {
			int rc = fill(c);

			if (!rc)
				csv_fail_row(c, "the quote on line %lld is not closed",
					     (long long)opened);
			if (rc <= 0)
				return END_FAILED;
			continue;
		}
		c->at++;
		k = peek(c);
		if (k != '"')
			break;
		if (take(c, 1))		/* a doubled one */
			return END_FAILED;
	}
	if (k < 0 || k == (unsigned char)c->delimiter || k == '\n' || k == '\r')
		return field_end(c);
	csv_fail_row(c, "after the closing quote of field %zu stands something else than "
		     "the delimiter or the end of the line", c->nfields + 1);
	return END_FAILED;
}

static int note_end(struct csv *c)
{
	if (c->nfields == CSV_FIELDS)
		return csv_fail_row(c, "it has more than %d fields", CSV_FIELDS);
	if (c->nfields == c->nends) {
		size_t n = c->nends ? 2 * c->nends : 64;
		size_t *ends = realloc(c->ends, n * sizeof *ends);

		if (!ends)
			return no_memory(c);
		c->ends = ends;
		c->nends = n;
	}
	c->ends[c->nfields++] = c->text.n;
	return 0;
}

static enum field_end read_field(struct csv *c)
{
	enum field_end end;
	int k = peek(c);

	if (k == -2)
		return END_FAILED;
	if (k == '"') {
		c->has_quote = true;
		c->at++;
		end = quoted_field(c);
	} else {
		end = plain_field(c);
	}
	return end != END_FAILED && note_end(c) ? END_FAILED : end;
}

/* Rows */

static int read_row(struct csv *c)
{
	enum field_end end;

	c->text.n = c->nfields = 0;
	c->has_quote = false;
	c->row_line = c->line;
	c->row_at = c->next - (int64_t)(c->n - c->at);
	do
		end = read_field(c);
	while (end == END_FIELD);
	return end == END_FAILED ? CSV_FAILED : 0;
}

static bool is_blank(const struct csv *c)
{
	return c->nfields == 1 && !c->text.n && !c->has_quote;
}

int csv_next(struct csv *c)
{
	int k;

	c->row++;
	do {
		k = peek(c);
		if (k < 0) {
			c->row--;
			return k == -1 ? 0 : CSV_FAILED;
		}
		if (read_row(c))
			return CSV_FAILED;
	} while (is_blank(c));
	if (c->width && c->nfields != c->width)
		return csv_fail_row(c, "it has %zu field%s, and the %s has %zu",
				    c->nfields, c->nfields == 1 ? "" : "s",
				    c->has_header ? "header" : "first row", c->width);
	c->width = c->nfields;
	return 1;
}

static int seek(struct csv *c, int64_t at)
{
	if (lseek(c->fd, at, SEEK_SET) != at)
		return csv_fail(c, "%s: cannot be read: %s", c->what, strerror(errno));
	c->at = c->n = 0;
	c->next = at;
	return 0;
}

int csv_read_at(struct csv *c, int64_t at)
{
	int64_t begin = c->next - (int64_t)c->n;

	if (at >= begin && at < c->next)
		c->at = (size_t)(at - begin);
	else if (seek(c, at))
		return CSV_FAILED;
	return read_row(c);
}

/* The header */

static int name_columns(struct csv *c)
{
	size_t n = c->width;

	c->names = calloc(n ? n : 1, sizeof *c->names);
	if (!c->names)
		return no_memory(c);
	if (c->has_header) {
		c->header = c->text;
		c->text = (struct csv_text){0};
		for (size_t i = 0; i < n; i++) {
			size_t lo = i ? c->ends[i - 1] : 0;

			c->names[i] = (struct csv_str){c->header.p + lo, c->ends[i] - lo};
		}
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		if (!csv_text_addf(&c->header, "column_%zu", i + 1))
			return no_memory(c);
	for (size_t i = 0, at = 0; i < n; i++) {
		size_t len = (size_t)snprintf(NULL, 0, "column_%zu", i + 1);

		c->names[i] = (struct csv_str){c->header.p + at, len};
		at += len;
	}
	return 0;
}

static int compare_bytes(struct csv_str x, struct csv_str y)
{
	size_t n = x.n < y.n ? x.n : y.n;
	int d = n ? memcmp(x.p, y.p, n) : 0;

	return d ? d : x.n < y.n ? -1 : x.n > y.n;
}

static int compare_names(const void *a, const void *b)
{
	const struct csv_name *x = a, *y = b;

	return compare_bytes(x->name, y->name);
}

static int shown(struct csv_str s)
{
	return (int)(s.n < SHOWN_BYTES ? s.n : SHOWN_BYTES);
}

static int sort_names(struct csv *c)
{
	c->sorted = calloc(c->width ? c->width : 1, sizeof *c->sorted);
	if (!c->sorted)
		return no_memory(c);
	for (size_t i = 0; i < c->width; i++)
		c->sorted[i] = (struct csv_name){c->names[i], i};
	qsort(c->sorted, c->width, sizeof *c->sorted, compare_names);
	for (size_t i = 1; i < c->width; i++) {
		struct csv_str name = c->sorted[i].name;

		if (csv_eq(c->sorted[i - 1].name, name))
			return csv_fail(c, "%s: the header has '%.*s' twice", c->what,
					shown(name), name.p);
	}
	return 0;
}

static int skip_bom(struct csv *c)
{
	int rc = fill(c);

	if (rc > 0 && c->n >= 3 && !memcmp(c->block, "\xef\xbb\xbf", 3))
		c->at = 3;
	return rc < 0 ? CSV_FAILED : 0;
}

static int read_header(struct csv *c)
{
	int rc = csv_next(c);

	if (rc < 0)
		return CSV_FAILED;
	if (!rc)
		return csv_fail(c, "%s: the file is empty: it has no header", c->what);
	c->row = 0;
	return name_columns(c) || sort_names(c) ? CSV_FAILED : 0;
}

/* Without a header, the first row says how many columns there are. */
static int count_columns(struct csv *c)
{
	int rc = csv_next(c);

	if (rc < 0 || name_columns(c) || sort_names(c))
		return CSV_FAILED;
	return csv_rewind(c);
}

int csv_rewind(struct csv *c)
{
	if (seek(c, 0) || skip_bom(c))
		return CSV_FAILED;
	c->line = 1;
	c->row = 0;
	if (!c->has_header)
		return 0;
	c->row = -1;
	return csv_next(c) < 0 ? CSV_FAILED : 0;
}

int csv_open(struct csv *c, const char *what, const char *path, const struct csv_how *how,
	     char *err, size_t nerr)
{
	*c = (struct csv){.what = what, .err = err, .nerr = nerr, .line = 1,
			  .has_header = how->has_header, .row = -1};
	c->delimiter = how->delimiter[0];
	if (!c->delimiter || how->delimiter[1] || strchr("\"\r\n", c->delimiter))
		return csv_fail(c, "the delimiter is one character of ASCII, not '%.20s'",
				how->delimiter);
	c->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (c->fd < 0)
		return csv_fail(c, "%s: cannot be read: %s", what, strerror(errno));
	c->is_open = true;
	c->block = malloc(BLOCK_BYTES);
	if (!c->block)
		return no_memory(c);
	if (skip_bom(c))
		return CSV_FAILED;
	if (c->has_header)
		return read_header(c);
	c->row = 0;
	return count_columns(c);
}

void csv_close(struct csv *c)
{
	if (c->is_open)
		close(c->fd);
	c->is_open = false;
	free(c->block);
	free(c->text.p);
	free(c->ends);
	free(c->header.p);
	free(c->names);
	free(c->sorted);
	c->block = NULL;
	c->ends = NULL;
	c->names = NULL;
	c->sorted = NULL;
	c->text = c->header = (struct csv_text){0};
}

bool csv_find(const struct csv *c, struct csv_str name, size_t *column)
{
	struct csv_name wanted = {name, 0}, *found = NULL;

	if (c->width)
		found = bsearch(&wanted, c->sorted, c->width, sizeof wanted,
				compare_names);
	if (found)
		*column = found->column;
	return found;
}

int csv_column(const struct csv *c, struct csv_str name, size_t *column)
{
	struct csv_text all = {0};
	bool ok = true;

	if (csv_find(c, name, column))
		return 0;
	for (size_t i = 0; i < c->width && ok && all.n < 300; i++)
		ok = csv_text_addf(&all, "%s'%.*s'", i ? ", " : "", shown(c->names[i]),
				   c->names[i].p);
	csv_fail(c, "%s: there is no column '%.*s'; there are %.*s", c->what, shown(name),
		 name.p, ok ? (int)all.n : 0, all.n ? all.p : "");
	free(all.p);
	return CSV_FAILED;
}
