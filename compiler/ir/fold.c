#include <config.h>

#include "compiler/ir/fold.h"

/* A constant that weighs more (elements and bytes of text) is left for the run: nobody
 * wants "x" * 10_000_000 written out in a module. */
enum { FOLD_WEIGHT_MAX = 64 << 10 };

static bool is_const(const struct expr *e)
{
	return e->kind == EXPR_CONST;
}

static bool is_const_bool(const struct expr *e, bool b)
{
	return is_const(e) && e->value.kind == VALUE_BOOL && e->value.b == b;
}

/* The node's own operation on values of its arguments; nodes that choose what they
 * evaluate are not met here. */
static int apply(const struct expr *e, const struct value *x, struct arena *a,
		 struct value *out, struct err *err)
{
	switch (e->kind) {
	case EXPR_UNARY:
		return op_unary((enum op)e->op, x[0], out, err);
	case EXPR_BINARY:
		return op_binary((enum op)e->op, x[0], x[1], a, out, err);
	case EXPR_INDEX:
		return op_index(x[0], x[1], a, out, err);
	case EXPR_FIELD:
		return op_field(x[0], e->name, a, out, err);
	case EXPR_LIST:
		return op_list(x, e->nargs, a, out, err);
	case EXPR_DICT:
		return op_dict(x, e->nargs / 2, a, out, err);
	case EXPR_FSTRING:
		return op_join(x, e->nargs, a, out, err);
	case EXPR_FORMAT:
		return op_format_value(x[0], e->name, a, out, err);
	case EXPR_BUILTIN:
		return op_builtin((enum builtin)e->op, x, e->nargs, a, out, err);
	case EXPR_TO_FLOAT:
		*out = value_to_float(a, x[0]);
		return 0;
	case EXPR_CONST:
	case EXPR_INPUT:
	case EXPR_CHAIN:
	case EXPR_AND:
	case EXPR_OR:
	case EXPR_COND:
	case EXPR_NKINDS:
		break;
	}
	BUG("%s is not applied to values", expr_kind_name(e->kind));
}

struct eval {
	const struct value *inputs;
	struct arena *a;
	const struct expr *at;	/* what failed, the innermost */
	struct err *err;
};

static int eval(struct eval *ev, const struct expr *e, struct value *out);

static int eval_failed(struct eval *ev, const struct expr *e)
{
	if (!ev->at)
		ev->at = e;
	return -1;
}

static int eval_bool(struct eval *ev, const struct expr *e, struct value *out)
{
	if (eval(ev, e, out) < 0)
		return -1;
	if (out->kind == VALUE_BOOL)
		return 0;
	err_setk(ev->err, ERR_EVAL, "a condition must be a bool");
	return eval_failed(ev, e);
}

static int eval_chain(struct eval *ev, const struct expr *e, struct value *out)
{
	struct value x, y;

	if (eval(ev, e->args[0], &x) < 0)
		return -1;
	for (uint32_t i = 1; i < e->nargs; i++) {
		if (eval(ev, e->args[i], &y) < 0)
			return -1;
		if (op_binary((enum op)e->ops[i - 1], x, y, ev->a, out, ev->err) < 0)
			return eval_failed(ev, e);
		if (!out->b)
			return 0;
		x = y;
	}
	return 0;
}

static int eval_all(struct eval *ev, const struct expr *e, struct value *out)
{
	struct value small[4], *x = small;

	if (e->nargs > sizeof small / sizeof *small)
		x = ARENA_ARRAY(ev->a, e->nargs, struct value);
	for (uint32_t i = 0; i < e->nargs; i++)
		if (eval(ev, e->args[i], &x[i]) < 0)
			return -1;
	return apply(e, x, ev->a, out, ev->err) < 0 ? eval_failed(ev, e) : 0;
}

static int eval(struct eval *ev, const struct expr *e, struct value *out)
{
	switch (e->kind) {
	case EXPR_CONST:
		*out = e->value;
		return 0;
	case EXPR_INPUT:
		if (!ev->inputs) {
			err_setk(ev->err, ERR_EVAL, "this is not known before the run");
			return eval_failed(ev, e);
		}
		*out = ev->inputs[e->input];
		return 0;
	case EXPR_CHAIN:
		return eval_chain(ev, e, out);
	case EXPR_AND:
	case EXPR_OR:
		if (eval_bool(ev, e->args[0], out) < 0)
			return -1;
		return out->b == (e->kind == EXPR_OR) ? 0 : eval(ev, e->args[1], out);
	case EXPR_COND:
		if (eval_bool(ev, e->args[0], out) < 0)
			return -1;
		return eval(ev, e->args[out->b ? 1 : 2], out);
	default:
		return eval_all(ev, e, out);
	}
}

int fold_eval(const struct expr *e, const struct value *inputs, struct arena *a,
	      struct value *out, const struct expr **at, struct err *err)
{
	struct eval ev = {inputs, a, NULL, err};
	struct value v;

	if (eval(&ev, e, &v) < 0) {
		if (at)
			*at = ev.at;
		return -1;
	}
	*out = v;
	return 0;
}

static struct expr *fold(struct fold *f, struct expr *e, bool certain);

static struct expr *copy(struct fold *f, const struct expr *e)
{
	struct expr *c = arena_dup(&f->b->m->arena, e, sizeof *e);

	c->args = ARENA_ARRAY(&f->b->m->arena, e->nargs, struct expr *);
	return c;
}

static struct expr *fold_input(struct fold *f, const struct expr *e)
{
	const struct input *in = &f->b->inputs.at[e->input];
	struct expr *c = copy(f, e);
	uint32_t i = 0;

	while (i < f->inputs.n && memcmp(&f->inputs.at[i], in, sizeof *in))
		i++;
	if (i == f->inputs.n)
		vec_push(&f->inputs, *in);
	c->input = i;
	return c;
}

/* e, which stands where something of the type was wanted. */
static struct expr *retype(struct fold *f, const struct expr *e, const struct type *type)
{
	struct expr *c = arena_dup(&f->b->m->arena, e, sizeof *e);

	c->type = type;
	return c;
}

/* `and` with stop False, `or` with stop True: the left side alone decides if it is
 * stop. */
static struct expr *fold_logic(struct fold *f, struct expr *e, bool certain)
{
	bool stop = e->kind == EXPR_OR;
	struct expr *x = fold(f, e->args[0], certain), *y, *c;

	if (is_const_bool(x, stop))
		return x;
	if (is_const_bool(x, !stop))
		return fold(f, e->args[1], certain);
	y = fold(f, e->args[1], false);
	if (is_const_bool(y, !stop))
		return x;
	c = copy(f, e);
	c->args[0] = x;
	c->args[1] = y;
	return c;
}

static struct expr *fold_cond(struct fold *f, struct expr *e, bool certain)
{
	struct expr *cond = fold(f, e->args[0], certain), *c;

	if (is_const_bool(cond, true) || is_const_bool(cond, false)) {
		c = fold(f, e->args[cond->value.b ? 1 : 2], certain);
		return retype(f, c, e->type);
	}
	c = copy(f, e);
	c->args[0] = cond;
	c->args[1] = fold(f, e->args[1], false);
	c->args[2] = fold(f, e->args[2], false);
	return c;
}

/* c has constant arguments only: its value in its place, or c itself where that fails. */
static struct expr *fold_const(struct fold *f, struct expr *c, bool certain)
{
	struct err err;
	struct value v;
	struct expr *made;

	if (fold_eval(c, NULL, &f->b->m->arena, &v, NULL, &err) < 0) {
		if (f->b->report)
			f->b->report(f->b->ctx, c, &err, certain);
		return c;
	}
	if (value_weight(v, FOLD_WEIGHT_MAX) >= FOLD_WEIGHT_MAX)
		return c;
	made = ARENA_NEW(&f->b->m->arena, struct expr);
	made->kind = EXPR_CONST;
	made->type = c->type;
	made->loc = c->loc;
	made->span = c->span;
	made->depth = 1;
	made->value = v;
	return made;
}

static struct expr *fold(struct fold *f, struct expr *e, bool certain)
{
	bool all_const = true;
	struct expr *c;

	switch (e->kind) {
	case EXPR_CONST:
		return e;
	case EXPR_INPUT:
		return fold_input(f, e);
	case EXPR_AND:
	case EXPR_OR:
		return fold_logic(f, e, certain);
	case EXPR_COND:
		return fold_cond(f, e, certain);
	default:
		break;
	}
	c = copy(f, e);
	for (uint32_t i = 0; i < e->nargs; i++) {
		bool sure = certain && (e->kind != EXPR_CHAIN || i < 2);

		c->args[i] = fold(f, e->args[i], sure);
		all_const &= is_const(c->args[i]);
	}
	return all_const ? fold_const(f, c, certain) : c;
}

struct expr *fold_tree(struct fold *f, struct expr *e)
{
	return fold(f, e, true);
}
