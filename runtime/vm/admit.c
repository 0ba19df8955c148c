#include <config.h>

#include "runtime/vm/admit.h"

#include <strings.h>

#include "runtime/vm/sched_call.h"
#include "runtime/vm/sched_settings.h"

/* So many tasks may wait for resources before those behind them are not looked at. */
enum { LOOK_AHEAD = 4096 };

void admit_init(struct sched *s, const struct machine *m)
{
	s->machine = m;
	memcpy(s->free, m->has, sizeof s->free);
	s->gpu_taken = ARENA_ARRAY(&s->own, (size_t)m->has[RESOURCE_GPU] + 1, bool);
}

void admit_release(struct sched *s)
{
	vec_release(&s->waiting);
}

static bool fits(const struct need *n, const int64_t *left)
{
	for (int r = 0; r < RESOURCE_N; r++)
		if (n->at[r] && n->at[r] > left[r])
			return false;
	return true;
}

/* May it start with what is left?  If it waits for resources, they are kept for it. */
static bool may_start(struct sched *s, const struct sched_waiting *w, int64_t *left)
{
	if (!call_admits(s, w->inst))
		return false;
	if (fits(&w->need, left))
		return true;
	for (int r = 0; r < RESOURCE_N; r++)
		left[r] = left[r] > w->need.at[r] ? left[r] - w->need.at[r] : 0;
	return false;
}

/* What cannot be known or can never fit weighs nothing: it fails where it starts. */
static struct need need_of(struct sched *s, uint32_t inst)
{
	struct need n = {0};
	struct arena a = {0};
	struct err err;

	if (s->machine) {
		if (sched_need(s, inst, &a, &n, NULL, &err) ||
		    !fits(&n, s->machine->has))
			n = (struct need){0};
		arena_release(&a);
	}
	return n;
}

static void remove_waiting(struct sched *s, size_t i)
{
	memmove(&s->waiting.at[i], &s->waiting.at[i + 1],
		(--s->waiting.n - i) * sizeof *s->waiting.at);
}

static bool pick_waiting(struct sched *s, int64_t *left, struct sched_waiting *out)
{
	for (size_t i = 0; i < s->waiting.n; i++) {
		*out = s->waiting.at[i];
		if (plan_inst(s->plan, out->inst)->state != INST_READY) {
			remove_waiting(s, i--);
			continue;
		}
		if (may_start(s, out, left)) {
			remove_waiting(s, i);
			return true;
		}
	}
	return false;
}

static bool next_ready(struct sched *s, uint32_t *inst)
{
	while (s->ready_at < s->ready.n) {
		*inst = s->ready.at[s->ready_at++];
		if (plan_inst(s->plan, *inst)->state == INST_READY)
			return true;
	}
	vec_clear(&s->ready);
	s->ready_at = 0;
	return false;
}

bool admit_next(struct sched *s, uint32_t *inst, struct need *need)
{
	struct sched_waiting w;
	int64_t left[RESOURCE_N];
	bool found;

	memcpy(left, s->free, sizeof left);
	found = pick_waiting(s, left, &w);
	while (!found && s->waiting.n < LOOK_AHEAD && next_ready(s, &w.inst)) {
		w.need = need_of(s, w.inst);
		found = may_start(s, &w, left);
		if (!found)
			vec_push(&s->waiting, w);
	}
	*inst = w.inst;
	*need = w.need;
	return found;
}

/* The devices that a task gets: "0,2". */
static void take_gpus(struct sched *s, struct sched_task *t)
{
	struct buf names = {0};
	int64_t n = t->need.at[RESOURCE_GPU];

	if (!n)
		return;
	t->gpus = ARENA_ARRAY(&t->arena, (size_t)n, uint32_t);
	for (uint32_t i = 0; t->ngpus < n && i < s->machine->has[RESOURCE_GPU]; i++) {
		if (s->gpu_taken[i])
			continue;
		s->gpu_taken[i] = true;
		t->gpus[t->ngpus++] = i;
		buf_addf(&names, "%s%.*s", names.n ? "," : "",
			 STR_ARG(s->machine->gpus[i]));
	}
	t->gpu_names = arena_str(&t->arena, buf_str(&names));
	buf_release(&names);
}

void admit_take(struct sched *s, struct sched_task *t, const struct need *need)
{
	t->need = *need;
	call_count(s, t->inst, true);
	for (int r = 0; r < RESOURCE_N; r++)
		s->free[r] -= need->at[r];
	if (s->machine)
		take_gpus(s, t);
}

void admit_give(struct sched *s, struct sched_task *t)
{
	call_count(s, t->inst, false);
	for (int r = 0; r < RESOURCE_N; r++)
		s->free[r] += t->need.at[r];
	for (uint32_t i = 0; i < t->ngpus; i++)
		s->gpu_taken[t->gpus[i]] = false;
}

static int say_too_much(const struct sched *s, enum resource r, int64_t n,
			struct str place, struct arena *a, struct err *err)
{
	const struct machine *m = s->machine;
	const char *name = resource_name(r),
		   *of = r == RESOURCE_MEMORY ? " of memory" : "";
	struct str wants = resource_text(r, n, a), has = resource_text(r, m->has[r], a);

	return err_setk(err, ERR_EVAL,
			"it wants %.*s%s (%s%.*s), and %s %.*s: lower '%s', or say what "
			"the machine has with --%s",
			STR_ARG(wants), of, name, STR_ARG(place),
			m->is_given[r] ? "the command line gives" : "this machine has",
			STR_ARG(has), name, name);
}

static int check_gpu_type(struct sched *s, uint32_t inst, struct arena *a,
			  struct err *err)
{
	struct str has = s->machine->gpu_type;
	struct value v;

	if (!has.n)
		return 0;
	if (sched_gpu_type(s, inst, a, &v, err))
		return -1;
	if (v.kind != VALUE_STR ||
	    (v.s->n == has.n && !strncasecmp(v.s->p, has.p, has.n)))
		return 0;
	return err_setk(err, ERR_EVAL,
			"it wants a GPU of type '%.*s', and those of this machine are "
			"'%.*s' (KFPC_GPU_TYPE)", STR_ARG(*v.s), STR_ARG(has));
}

int admit_check(struct sched *s, uint32_t inst, struct arena *a, struct err *err)
{
	struct str places[RESOURCE_N];
	struct need n;

	if (!s->machine)
		return 0;
	if (sched_need(s, inst, a, &n, places, err))
		return -1;
	for (int r = 0; r < RESOURCE_N; r++)
		if (n.at[r] > s->machine->has[r])
			return say_too_much(s, (enum resource)r, n.at[r], places[r], a,
					    err);
	return check_gpu_type(s, inst, a, err);
}

int admit_check_all(struct sched *s, struct err *err)
{
	struct arena a = {0};
	struct need n;
	struct err e;
	int rc = 0;

	for (uint32_t i = 0; !rc && i < s->plan->insts.n; i++) {
		if (plan_inst(s->plan, i)->kind != INST_TASK ||
		    sched_need(s, i, &a, &n, NULL, &e))
			continue;	/* not known before tasks have run */
		if (admit_check(s, i, &a, &e)) {
			*err = e;
			err->kind = ERR_INPUT;
			rc = err_wrap(err, "task '%.*s' cannot run here",
				      STR_ARG(plan_path(s->plan, i, &a)));
		}
	}
	arena_release(&a);
	return rc;
}
