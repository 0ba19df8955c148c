/* `kfpc repl`: a session in which a program is written and run bit by bit.
 *
 * What was typed is text (program.h), run as steps of one run (runtime/vm/session.h) and
 * read from a terminal (edit.h) or from a script.  This is the whole of it: the loop, the
 * commands that begin with a colon, and how results are shown.  What belongs to the
 * command line (finding files, the shell's verbs, progress of a run) comes from a
 * host. */
#ifndef KFPC_REPL_REPL_H
#define KFPC_REPL_REPL_H

#include "compiler/ir/compile.h"
#include "runtime/vm/run.h"

struct repl_host {
	void *ctx;
	struct sema_loader loader;	/* of files that are imported */
	/* Adds what is wrong with the contents of components; NULL: they are not
	 * checked. */
	void (*check_contents)(const char *path, struct compilation *c);
	/* Runs a verb of the shell ("show", "@last", "--store", ...), which prints what
	 * it has to say; its exit status. */
	int (*verb)(void *ctx, int argc, const char *const *argv);
	/* Around each step: what is seen of it while it goes on, on standard error. */
	void (*progress_begin)(void *ctx);
	void (*progress_event)(void *ctx, const struct run_event *e);
	void (*progress_end)(void *ctx);
	/* What its failed tasks said last, as `kfpc run` tells it. */
	void (*failures)(void *ctx, const struct run_result *r, struct buf *out);
};

struct repl_opts {
	const char *file;		/* loaded first; NULL: none */
	const char *const *expressions;	/* -e: these in order, and nothing is read */
	size_t nexpressions;
	const char *store;		/* --store; NULL: the one at hand */
	struct run_opts run;		/* observe, arg and tick_ms are the host's */
	bool is_json;			/* results as JSON, one object a line */
	bool colour;
};

/* Holds the session until its input ends; the exit status. */
int repl(const struct repl_host *host, const struct repl_opts *opts);

#endif
