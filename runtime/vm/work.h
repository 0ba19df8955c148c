/* A helper thread for what takes long (hashing and copying of large artifacts), so that
 * the thread that decides stalls no timer.  Jobs run one after the other, in the order
 * given. */
#ifndef KFPC_VM_WORK_H
#define KFPC_VM_WORK_H

#include "runtime/exec/loop.h"

struct work;

struct work_job {	/* embedded in what it is about */
	void (*run)(struct work_job *j);	/* on the helper thread */
	void (*done)(struct work_job *j);	/* from a later loop_step */
	struct work_job *next;
};

/* The thread is started by the first job. */
struct work *work_new(struct loop *l, struct err *err);
/* Waits for the job under way; `done` is called for no job any more. */
void work_free(struct work *w);
/* Borrows j until its `done`. */
void work_add(struct work *w, struct work_job *j);

#endif
