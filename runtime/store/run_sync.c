#include <config.h>

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/store/priv.h"
#include "runtime/store/record.h"
#include "runtime/store/run_priv.h"

static int sync_tail(const struct run *r, struct tail *t)
{
	if (!atomic_exchange(&t->is_dirty, false))
		return 0;
	return store_sync_data(r->store, t->fd);
}

/* On a full disk the room kept for the journal is given to it, once. */
static int write_batch(struct run *r)
{
	struct str records = buf_str(&r->batch);

	if (!tail_append(&r->journal, records))
		return 0;
	if ((errno != ENOSPC && errno != EDQUOT) || r->reserve_is_gone)
		return -1;
	r->reserve_is_gone = true;
	unlinkat(r->fd, "reserve", 0);
	return tail_append(&r->journal, records);
}

/* The order is the promise: a record speaks only of durable bytes.  So it is not even
 * written before they are: the kernel may put any of what was written on the disk first,
 * and a sync of the journal would take along the records of blobs that came since. */
static int sync_all(struct run *r, struct err *err)
{
	if (cas_sync(r->store, err))
		return -1;
	if ((atomic_exchange(&r->folder_is_dirty, false) &&
	     store_sync(r->store, r->fd)) ||
	    sync_tail(r, &r->logs) || sync_tail(r, &r->metrics))
		return err_sys(err, "cannot sync %s", r->folder);
	if (write_batch(r))
		return err_sys(err, "cannot write to %s/journal", r->folder);
	if (sync_tail(r, &r->journal))
		return err_sys(err, "cannot sync %s/journal", r->folder);
	return 0;
}

static void announce(struct run *r)
{
	uint64_t one = 1;

	while (write(r->event_fd, &one, sizeof one) < 0 && errno == EINTR)
		;
}

/* Called with the lock held, which is let go meanwhile.  After a failed sync nobody knows
 * what is on the disk, and the kernel may call the next one a success: nothing of this
 * run becomes durable any more. */
static void sync_once(struct run *r)
{
	int64_t upto = atomic_load(&r->appended);
	struct buf records = r->pending;
	struct err err;
	int rc;

	r->pending = r->batch;
	r->batch = records;
	pthread_mutex_unlock(&r->lock);
	rc = sync_all(r, &err);
	buf_clear(&r->batch);
	pthread_mutex_lock(&r->lock);
	if (rc) {
		r->has_failed = true;
		r->failure = err;
	} else {
		atomic_store(&r->durable, upto);
	}
	pthread_cond_broadcast(&r->synced);
	announce(r);
}

static bool has_work(const struct run *r)
{
	return !r->has_failed && atomic_load(&r->durable) < atomic_load(&r->appended);
}

static struct timespec after_ms(long ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += ms * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/* The first commit after a pause waits for SYNC_MS too: those that come with it share. */
static void *sync_main(void *arg)
{
	struct run *r = arg;

	pthread_mutex_lock(&r->lock);
	for (;;) {
		struct timespec until;

		r->is_idle = true;
		while (!has_work(r) && !r->is_closing)
			pthread_cond_wait(&r->wake, &r->lock);
		r->is_idle = false;
		if (r->is_closing)
			break;
		until = after_ms(SYNC_MS);
		while (!r->is_urgent && !r->is_closing &&
		       pthread_cond_timedwait(&r->wake, &r->lock, &until) != ETIMEDOUT)
			;
		sync_once(r);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

int run_sync_start(struct run *r, struct err *err)
{
	sigset_t all, before;
	int rc;

	/* Signals are for the thread that decides. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&r->thread, NULL, sync_main, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc) {
		errno = rc;
		return err_sys(err, "cannot start a thread");
	}
	r->has_thread = true;
	return 0;
}

int64_t run_sync_add(struct run *r, enum event e, struct str members, struct err *err)
{
	int64_t number = -1;

	pthread_mutex_lock(&r->lock);
	if (r->has_failed) {
		if (err)
			*err = r->failure;
	} else {
		number = atomic_load(&r->appended) + 1;
		record_write(&r->pending, io_now_ms(), number, event_name(e), members);
		atomic_store(&r->appended, number);
		if (r->is_idle)
			pthread_cond_signal(&r->wake);
	}
	pthread_mutex_unlock(&r->lock);
	return number;
}

void run_sync_stop(struct run *r)
{
	if (!r->has_thread)
		return;
	pthread_mutex_lock(&r->lock);
	r->is_closing = true;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	r->has_thread = false;
}

int64_t run_durable(const struct run *r)
{
	return atomic_load(&r->durable);
}

int run_sync_fd(const struct run *r)
{
	return r->event_fd;
}

int run_sync_result(struct run *r, struct err *err)
{
	uint64_t count;
	int rc = 0;

	while (read(r->event_fd, &count, sizeof count) < 0 && errno == EINTR)
		;
	pthread_mutex_lock(&r->lock);
	if (r->has_failed) {
		rc = -1;
		if (err)
			*err = r->failure;
	}
	pthread_mutex_unlock(&r->lock);
	return rc;
}

int run_flush(struct run *r, struct err *err)
{
	int rc = 0;

	pthread_mutex_lock(&r->lock);
	r->is_urgent = true;
	pthread_cond_signal(&r->wake);
	while (has_work(r))
		pthread_cond_wait(&r->synced, &r->lock);
	r->is_urgent = false;
	if (r->has_failed) {
		rc = -1;
		if (err)
			*err = r->failure;
	}
	pthread_mutex_unlock(&r->lock);
	return rc;
}
