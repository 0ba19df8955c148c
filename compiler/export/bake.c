#include <config.h>

#include "compiler/export/bake.h"

#include "runtime/bc/config_field.h"
#include "runtime/bc/tree.h"

bool config_default(struct export *x, const struct config_slot *slot, struct value *out)
{
	uint64_t steps = 100000000;
	struct tree_eval ev = {.m = x->m, .a = x->a, .steps = &steps};
	struct err err;

	if (!slot->fallback)
		return false;
	if (!tree_eval(&ev, slot->fallback->tree, out, &err))
		return true;
	export_fault(x, E1002, slot->loc, "the default of '%.*s' cannot be computed: %s",
		     STR_ARG(slot->address), err.text);
	return false;
}

static struct value with_field(struct export *x, const struct config_target *t,
			       const struct baked *baked, struct value field)
{
	struct value old = VALUE_NONE_V;

	if (baked)
		old = baked->value;
	else
		config_default(x, t->slot, &old);
	return config_put_field(x->a, t->slot->type, old, t->fields, field);
}

/* Fields that still have no value: whoever starts the pipeline can give all of the
 * struct only. */
static void check_whole(struct export *x, const struct module_config_entry *e,
			const struct config_slot *slot, struct value v)
{
	struct buf lacking = {0};

	config_say_lacking(&lacking, slot->address, slot->type, v);
	if (lacking.n)
		export_fault(x, E1004, e->loc,
			     "the config sets '%.*s' in part, and other fields of it have "
			     "no value",
			     STR_ARG(slot->address));
	buf_release(&lacking);
}

void config_bake(struct export *x, uint32_t config, const struct config_slots *slots,
		 struct map *out)
{
	const struct module_config *c;

	if (config == MODULE_NONE)
		return;
	c = &x->m->configs[config];
	config_bake(x, c->base, slots, out);
	for (uint32_t j = 0; j < c->nentries; j++) {
		const struct module_config_entry *e = &c->entries[j];
		struct config_target target;
		struct str address = e->address;
		struct baked b = {e->value, e->loc};

		if (config_find(slots, address, &target)) {
			address = target.slot->address;
			if (target.fields.n)
				b.value = with_field(x, &target, map_get(out, address),
						     b.value);
		}
		map_set(out, address, arena_dup(x->a, &b, sizeof b));
	}
	for (uint32_t j = 0; config == x->config && j < c->nentries; j++) {
		struct config_target target;

		if (config_find(slots, c->entries[j].address, &target) && target.fields.n)
			check_whole(x, &c->entries[j], target.slot,
				    ((struct baked *)map_get(out, target.slot->address))
					    ->value);
	}
}
