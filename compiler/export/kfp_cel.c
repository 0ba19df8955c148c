/* Conditions, in the Common Expression Language where that says the same. */
#include <config.h>

#include "compiler/export/kfp_int.h"

#include <stdio.h>

#include "runtime/value/json.h"

struct cel {
	struct kfp *k;
	struct inst *i;
	struct dag *d;
	const struct site *site;
	struct buf b;
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

static bool is_operand(const struct cel *c, const struct expr *e)
{
	if (e->kind == EXPR_TO_FLOAT)
		return is_operand(c, e->args[0]);
	if (e->kind == EXPR_CONST)
		return is_scalar(e->type) && kfp_holds(e->value);
	return e->kind == EXPR_INPUT && is_scalar(e->type) &&
	       c->site->inputs[e->input].kind != INPUT_TRY;
}

static bool fits(const struct cel *c, const struct expr *e)
{
	const struct expr *x = e->nargs ? e->args[0] : NULL;
	const struct expr *y = e->nargs > 1 ? e->args[1] : NULL;

	if (e->kind == EXPR_AND || e->kind == EXPR_OR)
		return fits(c, x) && fits(c, y);
	if (e->kind == EXPR_UNARY)
		return e->op == OP_NOT && fits(c, x);
	if (e->kind == EXPR_BINARY && e->op >= OP_EQ && e->op <= OP_GE)
		return is_operand(c, x) && is_operand(c, y) &&
		       (number_of(x->type) != NOT_A_NUMBER) ==
			       (number_of(y->type) != NOT_A_NUMBER);
	return e->type->kind == TYPE_BOOL && is_operand(c, e);
}

/* A str literal, in ASCII. */
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

static void add_operand(struct cel *c, const struct expr *e, bool as_float)
{
	struct source s;
	struct str name;

	if (e->kind == EXPR_TO_FLOAT) {
		add_operand(c, e->args[0], true);
		return;
	}
	if (e->kind == EXPR_CONST) {
		if (e->value.kind == VALUE_STR)
			add_text(c, *e->value.s);
		else if (e->value.kind == VALUE_INT && as_float)
			json_write(value_float((double)e->value.i), &c->b);
		else
			json_write(e->value, &c->b);
		return;
	}
	s = kfp_input(c->k, c->i, c->site->inputs[e->input], c->site);
	if (!s.kind)
		return;
	while (s.kind == SOURCE_OUTPUT && !dag_is_within(c->d, s.dag))
		s = kfp_lift(c->k, s, s.type);
	name = kfp_channel(c->k, c->d, s);
	/* Every number is a double there. */
	if (number_of(e->type) && !as_float)
		buf_addf(&c->b, "int(inputs.parameter_values['%.*s'])", STR_ARG(name));
	else
		buf_addf(&c->b, "inputs.parameter_values['%.*s']", STR_ARG(name));
}

static void add(struct cel *c, const struct expr *e)
{
	bool is_float;

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
		is_float = number_of(e->args[0]->type) == IS_FLOAT ||
			   number_of(e->args[1]->type) == IS_FLOAT;
		add_operand(c, e->args[0], is_float);
		buf_addf(&c->b, " %s ", op_spelling(e->op));
		add_operand(c, e->args[1], is_float);
	} else {
		add_operand(c, e, false);
		buf_addz(&c->b, " == true");
	}
}

/* Computed by a task, once for both branches. */
static void add_computed(struct cel *c)
{
	struct dag *home = c->d->parent;
	struct source s;
	struct str name;

	s = kfp_site(c->k, c->i, home, c->site, STR("condition"));
	if (!s.kind)
		return;
	name = kfp_channel(c->k, c->d, s);
	buf_addf(&c->b, "inputs.parameter_values['%.*s'] == true", STR_ARG(name));
}

void kfp_condition(struct kfp *k, struct inst *i, struct dag *d, const struct site *s,
		   bool is_else)
{
	struct cel c = {k, i, d, s, {0}};

	if (is_else)
		buf_addz(&c.b, "!(");
	if (fits(&c, s->tree))
		add(&c, s->tree);
	else
		add_computed(&c);
	if (is_else)
		buf_addc(&c.b, ')');
	yaml_put_str(yaml_sub(d->self, STR("triggerPolicy")), STR("condition"),
		     arena_str(k->a, buf_str(&c.b)));
	buf_release(&c.b);
}
