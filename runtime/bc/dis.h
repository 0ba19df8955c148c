/* Parts of the disassembler. */
#ifndef KFPC_BC_DIS_H
#define KFPC_BC_DIS_H

#include "runtime/bc/module.h"

/* Where an expression stands: what its inputs are called. */
struct dis {
	const struct module *m;
	struct buf *out;
	const struct module_param *params;
	const struct module_output *outputs;
	const struct module_pipeline *pipeline;
	bool brief;		/* a task with one output is called by its own name */
};

/* The tree as the language would write it. */
void dis_expr(struct dis *d, const struct site *s, const struct expr *e);
/* The name of an input: a parameter, "fit.accuracy", "run.id". */
void dis_input(struct dis *d, const struct input *in);

#endif
