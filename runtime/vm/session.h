/* A session: one run that goes on step by step (the REPL).
 *
 * The session is a program that grows.  Each step brings the module of the program as it
 * now stands and says which nodes of one pipeline are wanted; those and all that they
 * read are decided as in any run, everything else is as if it were not there.  What ran
 * before is not run again: a task whose key (run_key.c) the session has seen succeed is
 * answered at once with what it gave then.  So a step costs what is new in it.
 *
 *	ss = run_session_open(store, &opts, &err);
 *	while (... a module, what is wanted ...)
 *		run_session_step(ss, &step, &arena, &result, &err);
 *	run_session_close(ss, &err);
 *
 * The run is made by the first step that wants a task; before that, and in steps that
 * want none, nothing is written.  A record `step` with module and text comes before the
 * first record of each step that has any.  A task that is called at the same address
 * again is its next attempt: numbers go on over the whole session.
 *
 * SIGINT, SIGTERM and SIGHUP cancel the step, not the session; between steps signals are
 * the caller's.  A session that is not closed leaves its run as a crash would: lost, with
 * all that was committed. */
#ifndef KFPC_VM_SESSION_H
#define KFPC_VM_SESSION_H

#include "runtime/vm/run.h"

struct run_session;

/* Borrows s, and what o points to.  Stubs are not for sessions.  NULL with err. */
struct run_session *run_session_open(struct store *s, const struct run_opts *o,
				     struct err *err);
/* Of a session that was opened without a store (s NULL): open gives it, borrowed, to the
 * first step that needs a run; or NULL with err, and that step fails. */
void run_session_ask_store(struct run_session *ss,
			   struct store *(*open)(void *ctx, struct err *err), void *ctx);

/* 36 characters; "" as long as there is no run. */
const char *run_session_id(const struct run_session *ss);

struct run_step {
	const struct module *m;
	struct str module_bytes;
	uint32_t pipeline;	/* it has no parameters without a default or value */
	const struct run_config *config;
	/* Of a node of the pipeline that is in no block (merges are asked for as the
	 * branch or try that they belong to): is it wanted?  NULL: all are. */
	bool (*wants)(void *ctx, const struct module_node *n);
	/* Who asks for it: the results of `cache = off` are good for the same number
	 * only.  Asked of the same nodes.  NULL: 0 for all. */
	uint64_t (*entry)(void *ctx, const struct module_node *n);
	void *ctx;
	struct str text;		/* as typed: for the journal */
};

/* What became of a node that was wanted, by its number in the pipeline; nodes in bodies
 * of loops are not listed, those in branches and tries are. */
struct run_step_node {
	const struct module_node *node;
	enum task_state state;		/* SUCCEEDED, FAILED, SKIPPED, CANCELLED */
	struct str error, place;	/* of one that failed by itself, and is no task */
	/* One for each of its outputs, as node_output_name and node_output_type count
	 * them; NULL unless it succeeded and has some. */
	const struct value *values;
	uint32_t nvalues;
};

struct run_step_result {
	struct run_result run;		/* state, error, tasks ... of this step alone */
	const struct run_step_node *nodes;	/* in the order of the pipeline */
	uint32_t nnodes;
	bool made_run;			/* the run began with this step */
	int signal;			/* that cancelled it; 0: none did */
};

/* Runs the step to its end.  0 whatever came of it; -1 with err if it cannot be begun (a
 * config that is wrong, a task that can never run here: the session goes on), or if the
 * run cannot be kept any more.  out lives in a, and as long as the module does.
 *
 * Tasks that were recalled have is_recalled, and are told to the observer in one event
 * (RUN_EVENT_TASK, SUCCEEDED, is_recalled).  Branches, loops, values and skipped tasks
 * that are as the session knows them are told with is_recalled, too.  RUN_EVENT_STARTED
 * comes once, when the run is made; RUN_EVENT_FINISHED when the session is closed.
 *
 * When it returns, all of it is in the run, for whoever reads that. */
int run_session_step(struct run_session *ss, const struct run_step *step, struct arena *a,
		     struct run_step_result *out, struct err *err);

/* Ends the run, if there is one, as succeeded, and frees ss; -1 with err if that could
 * not be written. */
int run_session_close(struct run_session *ss, struct err *err);

#endif
