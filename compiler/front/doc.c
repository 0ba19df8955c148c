#include <config.h>

#include "compiler/front/front.h"
#include "compiler/front/gram.h"

static void say_lost(struct parser *p, struct span at)
{
	diag(p->ctx->diags, at, W0101, "this doc comment documents nothing");
}

/* True if only a newline and blanks stand between the two offsets. */
static bool adjacent_lines(struct parser *p, uint32_t lo, uint32_t hi)
{
	struct str between = text_at(p, (struct span){lo, hi});
	size_t newline = str_find(between, STR("\n"), 0);

	return str_find(between, STR("\n"), newline + 1) >= between.n;
}

void docs_comment(struct parser *p, struct span at, bool own_line)
{
	struct docs *ds = &p->docs;

	if (!own_line) {
		struct diag *d = diag(p->ctx->diags, at, W0101,
				      "a doc comment stands before what it documents, "
				      "on a line of its own");

		diag_fix(d, (struct span){at.lo, at.lo + 2}, STR("#"),
			 "for a plain comment, write one '#'");
		return;
	}
	if (ds->pending && adjacent_lines(p, vec_last(&ds->all).span.hi, at.lo)) {
		vec_last(&ds->all).span.hi = at.hi;
		return;
	}
	ds->pending = true;
	vec_push(&ds->all, (struct doc){.span = at});
}

/* The text without the marks and the blank after each. */
static struct str doc_text(struct parser *p, struct span at)
{
	struct str s = text_at(p, at), out;
	struct buf b = {0};

	for (size_t lo = 0; lo < s.n;) {
		size_t hi = str_find(s, STR("\n"), lo);
		struct str line = str_trim(str_sub(s, lo, hi));

		if (b.n || lo)
			buf_addc(&b, '\n');
		line = str_sub(line, 2, line.n);
		buf_add(&b, str_sub(line, str_has_prefix(line, STR(" ")), line.n));
		lo = hi + 1;
	}
	out = arena_str(p->ctx->arena, buf_str(&b));
	buf_release(&b);
	return out;
}

/* The first doc comment is the file's, if a blank line or an import follows it. */
static bool is_module_doc(struct parser *p, const struct doc *doc, const struct token *t)
{
	return t->kind == YYEOF || t->kind == IMPORT || t->kind == FROM ||
	       !adjacent_lines(p, doc->span.hi, t->at.lo);
}

void docs_token(struct parser *p, const struct token *t)
{
	struct docs *ds = &p->docs;
	struct doc *doc;

	if (ds->pending) {
		doc = &vec_last(&ds->all);
		if (!ds->begun && ds->all.n && is_module_doc(p, &ds->all.at[0], t) &&
		    !ds->all.at[0].used) {
			ds->all.at[0].used = true;
			p->result->file->file.doc = doc_text(p, ds->all.at[0].span);
		}
		doc->owner = t->at.lo;
		ds->pending = false;
	}
	ds->begun = true;
}

struct str docs_take(struct parser *p, uint32_t lo)
{
	struct docs *ds = &p->docs;
	size_t from = 0, to = ds->all.n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (ds->all.at[mid].span.lo < lo)
			from = mid + 1;
		else
			to = mid;
	}
	if (!from || ds->all.at[from - 1].used || ds->all.at[from - 1].owner != lo)
		return STR("");
	ds->all.at[from - 1].used = true;
	return doc_text(p, ds->all.at[from - 1].span);
}

void docs_finish(struct parser *p)
{
	for (size_t i = 0; i < p->docs.all.n; i++)
		if (!p->docs.all.at[i].used)
			say_lost(p, p->docs.all.at[i].span);
}

void docs_release(struct parser *p)
{
	vec_release(&p->docs.all);
}
