#include <config.h>

#include "runtime/vm/session.h"

#include <stdlib.h>

#include "runtime/base/io.h"
#include "runtime/vm/recall.h"
#include "runtime/vm/run_result.h"

struct run_session {
	struct runner r;
	struct run_opts opts;
	struct arena arena;
	int64_t began_ms;		/* the run; 0: there is none */
	bool is_over;			/* it cannot go on: see r.broken */
	struct store *(*open_store)(void *ctx, struct err *err);
	void *store_ctx;
};

struct run_session *run_session_open(struct store *s, const struct run_opts *o,
				     struct err *err)
{
	struct run_session *ss = calloc(1, sizeof *ss);

	if (!ss)
		err_nomem();
	ss->opts = *o;
	if (runner_open(&ss->r, s, &ss->opts, &ss->arena, err)) {
		run_session_close(ss, NULL);
		return NULL;
	}
	ss->r.recall = recall_new();
	return ss;
}

void run_session_ask_store(struct run_session *ss,
			   struct store *(*open)(void *ctx, struct err *err), void *ctx)
{
	ss->open_store = open;
	ss->store_ctx = ctx;
}

const char *run_session_id(const struct run_session *ss)
{
	return ss->r.run ? run_id(ss->r.run) : "";
}

/* The result of a step. */

static const struct run_fact *fact_of(const struct runner *r, uint32_t inst)
{
	for (size_t i = 0; i < r->facts.n; i++)
		if (r->facts.at[i].inst == inst)
			return &r->facts.at[i];
	return NULL;
}

/* The outputs of a call are instances of their own, behind its END. */
static void fill_values(struct runner *r, uint32_t inst, struct run_step_node *out)
{
	const struct inst *i = plan_inst(&r->plan, inst);
	struct value *values;
	uint32_t n = node_noutputs(r->m, out->node);

	out->values = i->values;
	if (out->node->kind == NODE_CALL) {
		values = ARENA_ARRAY(r->a, n, struct value);
		for (uint32_t k = 0; k < n; k++) {
			const struct inst *o = plan_inst(&r->plan, inst + 1 + k);

			if (o->state != INST_OK)
				return;
			values[k] = o->values[0];
		}
		out->values = values;
	}
	out->nvalues = out->values ? n : 0;
}

static void fill_node(struct runner *r, uint32_t number, struct run_step_node *out)
{
	uint32_t inst = plan_inst_of(&r->plan, 0, number);
	const struct inst *i = plan_inst(&r->plan, inst);
	const struct run_fact *f = i->kind == INST_TASK ? NULL : fact_of(r, inst);

	*out = (struct run_step_node){
		.node = &r->m->pipelines[r->program->pipeline].nodes[number],
		.state = run_result_state(r, i),
		.error = f ? f->error : STR(""),
		.place = f ? f->place : STR(""),
	};
	if (i->state == INST_OK)
		fill_values(r, inst, out);
}

static void fill_nodes(struct runner *r, const struct want *w,
		       struct run_step_result *out)
{
	struct run_step_node *nodes =
		ARENA_ARRAY(r->a, w->p->nnodes, struct run_step_node);

	for (uint32_t i = 0; i < w->p->nnodes; i++)
		if (w->wanted[i] && plan_is_top(&r->plan, i))
			fill_node(r, i, &nodes[out->nnodes++]);
	out->nodes = nodes;
}

static int start_run(struct run_session *ss, struct err *err)
{
	if (!ss->r.store)
		ss->r.store = ss->open_store(ss->store_ctx, err);
	if (!ss->r.store)
		return -1;
	if (runner_make_run(&ss->r, err))
		return -1;
	ss->began_ms = ss->r.started_ms;
	runner_begin(&ss->r);
	return 0;
}

/* Nothing of the session is written any more: its run is lost. */
static int give_up(struct run_session *ss, struct err *err)
{
	if (!ss->r.is_broken)
		ss->r.broken = *err;
	ss->is_over = true;
	*err = ss->r.broken;
	return -1;
}

static int run_step(struct run_session *ss, const struct want *w,
		    struct run_step_result *out, struct err *err)
{
	struct runner *r = &ss->r;

	r->is_silent = !w->needs_run;
	if (w->needs_run && !r->run) {
		if (start_run(ss, err))
			return -1;
		out->made_run = true;
	}
	if (runner_drive(r, err) || r->is_broken)
		return give_up(ss, err);
	run_result_fill(r, &out->run);
	strcpy(out->run.id, run_session_id(ss));
	fill_nodes(r, w, out);
	out->signal = r->nsignals ? r->signal : 0;
	return 0;
}

int run_session_step(struct run_session *ss, const struct run_step *step, struct arena *a,
		     struct run_step_result *out, struct err *err)
{
	struct want want;
	struct run_program p;
	int rc = -1;

	*out = (struct run_step_result){
		.run.pipeline = &step->m->pipelines[step->pipeline]};
	if (ss->is_over) {
		*err = ss->r.broken;
		return -1;
	}
	want_make(&want, step, a);
	recall_begin(ss->r.recall, step, &want);
	p = (struct run_program){step->m, step->module_bytes, step->pipeline,
				 step->config, want.wanted};
	if (!runner_load(&ss->r, &p, a, err)) {
		runner_catch(&ss->r);
		rc = run_step(ss, &want, out, err);
		runner_uncatch(&ss->r);
	}
	runner_unload(&ss->r);
	return rc;
}

int run_session_close(struct run_session *ss, struct err *err)
{
	struct run_result result = {.state = STR("succeeded"), .error = STR(""),
				    .place = STR("")};
	int rc = 0;

	if (ss->is_over) {
		*err = ss->r.broken;
		rc = -1;
	} else if (ss->r.run) {
		result.ms = io_monotonic_ms() - ss->began_ms;
		result.ntasks = recall_count(ss->r.recall);
		rc = runner_finish(&ss->r, &result, err);
	}
	runner_close(&ss->r);
	recall_free(ss->r.recall);
	arena_release(&ss->arena);
	free(ss);
	return rc;
}
