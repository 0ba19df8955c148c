/* What a command line says about a run: shared by kfpc and kfpvm. */
#ifndef KFPC_VM_RUN_ARGS_H
#define KFPC_VM_RUN_ARGS_H

#include "runtime/vm/run.h"

/* The pipeline of this name; with name NULL the only one of the root file that no other
 * pipeline calls.  -1 with err (ERR_USAGE) that lists what there is. */
int run_pick_pipeline(const struct module *m, const char *name, uint32_t *out, struct err *err);
/* The config `name` of the pipeline; -1 with err (ERR_USAGE) that lists what there is. */
int run_pick_config(const struct module *m, uint32_t pipeline, const char *name, uint32_t *out,
		    struct err *err);

/* "name=value" or "name=@file.json" (or .yaml), as given after -p.  In a; borrows arg. */
int run_source_param(const char *arg, struct arena *a, struct config_source *out,
		     struct err *err);
/* A file of config values: a JSON object of addresses, or of groups of them; or the same
 * in YAML, in a file that ends in .yaml or .yml. */
int run_source_file(const char *path, struct arena *a, struct config_source *out,
		    struct err *err);
/* "4" after -j: 1 to 4096. */
int run_parse_jobs(const char *arg, unsigned *out, struct err *err);

/* The JSON object that ends `run --json`: {"run_id", "state", "outputs", "metrics",
 * "tasks", "error"}; result NULL: there was no run, and error says why. */
void run_report_json(const struct run_result *result, struct str error, struct buf *out);

/* A value as the journal keeps it, and `run --json` prints it. */
void run_json_value(struct value v, struct buf *out);

#endif
