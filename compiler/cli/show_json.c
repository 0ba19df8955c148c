#include <config.h>

#include "compiler/cli/show_json.h"

#include "runtime/value/json.h"

static void add_times(struct buf *out, int64_t started_ms, int64_t ended_ms)
{
	if (started_ms)
		json_put_int(out, "started_ms", started_ms);
	if (ended_ms)
		json_put_int(out, "ended_ms", ended_ms);
}

static void add_attempt(struct buf *out, const struct view_attempt *a)
{
	buf_addc(out, '{');
	json_put_int(out, "attempt", a->number);
	json_put_str(out, "state", a->state);
	add_times(out, a->started_ms, a->ended_ms);
	json_put_int(out, "exit_code", a->exit_code);
	json_put_int(out, "signal", a->signal);
	if (a->error.n)
		json_put_str(out, "error", a->error);
	buf_addc(out, '}');
}

void show_task_json(const struct view_task *t, const char *run_id, struct buf *out)
{
	buf_addc(out, '{');
	if (run_id)
		json_put_str(out, "run_id", str_of(run_id));
	json_put_str(out, "task", t->path);
	json_put_str(out, "component", t->component);
	if (t->display_name.n)
		json_put_str(out, "display_name", t->display_name);
	json_put_str(out, "state", t->state);
	if (t->is_covered)
		json_put_bool(out, "covered", true);
	if (t->reason.n)
		json_put_str(out, "reason", t->reason);
	if (t->because.n)
		json_put_str(out, "because", t->because);
	if (t->place.n)
		json_put_str(out, "place", t->place);
	add_times(out, t->started_ms, t->ended_ms);
	if (t->settings.kind == VALUE_DICT)
		json_put_value(out, "settings", t->settings);
	if (t->inputs.kind == VALUE_DICT)
		json_put_value(out, "inputs", t->inputs);
	buf_addz(out, ",\"outputs\":{");
	for (size_t i = 0; i < t->outputs.n; i++) {
		if (i)
			buf_addc(out, ',');
		buf_add_json(out, t->outputs.at[i].name);
		buf_addc(out, ':');
		json_write(t->outputs.at[i].value, out);
	}
	buf_addz(out, "},\"attempts\":[");
	for (size_t i = 0; i < t->attempts.n; i++) {
		if (i)
			buf_addc(out, ',');
		add_attempt(out, &t->attempts.at[i]);
	}
	buf_addz(out, "]}");
}

static void add_values(struct buf *out, const struct run_view *v)
{
	buf_addz(out, ",\"values\":{");
	for (size_t i = 0; i < v->values.n; i++) {
		const struct view_value *x = &v->values.at[i];

		if (i)
			buf_addc(out, ',');
		buf_add_json(out, x->address);
		buf_addz(out, ":{");
		if (x->error.n)
			json_put_str(out, "error", x->error);
		if (x->place.n)
			json_put_str(out, "place", x->place);
		if (x->is_too_large)
			json_put_bool(out, "too_large", true);
		else if (!x->error.n)
			json_put_value(out, "value", x->value);
		buf_addc(out, '}');
	}
	buf_addc(out, '}');
}

static void add_loops(struct buf *out, const struct run_view *v)
{
	buf_addz(out, ",\"loops\":[");
	for (size_t i = 0; i < v->loops.n; i++) {
		const struct view_loop *l = &v->loops.at[i];

		buf_addz(out, i ? ",{" : "{");
		json_put_str(out, "loop", l->path);
		if (l->reason.n)
			json_put_str(out, "reason", l->reason);
		if (l->because.n)
			json_put_str(out, "because", l->because);
		if (!l->reason.n)
			json_put_int(out, "iterations", l->niterations);
		buf_addc(out, '}');
	}
	buf_addc(out, ']');
}

static void add_metrics(struct buf *out, const struct run_view *v)
{
	buf_addz(out, ",\"metrics\":[");
	for (size_t i = 0; i < v->metrics.n; i++) {
		const struct view_metric *m = &v->metrics.at[i];

		buf_addz(out, i ? ",{" : "{");
		json_put_str(out, "task", m->task);
		json_put_str(out, "name", m->name);
		json_put_int(out, "attempt", m->attempt);
		json_put_value(out, "last", value_float(m->last));
		json_put_int(out, "points", m->npoints);
		buf_addc(out, '}');
	}
	buf_addc(out, ']');
}

static void add_steps(struct buf *out, const struct run_view *v)
{
	json_put_key(out, "steps");
	buf_addc(out, '[');
	for (size_t i = 0; i < v->steps.n; i++) {
		buf_addz(out, i ? ",{" : "{");
		json_put_int(out, "time_ms", v->steps.at[i].time_ms);
		json_put_str(out, "module", v->steps.at[i].module);
		json_put_str(out, "text", v->steps.at[i].text);
		buf_addc(out, '}');
	}
	buf_addc(out, ']');
}

void show_run_json(const struct run_view *v, struct buf *out)
{
	const struct value *config = value_get(v->header, STR("config"));
	const struct value *settings = value_get(v->header, STR("settings"));

	buf_addc(out, '{');
	json_put_str(out, "run_id", str_of(v->id));
	json_put_str(out, "pipeline", v->pipeline);
	json_put_str(out, "name", v->name);
	json_put_str(out, "state", v->state);
	add_times(out, v->created_ms, v->ended_ms);
	if (v->error.n)
		json_put_str(out, "error", v->error);
	if (v->damage.n)
		json_put_str(out, "damage", v->damage);
	if (settings)
		json_put_value(out, "settings", *settings);
	if (config)
		json_put_value(out, "config", *config);
	json_put_value(out, "header", v->header);
	buf_addz(out, ",\"tasks\":[");
	for (size_t i = 0; i < v->tasks.n; i++) {
		if (i)
			buf_addc(out, ',');
		show_task_json(v->tasks.at[i], NULL, out);
	}
	buf_addc(out, ']');
	add_loops(out, v);
	add_values(out, v);
	json_put_value(out, "outputs", v->outputs);
	add_metrics(out, v);
	if (v->is_session)
		add_steps(out, v);
	buf_addc(out, '}');
}
