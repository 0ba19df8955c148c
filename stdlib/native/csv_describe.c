/* What is in a CSV file: one pass, a few numbers for each column. */
#include "stdlib/native/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct column {
	int64_t missing, nnumbers, nints, nwords;
	int64_t min_int, max_int;		/* of those that are ints */
	double min, max, mean, squares;		/* Welford's */
	int64_t shortest, longest;		/* in characters */
};

static bool is_missing(struct csv_str s)
{
	while (s.n && s.p[0] == ' ') {
		s.p++;
		s.n--;
	}
	return !s.n || (s.n == 3 && !strncasecmp(s.p, "nan", 3));
}

static int64_t count_characters(struct csv_str s)
{
	int64_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* Of what csv_number takes for an int: at most 18 digits, perhaps with a sign and
 * blanks. */
static int64_t int_of(struct csv_str s)
{
	int64_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9')
			n = n * 10 + (s.p[i] - '0');
	return s.n && memchr(s.p, '-', s.n) ? -n : n;
}

static void add_int(struct column *c, int64_t i)
{
	c->min_int = !c->nints || i < c->min_int ? i : c->min_int;
	c->max_int = !c->nints || i > c->max_int ? i : c->max_int;
	c->nints++;
}

static void add_number(struct column *c, double x)
{
	double d = x - c->mean;

	c->min = !c->nnumbers || x < c->min ? x : c->min;
	c->max = !c->nnumbers || x > c->max ? x : c->max;
	c->nnumbers++;
	c->mean += d / (double)c->nnumbers;
	c->squares += d * (x - c->mean);
}

static void add(struct column *c, struct csv_str s)
{
	int64_t length = count_characters(s);
	bool is_int;
	double x;

	if (is_missing(s)) {
		c->missing++;
		return;
	}
	c->shortest = !(c->nwords + c->nnumbers) || length < c->shortest ? length
									 : c->shortest;
	c->longest = length > c->longest ? length : c->longest;
	if (!csv_number(s, &x, &is_int)) {
		c->nwords++;
		return;
	}
	if (is_int)
		add_int(c, int_of(s));
	add_number(c, x);
}

static bool show_numbers(struct csv_text *t, const struct column *c, bool is_int)
{
	bool ok;

	if (is_int)
		ok = csv_text_addf(t, ", \"min\": %lld, \"max\": %lld",
				   (long long)c->min_int, (long long)c->max_int);
	else
		ok = csv_text_addf(t, ", \"min\": ") && csv_text_add_number(t, c->min) &&
		     csv_text_addf(t, ", \"max\": ") && csv_text_add_number(t, c->max);
	ok = ok && csv_text_addf(t, ", \"mean\": ") && csv_text_add_number(t, c->mean) &&
	     csv_text_addf(t, ", \"std\": ");
	if (c->nnumbers < 2)
		return ok && csv_text_addf(t, "null");
	return ok &&
	       csv_text_add_number(t, sqrt(c->squares / (double)(c->nnumbers - 1)));
}

static bool show(struct csv_text *t, struct csv_str name, const struct column *c)
{
	bool is_int = !c->nwords && c->nints && c->nints == c->nnumbers;
	const char *type = c->nwords	  ? "str"
			   : is_int	  ? "int"
			   : c->nnumbers  ? "float"
					  : "empty";
	bool ok = csv_text_addf(t, "{\"name\": ") && csv_text_add_json(t, name) &&
		  csv_text_addf(t, ", \"type\": \"%s\", \"missing\": %lld", type,
				(long long)c->missing);

	if (c->nwords)
		ok = ok && csv_text_addf(t, ", \"shortest\": %lld, \"longest\": %lld",
					 (long long)c->shortest, (long long)c->longest);
	else if (c->nnumbers)
		ok = ok && show_numbers(t, c, is_int);
	return ok && csv_text_addf(t, "}");
}

static int show_all(struct csv *c, const struct column *columns, char **summary)
{
	struct csv_text t = {0};
	bool ok = csv_text_add(&t, "[", 1);

	for (size_t i = 0; i < c->width && ok; i++) {
		if (!csv_is_utf8(c->names[i])) {
			free(t.p);
			return csv_fail(c, "data: the name of column %zu is not UTF-8",
					i + 1);
		}
		ok = (!i || csv_text_add(&t, ",\n", 2)) &&
		     show(&t, c->names[i], &columns[i]);
	}
	ok = ok && csv_text_add(&t, "]", 2);
	if (!ok) {
		free(t.p);
		return csv_fail(c, "there is not enough memory");
	}
	*summary = t.p;
	return 0;
}

int csv_describe(const char *data, int header, const char *delimiter, int64_t *rows,
		 int64_t *ncolumns, char **summary, char *err, size_t nerr);

int csv_describe(const char *data, int header, const char *delimiter, int64_t *rows,
		 int64_t *ncolumns, char **summary, char *err, size_t nerr)
{
	struct csv_how how = {delimiter, header};
	struct column *columns = NULL;
	struct csv c = {0};
	int rc = CSV_FAILED;

	if (csv_open(&c, "data", data, &how, err, nerr))
		goto out;
	columns = calloc(c.width ? c.width : 1, sizeof *columns);
	if (!columns) {
		csv_fail(&c, "there is not enough memory");
		goto out;
	}
	while ((rc = csv_next(&c)) > 0)
		for (size_t i = 0; i < c.width; i++)
			add(&columns[i], csv_field(&c, i));
	if (rc)
		goto out;
	*rows = c.row;
	*ncolumns = (int64_t)c.width;
	rc = show_all(&c, columns, summary);
out:
	free(columns);
	csv_close(&c);
	return rc;
}
