/* The interpreter of expressions: a small stack machine over immutable values. */
#ifndef KFPC_VM_EVAL_H
#define KFPC_VM_EVAL_H

#include "runtime/bc/module.h"

/* Computes site s of the verified module m.  inputs[i] is the value of s->inputs[i].
 * The result lives in a, or shares what inputs and constants point to.  -1 with err
 * (ERR_EVAL) "iris.kfp:12:8: division by zero" if it cannot be computed. */
int eval(const struct module *m, const struct site *s, const struct value *inputs,
	 struct arena *a, struct value *out, struct err *err);

#endif
