/* What tasks need of this machine, and what it has: the weights by which the scheduler
 * lets tasks start (admit.h).
 *
 * Processors are counted in thousandths, memory in bytes, accelerators in devices.  What
 * a machine has is what this process may use of it: processors by affinity and by the
 * quota of its control groups, memory by their limits, accelerators by
 * CUDA_VISIBLE_DEVICES, KFPC_GPUS or the devices that are there. */
#ifndef KFPC_VM_MACHINE_H
#define KFPC_VM_MACHINE_H

#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"

enum resource { RESOURCE_CPU, RESOURCE_MEMORY, RESOURCE_GPU, RESOURCE_N };

enum { CPU_UNIT = 1000 };	/* of one processor */

struct need {
	int64_t at[RESOURCE_N];
};

struct machine {
	int64_t has[RESOURCE_N];
	const struct str *gpus;		/* has[RESOURCE_GPU] names, for CUDA_VISIBLE_DEVICES */
	struct str gpu_type;		/* KFPC_GPU_TYPE; "" if it is not known */
	bool is_given[RESOURCE_N];	/* by the command line */
};

struct machine_opts {		/* what a command line says in place of what is found */
	bool is_given[RESOURCE_N];
	int64_t given[RESOURCE_N];
};

/* Of "cpu", "memory" or "gpu" as given after --cpu, --memory, --gpu; -1 with err
 * (ERR_USAGE). */
int machine_parse(enum resource r, const char *arg, struct machine_opts *o, struct err *err);
/* Looks at the machine below root ("" for the real one; another for tests).  Strings and
 * names live in a. */
void machine_find(const struct machine_opts *o, const char *root, struct arena *a,
		  struct machine *out);
/* How many tasks a machine runs at the same time where nobody says it: at least 1. */
unsigned machine_jobs(const struct machine *m);

/* The setting that asks for it: "cpu", "memory", "gpu". */
const char *resource_name(enum resource r);
/* "2 processors", "1.5 GiB", "1 GPU"; in a. */
struct str resource_text(enum resource r, int64_t n, struct arena *a);

/* Counts how often the kernel has killed a process here because memory ran out; 0 where
 * it does not tell. */
int64_t machine_oom_kills(void);

#endif
