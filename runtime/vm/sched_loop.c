/* Iterations of loops. */
#include <config.h>

#include "runtime/base/limits.h"
#include "runtime/vm/sched_int.h"
#include "runtime/vm/sched_values.h"

enum {
	WINDOW = 1024,		/* iterations of one loop that are open, most of them to be tried again */
	BATCH = 4096,		/* iterations begun before signals and the clock are looked at */
};

/* Queues: two for each depth, first the loops that have no tasks. */

static struct sched_queue *queue_of(struct sched *s, const struct loop *l)
{
	size_t number = 2 * (size_t)l->depth + l->has_tasks;

	while (s->queues.n <= number)
		vec_push(&s->queues, (struct sched_queue){0});
	return &s->queues.at[number];
}

static void enqueue(struct sched *s, struct loop *l)
{
	struct sched_queue *q = queue_of(s, l);

	if (l->is_queued)
		return;
	l->is_queued = true;
	l->next_queued = NULL;
	l->prev_queued = q->last;
	if (q->last)
		q->last->next_queued = l;
	else
		q->first = l;
	q->last = l;
}

static void dequeue(struct sched *s, struct loop *l)
{
	struct sched_queue *q = queue_of(s, l);

	if (!l->is_queued)
		return;
	l->is_queued = false;
	if (l->prev_queued)
		l->prev_queued->next_queued = l->next_queued;
	else
		q->first = l->next_queued;
	if (l->next_queued)
		l->next_queued->prev_queued = l->prev_queued;
	else
		q->last = l->prev_queued;
}

/* The beginning and the end of a loop. */

static void end_loop(struct sched *s, struct loop *l)
{
	struct inst *i = plan_inst(s->plan, l->inst);
	struct sched_change c = {.kind = SCHED_VALUE};

	dequeue(s, l);
	if (l->nfailed) {
		sched_settle(s, l->inst, INST_FAILED, &c);
	} else if (l->is_cancelled) {
		sched_skip(s, l->inst, SKIP_CANCELLED, MODULE_NONE);
	} else {
		i->values = l->results;
		sched_settle(s, l->inst, INST_OK, &c);
	}
}

static int put_place(const struct sched *s, struct loc loc, struct err *err)
{
	struct arena a = {0};
	struct str place = module_loc(s->plan->m, loc, &a);

	if (place.n)
		err_wrap(err, "%.*s", STR_ARG(place));
	arena_release(&a);
	return -1;
}

/* The lists live as long as the loop: they are not copied. */
static int find_lists(struct sched *s, struct loop *l, struct err *err)
{
	const struct inst *i = plan_inst(s->plan, l->inst);
	const struct module_node *n = plan_node(s->plan, i);
	struct arena *a = sched_arena(s, i);

	l->lists = ARENA_ARRAY(a, n->nargs, struct value);
	l->n = LIMIT_ITERATIONS + 1;
	for (uint32_t k = 0; k < n->nargs; k++) {
		if (sched_eval(s, i->scope, l->inst, n->args[k], a, &l->lists[k], err))
			return -1;
		if (l->lists[k].list->n < l->n)
			l->n = (uint32_t)l->lists[k].list->n;
	}
	if (l->n <= LIMIT_ITERATIONS)
		return 0;
	err_setk(err, ERR_EVAL, "the loop goes through more than %d elements",
		 LIMIT_ITERATIONS);
	return put_place(s, n->loc, err);
}

static int find_max(struct sched *s, struct loop *l, struct err *err)
{
	const struct inst *i = plan_inst(s->plan, l->inst);
	const struct module_node *n = plan_node(s->plan, i);
	struct value v;
	const char *broken;

	l->max = WINDOW;
	for (uint32_t k = 0; k < n->nsettings; k++) {
		const struct site *site = n->settings[k].value;
		struct arena *a = sched_arena(s, i);

		if (n->settings[k].id != SETTING_PARALLELISM)
			continue;
		if (sched_eval(s, i->scope, l->inst, site, a, &v, err))
			return -1;
		broken = setting_breaks(SETTING_PARALLELISM, v);
		if (broken) {
			err_setk(err, ERR_EVAL, "the setting 'parallelism' %s", broken);
			return put_place(s, site->loc, err);
		}
		if (v.i < WINDOW)
			l->max = (uint32_t)v.i;
	}
	return 0;
}

static void make_results(struct sched *s, struct loop *l)
{
	const struct inst *i = plan_inst(s->plan, l->inst);
	const struct module_node *n = plan_node(s->plan, i);
	struct arena *a = sched_arena(s, i);

	l->results = ARENA_ARRAY(a, n->nouts + 1, struct value);
	l->outs = ARENA_ARRAY(a, n->nouts, struct value *);
	for (uint32_t k = 0; k < n->nouts; k++)
		l->results[k] = value_list(a, l->n, &l->outs[k]);
}

static uint64_t weight_of(const struct sched *s, const struct loop *l)
{
	uint32_t frame = plan_scope(s->plan, plan_inst(s->plan, l->inst))->frame;
	uint64_t around = frame ? s->plan->loops.at[s->plan->frames.at[frame]->loop]
					  ->weight
				: 1,
		 weight;

	return __builtin_mul_overflow(around, (uint64_t)l->n, &weight) ? UINT64_MAX
								       : weight;
}

void sched_loop_begin(struct sched *s, uint32_t i)
{
	struct loop *l = plan_loop(s->plan, i);
	struct sched_change c = {.kind = SCHED_LOOP, .inst = i, .state = INST_RUNNING};
	struct err err;

	l->next = l->nlive = l->nfailed = 0;
	l->is_cancelled = false;
	if (find_lists(s, l, &err) || find_max(s, l, &err)) {
		sched_fail(s, i, &err);
		return;
	}
	make_results(s, l);
	l->weight = weight_of(s, l);
	plan_inst(s->plan, i)->state = INST_RUNNING;
	c.niterations = l->n;
	s->ops->changed(s->ctx, &c);
	if (l->n)
		enqueue(s, l);
	else
		end_loop(s, l);
}

void sched_loop_halt(struct sched *s, struct loop *l)
{
	l->is_cancelled |= l->next < l->n;
	dequeue(s, l);
	if (!l->nlive)
		end_loop(s, l);
}

/* An iteration. */

static void reset(struct plan *p, const struct frame *f)
{
	for (uint32_t i = f->first; i < f->first + f->n; i++) {
		struct inst *inst = plan_inst(p, i);

		inst->blocked = inst->nedges;
		inst->because = MODULE_NONE;
		inst->attempts = inst->ms = 0;
		inst->state = INST_WAITING;
		inst->reason = SKIP_NONE;
		inst->is_recalled = false;
		inst->values = NULL;
		if (inst->kind != INST_ARM)
			inst->arm = ARM_ANY;
	}
}

/* A frame for the next iteration; NULL with err where there is no room for one. */
static struct frame *take_frame(struct sched *s, struct loop *l, struct err *err)
{
	uint32_t number = l->free;
	struct frame *f;

	if (!number) {
		number =
			plan_iterate(s->plan, plan_inst(s->plan, l->inst)->loop - 1, err);
		return number ? s->plan->frames.at[number] : NULL;
	}
	f = s->plan->frames.at[number];
	l->free = f->next;
	reset(s->plan, f);
	return f;
}

static void begin_iteration(struct sched *s, struct loop *l)
{
	struct err err;
	struct frame *f = take_frame(s, l, &err);

	if (!f && l->nlive) {	/* when one of them is at its end */
		dequeue(s, l);
		return;
	}
	if (!f) {
		dequeue(s, l);
		sched_fail(s, l->inst, &err);
		sched_follow_all(s);
		return;
	}
	f->index = l->next++;
	f->nopen = f->n;
	s->nopen += f->n;
	l->nlive++;
	if (l->next == l->n || l->nlive >= l->max)
		dequeue(s, l);
	for (uint32_t i = f->first; i < f->first + f->n; i++)
		if (!plan_inst(s->plan, i)->nedges)
			sched_unblock(s, i);
	sched_follow_all(s);
}

/* The one that begins next: the innermost first. */
static struct loop *pick(const struct sched *s)
{
	bool wanted = s->nrunning + (s->ready.n - s->ready_at) + s->waiting.n < s->jobs;

	for (size_t q = s->queues.n; q-- > 0;)
		if (s->queues.at[q].first && (wanted || q % 2 == 0))
			return s->queues.at[q].first;
	return NULL;
}

bool sched_loop_pull(struct sched *s)
{
	struct loop *l = NULL;
	unsigned n = 0;

	while (n < BATCH && (!s->is_stopping || s->is_halted) && (l = pick(s))) {
		begin_iteration(s, l);
		n++;
	}
	s->has_more = n == BATCH;
	return n > 0 && !s->has_more;
}

void sched_loop_ended(struct sched *s, struct frame *f)
{
	struct loop *l = s->plan->loops.at[f->loop];
	const struct inst *end = plan_inst(s->plan, f->first + f->n - 1);
	const struct inst *i = plan_inst(s->plan, l->inst);
	uint32_t nouts = plan_node(s->plan, i)->nouts;

	if (end->state == INST_OK) {
		for (uint32_t k = 0; k < nouts; k++)
			l->outs[k][f->index] =
				value_copy(sched_arena(s, i), end->values[k]);
	} else if (end->reason == SKIP_CANCELLED) {
		l->is_cancelled = true;
	} else {
		l->nfailed++;
	}
	arena_clear(&f->arena);
	f->next = l->free;
	l->free = s->plan->scopes.at[f->scope].frame;
	l->nlive--;
	if (!l->nlive && (l->next == l->n || l->is_cancelled))
		end_loop(s, l);
	else if (l->next < l->n && !l->is_cancelled)
		enqueue(s, l);
}
