#include <config.h>

#include "compiler/sema/allow.h"

#include <ctype.h>

/* A comment that may be for the compiler. */
struct reader {
	struct allows *allows;
	const struct src_file *file;
	struct diags *ds;
	struct str text;
	size_t at;		/* in text */
	uint32_t lo;		/* where text begins */
	struct span over;
	bool is_file;
};

void allows_release(struct allows *a)
{
	vec_release(&a->all);
}

static void skip_blanks(struct reader *r)
{
	while (r->at < r->text.n && (r->text.p[r->at] == ' ' || r->text.p[r->at] == '\t'))
		r->at++;
}

static bool skip_word(struct reader *r, struct str word)
{
	if (!str_has_prefix(str_sub(r->text, r->at, r->text.n), word))
		return false;
	r->at += word.n;
	return true;
}

/* Letters and digits. */
static struct str take_word(struct reader *r, struct span *at)
{
	size_t lo = r->at;

	while (r->at < r->text.n && isalnum((unsigned char)r->text.p[r->at]))
		r->at++;
	*at = (struct span){r->lo + (uint32_t)lo, r->lo + (uint32_t)r->at};
	return str_sub(r->text, lo, r->at);
}

static void say_no_warning(struct reader *r, struct str name, struct span at)
{
	enum diag_code code;
	char upper[8] = "";
	struct diag *d;

	for (size_t i = 0; name.n < sizeof upper && i < name.n; i++)
		upper[i] = (char)toupper((unsigned char)name.p[i]);
	code = diag_code_find(str_of(upper));
	if (code != DIAG_NCODES && diag_code_is_error(code)) {
		diag(r->ds, at, W0102, "'%s' is an error, and errors are not silenced",
		     upper);
		return;
	}
	d = diag(r->ds, at, W0102, "there is no warning '%.*s'", STR_ARG(name));
	if (code != DIAG_NCODES)
		diag_fix(d, at, str_of(upper), "write '%s'", upper);
}

static void read_code(struct reader *r)
{
	struct span at;
	struct str name = take_word(r, &at);
	enum diag_code code = diag_code_find(name);

	if (!name.n)
		diag(r->ds, at, W0102,
		     "the name of a warning is wanted, as in 'allow W0301'");
	else if (code == DIAG_NCODES || diag_code_is_error(code))
		say_no_warning(r, name, at);
	else
		vec_push(&r->allows->all,
			 (struct allow){code, at, r->over, r->is_file, false});
}

/* What stands after "# kfpc:". */
static void read_instruction(struct reader *r)
{
	struct span at;
	struct str word;
	struct suggestion best;
	struct diag *d;

	skip_blanks(r);
	word = take_word(r, &at);
	if (!str_is(word, "allow")) {
		best = (struct suggestion){.wanted = word};
		suggest(&best, STR("allow"));
		d = diag(r->ds, at, W0102, "'# kfpc:' is followed by 'allow'");
		diag_suggest(d, at, &best);
		return;
	}
	do {
		skip_blanks(r);
		read_code(r);
		skip_blanks(r);
	} while (skip_word(r, STR(",")));
}

/* The span of a line (from 1). */
static struct span line_span(const struct src_file *f, uint32_t line)
{
	uint32_t lo = f->base + f->lines[line - 1];

	return (struct span){lo, lo + (uint32_t)src_line(f, line).n + 1};
}

/* The first line after this one that holds more than a comment; the last line if none
 * does. */
static uint32_t next_line(const struct src_file *f, uint32_t line)
{
	struct str text;

	do
		text = str_trim(src_line(f, ++line));
	while (line < f->nlines && (!text.n || text.p[0] == '#'));
	return line < f->nlines ? line : f->nlines;
}

/* The comment at span, which stands on line. */
static void read_comment(struct reader *r, struct span span, uint32_t line, bool own_line)
{
	const struct src_file *f = r->file;

	r->lo = span.lo;
	r->text = str_sub(f->text, span.lo - f->base, span.hi - f->base);
	r->at = 0;
	if (!skip_word(r, STR("#")))
		return;
	skip_blanks(r);
	if (!skip_word(r, STR("kfpc:")))
		return;
	if (r->is_file)
		r->over = (struct span){f->base, f->base + (uint32_t)f->text.n + 1};
	else
		r->over = line_span(f, own_line ? next_line(f, line) : line);
	read_instruction(r);
}

/* Comments of a code block are the lexer's of another language: they are looked for. */
static void read_contents(struct reader *r, const struct src *src, struct span at)
{
	const struct src_file *f = r->file;
	uint32_t line = src_pos_at(src, at.lo).line;

	for (; line && line <= f->nlines && line_span(f, line).lo < at.hi; line++) {
		struct str text = src_line(f, line);
		size_t lo = str_find(text, STR("# kfpc:"), 0);
		uint32_t base = line_span(f, line).lo;

		if (lo < text.n)
			read_comment(r, (struct span){base + (uint32_t)lo,
						      base + (uint32_t)text.n},
				     line, !str_trim(str_sub(text, 0, lo)).n);
	}
}

void allows_read(struct allows *a, const struct src_file *f, const struct parse_result *p,
		 struct diags *ds)
{
	struct reader r = {.allows = a, .file = f, .ds = ds};
	const struct node *first = p->file->file.items.first;

	for (size_t i = 0; i < p->comments.n; i++) {
		const struct comment *c = &p->comments.at[i];

		if (c->doc)
			continue;
		r.is_file = c->own_line && (!first || c->span.hi <= first->span.lo);
		read_comment(&r, c->span, src_pos_at(ds->src, c->span.lo).line,
			     c->own_line);
	}
	r.is_file = false;
	list_each(item, &p->file->file.items) {
		if (item->kind != AST_COMPONENT)
			continue;
		list_each(code, &item->component.items) {
			if (code->kind == AST_CODE)
				read_contents(&r, ds->src, code->code.text_at);
		}
	}
}

static bool is_of_python(enum diag_code code)
{
	return !strncmp(diag_code_name(code), "W05", 3);
}

/* For diag_drop. */
static bool is_silenced(void *ctx, const struct diag *d)
{
	struct allows *a = ctx;
	bool silenced = false;

	for (size_t i = 0; i < a->all.n && !diag_code_is_error(d->code); i++) {
		struct allow *one = &a->all.at[i];

		if (one->code == d->code && one->over.lo <= d->span.lo &&
		    d->span.lo < one->over.hi)
			silenced = one->used = true;
	}
	return silenced;
}

static void say_unused(const struct allow *one, struct diags *ds)
{
	uint32_t line = src_pos_at(ds->src, one->over.lo).line;
	const char *name = diag_code_name(one->code);

	if (one->is_file)
		diag(ds, one->at, W0103, "nothing in this file gives %s", name);
	else if (line == src_pos_at(ds->src, one->at.lo).line)
		diag(ds, one->at, W0103, "nothing on this line gives %s", name);
	else
		diag(ds, one->at, W0103, "nothing on line %u gives %s", line, name);
}

static void say_all_unused(struct allows *a, struct diags *ds, bool python)
{
	for (size_t i = 0; i < a->all.n; i++) {
		const struct allow *one = &a->all.at[i];

		/* Those of the last kind depend on what this machine has. */
		if (!one->used && one->code != W0103 && one->code != W0503 &&
		    (python || !is_of_python(one->code)))
			say_unused(one, ds);
	}
}

void allows_apply(struct allows *a, struct diags *ds, unsigned flags)
{
	bool python = flags & ALLOWS_PYTHON;

	if (!a->all.n)
		return;
	for (size_t i = 0; i < ds->all.n; i++)
		python = python && ds->all.at[i]->code != W0503;
	diag_drop(ds, is_silenced, a);
	if (!(flags & ALLOWS_CHECKED) || ds->nerrors || ds->dropped)
		return;
	say_all_unused(a, ds, python);
	diag_drop(ds, is_silenced, a);	/* `allow W0103` */
}
