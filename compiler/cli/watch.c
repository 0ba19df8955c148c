#include <config.h>

#include "compiler/cli/watch.h"

#include <poll.h>
#include <unistd.h>

#include "compiler/cli/run_summary.h"
#include "compiler/cli/show_values.h"
#include "runtime/base/io.h"
#include "runtime/bc/save.h"
#include "runtime/store/follow.h"
#include "runtime/value/json.h"

enum {
	POLL_MS = 100,
	PART_BYTES = 4096,	/* of what a task wrote at once, its end */
};

struct watch {
	const struct store *store;
	const struct run_view *view;
	struct module *m;	/* NULL: it could not be read */
	struct progress progress;
	struct arena a;		/* of one record */
	int logs_fd;
	int64_t shift_ms;	/* from the time of records to that of progress */
	bool has_end;
};

static bool get_bool(struct value v, const char *key)
{
	const struct value *x = value_get(v, str_of(key));

	return x && x->kind == VALUE_BOOL && x->b;
}

static void tell(struct watch *w, const struct run_event *e, int64_t time_ms)
{
	progress_event_at(&w->progress, e, time_ms + w->shift_ms);
}

/* The end of a part of the run's `logs`. */
static void tell_part(struct watch *w, const struct run_event *of,
		      const struct view_log_part *part, int64_t time_ms)
{
	struct run_event e = *of;
	char text[PART_BYTES];
	int64_t n = part->length < PART_BYTES ? part->length : PART_BYTES;
	ssize_t got;

	if (w->logs_fd < 0)
		w->logs_fd = run_view_open_logs(w->store, w->view->id);
	got = w->logs_fd < 0 ? 0 : pread(w->logs_fd, text, (size_t)n,
					 part->offset + part->length - n);
	if (got <= 0)
		return;
	e.kind = RUN_EVENT_OUTPUT;
	e.text = (struct str){text, (size_t)got};
	e.is_stderr = part->is_stderr;
	e.record = STR("");
	tell(w, &e, time_ms);
}

static void tell_log(struct watch *w, const struct run_event *e, struct value rec,
		     int64_t time_ms)
{
	const struct value *parts = value_get(rec, STR("parts"));
	struct view_log_part part;

	for (size_t i = 0; parts && parts->kind == VALUE_LIST && i < parts->list->n; i++)
		if (view_log_part(parts->list->at[i], &part))
			tell_part(w, e, &part, time_ms);
}

static void on_point(struct watch *w, const struct follow_record *r, struct value rec)
{
	const struct value *x = value_get(rec, STR("value"));
	struct run_event e = {
		.kind = RUN_EVENT_POINT, .task = value_get_str(rec, "task"),
		.metric = value_get_str(rec, "name"), .step = value_get_int(rec, "step"),
		.attempt = (int)value_get_int(rec, "attempt"),
	};

	if (!x || !str_is(value_get_str(rec, "event"), "point") ||
	    (x->kind != VALUE_FLOAT && x->kind != VALUE_INT))
		return;
	e.value = x->kind == VALUE_INT ? (double)x->i : x->f;
	tell(w, &e, r->time_ms);
}

/* The condition in this line, if no other is. */
static struct str condition_at(struct watch *w, int64_t line)
{
	struct str text = STR("");
	size_t n = 0;

	for (uint32_t p = 0; w->m && p < w->m->npipelines; p++)
		for (uint32_t i = 0; i < w->m->pipelines[p].nnodes; i++) {
			const struct module_node *node = &w->m->pipelines[p].nodes[i];

			if (node->kind != NODE_BRANCH || node->loc.line != line)
				continue;
			text = node->cond->text;
			n++;
		}
	return n == 1 ? text : arena_printf(&w->a, "in line %lld", (long long)line);
}

static enum task_state end_state(struct str name)
{
	int s = 0;

	while (s < TASK_NSTATES && !str_is(name, task_state_name((enum task_state)s)))
		s++;
	return s < TASK_NSTATES ? (enum task_state)s : TASK_CANCELLED;
}

static void fill_task(struct run_event *e, struct value rec)
{
	e->kind = RUN_EVENT_TASK;
	e->text = value_get_str(rec, "error");
	e->place = value_get_str(rec, "place");
	e->ms = value_get_int(rec, "ms");
	switch (e->journal_event) {
	case EVENT_TASK_STARTED:
		e->state = TASK_RUNNING;
		e->title = value_get_str(rec, "display_name");
		break;
	case EVENT_TASK_RETRY:
		e->state = TASK_PENDING;
		e->ms = value_get_int(rec, "wait_ms");
		break;
	case EVENT_TASK_SKIPPED:
		e->state = TASK_SKIPPED;
		e->text = value_get_str(rec, "reason");
		e->because = value_get_str(rec, "because");
		break;
	case EVENT_TASK_CACHED:
		e->state = TASK_CACHED;
		e->is_recalled = true;
		break;
	default:
		e->state = end_state(value_get_str(rec, "state"));
		e->is_covered = get_bool(rec, "covered");
		break;
	}
}

static void fill_loop(struct run_event *e, struct value rec)
{
	e->kind = RUN_EVENT_LOOP;
	e->step = value_get_int(rec, "iterations");
	e->text = value_get_str(rec, "reason");
	e->because = value_get_str(rec, "because");
	e->state = e->text.n ? TASK_SKIPPED : TASK_RUNNING;
}

static void fill_env(struct run_event *e, struct value rec)
{
	e->kind = RUN_EVENT_ENV;
	e->task = value_get_str(rec, "name");
	e->text = value_get_str(rec, "error");
	e->ms = value_get_int(rec, "ms");
	e->attempt = get_bool(rec, "cached");
}

static void on_record(struct watch *w, const struct follow_record *r, struct value rec)
{
	struct run_event e = {
		.journal_event = r->event, .record = r->members,
		.task = value_get_str(rec, "task"),
		.attempt = (int)value_get_int(rec, "attempt"),
	};

	switch (r->event) {
	case EVENT_RUN_STARTED:
		e.kind = RUN_EVENT_STARTED;
		e.task = w->view->name;
		e.text = str_of(w->view->id);
		break;
	case EVENT_TASK_STARTED:
	case EVENT_TASK_RETRY:
	case EVENT_TASK_FINISHED:
	case EVENT_TASK_CACHED:
	case EVENT_TASK_SKIPPED:
		fill_task(&e, rec);
		break;
	case EVENT_TASK_LOG:
		tell_log(w, &e, rec, r->time_ms);
		return;
	case EVENT_VALUE:
		e.kind = RUN_EVENT_VALUE;
		e.text = value_get_str(rec, "error");
		break;
	case EVENT_BRANCH:
		e.kind = RUN_EVENT_BRANCH;
		e.value = get_bool(rec, "taken");
		e.text = condition_at(w, value_get_int(rec, "line"));
		break;
	case EVENT_LOOP:
		fill_loop(&e, rec);
		break;
	case EVENT_ENV_READY:
		fill_env(&e, rec);
		break;
	case EVENT_RUN_FINISHED:
		e.kind = RUN_EVENT_FINISHED;
		w->has_end = true;
		break;
	case EVENT_STEP:
	case EVENT_N:
		return;
	}
	tell(w, &e, r->time_ms);
}

static void read_records(struct watch *w, struct run_follow *f)
{
	struct follow_record r;
	struct value rec;

	while (run_follow_next(f, &r)) {
		arena_clear(&w->a);
		if (json_parse(&w->a, r.line, &rec, NULL) || rec.kind != VALUE_DICT)
			continue;
		if (r.is_metric)
			on_point(w, &r, rec);
		else
			on_record(w, &r, rec);
	}
}

/* Until its end, or until its owner is gone. */
static void follow(struct watch *w, struct run_follow *f)
{
	const struct run_event tick = {.kind = RUN_EVENT_TICK};
	bool goes_on = true;

	while (goes_on && !w->has_end) {
		goes_on = run_follow_read(f);
		read_records(w, f);
		if (!goes_on || w->has_end)
			break;
		progress_event(&w->progress, &tick);
		poll(NULL, 0, POLL_MS);
	}
}

/* Without its module, and in a session, lines come as tasks do. */
static void plan(struct watch *w)
{
	struct buf bytes = {0};
	struct err err;
	uint32_t pipeline;

	if (!w->view->is_session &&
	    !run_view_read_module(w->store, w->view->id, &bytes, &err))
		w->m = module_load(buf_str(&bytes), "module.kfpb", &err);
	buf_release(&bytes);
	pipeline = w->m ? module_find_pipeline(w->m, w->view->pipeline) : MODULE_NONE;
	if (pipeline != MODULE_NONE)
		progress_plan(&w->progress, w->m, pipeline);
}

static void fill_result(const struct run_view *v, struct arena *a, struct run_result *r)
{
	struct run_task_result *tasks =
		ARENA_ARRAY(a, v->tasks.n, struct run_task_result);

	*r = (struct run_result){.state = v->state, .error = v->error, .place = STR(""),
				 .ms = v->ended_ms - v->created_ms, .tasks = tasks,
				 .ntasks = v->tasks.n};
	memcpy(r->id, v->id, sizeof r->id);
	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct view_task *t = v->tasks.at[i];

		tasks[i] = (struct run_task_result){
			.path = t->path, .component = t->component, .error = t->reason,
			.place = t->place, .state = end_state(t->state),
			.is_covered = t->is_covered, .attempts = (int)t->attempts.n,
		};
	}
}

/* What the run came to. */
static int report(struct watch *w, struct cli *c)
{
	struct buf out = {0};
	struct run_result r;
	struct run_view v;
	struct err err;
	int rc;

	if (run_view_load(w->store, w->view->id, true, &v, &err))
		return cli_fail(&err);
	fill_result(&v, &c->arena, &r);
	if (!str_is(v.state, "succeeded"))
		run_summary_failures(&w->progress, &r, SUMMARY_SHELL, &out);
	if (w->has_end)
		run_summary_head(&r, &out);
	else
		buf_addf(&out, "run %.*s is lost: the process that ran it is gone, and did "
			       "not end it\n", STR_ARG(run_short_id(v.id)));
	show_results(c, &v, &out);
	run_summary_more(&r, &out);
	rc = cli_print(&out);
	buf_release(&out);
	run_view_release(&v);
	return rc;
}

int watch_run(struct cli *c, struct store *s, const struct run_view *view,
	      enum progress_kind kind)
{
	struct watch w = {.store = s, .view = view, .logs_fd = -1,
			  .shift_ms = io_monotonic_ms() - io_now_ms()};
	struct err err;
	struct run_follow *f = run_follow_open(s, view->id, &err);
	int rc = EXIT_DONE;

	if (!f)
		return cli_fail(&err);
	progress_init(&w.progress, kind, STDOUT_FILENO);
	plan(&w);
	follow(&w, f);
	progress_finish(&w.progress);
	if (w.progress.kind != PROGRESS_JSON)
		rc = report(&w, c);
	run_follow_close(f);
	progress_release(&w.progress);
	module_free(w.m);
	arena_release(&w.a);
	if (w.logs_fd >= 0)
		close(w.logs_fd);
	return rc;
}
