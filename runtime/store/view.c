#include <config.h>

#include "runtime/store/view.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/base/map.h"
#include "runtime/store/priv.h"
#include "runtime/store/record.h"
#include "runtime/store/uuid.h"
#include "runtime/store/view_priv.h"
#include "runtime/value/json.h"

enum {
	HEADER_MAX_BYTES = 64 << 20,
	DONE_MAX_BYTES = 4 << 10,
};

#define JOURNAL_MAX_BYTES ((size_t)1 << 32)
#define LOG_MAX_BYTES (INT64_C(1) << 60)	/* offsets beyond it are nonsense */

struct replay {
	struct run_view *v;
	struct map tasks, values, loops;	/* by address; of the last two the place, plus 1 */
};

static struct value get_dict(struct value dict, const char *key)
{
	const struct value *v = value_get(dict, str_of(key));

	return v && v->kind == VALUE_DICT ? *v : VALUE_NONE_V;
}

void view_damage(struct run_view *v, const char *fmt, ...)
{
	struct buf b = {0};
	va_list ap;

	if (v->damage.n) {
		buf_add(&b, v->damage);
		buf_addz(&b, "; ");
	}
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	v->damage = arena_str(&v->arena, buf_str(&b));
	buf_release(&b);
}

bool view_artifact(struct value v, struct view_artifact *out)
{
	const struct value *metadata = value_get(v, STR("metadata")),
			   *tree = value_get(v, STR("tree"));

	*out = (struct view_artifact){0};
	if (v.kind != VALUE_DICT || !value_get(v, STR("$artifact")))
		return false;
	out->type = value_get_str(v, "$artifact");
	out->format = value_get_str(v, "format");
	out->name = value_get_str(v, "name");
	out->manifest = value_get_str(v, "manifest");
	out->metadata = metadata ? *metadata : VALUE_NONE_V;
	out->blob.size_bytes = value_get_int(v, "size");
	out->blob.is_tree = tree && tree->kind == VALUE_BOOL && tree->b;
	return digest_parse(value_get_str(v, "digest"), &out->blob.digest);
}

struct view_task *run_view_task(const struct run_view *v, struct str path)
{
	for (size_t i = 0; i < v->tasks.n; i++)
		if (str_eq(v->tasks.at[i]->path, path))
			return v->tasks.at[i];
	return NULL;
}

static struct view_task *task_of(struct replay *p, struct value rec)
{
	struct str path = value_get_str(rec, "task");
	struct view_task *t = path.n ? map_get(&p->tasks, path) : NULL;

	if (t || !path.n)
		return t;
	t = ARENA_NEW(&p->v->arena, struct view_task);
	*t = (struct view_task){.path = path, .state = STR("pending"),
				.component = STR(""), .display_name = STR(""),
				.of = STR(""), .reason = STR(""), .because = STR(""), .place = STR("")};
	vec_push(&p->v->tasks, t);
	map_set(&p->tasks, path, t);
	return t;
}

/* The attempt that a record speaks of: the newest by that number, made where it is
 * missing. */
static struct view_attempt *attempt_of(struct view_task *t, struct value rec)
{
	int number = (int)value_get_int(rec, "attempt");

	for (size_t i = t->attempts.n; i-- > 0;)
		if (t->attempts.at[i].number == number)
			return &t->attempts.at[i];
	vec_push(&t->attempts, (struct view_attempt){.number = number,
						     .state = STR("running"),
						     .error = STR("")});
	return &vec_last(&t->attempts);
}

/* It had come to an end, and begins anew: in another step of a session. */
static void begin_again(struct view_task *t)
{
	t->reason = t->because = t->place = t->of = STR("");
	t->is_covered = false;
	t->started_ms = t->ended_ms = 0;
	vec_clear(&t->outputs);
}

static void on_task_started(struct view_task *t, struct value rec)
{
	struct view_attempt *a = attempt_of(t, rec);

	if (t->ended_ms)
		begin_again(t);
	t->state = a->state = STR("running");
	a->started_ms = value_get_int(rec, "t");
	if (!t->started_ms)
		t->started_ms = a->started_ms;
	if (value_get_str(rec, "component").n)
		t->component = value_get_str(rec, "component");
	t->display_name = value_get_str(rec, "display_name");
	if (value_get(rec, STR("settings")))
		t->settings = get_dict(rec, "settings");
	if (value_get(rec, STR("inputs")))
		t->inputs = get_dict(rec, "inputs");
}

bool view_log_part(struct value v, struct view_log_part *out)
{
	const struct value *at = v.kind == VALUE_LIST && v.list->n == 3 ? v.list->at : NULL;

	if (!at || at[0].kind != VALUE_INT || at[1].kind != VALUE_INT ||
	    at[2].kind != VALUE_INT || at[1].i < 0 || at[2].i <= 0 ||
	    at[1].i >= LOG_MAX_BYTES || at[2].i >= LOG_MAX_BYTES)
		return false;
	*out = (struct view_log_part){at[0].i == 2, at[1].i, at[2].i};
	return true;
}

static void on_task_log(struct view_task *t, struct value rec)
{
	struct view_attempt *a = attempt_of(t, rec);
	const struct value *parts = value_get(rec, STR("parts"));
	struct view_log_part part;

	if (!parts || parts->kind != VALUE_LIST)
		return;
	for (size_t i = 0; i < parts->list->n; i++)
		if (view_log_part(parts->list->at[i], &part))
			vec_push(&a->log, part);
}

static void copy_attempt(struct view_task *t, const struct view_attempt *from)
{
	struct view_attempt a = *from;

	memset(&a.log, 0, sizeof a.log);
	for (size_t i = 0; i < from->log.n; i++)
		vec_push(&a.log, from->log.at[i]);
	a.is_borrowed = true;
	vec_push(&t->attempts, a);
}

static void end_attempt(struct view_attempt *a, struct value rec, struct str state)
{
	a->state = state;
	a->ended_ms = value_get_int(rec, "t");
	a->error = value_get_str(rec, "error");
	a->exit_code = (int)value_get_int(rec, "exit_code");
	a->signal = (int)value_get_int(rec, "signal");
}

static void add_outputs(struct view_task *t, struct value outputs)
{
	for (size_t i = 0; outputs.kind == VALUE_DICT && i < outputs.dict->n; i++) {
		const struct value_pair *p = &outputs.dict->at[i];
		struct view_artifact a;

		vec_push(&t->outputs, (struct view_output){p->key, p->value,
							   view_artifact(p->value, &a)});
	}
}

/* A task may end without having started: cancelled, or its inputs could not be
 * prepared. */
static void on_task_finished(struct view_task *t, struct value rec)
{
	if (t->ended_ms)
		begin_again(t);
	t->state = value_get_str(rec, "state");
	t->ended_ms = value_get_int(rec, "t");
	t->reason = value_get_str(rec, "error");
	t->place = value_get_str(rec, "place");
	t->is_covered = value_get(rec, STR("covered")) != NULL;
	if (t->attempts.n || value_get(rec, STR("attempt")))
		end_attempt(attempt_of(t, rec), rec, t->state);
	vec_clear(&t->outputs);
	add_outputs(t, get_dict(rec, "outputs"));
}

/* The attempt that it has its result from is shown as its own. */
static void on_task_cached(struct replay *p, struct view_task *t, struct value rec)
{
	const struct view_task *of = map_get(&p->tasks, value_get_str(rec, "of"));

	begin_again(t);
	t->state = STR("cached");
	t->of = value_get_str(rec, "of");
	t->of_attempt = (int)value_get_int(rec, "attempt");
	t->ended_ms = value_get_int(rec, "t");
	t->started_ms = t->ended_ms - value_get_int(rec, "ms");
	if (value_get_str(rec, "component").n)
		t->component = value_get_str(rec, "component");
	add_outputs(t, get_dict(rec, "outputs"));
	if (!of || of == t)
		return;
	t->inputs = of->inputs;
	t->settings = of->settings;
	for (size_t i = 0; i < of->attempts.n; i++)
		if (of->attempts.at[i].number == t->of_attempt)
			copy_attempt(t, &of->attempts.at[i]);
}

static void on_task_skipped(struct view_task *t, struct value rec)
{
	if (t->ended_ms)
		begin_again(t);
	t->state = STR("skipped");
	t->reason = value_get_str(rec, "reason");
	t->because = value_get_str(rec, "because");
	t->ended_ms = value_get_int(rec, "t");
	if (value_get_str(rec, "component").n)
		t->component = value_get_str(rec, "component");
}

/* Where the address has its place among n; n if it has none yet, which is then its own. */
static size_t place_of(struct map *places, struct str address, size_t n)
{
	size_t place = (uintptr_t)map_get(places, address);

	if (place)
		return place - 1;
	map_set(places, address, (void *)(uintptr_t)(n + 1));
	return n;
}

static void on_value(struct replay *p, struct value rec)
{
	const struct value *value = value_get(rec, STR("value"));
	struct view_value v = {
		value_get_str(rec, "task"), value ? *value : VALUE_NONE_V,
		value_get_str(rec, "error"), value_get_str(rec, "place"),
		value_get(rec, STR("too_large")) != NULL,
	};
	size_t i = place_of(&p->values, v.address, p->v->values.n);

	if (i == p->v->values.n)
		vec_push(&p->v->values, v);
	else
		p->v->values.at[i] = v;
}

static void on_loop(struct replay *p, struct value rec)
{
	struct view_loop l = {
		.path = value_get_str(rec, "task"),
		.niterations = value_get_int(rec, "iterations"),
		.reason = value_get_str(rec, "reason"),
		.because = value_get_str(rec, "because"),
	};
	size_t i = place_of(&p->loops, l.path, p->v->loops.n);

	if (i == p->v->loops.n)
		vec_push(&p->v->loops, l);
	else
		p->v->loops.at[i] = l;
}

static void on_step(struct run_view *v, struct value rec)
{
	vec_push(&v->steps, (struct view_step){
		.module = value_get_str(rec, "module"),
		.text = value_get_str(rec, "text"),
		.time_ms = value_get_int(rec, "t"),
	});
}

static void on_run_finished(struct run_view *v, struct value rec)
{
	v->has_end = true;
	v->state = value_get_str(rec, "state");
	v->error = value_get_str(rec, "error");
	v->ended_ms = value_get_int(rec, "t");
	v->outputs = get_dict(rec, "outputs");
}

static enum event event_of(struct str name)
{
	int e = 0;

	while (e < EVENT_N && !str_is(name, event_name((enum event)e)))
		e++;
	return (enum event)e;
}

static void replay_task(struct replay *p, enum event e, struct value rec)
{
	struct view_task *t = task_of(p, rec);

	if (!t)
		return;
	if (e == EVENT_TASK_STARTED)
		on_task_started(t, rec);
	else if (e == EVENT_TASK_LOG)
		on_task_log(t, rec);
	else if (e == EVENT_TASK_FINISHED)
		on_task_finished(t, rec);
	else if (e == EVENT_TASK_CACHED)
		on_task_cached(p, t, rec);
	else if (e == EVENT_TASK_SKIPPED)
		on_task_skipped(t, rec);
	else if (e == EVENT_TASK_RETRY) {
		end_attempt(attempt_of(t, rec), rec, STR("failed"));
		t->state = STR("pending");
	}
}

/* Events of a newer kfpc are passed over. */
static void replay_record(struct replay *p, struct value rec)
{
	enum event e = event_of(value_get_str(rec, "event"));

	switch (e) {
	case EVENT_TASK_STARTED:
	case EVENT_TASK_LOG:
	case EVENT_TASK_RETRY:
	case EVENT_TASK_FINISHED:
	case EVENT_TASK_CACHED:
	case EVENT_TASK_SKIPPED:
		replay_task(p, e, rec);
		break;
	case EVENT_VALUE:
		on_value(p, rec);
		break;
	case EVENT_LOOP:
		on_loop(p, rec);
		break;
	case EVENT_STEP:
		on_step(p->v, rec);
		break;
	case EVENT_RUN_FINISHED:
		on_run_finished(p->v, rec);
		break;
	case EVENT_RUN_STARTED:
	case EVENT_BRANCH:
	case EVENT_ENV_READY:
	case EVENT_N:
		break;
	}
}

static void replay_journal(struct run_view *v, struct str text)
{
	struct replay p = {.v = v};
	struct record_reader r;
	struct str line;

	record_reader_init(&r, text);
	while (record_read(&r, &line)) {
		struct value rec;

		if (json_parse(&v->arena, line, &rec, NULL))
			view_damage(v, "journal: record %" PRId64 " is not JSON",
				    r.next_number - 1);
		else
			replay_record(&p, rec);
	}
	if (r.damage[0])
		view_damage(v, "journal: %s", r.damage);
	v->journal_bytes = (int64_t)r.good_end;
	v->torn_bytes = (int64_t)record_torn_bytes(&r);
	v->nrecords = r.nrecords;
	map_release(&p.tasks);
	map_release(&p.values);
	map_release(&p.loops);
}

int view_read_file(int dirfd, const char *name, size_t limit, struct buf *out,
		   struct err *err)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), rc;

	if (fd < 0)
		return err_sys(err, "%s", name);
	rc = io_read_fd(fd, name, limit, out, err);
	close(fd);
	return rc;
}

/* Only a run.json that says what it should is believed. */
static void read_header(struct run_view *v, int dirfd)
{
	struct buf text = {0};
	struct err err;

	if (view_read_file(dirfd, "run.json", HEADER_MAX_BYTES, &text, &err) ||
	    json_parse(&v->arena, buf_str(&text), &v->header, &err))
		view_damage(v, "run.json: %s", err.text);
	else if (!str_is(value_get_str(v->header, "id"), v->id))
		view_damage(v, "run.json is of another run");
	v->is_session = value_get(v->header, STR("session")) != NULL;
	v->pipeline = value_get_str(v->header, "pipeline");
	v->name = value_get_str(v->header, "name");
	if (value_get_int(v->header, "created"))
		v->created_ms = value_get_int(v->header, "created");
	buf_release(&text);
}

static void read_journal(struct run_view *v, int dirfd)
{
	struct buf text = {0};
	struct err err;

	if (view_read_file(dirfd, "journal", JOURNAL_MAX_BYTES, &text, &err))
		view_damage(v, "journal: %s", err.text);
	else
		replay_journal(v, buf_str(&text));
	buf_release(&text);
}

/* DONE is the last that is written: all that it says must be there. */
static void check_done(struct run_view *v, int dirfd)
{
	struct buf text = {0};
	struct str done, state;
	struct err err;

	if (view_read_file(dirfd, "DONE", DONE_MAX_BYTES, &text, &err)) {
		if (err.sys != ENOENT)
			view_damage(v, "DONE: %s", err.text);
		goto out;
	}
	done = buf_str(&text);
	state = record_member(done, STR("state"));
	if (!v->has_end && state.n) {
		view_damage(v,
			    "DONE says %.*s, but the journal does not say that the run "
			    "ended", STR_ARG(state));
		v->state = arena_str(&v->arena, state);
		v->ended_ms = record_int(done, STR("ended"), 0);
	} else if (!str_eq(state, v->state)) {
		view_damage(v, "DONE says '%.*s', the journal '%.*s'", STR_ARG(state),
			    STR_ARG(v->state));
	} else if (record_int(done, STR("records"), -1) != v->nrecords ||
		   record_int(done, STR("bytes"), -1) != v->journal_bytes) {
		view_damage(v,
			    "the journal holds %" PRId64 " records in %" PRId64 " bytes, "
			    "not what DONE says", v->nrecords, v->journal_bytes);
	}
	if (v->torn_bytes)
		view_damage(v, "journal: %" PRId64 " bytes at its end are not what was "
			    "written", v->torn_bytes);
out:
	buf_release(&text);
}

bool view_owner_works(int dirfd)
{
	int fd = openat(dirfd, "lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool alive = fd >= 0 && store_is_locked(fd);

	if (fd >= 0)
		close(fd);
	return alive;
}

/* What ran when the owner died did not end, and does not run. */
static void settle_state(struct run_view *v)
{
	if (v->state.n)
		return;
	v->state = v->is_live ? STR("running") : STR("lost");
	for (size_t i = 0; i < v->tasks.n && !v->is_live; i++) {
		struct view_task *t = v->tasks.at[i];

		if (!str_is(t->state, "running"))
			continue;
		t->state = STR("cancelled");
		t->reason = STR("kfpc ended before it did");
		if (t->attempts.n)
			vec_last(&t->attempts).state = t->state;
	}
}

int view_open_run(const struct store *s, const char *id, struct err *err)
{
	int dirfd = -1;

	if (uuid_is_valid(id))
		dirfd = openat(s->runs_fd, id,
			       O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dirfd < 0)
		err_setk(err, ERR_USAGE, "there is no run %.40s in %s", id, s->path);
	return dirfd;
}

/* The lock is looked at first: if it is free then, the journal read after it is whole. */
int run_view_load(const struct store *s, const char *id, bool with_metrics,
		  struct run_view *out, struct err *err)
{
	struct run_view *v = out;
	int dirfd = view_open_run(s, id, err);

	*v = (struct run_view){.pipeline = STR(""), .name = STR(""), .state = STR(""),
			       .error = STR(""), .damage = STR("")};
	if (dirfd < 0)
		return -1;
	memcpy(v->id, id, sizeof v->id);
	v->created_ms = uuid_time_ms(id);
	v->is_live = view_owner_works(dirfd);
	read_header(v, dirfd);
	read_journal(v, dirfd);
	if (!v->is_live)
		check_done(v, dirfd);
	settle_state(v);
	if (with_metrics)
		view_read_metrics(v, dirfd);
	close(dirfd);
	return 0;
}

int run_view_read_module(const struct store *s, const char *id, struct buf *out,
			 struct err *err)
{
	int dirfd = view_open_run(s, id, err), rc;

	if (dirfd < 0)
		return -1;
	rc = view_read_file(dirfd, "module.kfpb", LIMIT_FILE_BYTES, out, err);
	close(dirfd);
	return rc;
}

int run_view_open_logs(const struct store *s, const char *id)
{
	char name[RUN_ID_CHARS + 16];

	snprintf(name, sizeof name, "%.36s/logs", id);
	return openat(s->runs_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

void run_view_release(struct run_view *v)
{
	for (size_t i = 0; i < v->tasks.n; i++) {
		struct view_task *t = v->tasks.at[i];

		for (size_t k = 0; k < t->attempts.n; k++)
			vec_release(&t->attempts.at[k].log);
		vec_release(&t->attempts);
		vec_release(&t->outputs);
	}
	for (size_t i = 0; i < v->metrics.n; i++)
		vec_release(&v->metrics.at[i].points);
	vec_release(&v->tasks);
	vec_release(&v->values);
	vec_release(&v->loops);
	vec_release(&v->steps);
	vec_release(&v->metrics);
	arena_release(&v->arena);
}
