#include <config.h>

#include "runtime/vm/sched_settings.h"

#include <math.h>

#include "runtime/vm/admit.h"
#include "runtime/vm/sched_values.h"

enum {
	MAX_RETRIES = 10000,
	MAX_WAIT_S = 366 * 24 * 3600, /* longest timeout and backoff that is kept apart */
	MAX_CPUS = 1 << 20,
};

struct choice {			/* what counts for one setting; all NULL: nothing */
	const struct site *site;
	uint32_t scope;			/* of site */
	const struct config_value *set;
};

/* One who says something about a task: its call, its component, or a call around it. */
struct speaker {
	const struct module_setting *settings;
	uint32_t n;
	uint32_t scope;
	struct str address;		/* of its settings in the config; "" if it has none */
	bool is_call;			/* of a pipeline */
};

static const struct config_value *config_setting(const struct sched *s,
						 struct str address, enum setting id,
						 struct arena *a)
{
	if (!s->has_config_settings)
		return NULL;
	return map_get(&s->config_by_address,
		       arena_printf(a, "%.*ssettings.%s", STR_ARG(address),
				    setting_name(id)));
}

/* What a call of a pipeline says of itself, and not for the tasks in it. */
static bool is_own(enum setting id)
{
	return id == SETTING_TIMEOUT || id == SETTING_DISPLAY_NAME ||
	       !setting_allowed(id, 'W') || id == SETTING_AFTER;
}

static bool is_merged(enum setting id)
{
	return id == SETTING_ENV || id == SETTING_LABELS;
}

/* The next speaker for the task, the strongest first; false at the end.  *at counts. */
static bool next_speaker(const struct sched *s, uint32_t inst, uint32_t *at,
			 struct speaker *p, struct arena *a)
{
	const struct plan *plan = s->plan;
	const struct inst *i = plan_inst(plan, inst);
	const struct module_node *n = plan_node(plan, i);
	uint32_t scope = i->scope;

	if (*at == 0) {
		*p = (struct speaker){n->settings, n->nsettings, scope, STR(""), false};
		if (s->has_config_settings)
			p->address = arena_printf(
				a, "%.*s%.*s.", STR_ARG(plan->scopes.at[scope].address),
				STR_ARG(n->name));
	} else if (*at == 1) {
		const struct module_component *c = plan_component(plan, i);

		*p = (struct speaker){c->settings, c->nsettings, scope, STR(""), false};
	} else {
		for (uint32_t k = 2;
		     k < *at && plan->scopes.at[scope].parent != MODULE_NONE; k++)
			scope = plan->scopes.at[scope].parent;
		if (plan->scopes.at[scope].parent == MODULE_NONE)
			return false;
		*p = (struct speaker){.scope = plan->scopes.at[scope].parent,
				      .address = plan->scopes.at[scope].address,
				      .is_call = true};
		n = &plan->m->pipelines[plan->scopes.at[p->scope].pipeline]
			     .nodes[plan->scopes.at[scope].call];
		if (n->kind == NODE_CALL) {
			p->settings = n->settings;
			p->n = n->nsettings;
		}
	}
	(*at)++;
	return true;
}

static void listen(const struct sched *s, const struct speaker *p, struct choice *out,
		   struct arena *a)
{
	for (int id = 0; p->address.n && s->has_config_settings && id < SETTING_N; id++)
		if (!out[id].site && !out[id].set &&
		    !(p->is_call && is_own((enum setting)id)))
			out[id].set = config_setting(s, p->address, (enum setting)id, a);
	for (uint32_t k = 0; k < p->n; k++) {
		enum setting id = p->settings[k].id;

		if (!out[id].site && !out[id].set && !(p->is_call && is_own(id)))
			out[id] = (struct choice){p->settings[k].value, p->scope, NULL};
	}
}

static bool says_nothing(const struct sched *s, uint32_t inst)
{
	const struct inst *i = plan_inst(s->plan, inst);

	return !plan_node(s->plan, i)->nsettings &&
	       !plan_component(s->plan, i)->nsettings && !s->has_config_settings &&
	       s->plan->scopes.at[plan_whole(s->plan, i->scope)].parent == MODULE_NONE;
}

static void choose(const struct sched *s, uint32_t inst, struct choice *out,
		   struct arena *a)
{
	struct speaker p;
	uint32_t at = 0;

	memset(out, 0, SETTING_N * sizeof *out);
	while (next_speaker(s, inst, &at, &p, a))
		listen(s, &p, out, a);
}

static struct str site_place(const struct sched *s, const struct choice *c,
			     struct arena *a)
{
	return c->site ? module_loc(s->plan->m, c->site->loc, a) : STR("");
}

/* " at iris.kfp:3:4", " from -p" */
static struct str choice_place(const struct sched *s, const struct choice *c,
			       struct arena *a)
{
	struct str place = c->set ? c->set->origin : site_place(s, c, a);

	if (!place.n)
		return place;
	return arena_printf(a, " %s %.*s", c->set ? "from" : "at", STR_ARG(place));
}

/* The value that was chosen, or None; checked, for it may come from a computation. */
static int value_of(struct sched *s, uint32_t inst, enum setting id,
		    const struct choice *c, struct arena *a, struct value *out,
		    struct err *err)
{
	const char *breaks;
	struct str place;

	*out = c->set ? c->set->value : VALUE_NONE_V;
	if (c->site && sched_eval(s, c->scope, inst, c->site, a, out, err))
		return -1;
	breaks = out->kind == VALUE_NONE ? NULL : setting_breaks(id, *out);
	if (!breaks)
		return 0;
	place = site_place(s, c, a);
	return err_setk(err, ERR_EVAL, "%.*s%sthe setting '%s' %s", STR_ARG(place),
			place.n ? ": " : "", setting_name(id), breaks);
}

/* Puts what is in `more` and not in *to behind it. */
static void add_missing(struct value *to, struct value more, struct arena *a)
{
	size_t had = to->kind == VALUE_DICT ? to->dict->n : 0, n = had;
	struct value_pair *pairs;
	struct value all;

	if (more.kind != VALUE_DICT)
		return;
	for (size_t i = 0; i < more.dict->n; i++)
		n += !had || !value_get(*to, more.dict->at[i].key);
	all = value_dict(a, n, &pairs);
	for (size_t i = 0; i < had; i++)
		*pairs++ = to->dict->at[i];
	for (size_t i = 0; i < more.dict->n; i++)
		if (!had || !value_get(*to, more.dict->at[i].key))
			*pairs++ = more.dict->at[i];
	*to = all;
}

static int merge(struct sched *s, uint32_t inst, enum setting id, struct arena *a,
		 struct value *out, struct err *err)
{
	struct speaker p;
	struct value v;
	uint32_t at = 0;

	*out = VALUE_NONE_V;
	while (next_speaker(s, inst, &at, &p, a))
		for (uint32_t k = 0; k < p.n; k++) {
			struct choice c = {p.settings[k].value, p.scope, NULL};

			if (p.settings[k].id != id)
				continue;
			if (value_of(s, inst, id, &c, a, &v, err))
				return -1;
			add_missing(out, v, a);
		}
	return 0;
}

int sched_settings(struct sched *s, uint32_t inst, struct arena *a,
		   struct value out[SETTING_N], struct err *err)
{
	struct choice chosen[SETTING_N];

	for (int id = 0; id < SETTING_N; id++)
		out[id] = VALUE_NONE_V;
	if (says_nothing(s, inst))
		return 0;
	choose(s, inst, chosen, a);
	for (int id = 0; id < SETTING_N; id++) {
		enum setting e = (enum setting)id;

		if (!chosen[id].site && !chosen[id].set)
			continue;
		if (is_merged(e) ? merge(s, inst, e, a, &out[id], err)
				 : value_of(s, inst, e, &chosen[id], a, &out[id], err))
			return -1;
	}
	return 0;
}

static const enum setting resource_settings[] = {
	[RESOURCE_CPU] = SETTING_CPU,
	[RESOURCE_MEMORY] = SETTING_MEMORY,
	[RESOURCE_GPU] = SETTING_GPU,
};

static int64_t weight(enum resource r, struct value v)
{
	double x;

	if (r != RESOURCE_CPU)
		return v.kind == VALUE_INT ? v.i : 0;
	x = v.kind == VALUE_FLOAT ? v.f : v.kind == VALUE_INT ? (double)v.i : 0;
	x = x > MAX_CPUS ? MAX_CPUS : x;
	return (int64_t)ceil(x * CPU_UNIT - 1e-6);
}

int sched_need(struct sched *s, uint32_t inst, struct arena *a, struct need *out,
	       struct str places[RESOURCE_N], struct err *err)
{
	struct choice chosen[SETTING_N];
	struct value v;

	*out = (struct need){0};
	for (int r = 0; places && r < RESOURCE_N; r++)
		places[r] = STR("");
	if (says_nothing(s, inst))
		return 0;
	choose(s, inst, chosen, a);
	for (int r = 0; r < RESOURCE_N; r++) {
		const struct choice *c = &chosen[resource_settings[r]];

		if (value_of(s, inst, resource_settings[r], c, a, &v, err))
			return -1;
		out->at[r] = weight((enum resource)r, v);
		if (places)
			places[r] = choice_place(s, c, a);
	}
	return 0;
}

int sched_gpu_type(struct sched *s, uint32_t inst, struct arena *a, struct value *out,
		   struct err *err)
{
	struct choice chosen[SETTING_N];

	*out = VALUE_NONE_V;
	if (says_nothing(s, inst))
		return 0;
	choose(s, inst, chosen, a);
	return value_of(s, inst, SETTING_GPU_TYPE, &chosen[SETTING_GPU_TYPE], a, out,
			err);
}

static const struct site *find_site(const struct module_setting *settings, uint32_t n,
				    enum setting id)
{
	for (uint32_t i = 0; i < n; i++)
		if (settings[i].id == id)
			return settings[i].value;
	return NULL;
}

int sched_scope_setting(struct sched *s, uint32_t scope, enum setting id, struct arena *a,
			struct value *out, struct err *err)
{
	const struct scope *sc = &s->plan->scopes.at[scope];
	const struct module_pipeline *p = &s->plan->m->pipelines[sc->pipeline], *caller;
	struct choice c = {.set = config_setting(s, sc->address, id, a)};
	const struct module_node *n;

	if (!c.set && sc->parent != MODULE_NONE) {
		caller = &s->plan->m->pipelines[s->plan->scopes.at[sc->parent].pipeline];
		n = &caller->nodes[sc->call];
		c.site = find_site(n->settings, n->nsettings, id);
		c.scope = sc->parent;
	}
	if (!c.set && !c.site) {
		c.site = find_site(p->settings, p->nsettings, id);
		c.scope = scope;
	}
	return value_of(s, 0, id, &c, a, out, err);
}

static int64_t at_most(struct value v, int64_t max)
{
	int64_t n = v.kind == VALUE_INT ? v.i : 0;

	return n > max ? max : n;
}

int sched_fill_settings(struct sched *s, struct sched_task *t, struct err *err)
{
	const struct value *v = t->settings;

	if (sched_settings(s, t->inst, &t->arena, t->settings, err) ||
	    admit_check(s, t->inst, &t->arena, err))
		return -1;
	t->retries = at_most(v[SETTING_RETRIES], MAX_RETRIES);
	t->backoff_ms = at_most(v[SETTING_BACKOFF], MAX_WAIT_S) * 1000;
	t->timeout_ms = at_most(v[SETTING_TIMEOUT], MAX_WAIT_S) * 1000;
	t->display_name = v[SETTING_DISPLAY_NAME];
	t->env = v[SETTING_ENV];
	return 0;
}
