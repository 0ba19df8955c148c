/* Loader, verifier, disassembler, interpreter and scheduler on bytes that nobody wrote.
 * The digest is not compared, so that changed bytes get past it.  What loads must be
 * shown, saved to the same bytes twice over, its expressions computed for some values of
 * their inputs, and its pipelines run to their ends, by tasks that give any values. */
#include <config.h>

#include <stdint.h>

#include "runtime/bc/save.h"
#include "runtime/vm/eval.h"
#include "runtime/vm/sched.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Any value at all: what is of the wrong kind must be found out by the operations. */
static struct value some_value(struct arena *a, uint32_t i)
{
	static const struct artifact model = {.name = {"model", 5},
		.metadata = {"{}", 2}};
	static const struct series loss = {1, 0.5, 0.5, 0.5};
	struct value made, *at;
	struct value_pair *pair;

	switch (i % 8) {
	case 0:
		return value_int(3);
	case 1:
		return value_float(0.5);
	case 2:
		return value_str(a, STR("a,b \xed\x95\x9c"));
	case 3:
		return value_bool(true);
	case 4:
		made = value_list(a, 3, &at);
		for (int k = 0; k < 3; k++)
			at[k] = value_int(k);
		return made;
	case 5:
		made = value_dict(a, 1, &pair);
		pair->key = STR("k");
		return made;
	case 6:
		return (struct value){VALUE_ARTIFACT, {.artifact = &model}};
	default:
		return (struct value){VALUE_SERIES, {.series = &loss}};
	}
}

static void eval_site(const struct module *m, const struct site *s)
{
	struct value v, *inputs;
	struct arena a;
	struct err err;

	if (!s)
		return;
	arena_init(&a);
	inputs = ARENA_ARRAY(&a, s->ninputs, struct value);
	for (uint32_t i = 0; i < s->ninputs; i++)
		inputs[i] = some_value(&a, s->inputs[i].index);
	eval(m, s, inputs, &a, &v, &err);
	arena_release(&a);
}

static void eval_params(const struct module *m, const struct module_param *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		eval_site(m, p[i].fallback);
		eval_site(m, p[i].where);
	}
}

static void eval_settings(const struct module *m, const struct module_setting *s,
			  uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		eval_site(m, s[i].value);
}

static void eval_node(const struct module *m, const struct module_node *n)
{
	eval_site(m, n->cond);
	for (uint32_t i = 0; i < n->nargs; i++)
		eval_site(m, n->args[i]);
	for (uint32_t i = 0; i < n->nouts; i++) {
		eval_site(m, n->outs[i].then_value);
		eval_site(m, n->outs[i].else_value);
	}
	eval_settings(m, n->settings, n->nsettings);
}

static void eval_all(const struct module *m)
{
	for (uint32_t i = 0; i < m->ncomponents; i++) {
		eval_params(m, m->components[i].params, m->components[i].nparams);
		eval_settings(m, m->components[i].settings, m->components[i].nsettings);
	}
	for (uint32_t i = 0; i < m->npipelines; i++) {
		const struct module_pipeline *p = &m->pipelines[i];

		eval_params(m, p->params, p->nparams);
		eval_settings(m, p->settings, p->nsettings);
		for (uint32_t k = 0; k < p->nnodes; k++)
			eval_node(m, &p->nodes[k]);
		for (uint32_t k = 0; k < p->noutputs; k++)
			eval_site(m, p->outputs[k].value);
	}
}

struct world {			/* of a pipeline that runs: tasks end when they are told to */
	struct sched s;
	struct plan plan;
	struct arena arena;
	VEC(struct sched_task *) running;
	unsigned nended;
};

static int64_t world_now(void *ctx)
{
	return ((struct world *)ctx)->nended;
}

static bool world_prepare(void *ctx, uint32_t inst)
{
	return ctx && inst != MODULE_NONE;
}

static void world_start(void *ctx, struct sched_task *t)
{
	vec_push(&((struct world *)ctx)->running, t);
}

static void world_cancel(void *ctx, struct sched_task *t, bool force)
{
	(void)ctx, (void)t, (void)force;
}

static void world_changed(void *ctx, const struct sched_change *c)
{
	struct world *w = ctx;
	struct arena a = {0};

	plan_path(&w->plan, c->inst, &a);
	arena_release(&a);
}

static void end_task(struct world *w)
{
	struct sched_task *t = vec_pop(&w->running);
	uint32_t n = t->component->noutputs;
	struct value *values = ARENA_ARRAY(&w->arena, n + 1, struct value);
	struct sched_end end = {.how = SCHED_OK, .values = values, .error = STR("boom"),
				.place = STR(""), .members = STR("")};

	for (uint32_t i = 0; i < n; i++)
		values[i] = some_value(&w->arena, i + w->nended);
	if (w->nended++ % 7 == 3)
		end.how = SCHED_FAILED;
	sched_ended(&w->s, t, &end);
}

/* It has to come to its end, after some time because it is killed. */
static void run_pipeline_of(const struct module *m, uint32_t pipeline)
{
	enum { LONG_ENOUGH = 60, TOO_LONG = 100000 };
	static const struct sched_ops ops = {world_now, world_prepare, world_start,
					     world_cancel, world_changed, NULL, NULL};
	const struct module_pipeline *p = &m->pipelines[pipeline];
	struct world w = {0};
	struct value *params = ARENA_ARRAY(&w.arena, p->nparams + 1, struct value);
	struct err err;

	for (uint32_t i = 0; i < p->nparams; i++)
		params[i] = some_value(&w.arena, i);
	if (plan_make(&w.plan, m, pipeline, NULL, &err))
		goto out;
	sched_init(&w.s, &w.plan, params, NULL, &ops, &w);
	w.s.jobs = 2;
	for (int i = 0; i < 3; i++)
		w.s.run_values[i] = value_str(&w.arena, STR("x"));
	for (unsigned i = 0; !sched_is_done(&w.s); i++) {
		if (i == LONG_ENOUGH)
			sched_cancel(&w.s, true);
		if (i == TOO_LONG)
			BUG("a run does not end");
		sched_step(&w.s);
		if (w.running.n)
			end_task(&w);
	}
	sched_release(&w.s);
out:
	plan_release(&w.plan);
	vec_release(&w.running);
	arena_release(&w.arena);
}

/* Saving gives bytes that load again, to a module that saves to the same. */
static void check_round_trip(struct module *m)
{
	struct buf first = {0}, second = {0};
	struct module *back;
	struct err err;

	module_save(m, &first);
	back = module_load(buf_str(&first), "saved", &err);
	if (!back)
		BUG("what was saved does not load: %s", err.text);
	module_save(back, &second);
	if (!str_eq(buf_str(&first), buf_str(&second)))
		BUG("saved twice it differs");
	module_free(back);
	buf_release(&first);
	buf_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct err err;
	struct module *m = module_load_unchecked((struct str){(const char *)data, n}, "x",
						 &err);
	struct buf text = {0};

	if (!m)
		return 0;
	module_dis(m, &text);
	buf_release(&text);
	eval_all(m);
	for (uint32_t i = 0; i < m->npipelines; i++)
		run_pipeline_of(m, i);
	check_round_trip(m);
	module_free(m);
	return 0;
}
