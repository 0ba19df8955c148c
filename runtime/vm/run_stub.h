/* Stubs: what stands in for components when a pipeline is tested. */
#ifndef KFPC_VM_RUN_STUB_H
#define KFPC_VM_RUN_STUB_H

#include "runtime/bc/module.h"

struct run_stub {
	uint32_t component;
	const struct value *args;	/* one for each parameter of the component */
	const bool *is_given;		/* those that it is for; NULL: all values */
	const struct value *values;	/* for each output; of a Series a list of floats */
	const struct str *files;	/* for each output: an artifact's file or folder, "" */
	struct str error;		/* not empty: it fails with this */
};

#endif
