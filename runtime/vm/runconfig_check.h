/* Constraints on what a config sets, checked before a run: a part of run_config_make. */
#ifndef KFPC_VM_RUNCONFIG_CHECK_H
#define KFPC_VM_RUNCONFIG_CHECK_H

#include "runtime/vm/run.h"

/* Checks the `where` of every parameter that is known before the run: those that the
 * config gives, and what calls outside of branches pass on from them.  Appends a line
 * to errors for each that is broken.  -1 with err only beyond LIMIT_TASKS. */
int run_config_check(const struct module *m, uint32_t pipeline, const struct run_config *config,
		     struct arena *a, struct buf *errors, struct err *err);

#endif
