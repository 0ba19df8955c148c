/* Failure as a value.
 *
 * Kubeflow forgives nothing: a task that fails, fails each DAG around it and the run, and
 * a trigger strategy only has another task run as well.  So in a `try` that does more than
 * Kubeflow's exit handler can, tasks do not fail.  The DAG of its body is a *region*: each
 * task in a region (and in the DAGs in it) ends well whatever happens, and has an output
 * more, its fate: "ok", "skipped", or "failed:" and what went wrong.  Its other outputs
 * mean nothing then.  The launcher looks at the fates of all that a task reads from or
 * waits for before it does anything, and skips the task unless they are "ok".
 *
 * A DAG in a region has a fate too, that of what is in it; of a loop that is a list.  In a
 * called pipeline and a branch all tasks wait for what they themselves need; loops and
 * tries begin when everything is there that is read in them.  `gates` say this: fates that
 * are looked at by all tasks in a DAG.
 *
 * What is read from a region by those who are not in it waits for its `rethrow`, a task
 * that fails if something in the region did.
 *
 * Names are known from the start, what stands behind them at the end (kfp_fates): a merge
 * may add a task to a branch long after it. */
#include <config.h>

#include "compiler/export/kfp/kfp_int.h"

#define FATE STR("kfpc_fate")

/* A task in a region. */
struct leaf {
	struct dag *dag;
	struct str name;
	struct yaml *task, *comp;
	VEC(struct source) fates;	/* that it looks at itself */
	unsigned ninputs;
	bool is_check;			/* what the DAG's gates wait for */
};

static struct source fate_of(struct kfp *k, struct dag *d, struct str task,
			     const struct type *t)
{
	(void)k;
	return (struct source){.kind = SOURCE_OUTPUT, .dag = d, .task = task, .key = FATE,
			       .type = t};
}

static const struct type *fate_type(struct kfp *k, const struct dag *d)
{
	const struct type *t = k->m->types.string;

	return d->is_loop ? type_list(&k->m->types, t) : t;
}

const struct fate *kfp_fate(struct kfp *k, struct dag *d, struct str task)
{
	struct fate f;

	if (!d->region)
		return NULL;
	f = (struct fate){fate_of(k, d, task, k->m->types.string), d->region};
	return arena_dup(k->a, &f, sizeof f);
}

struct source kfp_dag_fate(struct kfp *k, struct dag *d)
{
	return fate_of(k, d->parent, d->task, fate_type(k, d));
}

const struct fate *kfp_fate_of_loop(struct kfp *k, struct dag *d)
{
	struct fate f = {kfp_dag_fate(k, d), d->region};

	return d->region ? arena_dup(k->a, &f, sizeof f) : NULL;
}

const struct fate *kfp_lift_fate(struct kfp *k, const struct fate *f)
{
	struct fate up = {kfp_lift(k, f->at, f->at.type), f->region};

	return arena_dup(k->a, &up, sizeof up);
}

const struct fate *kfp_fate_choice(struct kfp *k, struct dag *wrap,
				   const struct source *from, size_t n)
{
	struct str key = arena_printf(k->a, "kfpc_fate_%u", ++k->noneofs);
	struct fate f = {fate_of(k, wrap->parent, wrap->task, k->m->types.string),
			 wrap->region};

	f.at.key = key;
	kfp_put_output(k, wrap, key, f.at.type, from, n);
	return arena_dup(k->a, &f, sizeof f);
}

static struct leaf *leaf_of(struct kfp *k, struct str task)
{
	return map_get(&k->leaf_of, task);
}

/* The task looks at this fate; it is no leaf if there was a fault. */
static void look_at(struct kfp *k, struct str task, const struct source *fate)
{
	struct leaf *leaf = leaf_of(k, task);

	if (leaf)
		vec_push(&leaf->fates, *fate);
}

void kfp_leaf(struct kfp *k, struct dag *d, struct str name, struct yaml *task,
	      struct yaml *comp)
{
	struct leaf *leaf;

	if (!d->region)
		return;
	leaf = ARENA_NEW(k->a, struct leaf);
	leaf->dag = d;
	leaf->name = name;
	leaf->task = task;
	leaf->comp = comp;
	kfp_define_output(k, comp, FATE, k->m->types.string);
	vec_push(&k->leaves, leaf);
	map_set(&k->leaf_of, name, leaf);
	vec_push(&d->fates, fate_of(k, d, name, k->m->types.string));
	/* Kubeflow would take a failure from its cache, too. */
	yaml_put(task, STR("cachingOptions"), yaml_map(k->a));
}

void kfp_leaf_is_check(struct kfp *k, struct dag *d, struct str task)
{
	if (!d->region)
		return;
	leaf_of(k, task)->is_check = true;
	vec_push(&d->gates, fate_of(k, d, task, k->m->types.string));
}

void kfp_heed(struct kfp *k, struct dag *d, struct str task, const struct source *s)
{
	const struct fate *f = s->fate;

	if (!f)
		return;
	if (d->region)
		look_at(k, task, &f->at);
	else if (f->region->rethrow.n)
		kfp_wait(d, task, f->region->parent, f->region->rethrow);
}

void kfp_wait_well(struct kfp *k, struct dag *d, struct str task, struct dag *from,
		   struct str awaited)
{
	struct dag *group, *other;
	struct source fate;

	other = map_get(&k->dag_of, awaited);
	kfp_wait(d, task, from, other && other->rethrow.n ? other->rethrow : awaited);
	if (!from->region || !d->region)
		return;
	fate = other ? kfp_dag_fate(k, other)
		     : fate_of(k, from, awaited, k->m->types.string);
	group = map_get(&k->dag_of, task);
	if (group)
		vec_push(&group->gates, fate);
	else
		look_at(k, task, &fate);
}

/* At the end. */

static bool has(const struct source *at, size_t n, const struct source *s)
{
	for (size_t j = 0; j < n; j++)
		if (kfp_is_same(&at[j], s))
			return true;
	return false;
}

/* What a task of d looks at is looked at by all in the loops and tries around it that do
 * not have it in them. */
static void add_need(const struct source *fate, struct dag *d)
{
	for (; d && !dag_is_within(fate->dag, d); d = d->parent)
		if ((d->is_loop || d->region == d) &&
		    !has(d->gates.at, d->gates.n, fate))
			vec_push(&d->gates, *fate);
}

static void add_needs(struct kfp *k)
{
	for (size_t j = 0; j < k->leaves.n; j++)
		for (size_t f = 0; f < k->leaves.at[j]->fates.n; f++)
			add_need(&k->leaves.at[j]->fates.at[f], k->leaves.at[j]->dag);
	for (size_t j = 0; j < k->dags.n; j++)
		for (size_t f = 0; k->dags.at[j]->parent && f < k->dags.at[j]->gates.n; f++)
			add_need(&k->dags.at[j]->gates.at[f], k->dags.at[j]->parent);
}

static void add_input(struct kfp *k, struct leaf *l, const char *kind,
		      const struct source *s)
{
	struct str name = arena_printf(k->a, "kfpc_%s_%u", kind, ++l->ninputs);

	kfp_define(k, yaml_sub(l->comp, STR("inputDefinitions")), name, s->type, false);
	kfp_bind(k, l->dag, l->task, name, *s);
}

static void add_once(struct leaf *l, const struct source *s)
{
	if (!has(l->fates.at, l->fates.n, s))
		vec_push(&l->fates, *s);
}

static void bind_leaf(struct kfp *k, struct leaf *l)
{
	size_t n = l->fates.n;
	struct source *own = ARENA_ARRAY(k->a, n + 1, struct source);

	for (size_t j = 0; j < n; j++)
		own[j] = l->fates.at[j];
	vec_clear(&l->fates);
	for (size_t j = 0; j < n; j++)
		add_once(l, &own[j]);
	for (struct dag *d = l->dag; d && d->region; d = d->parent)
		for (size_t j = 0; j < d->gates.n; j++)
			if (d != l->dag || !l->is_check)
				add_once(l, &d->gates.at[j]);
	for (size_t j = 0; j < l->fates.n; j++)
		add_input(k, l, "fate", &l->fates.at[j]);
}

/* A task that says what became of all in d. */
static struct source add_end(struct kfp *k, struct dag *d)
{
	struct leaf end = {.dag = d, .name = kfp_unique(k, arena_printf(
		k->a, "%.*s-end", STR_ARG(d->task)))};

	kfp_fate_task(k, d, end.name, d->region == d ? "try-end" : "end", &end.task,
		      &end.comp);
	kfp_define_output(k, end.comp, FATE, k->m->types.string);
	for (size_t j = 0; j < d->fates.n; j++)
		add_input(k, &end, "fate", &d->fates.at[j]);
	for (struct dag *g = d; g && g->region; g = g->parent)
		for (size_t j = 0; j < g->gates.n; j++)
			if (!dag_is_within(g->gates.at[j].dag, d))
				add_input(k, &end, "gate", &g->gates.at[j]);
	return fate_of(k, d, end.name, k->m->types.string);
}

static void put_fate(struct kfp *k, struct dag *d)
{
	bool is_inner = d->region == d && d->parent->region;
	struct source one;

	if (d->is_choice) {
		kfp_put_output(k, d, FATE, k->m->types.string, d->fates.at, d->fates.n);
	} else {
		one = d->fates.n == 1 && !is_inner && d->fates.at[0].type->kind == TYPE_STR
			      ? d->fates.at[0]
			      : add_end(k, d);
		kfp_put_output(k, d, FATE, k->m->types.string, &one, 1);
	}
	if (d->is_loop)
		kfp_define_output(k, d->comp, FATE, fate_type(k, d));
}

void kfp_rethrow(struct kfp *k, struct dag *d, struct str task, struct dag *const *of,
		 size_t n)
{
	struct leaf leaf = {.dag = d, .name = task};
	struct source fate;

	kfp_fate_task(k, d, task, "rethrow", &leaf.task, &leaf.comp);
	for (size_t j = 0; j < n; j++) {
		fate = kfp_dag_fate(k, of[j]);
		add_input(k, &leaf, "fate", &fate);
	}
}

void kfp_fates(struct kfp *k)
{
	size_t nleaves = k->leaves.n;

	for (size_t j = 0; j < k->dags.n; j++) {
		struct dag *d = k->dags.at[j];

		if (d->region && d->parent->region && !d->is_covered)
			vec_push(&d->parent->fates, kfp_dag_fate(k, d));
	}
	add_needs(k);
	for (size_t j = 0; j < k->dags.n; j++)
		if (k->dags.at[j]->region)
			put_fate(k, k->dags.at[j]);
	for (size_t j = 0; j < nleaves; j++)
		bind_leaf(k, k->leaves.at[j]);
}

void kfp_fates_release(struct kfp *k)
{
	for (size_t j = 0; j < k->leaves.n; j++)
		vec_release(&k->leaves.at[j]->fates);
	vec_release(&k->leaves);
	map_release(&k->leaf_of);
	map_release(&k->dag_of);
	for (size_t j = 0; j < k->dags.n; j++) {
		vec_release(&k->dags.at[j]->fates);
		vec_release(&k->dags.at[j]->gates);
	}
}
