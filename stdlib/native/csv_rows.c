/* From one CSV file to others, row by row. */
#include "stdlib/native/csv.h"

#include <stdlib.h>
#include <string.h>

/* split: which rows go where is a matter of the seed and of how many there are. */

static double next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

/* Of the rows that are left, exactly `wanted` go to first: each with the chance that
 * brings that about. */
static int split_rows(struct csv *c, int64_t left, int64_t wanted, int64_t seed,
		      FILE *const to[2])
{
	uint64_t state = (uint64_t)seed;
	int rc;

	while ((rc = csv_next(c)) > 0) {
		bool is_first = next_random(&state) * (double)left < (double)wanted;

		left--;
		wanted -= is_first;
		csv_put_row(to[!is_first], c);
	}
	return rc;
}

static int count_rows(struct csv *c, int64_t *n)
{
	int rc;

	do
		rc = csv_next(c);
	while (rc > 0);
	*n = c->row;
	return rc ? rc : csv_rewind(c);
}

int csv_split(const char *data, double fraction, int64_t seed, int header,
	      const char *delimiter, const char *first, const char *rest,
	      int64_t *first_rows, int64_t *rest_rows, char *err, size_t nerr);

int csv_split(const char *data, double fraction, int64_t seed, int header,
	      const char *delimiter, const char *first, const char *rest,
	      int64_t *first_rows, int64_t *rest_rows, char *err, size_t nerr)
{
	struct csv_how how = {delimiter, header};
	FILE *to[2] = {NULL, NULL};
	struct csv c = {0};
	int64_t n;
	int rc = CSV_FAILED;

	if (csv_open(&c, "data", data, &how, err, nerr) || count_rows(&c, &n))
		goto out;
	*first_rows = (int64_t)((double)n * fraction + 0.5);
	*rest_rows = n - *first_rows;
	if (!(to[0] = csv_create(&c, first)) || !(to[1] = csv_create(&c, rest)))
		goto out;
	csv_put_header(to[0], &c);
	csv_put_header(to[1], &c);
	rc = split_rows(&c, n, *first_rows, seed, to);
out:
	rc = csv_finish(&c, to[0], rc);
	rc = csv_finish(&c, to[1], rc);
	csv_close(&c);
	return rc;
}

/* select */

static int find_column(struct csv *c, struct csv_str name, bool *taken, size_t *at)
{
	if (csv_column(c, name, at))
		return CSV_FAILED;
	if (taken[*at])
		return csv_fail(c, "'columns' names '%.*s' twice",
				(int)(name.n < 60 ? name.n : 60), name.p);
	taken[*at] = true;
	return 0;
}

static size_t *find_columns(struct csv *c, const struct csv_str *names, size_t n)
{
	size_t *at = calloc(n, sizeof *at);
	bool *taken = calloc(c->width + 1, sizeof *taken);
	int rc = 0;

	if (!at || !taken)
		rc = csv_fail(c, "there is not enough memory");
	for (size_t i = 0; !rc && i < n; i++)
		rc = find_column(c, names[i], taken, &at[i]);
	free(taken);
	if (!rc)
		return at;
	free(at);
	return NULL;
}

static int select_rows(struct csv *c, const size_t *at, size_t n, FILE *f)
{
	int rc = 1;

	if (c->has_header) {
		for (size_t i = 0; i < n; i++) {
			if (i)
				putc(c->delimiter, f);
			csv_put(f, c, c->names[at[i]]);
		}
		csv_put_end(f, n, !c->names[at[0]].n);
	}
	while ((rc = csv_next(c)) > 0) {
		for (size_t i = 0; i < n; i++) {
			if (i)
				putc(c->delimiter, f);
			csv_put(f, c, csv_field(c, at[i]));
		}
		csv_put_end(f, n, !csv_field(c, at[0]).n);
	}
	return rc;
}

int csv_select(const char *data, const char *columns, int header, const char *delimiter,
	       const char *selected, char *err, size_t nerr);

int csv_select(const char *data, const char *columns, int header, const char *delimiter,
	       const char *selected, char *err, size_t nerr)
{
	struct csv_how how = {delimiter, header};
	struct csv_str *names = NULL;
	size_t *at = NULL, n = 0;
	struct csv c = {0};
	FILE *f = NULL;
	int rc = CSV_FAILED;

	if (csv_open(&c, "data", data, &how, err, nerr))
		goto out;
	names = csv_list(columns, &n);
	if (!names || !n)
		csv_fail(&c, "'columns' names no column");
	else if ((at = find_columns(&c, names, n)) && (f = csv_create(&c, selected)))
		rc = select_rows(&c, at, n, f);
out:
	rc = csv_finish(&c, f, rc);
	free(names);
	free(at);
	csv_close(&c);
	return rc;
}

/* filter */

enum compare { EQUAL, NOT_EQUAL, LESS, AT_MOST, MORE, AT_LEAST, NCOMPARE };

static const char *const compare_names[NCOMPARE] = {
	"equal", "not_equal", "less", "at_most", "more", "at_least",
};

struct filter {
	size_t column;
	enum compare compare;
	struct csv_str text;
	double number;
	bool is_number;
};

/* Numbers are equal as numbers, everything else as text. */
static bool is_equal(const struct filter *f, struct csv_str s)
{
	bool is_int;
	double x;

	if (f->is_number && csv_number(s, &x, &is_int))
		return x >= f->number && x <= f->number;
	return csv_eq(f->text, s);
}

static bool is_ordered(const struct filter *f, double x)
{
	switch (f->compare) {
	case LESS: return x < f->number;
	case AT_MOST: return x <= f->number;
	case MORE: return x > f->number;
	default: return x >= f->number;
	}
}

/* 1: the row stays; 0; CSV_FAILED. */
static int row_stays(struct csv *c, const struct filter *f)
{
	struct csv_str s = csv_field(c, f->column), name = c->names[f->column];
	bool is_int;
	double x;

	if (f->compare == EQUAL || f->compare == NOT_EQUAL)
		return is_equal(f, s) == (f->compare == EQUAL);
	if (!s.n)
		return 0;
	if (!csv_number(s, &x, &is_int))
		return csv_fail_row(c, "'%.*s' of column '%.*s' is no number",
				    (int)(s.n < 60 ? s.n : 60), s.p,
				    (int)(name.n < 60 ? name.n : 60), name.p);
	return is_ordered(f, x);
}

static int filter_init(struct filter *f, struct csv *c, const char *column,
		       const char *compare, const char *value)
{
	bool is_int;

	*f = (struct filter){.text = {value, strlen(value)}};
	while (f->compare < NCOMPARE && strcmp(compare_names[f->compare], compare) != 0)
		f->compare++;
	f->is_number = csv_number(f->text, &f->number, &is_int);
	if (f->compare > NOT_EQUAL && !f->is_number)
		return csv_fail(c, "'%s' compares numbers, and '%.60s' is none", compare,
				value);
	return csv_column(c, (struct csv_str){column, strlen(column)}, &f->column);
}

static int filter_rows(struct csv *c, const struct filter *how, FILE *f, int64_t *rows)
{
	int rc, stays;

	csv_put_header(f, c);
	while ((rc = csv_next(c)) > 0) {
		stays = row_stays(c, how);
		if (stays < 0)
			return CSV_FAILED;
		if (stays) {
			csv_put_row(f, c);
			++*rows;
		}
	}
	return rc;
}

int csv_filter(const char *data, const char *column, const char *value,
	       const char *compare, int header, const char *delimiter,
	       const char *filtered, int64_t *rows, char *err, size_t nerr);

int csv_filter(const char *data, const char *column, const char *value,
	       const char *compare, int header, const char *delimiter,
	       const char *filtered, int64_t *rows, char *err, size_t nerr)
{
	struct csv_how how = {delimiter, header};
	struct csv c = {0};
	struct filter filter;
	FILE *f = NULL;
	int rc = CSV_FAILED;

	if (!csv_open(&c, "data", data, &how, err, nerr) &&
	    !filter_init(&filter, &c, column, compare, value) &&
	    (f = csv_create(&c, filtered)))
		rc = filter_rows(&c, &filter, f, rows);
	rc = csv_finish(&c, f, rc);
	csv_close(&c);
	return rc;
}

/* to_jsonl */

static bool add_value(struct csv_text *t, struct csv_str s, bool typed)
{
	if (typed && !s.n)
		return csv_text_addf(t, "null");
	if (typed && csv_is_json_number(s))
		return csv_text_add(t, s.p, s.n);
	return csv_text_add_json(t, s);
}

static bool add_row(struct csv_text *t, const struct csv *c, bool typed)
{
	bool ok = csv_text_add(t, c->has_header ? "{" : "[", 1);

	for (size_t i = 0; i < c->nfields && ok; i++) {
		ok = !i || csv_text_add(t, ", ", 2);
		if (c->has_header)
			ok = ok && csv_text_add_json(t, c->names[i]) &&
			     csv_text_add(t, ": ", 2);
		ok = ok && add_value(t, csv_field(c, i), typed);
	}
	return ok && csv_text_add(t, c->has_header ? "}\n" : "]\n", 2);
}

static int write_lines(struct csv *c, bool typed, FILE *f)
{
	struct csv_text t = {0};
	int rc;

	for (size_t i = 0; c->has_header && i < c->width; i++)
		if (!csv_is_utf8(c->names[i]))
			return csv_fail(c, "data: the name of column %zu is not UTF-8",
					i + 1);
	while ((rc = csv_next(c)) > 0) {
		t.n = 0;
		if (!csv_is_utf8((struct csv_str){c->text.p, c->text.n}))
			rc = csv_fail_row(c, "it is not UTF-8");
		else if (!add_row(&t, c, typed))
			rc = csv_fail(c, "there is not enough memory");
		if (rc < 0)
			break;
		fwrite(t.p, 1, t.n, f);
	}
	free(t.p);
	return rc;
}

int csv_to_jsonl(const char *data, int typed, int header, const char *delimiter,
		 const char *lines, int64_t *rows, char *err, size_t nerr);

int csv_to_jsonl(const char *data, int typed, int header, const char *delimiter,
		 const char *lines, int64_t *rows, char *err, size_t nerr)
{
	struct csv_how how = {delimiter, header};
	struct csv c = {0};
	FILE *f = NULL;
	int rc = CSV_FAILED;

	if (!csv_open(&c, "data", data, &how, err, nerr) && (f = csv_create(&c, lines)))
		rc = write_lines(&c, typed, f);
	*rows = c.row;
	rc = csv_finish(&c, f, rc);
	csv_close(&c);
	return rc;
}
