/* One run that this process owns: its folder, journal, logs and metrics.
 *
 * Records are appended by the one thread that decides (the scheduler).  A helper thread
 * syncs the blobs stored since, then writes the records to the journal and syncs it, at
 * most every SYNC_MS; many commits share a sync.  A record counts as committed once
 * run_durable() has reached its number.
 *
 * When the disk is full or fails, run_sync_result, run_flush and from then on appends
 * return -1, nothing half-written is left behind a record (a torn tail is cut at once or
 * by the reader), and the run can still be read and resumed. */
#ifndef KFPC_STORE_RUN_H
#define KFPC_STORE_RUN_H

#include <stdint.h>

#include "runtime/store/store.h"

enum event {
#define EVENT(ID, name, members) EVENT_##ID,
#include "runtime/store/event.def"
#undef EVENT
	EVENT_N
};

const char *event_name(enum event e);

struct run;

enum { RUN_ID_CHARS = 36 };	/* UUIDv7 as text */

/* Makes a new run: ID, folder, run.json with the members given (a JSON object's inside
 * without braces: `"pipeline":"iris","name":"nightly",...`; id, created (ms since 1970)
 * and format are added), lock, empty journal.  Everything is durable when it returns.
 * module_bytes is kept as module.kfpb in the folder. */
struct run *run_create(struct store *s, struct str header_members,
		       struct str module_bytes, struct err *err);

const char *run_id(const struct run *r);	/* 36 characters */
const char *run_folder(const struct run *r);	/* absolute path */
struct str run_short_id(const char *id);	/* its last 8 characters */

/* Appends one record: members is the JSON inside, `"task":"fit","attempt":1`.  Returns
 * the record's number (from 1), or -1 with err.  Written, and durable, a little later. */
int64_t run_append(struct run *r, enum event e, struct str members, struct err *err);

/* Number of the last record known to be durable. */
int64_t run_durable(const struct run *r);
/* Readable when run_durable has moved or syncing failed; run_sync_result clears it and
 * returns 0, or -1 with err if a sync failed (the run must then end as failed). */
int run_sync_fd(const struct run *r);
int run_sync_result(struct run *r, struct err *err);
/* Waits until everything appended is durable. */
int run_flush(struct run *r, struct err *err);

/* Output of a task.  Bytes go to `logs`; where they are is journalled (TASK_LOG) by
 * run_log_end, and at least once a second while more arrive. */
struct run_log;
struct run_log *run_log_begin(struct run *r, struct str task, int attempt);
int run_log_write(struct run_log *l, bool is_stderr, struct str bytes, struct err *err);
int run_log_end(struct run_log *l, struct err *err);	/* frees l */
/* Journals what open logs hold since a second or longer: for whoever follows a run whose
 * tasks are silent now.  To be called about once a second. */
int run_log_tick(struct run *r, struct err *err);

/* A point of a metric: appended to `metrics`.  Static metrics have step 0. */
int run_metric(struct run *r, struct str task, int attempt, struct str name,
	       bool is_static, int64_t step, double value, int64_t time_ms,
	       struct err *err);

/* Work folder of an attempt, tasks/<path>.<attempt>/ ('/' in the path becomes '~'), made
 * with in/ and out/ where wanted; absolute, NUL-terminated, in a. */
struct str run_work_folder(struct run *r, struct str task, int attempt, bool in, bool out,
			   struct arena *a, struct err *err);
void run_remove_work_folder(struct run *r, struct str task, int attempt);

/* Appends RUN_FINISHED with members (a "state" among them is the caller's; without one,
 * state is added), makes it durable, writes DONE, fills the index, and releases the lock.
 * The run is freed whatever happens. */
int run_finish(struct run *r, const char *state, struct str members, struct err *err);
/* Leaves it as a crash would: frees memory and descriptors only. */
void run_abandon(struct run *r);

#endif
