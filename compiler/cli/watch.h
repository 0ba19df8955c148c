/* A run of another process, seen as the process sees it: from its journal.
 *
 * Draws the live block on standard output until the run ends, or writes a line for each
 * change where that is no terminal; of a run that has ended, at once.  EXIT_DONE however
 * the run ended, or another exit status once it was said why. */
#ifndef KFPC_CLI_WATCH_H
#define KFPC_CLI_WATCH_H

#include "compiler/cli/cli.h"
#include "compiler/cli/progress.h"
#include "runtime/store/view.h"

/* view: the run as it was when it was looked for. */
int watch_run(struct cli *c, struct store *s, const struct run_view *view,
	      enum progress_kind kind);

#endif
