/* Tests of a program, lowered: what stands in for components, which pipelines are run,
 * and what must hold afterwards.  Not part of the module: they are for `kfpc test`. */
#ifndef KFPC_IR_TEST_H
#define KFPC_IR_TEST_H

#include "runtime/bc/module.h"

struct test_arg {		/* of a stub: the value that it is for */
	uint32_t param;
	struct value value;
};

struct test_stub {
	uint32_t component;
	const struct test_arg *args;
	uint32_t nargs;
	const struct value *values;	/* for each output; of a Series a list of floats */
	const struct str *files;	/* for each output: an artifact's file; "" for none */
	struct str error;		/* not empty: the stub fails with it */
};

struct test_value {		/* an argument of a run */
	struct str name;
	struct value value;
};

struct test_step {
	struct loc loc;
	/* An assert.  Input INPUT_PARAM k is the result of run k: a struct as
	 * compiler/sema/test.c makes it.  cond NULL: a run. */
	const struct site *cond, *message;
	/* A run, and what it is bound to. */
	struct str name;
	uint32_t pipeline, config;	/* config: MODULE_NONE for none */
	const struct test_value *values;
	uint32_t nvalues;
	const struct type *type;	/* of its result */
};

struct test_case {
	struct str name;
	struct loc loc;
	const struct test_stub *stubs;
	const struct test_step *steps;
	uint32_t nstubs, nsteps, nruns;
	bool executes;			/* components that no stub is for are run */
};

#endif
