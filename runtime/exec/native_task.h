/* One call of a native component: in the process of its own (native_host.c) or, trusted,
 * in ours (exec_native.c). */
#ifndef KFPC_EXEC_NATIVE_TASK_H
#define KFPC_EXEC_NATIVE_TASK_H

#include "runtime/exec/ffi.h"

/* How far it came, for who finds it dead: one byte at the beginning of a file. */
enum native_stage {
	NATIVE_LOADING = 'l',
	NATIVE_CALLING = 'c',
	NATIVE_READING = 'o',
};

struct native_series {
	struct str name;
	const char *path;	/* lines are appended to it */
};

struct native_task {
	const char *library, *symbol;
	struct native_sig sig;
	struct native_value *values;	/* one for each argument */
	struct native_series *series;
	uint32_t nseries;
	int stage_fd;			/* -1: nobody wants to know */
};

/* Calls f.  0 with results[i] set for each argument that is an output; else -1 with err,
 * and *code what the function returned (0: it is not to blame, its outputs are). */
int native_task_call(struct native_task *t, struct native_fn *f, struct arena *a,
		     struct value *results, int *code, struct err *err);
void native_task_stage(const struct native_task *t, enum native_stage s);

#endif
