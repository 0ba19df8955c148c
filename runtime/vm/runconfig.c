#include <config.h>

#include "runtime/value/json.h"
#include "runtime/value/yaml_read.h"
#include "runtime/vm/eval.h"
#include "runtime/vm/run.h"
#include "runtime/vm/runconfig_check.h"
#include "runtime/bc/config_field.h"

static const struct str SETTINGS_PART = {"settings.", 9};

struct maker {
	const struct module *m;
	uint32_t pipeline;
	struct arena *a;
	struct config_slots slots;
	struct config_value *values;	/* one for each slot */
	bool *is_partial;		/* for each slot: fields of it were set */
	struct map given;		/* "ORIGIN ADDRESS" -> anything */
	const char **given_by;		/* for each slot: the source that set it last */
	struct buf *errors;
};

__attribute__((format(printf, 2, 3)))
static void complain(struct maker *k, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(k->errors, fmt, ap);
	va_end(ap);
	buf_addc(k->errors, '\n');
}

static void fill_default(struct maker *k, size_t i)
{
	const struct config_slot *slot = &k->slots.at[i];
	struct config_value *v = &k->values[i];
	struct err err;

	*v = (struct config_value){
		.address = slot->address,
		.type = slot->type,
		.loc = slot->loc,
		.is_default = true,
		.origin = STR(""),
	};
	if (!slot->param || !slot->fallback)
		return;
	if (eval(k->m, slot->fallback, NULL, k->a, &v->value, &err)) {
		complain(k, "%.*s: %s", STR_ARG(slot->address), err.text);
		return;
	}
	v->is_set = true;
	v->origin = arena_printf(k->a, "default at %.*s",
				 STR_ARG(module_loc(k->m, slot->loc, k->a)));
}

/* What an address means; false after saying why it means nothing. */
static bool find_target(struct maker *k, struct str address, struct str origin,
			struct config_target *out)
{
	struct loc place;

	if (config_find(&k->slots, address, out))
		return true;
	complain(k, "%.*s: %.*s", STR_ARG(origin),
		 STR_ARG(config_explain(k->m, k->pipeline, &k->slots, address, k->a,
					&place)));
	return false;
}

static void set_value(struct maker *k, const struct config_target *t, struct value value,
		      struct str origin, struct loc loc)
{
	const struct config_slot *slot = t->slot;
	struct config_value *v = &k->values[slot - k->slots.at];
	const char *breaks = slot->param ? NULL : setting_breaks(slot->setting, value);

	if (breaks)
		complain(k, "%.*s: '%.*s' %s", STR_ARG(origin), STR_ARG(slot->address),
			 breaks);
	if (t->fields.n)
		value = config_put_field(k->a, slot->type, v->value, t->fields, value);
	k->is_partial[slot - k->slots.at] |= t->fields.n > 0;
	v->value = value;
	v->is_set = true;
	v->is_default = false;
	v->origin = origin;
	v->loc = loc;
}

static void apply_entry(struct maker *k, const struct module_config *c,
			const struct module_config_entry *e)
{
	struct str origin = arena_printf(k->a, "config %.*s at %.*s", STR_ARG(c->name),
					 STR_ARG(module_loc(k->m, e->loc, k->a)));
	struct config_target t;
	struct value v = e->value;

	if (!find_target(k, e->address, origin, &t))
		return;
	if (!value_has_type(v, t.type))
		v = value_to_float(k->a, v);
	if (value_has_type(v, t.type))
		set_value(k, &t, v, origin, e->loc);
	else
		complain(k, "%.*s: '%.*s' wants %.*s", STR_ARG(origin),
			 STR_ARG(e->address), STR_ARG(type_name(t.type, k->a)));
}

/* The base first, so that what inherits from it wins. */
static void apply_config(struct maker *k, uint32_t config)
{
	VEC(uint32_t) chain = {0};

	for (; config != MODULE_NONE; config = k->m->configs[config].base)
		vec_push(&chain, config);
	while (chain.n) {
		const struct module_config *c = &k->m->configs[vec_pop(&chain)];

		for (uint32_t i = 0; i < c->nentries; i++)
			apply_entry(k, c, &c->entries[i]);
	}
	vec_release(&chain);
}

/* A value that is being read, for those who say what is wrong with it. */
struct reading {
	struct maker *k;
	const struct config_source *s;
	struct str address;
	const struct value *json;	/* NULL: as typed */
	const struct yaml_node *yaml;	/* what json was read from; NULL: no YAML */
};

/* "--config-file prod.yaml:3:7" */
static struct str origin_at(struct maker *k, const struct config_source *s,
			    const struct yaml_node *n)
{
	return n ? arena_printf(k->a, "%.*s:%u:%u", STR_ARG(s->origin), n->line, n->col)
		 : s->origin;
}

static void tell_fault(void *ctx, struct str path, struct str text)
{
	struct reading *r = ctx;

	complain(r->k, "%.*s: '%.*s%.*s': %.*s",
		 STR_ARG(origin_at(r->k, r->s, r->yaml ? yaml_at(r->yaml, path) : NULL)),
		 STR_ARG(r->address), STR_ARG(path), STR_ARG(text));
}

/* Is it read as JSON where a person types it? */
static bool is_typed_as_json(const struct type *t, struct str text)
{
	bool is_none = t->kind == TYPE_OPT &&
		       (str_is(text, "None") || str_is(text, "null"));

	t = type_strip(t);
	return !is_none && (t->kind == TYPE_LIST || t->kind == TYPE_DICT ||
			    t->kind == TYPE_STRUCT);
}

static int read_value(struct reading *r, const struct type *t, struct value *out)
{
	const struct value *json = r->json;
	const struct json_faults faults = {tell_fault, r};
	struct arena *a = r->k->a;
	struct value parsed;
	struct err err;

	if (!json && is_typed_as_json(t, r->s->text)) {
		if (json_parse(a, r->s->text, &parsed, &err) == 0)
			return json_to_type_all(a, parsed, t, out, &faults);
		err_wrap(&err, "wanted %.*s as JSON", STR_ARG(type_name(t, a)));
	} else if (json) {
		return json_to_type_all(a, *json, t, out, &faults);
	} else if (json_parse_cli(a, r->s->text, t, out, &err) == 0) {
		return 0;
	}
	tell_fault(r, STR(""), str_of(err.text));
	return -1;
}

/* Is this address set by this source already? */
static bool is_given(struct maker *k, const struct config_source *s, struct str address)
{
	struct str key = arena_printf(k->a, "%.*s %.*s", STR_ARG(s->origin),
				      STR_ARG(address));

	return map_set(&k->given, key, k) != NULL;
}

static void apply_value(struct maker *k, struct reading r)
{
	struct str origin = origin_at(k, r.s, r.yaml);
	struct value v = VALUE_NONE_V;
	struct config_target t;

	if (!find_target(k, r.address, origin, &t))
		return;
	if (is_given(k, r.s, r.address)) {
		complain(k, "%.*s: '%.*s' is given twice", STR_ARG(origin),
			 STR_ARG(r.address));
		return;
	}
	k->given_by[t.slot - k->slots.at] = origin.p;
	if (!read_value(&r, t.type, &v))
		set_value(k, &t, v, origin, (struct loc){0});
}

/* A file's object: addresses, or groups of them ({"fit": {"c": 10}}). */
static void apply_group(struct maker *k, const struct reading *group)
{
	for (size_t i = 0; i < group->json->dict->n; i++) {
		const struct value_pair *p = &group->json->dict->at[i];
		struct reading r = *group;

		r.address = arena_printf(k->a, "%.*s%.*s", STR_ARG(group->address),
					 STR_ARG(p->key));
		r.json = &p->value;
		r.yaml = r.yaml ? r.yaml->items[i].value : NULL;
		if (p->value.kind != VALUE_DICT ||
		    map_get(&k->slots.by_address, r.address)) {
			apply_value(k, r);
			continue;
		}
		r.address = arena_printf(k->a, "%.*s.", STR_ARG(r.address));
		apply_group(k, &r);
	}
}

static void apply_source(struct maker *k, const struct config_source *s)
{
	struct reading r = {k, s, s->address, s->json, s->yaml};

	if (s->address.n)
		apply_value(k, r);
	else if (!s->json || s->json->kind != VALUE_DICT)
		complain(k, "%.*s: an object of addresses and values is wanted",
			 STR_ARG(s->origin));
	else
		apply_group(k, &r);
}

static void check_missing(struct maker *k)
{
	const struct module_pipeline *p = &k->m->pipelines[k->pipeline];

	for (uint32_t i = 0; i < p->nparams; i++)
		if (type_holds_artifacts(p->params[i].type) && !p->params[i].fallback)
			complain(k,
				 "'%.*s' is of type %.*s, which a config cannot give: "
				 "pipeline '%.*s' can only be called by another one",
				 STR_ARG(p->params[i].name),
				 STR_ARG(type_name(p->params[i].type, k->a)),
				 STR_ARG(p->name));
	for (size_t i = 0; i < k->slots.n; i++) {
		const struct config_slot *slot = &k->slots.at[i];

		if (k->is_partial[i])
			config_say_lacking(k->errors, slot->address, slot->type,
					      k->values[i].value);
		if (!slot->param || k->values[i].is_set || k->given_by[i] ||
		    slot->fallback)
			continue;
		complain(k,
			 "'%.*s' has no value: give one with -p %.*s=... (%.*s, declared "
			 "at %.*s)",
			 STR_ARG(slot->address), STR_ARG(slot->address),
			 STR_ARG(type_name(slot->type, k->a)),
			 STR_ARG(module_loc(k->m, slot->loc, k->a)));
	}
}

/* Settings take part only where one is addressed: there are many for each task. */
static bool wants_settings(const struct module *m, uint32_t config,
			   const struct config_source *sources, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!sources[i].address.n ||
		    str_find(sources[i].address, SETTINGS_PART, 0) < sources[i].address.n)
			return true;
	for (; config != MODULE_NONE; config = m->configs[config].base)
		for (uint32_t i = 0; i < m->configs[config].nentries; i++) {
			struct str address = m->configs[config].entries[i].address;

			if (str_find(address, SETTINGS_PART, 0) < address.n)
				return true;
		}
	return false;
}

static void keep_set(struct maker *k, struct run_config *out)
{
	out->at = k->values;
	out->n = 0;
	for (size_t i = 0; i < k->slots.n; i++)
		if (k->slots.at[i].param || k->values[i].is_set)
			out->at[out->n++] = k->values[i];
}

int run_config_make(const struct module *m, uint32_t pipeline, uint32_t config,
		    const struct config_source *sources, size_t nsources, struct arena *a,
		    struct run_config *out, struct buf *errors, struct err *err)
{
	struct maker k = {.m = m, .pipeline = pipeline, .a = a, .errors = errors};
	size_t before = errors->n;

	if (config_slots(m, pipeline, wants_settings(m, config, sources, nsources), a,
			 &k.slots, err))
		return -1;
	k.values = ARENA_ARRAY(a, k.slots.n + 1, struct config_value);
	k.is_partial = ARENA_ARRAY(a, k.slots.n + 1, bool);
	k.given_by = ARENA_ARRAY(a, k.slots.n + 1, const char *);
	for (size_t i = 0; i < k.slots.n; i++)
		fill_default(&k, i);
	apply_config(&k, config);
	for (size_t i = 0; i < nsources; i++)
		apply_source(&k, &sources[i]);
	check_missing(&k);
	map_release(&k.slots.by_address);
	map_release(&k.given);
	keep_set(&k, out);
	if (run_config_check(m, pipeline, out, a, errors, err))
		return -1;
	if (errors->n == before)
		return 0;
	return err_setk(err, ERR_INPUT, "the config of pipeline '%.*s' is not right",
			STR_ARG(m->pipelines[pipeline].name));
}
