/* What a run did, told to the graphs by address.
 *
 * The address of a task is its path in the run with * in place of the numbers of
 * iterations: "search/x[*]/fit".  All tasks of one address are counted together, and so
 * are those of the calls and loops around them. */
#ifndef KFPC_EXPORT_GRAPH_RUN_H
#define KFPC_EXPORT_GRAPH_RUN_H

#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/map.h"
#include "runtime/base/vec.h"

enum graph_state {
	GRAPH_PENDING, GRAPH_RUNNING, GRAPH_SUCCEEDED, GRAPH_CACHED, GRAPH_FAILED,
	GRAPH_SKIPPED, GRAPH_CANCELLED,
	GRAPH_NSTATES
};

/* A run as whoever has the store tells it. */
struct export_run {
	struct str id, name, state;
	int64_t started_ms, ended_ms;	/* 0: not known */
	const struct export_task {
		struct str path, state;		/* state: as the language names it */
		int64_t started_ms, ended_ms;	/* 0: not yet, or never */
	} *tasks;
	const struct export_loop {
		struct str path;
		int64_t niterations;
		bool is_skipped;
	} *loops;
	size_t ntasks, nloops;
};

struct graph_tally {
	struct str address;
	bool is_group;			/* a call, or a loop's body: "x[*]" */
	uint64_t n, counts[GRAPH_NSTATES];	/* of tasks */
	int64_t started_ms, ended_ms;	/* the first start and the last end */
	uint64_t nloops, niterations;	/* of a loop, with address "x" */
};

struct graph_run {
	const struct export_run *run;
	struct map tallies;
	VEC(struct graph_tally *) all;	/* in the order of the run */
};

void graph_run_init(struct graph_run *r, const struct export_run *run, struct arena *a);
void graph_run_release(struct graph_run *r);
/* NULL where nothing has this address. */
const struct graph_tally *graph_run_find(const struct graph_run *r, struct str address);

/* "x[*]/fit" of "x[12]/fit" */
struct str graph_address(struct str path, struct arena *a);
const char *graph_state_name(enum graph_state s);
/* "succeeded, 1.2 s", "8 succeeded, 2 failed, 4.1 s", "" for no tasks. */
void graph_tally_words(const struct graph_tally *t, struct buf *out);
/* ", 1.2 s" between two times; nothing where one is not known. */
void graph_add_time(int64_t started_ms, int64_t ended_ms, struct buf *out);
/* "3 iterations"; "" where it is no loop. */
void graph_loop_words(const struct graph_tally *t, struct buf *out);

#endif
