#include <config.h>

#include "compiler/front/ast.h"

static const struct kind_info {
	const char *name;
	size_t bytes;
} KINDS[] = {
#define NODE(ID, member, fields) \
	{#ID, offsetof(struct node, member) + sizeof(((struct node *)0)->member)},
#include "compiler/front/ast.def"
};

const char *node_name(enum node_tag kind)
{
	return KINDS[kind].name;
}

struct node *node_new(struct arena *a, enum node_tag kind, struct span span)
{
	struct node *n = arena_alloc(a, KINDS[kind].bytes);

	n->kind = kind;
	n->span = span;
	n->height = 1;
	return n;
}

void list_add(struct list *l, struct node *n)
{
	n->next = NULL;
	if (l->last)
		l->last->next = n;
	else
		l->first = n;
	l->last = n;
	l->n++;
}

static uint32_t max_one(uint32_t height, const struct node *n)
{
	return n && n->height > height ? n->height : height;
}

static uint32_t max_many(uint32_t height, const struct list *l)
{
	list_each(n, l)
		height = max_one(height, n);
	return height;
}

void node_measure(struct node *n)
{
	uint32_t h = 0;

	switch (n->kind) {
#define ONE(f) h = max_one(h, at->f);
#define MANY(f) h = max_many(h, &at->f);
#define NODE(ID, member, fields) AST_CASE(ID, member, fields)
#include "compiler/front/ast.def"
	case AST_NKINDS:
		break;
	}
	n->height = h + 1;
}

static void each_of(const struct list *l, bool (*visit)(void *ctx, const struct node *n),
		    void *ctx)
{
	list_each(n, l)
		ast_each(n, visit, ctx);
}

void ast_each(const struct node *n, bool (*visit)(void *ctx, const struct node *n),
	      void *ctx)
{
	if (!n || !visit(ctx, n))
		return;
	switch (n->kind) {
#define ONE(f) ast_each(at->f, visit, ctx);
#define MANY(f) each_of(&at->f, visit, ctx);
#define NODE(ID, member, fields) AST_CASE(ID, member, fields)
#include "compiler/front/ast.def"
	case AST_NKINDS:
		break;
	}
}

static bool equal_many(const struct list *a, const struct list *b)
{
	const struct node *x = a->first, *y = b->first;

	if (a->n != b->n)
		return false;
	for (; x; x = x->next, y = y->next)
		if (!ast_equal(x, y))
			return false;
	return true;
}

/* Bits, so that a NaN equals itself and the zeros differ. */
static bool equal_float(double x, double y)
{
	return !memcmp(&x, &y, sizeof x);
}

bool ast_equal(const struct node *a, const struct node *b)
{
	if (!a || !b || a->kind != b->kind)
		return a == b;
	switch (a->kind) {
#define SYM(f) && str_eq(sym_str(x->f), sym_str(y->f))
#define ONE(f) && ast_equal(x->f, y->f)
#define MANY(f) && equal_many(&x->f, &y->f)
#define TEXT(f) && str_eq(x->f, y->f)
#define INT(f) && (SAME_PLACE(f) || x->f == y->f)
#define FLOAT(f) && equal_float(x->f, y->f)
#define FLAG(f) && x->f == y->f
#define OP(f) && x->f == y->f
#define NODE(ID, member, fields) \
	case AST_##ID: { \
		const __typeof__(a->member) *x = &a->member, *y = &b->member; \
		(void)x, (void)y; \
		return true fields; \
	}
/* How far a code block was indented is a matter of place. */
#define SAME_PLACE(f) (a->kind == AST_CODE)
#include "compiler/front/ast.def"
#undef SAME_PLACE
	case AST_NKINDS:
		break;
	}
	return false;
}
