#include <config.h>

#include "runtime/vm/sched.h"

#include <stdlib.h>

#include "runtime/vm/admit.h"
#include "runtime/vm/sched_values.h"
#include "runtime/vm/where.h"

enum {
	MAX_BACKOFF_MS = 3600 * 1000,	/* doubling stops here */
	MAX_DOUBLINGS = 20,
};

void sched_init(struct sched *s, struct plan *plan, const struct value *params,
		const struct run_config *config, const struct sched_ops *ops, void *ctx)
{
	*s = (struct sched){
		.plan = plan,
		.params = params,
		.config = config,
		.ops = ops,
		.ctx = ctx,
		.jobs = 1,
		.nopen = (uint32_t)plan->insts.n,
		.first_failed = MODULE_NONE,
		.first_error = STR(""),
		.first_place = STR(""),
	};
	arena_init(&s->own);
	s->arena = &s->own;
	for (size_t i = 0; config && i < config->n; i++)
		if (config->at[i].is_set && !config->at[i].is_default) {
			struct str address = config->at[i].address;

			map_set(&s->config_by_address, address, &config->at[i]);
			if (str_find(address, STR("settings."), 0) < address.n)
				s->has_config_settings = true;
		}
}

static void free_task(struct sched_task *t)
{
	struct sched *s = t->s;

	if (t->prev)
		t->prev->next = t->next;
	else
		s->running = t->next;
	if (t->next)
		t->next->prev = t->prev;
	s->nrunning--;
	admit_give(s, t);
	arena_release(&t->arena);
	free(t);
}

void sched_release(struct sched *s)
{
	while (s->running)
		free_task(s->running);
	map_release(&s->config_by_address);
	admit_release(s);
	vec_release(&s->ready);
	vec_release(&s->settled);
	vec_release(&s->retries);
	vec_release(&s->inputs);
	arena_release(&s->own);
}

/* The one place where an instance comes to an end. */
static void settle(struct sched *s, uint32_t i, enum inst_state state,
		   struct sched_change *change)
{
	struct inst *inst = plan_inst(s->plan, i);

	inst->state = (uint8_t)state;
	s->nopen--;
	if (state == INST_FAILED && s->first_failed == MODULE_NONE) {
		s->first_failed = i;
		s->first_error = arena_str(s->arena, change->end->error);
		s->first_place = arena_str(s->arena, change->end->place);
	}
	change->inst = i;
	change->state = state;
	s->ops->changed(s->ctx, change);
	if (state == INST_FAILED && s->stop_on_failure)
		s->is_stopping = true;
	vec_push(&s->settled, i);
}

static void skip(struct sched *s, uint32_t i, enum skip_reason reason, uint32_t because)
{
	struct inst *inst = plan_inst(s->plan, i);
	struct sched_change c = {.kind = SCHED_SKIPPED};

	inst->reason = (uint8_t)reason;
	inst->because = because;
	settle(s, i, INST_SKIPPED, &c);
}

static void fail(struct sched *s, uint32_t i, struct err *err)
{
	struct sched_change c = {.kind = SCHED_VALUE};
	struct sched_end end = {
		.how = SCHED_FAILED, .place = STR(""), .members = STR("")};

	sched_split_place(err, s->arena, &end.place);
	end.error = str_of(err->text);
	c.end = &end;
	settle(s, i, INST_FAILED, &c);
}

/* One that is computed here and now: its value, or why there is none. */
static int compute(struct sched *s, uint32_t i, const struct site *site,
		   struct value *out, struct err *err)
{
	struct arena scratch;
	struct value v;
	int rc;

	arena_init(&scratch);
	rc = sched_eval(s, plan_inst(s->plan, i)->scope, i, site, &scratch, &v, err);
	if (!rc)
		*out = value_copy(s->arena, v);
	arena_release(&scratch);
	return rc;
}

static int compute_param(struct sched *s, uint32_t i, struct value *out, struct err *err)
{
	const struct inst *inst = plan_inst(s->plan, i);
	const struct scope *scope = plan_scope(s->plan, inst);
	const struct module_node *n = plan_node(s->plan, inst);
	const struct module_param *params = plan_pipeline(s->plan, inst)->params;
	struct where_values w = {.params = params};
	struct value v, *values;
	struct arena scratch;
	int rc;

	arena_init(&scratch);
	rc = sched_arg(s, scope->parent, i, n, &params[inst->node], inst->node, &scratch,
		       &v, err);
	if (!rc) {
		*out = value_copy(s->arena, v);
		values = ARENA_ARRAY(&scratch, inst->node + 1, struct value);
		values[inst->node] = *out;
		for (uint32_t k = 0; params[inst->node].where && k < inst->node; k++) {
			const struct inst *p = plan_inst(s->plan, scope->begin + 1 + k);

			values[k] = p->values ? p->values[0] : VALUE_NONE_V;
		}
		w.args = values;
		rc = where_check_param(s->plan->m, &w, inst->node, err);
	}
	arena_release(&scratch);
	return rc;
}

static int compute_arm(struct sched *s, uint32_t i, struct value *out, struct err *err)
{
	const struct module_node *n = plan_node(s->plan, plan_inst(s->plan, i));
	bool then = plan_inst(s->plan, i)->arm == ARM_THEN;

	for (uint32_t k = 0; k < n->nouts; k++)
		if (compute(s, i, then ? n->outs[k].then_value : n->outs[k].else_value,
			    &out[k], err))
			return -1;
	return 0;
}

static uint32_t count_values(const struct sched *s, const struct inst *i)
{
	switch ((enum inst_kind)i->kind) {
	case INST_TASK:
		return plan_component(s->plan, i)->noutputs;
	case INST_ARM:
		return plan_node(s->plan, i)->nouts;
	case INST_BEGIN:
	case INST_END:
	case INST_MERGE:
		return 0;
	case INST_EXPR:
	case INST_BRANCH:
	case INST_PARAM:
	case INST_OUTPUT:
		break;
	}
	return 1;
}

static int compute_values(struct sched *s, uint32_t i, struct value *out, struct err *err)
{
	const struct inst *inst = plan_inst(s->plan, i);

	switch ((enum inst_kind)inst->kind) {
	case INST_EXPR:
	case INST_BRANCH:
		return compute(s, i, plan_node(s->plan, inst)->cond, out, err);
	case INST_ARM:
		return compute_arm(s, i, out, err);
	case INST_PARAM:
		return compute_param(s, i, out, err);
	case INST_OUTPUT:
		return compute(s, i,
			       plan_pipeline(s->plan, inst)->outputs[inst->node].value,
			       out, err);
	case INST_TASK:
	case INST_MERGE:
	case INST_BEGIN:
	case INST_END:
		break;
	}
	return 0;
}

/* Nothing blocks it: a task may start, everything else is decided at once. */
static void unblock(struct sched *s, uint32_t i)
{
	struct inst *inst = plan_inst(s->plan, i);
	struct sched_change c = {.kind = SCHED_VALUE};
	struct value *values;
	struct err err;

	if (inst->kind == INST_TASK) {
		inst->state = INST_READY;
		vec_push(&s->ready, i);
		return;
	}
	values = ARENA_ARRAY(s->arena, count_values(s, inst) + 1, struct value);
	if (compute_values(s, i, values, &err)) {
		fail(s, i, &err);
		return;
	}
	inst->values = values;
	c.value = values[0];
	if (inst->kind == INST_BRANCH) {
		c.kind = SCHED_BRANCH;
		c.taken = values[0].b;
		inst->arm = c.taken ? ARM_THEN : ARM_ELSE;
	}
	settle(s, i, INST_OK, &c);
}

/* Skips i because `from` went wrong, or took the other arm. */
static void skip_for(struct sched *s, uint32_t i, uint32_t from)
{
	const struct inst *f = plan_inst(s->plan, from);

	if (f->state == INST_OK)
		skip(s, i, SKIP_BRANCH, from);
	else if (f->state == INST_FAILED)
		skip(s, i, SKIP_UPSTREAM_FAILED, from);
	else if (f->state == INST_CANCELLED)
		skip(s, i, SKIP_CANCELLED, from);
	else if (f->kind == INST_TASK && f->reason == SKIP_BRANCH)
		skip(s, i, SKIP_UPSTREAM_SKIPPED, from);
	else
		skip(s, i, (enum skip_reason)f->reason, f->because);
}

/* A merge takes what its active side gives, and hears nothing of the other one. */
static void settle_merge(struct sched *s, uint32_t i, uint32_t from)
{
	const struct inst *arm = plan_inst(s->plan, from);
	struct sched_change c = {.kind = SCHED_VALUE};

	if (arm->state == INST_OK) {
		plan_inst(s->plan, i)->values = arm->values;
		settle(s, i, INST_OK, &c);
		return;
	}
	if (arm->reason == SKIP_BRANCH &&
	    plan_inst(s->plan, arm->because)->state == INST_OK &&
	    arm->because ==
		    plan_scope(s->plan, arm)->inst_of[plan_node(s->plan, arm)->target])
		return;
	skip_for(s, i, from);
}

/* May the end of a call overlook that i did not run? */
static bool is_not_wanted(const struct inst *i)
{
	return i->kind != INST_BEGIN && i->state == INST_SKIPPED &&
	       (i->reason == SKIP_BRANCH || i->reason == SKIP_UPSTREAM_SKIPPED);
}

static void follow(struct sched *s, uint32_t from, const struct edge *e)
{
	const struct inst *f = plan_inst(s->plan, from);
	struct inst *to = plan_inst(s->plan, e->to);
	bool good = f->state == INST_OK && (e->arm == ARM_ANY || e->arm == f->arm);

	if (to->state != INST_WAITING)
		return;
	if (to->kind == INST_MERGE) {
		settle_merge(s, e->to, from);
		return;
	}
	if (!good && !(to->kind == INST_END && is_not_wanted(f)))
		skip_for(s, e->to, from);
	else if (--to->blocked == 0)
		unblock(s, e->to);
}

static void follow_all(struct sched *s)
{
	if (s->is_settling)
		return;
	s->is_settling = true;
	for (size_t k = 0; k < s->settled.n; k++) {
		uint32_t from = s->settled.at[k], e = plan_inst(s->plan, from)->first;

		for (; e != MODULE_NONE; e = s->plan->edges.at[e].next)
			follow(s, from, &s->plan->edges.at[e]);
	}
	vec_clear(&s->settled);
	s->is_settling = false;
}

/* Retries wait in a heap. */
static void push_retry(struct sched *s, struct sched_retry r)
{
	size_t i = s->retries.n;

	vec_push(&s->retries, r);
	for (; i && s->retries.at[(i - 1) / 2].due_ms > r.due_ms; i = (i - 1) / 2)
		s->retries.at[i] = s->retries.at[(i - 1) / 2];
	s->retries.at[i] = r;
}

static struct sched_retry pop_retry(struct sched *s)
{
	struct sched_retry top = s->retries.at[0], last = vec_pop(&s->retries);
	size_t i = 0, n = s->retries.n, child;

	while ((child = 2 * i + 1) < n) {
		if (child + 1 < n &&
		    s->retries.at[child + 1].due_ms < s->retries.at[child].due_ms)
			child++;
		if (s->retries.at[child].due_ms >= last.due_ms)
			break;
		s->retries.at[i] = s->retries.at[child];
		i = child;
	}
	if (n)
		s->retries.at[i] = last;
	return top;
}

void sched_ready(struct sched *s, uint32_t i)
{
	struct inst *inst = plan_inst(s->plan, i);

	if (inst->state != INST_WAITING)
		return;
	inst->state = INST_READY;
	vec_push(&s->ready, i);
}

static struct sched_task *new_task(struct sched *s, uint32_t i)
{
	struct inst *inst = plan_inst(s->plan, i);
	struct sched_task *t = calloc(1, sizeof *t);

	if (!t)
		err_nomem();
	arena_init(&t->arena);
	t->s = s;
	t->inst = i;
	t->attempt = (int)++inst->attempts;
	t->path = plan_path(s->plan, i, &t->arena);
	t->node = plan_node(s->plan, inst);
	t->component = plan_component(s->plan, inst);
	t->started_ms = s->ops->now_ms(s->ctx);
	t->next = s->running;
	if (t->next)
		t->next->prev = t;
	s->running = t;
	s->nrunning++;
	return t;
}

static void start_task(struct sched *s, uint32_t i, const struct need *need)
{
	struct inst *inst = plan_inst(s->plan, i);
	struct sched_change c = {.kind = SCHED_STARTED, .inst = i, .state = INST_RUNNING};
	struct sched_end end = {
		.how = SCHED_FAILED, .is_final = true, .members = STR("")};
	struct err err;

	inst->state = INST_WAITING;
	if (!s->ops->prepare(s->ctx, i))
		return;
	inst->state = INST_RUNNING;
	c.task = new_task(s, i);
	admit_take(s, c.task, need);
	if (sched_fill_task(s, c.task, &end.place, &err)) {
		end.error = str_of(err.text);
		sched_ended(s, c.task, &end);
		return;
	}
	s->ops->changed(s->ctx, &c);
	s->ops->start(s->ctx, c.task);
}

/* Everything that has not begun will not. */
static void skip_rest(struct sched *s)
{
	for (uint32_t i = 0; i < s->plan->insts.n; i++) {
		enum inst_state state = (enum inst_state)plan_inst(s->plan, i)->state;

		if (state == INST_WAITING || state == INST_READY)
			skip(s, i, SKIP_CANCELLED, MODULE_NONE);
	}
	vec_clear(&s->settled);
	admit_clear(s);
	vec_clear(&s->retries);
}

static void begin(struct sched *s)
{
	s->is_begun = true;
	for (uint32_t i = 0; i < s->plan->insts.n; i++)
		if (!plan_inst(s->plan, i)->blocked &&
		    plan_inst(s->plan, i)->state == INST_WAITING)
			unblock(s, i);
	follow_all(s);
}

void sched_step(struct sched *s)
{
	struct need need;
	uint32_t i;
	int64_t now = s->ops->now_ms(s->ctx);

	if (!s->is_begun)
		begin(s);
	if (s->deadline_ms && now >= s->deadline_ms && !s->cancelled &&
	    !sched_is_done(s)) {
		s->cancelled = SCHED_BY_TIMEOUT;
		s->is_stopping = true;
		for (struct sched_task *t = s->running; t; t = t->next) {
			t->is_cancelled = true;
			s->ops->cancel(s->ctx, t, false);
		}
	}
	if (s->is_stopping) {
		skip_rest(s);
		return;
	}
	while (s->retries.n && s->retries.at[0].due_ms <= now)
		sched_ready(s, pop_retry(s).inst);
	while (s->nrunning < s->jobs && !s->is_stopping && admit_next(s, &i, &need))
		start_task(s, i, &need);
	if (s->is_stopping)
		skip_rest(s);
}

int64_t sched_wake_ms(const struct sched *s)
{
	int64_t wake = s->cancelled ? 0 : s->deadline_ms;

	if (s->retries.n && (!wake || s->retries.at[0].due_ms < wake))
		wake = s->retries.at[0].due_ms;
	return wake ? wake : -1;
}

bool sched_is_done(const struct sched *s)
{
	return !s->nopen;
}

static int64_t backoff(const struct sched_task *t)
{
	int doublings = t->attempt - 1 > MAX_DOUBLINGS ? MAX_DOUBLINGS : t->attempt - 1;
	int64_t wait = t->backoff_ms > MAX_BACKOFF_MS ? t->backoff_ms
						      : t->backoff_ms << doublings;

	return t->backoff_ms <= MAX_BACKOFF_MS && wait > MAX_BACKOFF_MS ? MAX_BACKOFF_MS
									: wait;
}

static void retry(struct sched *s, struct sched_task *t, struct sched_change *c)
{
	c->kind = SCHED_RETRY;
	c->inst = t->inst;
	c->state = INST_WAITING;
	c->wait_ms = backoff(t);
	plan_inst(s->plan, t->inst)->state = INST_WAITING;
	s->ops->changed(s->ctx, c);
	push_retry(s, (struct sched_retry){s->ops->now_ms(s->ctx) + c->wait_ms, t->inst});
}

static void keep_values(struct sched *s, struct inst *inst, const struct value *values)
{
	uint32_t n = count_values(s, inst);

	inst->values = ARENA_ARRAY(s->arena, n ? n : 1, struct value);
	for (uint32_t k = 0; k < n; k++)
		inst->values[k] = value_copy(s->arena, values[k]);
}

void sched_ended(struct sched *s, struct sched_task *t, const struct sched_end *end)
{
	struct inst *inst = plan_inst(s->plan, t->inst);
	struct sched_change c = {.kind = SCHED_ENDED, .task = t, .end = end};

	inst->ms = end->ms > UINT32_MAX ? UINT32_MAX : (uint32_t)end->ms;
	if (end->how == SCHED_FAILED && !end->is_final && !s->is_stopping &&
	    t->attempt <= t->retries) {
		retry(s, t, &c);
	} else if (end->how == SCHED_OK) {
		keep_values(s, inst, end->values);
		settle(s, t->inst, INST_OK, &c);
	} else {
		settle(s, t->inst,
		       end->how == SCHED_FAILED ? INST_FAILED : INST_CANCELLED, &c);
	}
	free_task(t);
	follow_all(s);
}

void sched_cancel(struct sched *s, bool force)
{
	if (!s->cancelled)
		s->cancelled = SCHED_BY_USER;
	s->is_stopping = true;
	for (struct sched_task *t = s->running; t; t = t->next) {
		t->is_cancelled = true;
		s->ops->cancel(s->ctx, t, force);
	}
}

const char *sched_state(const struct sched *s)
{
	if (s->cancelled == SCHED_BY_USER)
		return "cancelled";
	return s->cancelled || s->first_failed != MODULE_NONE ? "failed" : "succeeded";
}
