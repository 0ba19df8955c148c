/* Conditions, in the Common Expression Language where that says the same.  Kubeflow's
 * local runner has no CEL, but reads conditions as Python once it has put values in place
 * of inputs: only what both read alike is written. */
#include <config.h>

#include "compiler/export/kfp/kfp_int.h"

#include <stdio.h>

#include "runtime/value/json.h"

struct cel {
	struct kfp *k;
	struct inst *i;
	struct dag *d;
	const struct site *site;
	struct buf b;
	VEC(const struct fate *) fates;	/* of what it reads */
};

enum number { NOT_A_NUMBER, IS_INT, IS_FLOAT };

static enum number number_of(const struct type *t)
{
	if (t->kind == TYPE_INT || t->kind == TYPE_SIZE || t->kind == TYPE_DURATION)
		return IS_INT;
	return t->kind == TYPE_FLOAT || t->kind == TYPE_METRIC ? IS_FLOAT : NOT_A_NUMBER;
}

static bool is_scalar(const struct type *t)
{
	return number_of(t) || t->kind == TYPE_BOOL || t->kind == TYPE_STR ||
	       t->kind == TYPE_ENUM;
}

/* The local runner rewrites these wherever they stand. */
static bool is_rewritten(struct str s)
{
	static const char *const words[] = {"&&", "||", "pipelinechannel--",
					    "inputs.parameter_values", NULL};

	for (int j = 0; words[j]; j++)
		if (str_find(s, str_of(words[j]), 0) < s.n)
			return true;
	return str_find(s, STR("!"), 0) < s.n && str_find(s, STR("("), 0) < s.n;
}

static bool is_literal(struct value v, const struct type *t)
{
	return is_scalar(t) && kfp_holds(v) &&
	       (v.kind != VALUE_STR || !is_rewritten(*v.s));
}

static bool is_operand(const struct cel *c, const struct expr *e)
{
	struct source s;

	if (e->kind == EXPR_TO_FLOAT)
		return is_operand(c, e->args[0]);
	if (e->kind == EXPR_CONST)
		return is_literal(e->value, e->type);
	if (e->kind != EXPR_INPUT || !is_scalar(e->type))
		return false;
	s = kfp_input(c->k, c->i, c->site->inputs[e->input]);
	return s.kind && !s.form && !s.text && is_scalar(s.type) &&
	       (!s.tree || s.kind == SOURCE_CONST);
}

static bool is_same_kind(const struct type *x, const struct type *y)
{
	return (number_of(x) != NOT_A_NUMBER) == (number_of(y) != NOT_A_NUMBER);
}

static bool is_list_of_literals(const struct expr *e, const struct type *t)
{
	if (e->kind != EXPR_CONST || e->value.kind != VALUE_LIST || e->type->kind != TYPE_LIST)
		return false;
	for (size_t j = 0; j < e->value.list->n; j++)
		if (!is_literal(e->value.list->at[j], e->type->elem))
			return false;
	return number_of(e->type->elem) == number_of(t);
}

static bool is_comparison(const struct cel *c, uint8_t op, const struct expr *x,
			  const struct expr *y)
{
	if (op == OP_IN || op == OP_NOT_IN)
		return is_operand(c, x) && is_list_of_literals(y, x->type);
	return op >= OP_EQ && op <= OP_GE && is_operand(c, x) && is_operand(c, y) &&
	       is_same_kind(x->type, y->type);
}

static bool is_chain(const struct cel *c, const struct expr *e)
{
	for (uint32_t j = 0; j + 1 < e->nargs; j++)
		if (!is_comparison(c, e->ops[j], e->args[j], e->args[j + 1]))
			return false;
	return true;
}

static bool fits(const struct cel *c, const struct expr *e)
{
	const struct expr *x = e->nargs ? e->args[0] : NULL;
	const struct expr *y = e->nargs > 1 ? e->args[1] : NULL;

	if (e->kind == EXPR_AND || e->kind == EXPR_OR)
		return fits(c, x) && fits(c, y);
	if (e->kind == EXPR_UNARY)
		return e->op == OP_NOT && fits(c, x);
	if (e->kind == EXPR_BINARY)
		return is_comparison(c, e->op, x, y);
	if (e->kind == EXPR_CHAIN)
		return is_chain(c, e);
	return e->type->kind == TYPE_BOOL && is_operand(c, e);
}

/* A str literal. */
static void add_text(struct cel *c, struct str s)
{
	buf_addc(&c->b, '\'');
	for (size_t j = 0; j < s.n; j++) {
		unsigned char ch = (unsigned char)s.p[j];

		if (ch == '\'' || ch == '\\')
			buf_addf(&c->b, "\\%c", ch);
		else if (ch < 0x20)
			buf_addf(&c->b, "\\u%04x", ch);
		else
			buf_addc(&c->b, (char)ch);
	}
	buf_addc(&c->b, '\'');
}

static void add_literal(struct cel *c, struct value v, bool as_float)
{
	if (v.kind == VALUE_STR)
		add_text(c, *v.s);
	else if (v.kind == VALUE_INT && as_float)
		json_write(value_float((double)v.i), &c->b);
	else
		json_write(v, &c->b);
}

static void add_fate(struct cel *c, const struct fate *f)
{
	for (size_t j = 0; j < c->fates.n; j++)
		if (kfp_is_same(&c->fates.at[j]->at, &f->at))
			return;
	vec_push(&c->fates, f);
}

static struct str channel(struct cel *c, struct source s)
{
	while (s.kind == SOURCE_OUTPUT && !dag_is_within(c->d, s.dag))
		s = kfp_lift(c->k, s, s.type);
	if (s.fate && c->d->parent->region)
		add_fate(c, s.fate);
	else
		kfp_heed(c->k, c->d->parent, c->d->task, &s);
	return kfp_condition_channel(c->k, c->d, s);
}

static void add_operand(struct cel *c, const struct expr *e, bool as_float)
{
	struct source s;
	struct str name;

	if (e->kind == EXPR_TO_FLOAT) {
		add_operand(c, e->args[0], true);
		return;
	}
	if (e->kind == EXPR_CONST) {
		add_literal(c, e->value, as_float);
		return;
	}
	s = kfp_input(c->k, c->i, c->site->inputs[e->input]);
	if (!s.kind)
		return;
	name = channel(c, s);
	/* Every number is a double there. */
	if (number_of(e->type) && !as_float)
		buf_addf(&c->b, "int(inputs.parameter_values['%.*s'])", STR_ARG(name));
	else
		buf_addf(&c->b, "inputs.parameter_values['%.*s']", STR_ARG(name));
}

static void add_membership(struct cel *c, uint8_t op, const struct expr *x,
			   const struct expr *y)
{
	buf_addz(&c->b, op == OP_NOT_IN ? "!(" : "");
	add_operand(c, x, number_of(x->type) == IS_FLOAT);
	buf_addz(&c->b, " in [");
	for (size_t j = 0; j < y->value.list->n; j++) {
		buf_addz(&c->b, j ? ", " : "");
		add_literal(c, y->value.list->at[j], number_of(x->type) == IS_FLOAT);
	}
	buf_addz(&c->b, op == OP_NOT_IN ? "])" : "]");
}

static void add_comparison(struct cel *c, uint8_t op, const struct expr *x,
			   const struct expr *y)
{
	bool is_float = number_of(x->type) == IS_FLOAT || number_of(y->type) == IS_FLOAT;

	if (op == OP_IN || op == OP_NOT_IN) {
		add_membership(c, op, x, y);
		return;
	}
	add_operand(c, x, is_float);
	buf_addf(&c->b, " %s ", op_spelling(op));
	add_operand(c, y, is_float);
}

static void add(struct cel *c, const struct expr *e)
{
	if (e->kind == EXPR_AND || e->kind == EXPR_OR) {
		buf_addc(&c->b, '(');
		add(c, e->args[0]);
		buf_addz(&c->b, e->kind == EXPR_AND ? ") && (" : ") || (");
		add(c, e->args[1]);
		buf_addc(&c->b, ')');
	} else if (e->kind == EXPR_UNARY) {
		buf_addz(&c->b, "!(");
		add(c, e->args[0]);
		buf_addc(&c->b, ')');
	} else if (e->kind == EXPR_BINARY) {
		add_comparison(c, e->op, e->args[0], e->args[1]);
	} else if (e->kind == EXPR_CHAIN) {
		for (uint32_t j = 0; j + 1 < e->nargs; j++) {
			buf_addz(&c->b, j ? " && " : "");
			add_comparison(c, e->ops[j], e->args[j], e->args[j + 1]);
		}
	} else {
		add_operand(c, e, false);
		buf_addz(&c->b, " == true");
	}
}

static void add_arm(struct cel *c, const struct arm *arm)
{
	struct str name;

	c->site = arm->cond;
	if (!arm->computed.kind) {
		add(c, arm->cond->tree);
		return;
	}
	name = channel(c, arm->computed);
	buf_addf(&c->b, "inputs.parameter_values['%.*s'] == true", STR_ARG(name));
}

bool kfp_cel_fits(struct kfp *k, struct inst *i, const struct site *s)
{
	struct cel c = {.k = k, .i = i, .site = s};

	return fits(&c, s->tree);
}

void kfp_set_condition(struct kfp *k, struct dag *d, struct str text)
{
	yaml_put_str(yaml_sub(d->self, STR("triggerPolicy")), STR("condition"),
		     arena_str(k->a, text));
}

/* The arms before the last are false; the last is not, or (is_else) is. */
static void add_arms(struct cel *c, const struct arm *arms, size_t n, bool is_else)
{
	for (size_t j = 0; j < n; j++) {
		bool is_negated = is_else || j + 1 < n;

		buf_addz(&c->b, j ? " && " : "");
		buf_addz(&c->b, is_negated ? "!(" : n > 1 ? "(" : "");
		add_arm(c, &arms[j]);
		buf_addz(&c->b, is_negated || n > 1 ? ")" : "");
	}
}

/* In a region: nothing is chosen unless what the conditions read is there; then only the
 * last side is taken, and there everything is skipped. */
static void add_fates(struct cel *c, struct buf *out, bool is_else)
{
	for (size_t j = 0; j < c->fates.n; j++) {
		const struct fate *f = c->fates.at[j];
		struct source s = f->at;
		struct str name;

		while (!dag_is_within(c->d, s.dag))
			s = kfp_lift(c->k, s, s.type);
		name = kfp_condition_channel(c->k, c->d, s);
		buf_addf(out, "%sinputs.parameter_values['%.*s'] == 'ok'%s",
			 is_else ? "!(" : "", STR_ARG(name), is_else ? ") || " : " && ");
		if (is_else)
			vec_push(&c->d->gates, f->at);
	}
}

void kfp_condition(struct kfp *k, struct inst *i, struct dag *d, const struct arm *arms,
		   size_t n, bool is_else)
{
	struct cel c = {.k = k, .i = i, .d = d};
	struct buf out = {0};

	add_arms(&c, arms, n, is_else);
	add_fates(&c, &out, is_else);
	if (c.fates.n)
		buf_addf(&out, "(%.*s)", STR_ARG(buf_str(&c.b)));
	else
		buf_add(&out, buf_str(&c.b));
	kfp_set_condition(k, d, buf_str(&out));
	buf_release(&out);
	buf_release(&c.b);
	vec_release(&c.fates);
}
