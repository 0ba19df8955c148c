#include <config.h>

#include "compiler/sema/check.h"

/* Is it a name, or a field of such a path? */
static bool is_path(const struct node *node)
{
	while (node->kind == AST_FIELD)
		node = node->field.object;
	return node->kind == AST_NAME;
}

static bool same_path(const struct node *a, const struct node *b)
{
	for (; a->kind == b->kind && a->kind == AST_FIELD;
	     a = a->field.object, b = b->field.object) {
		if (a->field.name != b->field.name)
			return false;
	}
	return a->kind == AST_NAME && b->kind == AST_NAME && a->ref == b->ref &&
	       a->name.name == b->name.name;
}

static const struct tested *find_test(const struct scope *c, const struct node *path)
{
	for (size_t i = c->tested.n; i-- > 0;) {
		if (same_path(c->tested.at[i].path, path))
			return &c->tested.at[i];
	}
	return NULL;
}

const struct type *scope_narrowed(const struct scope *c, const struct node *node,
				  const struct type *t)
{
	if (t->kind != TYPE_OPT || !is_path(node) || !find_test(c, node))
		return t;
	return t->elem;
}

/* The side that is compared with None by a test; NULL if node is no such test. */
static const struct node *none_test(const struct node *node, enum op *op)
{
	const struct node *comparison = node->compare.rest.first;

	if (node->compare.rest.n != 1 || comparison->kind != AST_COMPARISON)
		return NULL;
	*op = (enum op)comparison->comparison.op;
	if (*op != OP_EQ && *op != OP_NE)
		return NULL;
	if (comparison->comparison.right->kind == AST_NONE)
		return node->compare.left;
	return node->compare.left->kind == AST_NONE ? comparison->comparison.right : NULL;
}

void scope_narrow(struct scope *c, const struct node *cond, bool holds)
{
	const struct node *path;
	enum op op;

	switch (cond->kind) {
	case AST_UNARY:
		if (cond->unary.op == OP_NOT)
			scope_narrow(c, cond->unary.operand, !holds);
		return;
	case AST_AND:
		if (holds) {
			scope_narrow(c, cond->and_.left, true);
			scope_narrow(c, cond->and_.right, true);
		}
		return;
	case AST_OR:
		if (!holds) {
			scope_narrow(c, cond->or_.left, false);
			scope_narrow(c, cond->or_.right, false);
		}
		return;
	case AST_COMPARE:
		path = none_test(cond, &op);
		if (path && is_path(path) && (op == OP_NE) == holds)
			vec_push(&c->tested, ((struct tested){path, cond->span}));
		return;
	case AST_NAME:
	case AST_FIELD:
		/* `if x:` was told to be no condition; what is meant is clear. */
		if (holds && cond->type && cond->type->kind == TYPE_OPT && is_path(cond))
			vec_push(&c->tested, ((struct tested){cond, cond->span}));
		return;
	default:
		return;
	}
}

void scope_widen(struct scope *c, size_t mark)
{
	c->tested.n = mark;
}

void check_none_test(struct scope *c, const struct node *node, enum op op)
{
	const struct tested *before = is_path(node) ? find_test(c, node) : NULL;
	enum type_kind k = node->type->kind;
	struct diag *d;

	if (k == TYPE_OPT || k == TYPE_NONE || k == TYPE_JSON || k == TYPE_ERROR)
		return;
	d = diag(c->s->parse.diags, node->span, W0308, "this is never None: it is %s",
		 type_text(c, node->type));
	diag_label(d, "the test is always %s", op == OP_NE ? "True" : "False");
	if (before)
		diag_note(d, before->at, "it is tested here already");
}

/* What stands in for a missing value of the type, where that is plain; NULL: nothing. */
static const char *plain_default(const struct type *t)
{
	switch (t->kind) {
	case TYPE_INT:
		return "0";
	case TYPE_FLOAT:
		return "0.0";
	case TYPE_STR:
		return "\"\"";
	case TYPE_BOOL:
		return "False";
	case TYPE_LIST:
		return "[]";
	case TYPE_DICT:
		return "{}";
	default:
		return NULL;
	}
}

struct diag *say_optional(struct scope *c, const struct node *node, bool is_operand,
			  const char *text)
{
	struct diag *d = diag(c->s->parse.diags, node->span, E0311, "%s", text);
	struct str path = src_text(c->s->parse.src, node->span), put;
	const char *instead = plain_default(type_strip(node->type));

	if (!is_path(node) || path.n > 60) {
		diag_label(d, "bind it to a name, and test that: 'if x is not None:'");
		return d;
	}
	diag_label(d, "test it first, as in 'if %.*s is not None:'", STR_ARG(path));
	if (!instead)
		instead = "...";
	put = arena_printf(c->s->parse.arena, "%s%.*s if %.*s is not None else %s%s",
			   is_operand ? "(" : "", STR_ARG(path), STR_ARG(path), instead,
			   is_operand ? ")" : "");
	diag_propose(d, node->span, put, "or write %s", put.p);
	return d;
}
