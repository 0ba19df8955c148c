#include <config.h>

#include <stdlib.h>

#include "runtime/value/json.h"
#include "runtime/vm/recall.h"
#include "runtime/vm/runner.h"

/* A value of a name that has more elements and bytes of text than this is not kept. */
enum {
	VALUE_WEIGHT = 64 << 10,
	MOST_TOLD_LATE = 1 << 20,	/* bytes of output that wait for what is before them */
};

const char *task_state_name(enum task_state s)
{
	static const char *const names[] = {
#define STATE(ID, name, end) name,
#include "runtime/vm/task.def"
#undef STATE
	};

	return names[s];
}

void run_break(struct runner *r, const struct err *err)
{
	if (r->is_broken)
		return;
	r->is_broken = true;
	r->broken = *err;
	sched_cancel(&r->sched, true);
}

int64_t run_record(struct runner *r, enum event e, struct str members)
{
	struct err err;
	int64_t n;

	if (!r->run || r->is_silent)
		return 0;
	n = e != EVENT_RUN_STARTED && recall_tell_step(r, &err)
		    ? -1 : run_append(r->run, e, members, &err);
	if (n > 0)
		return r->recorded = n;
	run_break(r, &err);
	return 0;
}

/* What the observer is told */

void run_tell_now(struct runner *r, const struct run_event *e)
{
	if (r->opts->observe)
		r->opts->observe(r->opts->arg, e);
}

static struct str keep(char **at, struct str s)
{
	struct str copy = {*at, s.n};

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

void run_tell(struct runner *r, int64_t need, const struct run_event *e)
{
	struct run_telling t = {.need = need, .event = *e};
	char *at;

	if (!r->opts->observe)
		return;
	if (r->telling_at == r->tellings.n && (!need || need <= run_durable(r->run))) {
		r->opts->observe(r->opts->arg, e);
		return;
	}
	if (e->kind == RUN_EVENT_OUTPUT && r->telling_output > MOST_TOLD_LATE)
		return;
	r->telling_output += e->kind == RUN_EVENT_OUTPUT ? e->text.n : 0;
	at = t.text = malloc(e->record.n + e->task.n + e->text.n + e->place.n +
			     e->because.n + e->title.n + e->metric.n + 1);
	if (!at)
		err_nomem();
	t.event.record = keep(&at, e->record);
	t.event.task = keep(&at, e->task);
	t.event.text = keep(&at, e->text);
	t.event.title = keep(&at, e->title);
	t.event.place = keep(&at, e->place);
	t.event.because = keep(&at, e->because);
	t.event.metric = keep(&at, e->metric);
	vec_push(&r->tellings, t);
}

void run_tell_due(struct runner *r)
{
	int64_t durable = r->run ? run_durable(r->run) : 0;

	while (r->telling_at < r->tellings.n) {
		struct run_telling t = r->tellings.at[r->telling_at];

		if (t.need > durable && !r->is_broken)
			return;
		r->telling_at++;
		r->opts->observe(r->opts->arg, &t.event);
		free(t.text);
	}
	vec_clear(&r->tellings);
	r->telling_at = 0;
	r->telling_output = 0;
}

void run_tell_release(struct runner *r)
{
	for (; r->telling_at < r->tellings.n; r->telling_at++)
		free(r->tellings.at[r->telling_at].text);
	vec_release(&r->tellings);
}

/* Records of what the scheduler decides */

static const char *const kinds[] = {
	[CODE_PYTHON] = "python",
	[CODE_PYTHON_FILE] = "python file",
	[CODE_SHELL] = "shell",
	[CODE_NATIVE] = "native",
	[CODE_LOAD] = "load",
	[CODE_CONTAINER] = "container",
	[CODE_NOTEBOOK] = "notebook",
};

static void add_values(struct buf *b, const char *key, const struct module_param *params,
		       const struct module_output *outputs, uint32_t n,
		       const struct value *values)
{
	json_put_key(b, key);
	buf_addc(b, '{');
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			buf_addc(b, ',');
		buf_add_json(b, params ? params[i].name : outputs[i].name);
		buf_addc(b, ':');
		run_json_value(values[i], b);
	}
	buf_addc(b, '}');
}

/* What a task was told, but for `env`, which may hold what is not for everybody. */
static void add_settings(struct buf *b, const struct sched_task *t)
{
	bool any = false;

	for (int id = 0; id < SETTING_N; id++) {
		if (t->settings[id].kind == VALUE_NONE || id == SETTING_ENV ||
		    id == SETTING_DISPLAY_NAME)
			continue;
		if (!any) {
			json_put_key(b, "settings");
			buf_addc(b, '{');
		}
		any = true;
		json_put_key(b, setting_name((enum setting)id));
		run_json_value(t->settings[id], b);
	}
	if (any)
		buf_addc(b, '}');
}

static void on_started(struct runner *r, const struct sched_change *c,
		       struct run_event *e)
{
	const struct sched_task *t = c->task;
	const struct run_env *env = run_env_of(r, t->component);
	struct buf *b = &r->record;

	json_put_int(b, "attempt", t->attempt);
	json_put_str(b, "component", t->component->name);
	json_put_str(b, "kind", str_of(kinds[t->component->code_kind]));
	if (t->display_name.kind == VALUE_STR) {
		json_put_str(b, "display_name", *t->display_name.s);
		e->title = *t->display_name.s;
	}
	add_settings(b, t);
	add_values(b, "inputs", t->component->params, NULL, t->component->nparams,
		   t->args);
	if (env && env->state == ENV_THERE)
		json_put_str(b, "env", digest_str(&env->info.lock_digest));
	run_key_write(r, t, b);
	e->journal_event = EVENT_TASK_STARTED;
	e->state = TASK_RUNNING;
	e->attempt = t->attempt;
}

static void add_end(struct buf *b, const struct sched_end *end)
{
	if (end->error.n)
		json_put_str(b, "error", end->error);
	if (end->place.n)
		json_put_str(b, "place", end->place);
	json_put_int(b, "exit_code", end->exit_code);
	if (end->signal)
		json_put_int(b, "signal", end->signal);
	json_put_int(b, "ms", end->ms);
	if (end->members.n) {
		buf_addc(b, ',');
		buf_add(b, end->members);
	}
}

static void on_retry(struct runner *r, const struct sched_change *c, struct run_event *e)
{
	json_put_int(&r->record, "attempt", c->task->attempt);
	add_end(&r->record, c->end);
	json_put_int(&r->record, "wait_ms", c->wait_ms);
	e->journal_event = EVENT_TASK_RETRY;
	e->state = TASK_PENDING;
	e->attempt = c->task->attempt;
	e->text = c->end->error;
	e->place = c->end->place;
	e->ms = c->wait_ms;
}

static void on_ended(struct runner *r, const struct sched_change *c, struct run_event *e)
{
	const struct inst *inst = plan_inst(&r->plan, c->inst);
	const struct module_component *component = plan_component(&r->plan, inst);

	e->state = c->state == INST_OK ? TASK_SUCCEEDED
		   : c->state == INST_FAILED ? TASK_FAILED : TASK_CANCELLED;
	e->journal_event = EVENT_TASK_FINISHED;
	e->attempt = c->task->attempt;
	e->text = c->end->error;
	e->place = c->end->place;
	e->ms = c->end->ms;
	e->is_covered = c->is_covered;
	json_put_int(&r->record, "attempt", c->task->attempt);
	json_put_str(&r->record, "state", str_of(task_state_name(e->state)));
	if (c->is_covered) {
		json_put_bool(&r->record, "covered", true);
	}
	if (c->state == INST_OK)
		add_values(&r->record, "outputs", NULL, component->outputs,
			   component->noutputs, inst->values);
	add_end(&r->record, c->end);
}

/* A result that the session knows. */
static void on_recalled(struct runner *r, const struct sched_change *c,
			struct run_event *e)
{
	const struct inst *inst = plan_inst(&r->plan, c->inst);
	const struct module_component *component = plan_component(&r->plan, inst);

	e->state = TASK_SUCCEEDED;
	e->journal_event = EVENT_TASK_CACHED;
	e->ms = c->end->ms;
	e->is_recalled = true;
	json_put_str(&r->record, "component", component->name);
	add_values(&r->record, "outputs", NULL, component->outputs, component->noutputs,
		   inst->values);
	buf_addc(&r->record, ',');
	buf_add(&r->record, c->end->members);
}

static void on_skipped(struct runner *r, const struct sched_change *c,
		       struct run_event *e, struct arena *a)
{
	const struct inst *inst = plan_inst(&r->plan, c->inst);
	const char *reason = skip_reason_name((enum skip_reason)inst->reason);
	bool is_loop = inst->kind == INST_LOOP;

	if (!is_loop)
		json_put_str(&r->record, "component",
			     plan_component(&r->plan, inst)->name);
	json_put_str(&r->record, "reason", str_of(reason));
	if (inst->because != MODULE_NONE) {
		e->because = plan_path(&r->plan, inst->because, a);
		json_put_str(&r->record, "because", e->because);
	}
	e->kind = is_loop ? RUN_EVENT_LOOP : RUN_EVENT_TASK;
	e->journal_event = is_loop ? EVENT_LOOP : EVENT_TASK_SKIPPED;
	e->state = TASK_SKIPPED;
	e->text = str_of(reason);
}

static void on_branch(struct runner *r, const struct sched_change *c, struct run_event *e)
{
	const struct module_node *n = plan_node(&r->plan, plan_inst(&r->plan, c->inst));

	json_put_bool(&r->record, "taken", c->taken);
	json_put_int(&r->record, "line", n->loc.line);
	e->kind = RUN_EVENT_BRANCH;
	e->journal_event = EVENT_BRANCH;
	e->text = n->cond->text;
	e->loc = n->loc;
	e->value = c->taken;
}

static void on_loop(struct runner *r, const struct sched_change *c, struct run_event *e)
{
	const struct module_node *n = plan_node(&r->plan, plan_inst(&r->plan, c->inst));

	json_put_int(&r->record, "iterations", c->niterations);
	json_put_int(&r->record, "line", n->loc.line);
	e->kind = RUN_EVENT_LOOP;
	e->journal_event = EVENT_LOOP;
	e->state = TASK_RUNNING;
	e->step = c->niterations;
}

static void on_value(struct runner *r, const struct sched_change *c, struct run_event *e)
{
	if (c->end) {
		json_put_str(&r->record, "error", c->end->error);
		json_put_str(&r->record, "place", c->end->place);
		e->text = c->end->error;
		e->place = c->end->place;
	} else if (value_weight(c->value, VALUE_WEIGHT) >= VALUE_WEIGHT) {
		json_put_bool(&r->record, "too_large", true);
	} else {
		json_put_key(&r->record, "value");
		run_json_value(c->value, &r->record);
	}
	e->kind = RUN_EVENT_VALUE;
	e->journal_event = EVENT_VALUE;
}

/* Is it in so many iterations that only tasks that ran are told of?  A loop over a million
 * elements would fill the journal with what nobody looks at. */
static bool is_coarse(const struct runner *r, const struct inst *inst)
{
	uint32_t frame = plan_scope(&r->plan, inst)->frame;

	return frame && r->plan.loops.at[r->plan.frames.at[frame]->loop]->weight >
				RUN_DETAILED;
}

static uint32_t count_failures(const struct runner *r, const struct inst *inst)
{
	return r->plan.loops.at[plan_frame(&r->plan, inst)->loop]->nfailed;
}

/* Of instances that are no tasks only what the program names is journalled, and what
 * failed. */
static bool is_told(const struct runner *r, const struct inst *inst,
		    const struct sched_change *c)
{
	bool is_skipped = c->kind == SCHED_SKIPPED;

	if (inst->kind == INST_TASK && !is_skipped)
		return true;
	if (is_coarse(r, inst))
		return (c->end || (is_skipped && inst->kind == INST_TASK &&
				   inst->reason != SKIP_BRANCH)) &&
		       count_failures(r, inst) < RUN_DETAILED_FAILURES;
	if (inst->kind == INST_TASK || c->end)
		return true;
	return c->kind == SCHED_BRANCH || c->kind == SCHED_LOOP ||
	       (is_skipped && inst->kind == INST_LOOP) ||
	       (c->kind == SCHED_VALUE && inst->kind == INST_EXPR);
}

static void remember(struct runner *r, const struct sched_change *c, struct str path)
{
	const struct inst *inst = plan_inst(&r->plan, c->inst);

	if (plan_scope(&r->plan, inst)->frame) {
		if (inst->kind == INST_TASK)
			run_result_keep(r, c, path);
	} else if (c->end && !c->end->is_recalled)
		vec_push(&r->facts, (struct run_fact){
			c->inst, arena_str(r->a, c->end->error),
			arena_str(r->a, c->end->place), c->is_covered,
		});
}

/* The end of a loop shows in what it ran; only who draws it wants to know. */
static void tell_loop_end(struct runner *r, const struct sched_change *c)
{
	struct arena a;

	arena_init(&a);
	run_tell(r, 0, &(struct run_event){
		.kind = RUN_EVENT_LOOP,
		.state = c->state == INST_OK ? TASK_SUCCEEDED : TASK_FAILED,
		.task = plan_path(&r->plan, c->inst, &a),
	});
	arena_release(&a);
}

void run_changed(void *ctx, const struct sched_change *c)
{
	struct runner *r = ctx;
	const struct inst *inst = plan_inst(&r->plan, c->inst);
	struct arena a;
	struct run_event e = {.kind = RUN_EVENT_TASK};
	bool was_told;
	int64_t n = 0;

	if (!is_told(r, inst, c)) {
		if (inst->kind == INST_LOOP && !is_coarse(r, inst))
			tell_loop_end(r, c);
		return;
	}
	arena_init(&a);
	e.task = c->task ? c->task->path : plan_path(&r->plan, c->inst, &a);
	buf_clear(&r->record);
	json_put_str(&r->record, "task", e.task);
	switch (c->kind) {
	case SCHED_STARTED:
		on_started(r, c, &e);
		break;
	case SCHED_RETRY:
		on_retry(r, c, &e);
		break;
	case SCHED_ENDED:
		if (c->end->is_recalled)
			on_recalled(r, c, &e);
		else
			on_ended(r, c, &e);
		break;
	case SCHED_SKIPPED:
		on_skipped(r, c, &e, &a);
		break;
	case SCHED_BRANCH:
		on_branch(r, c, &e);
		break;
	case SCHED_VALUE:
		on_value(r, c, &e);
		break;
	case SCHED_LOOP:
		on_loop(r, c, &e);
		break;
	}
	if (c->end ? c->kind != SCHED_RETRY : c->kind == SCHED_SKIPPED)
		remember(r, c, e.task);
	e.record = buf_str(&r->record);
	if (recall_is_news(r, c, e.task, e.record, &was_told))
		n = run_record(r, e.journal_event, e.record);
	e.is_recalled |= was_told;
	run_tell(r, c->kind == SCHED_ENDED && c->state == INST_OK ? n : 0, &e);
	arena_release(&a);
}
