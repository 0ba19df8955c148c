#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "runtime/base/io.h"
#include "runtime/store/record.h"
#include "runtime/store/run_priv.h"
#include "runtime/value/value.h"

enum {
	LOG_RECORD_MS = 1000,
	LOG_RECORD_PARTS = 1000,
};

struct log_part {
	bool is_stderr;
	int64_t offset, length;
};

struct run_log {
	struct run *run;
	struct run_log *prev, *next;	/* of the run's open ones */
	struct arena arena;
	struct str task;
	int attempt;
	int64_t recorded_ms;	/* when the parts were last journalled */
	VEC(struct log_part) parts;
};

struct run_log *run_log_begin(struct run *r, struct str task, int attempt)
{
	struct run_log *l = calloc(1, sizeof *l);

	if (!l)
		err_nomem();
	l->run = r;
	l->task = arena_str(&l->arena, task);
	l->attempt = attempt;
	l->recorded_ms = io_monotonic_ms();
	l->next = r->open_logs;
	if (l->next)
		l->next->prev = l;
	r->open_logs = l;
	return l;
}

static int record_parts(struct run_log *l, struct err *err)
{
	struct buf b = {0};
	int64_t n = 0;

	l->recorded_ms = io_monotonic_ms();
	if (!l->parts.n)
		return 0;
	buf_addz(&b, "\"task\":");
	buf_add_json(&b, l->task);
	buf_addf(&b, ",\"attempt\":%d,\"parts\":[", l->attempt);
	for (size_t i = 0; i < l->parts.n; i++)
		buf_addf(&b, "%s[%d,%" PRId64 ",%" PRId64 "]", i ? "," : "",
			 l->parts.at[i].is_stderr ? 2 : 1, l->parts.at[i].offset,
			 l->parts.at[i].length);
	buf_addz(&b, "]");
	n = run_append(l->run, EVENT_TASK_LOG, buf_str(&b), err);
	if (n >= 0)
		vec_clear(&l->parts);
	buf_release(&b);
	return n < 0 ? -1 : 0;
}

static void add_part(struct run_log *l, bool is_stderr, int64_t offset, int64_t length)
{
	struct log_part *last = l->parts.n ? &vec_last(&l->parts) : NULL;

	if (last && last->is_stderr == is_stderr && last->offset + last->length == offset)
		last->length += length;
	else
		vec_push(&l->parts, (struct log_part){is_stderr, offset, length});
}

/* What is left of a full disk is the journal's. */
static int append_bytes(struct run *r, struct tail *t, const char *name, struct str bytes,
			struct err *err)
{
	if (r->reserve_is_gone)
		errno = ENOSPC;
	else if ((t->fd >= 0 || !tail_open(r, t, name, err)) && !tail_append(t, bytes))
		return 0;
	else if (t->fd < 0)
		return -1;
	return err_sys(err, "cannot write to %s/%s", r->folder, name);
}

int run_log_write(struct run_log *l, bool is_stderr, struct str bytes, struct err *err)
{
	struct run *r = l->run;
	int64_t offset = r->logs.size_bytes;

	if (!bytes.n)
		return 0;
	if (append_bytes(r, &r->logs, "logs", bytes, err))
		return -1;
	add_part(l, is_stderr, offset, (int64_t)bytes.n);
	if (l->parts.n >= LOG_RECORD_PARTS ||
	    io_monotonic_ms() - l->recorded_ms >= LOG_RECORD_MS)
		return record_parts(l, err);
	return 0;
}

int run_log_tick(struct run *r, struct err *err)
{
	int64_t now = io_monotonic_ms();
	int rc = 0;

	for (struct run_log *l = r->open_logs; l && !rc; l = l->next)
		if (l->parts.n && now - l->recorded_ms >= LOG_RECORD_MS)
			rc = record_parts(l, err);
	return rc;
}

static void log_unlink(struct run_log *l)
{
	if (l->next)
		l->next->prev = l->prev;
	if (l->prev)
		l->prev->next = l->next;
	else
		l->run->open_logs = l->next;
}

int run_log_end(struct run_log *l, struct err *err)
{
	int rc = record_parts(l, err);

	log_unlink(l);
	vec_release(&l->parts);
	arena_release(&l->arena);
	free(l);
	return rc;
}

static void add_number(struct buf *b, double v)
{
	if (v != v)
		buf_addz(b, "\"NaN\"");
	else if (v - v != 0)
		buf_addz(b, v > 0 ? "\"Infinity\"" : "\"-Infinity\"");
	else
		value_print_float(v, b);
}

int run_metric(struct run *r, struct str task, int attempt, struct str name,
	       bool is_static, int64_t step, double value, int64_t time_ms,
	       struct err *err)
{
	struct buf members = {0};
	int rc;

	buf_addz(&members, "\"task\":");
	buf_add_json(&members, task);
	buf_addf(&members, ",\"attempt\":%d,\"name\":", attempt);
	buf_add_json(&members, name);
	if (!is_static)
		buf_addf(&members, ",\"step\":%" PRId64, step);
	buf_addz(&members, ",\"value\":");
	add_number(&members, value);
	buf_clear(&r->record);
	record_write(&r->record, time_ms, r->nmetrics + 1, is_static ? "metric" : "point",
		     buf_str(&members));
	buf_release(&members);
	rc = append_bytes(r, &r->metrics, "metrics", buf_str(&r->record), err);
	if (!rc)
		r->nmetrics++;
	return rc;
}
