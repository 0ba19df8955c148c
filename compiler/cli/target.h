/* What a target of `kfpc export` refuses, as diagnostics of the program. */
#ifndef KFPC_CLI_TARGET_H
#define KFPC_CLI_TARGET_H

#include "compiler/export/export.h"
#include "compiler/ir/compile.h"

/* Exports each pipeline of the root file that no other one calls, to nowhere, and adds
 * what the target has to say to c->diags.  c->module is there. */
void target_check(struct compilation *c, enum export_target target);
/* Says that what was written was read back, and does not say what the program does: a
 * fault of ours.  The exit status; target_check ends with it. */
int target_broken(const char *command, enum export_target target, const struct export *x);

#endif
