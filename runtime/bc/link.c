/* What a module's parts have to know of each other once it is verified: types come from
 * the module's start, and the defaults of a struct's fields from its constructor. */
#include <config.h>

#include "runtime/base/limits.h"
#include "runtime/bc/save.h"
#include "runtime/bc/tree.h"

enum { DEFAULT_WEIGHT_MAX = 1 << 20 };	/* elements and bytes of text in one default */

static int link_default(struct module *m, const struct module_param *field,
			uint64_t *steps, const struct value **out, struct err *err)
{
	struct tree_eval ev = {.m = m, .a = &m->arena, .steps = steps};
	struct value *v = ARENA_NEW(&m->arena, struct value);

	if (!field->fallback)
		return 0;
	if (tree_eval(&ev, field->fallback->tree, v, err) < 0)
		return -1;
	if (!value_has_type(*v, field->type))
		return err_setk(err, ERR_INPUT, "it is not of its type");
	if (value_weight(*v, DEFAULT_WEIGHT_MAX) >= DEFAULT_WEIGHT_MAX)
		return err_setk(err, ERR_INPUT, "it is too large");
	*out = v;
	return 0;
}

static int link_struct(struct module *m, const struct module_def *d, uint64_t *steps,
		       struct err *err)
{
	const struct value **defaults = ARENA_ARRAY(&m->arena, d->nparams,
						    const struct value *);

	for (uint32_t i = 0; i < d->nparams; i++)
		if (link_default(m, &d->params[i], steps, &defaults[i], err) < 0)
			return err_wrap(err, "the default of '%.*s' of '%.*s'",
					STR_ARG(d->params[i].name), STR_ARG(d->name));
	type_struct_defaults(&m->types, d->result, defaults);
	return 0;
}

int module_link(struct module *m, struct err *err)
{
	uint64_t steps = LIMIT_EVAL_STEPS;

	for (uint32_t i = 0; i < m->ndefs; i++)
		if (m->defs[i].is_struct &&
		    link_struct(m, &m->defs[i], &steps, err) < 0)
			return -1;
	return 0;
}

const struct module_def *module_struct(const struct module *m, const struct type *t)
{
	for (uint32_t i = 0; i < m->ndefs; i++)
		if (m->defs[i].is_struct && m->defs[i].result == t)
			return &m->defs[i];
	return NULL;
}
