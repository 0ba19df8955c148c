/* What a person (or a program) sees of a run while it goes on, on standard error.
 *
 *	struct progress p;
 *	progress_init(&p, PROGRESS_AUTO);
 *	opts.observe = progress_event, opts.arg = &p, opts.tick_ms = progress_tick_ms(&p);
 *	run_pipeline(...);
 *	progress_finish(&p);		the live block is gone
 *	... progress_tail(&p, "fit")	what a failed task said last
 *	progress_release(&p);
 *
 * Text that tasks wrote is shown with control bytes made visible. */
#ifndef KFPC_CLI_PROGRESS_H
#define KFPC_CLI_PROGRESS_H

#include "runtime/base/map.h"
#include "runtime/base/vec.h"
#include "runtime/vm/run.h"

enum progress_kind {
	PROGRESS_AUTO,		/* TTY on a terminal that can do it, else PLAIN */
	PROGRESS_TTY,		/* a live line for each running task, finished ones scroll */
	PROGRESS_PLAIN,		/* a line for each event */
	PROGRESS_JSON,		/* the journal's records as they are written */
	PROGRESS_QUIET,
	PROGRESS_NKINDS
};

struct progress_loop {		/* a loop, and what became of the tasks in it */
	struct str path;
	int64_t n;		/* iterations */
	int64_t started_ms, said_ms;
	size_t counts[TASK_NSTATES];
	bool is_over;
	struct progress_loop *next;
};

enum { PROGRESS_TAILS = 5 };	/* failed tasks whose last words are kept */

struct progress_task {		/* one that runs */
	struct str path, title;	/* title: the path, and the display name if it has one */
	int attempt;
	int64_t started_ms, said_ms;
	struct buf note;	/* its last metric point, or line of output */
	struct buf line;	/* output without its newline yet */
	struct buf tail;	/* the end of its standard error */
	struct progress_task *prev, *next;
};

struct progress {
	enum progress_kind kind;
	bool colour;
	char run_id[RUN_ID_CHARS + 1];
	int64_t started_ms, env_said_ms;
	struct arena arena;		/* paths */
	struct map by_path;		/* -> struct progress_task *, NULL once it has ended */
	struct progress_task *first, *last;	/* in the order of starting */
	size_t nrunning, nsucceeded, nfailed, nskipped;
	struct map loops;		/* -> struct progress_loop */
	struct progress_loop *first_loop, *last_loop;
	struct { struct str path; struct buf text; } tails[PROGRESS_TAILS];
	size_t ntails;
	struct buf env;			/* TTY: what the environments are doing */
	struct buf out;			/* lines to be written */
	VEC(size_t) drawn;		/* TTY: width of each line of the live block */
	int64_t drawn_ms;
};

/* The kind of this name; PROGRESS_NKINDS if there is none. */
enum progress_kind progress_find(const char *name);

void progress_init(struct progress *p, enum progress_kind kind);
void progress_release(struct progress *p);
int64_t progress_tick_ms(const struct progress *p);
/* The observer; arg is the struct progress. */
void progress_event(void *arg, const struct run_event *e);
/* Nothing more is drawn. */
void progress_finish(struct progress *p);
/* The last lines that a failed task wrote to standard error; empty if they are not
 * known. */
struct str progress_tail(const struct progress *p, struct str path);

/* progress_loop.c: loops with many iterations are told of as a whole. */
/* The loop in whose line the event is shown; NULL: it has a line of its own, if any. */
struct progress_loop *progress_loop_of(const struct progress *p, const struct run_event *e);
/* A loop begins or ends, or a task in l is at an end: it is counted. */
void progress_loop_note(struct progress *p, struct progress_loop *l,
			const struct run_event *e);
/* Is it time for a line about l because of this event: its end, or a few failures of
 * tasks that have lines of their own (*own)? */
bool progress_loop_due(const struct progress *p, struct progress_loop *l,
		       const struct run_event *e, bool *own);
/* "for x: 812 succeeded, 3 failed; 10000 iterations" */
void progress_loop_line(const struct progress_loop *l, struct buf *out);

/* progress_text.c: lines without newline, for both kinds of text. */
/* "fit succeeded 3.2 s accuracy=0.97"; false for events that have no line. */
bool progress_line(const struct progress *p, const struct run_event *e, struct buf *out);
/* progress_tty.c: removes the live block, writes p->out, draws the block anew. */
void progress_draw(struct progress *p, bool block);

#endif
