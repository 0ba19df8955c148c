/* `kfpc show --json`: a run or a task as one JSON object. */
#ifndef KFPC_CLI_SHOW_JSON_H
#define KFPC_CLI_SHOW_JSON_H

#include "runtime/base/buf.h"
#include "runtime/store/view.h"

void show_run_json(const struct run_view *v, struct buf *out);
/* run_id is NULL for a task within the object of its run. */
void show_task_json(const struct view_task *t, const char *run_id, struct buf *out);

#endif
