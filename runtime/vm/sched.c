#include <config.h>

#include "runtime/vm/sched.h"

#include <stdlib.h>

#include "runtime/vm/admit.h"
#include "runtime/vm/sched_call.h"
#include "runtime/vm/sched_int.h"
#include "runtime/vm/sched_values.h"

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
		.first_path = STR(""),
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
	call_release(s);
	vec_release(&s->ready);
	vec_release(&s->settled);
	vec_release(&s->ended);
	vec_release(&s->queues);
	vec_release(&s->retries);
	vec_release(&s->inputs);
	arena_release(&s->own);
}

/* Retries wait in a heap. */
void sched_push_retry(struct sched *s, struct sched_retry r)
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
	t->tries = t->attempt = (int)++inst->attempts;
	t->path = plan_path(s->plan, i, &t->arena);
	if (s->ops->number)
		s->ops->number(s->ctx, t);
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

/* With its arguments, unless its result is known. */
static void start_attempt(struct sched *s, struct sched_task *t)
{
	struct sched_change c = {.kind = SCHED_STARTED, .inst = t->inst,
				 .state = INST_RUNNING, .task = t};
	struct sched_end end = {.error = STR(""), .place = STR(""), .members = STR("")};
	struct err err;

	if (sched_fill_task(s, t, &end.place, &err)) {
		end.how = SCHED_FAILED;
		end.is_final = true;
		end.error = str_of(err.text);
		sched_ended(s, t, &end);
	} else if (s->ops->recall && s->ops->recall(s->ctx, t, &end)) {
		sched_ended(s, t, &end);
	} else {
		s->ops->changed(s->ctx, &c);
		s->ops->start(s->ctx, t);
	}
}

/* The call that it is in has said why. */
static void fail_refused(struct sched *s, struct sched_task *t, struct str error)
{
	struct sched_end end = {
		.how = SCHED_FAILED, .is_final = true, .members = STR("")};
	struct err err;

	end.place = module_loc(s->plan->m, t->node->loc, &t->arena);
	err_set(&err, "%.*s", STR_ARG(error));
	sched_split_place(&err, &t->arena, &end.place);
	end.error = str_of(err.text);
	sched_ended(s, t, &end);
}

static void start_task(struct sched *s, uint32_t i, const struct need *need)
{
	struct inst *inst = plan_inst(s->plan, i);
	struct str error = STR("");
	uint32_t because = MODULE_NONE;
	bool is_refused = call_refuses(s, i, &error, &because);
	struct sched_task *t;

	if (is_refused && !error.n) {
		sched_skip(s, i, because == MODULE_NONE ? SKIP_CANCELLED
						       : SKIP_UPSTREAM_FAILED, because);
		sched_follow_all(s);
		return;
	}
	inst->state = INST_WAITING;
	if (!is_refused && !s->ops->prepare(s->ctx, i))
		return;
	inst->state = INST_RUNNING;
	t = new_task(s, i);
	admit_take(s, t, need);
	if (is_refused)
		fail_refused(s, t, error);
	else
		start_attempt(s, t);
}

static void begin(struct sched *s)
{
	s->is_begun = true;
	for (uint32_t i = 0; i < s->plan->insts.n; i++)
		if (!plan_inst(s->plan, i)->blocked &&
		    plan_inst(s->plan, i)->state == INST_WAITING)
			sched_unblock(s, i);
	sched_follow_all(s);
}

/* The run is to end: what has not begun does not. */
static void check_stop(struct sched *s)
{
	if (s->is_stopping && !s->is_halted) {
		s->is_halted = true;
		sched_halt(s);
	}
	if (s->is_killing && !s->is_killed) {
		s->is_killed = true;
		sched_halt(s);
	}
}

/* What the clock alone ends. */
static void check_time(struct sched *s, int64_t now)
{
	if (s->deadline_ms && now >= s->deadline_ms && !s->cancelled &&
	    !sched_is_done(s)) {
		s->cancelled = SCHED_BY_TIMEOUT;
		sched_stop(s, false);
	}
	if (!s->cancelled)
		call_check_time(s, now);
	if (s->grace_ms && now >= s->grace_ms && !s->is_killing) {
		s->is_killing = true;
		sched_stop(s, false);
	}
}

static void start_ready(struct sched *s)
{
	struct need need;
	uint32_t i;

	check_stop(s);
	while (s->nrunning < s->jobs && admit_next(s, &i, &need)) {
		start_task(s, i, &need);
		check_stop(s);
	}
}

void sched_step(struct sched *s)
{
	int64_t now = s->ops->now_ms(s->ctx);

	if (!s->is_begun)
		begin(s);
	check_time(s, now);
	check_stop(s);
	while (s->retries.n && s->retries.at[0].due_ms <= now)
		sched_ready(s, pop_retry(s).inst);
	do
		start_ready(s);
	while (sched_loop_pull(s));
	check_stop(s);
}

int64_t sched_wake_ms(const struct sched *s)
{
	int64_t wake = s->is_killing ? 0 : s->cancelled ? s->grace_ms : s->deadline_ms;

	if (s->has_more)
		return s->ops->now_ms(s->ctx);
	if (s->retries.n && (!wake || s->retries.at[0].due_ms < wake))
		wake = s->retries.at[0].due_ms;
	if (!s->cancelled && call_wake_ms(s) && (!wake || call_wake_ms(s) < wake))
		wake = call_wake_ms(s);
	return wake ? wake : -1;
}

bool sched_is_done(const struct sched *s)
{
	return !s->nopen;
}

static int64_t backoff(const struct sched_task *t)
{
	int doublings = t->tries - 1 > MAX_DOUBLINGS ? MAX_DOUBLINGS : t->tries - 1;
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
	sched_push_retry(
		s, (struct sched_retry){s->ops->now_ms(s->ctx) + c->wait_ms, t->inst});
}

static void keep_values(struct sched *s, struct inst *inst, const struct value *values)
{
	uint32_t n = sched_count_values(s, inst);
	struct arena *a = sched_arena(s, inst);

	inst->values = ARENA_ARRAY(a, n ? n : 1, struct value);
	for (uint32_t k = 0; k < n; k++)
		inst->values[k] = value_copy(a, values[k]);
}

static bool may_retry(const struct sched *s, const struct sched_task *t)
{
	return !t->is_cancelled &&
	       (!s->is_stopping ||
		(plan_inst(s->plan, t->inst)->is_final && !s->is_killing));
}

void sched_ended(struct sched *s, struct sched_task *t, const struct sched_end *end)
{
	struct inst *inst = plan_inst(s->plan, t->inst);
	struct sched_change c = {.kind = SCHED_ENDED, .task = t, .end = end};
	struct sched_end late;

	if (end->how == SCHED_CANCELLED && t->is_overdue && !s->cancelled) {
		late = *end;
		late.how = SCHED_FAILED;
		late.is_final = true;
		late.error = call_overdue(s, t);
		late.place = module_loc(s->plan->m, t->node->loc, &t->arena);
		c.end = end = &late;
	}
	inst->ms = end->ms > UINT32_MAX ? UINT32_MAX : (uint32_t)end->ms;
	if (end->how == SCHED_FAILED && !end->is_final && t->tries <= t->retries &&
	    may_retry(s, t)) {
		retry(s, t, &c);
	} else if (end->how == SCHED_OK) {
		keep_values(s, inst, end->values);
		inst->is_recalled = end->is_recalled;
		sched_settle(s, t->inst, INST_OK, &c);
	} else {
		sched_settle(s, t->inst,
		       end->how == SCHED_FAILED ? INST_FAILED : INST_CANCELLED, &c);
	}
	free_task(t);
	sched_follow_all(s);
}

void sched_cancel(struct sched *s, bool force)
{
	if (!s->cancelled)
		s->cancelled = SCHED_BY_USER;
	sched_stop(s, force);
}

const char *sched_state(const struct sched *s)
{
	if (s->cancelled == SCHED_BY_USER)
		return "cancelled";
	return s->cancelled || s->has_failed ? "failed" : "succeeded";
}
