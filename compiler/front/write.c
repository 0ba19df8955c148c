#include <config.h>

#include "compiler/front/write.h"

#include "compiler/front/front.h"
#include "compiler/front/write_int.h"
#include "runtime/base/utf8.h"

void put(struct writer *w, struct str s)
{
	const char *line = s.n ? memrchr(s.p, '\n', s.n) : NULL;

	if (w->over)
		return;
	if (line) {
		struct str first = str_sub(s, 0, str_find(s, STR("\n"), 0));

		w->over |= w->flat && !w->whole &&
			   w->col + utf8_width(first) > WRITE_COLUMNS;
		w->col = 0;
		buf_add(w->out, str_sub(s, 0, (size_t)(line + 1 - s.p)));
		s = str_sub(s, (size_t)(line + 1 - s.p), s.n);
	}
	buf_add(w->out, s);
	w->col += (unsigned)utf8_width(s);
	w->over |= w->flat && !w->whole && w->col > w->limit;
}

void putz(struct writer *w, const char *z)
{
	put(w, str_of(z));
}

void put_sym(struct writer *w, const struct sym *s)
{
	put(w, sym_str(s));
}

struct str source(const struct writer *w, struct span at)
{
	const struct src_file *f = w->in->file;

	return str_sub(f->text, at.lo - f->base, at.hi - f->base);
}

/* The byte there; 0 outside of the file. */
char source_at(const struct writer *w, uint32_t at)
{
	const struct src_file *f = w->in->file;

	return at >= f->base && at - f->base < f->text.n ? f->text.p[at - f->base] : '\0';
}

struct mark mark_set(const struct writer *w)
{
	return (struct mark){w->out->n, w->next, w->col};
}

void mark_return(struct writer *w, struct mark m)
{
	w->out->n = m.n;
	w->next = m.next;
	w->col = m.col;
}

struct mark flat_begin(struct writer *w, unsigned tail)
{
	w->flat = true;
	w->over = false;
	w->limit = tail < WRITE_COLUMNS ? WRITE_COLUMNS - tail : 0;
	return mark_set(w);
}

bool flat_end(struct writer *w, struct mark m)
{
	bool fits = !w->over;

	w->flat = w->over = false;
	if (!fits)
		mark_return(w, m);
	return fits;
}

unsigned flat_width(struct writer *w,
		    void (*put_it)(struct writer *, const struct node *),
		    const struct node *n)
{
	unsigned was = w->col, width;
	struct mark m;

	w->col = 0;
	m = flat_begin(w, 0);
	put_it(w, n);
	width = w->over ? WRITE_COLUMNS + 1 : w->col;
	w->flat = w->over = false;
	mark_return(w, m);
	w->col = was;
	return width;
}

bool comment_waits(const struct writer *w, uint32_t before)
{
	return w->next < w->ncomments && w->in->comments[w->next].span.lo < before;
}

void line_begin(struct writer *w)
{
	buf_fill(w->out, ' ', w->indent);
	w->col = w->indent;
}

static void put_comment(struct writer *w)
{
	struct span at = w->in->comments[w->next++].span;

	put(w, str_trim(source(w, at)));
}

static void newline(struct writer *w)
{
	buf_addc(w->out, '\n');
	w->col = 0;
}

void line_end(struct writer *w, uint32_t pos, uint32_t bound)
{
	bool first = true;

	while (comment_waits(w, bound > pos ? bound : pos)) {
		const struct comment *c = &w->in->comments[w->next];

		if (c->span.lo >= pos && c->own_line)
			break;
		if (first) {
			putz(w, "  ");
		} else {
			newline(w);
			line_begin(w);
		}
		put_comment(w);
		first = false;
	}
	newline(w);
}

bool comments_before(struct writer *w, uint32_t bound, bool blank)
{
	bool any = false;

	for (; comment_waits(w, bound); any = blank = true) {
		if (blank && blank_before(w, w->in->comments[w->next].span.lo))
			newline(w);
		line_begin(w);
		put_comment(w);
		newline(w);
	}
	return any;
}

uint32_t token_after(const struct writer *w, uint32_t pos)
{
	const struct src_file *f = w->in->file;
	size_t i = pos - f->base;

	for (; i < f->text.n; i++) {
		char c = f->text.p[i];

		if (c == '#')
			i = str_find(f->text, STR("\n"), i);
		else if (c != ' ' && c != '\t' && c != '\n' && c != '\f')
			break;
	}
	return f->base + (uint32_t)(i < f->text.n ? i : f->text.n);
}

uint32_t token_after_comma(const struct writer *w, uint32_t pos)
{
	pos = token_after(w, pos);
	return source_at(w, pos) == ',' ? token_after(w, pos + 1) : pos;
}

static uint32_t line_start(const struct writer *w, uint32_t pos)
{
	while (pos > w->in->file->base && source_at(w, pos - 1) != '\n')
		pos--;
	return pos;
}

bool blank_before(const struct writer *w, uint32_t pos)
{
	uint32_t lo = line_start(w, pos);

	if (lo == w->in->file->base || !first_on_line(w, pos))
		return false;
	return !str_trim(source(w, (struct span){line_start(w, lo - 1), lo - 1})).n;
}

bool blank_between(const struct writer *w, uint32_t lo, uint32_t hi)
{
	bool fresh = false;

	for (; lo < hi; lo++) {
		char c = source_at(w, lo);

		if (c == '\n' && fresh)
			return true;
		fresh = c == '\n' || (fresh && (c == ' ' || c == '\t'));
	}
	return false;
}

bool first_on_line(const struct writer *w, uint32_t pos)
{
	return !str_trim(source(w, (struct span){line_start(w, pos), pos})).n;
}

uint32_t line_column(const struct writer *w, uint32_t pos)
{
	struct span at = {line_start(w, pos), line_start(w, pos)};

	while (source_at(w, at.hi) == ' ' || source_at(w, at.hi) == '\t')
		at.hi++;
	return indent_width(source(w, at));
}

static uint32_t line_stop(const struct src_file *f, uint32_t pos)
{
	size_t i = str_find(f->text, STR("\n"), pos - f->base);

	return f->base + (uint32_t)(i < f->text.n ? i + 1 : i);
}

struct write_regions write_regions(struct arena *a, const struct src_file *f,
				   const struct node *tree)
{
	struct write_regions r = {ARENA_ARRAY(a, tree->file.items.n + 1, uint32_t), 0};
	uint32_t end = f->base;

	list_each(n, &tree->file.items) {
		uint32_t stop = line_stop(f, n->span.hi);

		end = stop > end ? stop : end;
		r.ends[r.n++] = end;
	}
	r.ends[r.n++] = f->base + (uint32_t)f->text.n;
	return r;
}

/* Copies a region, with the comments in it. */
static void copy_region(struct writer *w, uint32_t lo, uint32_t hi)
{
	struct str s = source(w, (struct span){lo, hi});

	buf_add(w->out, s);
	if (s.n && s.p[s.n - 1] != '\n')
		buf_addc(w->out, '\n');
	while (comment_waits(w, hi))
		w->next++;
}

/* Between two items at the top there is an empty line if one of them is a block; else
 * if there was one. */
static void separate(struct writer *w, const struct node *last, const struct node *n)
{
	if (!last || blank_between(w, last->span.hi, n->span.lo))
		return;
	if (is_block_declaration(w, last) || is_block_declaration(w, n))
		newline(w);
}

static void write_top(struct writer *w, const struct node *last, const struct node *n)
{
	bool begun = w->out->n, any;

	separate(w, last, n);
	any = comments_before(w, n->span.lo, begun);
	if ((any || begun) && blank_before(w, n->span.lo))
		newline(w);
	write_item(w, n);
}

/* Where comments end that belong to what is written before the next region. */
static void stop_comments(struct writer *w, uint32_t end, bool next_kept)
{
	const struct write_input *in = w->in;

	w->ncomments = in->ncomments;
	while (next_kept && w->ncomments && in->comments[w->ncomments - 1].span.lo >= end)
		w->ncomments--;
}

struct spans {
	VEC(struct span) all;
};

static bool find_fstring(void *ctx, const struct node *n)
{
	struct spans *s = ctx;

	if (n->kind == AST_FSTRING)
		vec_push(&s->all, n->span);
	return n->kind != AST_FSTRING;
}

/* Text of f-strings stands as it is, comments in their fields with it: those are not
 * to be written again. */
static void drop_fstring_comments(struct arena *a, struct write_input *in)
{
	struct comment *left = ARENA_ARRAY(a, in->ncomments, struct comment);
	struct spans strings = {0};
	size_t n = 0, k = 0;

	if (in->ncomments)
		ast_each(in->tree, find_fstring, &strings);
	for (size_t i = 0; i < in->ncomments; i++) {
		uint32_t at = in->comments[i].span.lo;

		while (k < strings.all.n && strings.all.at[k].hi <= at)
			k++;
		if (k == strings.all.n || at < strings.all.at[k].lo)
			left[n++] = in->comments[i];
	}
	vec_release(&strings.all);
	in->comments = left;
	in->ncomments = n;
}

void write_kfp(struct arena *a, const struct write_input *in, struct buf *out)
{
	struct write_input mine = *in;
	struct writer w = {.in = &mine, .out = out};
	struct write_regions r = write_regions(a, in->file, in->tree);
	const struct node *last = NULL;
	uint32_t lo = in->file->base;
	size_t i = 0;

	drop_fstring_comments(a, &mine);
	list_each(n, &in->tree->file.items) {
		bool kept = in->keep && in->keep[i];

		stop_comments(&w, r.ends[i], in->keep && in->keep[i + 1]);
		if (kept)
			copy_region(&w, lo, r.ends[i]);
		else
			write_top(&w, last, n);
		last = kept ? NULL : n;
		lo = r.ends[i++];
	}
	w.ncomments = mine.ncomments;
	if (in->keep && in->keep[i])
		copy_region(&w, lo, r.ends[i]);
	else
		comments_before(&w, r.ends[i], out->n);
}

static void write_part(const struct src_file *file, const struct node *n,
		       void (*put_it)(struct writer *, const struct node *),
		       struct buf *out)
{
	struct write_input in = {.file = file};
	struct writer w = {.in = &in, .out = out, .flat = true, .whole = true};

	put_it(&w, n);
}

void write_type(const struct src_file *file, const struct node *type, struct buf *out)
{
	write_part(file, type, put_type, out);
}

void write_expr(const struct src_file *file, const struct node *expr, struct buf *out)
{
	write_part(file, expr, put_expr, out);
}
