#include <config.h>

#include "runtime/bc/config.h"

#include "runtime/base/diag.h"
#include "runtime/base/limits.h"

static const struct setting_info {
	const char *type, *places;
	const char *doc;
} SETTINGS[] = {
#define SETTING(ID, name, type, places, doc) {type, places, doc},
#include "runtime/bc/setting.def"
#undef SETTING
};

struct walk {
	const struct module *m;
	struct arena *a;
	struct err *err;
	bool with_settings;
	size_t nvisited;
	struct map seen;		/* address -> number of its slot, plus one */
	VEC(struct config_slot) slots;
	const bool **unaddressed;	/* of each pipeline, once known */
	bool *known;
};

static bool is_call(const struct module_node *n)
{
	return n->kind == NODE_TASK || n->kind == NODE_CALL;
}

/* The key of what must be unique: the block's number, then the name. */
static struct str scope_key(struct arena *a, const struct module_node *n)
{
	char *p = arena_alloc(a, sizeof n->block + n->name.n + 1);

	memcpy(p, &n->block, sizeof n->block);
	if (n->name.n)
		memcpy(p + sizeof n->block, n->name.p, n->name.n);
	return (struct str){p, sizeof n->block + n->name.n};
}

/* For each node of a pipeline: is it a call that shares its name with another one of
 * the same block, and so has no address?  In a; NULL if no node is. */
static const bool *config_unaddressed(const struct module *m, uint32_t pipeline,
				      struct arena *a)
{
	const struct module_pipeline *p = &m->pipelines[pipeline];
	struct map first = {0};
	struct arena keys;
	bool *out = NULL;

	arena_init(&keys);
	for (uint32_t i = 0; i < p->nnodes; i++) {
		struct str key;
		uintptr_t other;	/* number of the first of this name, plus one */

		if (!is_call(&p->nodes[i]))
			continue;
		key = scope_key(&keys, &p->nodes[i]);
		other = (uintptr_t)map_get(&first, key);
		if (!other) {
			map_set(&first, key, (void *)(uintptr_t)(i + 1));
			continue;
		}
		if (!out)
			out = ARENA_ARRAY(a, p->nnodes, bool);
		out[i] = out[other - 1] = true;
	}
	map_release(&first);
	arena_release(&keys);
	return out;
}

static void add_slot(struct walk *w, const struct config_slot *slot)
{
	uintptr_t at = (uintptr_t)map_get(&w->seen, slot->address);

	if (!at) {
		vec_push(&w->slots, *slot);
		map_set(&w->seen, slot->address, (void *)(uintptr_t)w->slots.n);
		return;
	}
	/* Shared with a call that can do without: then it is wanted all the same. */
	if (!slot->fallback && slot->param)
		w->slots.at[at - 1].fallback = NULL;
}

static void add_param(struct walk *w, struct str prefix, const struct module_param *p,
		      const struct module_component *component)
{
	if (type_holds_artifacts(p->type))
		return;
	add_slot(w, &(struct config_slot){
			    .address = arena_printf(w->a, "%.*s%.*s", STR_ARG(prefix),
						    STR_ARG(p->name)),
			    .type = p->type,
			    .param = p,
			    .component = component,
			    .setting = SETTING_N,
			    .fallback = p->fallback,
			    .doc = p->doc,
			    .loc = p->loc,
		    });
}

static const struct site *find_setting(const struct module_setting *s, uint32_t n,
				       enum setting id)
{
	for (uint32_t i = 0; i < n; i++)
		if (s[i].id == id)
			return s[i].value;
	return NULL;
}

/* The scalar settings that may stand at place, of what prefix ("fit.") names. */
static void add_settings(struct walk *w, struct str prefix, char place,
			 const struct module_node *n, const struct module_component *c,
			 const struct module_pipeline *p)
{
	for (int id = 0; id < SETTING_N; id++) {
		const struct setting_info *info = &SETTINGS[id];
		const struct type *type = type_builtin(&w->m->types, str_of(info->type));
		const struct site *value = NULL;

		if (!type || !strchr(info->places, place))
			continue;
		if (n)
			value = find_setting(n->settings, n->nsettings, (enum setting)id);
		if (!value && c)
			value = find_setting(c->settings, c->nsettings, (enum setting)id);
		if (!value && p)
			value = find_setting(p->settings, p->nsettings, (enum setting)id);
		add_slot(w, &(struct config_slot){
			.address = arena_printf(w->a, "%.*ssettings.%s", STR_ARG(prefix),
						setting_name((enum setting)id)),
			.type = type,
			.component = c,
			.setting = (enum setting)id,
			.fallback = value,
			.doc = str_of(info->doc),
			.loc = value ? value->loc : n ? n->loc : p->loc,
		});
	}
}

static bool is_unaddressed(struct walk *w, uint32_t pipeline, uint32_t node)
{
	if (!w->known[pipeline]) {
		w->unaddressed[pipeline] = config_unaddressed(w->m, pipeline, w->a);
		w->known[pipeline] = true;
	}
	return w->unaddressed[pipeline] && w->unaddressed[pipeline][node];
}

static bool is_at_default(const struct module_node *n, uint32_t param)
{
	return param >= n->nargs || !n->args[param];
}

static int walk_pipeline(struct walk *w, uint32_t pipeline, struct str prefix,
			 unsigned depth);

static int walk_node(struct walk *w, const struct module_node *n, struct str prefix,
		     unsigned depth)
{
	struct str below =
		arena_printf(w->a, "%.*s%.*s.", STR_ARG(prefix), STR_ARG(n->name));
	const struct module_component *c;
	const struct module_pipeline *p;

	if (n->kind == NODE_TASK) {
		c = &w->m->components[n->target];
		for (uint32_t i = 0; i < c->nparams; i++)
			if (is_at_default(n, i))
				add_param(w, below, &c->params[i], c);
		if (w->with_settings)
			add_settings(w, below, 'W', n, c, NULL);
		return 0;
	}
	p = &w->m->pipelines[n->target];
	for (uint32_t i = 0; i < p->nparams; i++)
		if (is_at_default(n, i))
			add_param(w, below, &p->params[i], NULL);
	if (w->with_settings) {
		add_settings(w, below, 'W', n, NULL, p);
		add_settings(w, below, 'P', n, NULL, p);
	}
	return walk_pipeline(w, n->target, below, depth + 1);
}

static int walk_pipeline(struct walk *w, uint32_t pipeline, struct str prefix,
			 unsigned depth)
{
	const struct module_pipeline *p = &w->m->pipelines[pipeline];

	if (depth > LIMIT_CALL_DEPTH)
		return err_setk(w->err, ERR_INPUT,
				"pipelines call pipelines more than %d levels deep",
				LIMIT_CALL_DEPTH);
	for (uint32_t i = 0; i < p->nnodes; i++) {
		if (!is_call(&p->nodes[i]))
			continue;
		if (++w->nvisited > LIMIT_TASKS)
			return err_setk(w->err, ERR_INPUT,
					"the pipeline has more than %d tasks",
					LIMIT_TASKS);
		if (is_unaddressed(w, pipeline, i))
			continue;
		if (walk_node(w, &p->nodes[i], prefix, depth))
			return -1;
	}
	return 0;
}

/* Moves what was found into the arena. */
static void keep(struct walk *w, struct config_slots *out)
{
	*out = (struct config_slots){.n = w->slots.n};
	out->at = ARENA_ARRAY(w->a, w->slots.n + 1, struct config_slot);
	if (w->slots.n)
		memcpy(out->at, w->slots.at, w->slots.n * sizeof *out->at);
	out->by_address = w->seen;
	w->seen = (struct map){0};
	for (size_t i = 0; i < out->by_address.cap; i++) {
		struct map_slot *s = &out->by_address.slots[i];

		if (s->key)
			s->value = &out->at[(uintptr_t)s->value - 1];
	}
}

int config_slots(const struct module *m, uint32_t pipeline, bool with_settings,
		 struct arena *a, struct config_slots *out, struct err *err)
{
	struct walk w = {.m = m, .a = a, .err = err, .with_settings = with_settings};
	const struct module_pipeline *p = &m->pipelines[pipeline];
	int rc;

	w.unaddressed = ARENA_ARRAY(a, m->npipelines, const bool *);
	w.known = ARENA_ARRAY(a, m->npipelines, bool);
	for (uint32_t i = 0; i < p->nparams; i++)
		add_param(&w, STR(""), &p->params[i], NULL);
	if (with_settings)
		add_settings(&w, STR(""), 'P', NULL, NULL, p);
	rc = walk_pipeline(&w, pipeline, STR(""), 0);
	if (!rc)
		keep(&w, out);
	map_release(&w.seen);
	vec_release(&w.slots);
	return rc;
}

static const struct type_field *find_field(const struct type *t, struct str name)
{
	t = type_strip(t);
	for (uint32_t i = 0; t->kind == TYPE_STRUCT && i < t->nmembers; i++)
		if (str_eq(t->fields[i].name, name))
			return &t->fields[i];
	return NULL;
}

/* The type of what the fields lead to from t; NULL where there is none, and then *left
 * begins with the field that is missing, and *of is what lacks it. */
static const struct type *follow(const struct type *t, struct str fields,
				 struct str *left, const struct type **of)
{
	const struct type_field *f;
	size_t dot, at = 0;

	for (; at < fields.n; at = dot + 1) {
		dot = str_find(fields, STR("."), at);
		f = find_field(t, str_sub(fields, at, dot));
		if (!f) {
			*left = str_sub(fields, at, fields.n);
			*of = type_strip(t);
			return NULL;
		}
		t = f->type;
	}
	return at == fields.n + 1 ? t : NULL;
}

bool config_find(const struct config_slots *slots, struct str address,
		 struct config_target *out)
{
	const struct type *of;
	struct str left;
	size_t end = address.n;

	*out = (struct config_target){.slot = map_get(&slots->by_address, address)};
	while (!out->slot && end) {
		end--;
		if (address.p[end] != '.')
			continue;
		out->slot = map_get(&slots->by_address, str_sub(address, 0, end));
		if (out->slot && type_strip(out->slot->type)->kind != TYPE_STRUCT)
			out->slot = NULL;
		out->fields = str_sub(address, end + 1, address.n);
	}
	if (!out->slot)
		return false;
	out->type = out->fields.n || end < address.n
			    ? follow(out->slot->type, out->fields, &left, &of)
			    : out->slot->type;
	return out->type != NULL;
}

/* Why an address means nothing. */
struct explain {
	const struct module *m;
	const struct config_slots *slots;
	struct arena *a;
	struct loc *place;
	struct str address;
	size_t at;		/* where in address the part begins that is looked at */
};

static struct str rest_of(const struct explain *x)
{
	return str_sub(x->address, x->at, x->address.n);
}

/* The part before the next dot; moves behind that dot. */
static struct str next_part(struct explain *x)
{
	size_t dot = str_find(x->address, STR("."), x->at);
	struct str part = str_sub(x->address, x->at, dot);

	x->at = dot < x->address.n ? dot + 1 : x->address.n;
	return part;
}

static struct str with_suggestion(struct explain *x, struct str text, struct str best)
{
	if (!best.n)
		return text;
	return arena_printf(x->a, "%.*s; did you mean '%.*s'?", STR_ARG(text),
			    STR_ARG(best));
}

/* A slot with this last part, else the address that is spelled most like the wanted
 * one. */
static struct str near_slot(const struct explain *x, struct str last)
{
	struct suggestion s = {.wanted = x->address};
	struct str dotted = arena_printf(x->a, ".%.*s", STR_ARG(last));

	for (size_t i = 0; i < x->slots->n; i++) {
		if (str_has_suffix(x->slots->at[i].address, dotted))
			return x->slots->at[i].address;
		suggest(&s, x->slots->at[i].address);
	}
	return s.best;
}

static struct str no_such_task(struct explain *x, const struct module_pipeline *p,
			       struct str name)
{
	struct suggestion s = {.wanted = name};
	size_t last = x->address.n;

	for (uint32_t i = 0; i < p->nnodes; i++)
		if (is_call(&p->nodes[i]))
			suggest(&s, p->nodes[i].name);
	while (last && x->address.p[last - 1] != '.')
		last--;
	if (!s.best.n)
		s.best = near_slot(x, str_sub(x->address, last, x->address.n));
	return with_suggestion(x, arena_printf(x->a, "pipeline '%.*s' has no task '%.*s'",
					       STR_ARG(p->name), STR_ARG(name)), s.best);
}

/* About a parameter that exists and has no slot. */
static struct str why_not_param(struct explain *x, const struct module_param *p,
				const struct module_node *n)
{
	if (n) {
		*x->place = n->loc;
		return arena_printf(x->a, "'%.*s' is set by the call at %.*s",
				    STR_ARG(x->address),
				    STR_ARG(module_loc(x->m, n->loc, x->a)));
	}
	return arena_printf(
		x->a, "'%.*s' is %s: it cannot come from a config", STR_ARG(x->address),
		p->type->kind == TYPE_LIST ? "a list of artifacts" : "an artifact");
}

static struct str explain_setting(struct explain *x, struct str of, char place)
{
	struct str name = rest_of(x);
	struct suggestion s = {.wanted = name};

	for (int id = 0; id < SETTING_N; id++) {
		bool scalar = type_builtin(&x->m->types, str_of(SETTINGS[id].type));

		if (!strchr(SETTINGS[id].places, place))
			continue;
		if (!scalar && str_is(name, setting_name((enum setting)id)))
			return arena_printf(x->a, "'%.*s' can be set in the program only",
					    STR_ARG(x->address));
		if (scalar)
			suggest(&s, str_of(setting_name((enum setting)id)));
	}
	return with_suggestion(x,
			       arena_printf(x->a, "%.*s has no setting '%.*s'",
					    STR_ARG(of), STR_ARG(name)),
			       s.best);
}

/* What stands behind the name of node n: a parameter of its callee. */
static struct str explain_param(struct explain *x, const struct module_node *n,
				const struct module_param *params, uint32_t nparams,
				struct str callee)
{
	struct str name = rest_of(x);
	struct suggestion s = {.wanted = name};

	for (uint32_t i = 0; i < nparams; i++) {
		if (str_eq(params[i].name, name))
			return why_not_param(x, &params[i],
					     n && !is_at_default(n, i) ? n : NULL);
		if (!n || is_at_default(n, i))
			suggest(&s, params[i].name);
	}
	if (!s.best.n)
		s.best = near_slot(x, name);
	return with_suggestion(x, arena_printf(x->a, "%.*s has no parameter '%.*s'",
					       STR_ARG(callee), STR_ARG(name)), s.best);
}

static const struct module_node *find_call(const struct module_pipeline *p,
					   struct str name)
{
	for (uint32_t i = 0; i < p->nnodes; i++)
		if (is_call(&p->nodes[i]) && str_eq(p->nodes[i].name, name))
			return &p->nodes[i];
	return NULL;
}

static struct str explain_call(struct explain *x, uint32_t pipeline,
			       const struct module_node *caller);

static struct str explain_node(struct explain *x, uint32_t pipeline,
			       const struct module_node *n)
{
	const bool *none = config_unaddressed(x->m, pipeline, x->a);
	const struct module_component *c;

	if (none && none[n - x->m->pipelines[pipeline].nodes]) {
		*x->place = n->loc;
		return arena_printf(
			x->a,
			"several calls of '%.*s' stand in one block: bind "
			"them to names (x = %.*s(...)) to set their parameters",
			STR_ARG(n->name), STR_ARG(n->name));
	}
	if (!rest_of(x).n) {
		*x->place = n->loc;
		return arena_printf(x->a,
				    "'%.*s' is a task; its parameters are set as "
				    "'%.*s.NAME'",
				    STR_ARG(x->address), STR_ARG(x->address));
	}
	if (n->kind == NODE_CALL)
		return explain_call(x, n->target, n);
	c = &x->m->components[n->target];
	if (str_has_prefix(rest_of(x), STR("settings."))) {
		next_part(x);
		return explain_setting(x, STR("a task"), 'W');
	}
	return explain_param(x, n, c->params, c->nparams,
			     arena_printf(x->a, "component '%.*s'", STR_ARG(c->name)));
}

/* caller is NULL for the pipeline that the config is of. */
static struct str explain_call(struct explain *x, uint32_t pipeline,
			       const struct module_node *caller)
{
	const struct module_pipeline *p = &x->m->pipelines[pipeline];
	struct str callee = arena_printf(x->a, "pipeline '%.*s'", STR_ARG(p->name));
	size_t start = x->at;
	struct str part = next_part(x);
	const struct module_node *n = find_call(p, part);

	if (n)
		return explain_node(x, pipeline, n);
	if (str_is(part, "settings") && rest_of(x).n)
		return explain_setting(x, callee, caller ? 'W' : 'P');
	if (rest_of(x).n)
		return no_such_task(x, p, part);
	x->at = start;
	return explain_param(x, caller, p->params, p->nparams, callee);
}

/* The struct in a slot has no such field. */
static struct str explain_field(struct explain *x, const struct config_target *t)
{
	struct suggestion s = {.wanted = STR("")};
	const struct type *of = t->slot->type;
	struct str left = STR(""), owner;

	follow(t->slot->type, t->fields, &left, &of);
	s.wanted = str_sub(left, 0, str_find(left, STR("."), 0));
	owner = type_name(of, x->a);
	if (of->kind != TYPE_STRUCT)
		return arena_printf(x->a, "'%.*s': a value of type %.*s has no fields",
				    STR_ARG(x->address), STR_ARG(owner));
	for (uint32_t i = 0; i < of->nmembers; i++)
		suggest(&s, of->fields[i].name);
	return with_suggestion(x,
			       arena_printf(x->a, "'%.*s': %.*s has no field '%.*s'",
					    STR_ARG(x->address), STR_ARG(owner),
					    STR_ARG(s.wanted)),
			       s.best);
}

struct str config_explain(const struct module *m, uint32_t pipeline,
			  const struct config_slots *slots, struct str address,
			  struct arena *a, struct loc *place)
{
	struct loc none = {0};
	struct explain x = {m, slots, a, place ? place : &none, address, 0};
	struct config_target target;

	*x.place = none;
	if (!config_find(slots, address, &target) && target.slot)
		return explain_field(&x, &target);
	return explain_call(&x, pipeline, NULL);
}
