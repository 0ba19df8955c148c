/* Tries.  A `finally` at the top of the exported pipeline is Kubeflow's exit handler, as
 * long as that can do it: an exit task sees nothing but inputs of the pipeline and a
 * status.  Everything else is done by regions (kfp_fate.c):
 *
 *	try-N			the whole, if there is a finally: a region
 *		try-M		the body, if there is an except: a region
 *		except-N	runs if that failed
 *	finally-N		waits for the whole
 *	try-N-failed		fails if the whole did
 *
 * Where names are bound or a fate is needed, except-N and its counterpart that runs
 * otherwise are in a condition-branches-N. */
#include <config.h>

#include "compiler/export/kfp/kfp_int.h"

bool kfp_is_in_block(const struct inst *i, uint32_t node, uint32_t block)
{
	const struct module_pipeline *p = i->p;

	for (uint32_t b = p->nodes[node].block; b; b = p->nodes[p->blocks[b].owner].block)
		if (b == block)
			return true;
	return false;
}

/* Does a node look at this from within the finally block of this TRY? */
static void look_at_input(struct inst *i, uint32_t at, const struct input *in)
{
	const struct module_node *n = &i->p->nodes[at];
	struct look *l = &i->looks[at];

	if (in->kind == INPUT_TRY && in->index == at && in->output == TRY_ERROR)
		l->at_more = true;
	if (in->kind != INPUT_NODE || kfp_is_in_block(i, in->index, n->final_block))
		return;
	l->at_more = true;
	l->at_body |= kfp_is_in_block(i, in->index, n->then_block) ||
		      (n->else_block != MODULE_NONE &&
		       kfp_is_in_block(i, in->index, n->else_block));
}

static void look_at_site(struct inst *i, uint32_t at, const struct site *s)
{
	for (uint32_t j = 0; s && j < s->ninputs; j++)
		look_at_input(i, at, &s->inputs[j]);
}

static void look_at_node(struct inst *i, uint32_t at, const struct module_node *n)
{
	look_at_site(i, at, n->cond);
	for (uint32_t j = 0; j < n->nargs; j++)
		look_at_site(i, at, n->args[j]);
	for (uint32_t j = 0; j < n->nsettings; j++)
		look_at_site(i, at, n->settings[j].value);
	for (uint32_t j = 0; j < n->nouts; j++) {
		look_at_site(i, at, n->outs[j].then_value);
		look_at_site(i, at, n->outs[j].else_value);
	}
	for (uint32_t j = 0; j < n->nafter; j++)
		look_at_input(i, at, &(struct input){INPUT_NODE, n->after[j], 0});
}

void kfp_look_at_finallies(struct kfp *k, struct inst *i)
{
	const struct module_pipeline *p = i->p;

	i->looks = ARENA_ARRAY(k->a, p->nnodes + 1, struct look);
	for (uint32_t j = 0; j < p->nnodes; j++)
		for (uint32_t b = p->nodes[j].block; b;
		     b = p->nodes[p->blocks[b].owner].block)
			if (p->blocks[b].kind == BLOCK_FINALLY)
				look_at_node(i, p->blocks[b].owner, &p->nodes[j]);
}

static void exit_handler(struct kfp *k, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	struct dag *home = i->homes[at], *d;
	struct yaml *after = yaml_seq(k->a);

	i->tasks[at] = kfp_group(k, "exit-handler");
	i->dags[n->then_block] = kfp_dag(k, home, i->tasks[at]);
	d = i->dags[n->final_block] = kfp_dag(k, home, kfp_group(k, "finally"));
	yaml_add_sorted(after, i->tasks[at]);
	yaml_put(d->self, STR("dependentTasks"), after);
	yaml_put_str(yaml_sub(d->self, STR("triggerPolicy")), STR("strategy"),
		     STR("ALL_UPSTREAM_TASKS_COMPLETED"));
}

static struct dag *region(struct kfp *k, struct dag *home)
{
	struct dag *d = kfp_dag(k, home, kfp_group(k, "try"));

	d->region = d;
	return d;
}

/* A DAG that runs if the body failed, or if it did not. */
static struct dag *side(struct kfp *k, struct dag *home, struct dag *body, bool is_except)
{
	struct dag *d = kfp_dag(k, home, kfp_group(k, is_except ? "except" : "condition"));
	struct str name = kfp_condition_channel(k, d, kfp_dag_fate(k, body));
	const char *before = is_except ? "!(" : "", *after = is_except ? ")" : "";
	struct str fate = arena_printf(k->a, "%sinputs.parameter_values['%.*s'] == ", before,
				       STR_ARG(name));
	struct buf text = {0};

	buf_addf(&text, "%.*s'ok'%s %s %.*s'skipped'%s", STR_ARG(fate), after,
		 is_except ? "&&" : "||", STR_ARG(fate), after);
	kfp_set_condition(k, d, buf_str(&text));
	buf_release(&text);
	return d;
}

static void add_except(struct kfp *k, struct inst *i, uint32_t at, struct dag *home)
{
	const struct module_node *n = &i->p->nodes[at];
	struct branch *b = &i->branches[at];
	struct dag *body = region(k, home), *wrap = home;

	body->is_covered = true;
	i->dags[n->then_block] = body;
	if (i->is_merged[at] || home->region) {
		wrap = b->wrap = kfp_dag(k, home, kfp_group(k, "condition-branches"));
		wrap->is_choice = true;
		b->then = side(k, wrap, body, false);
		i->tasks[at] = wrap->task;
	}
	i->dags[n->else_block] = side(k, wrap, body, true);
	if (wrap == home)
		i->tasks[at] = body->task;
}

static void add_finally(struct kfp *k, struct inst *i, uint32_t at, struct dag *whole,
			bool looks_at_body)
{
	struct dag *home = i->homes[at], *final, *of[2];
	size_t nof = 0;

	final = kfp_dag(k, home, kfp_group(k, "finally"));
	if (!home->region && looks_at_body)
		final->region = final;
	i->dags[i->p->nodes[at].final_block] = final;
	kfp_wait(home, final->task, home, whole->task);
	i->tasks[at] = whole->task;
	if (home->region)
		return;
	of[nof++] = whole;
	if (final->region)
		of[nof++] = final;
	kfp_rethrow(k, home, whole->rethrow, of, nof);
	kfp_wait(home, whole->rethrow, home, final->task);
}

void kfp_try_node(struct kfp *k, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	struct dag *home = i->dags[n->block], *whole = home;
	const struct look *l = &i->looks[at];

	i->homes[at] = home;
	if (n->else_block == MODULE_NONE && home == k->root && !l->at_more) {
		exit_handler(k, i, at);
		return;
	}
	if (n->final_block != MODULE_NONE) {
		whole = region(k, home);
		if (!home->region)
			whole->rethrow = kfp_unique(
				k, arena_printf(k->a, "%.*s-failed", STR_ARG(whole->task)));
	}
	if (n->else_block != MODULE_NONE)
		add_except(k, i, at, whole);
	else
		i->dags[n->then_block] = whole;
	if (n->final_block != MODULE_NONE)
		add_finally(k, i, at, whole, l->at_body);
}

struct source kfp_try_output(struct kfp *k, struct inst *i, uint32_t at,
			     const struct module_merge *o)
{
	const struct module_node *n = &i->p->nodes[at];
	const struct branch *b = &i->branches[at];
	struct source from[2], none = {.kind = SOURCE_NONE, .type = o->type};

	if (n->else_block == MODULE_NONE)
		return kfp_site(k, i, i->dags[n->then_block], o->then_value, n->path);
	from[0] = kfp_side(k, i, i->dags[n->else_block], o->else_value, n->path, o->type);
	from[1] = kfp_side(k, i, b->then, o->then_value, n->path, o->type);
	if (!from[0].kind || !from[1].kind)
		return none;
	return kfp_choice(k, b->wrap, o->type, from, 2);
}

struct source kfp_try_input(struct kfp *k, struct inst *i, struct input in)
{
	const struct module_node *n = &i->p->nodes[in.index];
	bool is_final = n->final_block != MODULE_NONE && i->node != MODULE_NONE &&
			kfp_is_in_block(i, i->node, n->final_block);
	struct dag *of = i->dags[n->then_block];
	struct source s;

	if (!of->region) {	/* an exit handler */
		return (struct source){.kind = SOURCE_STATUS, .dag = i->homes[in.index],
				       .task = i->tasks[in.index], .key = STR("state"),
				       .type = k->m->types.string, .form = "status"};
	}
	if (is_final && n->else_block != MODULE_NONE)
		of = of->parent;
	s = kfp_dag_fate(k, of);
	s.form = in.output == TRY_STATE ? "state" : "error";
	return s;
}
