#include "stdlib/native/csv.h"

#include <errno.h>
#include <string.h>

FILE *csv_create(const struct csv *c, const char *path)
{
	FILE *f = fopen(path, "we");

	if (!f)
		csv_fail(c, "cannot write the output: %s", strerror(errno));
	return f;
}

int csv_finish(const struct csv *c, FILE *f, int rc)
{
	bool failed;

	if (!f)
		return rc;
	failed = ferror(f);
	if ((fclose(f) || failed) && !rc)
		return csv_fail(c, "cannot write the output: %s", strerror(errno));
	return rc;
}

static bool needs_quotes(const struct csv *c, struct csv_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r' ||
		    s.p[i] == c->delimiter)
			return true;
	return false;
}

void csv_put(FILE *f, const struct csv *c, struct csv_str s)
{
	if (!needs_quotes(c, s)) {
		fwrite(s.p, 1, s.n, f);
		return;
	}
	putc('"', f);
	while (s.n) {
		const char *quote = memchr(s.p, '"', s.n);
		size_t n = quote ? (size_t)(quote - s.p) + 1 : s.n;

		fwrite(s.p, 1, n, f);
		if (quote)
			putc('"', f);
		s.p += n;
		s.n -= n;
	}
	putc('"', f);
}

void csv_put_end(FILE *f, size_t nfields, bool is_empty)
{
	if (nfields == 1 && is_empty)
		fputs("\"\"", f);
	putc('\n', f);
}

void csv_put_row(FILE *f, const struct csv *c)
{
	for (size_t i = 0; i < c->nfields; i++) {
		if (i)
			putc(c->delimiter, f);
		csv_put(f, c, csv_field(c, i));
	}
	csv_put_end(f, c->nfields, !c->text.n);
}

void csv_put_header(FILE *f, const struct csv *c)
{
	if (!c->has_header)
		return;
	for (size_t i = 0; i < c->width; i++) {
		if (i)
			putc(c->delimiter, f);
		csv_put(f, c, c->names[i]);
	}
	csv_put_end(f, c->width, c->width && !c->names[0].n);
}
