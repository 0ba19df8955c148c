#include <config.h>

#include "runtime/vm/sched_values.h"

#include "runtime/vm/eval.h"
#include "runtime/vm/sched_int.h"
#include "runtime/vm/sched_settings.h"
#include "runtime/vm/where.h"

/* The element of the iteration that the scope is in. */
static struct value find_item(const struct plan *p, uint32_t scope,
			      const struct input *in)
{
	const struct scope *s = &p->scopes.at[scope];
	const struct frame *f;

	while (!s->is_iteration || s->call != in->index)
		s = &p->scopes.at[s->parent];
	f = p->frames.at[s->frame];
	return p->loops.at[f->loop]->lists[in->output].list->at[f->index];
}

/* What the part before the block that reads it gives. */
static struct value find_try(const struct sched *s, uint32_t scope, uint32_t inst,
			     const struct input *in)
{
	bool is_except = sched_try_block(s, scope, inst, in->index) == BLOCK_EXCEPT;
	uint32_t i = plan_inst_of(s->plan, scope, in->index) - INST_TRY_END +
		     (is_except ? INST_BODY : INST_EXCEPT);

	return plan_inst(s->plan, i)->values[in->output];
}

int sched_input(struct sched *s, uint32_t scope, uint32_t inst, const struct input *in,
		struct arena *a, struct value *out, struct err *err)
{
	const struct inst *i;
	uint32_t from, value;

	if (in->kind == INPUT_RUN) {
		*out = s->run_values[in->index];
		return 0;
	}
	if (in->kind == INPUT_ITEM) {
		*out = find_item(s->plan, scope, in);
		return 0;
	}
	if (in->kind == INPUT_TRY) {
		*out = find_try(s, scope, inst, in);
		return 0;
	}
	if (in->kind == INPUT_TASK_ID) {
		*out = value_str(a, plan_path(s->plan, inst, a));
		return 0;
	}
	from = plan_input(s->plan, scope, in, &value);
	if (from == MODULE_NONE) {
		*out = s->params[in->index];
		return 0;
	}
	i = plan_inst(s->plan, from);
	if (!i->values)
		return err_setk(err, ERR_EVAL, "'%.*s' has no value here",
				STR_ARG(plan_path(s->plan, from, a)));
	*out = i->values[value];
	return 0;
}

int sched_eval(struct sched *s, uint32_t scope, uint32_t inst, const struct site *site,
	       struct arena *a, struct value *out, struct err *err)
{
	vec_clear(&s->inputs);
	vec_reserve(&s->inputs, site->ninputs + 1);
	for (uint32_t i = 0; i < site->ninputs; i++)
		if (sched_input(s, scope, inst, &site->inputs[i], a, &s->inputs.at[i],
				err))
			return -1;
	return eval(s->plan->m, site, s->inputs.at, a, out, err);
}

/* A value that another call of the same name was configured with may be of another
 * type. */
static int fit_type(struct value v, const struct module_param *p, struct str address,
		    struct arena *a, struct value *out, struct err *err)
{
	struct value f = value_to_float(a, v);

	if (value_has_type(v, p->type)) {
		*out = v;
		return 0;
	}
	if (value_has_type(f, p->type)) {
		*out = f;
		return 0;
	}
	return err_setk(err, ERR_EVAL, "the config value '%.*s' is no %.*s",
			STR_ARG(address), STR_ARG(type_name(p->type, a)));
}

int sched_arg(struct sched *s, uint32_t scope, uint32_t inst, const struct module_node *n,
	      const struct module_param *p, uint32_t param, struct arena *a,
	      struct value *out, struct err *err)
{
	const struct config_value *set = NULL;
	struct str address;

	if (!node_param_is_free(n, param))
		return sched_eval(s, scope, inst, n->args[param], a, out, err);
	if (s->config_by_address.n) {
		address = arena_printf(a, "%.*s%.*s.%.*s",
				       STR_ARG(s->plan->scopes.at[scope].address),
				       STR_ARG(n->name), STR_ARG(p->name));
		set = map_get(&s->config_by_address, address);
		if (set)
			return fit_type(set->value, p, address, a, out, err);
	}
	if (!p->fallback)
		return err_setk(err, ERR_EVAL, "parameter '%.*s' has no value",
				STR_ARG(p->name));
	return eval(s->plan->m, p->fallback, NULL, a, out, err);
}

void sched_split_place(struct err *err, struct arena *a, struct str *place)
{
	struct str text = str_of(err->text);
	size_t colon = str_find(text, STR(": "), 0);
	size_t i = colon;

	if (colon >= text.n)
		return;
	for (int part = 0; part < 2; part++) {
		size_t digits = i;

		while (digits && text.p[digits - 1] >= '0' && text.p[digits - 1] <= '9')
			digits--;
		if (digits == i || !digits || text.p[digits - 1] != ':')
			return;
		i = digits - 1;
	}
	*place = arena_str(a, str_sub(text, 0, colon));
	memmove(err->text, err->text + colon + 2, text.n - colon - 1);
}

int sched_fill_task(struct sched *s, struct sched_task *t, struct str *place,
		    struct err *err)
{
	const struct module_component *c = t->component;
	uint32_t scope = plan_inst(s->plan, t->inst)->scope;
	struct where_values w = {.params = c->params};

	*place = module_loc(s->plan->m, t->node->loc, &t->arena);
	t->args = ARENA_ARRAY(&t->arena, c->nparams, struct value);
	w.args = t->args;
	for (uint32_t i = 0; i < c->nparams; i++)
		if (sched_arg(s, scope, t->inst, t->node, &c->params[i], i, &t->arena,
			      &t->args[i], err))
			goto failed;
	for (uint32_t i = 0; i < c->nparams; i++)
		if (where_check_param(s->plan->m, &w, i, err))
			goto failed;
	if (!sched_fill_settings(s, t, err))
		return 0;
failed:
	sched_split_place(err, &t->arena, place);
	return -1;
}
