/* Conditions, in the expressions of Argo's where those say exactly the same. */
#include <config.h>

#include "compiler/export/argo/argo_int.h"

#include <math.h>

#include "runtime/value/json.h"

#define NO_ORDER "NaN has no place in an order"

enum number { NOT_A_NUMBER, IS_INT, IS_FLOAT };

static enum number number_of(const struct type *t)
{
	if (t->kind == TYPE_INT || t->kind == TYPE_SIZE || t->kind == TYPE_DURATION)
		return IS_INT;
	return t->kind == TYPE_FLOAT || t->kind == TYPE_METRIC ? IS_FLOAT : NOT_A_NUMBER;
}

static bool is_text(const struct type *t)
{
	return t->kind == TYPE_STR || t->kind == TYPE_ENUM;
}

/* Text that stands within "{{= }}" as it is. */
static bool is_simple(struct str s)
{
	for (size_t j = 0; j < s.n; j++)
		if (s.p[j] < 0x20 || s.p[j] > 0x7e || s.p[j] == '\'' || s.p[j] == '\\' ||
		    s.p[j] == '{' || s.p[j] == '}')
			return false;
	return true;
}

static bool is_operand(const struct expr *e)
{
	if (e->kind == EXPR_TO_FLOAT)
		return e->type->kind == TYPE_FLOAT && is_operand(e->args[0]);
	if (e->kind == EXPR_INPUT)
		return number_of(e->type) || is_text(e->type) ||
		       e->type->kind == TYPE_BOOL;
	if (e->kind != EXPR_CONST)
		return false;
	switch (e->value.kind) {
	case VALUE_INT:
		return number_of(e->type) && e->value.i > INT64_MIN;
	case VALUE_FLOAT:
		return number_of(e->type) && isfinite(e->value.f);
	case VALUE_STR:
		return is_text(e->type) && is_simple(*e->value.s);
	case VALUE_BOOL:
		return e->type->kind == TYPE_BOOL;
	default:
		return false;
	}
}

static bool is_none(const struct expr *e)
{
	return e->kind == EXPR_CONST && e->value.kind == VALUE_NONE;
}

static bool fits_comparison(const struct expr *e)
{
	const struct expr *x = e->args[0], *y = e->args[1];
	bool equal = e->op == OP_EQ || e->op == OP_NE;

	if (equal && is_none(y))
		return x->kind == EXPR_INPUT && !type_holds_artifacts(x->type);
	if (!is_operand(x) || !is_operand(y))
		return false;
	if (number_of(x->type) || number_of(y->type))
		return number_of(x->type) && number_of(y->type);
	return is_text(x->type) == is_text(y->type) && (equal || is_text(x->type));
}

static bool fits(const struct expr *e)
{
	switch (e->kind) {
	case EXPR_AND:
	case EXPR_OR:
		return fits(e->args[0]) && fits(e->args[1]);
	case EXPR_UNARY:
		return e->op == OP_NOT && fits(e->args[0]);
	case EXPR_BINARY:
		return e->op >= OP_EQ && e->op <= OP_GE && fits_comparison(e);
	default:
		return e->type->kind == TYPE_BOOL && is_operand(e);
	}
}

struct cond {
	struct argo *g;
	const struct source *inputs;
	struct buf b;
	bool unwrapped;		/* texts are compared, not how they travel */
};

/* One text may travel in several ways: people give it as it is, tasks with the mark. */
static void add_unwrapped(struct cond *c, struct str text)
{
	buf_addf(&c->b,
		 "(%.*s startsWith '" ARGO_MARK "\"' ? fromJSON((%.*s)[1:]) : %.*s)",
		 STR_ARG(text), STR_ARG(text), STR_ARG(text));
}

/* A constant that travels in one way, which is all that equality needs. */
static bool is_plain(const struct expr *e)
{
	return e->kind == EXPR_CONST && e->value.kind == VALUE_STR &&
	       !str_has_prefix(*e->value.s, STR(ARGO_MARK));
}

static void add_operand(struct cond *c, const struct expr *e, bool as_float)
{
	struct str text;

	if (e->kind == EXPR_TO_FLOAT) {
		add_operand(c, e->args[0], true);
	} else if (e->kind == EXPR_INPUT) {
		text = argo_expr(c->g, &c->inputs[e->input]);
		if (number_of(e->type) == IS_FLOAT)
			buf_addf(&c->b, "asFloat(%.*s)", STR_ARG(text));
		else if (number_of(e->type))
			buf_addf(&c->b, as_float ? "float(asInt(%.*s))" : "asInt(%.*s)",
				 STR_ARG(text));
		else if (c->unwrapped && is_text(e->type))
			add_unwrapped(c, text);
		else
			buf_add(&c->b, text);
	} else if (e->value.kind == VALUE_STR) {
		buf_addf(&c->b, "'%.*s'", STR_ARG(*e->value.s));
	} else if (e->value.kind == VALUE_BOOL) {
		buf_addz(&c->b, e->value.b ? "'true'" : "'false'");
	} else if (e->value.kind == VALUE_INT && as_float) {
		json_write(value_float((double)e->value.i), &c->b);
	} else {
		json_write(e->value, &c->b);
	}
}

/* The order of floats: NaN is an error here, and there a comparison that is false. */
static void add_guard(struct cond *c, const struct expr *e)
{
	if (e->kind != EXPR_INPUT || number_of(e->type) != IS_FLOAT)
		return;
	add_operand(c, e, true);
	buf_addz(&c->b, " != ");
	add_operand(c, e, true);
	buf_addz(&c->b, " ? asInt('" NO_ORDER "') > 0 : ");
}

static void add_comparison(struct cond *c, const struct expr *e)
{
	const struct expr *x = e->args[0], *y = e->args[1];
	bool as_float = number_of(x->type) == IS_FLOAT || number_of(y->type) == IS_FLOAT;
	bool ordered = e->op != OP_EQ && e->op != OP_NE;

	if (is_none(y)) {
		buf_add(&c->b, argo_expr(c->g, &c->inputs[x->input]));
		buf_addf(&c->b, " %s 'null'", op_spelling(e->op));
		return;
	}
	if (as_float && ordered) {
		add_guard(c, x);
		add_guard(c, y);
	}
	c->unwrapped = ordered || (!is_plain(x) && !is_plain(y));
	add_operand(c, x, as_float);
	buf_addf(&c->b, " %s ", op_spelling(e->op));
	add_operand(c, y, as_float);
}

static void add(struct cond *c, const struct expr *e)
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
		add_comparison(c, e);
	} else {
		add_operand(c, e, false);
		buf_addz(&c->b, " == 'true'");
	}
}

/* A comparison of floats alone has a third end. */
static bool is_order(const struct expr *e)
{
	return e->kind == EXPR_BINARY && e->op != OP_EQ && e->op != OP_NE &&
	       (number_of(e->args[0]->type) == IS_FLOAT ||
		number_of(e->args[1]->type) == IS_FLOAT);
}

static void add_order(struct cond *c, const struct expr *e)
{
	static const char *const others[] = {
		[OP_LT] = ">=", [OP_LE] = ">", [OP_GT] = "<=", [OP_GE] = "<"};

	add_operand(c, e->args[0], true);
	buf_addf(&c->b, " %s ", op_spelling(e->op));
	add_operand(c, e->args[1], true);
	buf_addz(&c->b, " ? 'b0' : ");
	add_operand(c, e->args[0], true);
	buf_addf(&c->b, " %s ", others[e->op]);
	add_operand(c, e->args[1], true);
	buf_addz(&c->b, " ? 'b1' : asInt('" NO_ORDER "')");
}

struct str argo_cond_text(struct argo *g, const struct source *s)
{
	struct cond c = {.g = g, .inputs = s->parts};
	struct str text;

	if (s->cond && is_order(s->cond->tree)) {
		add_order(&c, s->cond->tree);
		text = arena_str(g->a, buf_str(&c.b));
		buf_release(&c.b);
		return text;
	}
	if (s->cond) {
		add(&c, s->cond->tree);
	} else {
		buf_add(&c.b, argo_expr(g, &s->parts[0]));
		buf_addz(&c.b, " == 'true'");
	}
	text = buf_str(&c.b);
	text = str_find(text, STR(" ? "), 0) < text.n
		       ? arena_printf(g->a, "(%.*s) ? 'b0' : 'b1'", STR_ARG(text))
		       : arena_printf(g->a, "%.*s ? 'b0' : 'b1'", STR_ARG(text));
	buf_release(&c.b);
	return text;
}

/* Is input j, a text that may be None and travels as JSON, read as a text? */
static bool is_narrowed(const struct expr *e, uint32_t j)
{
	bool found = e->kind == EXPR_INPUT && e->input == j && is_text(e->type);

	for (uint32_t i = 0; i < e->nargs && !found; i++)
		found = is_narrowed(e->args[i], j);
	return found;
}

static bool all_fit(struct argo *g, struct inst *i, const struct site *site)
{
	bool fit = fits(site->tree);

	for (uint32_t j = 0; j < site->ninputs && fit; j++)
		fit = argo_input(g, i, site->inputs[j], site).type->kind != TYPE_OPT ||
		      !is_narrowed(site->tree, j);
	return fit;
}

/* Computed by a task where the expressions of Argo's do not say the same. */
void argo_select(struct argo *g, struct inst *i, struct task *t,
		 const struct module_node *node)
{
	const struct site *site = node->cond;
	bool direct = all_fit(g, i, site);
	uint32_t n = direct ? site->ninputs : 1;
	struct source *parts = ARENA_ARRAY(g->a, n + 1, struct source);
	struct source s = {.kind = SOURCE_SELECT, .dag = t->dag, .parts = parts,
			   .index = n, .type = g->m->types.string};

	for (uint32_t j = 0; j < n; j++) {
		parts[j] = direct ? argo_input(g, i, site->inputs[j], site)
				  : argo_site(g, i, t->dag, site, STR("condition"));
		if (!parts[j].kind)
			return;
		if (!direct && parts[j].task)
			parts[j].task->address = node->path;
		parts[j] = argo_seen(g, t->dag, parts[j]);
	}
	s.cond = direct ? site : NULL;
	vec_push(&t->args, ((struct bound){STR("branch"), s}));
}
