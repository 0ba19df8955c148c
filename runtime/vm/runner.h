/* What the files of a run share: run.c and session.c say what is run, runner.c drives,
 * run_task.c has the life of an attempt, run_inputs.c and run_outputs.c its artifacts,
 * run_env.c the environments, run_journal.c the records and what the observer is told,
 * recall.c what a session remembers.
 *
 * A runner runs one program, or in a session several, one after the other:
 *
 *	runner_open(r, store, opts, &arena, err)
 *		runner_load(r, &program, a, err)	plan, config, what can be refused
 *		runner_make_run(r, err), runner_begin(r)	once
 *		runner_drive(r, err)			between runner_catch and _uncatch
 *		runner_unload(r)
 *	runner_close(r) */
#ifndef KFPC_VM_RUNNER_H
#define KFPC_VM_RUNNER_H

#include <sched.h>
#include <signal.h>

#include "runtime/exec/exec.h"
#include "runtime/store/store.h"
#include "runtime/vm/run.h"
#include "runtime/vm/run_args.h"
#include "runtime/vm/sched.h"
#include "runtime/vm/work.h"

enum {
	BIG_BYTES = 1 << 20,	/* artifacts above this go through the helper thread */
	ENV_UNKNOWN = 0,
	ENV_ASKED,
	ENV_THERE,
	ENV_BROKEN,
	RUNNER_NSIGNALS = 3,
};

struct runner;

struct run_env {	/* an environment of the module, or the bare interpreter */
	struct runner *r;
	const struct module_env *env;	/* NULL: bare */
	int state;
	struct env_info info;	/* THERE; its strings live in the run's arena */
	struct str error;	/* BROKEN */
	VEC(uint32_t) waiting;	/* tasks */
};

enum { RUN_DETAILED = 1000, RUN_DETAILED_FAILURES = 100 };	/* see run_journal.c */

struct run_fact {		/* of what went wrong, in no loop: kept for the result */
	uint32_t inst;
	struct str error, place;
	bool is_covered;
};

struct run_telling {		/* an event that waits until its record is durable */
	int64_t need;
	struct run_event event;	/* strings in text */
	char *text;
};

struct run_limits {		/* run_limits.c */
	cpu_set_t all;			/* processors that this process may use */
	uint16_t used[CPU_SETSIZE];	/* by how many attempts each is */
	size_t nwatched;		/* attempts whose memory is watched */
	int64_t watched_ms, oom_kills;
};

struct run_program {		/* what is run */
	const struct module *m;
	struct str module_bytes;
	uint32_t pipeline;
	const struct run_config *config;
	const bool *wanted;		/* see plan_make */
};

struct runner {
	const struct run_opts *opts;
	struct store *store;
	struct arena *own;		/* of what lasts as long as the runner */
	struct run *run;		/* NULL: there is none */
	struct recall *recall;		/* a session's; else NULL */
	struct loop *loop;
	struct work *work;
	struct envs *envs;
	struct str platform;		/* "linux-x86_64" */
	struct machine machine;
	struct run_limits limits;
	struct str name, started;	/* of the run; "" before */
	bool is_broken;			/* the journal cannot be written: see broken */
	struct err broken;
	int signal_fd;
	struct sigaction before[RUNNER_NSIGNALS];
	VEC(char *) spare;		/* empty work folders; see run_folder.c */
	int nspare;			/* how many were made */
	struct buf record;		/* scratch: the members of a record */
	int64_t recorded;		/* number of the last record */

	/* Of the program. */
	const struct run_program *program;	/* NULL: none is loaded */
	const struct module *m;
	struct arena *a;		/* the caller's: what the result holds */
	struct run_env *env;		/* one for each of the module, the bare one last */
	struct run_code {		/* of each component, once it was wanted */
		struct digest code, outputs;
	} *codes;
	struct plan plan;
	struct sched sched;
	bool is_silent;			/* nothing of it is journalled */
	unsigned nsignals;
	int signal;			/* the last one that came */
	int64_t started_ms;		/* of the clock that never goes back */
	int64_t ticked_ms, logged_ms;
	VEC(struct run_fact) facts;
	VEC(struct run_task_result) in_loops;	/* of tasks in iterations, as they end */
	VEC(struct run_telling) tellings;
	size_t telling_at;
	size_t telling_output;	/* bytes of output that wait there */
};

/* runner.c */
/* Borrows all that it is given.  runner_close is needed in both cases. */
int runner_open(struct runner *r, struct store *s, const struct run_opts *o,
		struct arena *own, struct err *err);
void runner_close(struct runner *r);
/* What is decided lives in a.  runner_unload is needed in both cases. */
int runner_load(struct runner *r, const struct run_program *p, struct arena *a,
		struct err *err);
void runner_unload(struct runner *r);
/* The run of what is loaded. */
int runner_make_run(struct runner *r, struct err *err);
/* Its first record. */
void runner_begin(struct runner *r);
/* SIGINT, SIGTERM and SIGHUP cancel what is loaded. */
void runner_catch(struct runner *r);
void runner_uncatch(struct runner *r);
/* Until everything is decided, and what was recorded is durable; -1 with err if it cannot
 * go on.  Nothing is kept where there is no run. */
int runner_drive(struct runner *r, struct err *err);
/* The end of the run. */
int runner_finish(struct runner *r, const struct run_result *result, struct err *err);

/* An artifact that goes in. */
struct run_input {
	const struct artifact *artifact;
	struct str name;		/* of the parameter */
	struct str path;
	struct digest before;		/* of snapshot_take, when it was handed over */
};

/* An attempt that runs: sched_task.user. */
struct attempt {
	struct runner *r;
	struct sched_task *t;
	struct arena *a;		/* t's */
	struct exec_spec spec;
	struct exec_input *inputs;
	struct exec_output *outputs;
	struct exec_var *vars;
	VEC(struct run_input) files;
	struct exec *exec;		/* while it runs */
	struct exec_result result;
	struct run_log *log;
	struct work_job job;		/* on the helper thread: preparing, taking outputs */
	struct value *values;		/* of the outputs */
	struct err err;			/* why preparing, taking or logging failed */
	cpu_set_t *cpus;		/* that it is bound to; NULL: all */
	int64_t memory_limit;		/* 0: none */
	bool has_failed;		/* err is set */
	bool is_busy;			/* the job is under way */
	bool is_spare;			/* its folder is one of runner.spare's kind */
};

/* run_task.c: ops of the scheduler. */
bool run_task_prepare(void *ctx, uint32_t inst);
void run_task_start(void *ctx, struct sched_task *t);
void run_task_cancel(void *ctx, struct sched_task *t, bool force);

/* run_limits.c */
void run_limits_init(struct runner *r);
/* Around the start of an attempt's process, and after its end. */
void run_limits_enter(struct attempt *at);
void run_limits_leave(const struct attempt *at);
void run_limits_end(struct attempt *at);
/* Kills those that use too much memory. */
void run_limits_watch(struct runner *r);
/* Why it was killed, if it was for memory; else "". */
struct str run_limits_explain(struct attempt *at);

/* run_stub.c */
/* Is a stub to stand in for it? */
bool run_stub_has(const struct runner *r, const struct module_component *c);
/* Ends the attempt as its stub says; at once. */
void run_stub_play(struct attempt *at, const struct exec_handler *h);

/* run_inputs.c */
/* Where an artifact parameter lies in the work folder: "in/data.csv"; in a. */
struct str run_input_path(struct str name, const struct type *type, struct value v,
			  struct arena *a);
/* Fills files from the arguments, and the paths of the inputs. */
void run_inputs_list(struct attempt *at);
bool run_inputs_are_big(const struct attempt *at);
/* Writes them into the work folder and remembers how they look; -1 with err. */
int run_inputs_write(struct attempt *at, struct err *err);
/* -1 with err naming the input that the task changed. */
int run_inputs_check(const struct attempt *at, struct err *err);

/* run_container.c */
/* The image and the words of the container of t, None left out, as JSON: what is run, and
 * what its cache key is made of.  In a; -1 with err where they cannot be computed. */
int run_container_code(const struct runner *r, const struct sched_task *t,
		       struct arena *a, struct str *out, struct err *err);
/* Fills at->spec with the same; -1 with err. */
int run_container_fill(struct attempt *at, struct err *err);

/* run_folder.c */
/* Makes (or finds) the work folder of an attempt: at->spec.folder; -1 with err. */
int run_folder_take(struct attempt *at, bool in, bool out, struct err *err);
/* After the attempt: kept under its name (keep), else gone, or ready for the next one. */
void run_folder_leave(struct runner *r, struct str task, int attempt, struct str folder,
		      bool is_spare, bool keep);
/* Removes what is ready: the run ends. */
void run_folder_release(struct runner *r);

/* run_outputs.c */
bool run_outputs_are_big(const struct attempt *at);
/* Takes artifact outputs into the store, and fills at->values; -1 with err. */
int run_outputs_take(struct attempt *at, struct err *err);
/* Do values, which have the types of its outputs, hold what `where` asks?  -1 with
 * err. */
int run_outputs_check(const struct runner *r, const struct sched_task *t,
		      const struct value *values, struct err *err);
/* run_bundle.c: the manifest of a Model, put into the store. */
int run_bundle_put(struct attempt *at, uint32_t output, const struct blob *weights,
		   struct digest *manifest, struct err *err);

/* run_env.c */
void run_env_init(struct runner *r);
void run_env_release(struct runner *r);
/* The environment that a component runs in; NULL if it needs none. */
struct run_env *run_env_of(const struct runner *r, const struct module_component *c);
/* Asks for it, once. */
void run_env_want(struct run_env *e);
/* Does no branch decide about it? */
bool run_is_certain(const struct plan *p, const struct inst *i);
/* Asks for those of all tasks that no branch decides about. */
void run_env_prefetch(struct runner *r);

/* run_result.c: a task in a loop is at its end. */
void run_result_keep(struct runner *r, const struct sched_change *c, struct str path);

/* run_library.c: the folder of the file that declares a component, in a. */
struct str run_code_folder(const struct runner *r, const struct module_component *c,
			   struct arena *a);
/* The path of a native component's library, in a; -1 with err. */
int run_library(const struct runner *r, const struct module_component *c,
		struct arena *a, struct str *path, struct err *err);
/* What it does is in its file: adds that to the digest.  One that is missing fails its
 * task. */
void run_library_hash(const struct runner *r, const struct module_component *c,
		      struct sha256 *h);
/* -1 with err if a task that no branch decides about lacks its library. */
int run_library_check(const struct runner *r, struct err *err);

/* run_journal.c */
void run_changed(void *ctx, const struct sched_change *c);
/* Appends a record; the run is given up if that fails.  Returns its number, or 0. */
int64_t run_record(struct runner *r, enum event e, struct str members);
/* Tells the observer when `need` is durable (0: as soon as what is before it is told).
 * Output and points too: they are of a task whose start may still be waiting.  Of output
 * that would take too much room meanwhile, the observer does not hear. */
void run_tell(struct runner *r, int64_t need, const struct run_event *e);
/* At once, beside the order: progress, signals. */
void run_tell_now(struct runner *r, const struct run_event *e);
/* Tells what can be told by now. */
void run_tell_due(struct runner *r);
void run_tell_release(struct runner *r);
/* The run cannot be kept any more. */
void run_break(struct runner *r, const struct err *err);
/* run_key.c: ,"key":{...}, the named leaves that decide whether a result can be used
 * again. */
void run_key_write(struct runner *r, const struct sched_task *t, struct buf *out);

/* run_json.c */
/* Members of run.json; settings: one of them, or "". */
void run_json_header(const struct runner *r, struct str settings, struct buf *out);

/* snapshot.c */
/* A digest over name, kind, size, times, mode and inode of path and all below it:
 * differs after any change.  -1 with err. */
int snapshot_take(const char *path, struct digest *out, struct err *err);

#endif
