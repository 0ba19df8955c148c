/* Admission: which ready task may start now, so that what runs fits the machine.
 *
 * A task starts when there is a job slot, when what it wants (`cpu`, `memory`, `gpu`) is
 * free, and when no pipeline call around it is at its `parallelism`.  Tasks are looked
 * at in the order in which they became ready.  One that has to wait is not overtaken
 * in what it waits for: what is free of each resource that it wants is kept for it, so
 * that a stream of small tasks cannot starve a big one.  Later tasks that want other
 * things, or nothing, go on.
 *
 * Without a machine (s->machine NULL) everything fits. */
#ifndef KFPC_VM_ADMIT_H
#define KFPC_VM_ADMIT_H

#include "runtime/vm/sched.h"

/* The next ready task that may start, and what it weighs; false if none may now. */
bool admit_next(struct sched *s, uint32_t *inst, struct need *need);
/* t starts, and later gives back what it took. */
void admit_take(struct sched *s, struct sched_task *t, const struct need *need);
void admit_give(struct sched *s, struct sched_task *t);

/* Can task inst run here at all, if it had the machine for itself?  -1 with err (the
 * setting, its place, what the machine has). */
int admit_check(struct sched *s, uint32_t inst, struct arena *a, struct err *err);
/* The same for each task whose settings are known before the run; -1 with err
 * (ERR_INPUT), which begins with the task. */
int admit_check_all(struct sched *s, struct err *err);

void admit_init(struct sched *s, const struct machine *m);
void admit_release(struct sched *s);

#endif
