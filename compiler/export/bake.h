/* The config that an export is made with: its values become defaults. */
#ifndef KFPC_EXPORT_BAKE_H
#define KFPC_EXPORT_BAKE_H

#include "compiler/export/export.h"

struct baked {
	struct value value;
	struct loc loc;		/* of the entry that says it */
};

/* Puts what the config says, and those that it inherits from, into out: address of a slot
 * -> struct baked *, in the arena of x.  One field of a struct changes what the rest of
 * it is by default. */
void config_bake(struct export *x, uint32_t config, const struct config_slots *slots,
		 struct map *out);
/* The default of a slot; false if it has none. */
bool config_default(struct export *x, const struct config_slot *slot, struct value *out);

#endif
