/* Sections of what is shown of a run: a title, and below it a table. */
#ifndef KFPC_CLI_SHOW_VALUES_H
#define KFPC_CLI_SHOW_VALUES_H

#include "compiler/cli/cli.h"
#include "runtime/store/view.h"

void show_title(struct buf *out, const char *title);
/* s as the first cell of a row. */
struct str show_indented(struct cli *c, struct str s);
/* The members of a dictionary; nothing if it has none. */
void show_values(struct cli *c, const char *title, struct value dict, struct buf *out);
/* What the pipeline gave, and its metrics (of a view with_metrics). */
void show_results(struct cli *c, const struct run_view *v, struct buf *out);

#endif
