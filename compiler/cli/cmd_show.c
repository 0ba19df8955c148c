#include <config.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "compiler/cli/look.h"
#include "compiler/cli/show_json.h"
#include "compiler/cli/show_tasks.h"
#include "compiler/cli/show_values.h"
#include "compiler/cli/watch.h"
#include "runtime/base/io.h"
#include "runtime/bc/module.h"

enum {
	STDERR_LINES = 20,
	STDERR_BYTES = 16 << 10,
};

static void add_row(struct cli *c, struct table *t, const char *name, struct str text)
{
	if (!text.n)
		return;
	table_cell(t, str_of(name));
	table_cell(t, look_text(c, text));
}

static struct str header_text(struct cli *c, const struct run_view *v, const char *key)
{
	const struct value *x = value_get(v->header, str_of(key));
	struct buf b = {0};
	struct str s;

	if (!x || x->kind == VALUE_NONE)
		return STR("");
	value_print(*x, &b);
	s = arena_str(&c->arena, buf_str(&b));
	buf_release(&b);
	return s;
}

/* The command line as a person would type it, as far as that can be told. */
static struct str command_text(struct cli *c, const struct run_view *v)
{
	const struct value *argv = value_get(v->header, STR("argv"));
	struct buf b = {0};
	struct str s;

	for (size_t i = 0; argv && argv->kind == VALUE_LIST && i < argv->list->n; i++) {
		struct value word = argv->list->at[i];

		if (word.kind != VALUE_STR)
			continue;
		if (b.n)
			buf_addc(&b, ' ');
		if (word.s->n && str_find(*word.s, STR(" "), 0) == word.s->n)
			buf_add(&b, *word.s);
		else
			buf_addf(&b, "'%.*s'", STR_ARG(*word.s));
	}
	s = arena_str(&c->arena, buf_str(&b));
	buf_release(&b);
	return s;
}

static struct str time_text(struct cli *c, int64_t ms)
{
	struct buf b = {0};
	struct str s;

	if (ms)
		human_time(&b, ms);
	s = arena_str(&c->arena, buf_str(&b));
	buf_release(&b);
	return s;
}

/* A number as the setting's type writes it: "1h30m", "8GiB". */
static struct value setting_value(struct cli *c, struct types *t, struct str name,
				  struct value v)
{
	enum setting id = setting_find(name);
	const struct type *type = id == SETTING_N ? NULL : setting_type(id, t);
	struct buf b = {0};

	if (!type || v.kind != VALUE_INT ||
	    (type->kind != TYPE_DURATION && type->kind != TYPE_SIZE))
		return v;
	value_print_literal(v, type, &b);
	v = value_str(&c->arena, buf_str(&b));
	buf_release(&b);
	return v;
}

static void add_settings(struct cli *c, const struct value *settings, struct buf *out)
{
	struct table *t = table_new(&c->arena, 2);
	struct types types;

	if (!settings || settings->kind != VALUE_DICT || !settings->dict->n)
		return;
	types_init(&types);
	for (size_t i = 0; i < settings->dict->n; i++) {
		const struct value_pair *p = &settings->dict->at[i];
		struct value v = setting_value(c, &types, p->key, p->value);

		table_cell(t, show_indented(c, p->key));
		table_cell(t,
			   v.kind == VALUE_STR ? look_text(c, *v.s) : look_value(c, v));
	}
	types_release(&types);
	show_title(out, "settings");
	table_print(t, 0, out);
}

static void add_head(struct cli *c, const struct run_view *v, struct buf *out)
{
	struct table *t = table_new(&c->arena, 2);

	add_row(c, t, "run", str_of(v->id));
	if (!str_eq(v->name, v->pipeline))
		add_row(c, t, "name", v->name);
	add_row(c, t, "pipeline", v->pipeline);
	if (!v->is_session)
		add_row(c, t, "file", header_text(c, v, "file"));
	add_row(c, t, "command", command_text(c, v));
	if (v->is_session)
		add_row(c, t, "session",
			arena_printf(&c->arena, "%zu step%s", v->steps.n,
				     v->steps.n == 1 ? "" : "s"));
	add_row(c, t, "state", v->state);
	add_row(c, t, "error", v->error);
	add_row(c, t, "damage", v->damage);
	add_row(c, t, "started", time_text(c, v->created_ms));
	add_row(c, t, "time", look_duration(c, v->created_ms,
					    v->is_live ? io_now_ms() : v->ended_ms));
	table_print(t, 0, out);
}

/* Each value is an object with `value` and `origin`. */
static void add_config(struct cli *c, const struct run_view *v, struct buf *out)
{
	const struct value *config = value_get(v->header, STR("config"));
	struct table *t = table_new(&c->arena, 3);

	if (!config || config->kind != VALUE_DICT || !config->dict->n)
		return;
	for (size_t i = 0; i < config->dict->n; i++) {
		const struct value_pair *p = &config->dict->at[i];
		const struct value *value = value_get(p->value, STR("value"));
		const struct value *origin = value_get(p->value, STR("origin"));

		table_cell(t, show_indented(c, p->key));
		table_cell(t, look_value(c, value ? *value : p->value));
		table_cell(t, origin && origin->kind == VALUE_STR
				      ? look_text(c, *origin->s) : STR(""));
	}
	show_title(out, "config");
	table_print(t, 0, out);
}

/* Bindings that could not be computed; those that could are seen in the inputs of
 * tasks. */
static void add_value_errors(struct cli *c, const struct run_view *v, struct buf *out)
{
	struct table *t = table_new(&c->arena, 2);
	bool any = false;

	for (size_t i = 0; i < v->values.n; i++) {
		const struct view_value *x = &v->values.at[i];
		struct str error = x->error;

		if (!x->error.n)
			continue;
		table_cell(t, show_indented(c, x->address));
		if (x->place.n)
			error = arena_printf(&c->arena, "%.*s (%.*s)", STR_ARG(x->error),
					     STR_ARG(x->place));
		table_cell(t, look_text(c, error));
		any = true;
	}
	if (!any)
		return;
	show_title(out, "could not be computed");
	table_print(t, 0, out);
}

static void show_run(struct cli *c, const struct run_view *v, struct buf *out)
{
	add_head(c, v, out);
	add_settings(c, value_get(v->header, STR("settings")), out);
	add_config(c, v, out);
	show_tasks(c, v, out);
	show_loops(c, v, out);
	add_value_errors(c, v, out);
	show_results(c, v, out);
}

static struct str attempt_note(struct cli *c, const struct view_attempt *a)
{
	struct buf b = {0};
	struct str s;

	if (str_has_prefix(a->error, STR("exit status")))
		;	/* says it all */
	else if (a->signal)
		buf_addf(&b, "signal %d (%s)", a->signal, strsignal(a->signal));
	else if (a->exit_code)
		buf_addf(&b, "exit status %d", a->exit_code);
	if (a->error.n)
		buf_addf(&b, "%s%.*s", b.n ? ": " : "", STR_ARG(a->error));
	s = look_text(c, buf_str(&b));
	buf_release(&b);
	return s;
}

static void add_attempts(struct cli *c, const struct view_task *task, struct buf *out)
{
	struct table *t = table_new(&c->arena, 4);

	if (!task->attempts.n)
		return;
	for (size_t i = 0; i < task->attempts.n; i++) {
		const struct view_attempt *a = &task->attempts.at[i];

		table_cell(t, arena_printf(&c->arena, "  %d", a->number));
		table_cell(t, a->state);
		table_cell(t, look_duration(c, a->started_ms, a->ended_ms));
		table_cell(t, attempt_note(c, a));
	}
	show_title(out, "attempts");
	table_print(t, 0, out);
}

/* The end of what an attempt wrote to stderr, at most `room` bytes: its parts from the
 * last one back, put in front of each other. */
static void read_stderr(int fd, const struct view_attempt *a, struct buf *out)
{
	size_t first = a->log.n, room = STDERR_BYTES;

	while (first > 0 && room) {
		const struct view_log_part *p = &a->log.at[--first];

		if (p->is_stderr)
			room -= (size_t)p->length < room ? (size_t)p->length : room;
	}
	for (; first < a->log.n; first++) {
		const struct view_log_part *p = &a->log.at[first];
		size_t length = (size_t)p->length;
		size_t n = length < STDERR_BYTES ? length : STDERR_BYTES;
		ssize_t got;

		if (!p->is_stderr)
			continue;
		got = pread(fd, buf_reserve(out, n), n,
			    p->offset + p->length - (int64_t)n);
		if (got > 0)
			out->n += (size_t)got;
	}
}

/* The last lines of s; the newline at its end is not one more. */
static struct str last_lines(struct str s, unsigned lines)
{
	size_t at = s.n && s.p[s.n - 1] == '\n' ? s.n - 1 : s.n;

	while (at > 0) {
		if (s.p[at - 1] == '\n' && !--lines)
			break;
		at--;
	}
	return str_sub(s, at, s.n);
}

static void add_stderr(const struct look *l, struct buf *out)
{
	const struct view_task *t = l->task;
	struct buf text = {0};
	struct str s;
	int fd = t->attempts.n ? run_view_open_logs(l->store, l->view.id) : -1;

	if (fd < 0)
		return;
	read_stderr(fd, &vec_last(&t->attempts), &text);
	close(fd);
	s = last_lines(buf_str(&text), STDERR_LINES);
	if (s.n) {
		show_title(out, "last lines of stderr");
		buf_add_printable(out, s, true);
		if (s.p[s.n - 1] != '\n')
			buf_addc(out, '\n');
		buf_addz(out, "\nAll of it: kfpc logs ");
		cli_add_address(out, run_short_id(l->view.id), t->path);
		buf_addc(out, '\n');
	}
	buf_release(&text);
}

static void add_outputs(struct cli *c, const struct view_task *task, struct buf *out)
{
	struct table *t = table_new(&c->arena, 2);

	if (!task->outputs.n)
		return;
	for (size_t i = 0; i < task->outputs.n; i++) {
		table_cell(t, show_indented(c, task->outputs.at[i].name));
		table_cell(t, look_value(c, task->outputs.at[i].value));
	}
	show_title(out, "outputs");
	table_print(t, 0, out);
}

static void show_task(struct cli *c, const struct look *l, struct buf *out)
{
	const struct view_task *task = l->task;
	struct table *t = table_new(&c->arena, 2);
	struct str reason = task->reason;
	struct buf words = {0};

	if (str_is(task->state, "skipped")) {
		cli_add_skip_reason(&words, reason, task->because);
		reason = arena_str(&c->arena, buf_str(&words));
		buf_release(&words);
	}
	add_row(c, t, "task", task->path);
	add_row(c, t, "name", task->display_name);
	add_row(c, t, "component", task->component);
	add_row(c, t, "run", str_of(l->view.id));
	add_row(c, t, "state", task->state);
	add_row(c, t, str_is(task->state, "failed") ? "error" : "reason", reason);
	add_row(c, t, "place", task->place);
	add_row(c, t, "started", time_text(c, task->started_ms));
	add_row(c, t, "time", look_duration(c, task->started_ms, task->ended_ms));
	table_print(t, 0, out);
	add_settings(c, &task->settings, out);
	show_values(c, "inputs", task->inputs, out);
	add_outputs(c, task, out);
	add_attempts(c, task, out);
	if (!str_is(task->state, "succeeded"))
		add_stderr(l, out);
}

static int watch(struct cli *c)
{
	struct look l;
	int rc = look_open(c, OPT_show_store, false, &l);

	if (rc == EXIT_DONE && l.task)
		rc = cli_usage(c, "--watch is of a whole run: kfpc show %.*s --watch",
			       STR_ARG(run_short_id(l.view.id)));
	else if (rc == EXIT_DONE)
		rc = watch_run(c, l.store, &l.view, cli_has(c, OPT_show_json)
						    ? PROGRESS_JSON : PROGRESS_AUTO);
	look_release(&l);
	return rc;
}

int cmd_show(struct cli *c)
{
	struct buf out = {0};
	struct look l;
	int rc;

	if (cli_has(c, OPT_show_watch))
		return watch(c);
	rc = look_open(c, OPT_show_store, true, &l);
	if (rc == EXIT_DONE) {
		if (cli_has(c, OPT_show_json) && l.task)
			show_task_json(l.task, l.view.id, &out);
		else if (cli_has(c, OPT_show_json))
			show_run_json(&l.view, &out);
		else if (l.task)
			show_task(c, &l, &out);
		else
			show_run(c, &l.view, &out);
		if (cli_has(c, OPT_show_json))
			buf_addc(&out, '\n');
		rc = cli_print(&out);
	}
	buf_release(&out);
	look_release(&l);
	return rc;
}
