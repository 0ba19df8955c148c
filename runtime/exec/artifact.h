/* What can be told cheaply of an artifact that a task has written: the format of a
 * dataset, the rows and columns of a CSV file, the files of a model. */
#ifndef KFPC_EXEC_ARTIFACT_H
#define KFPC_EXEC_ARTIFACT_H

#include "runtime/exec/exec.h"

/* Adds to r->metadata (of a Dataset: format, rows, columns; what the code set stays),
 * and sets r->structure of a Model to {"source": "files", ...} where nothing better
 * was captured. Files are never executed or unpickled, links never followed. */
void artifact_describe(const struct exec_output *o, struct str folder, struct arena *a,
		       struct exec_output_result *r);

#endif
