/* The tasks of a run as a table.  In loops with many iterations one line stands for all
 * tasks of one name: "x[*]/fit". */
#ifndef KFPC_CLI_SHOW_TASKS_H
#define KFPC_CLI_SHOW_TASKS_H

#include "compiler/cli/cli.h"
#include "runtime/store/view.h"

void show_tasks(struct cli *c, const struct run_view *v, struct buf *out);
/* Loops and how many iterations they have. */
void show_loops(struct cli *c, const struct run_view *v, struct buf *out);

#endif
