/* What the files of the executors share. */
#ifndef KFPC_EXEC_EXEC_INT_H
#define KFPC_EXEC_EXEC_INT_H

#include "runtime/base/vec.h"
#include "runtime/exec/exec.h"
#include "runtime/exec/proc.h"
#include "runtime/exec/redact.h"
#include "runtime/exec/series.h"

enum { STDERR_TAIL_BYTES = 2048 };	/* kept to find the line of a shell's message */

struct command {
	VEC(char *) argv;	/* without the NULL at the end until it runs */
	VEC(char *) env;	/* "NAME=value" */
};

struct exec {
	struct loop *loop;
	const struct exec_spec *spec;
	struct exec_handler handler;
	struct arena *arena;		/* of the caller: what the result holds */
	struct arena scratch;		/* freed with this */
	struct proc *proc;
	struct loop_source *timeout, *poll, *start_failed, *in_process;
	struct series_reader *series;	/* one for each Series output */
	uint32_t nseries;
	struct redact redact[2];
	VEC(struct str) secrets;
	char tail[STDERR_TAIL_BYTES];	/* the last of standard error */
	size_t ntail;
	enum exec_state ended_as;	/* why it is being killed; EXEC_OK: it is not */
	struct err err;			/* why it was not started */
	struct proc_end end;		/* of the process */
	struct str container;		/* its name; "" if there is none */
	void (*swept)(struct exec *e);	/* after the container was removed */
};

/* A NUL-terminated string in the scratch arena that exec* functions take. */
char *exec_word(struct exec *e, struct str s);
/* Sets a variable; err and -1 if the value cannot be one (a NUL byte, its length). */
int exec_setenv(struct exec *e, struct command *c, struct str name, struct str value,
		struct err *err);
/* folder/name, NUL-terminated in scratch. */
struct str exec_path(struct exec *e, const char *name);
/* Where a shell leaves a value, and any task the points of a Series. */
struct str exec_value_path(struct exec *e, const struct exec_output *o);
/* Opens a plain file that the task may have left, which may have put anything else in its
 * place: -1, and err set unless there is nothing. */
int exec_open_left(const char *path, struct err *err);
/* Writes what the process reads from folder/task, and removes what an earlier one left in
 * folder/result. */
int exec_put_task(struct exec *e, struct str text, struct err *err);
/* The process is this very program, started with option and the folder. */
void exec_run_self(struct exec *e, struct command *c, const char *option);
/* The JSON object in folder/result, of at most limit bytes; false if none was left.
 * *first, unless NULL, is the first byte of what was; ' ' where there is nothing. */
bool exec_read_result(struct exec *e, size_t limit, struct value *out, char *first);
/* True for what is handed back by name, not as a file or as points. */
bool exec_is_value(const struct exec_output *o);
/* Fails r with the sentence. */
void exec_fail(struct exec *e, struct exec_result *r, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* What the code calls the place of an output: "$model_path", "model.path", "model_path".
 * In scratch. */
struct str exec_path_name(struct exec *e, const struct exec_output *o);
/* The variables that every task gets of us, in a work folder that it sees at folder. */
int exec_own_env(struct exec *e, struct command *c, struct str folder, struct err *err);
/* The names of variables of the network that tasks get; NULL at the end. */
extern const char *const exec_network[];

int exec_base_env(struct exec *e, struct command *c, struct err *err);

int exec_python_command(struct exec *e, struct command *c, struct err *err);
void exec_python_collect(struct exec *e, struct exec_result *r);
/* Writes what task.py reads, and removes what it left before. */
int exec_python_task(struct exec *e, struct err *err);
int exec_notebook_command(struct exec *e, struct command *c, struct err *err);
int exec_shell_command(struct exec *e, struct command *c, struct err *err);
void exec_shell_collect(struct exec *e, struct exec_result *r);
int exec_native_command(struct exec *e, struct command *c, struct err *err);
void exec_native_collect(struct exec *e, struct exec_result *r);
void exec_trusted_collect(struct exec *e, struct exec_result *r);
int exec_load_command(struct exec *e, struct command *c, struct err *err);
void exec_load_collect(struct exec *e, struct exec_result *r);
/* Value outputs from the files that a shell or a container left. */
void exec_collect_values(struct exec *e, struct exec_result *r);
int exec_container_command(struct exec *e, struct command *c, struct err *err);
void exec_container_collect(struct exec *e, struct exec_result *r);
/* Removes the container of a client that was killed; `done` is called when that is done.
 * False if there is nothing to be done: then it is not. */
bool exec_container_sweep(struct exec *e, void (*done)(struct exec *e));

#endif
