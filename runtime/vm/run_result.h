/* What run_pipeline hands back, and what the last record of the journal says. */
#ifndef KFPC_VM_RUN_RESULT_H
#define KFPC_VM_RUN_RESULT_H

#include "runtime/vm/runner.h"

/* After everything has been decided.  Lives in the run's arena. */
void run_result_fill(struct runner *r, struct run_result *result);
/* How an instance that is at an end is shown; a call and a try that something in them
 * failed have failed. */
enum task_state run_result_state(const struct runner *r, const struct inst *i);
/* The members of RUN_FINISHED but `state`. */
void run_result_members(const struct run_result *result,
			struct buf *out);

#endif
