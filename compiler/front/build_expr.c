#include <config.h>

#include "compiler/front/build.h"
#include "compiler/front/op.h"

struct node *build_name(struct parser *p, struct span at, const struct sym *name)
{
	struct node *n = build_node(p, AST_NAME, at);

	n->name.name = name;
	return n;
}

struct node *build_none(struct parser *p, struct span at)
{
	return build_node(p, AST_NONE, at);
}

struct node *build_bool(struct parser *p, struct span at, bool value)
{
	struct node *n = build_node(p, AST_BOOL, at);

	n->bool_.value = value;
	return n;
}

static void say_spelling(struct parser *p, struct span at, const struct sym *name,
			 const char *ours)
{
	struct diag *d = diag(p->ctx->diags, at, E0113, "'%.*s' is written '%s'",
			      STR_ARG(sym_str(name)), ours);

	diag_fix(d, at, str_of(ours), "write '%s'", ours);
}

/* A name that stands for a value; constants of other languages are told apart here, since
 * their names are free for parameters and fields. */
struct node *build_atom(struct parser *p, struct span at, const struct sym *name)
{
	if (name == p->word_null) {
		say_spelling(p, at, name, "None");
		return build_none(p, at);
	}
	if (name == p->word_true || name == p->word_false) {
		say_spelling(p, at, name, name == p->word_true ? "True" : "False");
		return build_bool(p, at, name == p->word_true);
	}
	return build_name(p, at, name);
}

struct node *build_cond(struct parser *p, struct span at, struct node *then,
			struct node *cond, struct node *orelse)
{
	struct node *n = build_node(p, AST_COND, at);

	n->cond.then = then;
	n->cond.cond = cond;
	n->cond.orelse = orelse;
	return build_seal(p, n);
}

/* AND and OR have the same parts. */
struct node *build_logic(struct parser *p, enum node_tag kind, struct span at,
			 struct node *left, struct node *right)
{
	struct node *n = build_node(p, kind, at);

	if (kind == AST_AND) {
		n->and_.left = left;
		n->and_.right = right;
	} else {
		n->or_.left = left;
		n->or_.right = right;
	}
	return build_seal(p, n);
}

struct node *build_unary(struct parser *p, struct span at, int op, struct span op_at,
			 struct node *operand)
{
	struct node *n = build_node(p, AST_UNARY, at);

	n->unary.op = (uint8_t)op;
	n->unary.op_at = op_at;
	n->unary.operand = operand;
	if (op == OP_NEG)
		number_negated(p, operand);
	return build_seal(p, n);
}

struct node *build_binary(struct parser *p, int op, struct span op_at, struct node *left,
			  struct node *right, struct span at)
{
	struct node *n = build_node(p, AST_BINARY, at);

	n->binary.op = (uint8_t)op;
	n->binary.op_at = op_at;
	n->binary.left = left;
	n->binary.right = right;
	return build_seal(p, n);
}

struct node *build_compare(struct parser *p, struct span at, struct node *left,
			   struct list rest)
{
	struct node *n = build_node(p, AST_COMPARE, at);

	n->compare.left = left;
	n->compare.rest = rest;
	return build_seal(p, n);
}

struct node *build_comparison(struct parser *p, struct span at, int op, struct span op_at,
			      struct node *right)
{
	struct node *n = build_node(p, AST_COMPARISON, at);

	n->comparison.op = (uint8_t)(op & ~BUILD_IDENTITY);
	n->comparison.is_identity = op & BUILD_IDENTITY;
	n->comparison.op_at = op_at;
	n->comparison.right = right;
	return build_seal(p, n);
}

struct node *build_field(struct parser *p, struct span at, struct node *object,
			 const struct sym *name, struct span name_at)
{
	struct node *n = build_node(p, AST_FIELD, at);

	n->field.object = object;
	n->field.name = name;
	n->field.name_at = name_at;
	return build_seal(p, n);
}

struct node *build_index(struct parser *p, struct span at, struct node *object,
			 struct node *index)
{
	struct node *n = build_node(p, AST_INDEX, at);

	n->index.object = object;
	n->index.index = index;
	return build_seal(p, n);
}

struct node *build_call(struct parser *p, struct span at, struct node *callee,
			struct list args)
{
	struct node *n = build_node(p, AST_CALL, at);

	n->call.callee = callee;
	n->call.args = args;
	return build_seal(p, n);
}

struct node *build_arg(struct parser *p, struct span at, const struct sym *name,
		       struct span name_at, struct node *value)
{
	struct node *n = build_node(p, AST_ARG, at);

	n->arg.name = name;
	n->arg.name_at = name_at;
	n->arg.value = value;
	return build_seal(p, n);
}

struct node *build_items(struct parser *p, enum node_tag kind, struct span at,
			 struct list l)
{
	struct node *n = build_node(p, kind, at);

	if (kind == AST_LIST)
		n->list.items = l;
	else
		n->dict.pairs = l;
	return build_seal(p, n);
}

struct node *build_pair(struct parser *p, struct span at, struct node *key,
			struct node *value)
{
	struct node *n = build_node(p, AST_PAIR, at);

	n->pair.key = key;
	n->pair.value = value;
	return build_seal(p, n);
}

struct node *build_comprehension(struct parser *p, struct span at, struct node *element,
				 struct list targets, struct filtered from)
{
	struct node *n = build_node(p, AST_COMPREHENSION, at);

	n->comprehension.element = element;
	n->comprehension.targets = targets;
	n->comprehension.list = from.list;
	n->comprehension.filter = from.filter;
	return build_seal(p, n);
}

struct node *build_adjacent(struct parser *p, struct span at, struct node *left,
			    struct node *right)
{
	struct span between = {left->span.hi, right->span.lo};
	struct diag *d = diag(p->ctx->diags, right->span, E0113,
			      "strings do not join by standing side by side");

	diag_fix(d, (struct span){between.hi, between.hi}, STR("+ "),
		 "join them with '+'");
	return build_binary(p, OP_ADD, between, left, right, at);
}

struct node *build_fstring(struct parser *p, struct span at, struct list parts)
{
	struct node *n = build_node(p, AST_FSTRING, at);

	n->fstring.parts = parts;
	fstring_decode(p, n);
	return build_seal(p, n);
}

struct node *build_format(struct parser *p, struct span at, struct node *value,
			  struct node *spec)
{
	struct node *n = build_node(p, AST_FORMAT, at);

	n->format.value = value;
	if (spec)
		n->format.spec = spec->string.value;
	return build_seal(p, n);
}
