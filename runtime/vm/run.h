/* Running a pipeline of a verified module on this machine: config, plan, scheduler.
 *
 * One thread decides.  What happens is journalled first and then told to the observer, so
 * what a person sees and what is kept cannot disagree. */
#ifndef KFPC_VM_RUN_H
#define KFPC_VM_RUN_H

#include "runtime/bc/config.h"
#include "runtime/exec/env.h"
#include "runtime/store/run.h"
#include "runtime/vm/machine.h"
#include "runtime/vm/run_stub.h"

enum task_state {
#define STATE(ID, name, end) TASK_##ID,
#include "runtime/vm/task.def"
#undef STATE
	TASK_NSTATES
};

const char *task_state_name(enum task_state s);

/* Where a config value came from: shown by `kfpc config --explain`, kept in run.json. */
struct config_value {
	struct str address;
	const struct type *type;
	struct value value;
	bool is_set;		/* false: required and given nowhere */
	bool is_default;	/* from the program alone: calls that share the address may differ */
	struct str origin;	/* "default at iris.kfp:25:5", "config prod at ...", "-p", "FILE" */
	struct loc loc;
};

struct config_source {		/* what was given from outside, weakest first */
	struct str address;
	struct str text;	/* as typed after -p name=; used where json is NULL */
	const struct value *json;	/* from a config file or name=@file.json */
	struct str origin;	/* "-p", "--config-file prod.yaml" */
	const struct yaml_node *yaml;	/* what json was read from; NULL: no YAML */
};

struct run_config {
	struct config_value *at;
	size_t n;
};

/* The config of a pipeline: defaults, then config `config` of the module (MODULE_NONE:
 * none), then sources; checked against types and `where`.  All that is wrong is
 * appended to errors, a line each, and -1 returned (ERR_INPUT). */
int run_config_make(const struct module *m, uint32_t pipeline, uint32_t config,
		    const struct config_source *sources, size_t nsources, struct arena *a,
		    struct run_config *out, struct buf *errors, struct err *err);

struct run_event {		/* for the observer */
	enum {
		RUN_EVENT_STARTED,	/* the run.  task: its name; text: its ID */
		RUN_EVENT_ENV,		/* text: environment progress; state unused */
		RUN_EVENT_TASK,		/* a task changed its state, or starts another attempt */
		RUN_EVENT_POINT,	/* a metric point of a running task */
		RUN_EVENT_OUTPUT,	/* a task wrote text to stdout or stderr */
		RUN_EVENT_BRANCH,	/* text: the condition, value: 1 if it held */
		RUN_EVENT_LOOP,		/* state RUNNING: a loop begins, step: iterations; SKIPPED: it
					 * does not, text, because; else it is at its end */
		RUN_EVENT_VALUE,	/* a binding has a value; or text: its error */
		RUN_EVENT_STOPPING,	/* a signal came, the first one: tasks are asked to end */
		RUN_EVENT_TICK,		/* every tick_ms, for clocks that are shown */
		RUN_EVENT_FINISHED,
	} kind;
	enum event journal_event;	/* of STARTED, TASK, BRANCH, FINISHED */
	struct str record;		/* the journal's members, JSON without braces */
	struct str title;		/* of a task that starts: its display name, or "" */
	struct str task, text;		/* text: reason, error, progress, output */
	struct str place;		/* "iris.kfp:31:5" of an error, or "" */
	struct loc loc;			/* of a BRANCH */
	struct str because;		/* of a skipped task: the address of what it is for */
	enum task_state state;
	int attempt;
	struct str metric;
	int64_t step;
	double value;
	bool is_stderr;
	bool is_covered;		/* FAILED: there is an except for it */
	bool is_recalled;		/* nothing new: so it was before; see session.h */
	int64_t ms;
};

struct run_opts {
	unsigned jobs;			/* tasks at the same time; 0: number of processors */
	struct machine_opts machine;	/* what it has, in place of what is found */
	struct str name;		/* label; "" gives the pipeline's name */
	enum env_mode env_mode;
	struct str argv_json;		/* the command line, for run.json */
	struct str folder;		/* of the program: where native libraries may be */
	int64_t tick_ms;		/* 0: no RUN_EVENT_TICK */
	const struct run_stub *stubs;	/* of components that are not to be run */
	uint32_t nstubs;
	void (*observe)(void *arg, const struct run_event *e);
	void *arg;
};

struct run_task_result {
	struct str path, component;
	enum task_state state;
	struct str error, place;
	struct str reason, because;	/* of skipped: see event.def */
	bool is_covered;		/* FAILED: there is an except for it */
	bool is_recalled;		/* SUCCEEDED, without being run again: see session.h */
	uint32_t root;			/* the node of the pipeline that it is, or is in */
	int attempts;			/* 0: it was recalled, or did not start */
	int64_t ms;
	const struct module_output *outputs;	/* of the component */
	const struct value *values;		/* NULL unless succeeded */
	uint32_t noutputs;
};

struct run_result {
	char id[RUN_ID_CHARS + 1];
	struct str state;		/* succeeded failed cancelled */
	struct str error;		/* "" if none */
	struct str place;		/* of the error, or "" */
	int64_t ms;
	const struct module_pipeline *pipeline;
	const struct value *outputs;	/* of the pipeline; NULL unless all are there */
	const struct run_task_result *tasks;
	size_t ntasks;
};

/* Runs it to its end.  SIGINT and SIGTERM cancel the run (a second one kills at once).
 * 0 whatever the run's state; -1 with err only if no run could be made or kept.  What
 * result points to lives in a. */
int run_pipeline(const struct module *m, struct str module_bytes, uint32_t pipeline,
		 const struct run_config *config, struct store *s, const struct run_opts *o,
		 struct arena *a, struct run_result *result, struct err *err);

#endif
