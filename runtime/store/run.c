#include <config.h>

#include "runtime/store/run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/store/priv.h"
#include "runtime/store/record.h"
#include "runtime/store/run_priv.h"
#include "runtime/store/uuid.h"
#include "runtime/value/json.h"

enum { WORK_NAME_MAX = 200 };	/* of the 255 bytes that a file name may have */

const char *event_name(enum event e)
{
	static const char *const names[] = {
#define EVENT(ID, name, members) [EVENT_##ID] = name,
#include "runtime/store/event.def"
#undef EVENT
	};

	return names[e];
}

const char *run_id(const struct run *r)
{
	return r->id;
}

const char *run_folder(const struct run *r)
{
	return r->folder;
}

struct str run_short_id(const char *id)
{
	size_t n = strlen(id);

	return str_sub((struct str){id, n}, n < 8 ? 0 : n - 8, n);
}

int tail_append(struct tail *t, struct str bytes)
{
	ssize_t n;
	int saved;

	if (t->is_torn && ftruncate(t->fd, t->size_bytes))
		return -1;
	t->is_torn = false;
	do
		n = write(t->fd, bytes.p, bytes.n);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)bytes.n) {
		t->size_bytes += n;
		t->is_dirty = true;
		return 0;
	}
	/* A short write of a file means that there is no room for the rest. */
	saved = n < 0 ? errno : ENOSPC;
	t->is_torn = ftruncate(t->fd, t->size_bytes) != 0;
	errno = saved;
	return -1;
}

int tail_open(struct run *r, struct tail *t, const char *name, struct err *err)
{
	t->fd = store_make_file(r->fd, name, 0600);
	if (t->fd < 0)
		return err_sys(err, "cannot make %s/%s", r->folder, name);
	atomic_store(&r->folder_is_dirty, true);
	return 0;
}

/* Counts what the list of runs shows. */
static void count_record(struct run *r, enum event e, struct str members)
{
	switch (e) {
	case EVENT_TASK_FINISHED:
		run_brief_count(&r->brief, record_member(members, STR("state")));
		break;
	case EVENT_TASK_SKIPPED:
		run_brief_count(&r->brief, STR("skipped"));
		break;
	case EVENT_STEP:
		r->has_steps = true;
		break;
	case EVENT_TASK_CACHED:
	case EVENT_RUN_STARTED:
	case EVENT_TASK_STARTED:
	case EVENT_TASK_LOG:
	case EVENT_TASK_RETRY:
	case EVENT_VALUE:
	case EVENT_BRANCH:
	case EVENT_LOOP:
	case EVENT_ENV_READY:
	case EVENT_RUN_FINISHED:
	case EVENT_N:
		break;
	}
}

int64_t run_append(struct run *r, enum event e, struct str members, struct err *err)
{
	int64_t number;

	if (members.n && memchr(members.p, '\n', members.n))
		BUG("a journal record with a newline in it");
	number = run_sync_add(r, e, members, err);
	if (number > 0)
		count_record(r, e, members);
	return number;
}

static struct run *run_new(struct store *s)
{
	struct run *r = calloc(1, sizeof *r);
	pthread_condattr_t clock;

	if (!r)
		err_nomem();
	r->store = s;
	r->fd = r->lock_fd = r->event_fd = -1;
	r->journal.fd = r->metrics.fd = r->logs.fd = -1;
	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&r->wake, &clock);
	pthread_cond_init(&r->synced, &clock);
	pthread_condattr_destroy(&clock);
	return r;
}

static void run_free(struct run *r)
{
	run_sync_stop(r);
	for (int *fd = (int[]){r->journal.fd, r->metrics.fd, r->logs.fd, r->event_fd,
			       r->lock_fd, r->fd, -2};
	     *fd != -2; fd++)
		if (*fd >= 0)
			close(*fd);
	pthread_mutex_destroy(&r->lock);
	pthread_cond_destroy(&r->wake);
	pthread_cond_destroy(&r->synced);
	buf_release(&r->record);
	buf_release(&r->pending);
	buf_release(&r->batch);
	arena_release(&r->arena);
	free(r->folder);
	free(r);
}

/* One file of the folder, written and synced. */
static int write_file(const struct run *r, const char *name, struct str bytes)
{
	int fd = store_make_file(r->fd, name, 0600), rc;

	if (fd < 0)
		return -1;
	rc = io_write_all(fd, bytes) || store_sync_data(r->store, fd) ? -1 : 0;
	return close(fd) ? -1 : rc;
}

/* Without room for a reserve there is none: the run may still fit. */
static void make_reserve(struct run *r)
{
	int fd = store_make_file(r->fd, "reserve", 0600);

	r->reserve_is_gone = fd < 0 || posix_fallocate(fd, 0, RESERVE_BYTES);
	if (r->reserve_is_gone)
		unlinkat(r->fd, "reserve", 0);
	if (fd >= 0)
		close(fd);
}

static void header_write(const struct run *r, struct str members, struct buf *out)
{
	buf_addf(out, "{\"format\":1,\"id\":\"%s\",\"created\":%" PRId64, r->id,
		 r->brief.created_ms);
	if (members.n) {
		buf_addc(out, ',');
		buf_add(out, members);
	}
	buf_addz(out, "}\n");
}

static struct str header_str(struct value header, struct str key)
{
	const struct value *v = value_get(header, key);

	return v && v->kind == VALUE_STR ? *v->s : STR("");
}

static void brief_init(struct run *r, struct str header)
{
	struct value v;
	struct err err;

	if (json_parse(&r->arena, header, &v, &err))
		BUG("the header of a run: %s", err.text);
	r->brief.pipeline = header_str(v, STR("pipeline"));
	r->brief.name = header_str(v, STR("name"));
}

/* The files of a new run, in a folder that nobody sees yet. */
static int fill_folder(struct run *r, struct str members, struct str module,
		       struct err *err)
{
	struct buf header = {0};
	int rc = -1;

	header_write(r, members, &header);
	brief_init(r, buf_str(&header));
	r->lock_fd = store_make_file(r->fd, "lock", 0600);
	if (r->lock_fd < 0 || store_lock_fd(r->lock_fd) ||
	    write_file(r, "run.json", buf_str(&header)) ||
	    write_file(r, "module.kfpb", module)) {
		err_sys(err, "cannot make the folder of the run in %s",
			store_path(r->store));
		goto out;
	}
	if (tail_open(r, &r->journal, "journal", err))
		goto out;
	make_reserve(r);
	if (store_sync(r->store, r->journal.fd) || store_sync(r->store, r->fd)) {
		err_sys(err, "cannot sync the folder of the run in %s",
			store_path(r->store));
		goto out;
	}
	rc = 0;
out:
	buf_release(&header);
	return rc;
}

/* Made in the temporary folder and moved whole, so that a run is there with all that
 * belongs to it, its lock held, or not at all. */
static int make_folder(struct run *r, struct str members, struct str module,
		       struct err *err)
{
	struct store *s = r->store;

	if (!store_tmp(s, err) || store_make_dir(s->tmp_fd, r->id, err))
		return -1;
	r->fd = openat(s->tmp_fd, r->id, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->fd < 0)
		return err_sys(err, "%s/%s", s->tmp_path, r->id);
	if (fill_folder(r, members, module, err))
		return -1;
	if (renameat(s->tmp_fd, r->id, s->runs_fd, r->id) || store_sync(s, s->runs_fd))
		return err_sys(err, "cannot make %s", r->folder);
	return 0;
}

struct run *run_create(struct store *s, struct str header_members,
		       struct str module_bytes, struct err *err)
{
	struct run *r = run_new(s);

	uuid_make(r->id);
	memcpy(r->brief.id, r->id, sizeof r->id);
	r->brief.created_ms = io_now_ms();
	if (asprintf(&r->folder, "%s/runs/%s", store_path(s), r->id) < 0)
		err_nomem();
	r->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->event_fd < 0) {
		err_sys(err, "cannot start a run");
		goto failed;
	}
	if (make_folder(r, header_members, module_bytes, err) || run_sync_start(r, err))
		goto failed;
	return r;
failed:
	run_free(r);
	return NULL;
}

/* A task's path as a file name; one that is too long is cut and told apart by a
 * digest. */
static struct str work_path(struct run *r, struct str task, int attempt, struct arena *a)
{
	struct str name = arena_printf(a, "%.*s", STR_ARG(task));
	char *at = arena_dup(a, name.p, name.n + 1);

	for (size_t i = 0; i < name.n; i++)
		if (at[i] == '/')
			at[i] = '~';
	name.p = at;
	if (name.n > WORK_NAME_MAX) {
		struct digest d = sha256_of(task);

		name = arena_printf(a, "%.*s~%.16s", WORK_NAME_MAX - 20, at, d.hex);
	}
	return arena_printf(a, "%s/tasks/%.*s.%d", r->folder, STR_ARG(name), attempt);
}

struct str run_work_folder(struct run *r, struct str task, int attempt, bool in, bool out,
			   struct arena *a, struct err *err)
{
	struct str path = work_path(r, task, attempt, a);

	if (store_make_dir(r->fd, "tasks", err) ||
	    store_make_dir(AT_FDCWD, path.p, err) ||
	    (in && store_make_dir(AT_FDCWD, io_join(a, path, STR("in")).p, err)) ||
	    (out && store_make_dir(AT_FDCWD, io_join(a, path, STR("out")).p, err)))
		return (struct str){0};
	return path;
}

void run_remove_work_folder(struct run *r, struct str task, int attempt)
{
	struct arena a = {0};

	io_remove_tree(work_path(r, task, attempt, &a).p, NULL);
	arena_release(&a);
}

static int write_done(struct run *r, const char *state, struct err *err)
{
	struct arena a = {0};
	struct str path = arena_printf(&a, "%s/DONE", r->folder), text;
	int rc;

	text = arena_printf(&a,
			    "{\"state\":\"%s\",\"ended\":%" PRId64 ",\"records\":%lld,"
			    "\"bytes\":%" PRId64 "}\n", state, r->brief.ended_ms,
			    (long long)atomic_load(&r->appended), r->journal.size_bytes);
	rc = io_write_file(path.p, text, 0600, !r->store->forgoes_sync, err);
	arena_release(&a);
	return rc;
}

static int append_end(struct run *r, const char *state, struct str members,
		      struct err *err)
{
	struct buf all = {0};
	int64_t n;

	if (!record_member(members, STR("state")).n)
		buf_addf(&all, "\"state\":\"%s\"%s", state, members.n ? "," : "");
	buf_add(&all, members);
	n = run_append(r, EVENT_RUN_FINISHED, buf_str(&all), err);
	buf_release(&all);
	return n < 0 ? -1 : 0;
}

int run_finish(struct run *r, const char *state, struct str members, struct err *err)
{
	int rc = append_end(r, state, members, err);

	r->brief.state = str_of(state);
	r->brief.ended_ms = io_now_ms();
	if (!rc)
		rc = run_flush(r, err);
	r->brief.journal_bytes = r->journal.size_bytes;
	unlinkat(r->fd, "tasks", AT_REMOVEDIR);	/* where no work folder was kept */
	unlinkat(r->fd, "reserve", 0);
	if (!rc)
		rc = write_done(r, state, err);
	/* In steps a task may have ended more than once: whoever looks counts. */
	if (!rc && !r->has_steps)
		index_put(r->store, &r->brief, 1);
	run_free(r);
	return rc;
}

void run_abandon(struct run *r)
{
	run_free(r);
}
