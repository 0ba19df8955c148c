#include <config.h>

#include "runtime/vm/runconfig_check.h"

#include "runtime/base/limits.h"
#include "runtime/vm/eval.h"
#include "runtime/vm/sched_values.h"
#include "runtime/vm/where.h"

struct checker {
	const struct module *m;
	struct arena *a;		/* for what is told */
	struct map config;		/* address -> struct config_value * */
	struct map told; /* lines: calls that share an address say the same */
	struct buf *errors;
	struct err *err;
	size_t nvisited;
};

struct known { /* what is known of the parameters of one pipeline */
	const struct value *values;
	const bool *is_known;
};

/* A call, or the root pipeline: whose parameters are looked at. */
struct callee {
	const struct module_node *node;	/* NULL: the root */
	const struct module_param *params;
	uint32_t nparams;
	struct str address;		/* "fit." */
	const struct known *caller;	/* NULL: what the call passes does not count */
};

static bool eval_known(const struct checker *k, const struct site *s,
		       const struct known *caller, struct arena *a, struct value *out)
{
	struct value *inputs = ARENA_ARRAY(a, s->ninputs + 1, struct value);
	struct err err;

	for (uint32_t i = 0; i < s->ninputs; i++) {
		if (s->inputs[i].kind != INPUT_PARAM ||
		    !caller->is_known[s->inputs[i].index])
			return false;
		inputs[i] = caller->values[s->inputs[i].index];
	}
	return !eval(k->m, s, inputs, a, out, &err);
}

/* The value of a parameter, if it is known by now; origin is set if the config gives
 * it. */
static bool find_param(const struct checker *k, const struct callee *c, uint32_t i,
		       struct arena *a, struct value *out, struct str *origin)
{
	const struct module_param *p = &c->params[i];
	const struct config_value *set;
	struct err err;

	*origin = STR("");
	if (c->node && !node_param_is_free(c->node, i))
		return c->caller && eval_known(k, c->node->args[i], c->caller, a, out);
	set = map_get(&k->config, arena_printf(a, "%.*s%.*s", STR_ARG(c->address),
					       STR_ARG(p->name)));
	if (set && set->is_set && !set->is_default) {
		*origin = set->origin;
		*out = set->value;
		return value_has_type(set->value, p->type);
	}
	return p->fallback && !eval(k->m, p->fallback, NULL, a, out, &err);
}

static void tell(struct checker *k, const struct callee *c, const struct module_param *p,
		 struct str origin, const char *text)
{
	struct str line = arena_printf(
		k->a, "%.*s%.*s: %s%s%.*s\n", STR_ARG(c->address), STR_ARG(p->name), text,
		origin.n ? "; it comes from " : "", STR_ARG(origin));

	if (map_set(&k->told, line, k))
		return;
	buf_add(k->errors, line);
}

/* A value from the config, whose structs are looked into. */
struct given {
	struct checker *k;
	const struct callee *c;
	const struct module_param *p;
	struct str origin;
};

static void tell_field(void *ctx, struct str path, const struct err *err)
{
	struct given *g = ctx;
	struct module_param field = *g->p;

	field.name = arena_printf(g->k->a, "%.*s%.*s", STR_ARG(field.name),
				  STR_ARG(path));
	tell(g->k, g->c, &field, g->origin, err->text);
}

/* Fills values and is_known, and checks them. */
static void check_params(struct checker *k, const struct callee *c, struct arena *a,
			 struct known *out)
{
	struct value *values = ARENA_ARRAY(a, c->nparams + 1, struct value);
	bool *is_known = ARENA_ARRAY(a, c->nparams + 1, bool);
	struct str *origins = ARENA_ARRAY(a, c->nparams + 1, struct str);
	struct where_values w = {.params = c->params, .args = values, .known = is_known};
	struct err err;

	for (uint32_t i = 0; i < c->nparams; i++) {
		struct given g = {k, c, &c->params[i], STR("")};

		is_known[i] = find_param(k, c, i, a, &values[i], &origins[i]);
		g.origin = origins[i];
		if (is_known[i] && g.origin.n)
			where_check_fields(k->m, c->params[i].type, values[i],
					   &(struct where_faults){tell_field, &g});
	}
	for (uint32_t i = 0; i < c->nparams; i++)
		if (where_check_param(k->m, &w, i, &err))
			tell(k, c, &c->params[i], origins[i], err.text);
	*out = (struct known){values, is_known};
}

/* A parameter without default that a call leaves out, where no address leads to the
 * call. */
static void check_unaddressed(struct checker *k, const struct callee *c)
{
	for (uint32_t i = 0; i < c->nparams; i++) {
		const struct module_param *p = &c->params[i];
		struct str address = arena_printf(k->a, "%.*s%.*s", STR_ARG(c->address),
						  STR_ARG(p->name));

		if (!p->fallback && node_param_is_free(c->node, i) &&
		    !map_get(&k->config, address))
			tell(k, c, p, STR(""),
			     arena_printf(k->a,
					  "the call at %.*s passes no value, and no "
					  "config can",
					  STR_ARG(module_loc(k->m, c->node->loc, k->a)))
				     .p);
	}
}

static bool has_where(const struct module_param *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (p[i].where || !p[i].fallback)
			return true;
	return false;
}

static int check_scope(struct checker *k, uint32_t pipeline, struct str address,
		       const struct known *params, bool certain);

static int check_node(struct checker *k, const struct module_node *n, struct str address,
		      const struct known *params, bool certain)
{
	bool task = n->kind == NODE_TASK;
	struct callee c = {
		.node = n,
		.params = task ? k->m->components[n->target].params
			       : k->m->pipelines[n->target].params,
		.nparams = task ? k->m->components[n->target].nparams
				: k->m->pipelines[n->target].nparams,
	};
	struct known known;
	struct arena a;
	int rc = 0;

	certain = certain && n->block == 0;
	c.caller = certain ? params : NULL;
	if (task && !has_where(c.params, c.nparams))
		return 0;
	arena_init(&a);
	c.address = arena_printf(&a, "%.*s%.*s.", STR_ARG(address), STR_ARG(n->name));
	check_params(k, &c, &a, &known);
	check_unaddressed(k, &c);
	if (!task)
		rc = check_scope(k, n->target, c.address, &known, certain);
	arena_release(&a);
	return rc;
}

static int check_scope(struct checker *k, uint32_t pipeline, struct str address,
		       const struct known *params, bool certain)
{
	const struct module_pipeline *p = &k->m->pipelines[pipeline];

	for (uint32_t i = 0; i < p->nnodes; i++) {
		if (p->nodes[i].kind != NODE_TASK && p->nodes[i].kind != NODE_CALL)
			continue;
		if (++k->nvisited > LIMIT_TASKS)
			return err_setk(k->err, ERR_INPUT,
					"the pipeline has more than %d tasks",
					LIMIT_TASKS);
		if (check_node(k, &p->nodes[i], address, params, certain))
			return -1;
	}
	return 0;
}

int run_config_check(const struct module *m, uint32_t pipeline,
		     const struct run_config *config, struct arena *a, struct buf *errors,
		     struct err *err)
{
	struct checker k = {.m = m, .a = a, .errors = errors, .err = err};
	struct callee root = {
		.params = m->pipelines[pipeline].params,
		.nparams = m->pipelines[pipeline].nparams,
		.address = STR(""),
	};
	struct known known;
	int rc;

	for (size_t i = 0; i < config->n; i++)
		map_set(&k.config, config->at[i].address, &config->at[i]);
	check_params(&k, &root, a, &known);
	rc = check_scope(&k, pipeline, STR(""), &known, true);
	map_release(&k.config);
	map_release(&k.told);
	return rc;
}
