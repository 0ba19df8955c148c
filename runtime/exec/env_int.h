/* What the files of the environments share. */
#ifndef KFPC_EXEC_ENV_INT_H
#define KFPC_EXEC_ENV_INT_H

#include "runtime/base/buf.h"
#include "runtime/base/vec.h"
#include "runtime/exec/env.h"
#include "runtime/exec/proc.h"

enum { TAIL_LINES = 30, TAIL_BYTES = 16 << 10 };

struct python {
	struct str path;	/* absolute; of the interpreter itself, not of a shim */
	struct str version;	/* "3.11.2" */
};

/* As env_find_python, with the version. */
int python_find(struct str version, struct arena *a, struct python *out, struct err *err);

enum env_step {
	STEP_LOCK,
	STEP_WIPE,
	STEP_VENV,
	STEP_INSTALL,
	STEP_FREEZE,
	STEP_FINISH,
	STEP_CLEAN,	/* after a failure */
	STEP_CHECK,	/* of the host's interpreter, instead of all the above */
};

/* One environment on its way, and those who wait for it. */
struct env_build {
	struct envs *envs;
	struct env_spec spec;		/* a copy */
	struct python python;
	struct env_info info;		/* valid once done and not failed */
	struct str folder, lock_path;
	struct str uv;			/* path of uv, or "": pip */
	enum env_step step;
	bool done, failed, cancelled, told_wait;
	int lock_fd;
	int64_t started_ms;
	struct proc *proc;
	struct loop_source *timer;
	struct buf line;		/* of the tool, incomplete */
	struct buf out;			/* standard output, where the step reads it */
	VEC(char *) tail;		/* the last lines of the tool */
	struct buf error;
	VEC(struct env_handler) waiters;
	struct env_build *next;
};

struct envs {
	struct loop *loop;
	enum env_mode mode;
	struct arena arena;
	struct env_build *builds;
	struct str uv;
};

/* Takes b on from its step until something must be waited for; when it is done or has
 * failed, env_report tells the waiters. */
void build_go(struct env_build *b);
/* Ends what b is doing; it fails with "cancelled". */
void build_cancel(struct env_build *b);
void build_release(struct env_build *b);
/* Sets the digest and the paths of b, from spec and python. */
void build_identify(struct env_build *b);
/* Reads a finished environment into b->info; false if there is none. */
bool build_load(struct env_build *b);
/* Starts the check of the host's interpreter. */
void build_check_host(struct env_build *b);
void build_check_host_end(struct env_build *b);
/* Starts argv (NULL at the end) for b; build_go goes on with the next step after its
 * end. */
void build_spawn(struct env_build *b, const char *const *argv, size_t n);
/* The lines of b->out, sorted, each with its newline. */
struct str build_sorted_lines(struct env_build *b);
/* Ends b as failed, with a sentence and, where with_tail, the tool's last words. */
void build_fail(struct env_build *b, bool with_tail, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Calls `ready` of all that wait, from a later step of the loop. */
void env_report(struct env_build *b);

struct str platform_name(struct arena *a);

#endif
