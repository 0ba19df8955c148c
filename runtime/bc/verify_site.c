/* Expressions: inputs, trees, and by code.c their bytecode. */
#include <config.h>

#include "runtime/bc/code.h"
#include "runtime/bc/verify.h"

int verify_fail(struct err *err, const char *what)
{
	return err_setk(err, ERR_INPUT, "%s", what);
}

int verify_wrap(struct err *err, const char *what, struct str name)
{
	struct buf b = {0};

	buf_add_printable(&b, str_sub(name, 0, 100), false);
	err_wrap(err, "%s '%.*s'", what, STR_ARG(buf_str(&b)));
	buf_release(&b);
	return -1;
}

int verify_loc(const struct module *m, struct loc loc, struct err *err)
{
	if (!loc.line || loc.file < m->nfiles)
		return 0;
	return verify_fail(err, "it names a source file that is not there");
}

bool verify_is_made_of(struct str s, const char *more)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && (!c || !strchr(more, c)))
			return false;
	}
	return true;
}

bool verify_is_name(struct str s)
{
	return s.n && !(s.p[0] >= '0' && s.p[0] <= '9') && verify_is_made_of(s, "_");
}

/* May a value of type from be used as one of type to as it is, without a conversion? */
static bool fits(const struct type *from, const struct type *to)
{
	const struct type *a = type_strip(from), *b = type_strip(to);

	if (!type_assignable(from, to))
		return false;
	while (a->elem && b->elem)
		a = type_strip(a->elem), b = type_strip(b->elem);
	return !(a->kind == TYPE_INT && b->kind == TYPE_FLOAT);
}

static int fail_types(struct err *err, const char *what, const struct type *from,
		      const struct type *to)
{
	struct buf a = {0}, b = {0};

	type_print(from, &a);
	type_print(to, &b);
	err_setk(err, ERR_INPUT, "%s: %.*s does not fit %.*s", what, STR_ARG(buf_str(&a)),
		 STR_ARG(buf_str(&b)));
	buf_release(&a);
	buf_release(&b);
	return -1;
}

/* Is node i, if it is a LOOP, at its end here? */
static bool is_complete(const struct verify_scope *sc, uint32_t i)
{
	return sc->pipeline->nodes[i].kind != NODE_LOOP ||
	       (!verify_around(sc, i) &&
		(!sc->last || verify_last_in(sc->pipeline, sc->last, i) < sc->nnodes));
}

/* A loop's results may be read from nodes that are looked at later. */
static bool has_callee(const struct module *m, const struct module_node *n)
{
	if (n->kind == NODE_TASK)
		return n->target < m->ncomponents;
	return n->kind != NODE_CALL || n->target < m->npipelines;
}

static const struct type *node_input_type(const struct verify_scope *sc,
					  const struct input *in,
					  struct err *err)
{
	const struct module_node *n;

	if (!sc->pipeline || in->index >= sc->nnodes) {
		verify_fail(err, "an input is a node that does not come before this one");
		return NULL;
	}
	n = &sc->pipeline->nodes[in->index];
	if (!has_callee(sc->m, n) || in->output >= node_noutputs(sc->m, n)) {
		verify_fail(err, "an input is an output that its node does not have");
		return NULL;
	}
	if (!verify_sees(sc, n->block)) {
		verify_fail(
			err,
			"an input is a node of a block that cannot be seen from here");
		return NULL;
	}
	if (!is_complete(sc, in->index)) {
		verify_fail(err, "an input is a loop that is not at its end here");
		return NULL;
	}
	return node_output_type(sc->m, n, in->output);
}

static const struct type *item_type(const struct verify_scope *sc, const struct input *in)
{
	const struct module_block *b =
		sc->pipeline ? verify_around(sc, in->index) : NULL;
	const struct module_node *n;

	if (!b || b->kind != BLOCK_LOOP)
		return NULL;
	n = &sc->pipeline->nodes[in->index];
	return in->output < n->nargs ? n->args[in->output]->type->elem : NULL;
}

static const struct type *try_type(const struct verify_scope *sc, const struct input *in)
{
	const struct module_block *b =
		sc->pipeline ? verify_around(sc, in->index) : NULL;
	const struct types *t = &sc->m->types;

	if (!b || (b->kind != BLOCK_EXCEPT && b->kind != BLOCK_FINALLY) ||
	    in->output > TRY_ERROR)
		return NULL;
	if (in->output == TRY_STATE)
		return t->string;
	return b->kind == BLOCK_EXCEPT ? t->run_error : t->opt_run_error;
}

static const struct type *file_input_type(const struct verify_scope *sc,
					  const struct input *in, struct err *err)
{
	const struct type *of = NULL;

	if (in->kind == INPUT_PARAM_FILE && in->index < sc->nparams)
		of = sc->params[in->index].type;
	if (in->kind == INPUT_OUTPUT_FILE && in->index < sc->noutputs)
		return sc->m->types.string;
	if (of && type_holds_artifacts(of))
		return sc->m->types.string;
	verify_fail(err, "an input is a file that is not there");
	return NULL;
}

/* The type of the input's value; NULL with err if there is no such thing here. */
static const struct type *input_type(const struct verify_scope *sc,
				     const struct input *in,
				     struct err *err)
{
	const struct type *type = NULL;

	switch (in->kind) {
	case INPUT_PARAM:
		if (in->index < sc->nparams)
			return sc->params[in->index].type;
		break;
	case INPUT_OUTPUT:
		if (in->index < sc->noutputs && !sc->files)
			return sc->outputs[in->index].type;
		break;
	case INPUT_NODE:
		return node_input_type(sc, in, err);
	case INPUT_RUN:
		if (sc->run && in->index <= RUN_STARTED)
			return sc->m->types.string;
		break;
	case INPUT_PARAM_FILE:
	case INPUT_OUTPUT_FILE:
		if (sc->files && in->output <= FILE_URI)
			return file_input_type(sc, in, err);
		break;
	case INPUT_TASK_ID:
		if (sc->task_id)
			return sc->m->types.string;
		break;
	case INPUT_ITEM:
		type = item_type(sc, in);
		break;
	case INPUT_TRY:
		type = try_type(sc, in);
		break;
	}
	if (!type)
		verify_fail(err, "an input is nothing that can be read here");
	return type;
}

/* A tree with the site that it belongs to. */
struct tree {
	const struct verify_scope *sc;
	const struct site *s;
	struct err *err;
	uint32_t ndefs;				/* functions that may be called */
	VEC(const struct type *) locals;	/* what let and comprehensions bind here */
};

/* Has the node as many arguments as its kind takes? */
static bool arguments_fit(const struct expr *e)
{
	unsigned least, most;

	switch (e->kind) {
	case EXPR_CONST:
	case EXPR_INPUT:
	case EXPR_LOCAL:
		return !e->nargs;
	case EXPR_UNARY:
	case EXPR_FIELD:
	case EXPR_FORMAT:
	case EXPR_TO_FLOAT:
		return e->nargs == 1;
	case EXPR_BINARY:
	case EXPR_AND:
	case EXPR_OR:
	case EXPR_INDEX:
		return e->nargs == 2;
	case EXPR_LET:
		return e->nargs == 2;
	case EXPR_COND:
	case EXPR_ASSERT:
		return e->nargs == 3;
	case EXPR_COMP:
		return e->nargs >= 3 && e->nargs - 2 <= UINT8_MAX;
	case EXPR_CALL:		/* as many as the function takes */
		return true;
	case EXPR_CHAIN:
		return e->nargs >= 3;
	case EXPR_DICT:
		return e->nargs % 2 == 0;
	case EXPR_LIST:
	case EXPR_FSTRING:
		return true;
	case EXPR_BUILTIN:
		builtin_arity((enum builtin)e->op, &least, &most);
		return e->nargs >= least && e->nargs <= most;
	case EXPR_NKINDS:
		break;
	}
	return false;
}

static bool operators_fit(const struct expr *e)
{
	if (e->kind == EXPR_UNARY)
		return e->op == OP_NEG || e->op == OP_POS || e->op == OP_NOT;
	if (e->kind == EXPR_BINARY)
		return e->op <= OP_NOT_IN;
	if (e->kind == EXPR_BUILTIN)
		return e->op < BUILTIN_N;
	if (e->kind == EXPR_CHAIN)
		for (uint32_t i = 0; i + 1 < e->nargs; i++)
			if (e->ops[i] < OP_EQ || e->ops[i] > OP_NOT_IN)
				return false;
	return true;
}

static bool is_bool(const struct expr *e)
{
	return e->type->kind == TYPE_BOOL;
}

static bool conditions_fit(const struct expr *e)
{
	if (e->kind == EXPR_AND || e->kind == EXPR_OR)
		return is_bool(e->args[0]) && is_bool(e->args[1]);
	if (e->kind == EXPR_COMP)
		return is_bool(e->args[1]);
	return (e->kind != EXPR_COND && e->kind != EXPR_ASSERT) || is_bool(e->args[0]);
}

/* An option that was tested is read as what it holds. */
static int check_read(struct tree *t, const char *what, const struct type *actual,
		      const struct expr *e)
{
	if (fits(actual, e->type) || fits(type_strip(actual), e->type))
		return 0;
	return fail_types(t->err, what, actual, e->type);
}

static int check_local(struct tree *t, const struct expr *e)
{
	if (e->slot >= t->locals.n)
		return verify_fail(t->err, "a local is not bound where it is read");
	return check_read(t, "a local", t->locals.at[e->slot], e);
}

static int check_leaf(struct tree *t, const struct expr *e)
{
	const struct type *actual;

	if (e->kind == EXPR_LOCAL)
		return check_local(t, e);
	if (e->kind == EXPR_CONST)
		return value_has_type(e->value, e->type)
			       ? 0
			       : verify_fail(t->err, "a constant is not of its type");
	if (e->input >= t->s->ninputs)
		return verify_fail(t->err, "the expression has no such input");
	actual = input_type(t->sc, &t->s->inputs[e->input], t->err);
	if (!actual)
		return -1;
	return check_read(t, "an input", actual, e);
}

static int check_expr(struct tree *t, const struct expr *e, unsigned depth);

static int check_args(struct tree *t, const struct expr *e, uint32_t from, uint32_t to,
		      unsigned depth)
{
	for (uint32_t i = from; i < to; i++)
		if (check_expr(t, e->args[i], depth + 1) < 0)
			return -1;
	return 0;
}

/* A let's value and a comprehension's lists come first, then what sees the names. */
static int check_binder(struct tree *t, const struct expr *e, unsigned depth)
{
	uint32_t from = e->kind == EXPR_LET ? 0 : 2, mark = (uint32_t)t->locals.n;
	uint32_t to = e->kind == EXPR_LET ? 1 : e->nargs;

	if (e->slot != mark)
		return verify_fail(t->err, "locals are not numbered in order");
	if (check_args(t, e, from, to, depth) < 0)
		return -1;
	for (uint32_t i = from; i < to; i++) {
		const struct type *type = e->args[i]->type;

		if (e->kind == EXPR_COMP && type->kind != TYPE_LIST)
			return verify_fail(t->err, "a comprehension goes over no list");
		vec_push(&t->locals, e->kind == EXPR_COMP ? type->elem : type);
	}
	if (check_args(t, e, e->kind == EXPR_LET ? 1 : 0, 2, depth) < 0)
		return -1;
	t->locals.n = mark;
	return 0;
}

static int check_call(struct tree *t, const struct expr *e)
{
	const struct module_def *d = e->def < t->ndefs ? &t->sc->m->defs[e->def] : NULL;

	if (!d || e->nargs != d->nparams)
		return verify_fail(t->err, "a call of no function that can be called");
	for (uint32_t i = 0; i < e->nargs; i++)
		if (!fits(e->args[i]->type, d->params[i].type))
			return fail_types(t->err, "an argument", e->args[i]->type,
					  d->params[i].type);
	return fits(d->result, e->type) ? 0 : fail_types(t->err, "a call", d->result,
							 e->type);
}

static int check_expr(struct tree *t, const struct expr *e, unsigned depth)
{
	if (depth > EXPR_DEPTH_MAX)
		return verify_fail(t->err, "the expression is nested too deeply");
	if (!e->type || e->type->kind == TYPE_ERROR)
		return verify_fail(t->err, "a part of the expression has no type");
	if (verify_loc(t->sc->m, e->loc, t->err) < 0)
		return -1;
	if (!operators_fit(e))
		return verify_fail(t->err, "an operator stands where it has no meaning");
	if (!arguments_fit(e))
		return err_setk(t->err, ERR_INPUT, "%s with %u parts",
				expr_kind_name(e->kind), e->nargs);
	if (e->kind == EXPR_CONST || e->kind == EXPR_INPUT || e->kind == EXPR_LOCAL)
		return check_leaf(t, e);
	if (e->kind == EXPR_LET || e->kind == EXPR_COMP) {
		if (check_binder(t, e, depth) < 0)
			return -1;
	} else if (check_args(t, e, 0, e->nargs, depth) < 0) {
		return -1;
	}
	if (e->kind == EXPR_CALL && check_call(t, e) < 0)
		return -1;
	if (!conditions_fit(e))
		return verify_fail(t->err, "a condition is no bool");
	return e->kind == EXPR_FORMAT ? op_format_check(e->name, e->args[0]->type,
							t->err) : 0;
}

static int check_site(const struct verify_scope *sc, const struct site *s,
		      const struct type *want, struct err *err)
{
	uint32_t ndefs = sc->in_def ? sc->ndefs : sc->m->ndefs;
	struct tree t = {.sc = sc, .s = s, .err = err, .ndefs = ndefs};
	int failed;

	if (verify_loc(sc->m, s->loc, err) < 0)
		return -1;
	for (uint32_t i = 0; i < s->ninputs; i++)
		if (!input_type(sc, &s->inputs[i], err))
			return -1;
	failed = check_expr(&t, s->tree, 1);
	vec_release(&t.locals);
	if (failed)
		return -1;
	if (!fits(s->tree->type, s->type))
		return fail_types(err, "the expression", s->tree->type, s->type);
	if (want && !fits(s->type, want))
		return fail_types(err, "the expression", s->type, want);
	return code_verify(sc->m, s, ndefs, err);
}

int verify_site(const struct verify_scope *sc, const struct site *s,
		const struct type *want,
		struct err *err)
{
	struct arena a = {0};
	struct str at;

	if (!s)
		return verify_fail(err, "an expression is missing");
	if (check_site(sc, s, want, err) == 0)
		return 0;
	at = module_loc(sc->m, s->loc, &a);
	if (at.n)
		verify_wrap(err, "the expression at", at);
	arena_release(&a);
	return -1;
}

static int check_setting(const struct verify_scope *sc, const struct module_setting *s,
			 char place, struct err *err)
{
	bool allowed = setting_allowed(s->id, place) ||
		       (place == 'C' && setting_allowed(s->id, 'R'));

	if (!allowed)
		return verify_fail(err, "it does not belong here");
	if (verify_site(sc, s->value, NULL, err) < 0)
		return -1;
	if (!setting_accepts(s->id, sc->m, s->value->type))
		return verify_fail(err, "its value is of the wrong type");
	return 0;
}

int verify_settings(const struct verify_scope *sc, const struct module_setting *s,
		    uint32_t n, char place, struct err *err)
{
	bool seen[SETTING_N] = {0};

	for (uint32_t i = 0; i < n; i++) {
		if (s[i].id >= SETTING_N)
			return verify_fail(err, "no such setting");
		if (seen[s[i].id])
			return err_setk(err, ERR_INPUT, "setting '%s' is there twice",
					setting_name(s[i].id));
		seen[s[i].id] = true;
		if (check_setting(sc, &s[i], place, err) < 0)
			return err_wrap(err, "setting '%s'", setting_name(s[i].id));
	}
	return 0;
}
