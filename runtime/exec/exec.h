/* Executors: how the contents of a component run, as a child process in a work folder.
 *
 * The caller (the scheduler) prepares the work folder with in/ and out/, puts input
 * artifacts under in/, and calls exec_start; bytes, metric points and the end are
 * reported through callbacks from loop_step.  When `ended` is called the whole process
 * group is dead, stdout and stderr are drained, and value outputs are read and typed.
 * Artifact outputs lie in out/, for the store to take.
 *
 * A task sees an environment of: PATH HOME LANG LC_ALL TZ USER and the variables of
 * the network (http_proxy https_proxy ftp_proxy all_proxy no_proxy, also in upper
 * case, SSL_CERT_FILE SSL_CERT_DIR) as we have them, with the interpreter's folder in
 * front of PATH; then `vars`; then TMPDIR (its current folder), KFPC_RUN_ID,
 * KFPC_TASK, KFPC_ATTEMPT, and what belongs to the executor.  Nothing else is
 * inherited.
 *
 * A trusted native component is called in this process, within loop_step: it has no
 * folder or environment of its own, nobody sees its output, and it cannot be ended.
 *
 * A container sees the variables of its image, `vars`, those of the network, and what is
 * set last; its work folder is at CONTAINER_ROOT.
 *
 * The table of executors is executor.def. */
#ifndef KFPC_EXEC_EXEC_H
#define KFPC_EXEC_EXEC_H

#include <sys/types.h>

#include "runtime/base/arena.h"
#include "runtime/exec/loop.h"
#include "runtime/value/value.h"

enum executor {
#define EXECUTOR(ID, name, command, collect, doc) EXECUTOR_##ID,
#include "runtime/exec/executor.def"
#undef EXECUTOR
	EXECUTOR_N
};

/* Where the work folder lies for a container: its files are CONTAINER_ROOT "/in/data.csv",
 * "/out/model", "/val/accuracy". */
#define CONTAINER_ROOT "/kfpc"

struct exec_input {
	struct str name;
	const struct type *type;
	/* an artifact: VALUE_ARTIFACT; None for an absent optional */
	struct value value;
	struct str path;	/* of an artifact: absolute local path, prepared */
};

struct exec_output {
	struct str name;
	const struct type *type;
};

struct exec_var {
	struct str name, value;
	bool is_secret;		/* the value is redacted from what the task prints */
};

struct exec_spec {
	enum executor executor;
	struct str code;
	struct str code_name;	/* shown in tracebacks: "iris.kfp", "train.py" */
	uint32_t code_line;	/* line of the code's first line in code_name */
	struct str entry;
	struct str task, run_id, run_name;
	int attempt;
	/* absolute work folder; the task's current folder is folder/work */
	struct str folder;
	struct str python;	/* absolute path of the interpreter (PYTHON*) */
	const struct exec_input *inputs;
	const struct exec_output *outputs;
	const struct exec_var *vars;
	uint32_t ninputs, noutputs, nvars;
	int64_t timeout_ms;	/* 0: none */
	/* CONTAINER: the words after the image's own entry point where ncommand is 0 */
	struct str image;
	const struct str *command, *args;
	uint32_t ncommand, nargs;
	double cpu_limit;	/* processors; 0: none */
	int64_t memory_limit;	/* bytes; 0: none */
	struct str gpus;	/* "0,2", as the driver counts or names them; "" none */
};

enum exec_state {
	EXEC_OK,		/* exit status 0 and every value output is there */
	/* it ran and failed; or an output is missing or of a wrong type */
	EXEC_FAILED,
	EXEC_TIMED_OUT,
	EXEC_CANCELLED,
	/* no such interpreter, a value too long, no more processes... */
	EXEC_NOT_STARTED,
};

struct exec_output_result {
	struct value value;	/* of a value output, Metric, Series (VALUE_SERIES) */
	struct str metadata;	/* of an artifact: JSON object the code set, or "" */
	struct str structure;	/* of a Model: JSON object {"source":...} or "" */
};

struct exec_result {
	enum exec_state state;
	int exit_code, signal;		/* exit_code -1 if a signal ended it */
	struct str error;		/* one sentence for people; "" if OK */
	/* of code_name, where the code failed; 0: unknown */
	uint32_t line;
	struct exec_output_result *outputs;	/* noutputs; NULL unless OK */
	int64_t ms;
	int64_t max_rss_kib;
};

struct exec_handler {
	void (*output)(void *arg, bool is_stderr, struct str bytes);
	void (*point)(void *arg, struct str series, int64_t step, double value,
		      int64_t time_ms);
	void (*ended)(void *arg, const struct exec_result *r);
	void *arg;
};

struct exec;	/* a running task */

/* Path of an artifact output below the work folder: "out/model", "out/model.dill" with a
 * format tag; NUL-terminated, in a. */
struct str exec_output_path(const struct exec_output *o, struct arena *a);

/* Starts it.  spec and what it points to are borrowed until `ended`; strings in the
 * result live in a.  Never fails itself: what goes wrong is reported by `ended`, from
 * a later loop_step. */
struct exec *exec_start(struct loop *l, const struct exec_spec *spec,
			const struct exec_handler *h, struct arena *a);
/* The leader of its session; 0 while it has no process. */
pid_t exec_pid(const struct exec *e);
/* Ends its process group: SIGTERM, and SIGKILL after KILL_GRACE_MS (5 s; at once with
 * force). `ended` follows with EXEC_CANCELLED. */
void exec_cancel(struct exec *e, bool force);

/* The text of task.py, the module kfpc_task, which runs Python contents. */
struct str exec_python_helper(void);
/* Text of the program that runs a notebook; it imports that helper as kfpc_task. */
struct str exec_notebook_driver(void);

#endif
