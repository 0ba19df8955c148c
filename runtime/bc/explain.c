#include <config.h>

#include "runtime/bc/explain.h"

#include "runtime/base/limits.h"
#include "runtime/bc/dis.h"
#include "runtime/value/arith.h"

enum {
	PARTS_MAX = 6,		/* values that one message shows */
	TEXT_MAX = 120,		/* bytes of an expression, of a value */
	STEPS = 1000000,	/* for finding them */
};

/* One message while it grows. */
struct telling {
	struct tree_eval *ev;
	const struct explain_names *names;
	struct buf *out;
	bool quotes;		/* around what the values are of */
	VEC(struct str) told;	/* the parts that are in it */
};

static bool eval_bool(struct tree_eval *ev, const struct expr *e, bool *out)
{
	struct value v;
	struct err err;

	if (tree_eval(ev, e, &v, &err) < 0 || v.kind != VALUE_BOOL)
		return false;
	*out = v.b;
	return true;
}

static bool is_none(const struct expr *e)
{
	return e->kind == EXPR_CONST && e->value.kind == VALUE_NONE;
}

/* x == None, which lets an option through that is not there. */
static bool lets_none_through(const struct expr *e)
{
	return e->kind == EXPR_BINARY && e->op == OP_EQ && is_none(e->args[1]);
}

const struct expr *explain_part(struct tree_eval *ev, const struct expr *cond)
{
	bool left;

	while (cond->kind == EXPR_AND || cond->kind == EXPR_COND ||
	       (cond->kind == EXPR_OR && lets_none_through(cond->args[0]))) {
		if (cond->kind == EXPR_OR)
			cond = cond->args[1];
		else if (!eval_bool(ev, cond->args[0], &left))
			return cond->args[0];
		else if (cond->kind == EXPR_COND)
			cond = cond->args[left ? 1 : 2];
		else
			cond = cond->args[left ? 1 : 0];
	}
	return cond;
}

static struct dis names_of(const struct telling *t, struct buf *out)
{
	struct dis d = {.m = t->ev->m, .out = out, .brief = true};

	if (t->names) {
		d.params = t->names->params;
		d.outputs = t->names->outputs;
		d.pipeline = t->names->pipeline;
	}
	if (t->ev->def)
		d.params = t->ev->def->params;
	return d;
}

/* Cuts what was added since mark to a length that can be read. */
static void shorten(struct buf *out, size_t mark)
{
	size_t n = mark + TEXT_MAX;

	if (out->n <= n)
		return;
	while (n > mark && ((unsigned char)out->p[n] & 0xc0) == 0x80)
		n--;
	out->n = n;
	buf_addz(out, "...");
}

static void add_text(const struct telling *t, const struct expr *e, struct buf *out)
{
	const struct site *s = t->ev->def ? t->ev->def->body
					  : t->names ? t->names->site : NULL;
	struct dis d = names_of(t, out);
	size_t mark = out->n;

	if (s)
		dis_expr(&d, s, e);
	shorten(out, mark);
}

/* "c is -1.0", once for each c. */
static void tell(struct telling *t, const struct expr *e)
{
	struct buf text = {0};
	struct value v;
	struct err err;
	size_t mark;

	if (t->told.n >= PARTS_MAX || tree_eval(t->ev, e, &v, &err) < 0 ||
	    v.kind == VALUE_ARTIFACT || v.kind == VALUE_SERIES)
		return;
	add_text(t, e, &text);
	for (size_t i = 0; i < t->told.n; i++)
		if (str_eq(t->told.at[i], buf_str(&text)))
			goto out;
	buf_addz(t->out, t->told.n ? ", " : "");
	buf_addz(t->out, t->quotes ? "'" : "");
	buf_add(t->out, buf_str(&text));
	buf_addz(t->out, t->quotes ? "' is " : " is ");
	mark = t->out->n;
	if (value_check_weight(v, &err) < 0)
		buf_addz(t->out, "too large to show");
	else
		value_print_literal(v, e->type, t->out);
	shorten(t->out, mark);
	vec_push(&t->told, arena_str(t->ev->a, buf_str(&text)));
out:
	buf_release(&text);
}

static void tell_parts(struct telling *t, const struct expr *e);

static void tell_args(struct telling *t, const struct expr *e, uint32_t from)
{
	for (uint32_t i = from; i < e->nargs; i++)
		tell_parts(t, e->args[i]);
}

/* The values that e was made from: those with a name, and those that something computed
 * of what would be long to show. */
static void tell_parts(struct telling *t, const struct expr *e)
{
	switch (e->kind) {
	case EXPR_CONST:
		return;
	case EXPR_INPUT:
	case EXPR_LOCAL:
	case EXPR_FIELD:
	case EXPR_INDEX:
		tell(t, e);
		return;
	case EXPR_CALL:
	case EXPR_BUILTIN:
		if (e->type->kind != TYPE_BOOL)
			tell(t, e);
		else
			tell_args(t, e, 0);
		return;
	case EXPR_COMP:
		tell_args(t, e, 2);
		return;
	case EXPR_LET:
		tell_parts(t, e->args[0]);
		return;
	default:
		tell_args(t, e, 0);
	}
}

void explain_values(struct tree_eval *ev, const struct expr *part,
		    const struct explain_names *names, struct buf *out)
{
	struct telling t = {.ev = ev, .names = names, .out = out};

	tell_parts(&t, part);
	vec_release(&t.told);
}

static void explain(struct tree_eval *ev, const struct expr *cond,
		    const struct explain_names *names, struct buf *out)
{
	struct telling t = {.ev = ev, .names = names, .out = out};
	const struct expr *part = explain_part(ev, cond);
	size_t mark, before = out->n;

	if (part->kind == EXPR_CONST)
		return;
	add_text(&t, part, out);
	buf_addz(out, out->n > before ? " does not hold: " : "");
	mark = out->n;
	tell_parts(&t, part);
	if (out->n == mark)
		out->n -= out->n > before ? 2 : 0;
	vec_release(&t.told);
}

void explain_condition(const struct module *m, const struct site *s,
		       const struct value *inputs, const struct explain_names *names,
		       struct buf *out)
{
	struct explain_names all = *names;
	struct arena a = {0};
	uint64_t steps = STEPS;
	struct tree_eval ev = {.m = m, .inputs = inputs, .a = &a, .steps = &steps};

	all.site = s;
	explain_values(&ev, explain_part(&ev, s->tree), &all, out);
	arena_release(&a);
}

void explain_broken(const struct module *m, const struct site *s,
		    const struct value *inputs, const struct explain_names *names,
		    struct buf *out)
{
	struct explain_names all = *names;
	struct arena a = {0};
	uint64_t steps = STEPS;
	struct tree_eval ev = {.m = m, .inputs = inputs, .a = &a, .steps = &steps};
	struct telling t = {.ev = &ev, .names = &all, .out = out, .quotes = true};
	const struct expr *part = explain_part(&ev, s->tree);

	all.site = s;
	tell_parts(&t, part);
	if (t.told.n) {
		buf_addz(out, ", which breaks '");
		add_text(&t, part, out);
		buf_addc(out, '\'');
	}
	vec_release(&t.told);
	arena_release(&a);
}

void explain_assertion(struct tree_eval *ev, const struct expr *assertion,
		       struct buf *out)
{
	const struct module_def *d = ev->def;
	struct tree_eval part = *ev;
	uint64_t steps = STEPS;
	size_t before;

	part.steps = &steps;
	part.explain = NULL;
	if (assertion->name.n)
		buf_addf(out, "'%.*s'", STR_ARG(assertion->name));
	if (assertion->name.n && d)
		buf_addf(out, " of '%.*s'", STR_ARG(d->name));
	buf_addz(out, out->n ? ": " : "");
	before = out->n;
	explain(&part, assertion->args[0], ev->ctx, out);
	if (out->n == before && before)
		out->n -= 2;
	if (!out->n)
		buf_addz(out, "an assertion does not hold");
}

int explain_failure(const struct module *m, const struct site *s,
		    const struct value *inputs, struct err *err)
{
	struct arena a = {0};
	uint64_t steps = LIMIT_EVAL_STEPS;
	struct tree_eval ev = {
		.m = m, .inputs = inputs, .a = &a, .steps = &steps,
		.explain = explain_assertion,
	};
	struct err said;
	struct value v;
	struct str place;

	if (tree_eval(&ev, s->tree, &v, &said) < 0) {
		err_setk(err, said.kind, "%s", said.text);
		place = ev.at ? module_loc(m, ev.at->loc, &a) : STR("");
		if (place.n)
			err_wrap(err, "%.*s", STR_ARG(place));
	}
	arena_release(&a);
	return -1;
}
