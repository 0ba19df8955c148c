#include <config.h>

#include "runtime/vm/session_want.h"

struct asker {
	struct want *w;
	const struct module *m;
	bool *asked;		/* of each node in no block */
	bool *seen;		/* of each pipeline: it was looked at for tasks */
};

/* A merge lies beside the branch or try that it is of. */
static void find_roots(struct want *w)
{
	for (uint32_t i = 0; i < w->p->nnodes; i++) {
		const struct module_node *n = &w->p->nodes[i];

		if (n->block)
			w->root[i] = w->root[w->p->blocks[n->block].owner];
		else
			w->root[i] = n->kind == NODE_MERGE ? w->root[n->target] : i;
	}
}

typedef void site_fn(struct asker *q, const struct site *s);

static void each_site(struct asker *q, const struct module_node *n, site_fn *f)
{
	f(q, n->cond);
	for (uint32_t k = 0; k < n->nargs; k++)
		f(q, n->args[k]);
	for (uint32_t k = 0; k < n->nsettings; k++)
		f(q, n->settings[k].value);
	for (uint32_t k = 0; k < n->nouts; k++) {
		f(q, n->outs[k].then_value);
		f(q, n->outs[k].else_value);
	}
}

static void ask_inputs(struct asker *q, const struct site *s)
{
	for (uint32_t i = 0; s && i < s->ninputs; i++)
		if (s->inputs[i].kind == INPUT_NODE)
			q->asked[q->w->root[s->inputs[i].index]] = true;
}

static void look_for_run(struct asker *q, const struct site *s)
{
	for (uint32_t i = 0; s && i < s->ninputs; i++)
		q->w->needs_run |= s->inputs[i].kind == INPUT_RUN;
}

/* Does the node, or a pipeline that it calls, need a run? */
static void look_for_tasks(struct asker *q, const struct module_node *n)
{
	const struct module_pipeline *p;

	q->w->needs_run |= n->kind == NODE_TASK;
	if (!q->w->needs_run)
		each_site(q, n, look_for_run);
	if (q->w->needs_run || n->kind != NODE_CALL || q->seen[n->target])
		return;
	q->seen[n->target] = true;
	p = &q->m->pipelines[n->target];
	for (uint32_t k = 0; k < p->noutputs; k++)
		look_for_run(q, p->outputs[k].value);
	for (uint32_t i = 0; i < p->nnodes; i++)
		look_for_tasks(q, &p->nodes[i]);
}

/* Nodes come after what they read, so one pass is enough but where blocks lie within each
 * other. */
static bool want_inputs(struct asker *q)
{
	struct want *w = q->w;
	bool is_changed = false;

	for (uint32_t i = w->p->nnodes; i-- > 0;) {
		const struct module_node *n = &w->p->nodes[i];

		if (w->wanted[i] || !q->asked[w->root[i]])
			continue;
		w->wanted[i] = is_changed = true;
		each_site(q, n, ask_inputs);
		for (uint32_t k = 0; k < n->nafter; k++)
			q->asked[w->root[n->after[k]]] = true;
		look_for_tasks(q, n);
	}
	return is_changed;
}

void want_make(struct want *w, const struct run_step *step, struct arena *a)
{
	const struct module_pipeline *p = &step->m->pipelines[step->pipeline];
	struct asker q = {w, step->m, ARENA_ARRAY(a, p->nnodes, bool),
			  ARENA_ARRAY(a, step->m->npipelines, bool)};

	*w = (struct want){
		.p = p,
		.root = ARENA_ARRAY(a, p->nnodes, uint32_t),
		.wanted = ARENA_ARRAY(a, p->nnodes, bool),
	};
	find_roots(w);
	for (uint32_t i = 0; i < p->nnodes; i++)
		if (w->root[i] == i)
			q.asked[i] = !step->wants ||
				     step->wants(step->ctx, &p->nodes[i]);
	while (want_inputs(&q))
		;
}

static uint32_t ordinal_of(const struct want *w, uint32_t i)
{
	for (uint32_t k = i; k-- > 0;)
		if (w->entries[k] == w->entries[i])
			return w->ordinals[k] + 1;
	return 0;
}

void want_entries(struct want *w, const struct run_step *step, struct arena *a)
{
	if (w->entries)
		return;
	w->entries = ARENA_ARRAY(a, w->p->nnodes, uint64_t);
	w->ordinals = ARENA_ARRAY(a, w->p->nnodes, uint32_t);
	for (uint32_t i = 0; i < w->p->nnodes; i++) {
		if (w->root[i] == i)
			w->entries[i] = step->entry ? step->entry(step->ctx,
								  &w->p->nodes[i]) : 0;
		else
			w->entries[i] = w->entries[w->root[i]];
		w->ordinals[i] = ordinal_of(w, i);
	}
}
