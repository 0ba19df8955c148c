#include <config.h>

#include "compiler/cli/cli.h"
#include "compiler/cli/progress.h"
#include "runtime/value/json.h"
#include "runtime/value/number.h"

enum { LONGEST_VALUE = 40 };	/* bytes of an output that a line shows */

static void add_colour(bool colour, struct buf *out, const char *sgr, const char *text)
{
	if (colour)
		buf_addf(out, "\033[%sm%s\033[0m", sgr, text);
	else
		buf_addz(out, text);
}

void progress_add_state(enum task_state s, const char *word, bool colour, struct buf *out)
{
	static const char *const sgr[TASK_NSTATES] = {
		[TASK_PENDING] = "33", [TASK_RUNNING] = "36", [TASK_SUCCEEDED] = "32",
		[TASK_CACHED] = "32", [TASK_FAILED] = "31", [TASK_SKIPPED] = "2",
		[TASK_CANCELLED] = "33",
	};

	add_colour(colour, out, sgr[s], word);
}

static void add_state(const struct progress *p, struct buf *out, enum task_state s)
{
	progress_add_state(s, task_state_name(s), p->colour, out);
}

/* A float that JSON cannot hold is a word on the wire. */
static bool is_float_word(struct value v)
{
	return v.kind == VALUE_STR && (str_is(*v.s, "NaN") || str_is(*v.s, "Infinity") ||
				       str_is(*v.s, "-Infinity"));
}

static bool is_empty_series(struct value series)
{
	const struct value *n = value_get(series, STR("n"));

	return n && n->kind == VALUE_INT && !n->i;
}

static void add_number(struct buf *out, struct str name, struct value v)
{
	struct buf text = {0};
	double f;
	const struct value *series = value_get(v, STR("$series"));

	if (series && is_empty_series(*series))
		return;
	if (series && value_get(*series, STR("last")))
		v = *value_get(*series, STR("last"));
	if (is_float_word(v) && number_float(*v.s, &f))
		v = value_float(f);
	if (v.kind != VALUE_INT && v.kind != VALUE_FLOAT && v.kind != VALUE_BOOL)
		return;
	v.kind == VALUE_FLOAT ? value_print_short(v.f, &text) : value_print(v, &text);
	buf_addf(out, " %.*s=%.*s", STR_ARG(name),
		 (int)(text.n > LONGEST_VALUE ? LONGEST_VALUE : text.n), text.p);
	buf_release(&text);
}

void progress_add_outputs(struct buf *out, struct str record)
{
	struct arena a;
	struct value v;
	const struct value *outputs = NULL;

	arena_init(&a);
	if (!json_parse(&a, arena_printf(&a, "{%.*s}", STR_ARG(record)), &v, NULL))
		outputs = value_get(v, STR("outputs"));
	if (outputs && outputs->kind == VALUE_DICT)
		for (size_t i = 0; i < outputs->dict->n; i++)
			add_number(out, outputs->dict->at[i].key,
				   outputs->dict->at[i].value);
	arena_release(&a);
}

static void add_reason(struct buf *out, const struct run_event *e)
{
	buf_addz(out, " (");
	cli_add_skip_reason(out, e->text, e->because);
	buf_addc(out, ')');
}

static void add_error(struct buf *out, const struct run_event *e)
{
	if (e->text.n) {
		buf_addz(out, ": ");
		buf_add_printable(
			out, str_sub(e->text, 0, str_find(e->text, STR("\n"), 0)), false);
	}
}

static bool task_line(const struct progress *p, const struct run_event *e,
		      struct buf *out)
{
	buf_add(out, e->task);
	buf_addc(out, ' ');
	if (e->journal_event == EVENT_TASK_RETRY) {
		add_colour(p->colour, out, "33", "failed");
		add_error(out, e);
		buf_addz(out, "; attempt ");
		buf_addf(out, "%d follows", e->attempt + 1);
		if (e->ms) {
			buf_addz(out, " in ");
			human_duration(out, e->ms);
		}
		return true;
	}
	add_state(p, out, e->state);
	if (e->state == TASK_RUNNING) {
		if (e->title.n) {
			buf_addz(out, " (");
			buf_add_printable(out, e->title, false);
			buf_addc(out, ')');
		}
		if (e->attempt > 1)
			buf_addf(out, " (attempt %d)", e->attempt);
		return p->kind == PROGRESS_PLAIN;
	}
	if (e->state == TASK_SKIPPED) {
		add_reason(out, e);
		return true;
	}
	buf_addc(out, ' ');
	human_duration(out, e->ms);
	if (e->state == TASK_SUCCEEDED)
		progress_add_outputs(out, e->record);
	else if (e->state == TASK_FAILED)
		add_error(out, e);
	if (e->is_covered)
		buf_addz(out, " (except follows)");
	return true;
}

static bool env_line(const struct run_event *e, struct buf *out)
{
	bool ready = e->journal_event == EVENT_ENV_READY;

	/* A bare interpreter, or what was built before, is not worth a line. */
	if (ready && !e->text.n && (e->attempt || e->ms < 1000))
		return false;
	if (ready && e->text.n) {	/* names the environment itself */
		buf_add_printable(
			out, str_sub(e->text, 0, str_find(e->text, STR("\n"), 0)), false);
		return true;
	}
	buf_addf(out, "environment %.*s ", STR_ARG(e->task));
	if (!ready) {
		buf_add_printable(out, e->text, false);
	} else {
		buf_addz(out, "built in ");
		human_duration(out, e->ms);
	}
	return true;
}

static bool loop_line(const struct progress *p, const struct run_event *e,
		      struct buf *out)
{
	if (e->state != TASK_RUNNING && e->state != TASK_SKIPPED)
		return false;
	buf_addf(out, "for %.*s: ", STR_ARG(e->task));
	if (e->state == TASK_SKIPPED) {
		add_state(p, out, e->state);
		add_reason(out, e);
	} else {
		buf_addf(out, "%lld iteration%s", (long long)e->step,
			 e->step == 1 ? "" : "s");
	}
	return true;
}

bool progress_line(const struct progress *p, const struct run_event *e, struct buf *out)
{
	switch (e->kind) {
	case RUN_EVENT_STARTED:
		buf_addf(out, "run %.*s (%.*s) started", STR_ARG(run_short_id(p->run_id)),
			 STR_ARG(e->task));
		return true;
	case RUN_EVENT_ENV:
		return env_line(e, out);
	case RUN_EVENT_TASK:
		return task_line(p, e, out);
	case RUN_EVENT_BRANCH:
		buf_addf(out, "if %.*s: %s", STR_ARG(e->text),
			 e->value > 0 ? "yes" : "no");
		return true;
	case RUN_EVENT_LOOP:
		return loop_line(p, e, out);
	case RUN_EVENT_VALUE:
		buf_addf(out, "%.*s failed", STR_ARG(e->task));
		add_error(out, e);
		return e->text.n > 0;
	case RUN_EVENT_POINT:
		buf_addf(out, "%.*s %.*s=", STR_ARG(e->task), STR_ARG(e->metric));
		value_print_short(e->value, out);
		buf_addf(out, " step %lld", (long long)e->step);
		return true;
	case RUN_EVENT_STOPPING:
		buf_addz(out,
			 "stopping: tasks are asked to end, then finally blocks run; "
			 "the next Ctrl-C kills");
		return true;
	case RUN_EVENT_OUTPUT:
	case RUN_EVENT_TICK:
	case RUN_EVENT_FINISHED:
		break;
	}
	return false;
}
