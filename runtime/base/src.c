#include <config.h>

#include "runtime/base/src.h"

#include "runtime/base/utf8.h"

void src_init(struct src *s)
{
	*s = (struct src){.end = 1};
}

void src_release(struct src *s)
{
	arena_release(&s->arena);
	vec_release(&s->files);
	src_init(s);
}

static struct str normalized(struct arena *a, struct str text)
{
	char *p;
	size_t n = 0;

	if (str_has_prefix(text, STR("\xef\xbb\xbf")))
		text = str_sub(text, 3, text.n);
	p = arena_alloc(a, text.n + 1);
	if (!text.n || !memchr(text.p, '\r', text.n)) {
		if (text.n)
			memcpy(p, text.p, text.n);
		return (struct str){p, text.n};
	}
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\r' || i + 1 == text.n || text.p[i + 1] != '\n')
			p[n++] = text.p[i];
	return (struct str){p, n};
}

static void index_lines(struct src *s, struct src_file *f)
{
	const char *end = f->text.p + f->text.n, *p;
	uint32_t n = 1;

	for (p = f->text.p; (p = memchr(p, '\n', (size_t)(end - p))); p++)
		n++;
	f->lines = ARENA_ARRAY(&s->arena, n, uint32_t);
	f->nlines = n;
	n = 1;
	for (p = f->text.p; (p = memchr(p, '\n', (size_t)(end - p))); p++)
		f->lines[n++] = (uint32_t)(p + 1 - f->text.p);
}

struct src_file *src_add(struct src *s, struct str path, struct str text)
{
	struct src_file *f;

	if (text.n >= UINT32_MAX - s->end - 2)
		return NULL;
	f = ARENA_NEW(&s->arena, struct src_file);
	f->path = arena_str(&s->arena, path);
	f->text = normalized(&s->arena, text);
	f->base = s->end;
	f->index = (uint32_t)s->files.n;
	s->end += (uint32_t)f->text.n + 1;	/* its end is a place of its own */
	index_lines(s, f);
	vec_push(&s->files, f);
	return f;
}

struct src_file *src_file_at(const struct src *s, uint32_t offset)
{
	size_t lo = 0, hi = s->files.n;

	if (!offset || offset >= s->end)
		return NULL;
	while (hi - lo > 1) {
		size_t mid = (lo + hi) / 2;

		if (s->files.at[mid]->base <= offset)
			lo = mid;
		else
			hi = mid;
	}
	return s->files.n ? s->files.at[lo] : NULL;
}

struct src_pos src_pos_at(const struct src *s, uint32_t offset)
{
	struct src_file *f = src_file_at(s, offset);
	uint32_t at, lo = 0, hi;

	if (!f)
		return (struct src_pos){0};
	at = offset - f->base;
	for (hi = f->nlines; hi - lo > 1;) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (f->lines[mid] <= at)
			lo = mid;
		else
			hi = mid;
	}
	return (struct src_pos){
		.file = f,
		.line = lo + 1,
		.col = (uint32_t)utf8_count(str_sub(f->text, f->lines[lo], at)) + 1,
	};
}

/* Is offset in the line of the cursor? */
static bool is_in_line(const struct src_cursor *c, uint32_t offset)
{
	const struct src_file *f = c->pos.file;

	if (!f || offset < f->base + f->lines[c->pos.line - 1])
		return false;
	return offset - f->base < (c->pos.line < f->nlines ? f->lines[c->pos.line]
							   : f->text.n + 1);
}

struct src_pos src_pos_next(const struct src *s, struct src_cursor *c, uint32_t offset)
{
	const struct src_file *f = c->pos.file;

	if (!is_in_line(c, offset))
		c->pos = src_pos_at(s, offset);
	else if (offset < c->offset)
		c->pos.col -= (uint32_t)utf8_count(
			str_sub(f->text, offset - f->base, c->offset - f->base));
	else
		c->pos.col += (uint32_t)utf8_count(
			str_sub(f->text, c->offset - f->base, offset - f->base));
	c->offset = offset;
	return c->pos;
}

struct str src_line(const struct src_file *f, uint32_t line)
{
	size_t lo, hi;

	if (!line || line > f->nlines)
		return STR("");
	lo = f->lines[line - 1];
	hi = line < f->nlines ? f->lines[line] - 1 : f->text.n;
	return str_sub(f->text, lo, hi);
}

struct str src_text(const struct src *s, struct span span)
{
	const struct src_file *f = src_file_at(s, span.lo);

	return f ? str_sub(f->text, span.lo - f->base, span.hi - f->base) : STR("");
}
