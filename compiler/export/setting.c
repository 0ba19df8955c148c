#include <config.h>

#include "compiler/export/setting.h"

#include "compiler/export/bake.h"

bool setting_is_merged(enum setting id)
{
	return id == SETTING_ENV || id == SETTING_LABELS;
}

bool setting_is_of_call(enum setting id)
{
	return id == SETTING_TIMEOUT || id == SETTING_DISPLAY_NAME ||
	       id == SETTING_AFTER || !setting_allowed(id, 'W');
}

void setting_counts_nowhere(struct export *x, enum setting id, struct loc loc)
{
	export_fault(x, W1001, loc,
		     "'%s' of a pipeline that another one calls counts nowhere, here or "
		     "there: say it of the pipeline that is started",
		     setting_name(id));
}

static const struct said **add(const struct setting_of *of, const struct said **end,
			       struct said said)
{
	struct said *s = ARENA_NEW(of->a, struct said);

	*s = said;
	*end = s;
	return &s->next;
}

static const struct said **add_config(const struct setting_of *of,
				      const struct said **end, struct str address,
				      enum setting id)
{
	const struct baked *v = map_get(
		of->baked, arena_printf(of->a, "%.*ssettings.%s", STR_ARG(address),
					setting_name(id)));

	return v ? add(of, end, (struct said){.baked = v}) : end;
}

static const struct said **add_program(const struct setting_of *of,
				       const struct said **end, struct inst *in,
				       const struct module_setting *s, uint32_t n,
				       enum setting id)
{
	for (uint32_t j = 0; j < n; j++)
		if (s[j].id == id && s[j].value)
			return add(of, end, (struct said){.site = s[j].value, .in = in});
	return end;
}

const struct said *setting_said(const struct setting_of *of, enum setting id)
{
	const struct module_node *n = of->node;
	const struct said *first = NULL, **end = &first;

	end = add_config(of, end,
			 arena_printf(of->a, "%.*s%.*s.", STR_ARG(of->prefix),
				      STR_ARG(n->name)),
			 id);
	end = add_program(of, end, of->in, n->settings, n->nsettings, id);
	if (n->kind == NODE_TASK) {
		const struct module_component *c = &of->m->components[n->target];

		end = add_program(of, end, of->in, c->settings, c->nsettings, id);
	}
	for (const struct around *u = of->around; u && !setting_is_of_call(id);
	     u = u->up) {
		end = add_config(of, end, u->prefix, id);
		end = add_program(of, end, u->in, u->call->settings, u->call->nsettings,
				  id);
	}
	return first;
}

const struct said *setting_of_pipeline(const struct setting_of *of,
				       const struct module_pipeline *p, struct inst *inst,
				       enum setting id)
{
	const struct module_node *call = of->node;
	const struct said *first = NULL, **end = &first;
	struct str address = of->prefix;

	if (call)
		address = arena_printf(of->a, "%.*s%.*s.", STR_ARG(address),
				       STR_ARG(call->name));
	end = add_config(of, end, address, id);
	if (call && setting_is_of_call(id))
		end = add_program(of, end, of->in, call->settings, call->nsettings, id);
	add_program(of, end, inst, p->settings, p->nsettings, id);
	return first;
}

struct loc setting_place(const struct said *said)
{
	return said->baked ? said->baked->loc : said->site->loc;
}

static const struct value *constant(const struct said *s)
{
	if (s->baked)
		return &s->baked->value;
	return s->site->tree->kind == EXPR_CONST ? &s->site->tree->value : NULL;
}

bool setting_is_computed(const struct said *said, enum setting id)
{
	for (const struct said *s = said; s; s = s->next) {
		if (!constant(s))
			return true;
		if (!setting_is_merged(id))
			return false;
	}
	return false;
}

/* Both, what is in `strong` first; its keys are left out of `weak`. */
static struct value merged(struct arena *a, struct value strong, struct value weak)
{
	struct value_pair *pairs;
	size_t n = 0, had = strong.dict->n;
	struct value out;

	for (size_t j = 0; j < weak.dict->n; j++)
		n += !value_get(strong, weak.dict->at[j].key);
	out = value_dict(a, had + n, &pairs);
	for (size_t j = 0; j < had; j++)
		*pairs++ = strong.dict->at[j];
	for (size_t j = 0; j < weak.dict->n; j++)
		if (!value_get(strong, weak.dict->at[j].key))
			*pairs++ = weak.dict->at[j];
	return out;
}

bool setting_const(struct arena *a, const struct said *said, enum setting id,
		   struct value *out)
{
	*out = VALUE_NONE_V;
	if (!said || setting_is_computed(said, id))
		return false;
	*out = *constant(said);
	for (const struct said *s = said->next; s && setting_is_merged(id); s = s->next)
		if (out->kind != VALUE_DICT)
			*out = *constant(s);
		else if (constant(s)->kind == VALUE_DICT)
			*out = merged(a, *out, *constant(s));
	return out->kind != VALUE_NONE;
}
