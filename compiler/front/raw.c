#include <config.h>

#include "compiler/front/front.h"

uint32_t indent_width(struct str s)
{
	uint32_t column = 0;

	for (size_t i = 0; i < s.n; i++)
		column = s.p[i] == '\t' ? column / 8 * 8 + 8 : column + 1;
	return column;
}

struct line {
	struct str text;	/* without its newline */
	size_t blanks;		/* bytes of white space that it begins with */
	bool is_blank;
};

/* The line of s that begins at lo. */
static struct line line_at(struct str s, size_t lo)
{
	struct line l = {.text = str_sub(s, lo, str_find(s, STR("\n"), lo))};

	while (l.blanks < l.text.n &&
	       (l.text.p[l.blanks] == ' ' || l.text.p[l.blanks] == '\t'))
		l.blanks++;
	l.is_blank = l.blanks == l.text.n;
	return l;
}

static uint32_t line_indent(const struct line *l)
{
	return indent_width(str_sub(l->text, 0, l->blanks));
}

struct block {
	struct str text;	/* of the whole file */
	size_t first, end;	/* where its first line begins, and the last ends */
	uint32_t header;	/* column of the header */
	uint32_t indent;	/* what its lines have in common */
	size_t stop;		/* where the line begins that ended it */
};

/* Finds the block's end.  A blank line belongs to it only if a code line follows. */
static void find_end(struct block *b, size_t lo)
{
	struct line l;

	for (; lo < b->text.n; lo += l.text.n + 1) {
		l = line_at(b->text, lo);
		if (l.is_blank)
			continue;
		if (line_indent(&l) <= b->header)
			break;
		if (!b->end)
			b->first = lo;
		if (!b->end || line_indent(&l) < b->indent)
			b->indent = line_indent(&l);
		b->end = lo + l.text.n;
	}
	b->stop = lo < b->text.n ? lo : b->text.n;
}

/* A comment that ends the block by its place, though the code goes on behind it. */
static bool ended_by_comment(struct block *b)
{
	struct line l = line_at(b->text, b->stop);
	size_t lo = b->stop;

	if (b->stop == b->text.n || l.text.p[l.blanks] != '#')
		return false;
	for (; lo < b->text.n; lo += l.text.n + 1) {
		l = line_at(b->text, lo);
		if (!l.is_blank && l.text.p[l.blanks] != '#')
			return line_indent(&l) > b->header;
	}
	return false;
}

static void say_ended(struct parser *p, const struct block *b)
{
	struct line l = line_at(b->text, b->stop);
	uint32_t lo = p->file->base + (uint32_t)b->stop;
	struct span at = {lo + (uint32_t)l.blanks, lo + (uint32_t)l.text.n};
	struct diag *d = diag(p->ctx->diags, at, E0111,
			      "the code block ends at line %u, because this line is not "
			      "indented deeper than its header",
			      src_pos_at(p->ctx->src, lo).line);

	diag_label(d, "indent it as the code around it");
}

/* The lines without their common indentation, the last one ended; tabs in that are
 * said. */
static struct str block_text(struct parser *p, const struct block *b)
{
	struct buf out = {0};
	struct str s;
	struct line l;

	for (size_t lo = b->first; lo < b->end; lo += l.text.n + 1) {
		size_t cut = 0;

		l = line_at(b->text, lo);
		while (cut < l.blanks &&
		       indent_width(str_sub(l.text, 0, cut)) < b->indent)
			cut++;
		if (memchr(l.text.p, '\t', cut) && !l.is_blank && !p->layout.tab_said) {
			uint32_t at = p->file->base + (uint32_t)lo;

			p->layout.tab_said = true;
			diag(p->ctx->diags, (struct span){at, at + (uint32_t)cut}, E0103,
			     "a tab in the indentation: indent with spaces");
		}
		buf_add(&out, str_sub(l.text, cut, l.text.n));
		buf_addc(&out, '\n');
	}
	s = arena_str(p->ctx->arena, buf_str(&out));
	buf_release(&out);
	return s;
}

static uint32_t column_of(const struct parser *p, uint32_t at)
{
	size_t hi = at - p->file->base, lo = hi;

	while (lo && p->file->text.p[lo - 1] != '\n')
		lo--;
	return indent_width(str_sub(p->file->text, lo, hi));
}

struct node *raw_parse(struct parser *p, uint32_t lo, uint32_t body, struct str language)
{
	struct block b = {.text = p->file->text, .header = column_of(p, lo)};
	uint32_t base = p->file->base;
	struct node *n;
	size_t cut = 0;

	find_end(&b, body - base);
	while (b.end && ended_by_comment(&b)) {
		say_ended(p, &b);
		find_end(&b, b.stop + line_at(b.text, b.stop).text.n + 1);
	}
	p->layout.raw_stop = base + (uint32_t)b.stop;
	if (!b.end)
		return NULL;
	while (indent_width(str_sub(b.text, b.first, b.first + cut)) < b.indent)
		cut++;
	n = node_new(p->ctx->arena, AST_CODE, (struct span){lo, base + (uint32_t)b.end});
	n->code.language = sym_intern(p->ctx->syms, language);
	n->code.text = block_text(p, &b);
	n->code.text_at = (struct span){base + (uint32_t)(b.first + cut), n->span.hi};
	n->code.indent = b.indent;
	/* Python cannot say at the end of text whether a block goes on; an empty line
	 * does. */
	if (b.stop == b.text.n && !str_has_suffix(b.text, STR("\n\n")))
		p->result->incomplete = true;
	return n;
}
