/* Constraints (`where`) on values that are known: of a config, of a task's arguments,
 * of what a task produced. */
#ifndef KFPC_VM_WHERE_H
#define KFPC_VM_WHERE_H

#include "runtime/bc/module.h"

struct where_values {
	const struct module_param *params;
	const struct value *args;		/* a value for each of params */
	const bool *known;			/* NULL: all are known */
	const struct module_output *outputs;	/* NULL where only parameters count */
	const struct value *results;
};

/* Does the parameter (output) number i keep its constraint?  0 if it does, if it has
 * none, if its value is None, or if a value that the constraint needs is not known; -1
 * with err (ERR_EVAL): "'c' is -1.0, which breaks 'c > 0' (iris.kfp:25:20)". */
int where_check_param(const struct module *m, const struct where_values *v, uint32_t i,
		      struct err *err);
int where_check_output(const struct module *m, const struct where_values *v, uint32_t i,
		       struct err *err);

/* Constraints on the fields of structs within a value of type t that comes from outside
 * (an expression cannot make one that breaks them).  Tells each that is broken, with the
 * path to the field: ".layers[2].units"; false if there was one. */
struct where_faults {
	void (*tell)(void *ctx, struct str path, const struct err *err);
	void *ctx;
};
bool where_check_fields(const struct module *m, const struct type *t, struct value v,
			const struct where_faults *faults);

#endif
