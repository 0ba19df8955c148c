/* What a session remembers: results of tasks by their keys, and what its journal says of
 * each address already, so that a step writes only what is new.
 *
 * Only what succeeded is remembered.  A key is made of the leaves of run_key.c, the
 * component with its parameters, and the kinds of the artifacts that go in; of `load`
 * also of what its file looks like; and where `cache` is off, of who asks.
 *
 * All of these do nothing, and say that everything is new, for a runner that has no
 * recall. */
#ifndef KFPC_VM_RECALL_H
#define KFPC_VM_RECALL_H

#include "runtime/vm/runner.h"
#include "runtime/vm/session_want.h"

struct recall;

struct recall *recall_new(void);
void recall_free(struct recall *c);

/* A step begins; both are borrowed until the next one. */
void recall_begin(struct recall *c, const struct run_step *step, struct want *want);
/* Addresses that the journal speaks of as tasks. */
size_t recall_count(const struct recall *c);

/* ops of the scheduler. */
void recall_number(void *ctx, struct sched_task *t);
bool recall_task(void *ctx, struct sched_task *t, struct sched_end *end);

/* Is the change, which makes this record, something that the journal does not say yet?
 * Keeps what a task has come to.  was_told: the observer has been told of it before. */
bool recall_is_news(struct runner *r, const struct sched_change *c, struct str path,
		    struct str record, bool *was_told);
bool recall_is_new_env(const struct run_env *e);
/* Journals the step unless it has been; -1 with err. */
int recall_tell_step(struct runner *r, struct err *err);

#endif
