#include <config.h>

#include "compiler/front/ast.h"
#include "compiler/front/op.h"

struct dump {
	const struct src *src;
	struct buf *out;
	unsigned depth;
};

static void put_span(struct dump *d, struct span at)
{
	struct src_pos lo = src_pos_at(d->src, at.lo), hi = src_pos_at(d->src, at.hi);

	buf_addf(d->out, "%u:%u-%u:%u", lo.line, lo.col, hi.line, hi.col);
}

static void put_sym(struct dump *d, const char *field, const struct sym *s)
{
	if (s)
		buf_addf(d->out, " %s=%.*s", field, STR_ARG(sym_str(s)));
}

static void put_text(struct dump *d, const char *field, struct str s)
{
	if (!s.n)
		return;
	buf_addf(d->out, " %s=", field);
	buf_add_json(d->out, s);
}

static void put_at(struct dump *d, const char *field, struct span at)
{
	if (!at.lo)
		return;
	buf_addf(d->out, " %s=", field);
	put_span(d, at);
}

static void put_node(struct dump *d, const char *field, const struct node *n);

static void put_many(struct dump *d, const char *field, const struct list *l)
{
	list_each(n, l)
		put_node(d, field, n);
}

/* What stands on the line of the node itself. */
static void put_scalars(struct dump *d, const struct node *n)
{
	switch (n->kind) {
#define SYM(f) put_sym(d, #f, at->f);
#define TEXT(f) put_text(d, #f, at->f);
#define INT(f) buf_addf(d->out, " " #f "=%lld", (long long)at->f);
#define FLOAT(f) buf_addf(d->out, " " #f "=%.17g", at->f);
#define FLAG(f) buf_addz(d->out, at->f ? " " #f : "");
#define OP(f) buf_addf(d->out, " " #f "='%s'", front_op_spelling(at->f));
#define AT(f) put_at(d, #f, at->f);
#define NODE(ID, member, fields) AST_CASE(ID, member, fields)
#include "compiler/front/ast.def"
	case AST_NKINDS:
		break;
	}
}

static void put_children(struct dump *d, const struct node *n)
{
	switch (n->kind) {
#define ONE(f) put_node(d, #f, at->f);
#define MANY(f) put_many(d, #f, &at->f);
#define NODE(ID, member, fields) AST_CASE(ID, member, fields)
#include "compiler/front/ast.def"
	case AST_NKINDS:
		break;
	}
}

static void put_node(struct dump *d, const char *field, const struct node *n)
{
	if (!n)
		return;
	buf_fill(d->out, ' ', 2 * (size_t)d->depth);
	if (field)
		buf_addf(d->out, "%s: ", field);
	buf_addf(d->out, "%s ", node_name(n->kind));
	put_span(d, n->span);
	put_scalars(d, n);
	buf_addc(d->out, '\n');
	d->depth++;
	put_children(d, n);
	d->depth--;
}

void ast_dump(const struct node *root, const struct src *src, struct buf *out)
{
	struct dump d = {.src = src, .out = out};

	put_node(&d, NULL, root);
}
