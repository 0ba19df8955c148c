/* What the files of std.csv share: reading and writing CSV (RFC 4180) row by row, in
 * bounded memory.
 *
 * Rows end with LF, CRLF or CR.  A field in quotes may hold anything, a quote doubled;
 * one without may not hold a quote.  A BOM is skipped, and so are lines with nothing on
 * them.  Every row has as many fields as the first.  What is written ends its lines
 * with LF and quotes where it must.
 *
 *	struct csv c;
 *	if (csv_open(&c, "data", path, &how, err, nerr))
 *		return CSV_FAILED;
 *	while ((rc = csv_next(&c)) > 0)
 *		use(csv_field(&c, 0));
 *	csv_close(&c);
 *	return rc;
 *
 * Functions return 0, or CSV_FAILED with the reason in the caller's err; what the
 * components are is in std/csv.kfp. */
#ifndef KFPC_STDLIB_CSV_H
#define KFPC_STDLIB_CSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/exec/native.h"

enum {
	CSV_FAILED = -1,
	CSV_ROW_BYTES = 16 << 20,	/* of one row */
	CSV_FIELDS = 1 << 17,		/* of one row */
};

struct csv_str {		/* bytes, which may be any */
	const char *p;
	size_t n;
};

struct csv_text {		/* bytes that grow; zeroed memory is empty */
	char *p;
	size_t n, size;
};

struct csv_how {		/* the parameters that all components have */
	const char *delimiter;
	bool has_header;
};

struct csv {
	const char *what;	/* parameter, for messages */
	char *err;		/* the caller's */
	size_t nerr;
	int fd;
	char delimiter;
	bool has_header, is_open;
	char *block;		/* of the file */
	size_t at, n;		/* in block: what comes next, what is there */
	int64_t next;		/* place in the file after block */
	struct csv_text text;	/* the row's fields, one after the other */
	size_t *ends;		/* in text */
	size_t nfields, nends;
	bool has_quote;		/* the row has a field in quotes */
	int64_t line, row;	/* line that is read, row that was read, from 1 */
	int64_t row_line;	/* where the row begins, as a line and in the file */
	int64_t row_at;
	size_t width;		/* of every row; 0 before the first */
	struct csv_text header;	/* text of names */
	struct csv_str *names;	/* width of them; made up where there is no header */
	struct csv_name {
		struct csv_str name;
		size_t column;
	} *sorted;		/* the same, by name */
};

/* csv_read.c */
/* Opens the file and reads the header; names are there unless the file has none. */
int csv_open(struct csv *c, const char *what, const char *path, const struct csv_how *how,
	     char *err, size_t nerr);
/* Frees everything; safe after csv_open failed, and on zeroed memory. */
void csv_close(struct csv *c);
/* 1 and the next row, 0 at the end, CSV_FAILED. */
int csv_next(struct csv *c);
static inline struct csv_str csv_field(const struct csv *c, size_t i)
{
	size_t lo = i ? c->ends[i - 1] : 0;

	/* A file of empty rows has no text at all. */
	return (struct csv_str){lo ? c->text.p + lo : c->text.p, c->ends[i] - lo};
}
/* Reads the row at `at` of the file, which was row_at once. */
int csv_read_at(struct csv *c, int64_t at);
/* Begins anew after the header. */
int csv_rewind(struct csv *c);
/* The number of a column; false if there is none of the name. */
bool csv_find(const struct csv *c, struct csv_str name, size_t *column);
/* The same, or CSV_FAILED after saying which there are. */
int csv_column(const struct csv *c, struct csv_str name, size_t *column);
int csv_fail(const struct csv *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The same, beginning with the place of the row. */
int csv_fail_row(const struct csv *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* csv_write.c */
FILE *csv_create(const struct csv *c, const char *path);
/* Closes it, NULL too: CSV_FAILED if not all could be written.  rc is what is returned
 * otherwise. */
int csv_finish(const struct csv *c, FILE *f, int rc);
void csv_put(FILE *f, const struct csv *c, struct csv_str field);
/* A whole row, and one of the names. */
void csv_put_row(FILE *f, const struct csv *c);
void csv_put_header(FILE *f, const struct csv *c);
/* A row with this field alone is not a line with nothing on it. */
void csv_put_end(FILE *f, size_t nfields, bool is_empty);

/* csv_text.c */
/* False if there is not enough memory. */
bool csv_text_add(struct csv_text *t, const char *p, size_t n);
bool csv_text_addf(struct csv_text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* As a JSON string; the text must be UTF-8. */
bool csv_text_add_json(struct csv_text *t, struct csv_str s);
bool csv_text_add_number(struct csv_text *t, double x);
bool csv_is_utf8(struct csv_str s);
bool csv_eq(struct csv_str a, struct csv_str b);
/* Is it a number as people write it (1, -2.5, 1e9, .5, inf; blanks around it do not
 * count)?  nan is none. */
bool csv_number(struct csv_str s, double *x, bool *is_int);
/* Is it one as JSON writes it? */
bool csv_is_json_number(struct csv_str s);
/* A JSON list of strings, freed as one: all of it lies in *list.  NULL if it is none. */
struct csv_str *csv_list(const char *json, size_t *n);

#endif
