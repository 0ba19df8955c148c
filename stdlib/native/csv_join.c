/* join: of the right file, where each row is and a hash of its key stay in memory, 16
 * bytes a row (32 while they are sorted); rows are read again where they are wanted. */
#include "stdlib/native/csv.h"

#include <stdlib.h>
#include <string.h>

enum { JOIN_ROWS = 1 << 26 };	/* of the right file: 1 GiB of places */

struct place {
	uint64_t hash;
	int64_t at;
};

struct join {
	struct csv left, right;
	size_t left_key, right_key;
	struct csv_str *names;		/* of the right's columns, in the output */
	struct csv_text text;		/* of those that were changed */
	struct place *places;		/* ascending */
	size_t n, size;
	bool keeps_left;		/* also rows of the left that find nothing */
	FILE *f;
	int64_t rows;
};

static uint64_t hash_of(struct csv_str s)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3;
	return h;
}

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int add_place(struct join *j, struct place place)
{
	if (j->n == JOIN_ROWS)
		return csv_fail(&j->right, "right: more than %d rows cannot be joined; "
				"let the longer file be 'left'", JOIN_ROWS);
	if (j->n == j->size) {
		size_t size = j->size ? 2 * j->size : 1024;
		struct place *more = realloc(j->places, size * sizeof *more);

		if (!more)
			return csv_fail(&j->right, "right: there is not enough memory "
					"for the places of its rows, 16 bytes each");
		j->places = more;
		j->size = size;
	}
	j->places[j->n++] = place;
	return 0;
}

static int index_right(struct join *j)
{
	int rc;

	while ((rc = csv_next(&j->right)) > 0)
		if (add_place(j, (struct place){hash_of(csv_field(&j->right,
								  j->right_key)),
						j->right.row_at}))
			return CSV_FAILED;
	if (!rc && j->n)
		qsort(j->places, j->n, sizeof *j->places, compare_places);
	return rc;
}

/* Names: the right's key is not repeated, and what the left has too gets a suffix. */

static int name_right(struct join *j, const char *suffix)
{
	struct csv *r = &j->right;
	size_t column, at = 0, *ends = calloc(r->width, sizeof *ends);
	bool ok = ends != NULL;

	j->names = calloc(r->width, sizeof *j->names);
	for (size_t i = 0; i < r->width && ok && j->names; i++) {
		ok = csv_text_add(&j->text, r->names[i].p, r->names[i].n);
		if (i != j->right_key && csv_find(&j->left, r->names[i], &column))
			ok = ok && csv_text_add(&j->text, suffix, strlen(suffix));
		ends[i] = j->text.n;
	}
	for (size_t i = 0; i < r->width && ok && j->names; at = ends[i++])
		j->names[i] = (struct csv_str){j->text.p + at, ends[i] - at};
	free(ends);
	return ok && j->names ? 0 : csv_fail(r, "right: there is not enough memory");
}

static int check_names(struct join *j)
{
	size_t column;

	for (size_t i = 0; i < j->right.width; i++) {
		struct csv_str s = j->names[i];
		bool is_twice = csv_find(&j->left, s, &column);

		/* One that got the suffix may be called as another is already. */
		if (!is_twice && csv_find(&j->right, s, &column))
			is_twice = column != i && column != j->right_key &&
				   csv_eq(s, j->names[column]);
		if (is_twice && i != j->right_key)
			return csv_fail(&j->right, "both files have a column '%.*s': "
					"give another 'suffix', or select columns first",
					(int)(s.n < 60 ? s.n : 60), s.p);
	}
	return 0;
}

/* Rows */

/* `has_right`: the row that j->right holds; else nothing for each of its fields. */
static void put_joined(struct join *j, bool has_right)
{
	struct csv *l = &j->left, *r = &j->right;
	bool is_empty = !l->text.n;

	for (size_t i = 0; i < l->nfields; i++) {
		if (i)
			putc(l->delimiter, j->f);
		csv_put(j->f, l, csv_field(l, i));
	}
	for (size_t i = 0; i < r->width; i++) {
		if (i == j->right_key)
			continue;
		putc(l->delimiter, j->f);
		if (has_right)
			csv_put(j->f, l, csv_field(r, i));
	}
	csv_put_end(j->f, l->nfields + r->width - 1, is_empty);
	j->rows++;
}

static void put_names(struct join *j)
{
	struct csv *l = &j->left;

	for (size_t i = 0; i < l->width; i++) {
		if (i)
			putc(l->delimiter, j->f);
		csv_put(j->f, l, l->names[i]);
	}
	for (size_t i = 0; i < j->right.width; i++) {
		if (i == j->right_key)
			continue;
		putc(l->delimiter, j->f);
		csv_put(j->f, l, j->names[i]);
	}
	csv_put_end(j->f, l->width + j->right.width - 1, l->width && !l->names[0].n);
}

static size_t first_place(const struct join *j, uint64_t hash)
{
	size_t lo = 0, hi = j->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (j->places[mid].hash < hash)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int join_row(struct join *j)
{
	struct csv_str key = csv_field(&j->left, j->left_key);
	uint64_t hash = hash_of(key);
	size_t i = first_place(j, hash);
	bool found = false;

	for (; i < j->n && j->places[i].hash == hash; i++) {
		if (csv_read_at(&j->right, j->places[i].at))
			return CSV_FAILED;
		if (j->right.nfields != j->right.width)
			return csv_fail(&j->right, "right: the file changed");
		if (!csv_eq(csv_field(&j->right, j->right_key), key))
			continue;
		put_joined(j, true);
		found = true;
	}
	if (!found && j->keeps_left)
		put_joined(j, false);
	return 0;
}

static int join_rows(struct join *j)
{
	int rc;

	put_names(j);
	while ((rc = csv_next(&j->left)) > 0)
		if (join_row(j))
			return CSV_FAILED;
	return rc;
}

static void join_release(struct join *j)
{
	csv_close(&j->left);
	csv_close(&j->right);
	free(j->names);
	free(j->text.p);
	free(j->places);
}

int csv_join(const char *left, const char *right, const char *on, const char *kind,
	     const char *suffix, const char *delimiter, const char *joined, int64_t *rows,
	     char *err, size_t nerr);

int csv_join(const char *left, const char *right, const char *on, const char *kind,
	     const char *suffix, const char *delimiter, const char *joined, int64_t *rows,
	     char *err, size_t nerr)
{
	struct csv_str key = {on, strlen(on)};
	struct csv_how how = {delimiter, true};
	struct join j = {.keeps_left = !strcmp(kind, "left")};
	int rc = CSV_FAILED;

	if (!csv_open(&j.left, "left", left, &how, err, nerr) &&
	    !csv_open(&j.right, "right", right, &how, err, nerr) &&
	    !csv_column(&j.left, key, &j.left_key) &&
	    !csv_column(&j.right, key, &j.right_key) && !name_right(&j, suffix) &&
	    !check_names(&j) && !index_right(&j) && (j.f = csv_create(&j.left, joined)))
		rc = join_rows(&j);
	rc = csv_finish(&j.left, j.f, rc);
	*rows = j.rows;
	join_release(&j);
	return rc;
}
