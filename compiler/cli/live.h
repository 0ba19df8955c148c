/* What a run looks like while it goes on: a tree of lines, one for each component, loop
 * and called pipeline, that follows the events of a run and can be put into words at any
 * time.
 *
 *	struct live l;
 *	live_init(&l, colour, now_ms);
 *	live_plan(&l, m, pipeline);		what will run: lines that wait
 *	live_event(&l, &event, now_ms);
 *	live_block(&l, 80, 24, now_ms, &out);	at most 24 rows of at most 80 columns
 *	live_release(&l);
 *
 * A loop is one line that counts its tasks; those that run have lines below it until they
 * end.  Without a plan lines come as tasks do.  Times are in ms, of any clock, but of one
 * only.
 *
 * Work: an event costs as many steps as its path has parts, a block as many as there are
 * lines.  Of loops only what runs is kept. */
#ifndef KFPC_CLI_LIVE_H
#define KFPC_CLI_LIVE_H

#include "runtime/base/map.h"
#include "runtime/base/vec.h"
#include "runtime/vm/run.h"

enum live_kind { LIVE_TASK, LIVE_CALL, LIVE_LOOP };

struct live_scope;		/* a pipeline in its place: live_plan.c */

struct live_line {
	enum live_kind kind;
	struct str path;
	struct str label;	/* its part of the path; a task's has its display name */
	struct live_line *parent, *first, *last, *prev, *next;
	struct live_scope *scope;	/* of its node; NULL: not planned */
	uint32_t node;
	bool is_in_loop;	/* a task that goes away when it ends */
	bool is_covered;	/* failed, and there is an except for it */
	enum task_state state;
	int attempt;
	int64_t started_ms, ended_ms;
	int64_t retry_ms;	/* when the next attempt starts; 0: none is waited for */
	int64_t niterations;	/* LOOP */
	int64_t ntasks;		/* LOOP: tasks in an iteration, -1: not known */
	/* CALL: of the tasks and loops in it; LOOP: of all tasks in it. */
	size_t counts[TASK_NSTATES];
	size_t serial;		/* among what ended, or, of failed tasks, what failed */
	struct buf note;	/* the last progress, metric or line of output; an error */
	struct live_line *spoke;	/* LOOP: the task in it with the newest note */
	int64_t key;		/* of the drawing: small ones are shown first */
	bool is_shown;
};

struct live {
	struct arena arena;
	struct map lines;		/* by path */
	struct live_line root;		/* a CALL: the run */
	size_t nlines, nended, nfailed;
	size_t counts[TASK_NSTATES];	/* of tasks, those in loops among them */
	struct map building;		/* environments being built: name -> itself */
	struct buf env;			/* what they are doing */
	int64_t started_ms;
	bool colour;
	size_t name_columns, time_columns;	/* only grow, so that nothing jumps */
	VEC(struct live_line *) chosen;
};

void live_init(struct live *l, bool colour, int64_t now_ms);
void live_release(struct live *l);
/* Lines for what a run of the pipeline will do.  Borrows m until live_release. */
void live_plan(struct live *l, const struct module *m, uint32_t pipeline);
void live_event(struct live *l, const struct run_event *e, int64_t now_ms);
/* The line of a task that runs says this from now on: text without control bytes. */
void live_note(struct live *l, struct str path, struct str note);
/* Nothing happens any more: loops and tasks that nobody ended are at an end. */
void live_end(struct live *l, int64_t now_ms);

/* Lines with newlines: the most useful that fit in `rows` rows of `columns` columns, one
 * that counts the rest, and one that counts all.  Returns how many. */
size_t live_block(struct live *l, unsigned columns, unsigned rows, int64_t now_ms,
		  struct buf *out);
/* The same at the end of a run: at most `rows` lines, without the count of all. */
void live_last_block(struct live *l, unsigned columns, unsigned rows, int64_t now_ms,
		     struct buf *out);

/* live_plan.c: what a line that waits is waiting for: "fit, split"; false if it waits for
 * no other line. */
bool live_waits_for(const struct live_line *line, struct buf *out);
/* A loop that the line comes after and that is not at its end; NULL if there is none. */
struct live_line *live_loop_before(const struct live_line *line);
/* The environment that it needs is being built. */
bool live_waits_for_env(const struct live *l, const struct live_line *line,
			struct str *name);

/* For live_plan.c: a new line, the last one below parent.  path lives as long as l. */
struct live_line *live_add(struct live *l, struct live_line *parent, enum live_kind kind,
			   struct str path);

#endif
