/* What the nodes of a pipeline are to each other: loops, parts of tries, and what those
 * need from outside.  The same for all expansions of the pipeline. */
#ifndef KFPC_VM_PLAN_SHAPE_H
#define KFPC_VM_PLAN_SHAPE_H

#include "runtime/bc/module.h"

#define SHAPE_WHOLE MODULE_NONE	/* as the output of a need: the called pipeline's end */

struct shape_nodes {
	const uint32_t *at;
	uint32_t n;
};

struct shape_node {
	uint32_t loop;		/* the LOOP in whose body it is; MODULE_NONE: in none */
	uint32_t local;		/* its number among the nodes of that body */
	uint32_t region;	/* the block around it that has an end: no arm of a branch */
	bool is_final;		/* in a finally block, or in what stands in one */
	bool has_tasks;		/* LOOP: a task or call is in its body */
	/* LOOP, TRY: what its body reads, or is to come after: nodes and parameters. */
	const struct input *needs;
	uint32_t nneeds;
};

struct shape {
	struct shape_node *nodes;
	struct shape_nodes *bodies;	/* of each node that is a LOOP: the nodes of its body */
	struct shape_nodes top;		/* those in no loop */
};

/* Is node in one of the blocks of owner? */
bool shape_is_in(const struct module_pipeline *p, uint32_t node, uint32_t owner);

const struct shape *shape_make(const struct module_pipeline *p, struct arena *a);

#endif
