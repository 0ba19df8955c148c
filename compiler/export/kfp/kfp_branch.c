/* Branches: condition-branches-N around the condition-N of each side.  A branch that is
 * all there is in the `else` of another (`elif`) becomes further sides of that one. */
#include <config.h>

#include "compiler/export/kfp/kfp_int.h"

/* Looking ahead */

/* The output of a node that a site is, as it is; NULL if it is anything else. */
static const struct input *plain_input(const struct site *s)
{
	const struct expr *e = s->tree;

	while (e->kind == EXPR_TO_FLOAT)
		e = e->args[0];
	return e->kind == EXPR_INPUT && s->inputs[e->input].kind == INPUT_NODE
		       ? &s->inputs[e->input]
		       : NULL;
}

/* Is it a merge of the branch that is in this block? */
static bool reads_merge(const struct inst *i, const struct site *s, uint32_t block)
{
	const struct input *in = plain_input(s);
	const struct module_node *n = in ? &i->p->nodes[in->index] : NULL;

	return n && n->kind == NODE_MERGE && block != MODULE_NONE &&
	       n->target == i->contents[block].branch;
}

static void look_at_merge(struct inst *i, const struct module_node *n)
{
	i->is_merged[n->target] = true;
	for (uint32_t j = 0; j < n->nouts; j++)
		if (n->outs[j].else_value && !reads_merge(i, n->outs[j].else_value,
						i->p->nodes[n->target].else_block))
			i->is_single[n->target] = false;
}

void kfp_look_ahead(struct kfp *k, struct inst *i)
{
	const struct module_pipeline *p = i->p;

	i->branches = ARENA_ARRAY(k->a, p->nnodes + 1, struct branch);
	i->contents = ARENA_ARRAY(k->a, p->nblocks + 1, struct contents);
	i->is_merged = ARENA_ARRAY(k->a, p->nnodes + 1, bool);
	i->is_single = ARENA_ARRAY(k->a, p->nnodes + 1, bool);
	for (uint32_t b = 0; b < p->nblocks; b++)
		i->contents[b].branch = MODULE_NONE;
	for (uint32_t j = 0; j < p->nnodes; j++) {
		const struct module_node *n = &p->nodes[j];
		struct contents *in = &i->contents[n->block];

		i->is_single[j] = true;
		if (n->kind == NODE_MERGE)
			look_at_merge(i, n);
		if (n->kind == NODE_BRANCH && in->branch == MODULE_NONE)
			in->branch = j;
		else if (n->kind != NODE_MERGE || n->target != in->branch)
			in->has_more = true;
	}
}

/* The BRANCH that is the `elif` of node at; MODULE_NONE if it has none, or one whose
 * condition has to be computed, which may only be done when it is its turn. */
enum { ARMS_MAX = 16 };		/* each of them says all that are before it */

static uint32_t elif_of(struct kfp *k, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	const struct contents *c;

	if (n->else_block == MODULE_NONE)
		return MODULE_NONE;
	c = &i->contents[n->else_block];
	if (c->branch == MODULE_NONE || i->branches[at].narms >= ARMS_MAX || c->has_more || !i->is_single[at] ||
	    i->p->nodes[c->branch].nafter ||
	    !kfp_cel_fits(k, i, i->p->nodes[c->branch].cond))
		return MODULE_NONE;
	return c->branch;
}

/* Sides */

/* Kubeflow's local runner finds what a condition reads by its name: an output of a task
 * beside it only if that has a name of our own. */
static bool is_found(const struct dag *home, const struct source *s)
{
	return s->kind != SOURCE_OUTPUT || (s->dag != home && dag_is_within(home, s->dag)) ||
	       (s->dag == home && str_find(s->key, STR("--"), 0) == s->key.n);
}

static bool all_are_found(struct kfp *k, struct inst *i, const struct dag *home,
			  const struct site *cond)
{
	for (uint32_t j = 0; j < cond->ninputs; j++) {
		struct source s = kfp_input(k, i, cond->inputs[j]);

		if (!is_found(home, &s))
			return false;
	}
	return true;
}

static struct dag *add_side(struct kfp *k, struct inst *i, struct branch *b, bool is_else)
{
	struct dag *d = kfp_dag(k, b->wrap, kfp_group(k, "condition"));

	kfp_condition(k, i, d, b->arms, b->narms, is_else);
	return d;
}

/* In what DAG the sides are, and the condition if it has to be computed. */
static void begin(struct kfp *k, struct inst *i, uint32_t at, struct dag *home)
{
	const struct module_node *n = &i->p->nodes[at];
	struct branch *b = &i->branches[at];
	bool has_both = n->then_block != MODULE_NONE && n->else_block != MODULE_NONE;
	struct source computed = {.kind = SOURCE_NONE};

	if (!kfp_cel_fits(k, i, n->cond))
		computed = kfp_site(k, i, home, n->cond, n->path);
	b->wrap = home;
	if (has_both || i->is_merged[at] || home->region ||
	    (!computed.kind && !all_are_found(k, i, home, n->cond))) {
		b->wrap = kfp_dag(k, home, kfp_group(k, "condition-branches"));
		b->wrap->is_choice = true;
		i->tasks[at] = b->wrap->task;
	}
	b->arms = ARENA_NEW(k->a, struct arm);
	b->arms[b->narms++] = (struct arm){n->cond, computed};
}

/* The sides of `elif`: those of the branch that it belongs to, and more. */
static void begin_elif(struct kfp *k, struct inst *i, const struct branch *of,
		       const struct module_node *n, struct branch *b)
{
	b->wrap = of->wrap;
	b->arms = ARENA_ARRAY(k->a, of->narms + 1, struct arm);
	for (size_t j = 0; j < of->narms; j++)
		b->arms[b->narms++] = of->arms[j];
	b->arms[b->narms++] = (struct arm){.cond = n->cond};
	(void)i;
}

static void add_sides(struct kfp *k, struct inst *i, uint32_t at, struct dag *home)
{
	const struct module_node *n = &i->p->nodes[at];
	struct branch *b = &i->branches[at];
	bool is_wrapped = b->wrap != home;

	if (is_wrapped || n->then_block != MODULE_NONE)
		b->then = add_side(k, i, b, false);
	if (n->then_block != MODULE_NONE)
		i->dags[n->then_block] = b->then;
	b->elif = elif_of(k, i, at);
	if (b->elif != MODULE_NONE) {
		i->dags[n->else_block] = b->wrap;
		begin_elif(k, i, b, &i->p->nodes[b->elif], &i->branches[b->elif]);
		return;
	}
	if (n->else_block != MODULE_NONE || i->is_merged[at] || home->region)
		b->other = add_side(k, i, b, true);
	if (n->else_block != MODULE_NONE)
		i->dags[n->else_block] = b->other;
}

void kfp_branch_node(struct kfp *k, struct inst *i, uint32_t at)
{
	struct branch *b = &i->branches[at];
	struct dag *home = i->dags[i->p->nodes[at].block];

	i->homes[at] = home;
	if (b->wrap) {		/* an elif */
		i->homes[at] = b->wrap->parent;
		i->tasks[at] = b->wrap->task;
	} else {
		begin(k, i, at, home);
	}
	add_sides(k, i, at, i->homes[at]);
	if (b->wrap == i->homes[at])
		i->tasks[at] = (b->then ? b->then : b->other)->task;
}

/* What is bound in branches */

/* One side of a merge: an output of its branch, seen from around it.  s is NULL where the
 * name is not bound. */
struct source kfp_side(struct kfp *k, struct inst *i, struct dag *d, const struct site *s,
		       struct str name, const struct type *t)
{
	struct source from = s ? kfp_site(k, i, d, s, name)
			       : kfp_constant(k, VALUE_NONE_V, t);

	from = kfp_within(k, d, from, name, t);
	if (from.fate && from.fate->at.type->kind == TYPE_LIST)
		from = kfp_pass(k, d, from, name, t);
	return from.kind ? kfp_lift(k, from, kfp_wire(k, t)) : from;
}

struct merge {
	struct kfp *k;
	struct inst *i;
	struct str name;
	const struct type *type;
	VEC(struct source) from;
};

static void add_from(struct merge *m, struct dag *d, const struct site *s)
{
	struct source from = kfp_side(m->k, m->i, d, s, m->name, m->type);

	vec_push(&m->from, from);
}

static void add_all_from(struct merge *m, uint32_t at, const struct site *then_value,
			 const struct site *else_value)
{
	const struct branch *b = &m->i->branches[at];

	for (; b->elif != MODULE_NONE; b = &m->i->branches[b->elif]) {
		const struct module_merge *inner = NULL;

		add_from(m, b->then, then_value);
		if (else_value) {
			const struct input *in = plain_input(else_value);

			inner = &m->i->p->nodes[in->index].outs[in->output];
		}
		then_value = inner ? inner->then_value : NULL;
		else_value = inner ? inner->else_value : NULL;
	}
	add_from(m, b->then, then_value);
	add_from(m, b->other, else_value);
}

static bool are_all_there(const struct merge *m)
{
	for (size_t j = 0; j < m->from.n; j++)
		if (!m->from.at[j].kind)
			return false;
	return true;
}

struct source kfp_choice(struct kfp *k, struct dag *wrap, const struct type *t,
			 const struct source *from, size_t n)
{
	struct str key = arena_printf(k->a, "pipelinechannel--%.*s-oneof-%u",
				      STR_ARG(wrap->task), ++k->noneofs);
	struct source out = kfp_output(k, wrap->parent, wrap->task, key, t), *fates;

	for (size_t j = 0; j < n; j++)
		out.text = from[j].text > out.text ? from[j].text : out.text;
	kfp_put_output(k, wrap, key, t, from, n);
	if (!wrap->region)
		return out;
	fates = ARENA_ARRAY(k->a, n, struct source);
	for (size_t j = 0; j < n; j++)
		fates[j] = from[j].fate->at;
	out.fate = kfp_fate_choice(k, wrap, fates, n);
	return out;
}

/* Only of what is read: most of a merged task's outputs never are. */
void kfp_merge_output(struct kfp *k, struct inst *i, uint32_t at, uint32_t j)
{
	const struct module_node *n = &i->p->nodes[at];
	const struct module_node *owner = &i->p->nodes[n->target];
	const struct module_merge *o = &n->outs[j];
	struct merge m = {.k = k, .i = i, .name = owner->path, .type = o->type};

	if (owner->kind == NODE_TRY) {
		i->outs[at][j] = kfp_try_output(k, i, n->target, o);
		return;
	}
	add_all_from(&m, n->target, o->then_value, o->else_value);
	if (are_all_there(&m))
		i->outs[at][j] = kfp_choice(k, i->branches[n->target].wrap, o->type,
					    m.from.at, m.from.n);
	vec_release(&m.from);
}
