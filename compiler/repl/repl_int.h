/* Shared by the parts of the REPL. */
#ifndef KFPC_REPL_REPL_INT_H
#define KFPC_REPL_REPL_INT_H

#include "compiler/repl/command.h"
#include "compiler/repl/program.h"
#include "compiler/repl/show.h"
#include "runtime/vm/session.h"

struct said {			/* what a task wrote in the step at hand */
	struct str task;
	struct buf tail;	/* its end */
	size_t nlines;		/* ends of lines, in all of it */
	struct said *next;
};

struct repl {
	const struct repl_host *host;
	const struct repl_opts *opts;
	struct program *program;
	struct store *store;		/* NULL until a task is run */
	struct run_opts run;
	struct run_session *session;	/* NULL until something is evaluated */
	struct arena arena;		/* of the block or command at hand */
	struct courses courses;
	struct arena names;		/* of tasks, for `tasks` */
	struct map tasks;		/* addresses that the session has run */
	VEC(struct str) task_list;	/* the same in order */
	struct map envs;		/* that are ready -> struct str: which Python */
	struct said *said, *last_said;	/* in arena, but for its buffers */
	size_t nsaid;
	const struct program_input *in;	/* of the step at hand, and its pipeline */
	const struct module_pipeline *pipeline;
	int64_t step_ms;		/* time of the last step; -1: there was none */
	char *last_block;		/* for :edit; NULL: none */
	bool is_terminal;		/* a person sits there */
	bool is_over;
	int signal;			/* that ended it; 0: none did */
};

/* repl.c */
/* Reads text as it was typed: a command, or a block, which is run.  What came of it is
 * printed; the exit status that fits. */
int repl_eat(struct repl *r, struct str text);
/* Says a line (or several) on standard error, "kfpc: " not in front of it. */
void repl_say(const struct repl *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* On standard output; where nobody reads that any more the session is over. */
void repl_print(struct repl *r, const struct buf *out);
/* How results are shown now: the window's width, and what is in r's arena, change. */
struct show repl_show(struct repl *r);

/* talk.c: reads from a terminal until the session ends.  REPL_DONE, or 128 and the signal
 * that ended it. */
int repl_talk(struct repl *r);

/* complete.c: for edit.h; ctx is the struct repl. */
struct edit_choices;
size_t repl_complete(void *ctx, struct str text, size_t at, struct arena *a,
		     struct edit_choices *out);

/* step.c */
/* Makes the change, tells what it did to the entries of the session, and runs what it
 * makes necessary; or says why it is none.  The exit status that fits; in stays the
 * caller's. */
int repl_take(struct repl *r, enum program_verdict verdict, struct program_input *in);
/* Tells what a change did to the entries of the session. */
void repl_tell_changes(const struct repl *r, const struct program_input *in);
/* Evaluates an expression and hands over its value, good until the arena is cleared.
 * EXIT status; where it is not 0, it was said why. */
int repl_evaluate(struct repl *r, struct str text, struct program_input *in,
		  const struct type **type, struct value *value);

/* step_show.c */
/* Keeps the end of what tasks write, and shows it when the step is over. */
void step_said_event(struct repl *r, const struct run_event *e);
void step_said_show(struct repl *r, const struct run_result *result);
/* Is the node one of an entry that was added, or that is run again?  It then is
 * *entry. */
bool step_is_new(const struct program_input *in, const struct module_node *n,
		 const struct program_entry **entry);
/* Results of the entries that were added, on standard output. */
void step_show(struct repl *r, const struct program_input *in, const struct module *m,
	       const struct run_step_result *x);

/* command_run.c: runs a line that begins with a colon; the exit status that fits. */
int repl_command(struct repl *r, struct str line);

#define COMMAND(name, args, kinds, summary, help) \
	int command_##name(struct repl *r, const struct command_line *l);
#include "compiler/repl/command.def"
#undef COMMAND

/* A wrong use of the command: says so, with how it is used. */
int command_usage(const struct repl *r, enum command_id c, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A verb of the shell with these words, "--store" behind them. */
int command_verb(struct repl *r, const char *const *words, size_t n);

enum repl_status {	/* exit status; as doc/commands.md has it */
	REPL_DONE = 0, REPL_WRONG = 1, REPL_USAGE = 2, REPL_FAILED = 3, REPL_UNUSABLE = 4,
	REPL_INTERRUPTED = 130,
};

#endif
