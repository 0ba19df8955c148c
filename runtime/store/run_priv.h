/* A run from inside: shared by run.c, run_log.c and run_sync.c. */
#ifndef KFPC_STORE_RUN_PRIV_H
#define KFPC_STORE_RUN_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "runtime/store/index.h"
#include "runtime/store/run.h"

enum {
	SYNC_MS = 5,			/* commits within this time share a sync */
	RESERVE_BYTES = 256 << 10,	/* kept to journal that the disk is full */
};

/* A file that only grows.  Only one thread writes: the one that syncs to the journal,
 * the scheduler's to the others. */
struct tail {
	int fd;
	int64_t size_bytes;
	bool is_torn;		/* a write failed: the file may be longer */
	atomic_bool is_dirty;	/* written since the last sync */
};

struct run {
	struct store *store;
	char id[RUN_ID_CHARS + 1];
	char *folder;
	int fd, lock_fd;
	struct tail journal, metrics, logs;	/* the last two are made when needed */
	int64_t nmetrics;
	struct run_log *open_logs;
	atomic_bool reserve_is_gone;
	struct run_brief brief;		/* for the index, counted with each record */
	bool has_steps;			/* it is a session's */
	struct arena arena;		/* of brief's strings */
	struct buf record;		/* the metric being put together */
	atomic_bool folder_is_dirty;	/* a file was made in it since the last sync */

	atomic_llong appended, durable;	/* numbers of records */
	struct buf batch;		/* the thread's: records whose turn it is */
	int event_fd;
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock;		/* of what follows */
	pthread_cond_t wake, synced;
	struct buf pending;		/* records that wait for the next sync */
	bool is_idle;			/* the thread waits for something to sync */
	bool is_urgent, is_closing;
	bool has_failed;
	struct err failure;
};

/* Appends to the file in one write; cuts off what a failed write left.  -1 with errno. */
int tail_append(struct tail *t, struct str bytes);
/* Opens or makes the file in the run's folder; sets t->fd. */
int tail_open(struct run *r, struct tail *t, const char *name, struct err *err);

int run_sync_start(struct run *r, struct err *err);
/* Hands a record over; returns its number, or -1 with err once something has failed. */
int64_t run_sync_add(struct run *r, enum event e, struct str members, struct err *err);
/* Ends the thread, without another sync. */
void run_sync_stop(struct run *r);

#endif
