#include <config.h>

#include "compiler/tool/diff.h"

#include "runtime/base/arena.h"
#include "runtime/base/vec.h"

struct side {
	VEC(struct str) lines;		/* each with its newline */
	bool *changed;			/* the line is not in the other text */
};

static void split(struct side *s, struct str text, struct arena *a)
{
	for (size_t lo = 0, hi; lo < text.n; lo = hi) {
		hi = str_find(text, STR("\n"), lo);
		hi += hi < text.n;
		vec_push(&s->lines, str_sub(text, lo, hi));
	}
	s->changed = ARENA_ARRAY(a, s->lines.n + 1, bool);
}

struct diff {
	struct side a, b;
	size_t lo, a_hi, b_hi;		/* what lies between equal ends */
	struct arena arena;
};

static bool equal_at(const struct diff *d, size_t i, size_t k)
{
	return str_eq(d->a.lines.at[i], d->b.lines.at[k]);
}

static void trim_ends(struct diff *d)
{
	size_t n = d->a.lines.n, m = d->b.lines.n;

	while (d->lo < n && d->lo < m && equal_at(d, d->lo, d->lo))
		d->lo++;
	while (n > d->lo && m > d->lo && equal_at(d, n - 1, m - 1))
		n--, m--;
	d->a_hi = n;
	d->b_hi = m;
}

/* Row e of the search: reach[k + e] lines of a are passed on diagonal k, after e
 * edits. */
struct row {
	long *reach;
};

static bool comes_down(const struct row *last, long e, long k)
{
	return k == -e ||
	       (k != e && last->reach[k - 1 + e - 1] < last->reach[k + 1 + e - 1]);
}

/* Marks the edits from the end back to the beginning. */
static void mark_edits(struct diff *d, const struct row *rows, long e)
{
	long x = (long)(d->a_hi - d->lo), y = (long)(d->b_hi - d->lo);

	for (; e > 0; e--) {
		long k = x - y;

		if (comes_down(&rows[e - 1], e, k)) {
			x = rows[e - 1].reach[k + 1 + e - 1];
			y = x - (k + 1);
			d->b.changed[d->lo + (size_t)y] = true;
		} else {
			x = rows[e - 1].reach[k - 1 + e - 1];
			y = x - (k - 1);
			d->a.changed[d->lo + (size_t)x] = true;
		}
	}
}

/* The furthest point on diagonal k after e edits. */
static long follow(const struct diff *d, const struct row *rows, long e, long k)
{
	long n = (long)(d->a_hi - d->lo), m = (long)(d->b_hi - d->lo), x = 0, y;

	if (e)
		x = comes_down(&rows[e - 1], e, k) ? rows[e - 1].reach[k + 1 + e - 1]
						   : rows[e - 1].reach[k - 1 + e - 1] + 1;
	for (y = x - k;
	     x < n && y < m && equal_at(d, d->lo + (size_t)x, d->lo + (size_t)y);)
		x++, y++;
	return x;
}

static bool find_edits(struct diff *d)
{
	long n = (long)(d->a_hi - d->lo), m = (long)(d->b_hi - d->lo);
	struct row *rows = ARENA_ARRAY(&d->arena, DIFF_EDITS + 1, struct row);

	for (long e = 0; e <= DIFF_EDITS; e++) {
		rows[e].reach = ARENA_ARRAY(&d->arena, 2 * (size_t)e + 1, long);
		for (long k = -e; k <= e; k += 2) {
			long x = follow(d, rows, e, k);

			rows[e].reach[k + e] = x;
			if (x >= n && x - k >= m) {
				mark_edits(d, rows, e);
				return true;
			}
		}
	}
	return false;
}

static void mark_all(struct diff *d)
{
	for (size_t i = d->lo; i < d->a_hi; i++)
		d->a.changed[i] = true;
	for (size_t i = d->lo; i < d->b_hi; i++)
		d->b.changed[i] = true;
}

static void add_line(struct buf *out, char mark, struct str line)
{
	buf_addc(out, mark);
	buf_add(out, line);
	if (!str_has_suffix(line, STR("\n")))
		buf_addz(out, "\n\\ No newline at end of file\n");
}

struct place {
	size_t i, k;		/* lines of a and of b */
};

static bool is_change(const struct diff *d, struct place at)
{
	return d->a.changed[at.i] || d->b.changed[at.k];
}

static struct place step(const struct diff *d, struct place at, struct buf *out)
{
	if (d->a.changed[at.i]) {
		if (out)
			add_line(out, '-', d->a.lines.at[at.i]);
		at.i++;
	} else if (d->b.changed[at.k]) {
		if (out)
			add_line(out, '+', d->b.lines.at[at.k]);
		at.k++;
	} else {
		if (out)
			add_line(out, ' ', d->a.lines.at[at.i]);
		at.i++, at.k++;
	}
	return at;
}

/* Where the hunk ends whose first change is at `at`: before more equal lines than two
 * contexts hold. */
static struct place hunk_end(const struct diff *d, struct place at)
{
	struct place end = at;
	size_t equal = 0;

	while (at.i < d->a.lines.n || at.k < d->b.lines.n) {
		equal = is_change(d, at) ? 0 : equal + 1;
		if (equal > 2 * DIFF_CONTEXT)
			break;
		at = step(d, at, NULL);
		if (equal <= DIFF_CONTEXT)
			end = at;
	}
	return end;
}

static void add_range(struct buf *out, char mark, size_t lo, size_t hi)
{
	buf_addf(out, "%c%zu", mark, hi > lo ? lo + 1 : lo);
	if (hi - lo != 1)
		buf_addf(out, ",%zu", hi - lo);
}

static struct place add_hunk(const struct diff *d, struct place at, struct buf *out)
{
	size_t before = at.i < DIFF_CONTEXT ? at.i : DIFF_CONTEXT;
	struct place end = hunk_end(d, at);

	before = at.k < before ? at.k : before;
	at.i -= before;
	at.k -= before;
	buf_addz(out, "@@ ");
	add_range(out, '-', at.i, end.i);
	buf_addc(out, ' ');
	add_range(out, '+', at.k, end.k);
	buf_addz(out, " @@\n");
	while (at.i < end.i || at.k < end.k)
		at = step(d, at, out);
	return at;
}

void diff_unified(struct str path, struct str a, struct str b, struct buf *out)
{
	struct diff d = {0};
	struct place at = {0};

	if (str_eq(a, b))
		return;
	split(&d.a, a, &d.arena);
	split(&d.b, b, &d.arena);
	trim_ends(&d);
	if (!find_edits(&d))
		mark_all(&d);
	buf_addf(out, "--- %.*s\n+++ %.*s\n", STR_ARG(path), STR_ARG(path));
	while (at.i < d.a.lines.n || at.k < d.b.lines.n)
		at = is_change(&d, at) ? add_hunk(&d, at, out) : step(&d, at, NULL);
	vec_release(&d.a.lines);
	vec_release(&d.b.lines);
	arena_release(&d.arena);
}
