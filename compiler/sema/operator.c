#include <config.h>

#include "compiler/sema/check.h"

bool type_is_number(const struct type *t)
{
	return t->kind == TYPE_INT || t->kind == TYPE_FLOAT || t->kind == TYPE_METRIC;
}

static bool is_measure(const struct type *t)
{
	return t->kind == TYPE_DURATION || t->kind == TYPE_SIZE;
}

static bool is_error(const struct type *a, const struct type *b)
{
	return a->kind == TYPE_ERROR || b->kind == TYPE_ERROR;
}

const struct type *check_unary(struct scope *c, struct node *node)
{
	enum op op = node->unary.op;
	const struct type *t;

	if (op == OP_NOT) {
		check_condition(c, node->unary.operand, "what 'not' negates");
		return c->s->types->boolean;
	}
	t = check_value(c, node->unary.operand, NULL);
	if (t->kind == TYPE_ERROR || type_is_number(t))
		return t;
	if (t->kind == TYPE_OPT)
		say_optional(c, node->unary.operand, true,
			     "this may be None, and a sign needs a number");
	else
		diag(c->s->parse.diags, node->span, E0307, "cannot negate %s",
		     type_text(c, t));
	return c->s->types->error;
}

static const char *op_verb(enum op op)
{
	switch (op) {
	case OP_ADD: return "add";
	case OP_SUB: return "subtract";
	case OP_MUL: return "multiply";
	case OP_DIV: return "divide";
	case OP_FLOORDIV: return "divide";
	case OP_MOD: return "take the remainder of";
	case OP_POW: return "raise to a power";
	default: return "compare";
	}
}

static void say_operands(struct scope *c, const struct node *node, enum op op,
			 const struct node *left, const struct node *right,
			 struct span at)
{
	const struct type *a = left->type, *b = right->type;
	struct diag *d;

	if (a->kind == TYPE_OPT || b->kind == TYPE_OPT) {
		say_optional(c, a->kind == TYPE_OPT ? left : right, true,
			     arena_printf(c->s->parse.arena,
					  "this may be None, and '%s' needs a value",
					  op_spelling(op)).p);
		return;
	}
	d = diag(c->s->parse.diags, at.lo ? at : node->span, E0307, "cannot %s %s and %s",
		 op_verb(op), type_text(c, a), type_text(c, b));
	diag_note(d, left->span, "this is %s", type_text(c, a));
	diag_note(d, right->span, "this is %s", type_text(c, b));
}

static const struct type *add_types(struct scope *c, const struct type *a,
				    const struct type *b)
{
	if (a == b && (a->kind == TYPE_STR || is_measure(a)))
		return a;
	if (a->kind == TYPE_LIST && b->kind == TYPE_LIST)
		return type_join(c->s->types, a, b);
	return NULL;
}

static bool can_repeat(const struct type *t)
{
	return is_measure(t) || t->kind == TYPE_STR || t->kind == TYPE_LIST;
}

/* Results of what is not numbers only; NULL if it has none. */
static const struct type *other_types(struct scope *c, enum op op, const struct type *a,
				      const struct type *b)
{
	bool is_count = b->kind == TYPE_INT;

	switch (op) {
	case OP_ADD:
		return add_types(c, a, b);
	case OP_SUB:
		return a == b && is_measure(a) ? a : NULL;
	case OP_MUL:
		if (is_count && can_repeat(a))
			return a;
		return a->kind == TYPE_INT && can_repeat(b) ? b : NULL;
	case OP_FLOORDIV:
		return is_count && is_measure(a) ? a : NULL;
	case OP_DIV:
		return a == b && is_measure(a) ? c->s->types->floating : NULL;
	default:
		return NULL;
	}
}

const struct type *check_binary(struct scope *c, struct node *node,
				const struct type *want)
{
	enum op op = node->binary.op;
	bool hopes = want && type_strip(want)->kind == TYPE_LIST;
	const struct type *hope = hopes ? want : NULL, *a, *b, *t;

	if (!hope && is_empty_literal(node->binary.left)) {
		b = check_value(c, node->binary.right, NULL);
		a = check_value(c, node->binary.left, b);
	} else {
		a = check_value(c, node->binary.left, hope);
		if (!hope && is_empty_literal(node->binary.right))
			hope = a;
		b = check_value(c, node->binary.right, hope);
	}

	if (is_error(a, b))
		return c->s->types->error;
	if (type_is_number(a) && type_is_number(b)) {
		if (a->kind == TYPE_INT && b->kind == TYPE_INT && op != OP_DIV)
			return c->s->types->integer;
		return c->s->types->floating;
	}
	t = other_types(c, op, a, b);
	if (t)
		return t;
	say_operands(c, node, op, node->binary.left, node->binary.right,
		     node->binary.op_at);
	return c->s->types->error;
}

static bool is_none(const struct type *t)
{
	return t->kind == TYPE_NONE;
}

static bool can_equal(struct scope *c, const struct type *a, const struct type *b)
{
	if ((a->kind == TYPE_OPT && is_none(b)) || (b->kind == TYPE_OPT && is_none(a)))
		return true;
	if (type_holds_artifacts(a) || type_holds_artifacts(b) ||
	    a->kind == TYPE_SERIES ||
	    b->kind == TYPE_SERIES)
		return false;
	if (a->kind == TYPE_JSON || b->kind == TYPE_JSON)
		return true;
	return type_join(c->s->types, a, b) != NULL;
}

static bool can_order(const struct type *a, const struct type *b)
{
	if (type_is_number(a) && type_is_number(b))
		return true;
	return a == b && (a->kind == TYPE_STR || is_measure(a));
}

static bool can_hold(struct scope *c, const struct type *x, const struct type *in)
{
	if (in->kind == TYPE_LIST)
		return can_equal(c, x, in->elem);
	if (in->kind == TYPE_DICT || in->kind == TYPE_STR)
		return x->kind == TYPE_STR;
	return in->kind == TYPE_JSON;
}

/* What is in a list of strings as members. */
static void hint_members(struct scope *c, struct diag *d, const struct type *e)
{
	struct buf b = {0};

	for (uint32_t i = 0; i < e->nmembers && i < 8; i++)
		buf_addf(&b, "%s%.*s.%.*s", i ? ", " : "", STR_ARG(e->name),
			 STR_ARG(e->members[i].name));
	if (e->nmembers > 8)
		buf_addz(&b, ", ...");
	diag_label(d, "%s has the members %s", type_text(c, e), buf_cstr(&b));
	buf_release(&b);
}

static void hint_enum(struct scope *c, struct diag *d, const struct node *left,
		      const struct node *right)
{
	const struct type *e = left->type->kind == TYPE_ENUM ? left->type : right->type;
	const struct node *other = left->type == e ? right : left;
	struct suggestion best = {.wanted = STR("")};
	struct str put;

	if (e->kind != TYPE_ENUM)
		return;
	if (other->kind != AST_STRING) {
		hint_members(c, d, e);
		return;
	}
	best.wanted = other->string.value;
	for (uint32_t i = 0; i < e->nmembers; i++) {
		suggest(&best, e->members[i].name);
		if (str_eq(e->members[i].wire, other->string.value)) {
			best = (struct suggestion){.best = e->members[i].name};
			break;
		}
	}
	if (!best.best.n) {
		hint_members(c, d, e);
		return;
	}
	put = arena_printf(c->s->parse.arena, "%.*s.%.*s", STR_ARG(e->name),
			   STR_ARG(best.best));
	diag_propose(d, other->span, put, "write %s", put.p);
	vec_last(&d->fixes).sure = suggestion_is_sure(&best) && scope_has_type(c, e);
}

static void say_compare(struct scope *c, const struct node *left,
			const struct node *comparison)
{
	const struct node *right = comparison->comparison.right;
	enum op op = comparison->comparison.op;
	struct diag *d;

	if (op != OP_EQ && op != OP_NE && op != OP_IN && op != OP_NOT_IN) {
		say_operands(c, comparison, op, left, right,
			     comparison->comparison.op_at);
		return;
	}
	d = diag(c->s->parse.diags, comparison->comparison.op_at, E0307,
		 "%s '%s' %s has no meaning",
		 type_text(c, left->type), op_spelling(op), type_text(c, right->type));
	diag_note(d, left->span, "this is %s", type_text(c, left->type));
	diag_note(d, right->span, "this is %s", type_text(c, right->type));
	hint_enum(c, d, left, right);
}

static void check_pair(struct scope *c, const struct node *left,
		       const struct node *comparison)
{
	const struct type *a = left->type, *b = comparison->comparison.right->type;
	enum op op = comparison->comparison.op;
	bool ok;

	if (is_error(a, b))
		return;
	if (comparison->comparison.is_identity && !is_none(b) && !is_none(a)) {
		struct diag *d = diag(c->s->parse.diags, comparison->comparison.op_at,
				      E0307,
				      "'is' compares with None only");

		diag_fix(d, comparison->comparison.op_at,
			 op == OP_NE ? STR("!=") : STR("=="),
			 "write '%s'", op == OP_NE ? "!=" : "==");
		return;
	}
	if ((op == OP_EQ || op == OP_NE) && is_none(a) != is_none(b)) {
		check_none_test(c, is_none(a) ? comparison->comparison.right : left, op);
		return;
	}
	if (op == OP_EQ || op == OP_NE)
		ok = can_equal(c, a, b);
	else if (op == OP_IN || op == OP_NOT_IN)
		ok = can_hold(c, a, b);
	else
		ok = can_order(a, b);
	if (!ok)
		say_compare(c, left, comparison);
}

const struct type *check_compare(struct scope *c, struct node *node)
{
	struct node *left = node->compare.left, *second = node->compare.rest.first;

	if (is_empty_literal(left))	/* it is of its neighbour's type */
		check_value(c, left, check_value(c, second->comparison.right, NULL));
	else
		check_value(c, left, NULL);
	list_each(comparison, &node->compare.rest) {
		struct node *right = comparison->comparison.right;

		check_value(c, right, right->kind == AST_NONE ? NULL : left->type);
		comparison->type = c->s->types->boolean;
		check_pair(c, left, comparison);
		left = right;
	}
	return c->s->types->boolean;
}

static void say_no_truth(struct scope *c, const struct node *node, const char *word,
			 const struct type *t)
{
	struct diag *d = diag(c->s->parse.diags, node->span, E0309,
			      "'%s' joins bools, this is %s", word, type_text(c, t));

	hint_truth(c, d, node, t);
}

/* `x or y` of values, which chooses one in Python. */
static void say_default(struct scope *c, const struct node *node, const struct type *t)
{
	struct str x = node_text(c, node->or_.left), y = node_text(c, node->or_.right);
	struct str truth = truth_text(c, node->or_.left, t);
	struct diag *d = diag(c->s->parse.diags, node->or_.left->span, E0309,
			      "'or' joins bools, this is %s: it does not choose a value",
			      type_text(c, t));

	if (truth.n && x.n + y.n < 200)
		diag_propose(d, node->span,
			     arena_printf(c->s->parse.arena, "%.*s if %.*s else %.*s",
					  STR_ARG(x), STR_ARG(truth), STR_ARG(y)),
			     "write %.*s if %.*s else %.*s", STR_ARG(x), STR_ARG(truth),
			     STR_ARG(y));
}

static bool is_truth(const struct type *t)
{
	return t->kind == TYPE_BOOL || t->kind == TYPE_ERROR;
}

/* Of `x or "default"` only the choice that was meant is said, and nothing of what the
 * whole would be. */
const struct type *check_logic(struct scope *c, struct node *node)
{
	bool is_and = node->kind == AST_AND;
	struct node *left = is_and ? node->and_.left : node->or_.left;
	struct node *right = is_and ? node->and_.right : node->or_.right;
	size_t mark = c->tested.n;
	const struct type *bool_t = c->s->types->boolean, *lt, *rt;

	lt = check_value(c, left, bool_t);
	scope_narrow(c, left, is_and);
	rt = check_value(c, right, bool_t);
	scope_widen(c, mark);
	if (is_truth(lt) && is_truth(rt))
		return bool_t;
	if (!is_and && !is_truth(lt) && rt->kind != TYPE_BOOL) {
		say_default(c, node, lt);
		return c->s->types->error;
	}
	if (!is_truth(lt))
		say_no_truth(c, left, is_and ? "and" : "or", lt);
	if (!is_truth(rt))
		say_no_truth(c, right, is_and ? "and" : "or", rt);
	return c->s->types->error;
}

static const struct type *index_type(const struct type *t, const struct type *index)
{
	if (t->kind == TYPE_LIST && index->kind == TYPE_INT)
		return t->elem;
	if (t->kind == TYPE_DICT && index->kind == TYPE_STR)
		return t->elem;
	if (t->kind == TYPE_STR && index->kind == TYPE_INT)
		return t;
	if (t->kind == TYPE_JSON && (index->kind == TYPE_INT || index->kind == TYPE_STR))
		return t;
	return NULL;
}

static const struct type *index_value(struct scope *c, struct node *node,
				      const struct type *t)
{
	const struct type *i = check_value(c, node->index.index, NULL), *elem;

	if (is_error(t, i))
		return c->s->types->error;
	elem = index_type(t, i);
	if (elem)
		return elem;
	if (t->kind == TYPE_OPT)
		say_optional(c, node->index.object, true,
			     "this may be None, which has no elements");
	else if (t->kind == TYPE_LIST || t->kind == TYPE_DICT || t->kind == TYPE_STR)
		diag(c->s->parse.diags, node->index.index->span, E0307,
		     "a %s is indexed by %s, this is %s",
		     t->kind == TYPE_LIST   ? "list"
		     : t->kind == TYPE_DICT ? "dict"
					    : "str",
		     t->kind == TYPE_DICT ? "str" : "int", type_text(c, i));
	else
		diag(c->s->parse.diags, node->span, E0307, "%s cannot be indexed",
		     type_text(c, t));
	return c->s->types->error;
}

struct result check_index(struct scope *c, struct node *node)
{
	struct result r = check_operand(c, node->index.object, NULL, false);
	const struct type *t;

	if (index_tasks(c, node, &r))
		return r;
	t = node->index.object->type = result_value(c, node->index.object, r);
	return result_of_type(index_value(c, node, t));
}
