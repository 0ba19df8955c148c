#include <config.h>

#include "runtime/bc/tree.h"

#include "runtime/base/limits.h"

enum {
	DEPTH_MAX = 4000,	/* levels of trees, those of called defs included */
	BYTES_A_STEP = 64,	/* of text */
};

uint64_t eval_cost(const struct value *x, size_t n, uint64_t limit)
{
	uint64_t cost = 0;

	for (size_t i = 0; i < n && cost < limit; i++) {
		if (x[i].kind == VALUE_LIST || x[i].kind == VALUE_DICT)
			cost += value_weight(x[i], (size_t)(limit - cost));
		else if (x[i].kind == VALUE_STR)
			cost += x[i].s->n / BYTES_A_STEP;
	}
	return cost < limit ? cost : limit;
}

uint64_t eval_cost_index(struct value x)
{
	if (x.kind == VALUE_DICT)
		return x.dict->n;
	return x.kind == VALUE_STR ? x.s->n / BYTES_A_STEP : 0;
}

static uint64_t cost(const struct expr *e, const struct value *x, uint64_t limit)
{
	switch (e->kind) {
	case EXPR_INDEX:
		return eval_cost_index(x[0]);
	case EXPR_UNARY:
	case EXPR_FIELD:
	case EXPR_LIST:
	case EXPR_DICT:
		return e->nargs;
	default:
		return eval_cost(x, e->nargs, limit);
	}
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
	default:
		BUG("%s is not applied to values", expr_kind_name(e->kind));
	}
}

static int eval(struct tree_eval *ev, const struct expr *e, struct value *out,
		struct err *err);

static int failed(struct tree_eval *ev, const struct expr *e)
{
	if (!ev->at)
		ev->at = e;
	return -1;
}

static int spend(struct tree_eval *ev, const struct expr *e, uint64_t steps,
		 struct err *err)
{
	if (steps >= *ev->steps) {
		*ev->steps = 0;
		err_setk(err, ERR_EVAL, "the expression takes more than %d steps",
			 LIMIT_EVAL_STEPS);
		return failed(ev, e);
	}
	*ev->steps -= steps;
	if (ev->a->total_bytes <= ev->bytes_max)
		return 0;
	err_setk(err, ERR_EVAL, "the expression needs more than %d MiB of memory",
		 LIMIT_EVAL_BYTES >> 20);
	return failed(ev, e);
}

static int eval_bool(struct tree_eval *ev, const struct expr *e, struct value *out,
		     struct err *err)
{
	if (eval(ev, e, out, err) < 0)
		return -1;
	if (out->kind == VALUE_BOOL)
		return 0;
	err_setk(err, ERR_EVAL, "a condition must be a bool");
	return failed(ev, e);
}

static int eval_chain(struct tree_eval *ev, const struct expr *e, struct value *out,
		      struct err *err)
{
	struct value x[2];

	if (eval(ev, e->args[0], &x[0], err) < 0)
		return -1;
	for (uint32_t i = 1; i < e->nargs; i++) {
		if (eval(ev, e->args[i], &x[1], err) < 0 ||
		    spend(ev, e, eval_cost(x, 2, *ev->steps), err) < 0)
			return -1;
		if (op_binary((enum op)e->ops[i - 1], x[0], x[1], ev->a, out, err) < 0)
			return failed(ev, e);
		if (!out->b)
			return 0;
		x[0] = x[1];
	}
	return 0;
}

/* Values of the arguments, in small if there is room. */
static struct value *eval_args(struct tree_eval *ev, const struct expr *e,
			       struct value *small, uint32_t nsmall, struct err *err)
{
	struct value *x = small;

	if (e->nargs > nsmall)
		x = ARENA_ARRAY(ev->a, e->nargs, struct value);
	for (uint32_t i = 0; i < e->nargs; i++)
		if (eval(ev, e->args[i], &x[i], err) < 0)
			return NULL;
	return x;
}

static int eval_all(struct tree_eval *ev, const struct expr *e, struct value *out,
		    struct err *err)
{
	struct value small[3];
	struct value *x = eval_args(ev, e, small, 3, err);

	if (!x || spend(ev, e, 1 + cost(e, x, *ev->steps), err) < 0)
		return -1;
	return apply(e, x, ev->a, out, err) < 0 ? failed(ev, e) : 0;
}

static int eval_let(struct tree_eval *ev, const struct expr *e, struct value *out,
		    struct err *err)
{
	struct tree_local local = {.slot = e->slot, .next = ev->locals};
	int rc;

	if (eval(ev, e->args[0], &local.value, err) < 0)
		return -1;
	ev->locals = &local;
	rc = eval(ev, e->args[1], out, err);
	ev->locals = local.next;
	return rc;
}

static int eval_local(struct tree_eval *ev, const struct expr *e, struct value *out,
		      struct err *err)
{
	for (const struct tree_local *l = ev->locals; l; l = l->next)
		if (l->slot == e->slot) {
			*out = l->value;
			return 0;
		}
	err_setk(err, ERR_EVAL, "'%.*s' is not known here", STR_ARG(e->name));
	return failed(ev, e);
}

/* One element: its value, if the filter lets it through. */
static int eval_element(struct tree_eval *ev, const struct expr *e,
			struct value_list *made, struct err *err)
{
	struct value keep;

	if (spend(ev, e, 1, err) < 0 || eval_bool(ev, e->args[1], &keep, err) < 0)
		return -1;
	if (!keep.b)
		return 0;
	if (eval(ev, e->args[0], &made->at[made->n], err) < 0)
		return -1;
	made->n++;
	return 0;
}

/* The lists, of which the shortest has n elements. */
static struct value *eval_lists(struct tree_eval *ev, const struct expr *e, size_t *n,
				struct err *err)
{
	struct value *lists = ARENA_ARRAY(ev->a, e->nargs - 2, struct value);

	*n = SIZE_MAX;
	for (uint32_t i = 2; i < e->nargs; i++) {
		struct value *list = &lists[i - 2];

		if (eval(ev, e->args[i], list, err) < 0)
			return NULL;
		if (list->kind != VALUE_LIST) {
			err_setk(err, ERR_EVAL, "a comprehension goes over a list");
			failed(ev, e);
			return NULL;
		}
		if (list->list->n < *n)
			*n = list->list->n;
	}
	return lists;
}

static int eval_comp(struct tree_eval *ev, const struct expr *e, struct value *out,
		     struct err *err)
{
	const struct tree_local *around = ev->locals;
	uint32_t nlists = e->nargs - 2;
	struct tree_local *targets = ARENA_ARRAY(ev->a, nlists, struct tree_local);
	struct value_list *made;
	struct value *lists;
	size_t n;
	int rc = 0;

	lists = eval_lists(ev, e, &n, err);
	if (!lists)
		return -1;
	made = arena_alloc(ev->a, sizeof *made + n * sizeof *made->at);
	for (uint32_t k = 0; k < nlists; k++) {
		targets[k].slot = e->slot + k;
		targets[k].next = k ? &targets[k - 1] : around;
	}
	ev->locals = &targets[nlists - 1];
	for (size_t i = 0; i < n && !rc; i++) {
		for (uint32_t k = 0; k < nlists; k++)
			targets[k].value = lists[k].list->at[i];
		rc = eval_element(ev, e, made, err);
	}
	ev->locals = around;
	*out = (struct value){VALUE_LIST, {.list = made}};
	return rc;
}

static struct str place(struct tree_eval *ev, const struct expr *at)
{
	return at ? module_loc(ev->m, at->loc, ev->a) : STR("");
}

static int eval_call(struct tree_eval *ev, const struct expr *e, struct value *out,
		     struct err *err)
{
	const struct module_def *d = &ev->m->defs[e->def];
	struct tree_eval callee = *ev;
	struct value small[3];
	struct str where;

	callee.inputs = eval_args(ev, e, small, 3, err);
	if (!callee.inputs || spend(ev, e, 1, err) < 0)
		return -1;
	callee.locals = NULL;
	callee.at = NULL;
	callee.def = d;
	if (eval(&callee, d->body->tree, out, err) == 0)
		return 0;
	where = place(ev, callee.at);
	if (callee.at && callee.at->kind != EXPR_CALL && where.n)
		err_setk(err, err->kind, "%s (in '%.*s' at %.*s)",
			 arena_printf(ev->a, "%s", err->text).p, STR_ARG(d->name),
			 STR_ARG(where));
	return failed(ev, e);
}

static int eval_assert(struct tree_eval *ev, const struct expr *e, struct value *out,
		       struct err *err)
{
	struct value ok, message;
	struct buf text = {0};

	if (eval_bool(ev, e->args[0], &ok, err) < 0)
		return -1;
	if (ok.b)
		return eval(ev, e->args[2], out, err);
	if (eval(ev, e->args[1], &message, err) < 0)
		return -1;
	if (message.kind == VALUE_STR)
		buf_add(&text, *message.s);
	if (ev->explain)
		ev->explain(ev, e, &text);
	else if (message.kind != VALUE_STR)
		buf_addz(&text, "an assertion does not hold");
	err_setk(err, ERR_EVAL, "%s", buf_cstr(&text));
	buf_release(&text);
	return failed(ev, e);
}

static int eval_kind(struct tree_eval *ev, const struct expr *e, struct value *out,
		     struct err *err)
{
	switch (e->kind) {
	case EXPR_CONST:
		*out = e->value;
		return 0;
	case EXPR_INPUT:
		if (!ev->inputs) {
			err_setk(err, ERR_EVAL, "this is not known before the run");
			return failed(ev, e);
		}
		*out = ev->inputs[e->input];
		return 0;
	case EXPR_LOCAL:
		return eval_local(ev, e, out, err);
	case EXPR_LET:
		return eval_let(ev, e, out, err);
	case EXPR_COMP:
		return eval_comp(ev, e, out, err);
	case EXPR_CALL:
		return eval_call(ev, e, out, err);
	case EXPR_ASSERT:
		return eval_assert(ev, e, out, err);
	case EXPR_CHAIN:
		return eval_chain(ev, e, out, err);
	case EXPR_AND:
	case EXPR_OR:
		if (eval_bool(ev, e->args[0], out, err) < 0)
			return -1;
		return out->b == (e->kind == EXPR_OR) ? 0
						      : eval(ev, e->args[1], out, err);
	case EXPR_COND:
		if (eval_bool(ev, e->args[0], out, err) < 0)
			return -1;
		return eval(ev, e->args[out->b ? 1 : 2], out, err);
	default:
		return eval_all(ev, e, out, err);
	}
}

static int eval(struct tree_eval *ev, const struct expr *e, struct value *out,
		struct err *err)
{
	int rc;

	if (ev->depth >= DEPTH_MAX) {
		err_setk(err, ERR_EVAL, "the expression is nested too deeply");
		return failed(ev, e);
	}
	ev->depth++;
	rc = eval_kind(ev, e, out, err);
	ev->depth--;
	return rc;
}

int tree_eval(struct tree_eval *ev, const struct expr *e, struct value *out,
	      struct err *err)
{
	struct value v;

	ev->at = NULL;
	if (!ev->bytes_max)
		ev->bytes_max = ev->a->total_bytes + LIMIT_EVAL_BYTES;
	if (eval(ev, e, &v, err) < 0)
		return -1;
	*out = v;
	return 0;
}
