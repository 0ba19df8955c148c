#include <config.h>

#include "runtime/base/diag.h"

#include <stdlib.h>

#include "runtime/base/limits.h"

static const struct code_info {
	const char *name, *title;
} CODES[] = {
#define DIAG(code, title) {#code, title},
#include "runtime/base/diag.def"
#undef DIAG
};

const char *diag_code_name(enum diag_code code)
{
	return CODES[code].name;
}

const char *diag_code_title(enum diag_code code)
{
	return CODES[code].title;
}

bool diag_code_is_error(enum diag_code code)
{
	return CODES[code].name[0] == 'E';
}

enum diag_code diag_code_find(struct str name)
{
	unsigned i = 0;

	while (i < DIAG_NCODES && !str_is(name, CODES[i].name))
		i++;
	return (enum diag_code)i;
}

void diags_init(struct diags *ds, const struct src *src)
{
	*ds = (struct diags){.src = src};
}

static void forget(struct diag *d)
{
	vec_release(&d->notes);
	vec_release(&d->fixes);
}

void diags_release(struct diags *ds)
{
	for (size_t i = 0; i < ds->all.n; i++)
		forget(ds->all.at[i]);
	forget(&ds->scratch);
	vec_release(&ds->all);
	arena_release(&ds->arena);
	diags_init(ds, ds->src);
}

__attribute__((format(printf, 2, 0)))
static struct str format(struct diags *ds, const char *fmt, va_list ap)
{
	struct buf b = {0};
	struct str s;

	buf_vaddf(&b, fmt, ap);
	s = arena_str(&ds->arena, buf_str(&b));
	buf_release(&b);
	return s;
}

static bool is_unwanted(const struct diags *ds, struct span span, enum diag_code code)
{
	const struct src_file *f;

	if (diag_code_is_error(code) || !ds->src)
		return false;
	f = src_file_at(ds->src, span.lo);
	return f && f->is_quiet;
}

struct diag *diag(struct diags *ds, struct span span, enum diag_code code,
		  const char *fmt, ...)
{
	unsigned *count = diag_code_is_error(code) ? &ds->nerrors : &ds->nwarnings;
	struct diag *d = &ds->scratch;
	va_list ap;

	if (is_unwanted(ds, span, code)) {
		forget(d);
	} else if (++*count <= LIMIT_DIAGS) {
		d = ARENA_NEW(&ds->arena, struct diag);
		vec_push(&ds->all, d);
	} else {
		ds->dropped++;
		forget(d);
	}
	d->owner = ds;
	d->code = code;
	d->span = span;
	d->order = (uint32_t)ds->all.n;
	va_start(ap, fmt);
	d->text = format(ds, fmt, ap);
	va_end(ap);
	return d;
}

void diag_label(struct diag *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	d->label = format(d->owner, fmt, ap);
	va_end(ap);
}

void diag_note(struct diag *d, struct span span, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vec_push(&d->notes,
		 (struct diag_at){.span = span, .text = format(d->owner, fmt, ap)});
	va_end(ap);
}

__attribute__((format(printf, 4, 0)))
static struct diag_at *add_fix(struct diag *d, struct span span, struct str put,
			       const char *fmt, va_list ap)
{
	vec_push(&d->fixes, (struct diag_at){
		.span = span,
		.text = format(d->owner, fmt, ap),
		.put = arena_str(&d->owner->arena, put),
	});
	return &vec_last(&d->fixes);
}

void diag_fix(struct diag *d, struct span span, struct str put, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_fix(d, span, put, fmt, ap)->sure = true;
	va_end(ap);
}

void diag_propose(struct diag *d, struct span span, struct str put, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_fix(d, span, put, fmt, ap);
	va_end(ap);
}

static int compare(const void *pa, const void *pb)
{
	const struct diag *a = *(struct diag *const *)pa, *b = *(struct diag *const *)pb;

	if (a->span.lo != b->span.lo)
		return a->span.lo < b->span.lo ? -1 : 1;
	if (a->code != b->code)
		return a->code < b->code ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static bool is_same(const struct diag *a, const struct diag *b)
{
	return a->code == b->code && a->span.lo == b->span.lo &&
	       a->span.hi == b->span.hi && str_eq(a->text, b->text);
}

static void uncount(struct diags *ds, struct diag *d)
{
	diag_code_is_error(d->code) ? ds->nerrors-- : ds->nwarnings--;
	forget(d);
}

void diag_drop(struct diags *ds, bool (*drop)(void *ctx, const struct diag *d), void *ctx)
{
	size_t n = 0;

	for (size_t i = 0; i < ds->all.n; i++) {
		struct diag *d = ds->all.at[i];

		if (drop(ctx, d))
			uncount(ds, d);
		else
			ds->all.at[n++] = d;
	}
	ds->all.n = n;
}

void diag_finish(struct diags *ds)
{
	size_t n = 0;

	if (!ds->all.n)
		return;
	qsort(ds->all.at, ds->all.n, sizeof *ds->all.at, compare);
	for (size_t i = 0; i < ds->all.n; i++) {
		struct diag *d = ds->all.at[i];

		if (n && is_same(ds->all.at[n - 1], d)) {
			uncount(ds, d);
			continue;
		}
		ds->all.at[n++] = d;
	}
	ds->all.n = n;
}

void suggest(struct suggestion *s, struct str candidate)
{
	unsigned max = s->wanted.n < 3 ? 1 : (unsigned)(s->wanted.n + 2) / 3;
	unsigned d = str_distance(s->wanted, candidate, max);

	if (d > max || 2 * d > candidate.n || (s->best.n && d > s->distance))
		return;
	if (s->best.n && d == s->distance) {
		s->tied |= !str_eq(s->best, candidate);
		return;
	}
	s->best = candidate;
	s->distance = d;
	s->tied = false;
}

bool suggestion_is_sure(const struct suggestion *s)
{
	return s->best.n && s->distance <= 2 && !s->tied;
}

void diag_suggest(struct diag *d, struct span span, const struct suggestion *s)
{
	if (!s->best.n)
		return;
	diag_propose(d, span, s->best, "did you mean '%.*s'?", STR_ARG(s->best));
	vec_last(&d->fixes).sure = suggestion_is_sure(s);
}
