/* Which nodes of a session's pipeline a step is about. */
#ifndef KFPC_VM_SESSION_WANT_H
#define KFPC_VM_SESSION_WANT_H

#include "runtime/vm/session.h"

struct want {			/* all by the number of a node */
	const struct module_pipeline *p;
	uint32_t *root;		/* the node in no block that it belongs to */
	bool *wanted;		/* for plan_make */
	uint64_t *entries;	/* who asks for it; NULL: nobody has asked yet */
	uint32_t *ordinals;	/* its number among those of its entry */
	bool needs_run;		/* a task is wanted, or something about the run */
};

/* Asks for all; what is wanted is so with all that it reads.  Lives in a. */
void want_make(struct want *w, const struct run_step *step, struct arena *a);
/* Fills entries and ordinals, once. */
void want_entries(struct want *w, const struct run_step *step, struct arena *a);

#endif
