/* The list of runs, by the index where it can help.
 *
 * The index (index.db, SQLite) is derived from the runs' folders: it may be deleted,
 * damaged or of another version at any time, and is then made anew; where it cannot be
 * used or written the journals are read instead.  Nothing here is an error of the run or
 * of the listing. */
#ifndef KFPC_STORE_INDEX_H
#define KFPC_STORE_INDEX_H

#include "runtime/base/vec.h"
#include "runtime/store/run.h"

/* What a list of runs shows of one. */
struct run_brief {
	char id[RUN_ID_CHARS + 1];
	struct str pipeline, name, state;
	int64_t created_ms, ended_ms;	/* ended_ms 0: not yet, or not known */
	int64_t ntasks, nsucceeded, ncached, nfailed, nskipped, ncancelled;
	int64_t journal_bytes;		/* how much of the journal this was made of */
	bool is_damaged;
};

struct run_list {
	struct arena arena;
	VEC(struct run_brief) at;	/* newest first */
};

/* Counts one task that ended in this state. */
void run_brief_count(struct run_brief *b, struct str state);

/* All runs, or the newest `limit` where that is not 0.  What the index did not know of
 * finished runs is put into it where it can be written. */
int run_list_load(const struct store *s, size_t limit, struct run_list *out,
		  struct err *err);
void run_list_release(struct run_list *l);

/* The IDs of all runs and when they were made, newest first; nothing else is filled
 * in. */
int run_ids(const struct store *s, struct run_list *out, struct err *err);

/* Puts finished runs into the index, in one transaction.  False if that did not work. */
bool index_put(const struct store *s, const struct run_brief *at, size_t n);

#endif
