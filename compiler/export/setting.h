/* Who says what about the settings of a task: the config, its call, its component, and
 * the calls of pipelines around it. */
#ifndef KFPC_EXPORT_SETTING_H
#define KFPC_EXPORT_SETTING_H

#include "compiler/export/export.h"

struct inst;		/* a use of a pipeline, each target has its own */

/* The call that such a use is; NULL: the exported pipeline itself. */
struct around {
	const struct around *up;	/* the call around this one */
	const struct module_node *call;
	struct inst *in;		/* where the call stands */
	struct str prefix;		/* of config addresses: "sub." */
};

struct setting_of {		/* a task */
	const struct module *m;
	struct arena *a;
	const struct map *baked;	/* config address -> struct baked */
	const struct module_node *node;
	struct inst *in;
	struct str prefix;		/* of that use */
	const struct around *around;
};

struct said {
	const struct said *next;	/* what counts less */
	const struct baked *baked;	/* by the config; NULL: by the program */
	const struct site *site;
	struct inst *in;		/* where the site stands */
};

/* All that is said, what counts most first; NULL: nothing. */
const struct said *setting_said(const struct setting_of *of, enum setting id);
/* The same of a pipeline as a whole: of->node is the call that it is, or NULL, inst what it
 * is. */
const struct said *setting_of_pipeline(const struct setting_of *of,
				       const struct module_pipeline *p, struct inst *inst,
				       enum setting id);
struct loc setting_place(const struct said *said);
/* Is it computed while the pipeline runs?  Of what is put together: a part of it. */
bool setting_is_computed(const struct said *said, enum setting id);
/* The value, unless it is computed; dicts are put together.  False: there is none. */
bool setting_const(struct arena *a, const struct said *said, enum setting id,
		   struct value *out);
/* Dicts of all who say something are put together. */
bool setting_is_merged(enum setting id);
/* Says, as a warning, that a pipeline's setting has no meaning where another one calls it. */
void setting_counts_nowhere(struct export *x, enum setting id, struct loc loc);
/* Does a call of a pipeline say it of itself, and not for the tasks in it? */
bool setting_is_of_call(enum setting id);

#endif
