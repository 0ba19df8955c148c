/* The records of a run as they are written, by whatever process: those of its journal and
 * of its metrics, in the order of their times.
 *
 *	struct run_follow *f = run_follow_open(s, id, &err);
 *	do {
 *		goes_on = run_follow_read(f);
 *		while (run_follow_next(f, &rec))
 *			...
 *	} while (goes_on && !f_has_ended && (sleep a little, true));
 *	run_follow_close(f);
 *
 * What is damaged is passed over, as view.h does.  Each byte is read once. */
#ifndef KFPC_STORE_FOLLOW_H
#define KFPC_STORE_FOLLOW_H

#include <stdint.h>

#include "runtime/store/run.h"

struct run_follow;

struct follow_record {
	enum event event;	/* EVENT_N: a metric's point, or what a newer kfpc wrote */
	bool is_metric;
	int64_t time_ms;	/* since 1970 */
	struct str line;	/* the record, until the next call */
	struct str members;	/* what is behind its event, JSON without braces */
};

/* NULL with err if there is no such run. */
struct run_follow *run_follow_open(const struct store *s, const char *id,
				   struct err *err);
void run_follow_close(struct run_follow *f);
/* Before anything is read: so much of the journal is known already. */
void run_follow_skip(struct run_follow *f, int64_t bytes, int64_t records);
/* Reads what is new.  Is its owner at work?  If not, all that there will be has been
 * read. */
bool run_follow_read(struct run_follow *f);
/* The next record of what was read.  A point waits until the journal has come as far, if
 * that does not take too long. */
bool run_follow_next(struct run_follow *f, struct follow_record *out);

#endif
