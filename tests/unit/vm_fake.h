/* The scheduler's world as tests want it: a clock that jumps, tasks that end when they
 * are told to, and a log of what happened. */
#ifndef KFPC_TESTS_UNIT_VM_FAKE_H
#define KFPC_TESTS_UNIT_VM_FAKE_H

#include "runtime/vm/sched.h"
#include "tests/unit/vm_build.h"

struct fake { /* the world: a clock, tasks that run, a log of what changed */
	struct sched s;
	struct plan plan;
	int64_t now;
	struct sched_task *running[64];
	unsigned nrunning;
	struct buf log;
	const char *fails;	/* a task of this path fails .. */
	int nfails;		/* .. this many times */
	bool (*decide)(struct fake *f);	/* or whether a task fails is asked each time */
	uint64_t seed;
	bool quiet;
	bool newest_first;	/* of the tasks that run the last one ends first */
	unsigned most;		/* tasks that ran at the same time */
	size_t nchanges;
};

static inline int64_t fake_now(void *ctx)
{
	return ((struct fake *)ctx)->now;
}

static inline bool fake_prepare(void *ctx, uint32_t inst)
{
	(void)ctx, (void)inst;
	return true;
}

static inline void fake_start(void *ctx, struct sched_task *t)
{
	struct fake *f = ctx;

	f->running[f->nrunning++] = t;
	if (f->nrunning > f->most)
		f->most = f->nrunning;
}

static inline void fake_cancel(void *ctx, struct sched_task *t, bool force)
{
	struct fake *f = ctx;

	buf_addf(&f->log, "%s %.*s\n", force ? "kill" : "cancel", STR_ARG(t->path));
}

/* Of values only those that are text. */
static inline bool fake_is_logged(const struct inst *i, const struct sched_change *c)
{
	return i->kind == INST_TASK || c->kind == SCHED_BRANCH || c->kind == SCHED_LOOP ||
	       c->end || (c->kind == SCHED_VALUE && i->kind == INST_EXPR &&
			  c->value.kind == VALUE_STR);
}

static inline void fake_changed(void *ctx, const struct sched_change *c)
{
	struct fake *f = ctx;
	struct arena a = {0};
	struct str path = plan_path(&f->plan, c->inst, &a);
	const struct inst *i = plan_inst(&f->plan, c->inst);

	f->nchanges++;
	if (f->quiet || !fake_is_logged(i, c))
		goto out;
	buf_add(&f->log, path);
	switch (c->kind) {
	case SCHED_STARTED:
		buf_addf(&f->log, " start");
		for (uint32_t k = 0; k < c->task->component->nparams; k++)
			buf_addf(&f->log, " %lld", (long long)c->task->args[k].i);
		break;
	case SCHED_RETRY:
		buf_addf(&f->log, " retry %lld", (long long)c->wait_ms);
		break;
	case SCHED_ENDED:
		buf_addf(&f->log, c->state == INST_OK ? " ok"
			 : c->state == INST_FAILED ? " failed" : " cancelled");
		break;
	case SCHED_SKIPPED:
		buf_addf(&f->log, " skipped %s",
			 skip_reason_name((enum skip_reason)i->reason));
		if (i->because != MODULE_NONE)
			buf_addf(&f->log, " %.*s",
				 STR_ARG(plan_path(&f->plan, i->because, &a)));
		break;
	case SCHED_BRANCH:
		buf_addf(&f->log, c->taken ? " then" : " else");
		break;
	case SCHED_VALUE:
		if (c->end)
			buf_addf(&f->log, " error");
		else
			buf_addf(&f->log, " = %.*s", STR_ARG(*c->value.s));
		break;
	case SCHED_LOOP:
		buf_addf(&f->log, " %u times", c->niterations);
		break;
	}
	if (c->end && c->end->error.n)
		buf_addf(&f->log, ": %.*s", STR_ARG(c->end->error));
	buf_addc(&f->log, '\n');
out:
	arena_release(&a);
}

static const struct sched_ops FAKE = {fake_now, fake_prepare, fake_start, fake_cancel,
				      fake_changed, NULL, NULL};

static inline void fake_init(struct fake *f, struct mk *k, uint32_t pipeline,
		      const struct value *params)
{
	struct err err;

	*f = (struct fake){.now = 1000};
	if (plan_make(&f->plan, k->m, pipeline, NULL, &err))
		BUG("%s", err.text);
	sched_init(&f->s, &f->plan, params, NULL, &FAKE, f);
}

static inline void fake_release(struct fake *f)
{
	sched_release(&f->s);
	plan_release(&f->plan);
	buf_release(&f->log);
}

/* A running task ends: its output is the sum of its arguments plus 1. */
static inline void fake_end(struct fake *f)
{
	unsigned at = f->newest_first ? f->nrunning - 1 : 0;
	struct sched_task *t = f->running[at];
	struct sched_end end = {.how = SCHED_OK, .error = STR(""), .place = STR(""),
				.members = STR("")};
	struct value out = value_int(1);

	memmove(f->running + at, f->running + at + 1,
		(--f->nrunning - at) * sizeof *f->running);
	for (uint32_t i = 0; i < t->component->nparams; i++)
		out.i += t->args[i].i;
	end.values = &out;
	if (f->fails && str_is(t->path, f->fails) && f->nfails) {
		f->nfails--;
		end.how = SCHED_FAILED;
		end.error = STR("boom");
	}
	if (f->decide && f->decide(f)) {
		end.how = SCHED_FAILED;
		end.error = STR("boom");
	}
	if (t->is_cancelled)
		end.how = SCHED_CANCELLED;
	sched_ended(&f->s, t, &end);
}

static inline const char *fake_run(struct fake *f)
{
	while (!sched_is_done(&f->s)) {
		sched_step(&f->s);
		if (f->nrunning)
			fake_end(f);
		else if (sched_wake_ms(&f->s) > f->now)
			f->now = sched_wake_ms(&f->s);
	}
	return buf_cstr(&f->log);
}

/* c(x=0, y=0) -> int in every test; a pipeline of tasks of it. */
static inline void setup(struct mk *k, uint32_t npipelines)
{
	struct module_param p[2];

	mk_init(k, 4, npipelines);
	p[0] = mk_param(k, "x", k->m->types.integer, 0, NULL);
	p[1] = mk_param(k, "y", k->m->types.integer, 0, NULL);
	mk_component(k, "c", p, 2);
}

static inline void finish(struct mk *k, const struct module_pipeline *p)
{
	mk_pipeline(k, p);
	builder_finish(&k->b);
}

#endif
