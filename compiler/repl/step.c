/* One step of the session: a change of the program, and what has to be run for it. */
#include <config.h>

#include <signal.h>
#include <unistd.h>

#include "compiler/repl/repl_int.h"
#include "runtime/base/io.h"
#include "runtime/store/record.h"

enum { SHOWN_ENTRIES = 8 };

/* "fit, score and 3 more" */
static void add_names(const struct program_entries *list, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct program_entry *e = &list->at[i];

		if (n++ == SHOWN_ENTRIES) {
			buf_addf(out, " and %zu more", list->n - SHOWN_ENTRIES);
			return;
		}
		buf_addz(out, n > 1 ? ", " : "");
		if (!e->nnames)
			buf_add_printable(out, e->title, false);
		for (uint32_t k = 0; k < e->nnames; k++)
			buf_addf(out, "%s%.*s", k ? ", " : "", STR_ARG(e->names[k]));
	}
}

static void tell(const struct repl *r, const char *before,
		 const struct program_entries *list, const char *after)
{
	struct buf out = {0};

	if (!list->n)
		return;
	add_names(list, &out);
	repl_say(r, "%s%.*s%s", before, STR_ARG(buf_str(&out)), after);
	buf_release(&out);
}

/* The first error says it; often it is the same for all of them. */
static void tell_broken(const struct repl *r, const struct program_entries *list)
{
	tell(r, "broken now: ", list, "; left out until a change mends it");
	if (list->n && list->at[0].error.n)
		repl_say(r, "%.*s", STR_ARG(str_trim(list->at[0].error)));
	if (list->n > 1)
		repl_say(r, ":list has the errors of the others");
}

/* What was typed once more need not be told. */
static bool is_the_same(const struct program_input *in)
{
	return in->redefined.n == 1 && in->added.n == 1 &&
	       str_eq(in->redefined.at[0].text, in->added.at[0].text);
}

void repl_tell_changes(const struct repl *r, const struct program_input *in)
{
	if (!is_the_same(in))
		tell(r, "redefined: ", &in->redefined, "");
	tell_broken(r, &in->broken);
	tell(r, "mended: ", &in->mended, "");
	tell(r, "stale now: ", &in->stale, " (:rerun brings it up to date)");
	if (in->added.n)	/* else they are what was asked for */
		tell(r, "brought up to date first: ", &in->updates, "");
}

static void note_env(struct repl *r, const struct run_event *e)
{
	struct str version = record_member(e->record, STR("version"));
	struct str *kept;

	if (!version.n || map_get(&r->envs, e->task))
		return;
	kept = ARENA_NEW(&r->names, struct str);
	*kept = arena_str(&r->names, version);
	map_set(&r->envs, arena_str(&r->names, e->task), kept);
}

/* Of a condition that was typed before and is only decided again for what reads it. */
static bool is_old_branch(const struct repl *r, const struct run_event *e)
{
	struct str path = str_sub(e->task, 0, str_find(e->task, STR("/"), 0));
	const struct program_entry *of;

	if (e->kind != RUN_EVENT_BRANCH)
		return false;
	for (uint32_t i = 0; i < r->pipeline->nnodes; i++)
		if (str_eq(r->pipeline->nodes[i].path, path) &&
		    step_is_new(r->in, &r->pipeline->nodes[i], &of))
			return false;
	return true;
}

static void observe(void *arg, const struct run_event *e)
{
	struct repl *r = arg;

	if (e->kind == RUN_EVENT_POINT)
		courses_add(&r->courses, e->task, e->metric, e->value);
	if (e->kind == RUN_EVENT_TASK && e->state == TASK_RUNNING)
		courses_forget(&r->courses, e->task);
	if (e->kind == RUN_EVENT_ENV && e->journal_event == EVENT_ENV_READY)
		note_env(r, e);
	step_said_event(r, e);
	/* The end of the run comes when the session is closed. */
	if (e->kind != RUN_EVENT_FINISHED && !is_old_branch(r, e))
		r->host->progress_event(r->host->ctx, e);
}

static int fail(const struct repl *r, const struct err *err)
{
	repl_say(r, "error: %s", err->text);
	switch (err->kind) {
	case ERR_INPUT:
		return REPL_WRONG;
	case ERR_USAGE:
		return REPL_USAGE;
	case ERR_EVAL:
		return REPL_FAILED;
	case ERR_IO:
		break;
	}
	return REPL_UNUSABLE;
}

static struct store *open_store(void *ctx, struct err *err)
{
	struct repl *r = ctx;

	if (!r->store)
		r->store = store_open(store_locate(r->opts->store, &r->names).p,
				      STORE_WRITE, err);
	return r->store;
}

static int open_session(struct repl *r)
{
	struct err err;

	if (r->session)
		return REPL_DONE;
	r->run = r->opts->run;
	r->run.observe = observe;
	r->run.arg = r;
	r->session = run_session_open(NULL, &r->run, &err);
	if (!r->session)
		return fail(r, &err);
	run_session_ask_store(r->session, open_store, r);
	return REPL_DONE;
}

static int config_is_wrong(const struct repl *r, const struct buf *errors,
			   const struct err *err)
{
	if (!errors->n)
		return fail(r, err);
	repl_say(r, "error: %s:", err->text);
	for (size_t at = 0, end; at < errors->n; at = end + 1) {
		end = str_find(buf_str(errors), STR("\n"), at);
		repl_say(r, "  %.*s", STR_ARG(str_sub(buf_str(errors), at, end)));
	}
	repl_say(r, "set it by :config NAME=VALUE, then :rerun");
	return REPL_WRONG;
}

/* Runs what in wants; *out is there if it returns REPL_DONE, whatever came of it. */
static int run(struct repl *r, struct program_input *in, const struct module **m,
	       struct run_step_result *out)
{
	struct run_step step = {.pipeline = in->pipeline, .wants = program_wants,
				.entry = program_asks, .ctx = in};
	struct run_config config;
	struct buf errors = {0};
	int64_t began;
	struct err err;
	int rc = open_session(r);

	if (!rc && program_module(in, &step.m, &step.module_bytes, &err))
		rc = fail(r, &err);
	if (!rc && program_config(in, &r->arena, &config, &errors, &err))
		rc = config_is_wrong(r, &errors, &err);
	buf_release(&errors);
	if (rc)
		return rc;
	*m = step.m;
	step.config = &config;
	if (in->added.n)
		step.text = in->added.at[0].text;
	r->in = in;
	r->pipeline = &step.m->pipelines[in->pipeline];
	r->host->progress_begin(r->host->ctx);
	began = io_monotonic_ms();
	if (run_session_step(r->session, &step, &r->arena, out, &err))
		rc = -1;
	r->step_ms = io_monotonic_ms() - began;
	r->host->progress_end(r->host->ctx);
	return rc ? fail(r, &err) : REPL_DONE;
}

static bool ended_badly(const struct run_step_node *n)
{
	return n->state == TASK_FAILED || n->state == TASK_CANCELLED ||
	       n->state == TASK_SKIPPED;
}

static void set_state(struct repl *r, const struct program_entry *e,
		      enum program_state state)
{
	if (e->kind == PROGRAM_STATEMENT)
		program_set_state(r->program, e->id, state);
}

/* An entry has failed if something in it did, in a step that did not end well. */
static void set_states(struct repl *r, const struct program_input *in,
		       const struct run_step_result *x)
{
	bool succeeded = str_is(x->run.state, "succeeded");
	const struct program_entry *e;

	for (size_t i = 0; i < in->updates.n; i++)
		set_state(r, &in->updates.at[i], PROGRAM_DONE);
	for (size_t i = 0; i < in->added.n; i++)
		set_state(r, &in->added.at[i], PROGRAM_DONE);
	for (uint32_t k = 0; k < x->nnodes; k++) {
		e = program_entry_of(in, x->nodes[k].node);
		if (e)
			set_state(r, e, PROGRAM_DONE);
	}
	for (uint32_t k = 0; k < x->nnodes && !succeeded; k++) {
		e = program_entry_of(in, x->nodes[k].node);
		if (e && ended_badly(&x->nodes[k]))
			set_state(r, e, PROGRAM_FAILED);
	}
}

static void note_tasks(struct repl *r, const struct run_result *x)
{
	for (size_t i = 0; i < x->ntasks; i++) {
		struct str path = x->tasks[i].path;

		if (x->tasks[i].state == TASK_SKIPPED || map_get(&r->tasks, path))
			continue;
		path = arena_str(&r->names, path);
		map_set(&r->tasks, path, r);
		vec_push(&r->task_list, path);
	}
}

/* What failed by itself: an expression, an assertion. */
static bool tell_node_errors(const struct repl *r, const struct run_step_result *x)
{
	bool any = false;

	for (uint32_t i = 0; i < x->nnodes; i++) {
		const struct run_step_node *n = &x->nodes[i];

		if (n->state != TASK_FAILED || !n->error.n)
			continue;
		repl_say(r, n->place.n ? "failed at %.*s: %.*s" : "failed%.*s: %.*s",
			 STR_ARG(n->place), STR_ARG(n->error));
		any = true;
	}
	return any;
}

static void tell_failures(struct repl *r, const struct run_step_result *x)
{
	struct buf out = {0};
	bool any = false;

	for (size_t i = 0; i < x->run.ntasks; i++)
		any |= x->run.tasks[i].state == TASK_FAILED &&
		       !x->run.tasks[i].is_covered;
	if (x->signal || str_is(x->run.state, "cancelled"))
		repl_say(r, "interrupted; the session goes on");
	else if (any || !tell_node_errors(r, x))
		r->host->failures(r->host->ctx, &x->run, &out);
	if (out.n)
		io_write_all(STDERR_FILENO, buf_str(&out));
	buf_release(&out);
}

/* A terminal that is gone, or who asks the process to end, means more than the step. */
static void note_signal(struct repl *r, const struct run_step_result *x)
{
	if (x->signal != SIGHUP && x->signal != SIGTERM)
		return;
	r->is_over = true;
	r->signal = x->signal;
}

static int status_of(const struct run_step_result *x)
{
	if (str_is(x->run.state, "succeeded"))
		return REPL_DONE;
	return x->signal ? REPL_INTERRUPTED : REPL_FAILED;
}

int repl_take(struct repl *r, enum program_verdict verdict, struct program_input *in)
{
	struct run_step_result x;
	const struct module *m;
	int rc;

	if (in->said.n)
		io_write_all(STDERR_FILENO, buf_str(&in->said));
	if (verdict == PROGRAM_WRONG || verdict == PROGRAM_INCOMPLETE)
		return in->is_unreadable ? REPL_UNUSABLE : REPL_WRONG;
	if (verdict == PROGRAM_EMPTY)
		return REPL_DONE;
	program_commit(r->program, in);
	repl_tell_changes(r, in);
	if (!in->runs)
		return REPL_DONE;
	rc = run(r, in, &m, &x);
	if (rc)
		return rc;
	set_states(r, in, &x);
	note_tasks(r, &x.run);
	note_signal(r, &x);
	step_said_show(r, &x.run);
	step_show(r, in, m, &x);
	rc = status_of(&x);
	if (rc)
		tell_failures(r, &x);
	return rc;
}

int repl_evaluate(struct repl *r, struct str text, struct program_input *in,
		  const struct type **type, struct value *value)
{
	struct run_step_result x;
	const struct module *m;
	int rc;

	if (program_type_of(r->program, text, in) != PROGRAM_OK) {
		io_write_all(STDERR_FILENO, buf_str(&in->said));
		return REPL_WRONG;
	}
	rc = run(r, in, &m, &x);
	if (!rc)
		note_signal(r, &x);
	rc = rc ? rc : status_of(&x);
	if (rc == REPL_FAILED || rc == REPL_INTERRUPTED)
		tell_failures(r, &x);
	for (uint32_t i = 0; !rc && in->node != MODULE_NONE && i < x.nnodes; i++) {
		const struct run_step_node *n = &x.nodes[i];

		if (n->nvalues && n->node == &x.run.pipeline->nodes[in->node]) {
			*type = node_output_type(m, n->node, 0);
			*value = n->values[0];
		}
	}
	return rc;
}
