/* Constraints on values that are known when a program is compiled: defaults, constant
 * arguments, entries of configs.  Works on the finished module. */
#include <config.h>

#include "compiler/ir/lower_int.h"
#include "runtime/base/limits.h"
#include "runtime/bc/explain.h"

/* Whose parameters are given which sites. */
struct given {
	struct lower *l;
	struct str owner;
	const struct module_param *params;
	const struct site *const *args;		/* NULL: the defaults */
};

static const struct site *given_site(const struct given *g, uint32_t param)
{
	return g->args ? g->args[param] : g->params[param].fallback;
}

/* The values of the inputs of where; false if one is not known. */
static bool inputs_known(const struct given *g, const struct site *where,
			 struct value *values)
{
	for (uint32_t i = 0; i < where->ninputs; i++) {
		const struct site *s = where->inputs[i].kind == INPUT_PARAM
					       ? given_site(g, where->inputs[i].index)
					       : NULL;

		if (!s || !site_value(s, &values[i]))
			return false;
	}
	return true;
}

static void say_broken(const struct given *g, uint32_t param, const struct value *values,
		       struct span at, const struct err *err)
{
	const struct module_param *p = &g->params[param];
	struct arena a = {0};
	uint64_t steps = LIMIT_EVAL_STEPS;
	struct tree_eval ev = {
		.m = g->l->m, .inputs = values, .a = &a, .steps = &steps,
	};
	struct explain_names names = {.site = p->where, .params = g->params};
	const struct expr *part = explain_part(&ev, p->where->tree);
	struct str text = builder_text(&g->l->b, part->span);
	struct buf shown = {0};
	struct diag *d;

	if (err)
		d = diag(g->l->diags, at, E0801,
			 "the constraint on '%.*s' cannot be checked: %s",
			 STR_ARG(p->name), err->text);
	else
		d = diag(g->l->diags, at, E0801, "'%.*s'%s%.*s%s must satisfy %.*s",
			 STR_ARG(p->name), g->owner.n ? " of '" : "", STR_ARG(g->owner),
			 g->owner.n ? "'" : "", STR_ARG(str_sub(text, 0, 120)));
	explain_values(&ev, part, &names, &shown);
	diag_label(d, "%s", buf_cstr(&shown));
	diag_note(d, part->span, "the constraint is declared here");
	buf_release(&shown);
	arena_release(&a);
}

static void check_one(const struct given *g, uint32_t param)
{
	const struct site *where = g->params[param].where, *own = given_site(g, param);
	struct arena a = {0};
	struct value *values, ok;
	struct err err;

	if (!where || !own)
		return;
	values = ARENA_ARRAY(&a, where->ninputs, struct value);
	if (inputs_known(g, where, values)) {
		if (site_eval(g->l->m, where, values, &a, &ok, &err))
			say_broken(g, param, values, own->tree->span, &err);
		else if (!ok.b)
			say_broken(g, param, values, own->tree->span, NULL);
	}
	arena_release(&a);
}

static void check_all(struct lower *l, struct str owner,
		      const struct module_param *params,
		      uint32_t n, const struct site *const *args)
{
	struct given g = {l, owner, params, args};

	for (uint32_t i = 0; i < n; i++)
		check_one(&g, i);
}

/* The values that where reads, of the fields of one construction; false if one is not
 * known. */
static bool fields_known(struct builder *b, const struct site *where,
			 struct expr *const *x, struct value *values)
{
	for (uint32_t i = 0; i < where->ninputs; i++)
		if (!builder_value(b, x[where->inputs[i].index], &values[i]))
			return false;
	return true;
}

void known_check_construct(struct lower *l, const struct module_def *d,
			   struct expr *const *x, struct span call)
{
	struct given g = {l, d->name, d->params, NULL};
	struct arena a = {0};

	for (uint32_t i = 0; i < d->nparams; i++) {
		const struct site *where = d->params[i].where;
		struct span at = x[i]->span;
		struct value *values, ok;
		struct err err;

		if (!where)
			continue;
		values = ARENA_ARRAY(&a, where->ninputs, struct value);
		if (!fields_known(&l->b, where, x, values))
			continue;
		if (at.lo < call.lo || at.hi > call.hi)
			at = call;	/* a default that does not fit the other fields */
		if (site_eval(l->m, where, values, &a, &ok, &err))
			say_broken(&g, i, values, at, &err);
		else if (!ok.b)
			say_broken(&g, i, values, at, NULL);
	}
	arena_release(&a);
}

static void check_node(struct lower *l, const struct module_node *n)
{
	const struct module_component *c;
	const struct module_pipeline *p;

	if (n->kind == NODE_TASK) {
		c = &l->m->components[n->target];
		check_all(l, c->name, c->params, c->nparams, n->args);
	} else if (n->kind == NODE_CALL) {
		p = &l->m->pipelines[n->target];
		check_all(l, p->name, p->params, p->nparams, n->args);
	}
}

void known_check(struct lower *l)
{
	struct module *m = l->m;

	for (uint32_t i = 0; i < m->ndefs; i++)
		check_all(l, m->defs[i].name, m->defs[i].params, m->defs[i].nparams,
			  NULL);
	for (uint32_t i = 0; i < m->ncomponents; i++)
		check_all(l, m->components[i].name, m->components[i].params,
			  m->components[i].nparams, NULL);
	for (uint32_t i = 0; i < m->npipelines; i++) {
		check_all(l, m->pipelines[i].name, m->pipelines[i].params,
			  m->pipelines[i].nparams, NULL);
		for (uint32_t k = 0; k < m->pipelines[i].nnodes; k++)
			check_node(l, &m->pipelines[i].nodes[k]);
	}
}

/* Only what depends on the one value alone: the others may come from elsewhere. */
void known_check_entry(struct lower *l, const struct config_slot *slot,
		       const struct site *value)
{
	const struct site *where = slot->param ? slot->param->where : NULL;
	struct str owner = slot->component ? slot->component->name : STR("");
	const struct site **args;
	struct arena a = {0};
	uint32_t param;

	if (!where || !where->ninputs)
		return;
	param = where->inputs[0].index;
	for (uint32_t i = 0; i < where->ninputs; i++)
		if (where->inputs[i].index != param)
			return;
	args = ARENA_ARRAY(&a, param + 1, const struct site *);
	args[param] = value;
	check_one(&(struct given){l, owner, slot->param - param, args}, param);
	arena_release(&a);
}

void known_check_setting(struct lower *l, enum setting id, const struct site *value)
{
	struct value v;
	const char *breaks;

	if (!site_value(value, &v))
		return;
	breaks = setting_breaks(id, v);
	if (breaks)
		diag(l->diags, value->tree->span, E0408, "'%s' %s", setting_name(id),
		     breaks);
}
