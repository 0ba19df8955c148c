/* The pipeline config: everything that can be set from outside before a run.
 *
 * A slot is a parameter of the pipeline, or of a component in it that a call left at
 * its default, or a setting of a task; its address is the path of bindings ("fit.c",
 * "sub.fit.settings.retries").  The compiler uses this to check `config` declarations,
 * the VM to resolve a run's config, `kfpc config` to show it.
 *
 * Calls that are bound to one name in different blocks share an address.  Two calls of
 * one name in the same block (bare calls of one component) have none: bind them.
 * Artifacts cannot come from a config and have no slot. */
#ifndef KFPC_BC_CONFIG_H
#define KFPC_BC_CONFIG_H

#include "runtime/bc/module.h"

struct config_slot {
	struct str address;
	const struct type *type;
	const struct module_param *param;	/* NULL for a setting */
	const struct module_component *component;	/* whose parameter; NULL: the pipeline's */
	enum setting setting;
	const struct site *fallback;	/* the default; NULL: required, or a setting at rest */
	struct str doc;
	struct loc loc;			/* where it is declared */
};

struct config_slots {		/* in an arena, but for the map: map_release is the caller's */
	struct config_slot *at;
	size_t n;
	struct map by_address;		/* address -> struct config_slot * */
};

/* All slots of a pipeline in the order of its nodes, each address once; in a.  Settings
 * only where with_settings (those of tasks that are scalars, and "settings.NAME" of the
 * pipeline). -1 if there are more than LIMIT_TASKS calls, or they nest beyond
 * LIMIT_CALL_DEPTH. */
int config_slots(const struct module *m, uint32_t pipeline, bool with_settings, struct arena *a,
		 struct config_slots *out, struct err *err);

/* What an address means: a slot, or a field of a struct that is the value of one. */
struct config_target {
	const struct config_slot *slot;
	struct str fields;		/* "layer.units", behind the slot's address; empty: all of it */
	const struct type *type;	/* of what is addressed */
};

/* False if it means nothing; out->slot is then the slot whose struct has no such field,
 * or NULL. */
bool config_find(const struct config_slots *slots, struct str address,
		 struct config_target *out);

/* Why an address is no slot, in one sentence with a suggestion ("'fit.kernel' is set by
 * the call at iris.kfp:31:5", "no task 'fti': did you mean 'fit'?"); place is the line
 * that sets it, if any. */
struct str config_explain(const struct module *m, uint32_t pipeline,
			  const struct config_slots *slots, struct str address, struct arena *a,
			  struct loc *place);

#endif
