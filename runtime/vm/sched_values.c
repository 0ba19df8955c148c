#include <config.h>

#include "runtime/vm/sched_values.h"

#include "runtime/vm/eval.h"
#include "runtime/vm/where.h"

enum {
	MAX_RETRIES = 10000,
	MAX_WAIT_S = 366 * 24 * 3600, /* longest timeout and backoff that is kept apart */
};

static int find_input(struct sched *s, uint32_t scope, uint32_t inst,
		      const struct input *in, struct arena *a, struct value *out,
		      struct err *err)
{
	const struct inst *i;
	uint32_t from, value;

	if (in->kind == INPUT_RUN) {
		*out = s->run_values[in->index];
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
		if (find_input(s, scope, inst, &site->inputs[i], a, &s->inputs.at[i],
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

static const struct site *find_setting(const struct sched_task *t, enum setting id)
{
	for (uint32_t i = 0; i < t->node->nsettings; i++)
		if (t->node->settings[i].id == id)
			return t->node->settings[i].value;
	for (uint32_t i = 0; i < t->component->nsettings; i++)
		if (t->component->settings[i].id == id)
			return t->component->settings[i].value;
	return NULL;
}

/* A setting of a task: from the config, else from `with`, else the component's own;
 * None if there is none of these. */
static int find_value(struct sched *s, struct sched_task *t, enum setting id,
		      struct value *out, struct err *err)
{
	uint32_t scope = plan_inst(s->plan, t->inst)->scope;
	const struct site *site = find_setting(t, id);
	const struct config_value *set = NULL;

	if (s->config_by_address.n)
		set = map_get(&s->config_by_address,
			      arena_printf(&t->arena, "%.*s%.*s.settings.%s",
					   STR_ARG(s->plan->scopes.at[scope].address),
					   STR_ARG(t->node->name), setting_name(id)));
	*out = set ? set->value : VALUE_NONE_V;
	if (set || !site)
		return 0;
	return sched_eval(s, scope, t->inst, site, &t->arena, out, err);
}

/* A setting that is a count or a number of seconds, within bounds; 0 if it is not
 * given. */
static int find_number(struct sched *s, struct sched_task *t, enum setting id,
		       int64_t max, int64_t *out, struct err *err)
{
	struct value v;

	if (find_value(s, t, id, &v, err))
		return -1;
	*out = v.kind == VALUE_INT ? v.i : 0;
	if (*out < 0)
		return err_setk(err, ERR_EVAL, "the setting '%s' is negative: %lld",
				setting_name(id), (long long)*out);
	if (*out > max)
		*out = max;
	return 0;
}

static int fill_settings(struct sched *s, struct sched_task *t, struct err *err)
{
	int64_t backoff, timeout;

	if (find_number(s, t, SETTING_RETRIES, MAX_RETRIES, &t->retries, err) ||
	    find_number(s, t, SETTING_BACKOFF, MAX_WAIT_S, &backoff, err) ||
	    find_number(s, t, SETTING_TIMEOUT, MAX_WAIT_S, &timeout, err) ||
	    find_value(s, t, SETTING_DISPLAY_NAME, &t->display_name, err) ||
	    find_value(s, t, SETTING_ENV, &t->env, err))
		return -1;
	t->backoff_ms = backoff * 1000;
	t->timeout_ms = timeout * 1000;
	return 0;
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
	if (!fill_settings(s, t, err))
		return 0;
failed:
	sched_split_place(err, &t->arena, place);
	return -1;
}
