/* What a run ends with on the terminal: failures with their last words, then what came
 * out. */
#ifndef KFPC_CLI_RUN_SUMMARY_H
#define KFPC_CLI_RUN_SUMMARY_H

#include "compiler/cli/cli.h"
#include "compiler/cli/progress.h"

enum summary_where { SUMMARY_SHELL, SUMMARY_REPL };	/* what looks further there */

/* For each failed task (the first of many): its error, the place in the program, the
 * end of its standard error, and the command that looks further. */
void run_summary_failures(const struct progress *p, const struct run_result *r,
			  enum summary_where where, struct buf *out);
/* "run 5f6a90c1 succeeded in 3.2 s: 2 tasks (2 succeeded)" */
void run_summary_head(const struct run_result *r, struct buf *out);
/* On a terminal: the command that shows more. */
void run_summary_more(const struct run_result *r, struct buf *out);
/* Head, outputs, metrics, artifacts, and what shows more. */
void run_summary(struct cli *c, const struct run_result *r, struct buf *out);

#endif
