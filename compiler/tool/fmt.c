#include <config.h>

#include "compiler/tool/fmt.h"

#include "compiler/front/write.h"

/* A text and what was read in it. */
struct reading {
	const struct src_file *file;
	struct parse_result tree;
	const struct diags *diags;
};

static bool read_text(struct compilation *c, struct str path, struct str text,
		      struct reading *r)
{
	struct parse_ctx ctx = {&c->arena, &c->syms, &c->src, &c->diags};

	r->file = src_add(&c->src, path, text);
	r->diags = &c->diags;
	if (r->file)
		r->tree = parse_file(&ctx, r->file);
	return r->file;
}

static struct str comment_text(const struct reading *r, size_t i)
{
	struct span at = r->tree.comments.at[i].span;

	return str_trim(str_sub(r->file->text, at.lo - r->file->base,
				at.hi - r->file->base));
}

static bool same_comments(const struct reading *a, const struct reading *b)
{
	if (a->tree.comments.n != b->tree.comments.n)
		return false;
	for (size_t i = 0; i < a->tree.comments.n; i++)
		if (!str_eq(comment_text(a, i), comment_text(b, i)))
			return false;
	return true;
}

/* The error at or after the i-th diagnostic; NULL after the last. */
static const struct diag *next_error(const struct diags *ds, size_t *i)
{
	while (*i < ds->all.n) {
		const struct diag *d = ds->all.at[(*i)++];

		if (diag_code_is_error(d->code))
			return d;
	}
	return NULL;
}

static bool same_errors(const struct diags *a, const struct diags *b)
{
	size_t i = 0, k = 0;

	for (;;) {
		const struct diag *x = next_error(a, &i), *y = next_error(b, &k);

		if (!x || !y)
			return x == y;
		if (x->code != y->code || !str_eq(x->text, y->text))
			return false;
	}
}

static bool find_error(void *ctx, const struct node *n)
{
	bool *found = ctx;

	*found |= n->kind == AST_ERROR;
	return !*found;
}

/* Nothing but blanks and comments? */
static bool is_empty(const struct reading *r, uint32_t from, uint32_t to)
{
	struct str s = r->file->text, line;

	for (size_t lo = from - r->file->base, hi = to - r->file->base; lo < hi;) {
		size_t stop = str_find(s, STR("\n"), lo);

		line = str_trim(str_sub(s, lo, stop < hi ? stop : hi));
		if (line.n && line.p[0] != '#')
			return false;
		lo = stop + 1;
	}
	return true;
}

/* Marks the regions that hold words which no item has: the parser passed over them. */
static void keep_lost(const struct reading *r, const struct write_regions *regions,
		      bool *keep)
{
	uint32_t lo = r->file->base;
	size_t i = 0;

	list_each(n, &r->tree.file->file.items) {
		if (n->span.lo < lo || !is_empty(r, lo, n->span.lo) ||
		    !is_empty(r, n->span.hi, regions->ends[i])) {
			keep[i] = true;
			if (i && n->span.lo < lo)
				keep[i - 1] = true;
		}
		lo = regions->ends[i++];
	}
	keep[i] |= !is_empty(r, lo, regions->ends[i]);
}

/* Marks the regions of what is wrong. */
static void keep_errors(const struct reading *r, const struct write_regions *regions,
			bool *keep)
{
	const struct node *n = r->tree.file->file.items.first;
	const struct diag *d;

	for (size_t i = 0; (d = next_error(r->diags, &i));) {
		size_t k = 0;

		while (k + 1 < regions->n && regions->ends[k] <= d->span.lo)
			k++;
		for (; k < regions->n; k++) {
			keep[k] = true;
			if (regions->ends[k] >= d->span.hi)
				break;
		}
	}
	for (size_t i = 0; n; n = n->next, i++)
		ast_each(n, find_error, &keep[i]);
	keep_lost(r, regions, keep);
}

static void count_bytes(struct str s, size_t counts[256])
{
	for (size_t i = 0; i < s.n; i++)
		counts[(unsigned char)s.p[i]]++;
}

/* A small letter stands for the capital, too: F"" becomes f"".  Those of `pass` and
 * `with` do not count, which may be dropped. */
static bool is_counted(int c)
{
	return c >= 0x80 || c == '_' || (c >= '0' && c <= '9') ||
	       (c >= 'a' && c <= 'z' && !strchr("paswith", c));
}

/* Does each letter and digit stand in both equally often?  No word may come or go, not
 * even where the parser passes over it. */
static bool same_letters(struct str a, struct str b)
{
	size_t x[256] = {0}, y[256] = {0};

	count_bytes(a, x);
	count_bytes(b, y);
	for (int c = 'A'; c <= 'Z'; c++) {
		x[c | 32] += x[c];
		y[c | 32] += y[c];
	}
	for (int c = 0; c < 256; c++)
		if (is_counted(c) && x[c] != y[c])
			return false;
	return true;
}

/* The result is read; true if it is right.  Else what came out as something else is
 * marked to be kept. */
static bool verify(const struct reading *r, const struct buf *out, bool *keep)
{
	const struct list *items = &r->tree.file->file.items;
	struct compilation c;
	struct reading again = {0};
	bool right;

	compilation_init(&c);
	right = read_text(&c, r->file->path, buf_str(out), &again) &&
		ast_equal(r->tree.file, again.tree.file) && same_comments(r, &again) &&
		same_errors(r->diags, again.diags) &&
		same_letters(r->file->text, again.file->text);
	if (!right && again.file && items->n == again.tree.file->file.items.n) {
		const struct node *b = again.tree.file->file.items.first;
		size_t i = 0;

		for (const struct node *a = items->first; a; a = a->next, b = b->next)
			keep[i++] |= !ast_equal(a, b);
	}
	vec_release(&again.tree.comments);
	compilation_release(&c);
	return right;
}

static bool is_text(const struct diags *ds)
{
	return !ds->all.n || ds->all.at[0]->code != E0101;
}

static int refuse(struct err *err, struct str path, const char *why)
{
	return err_setk(err, ERR_INPUT, "%.*s is left as it is: %s", STR_ARG(path), why);
}

/* Appends the canonical form; false if it cannot be had. */
static bool form(struct compilation *c, const struct reading *r, struct buf *out)
{
	struct write_regions regions = write_regions(&c->arena, r->file, r->tree.file);
	bool *keep = ARENA_ARRAY(&c->arena, regions.n, bool);
	struct write_input in = {
		.file = r->file, .tree = r->tree.file, .keep = keep,
		.comments = r->tree.comments.at, .ncomments = r->tree.comments.n,
	};
	struct buf text = {0};
	bool right = false;

	keep_errors(r, &regions, keep);
	for (int i = 0; !right && i < 2; i++) {
		buf_clear(&text);
		write_kfp(&c->arena, &in, &text);
		right = verify(r, &text, keep);
	}
	if (right)
		buf_add(out, buf_str(&text));
	buf_release(&text);
	return right;
}

/* Forms text, which was formed, once more: is it its own canonical form? */
static bool is_stable(struct str path, struct buf *text)
{
	struct compilation c;
	struct reading r = {0};
	struct buf again = {0};
	bool same = false;

	compilation_init(&c);
	if (read_text(&c, path, buf_str(text), &r) && form(&c, &r, &again)) {
		same = str_eq(buf_str(&again), buf_str(text));
		buf_clear(text);
		buf_add(text, buf_str(&again));
	}
	vec_release(&r.tree.comments);
	buf_release(&again);
	compilation_release(&c);
	return same;
}

/* A comment in the middle of an expression breaks the brackets around it, and then finds
 * its place behind them: the second time they may stand on one line again. */
static void settle(const struct reading *r, struct buf *text)
{
	bool moves = false;

	for (size_t i = 0; !moves && i < r->tree.comments.n; i++)
		moves = r->tree.comments.at[i].in_brackets && !r->tree.comments.at[i].doc;
	if (!moves || str_eq(buf_str(text), r->file->text))
		return;
	for (int i = 0; i < 3 && !is_stable(r->file->path, text); i++)
		;
}

static int format(struct compilation *c, const struct reading *r, struct buf *out,
		  struct err *err)
{
	struct str path = r->file->path;
	struct buf text = {0};
	bool wrong = c->diags.nerrors, done;

	/* Where something is wrong, the parser may pass over other words once the lines
	 * around them are formed. */
	done = !c->diags.dropped && form(c, r, &text) && (!wrong || is_stable(path, &text));
	if (done && !wrong)
		settle(r, &text);
	if (done)
		buf_add(out, buf_str(&text));
	buf_release(&text);
	if (done)
		return 0;
	return refuse(err, path, wrong ? "what is wrong with it must be mended first"
				       : "another form would change what it means");
}

int fmt_text(struct compilation *c, struct str path, struct str text, struct buf *out,
	     struct err *err)
{
	struct reading r = {0};
	int rc;

	if (!read_text(c, path, text, &r))
		return refuse(err, path, "it is too large");
	rc = is_text(&c->diags) ? format(c, &r, out, err)
				: refuse(err, path, "this is no text");
	vec_release(&r.tree.comments);
	return rc;
}
