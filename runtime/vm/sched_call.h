/* What the call of a pipeline says of itself while it runs: `parallelism` of its tasks,
 * its `timeout`, `on_failure = stop`.
 *
 * A call that is stopped starts nothing more, but for finally blocks.  One whose time is
 * up has its running tasks cancelled; they fail, or the next one that would start does,
 * and so the call. */
#ifndef KFPC_VM_SCHED_CALL_H
#define KFPC_VM_SCHED_CALL_H

#include "runtime/vm/sched.h"

/* BEGIN and END of the call that is scope. */
void call_begins(struct sched *s, uint32_t scope);
void call_ends(struct sched *s, uint32_t scope);
/* Instance i has failed, and an except in the scope `cover` covers it (MODULE_NONE: none
 * does). */
void call_failed(struct sched *s, uint32_t i, uint32_t cover);

/* Have the calls around a task room for it? */
bool call_admits(struct sched *s, uint32_t inst);
/* It starts, or has ended. */
void call_count(struct sched *s, uint32_t inst, bool starts);
/* May it start no more?  error: what it has to fail with, or "": it is skipped because of
 * that task (MODULE_NONE: none). */
bool call_refuses(struct sched *s, uint32_t inst, struct str *error, uint32_t *because);

/* Ends calls whose time is up by now. */
void call_check_time(struct sched *s, int64_t now);
/* When the next one's is; 0: never. */
int64_t call_wake_ms(const struct sched *s);
/* What a task that was cancelled fails with; "" if not for the time of a call. */
struct str call_overdue(struct sched *s, const struct sched_task *t);

void call_release(struct sched *s);

#endif
