/* What a person (or a program) sees of a run while it goes on, on standard error; or on
 * another descriptor, of a run that another process makes.
 *
 *	struct progress p;
 *	progress_init(&p, PROGRESS_AUTO, STDERR_FILENO);
 *	progress_plan(&p, m, pipeline);		if it is known
 *	opts.observe = progress_event, opts.arg = &p, opts.tick_ms = progress_tick_ms(&p);
 *	run_pipeline(...);
 *	progress_finish(&p);		the live block stands still, for good
 *	... progress_tail(&p, "fit")	what a failed task said last
 *	progress_release(&p);
 *
 * The live block (live.h) is drawn at most ten times a second, by one write each time;
 * the terminal is left in no other state in between, so that there is nothing to clean up
 * after a process that is killed.  Text that tasks wrote is shown with control bytes made
 * visible. */
#ifndef KFPC_CLI_PROGRESS_H
#define KFPC_CLI_PROGRESS_H

#include "compiler/cli/live.h"
#include "runtime/base/map.h"
#include "runtime/base/vec.h"
#include "runtime/vm/run.h"

enum progress_kind {
	PROGRESS_AUTO,		/* TTY on a terminal that can do it, else PLAIN */
	PROGRESS_TTY,		/* a block, a line for each component, drawn in place */
	PROGRESS_PLAIN,		/* a line for each event */
	PROGRESS_JSON,		/* the journal's records as they are written */
	PROGRESS_QUIET,
	PROGRESS_NKINDS
};

struct progress_loop {		/* PLAIN: a loop, and what became of the tasks in it */
	struct str path;
	int64_t n;		/* iterations */
	int64_t started_ms, said_ms, last_ms;	/* last: something happened in it */
	size_t counts[TASK_NSTATES];
	bool is_over;
	struct progress_loop *next;
};

enum { PROGRESS_TAILS = 5 };	/* failed tasks whose last words are kept */

struct progress_task {		/* one that runs */
	struct str path;
	int64_t said_ms;
	struct buf line;	/* output without its newline yet */
	struct buf tail;	/* the end of its standard error */
	struct progress_task *prev, *next;
};

struct progress {
	enum progress_kind kind;
	int fd;
	bool colour;
	/* Whoever shows what came of it says so: no line about the run and what went
	 * well, and the block goes away at its end.  To be set before the first event. */
	bool is_brief;
	char run_id[RUN_ID_CHARS + 1];
	int64_t at_ms;			/* io_monotonic_ms of the event at hand */
	int64_t env_said_ms;
	struct arena arena;		/* paths of loops and tails */
	struct map by_path;		/* -> struct progress_task *, of those that run */
	struct progress_task *first;
	struct map loops;		/* -> struct progress_loop */
	struct progress_loop *first_loop, *last_loop;
	struct { struct str path; struct buf text; } tails[PROGRESS_TAILS];
	size_t ntails;
	struct buf out;			/* lines to be written */
	struct live live;		/* TTY */
	VEC(size_t) drawn;		/* TTY: width of each line that is on the screen */
	int64_t drawn_ms, cost_ms;	/* when it was drawn, and how long that took */
};

/* The kind of this name; PROGRESS_NKINDS if there is none. */
enum progress_kind progress_find(const char *name);

void progress_init(struct progress *p, enum progress_kind kind, int fd);
void progress_release(struct progress *p);
/* What will run, for lines that wait.  Borrows m until progress_release. */
void progress_plan(struct progress *p, const struct module *m, uint32_t pipeline);
int64_t progress_tick_ms(const struct progress *p);
/* The observer; arg is the struct progress. */
void progress_event(void *arg, const struct run_event *e);
/* The same of something that happened at another time, of io_monotonic_ms. */
void progress_event_at(struct progress *p, const struct run_event *e, int64_t at_ms);
/* Nothing more is drawn. */
void progress_finish(struct progress *p);
/* The last lines that a failed task wrote to standard error; empty if they are not
 * known. */
struct str progress_tail(const struct progress *p, struct str path);

/* progress_loop.c: in PLAIN, loops with many iterations are told of as a whole. */
/* The loop in whose line the event is shown; NULL: it has a line of its own, if any. */
struct progress_loop *progress_loop_of(const struct progress *p,
				       const struct run_event *e);
/* A loop begins or ends, or a task in l is at an end: it is counted. */
void progress_loop_note(struct progress *p, struct progress_loop *l,
			const struct run_event *e);
/* Is it time for a line about l because of this event: its end, or a few failures of
 * tasks that have lines of their own (*own)? */
bool progress_loop_due(const struct progress *p, struct progress_loop *l,
		       const struct run_event *e, bool *own);
/* A loop with a line of its own whose end nobody told, which is over by that; NULL:
 * none. */
struct progress_loop *progress_loop_left(struct progress *p);
/* "for x: 812 succeeded, 3 failed; 10000 iterations" */
void progress_loop_line(const struct progress_loop *l, struct buf *out);

/* progress_text.c: lines without newline, for both kinds of text. */
/* "fit succeeded 3.2 s accuracy=0.97"; false for events that have no line. */
bool progress_line(const struct progress *p, const struct run_event *e, struct buf *out);
/* " accuracy=0.97": the numbers among the outputs of a task, of its record. */
void progress_add_outputs(struct buf *out, struct str record);
/* A word for a state, in its colour. */
void progress_add_state(enum task_state s, const char *word, bool colour,
			struct buf *out);

/* progress_tty.c: notes when the process goes on after it was stopped (Ctrl-Z). */
void progress_tty_init(void);
/* Puts p->out and then the live block in the place of the block that is
 * there; or, if that is the last one, for good. */
void progress_draw(struct progress *p, bool is_last);

#endif
