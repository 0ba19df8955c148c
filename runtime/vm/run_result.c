#include <config.h>

#include "runtime/vm/run_result.h"

#include <stdlib.h>

#include "runtime/base/io.h"
#include "runtime/value/json.h"

/* Did the call or try that this is the end of begin? */
static bool has_begun(const struct runner *r, const struct inst *i)
{
	if (i->kind == INST_END)
		return plan_inst(&r->plan, plan_scope(&r->plan, i)->begin)->state == INST_OK;
	return i->kind == INST_TRY_END && (i - INST_TRY_END + INST_TRY)->state == INST_OK;
}

enum task_state run_result_state(const struct runner *r, const struct inst *i)
{
	switch ((enum inst_state)i->state) {
	case INST_OK:
		return TASK_SUCCEEDED;
	case INST_FAILED:
		return TASK_FAILED;
	case INST_SKIPPED:
		if (!has_begun(r, i))
			return TASK_SKIPPED;
		return i->reason == SKIP_CANCELLED ? TASK_CANCELLED : TASK_FAILED;
	case INST_CANCELLED:
		return TASK_CANCELLED;
	case INST_RUNNING:
		return TASK_RUNNING;
	case INST_WAITING:
	case INST_READY:
		break;
	}
	return TASK_PENDING;
}

static void fill_task(struct runner *r, uint32_t i, struct str path,
		      struct run_task_result *out)
{
	const struct inst *inst = plan_inst(&r->plan, i);
	const struct module_component *c = plan_component(&r->plan, inst);

	*out = (struct run_task_result){
		.path = arena_str(r->a, path),
		.component = c->name,
		.state = run_result_state(r, inst),
		.error = STR(""),
		.place = STR(""),
		.reason = str_of(skip_reason_name((enum skip_reason)inst->reason)),
		.because = STR(""),
		.is_recalled = inst->is_recalled,
		.root = plan_root_node(&r->plan, inst),
		.attempts = inst->is_recalled ? 0 : (int)inst->attempts,
		.ms = inst->ms,
		.outputs = c->outputs,
		.noutputs = c->noutputs,
		.values = inst->state == INST_OK ? inst->values : NULL,
	};
	if (inst->because != MODULE_NONE)
		out->because = arena_str(r->a, plan_path(&r->plan, inst->because, r->a));
}

/* Its instance will be another one's. */
void run_result_keep(struct runner *r, const struct sched_change *c, struct str path)
{
	const struct inst *inst = plan_inst(&r->plan, c->inst);
	struct run_task_result t;
	struct value *values;

	fill_task(r, c->inst, path, &t);
	if (c->end) {
		t.error = arena_str(r->a, c->end->error);
		t.place = arena_str(r->a, c->end->place);
	}
	t.is_covered = c->is_covered;
	if (t.values) {
		values = ARENA_ARRAY(r->a, t.noutputs, struct value);
		for (uint32_t i = 0; i < t.noutputs; i++)
			values[i] = value_copy(r->a, inst->values[i]);
		t.values = values;
	}
	vec_push(&r->in_loops, t);
}

static bool is_digit(struct str s, size_t i)
{
	return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}

/* x[2]/fit stands before x[10]/fit. */
static int by_path(const void *x, const void *y)
{
	struct str a = ((const struct run_task_result *)x)->path;
	struct str b = ((const struct run_task_result *)y)->path;
	size_t i = 0, na, nb;

	while (i < a.n && i < b.n && a.p[i] == b.p[i])
		i++;
	while (i && is_digit(a, i - 1))
		i--;
	for (na = i; is_digit(a, na); na++)
		;
	for (nb = i; is_digit(b, nb); nb++)
		;
	if (na != nb && na > i && nb > i)
		return na < nb ? -1 : 1;
	return str_cmp(str_sub(a, i, a.n), str_sub(b, i, b.n));
}

/* Those in no loop in the order of the program, then the others by their addresses. */
static void fill_tasks(struct runner *r, struct run_result *result)
{
	uint32_t n = (uint32_t)r->plan.insts.n, k = 0;
	struct run_task_result *tasks = ARENA_ARRAY(
		r->a, r->plan.ntasks + r->in_loops.n, struct run_task_result);
	uint32_t *task_of =
		calloc(n + 1, sizeof *task_of); /* instance -> number, plus one */

	if (!task_of)
		err_nomem();
	for (uint32_t i = 0; i < n; i++) {
		if (plan_inst(&r->plan, i)->kind != INST_TASK ||
		    plan_scope(&r->plan, plan_inst(&r->plan, i))->frame)
			continue;
		fill_task(r, i, plan_path(&r->plan, i, r->a), &tasks[k++]);
		task_of[i] = k;
	}
	for (size_t i = 0; i < r->facts.n; i++) {
		const struct run_fact *f = &r->facts.at[i];

		if (!task_of[f->inst])
			continue;
		tasks[task_of[f->inst] - 1].error = f->error;
		tasks[task_of[f->inst] - 1].place = f->place;
		tasks[task_of[f->inst] - 1].is_covered = f->is_covered;
	}
	for (size_t i = 0; i < r->in_loops.n; i++)
		tasks[k++] = r->in_loops.at[i];
	if (r->in_loops.n)
		qsort(tasks + k - r->in_loops.n, r->in_loops.n, sizeof *tasks, by_path);
	free(task_of);
	result->tasks = tasks;
	result->ntasks = k;
}

static void fill_outputs(struct runner *r, struct run_result *result)
{
	const struct module_pipeline *p = result->pipeline;
	struct value *values = ARENA_ARRAY(r->a, p->noutputs, struct value);

	if (r->plan.wanted)	/* then there are none */
		return;
	for (uint32_t i = 0; i < p->noutputs; i++) {
		const struct inst *o =
			plan_inst(&r->plan, r->plan.scopes.at[0].outputs + i);

		if (o->state != INST_OK)
			return;
		values[i] = o->values[0];
	}
	result->outputs = values;
}

static void fill_error(struct runner *r, struct run_result *result)
{
	const struct sched *s = &r->sched;

	result->error = STR("");
	result->place = STR("");
	if (r->is_broken) {
		result->error = arena_str(r->a, str_of(r->broken.text));
	} else if (s->cancelled == SCHED_BY_USER) {
		result->error = STR("cancelled");
	} else if (s->cancelled == SCHED_BY_TIMEOUT) {
		result->error =
			arena_printf(r->a, "it ran longer than its timeout of %lld s",
				     (long long)(s->deadline_ms - r->started_ms) / 1000);
	} else if (s->has_failed) {
		result->error =
			s->first_kind == INST_ASSERT
				? s->first_error
				: arena_printf(r->a, "%s'%.*s' failed: %.*s",
					       s->first_kind == INST_TASK ? "task " : "",
					       STR_ARG(s->first_path),
					       STR_ARG(s->first_error));
		result->place = s->first_place;
	}
}

void run_result_fill(struct runner *r, struct run_result *result)
{
	result->state = r->is_broken ? STR("failed") : str_of(sched_state(&r->sched));
	result->ms = io_monotonic_ms() - r->started_ms;
	fill_error(r, result);
	fill_tasks(r, result);
	fill_outputs(r, result);
}

void run_result_members(const struct run_result *result, struct buf *out)
{
	json_put_str(out, "state", result->state);
	json_put_key(out, "outputs");
	buf_addc(out, '{');
	for (uint32_t i = 0; result->outputs && i < result->pipeline->noutputs; i++) {
		if (i)
			buf_addc(out, ',');
		buf_add_json(out, result->pipeline->outputs[i].name);
		buf_addc(out, ':');
		run_json_value(result->outputs[i], out);
	}
	buf_addc(out, '}');
	json_put_str(out, "error", result->error);
	if (result->place.n)
		json_put_str(out, "place", result->place);
	json_put_int(out, "ms", result->ms);
	json_put_int(out, "tasks", (int64_t)result->ntasks);
}
