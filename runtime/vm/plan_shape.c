#include <config.h>

#include "runtime/vm/plan_shape.h"

#include <stdlib.h>

#include "runtime/base/vec.h"

struct need {			/* what the body of a node reads from outside */
	uint32_t owner;
	struct input in;
};

struct shaper {
	const struct module_pipeline *p;
	struct shape *s;
	VEC(struct need) needs;
};

static void place(struct shaper *b, uint32_t i)
{
	const struct module_block *block = &b->p->blocks[b->p->nodes[i].block];
	struct shape_node *n = &b->s->nodes[i], *owner;

	n->loop = MODULE_NONE;
	if (block->kind == BLOCK_BODY)
		return;
	owner = &b->s->nodes[block->owner];
	n->loop = block->kind == BLOCK_LOOP ? block->owner : owner->loop;
	n->is_final = owner->is_final || block->kind == BLOCK_FINALLY;
	n->region = block->kind == BLOCK_THEN || block->kind == BLOCK_ELSE
			    ? owner->region : b->p->nodes[i].block;
}

static struct shape_nodes *body_of(struct shape *s, uint32_t loop)
{
	return loop == MODULE_NONE ? &s->top : &s->bodies[loop];
}

/* The nodes of each body, in their order. */
static void gather(struct shaper *b, struct arena *a)
{
	struct shape *s = b->s;
	uint32_t *all = ARENA_ARRAY(a, b->p->nnodes, uint32_t), at = 0;

	for (uint32_t i = 0; i < b->p->nnodes; i++)
		body_of(s, s->nodes[i].loop)->n++;
	s->top.at = all;
	at = s->top.n;
	for (uint32_t i = 0; i < b->p->nnodes; i++) {
		s->bodies[i].at = all + at;
		at += s->bodies[i].n;
		s->bodies[i].n = 0;
	}
	s->top.n = 0;
	for (uint32_t i = 0; i < b->p->nnodes; i++) {
		struct shape_nodes *body = body_of(s, s->nodes[i].loop);

		s->nodes[i].local = body->n;
		all[(size_t)(body->at - all) + body->n++] = i;
	}
}

bool shape_is_in(const struct module_pipeline *p, uint32_t node, uint32_t owner)
{
	for (uint32_t b = p->nodes[node].block; b; b = p->nodes[p->blocks[b].owner].block)
		if (p->blocks[b].owner == owner)
			return true;
	return false;
}

/* In is read in this block: every body around that it comes into needs it. */
static void add_need(struct shaper *b, uint32_t block, struct input in)
{
	const struct module_pipeline *p = b->p;

	if (in.kind != INPUT_NODE && in.kind != INPUT_PARAM)
		return;
	/* Only those of a call come one by one. */
	if (in.kind == INPUT_PARAM || p->nodes[in.index].kind != NODE_CALL)
		in.output = 0;
	for (; block; block = p->nodes[p->blocks[block].owner].block) {
		const struct module_block *k = &p->blocks[block];

		if (in.kind == INPUT_NODE && shape_is_in(p, in.index, k->owner))
			return;
		if (k->kind == BLOCK_LOOP || k->kind == BLOCK_TRY)
			vec_push(&b->needs, (struct need){k->owner, in});
	}
}

static void add_site(struct shaper *b, uint32_t block, const struct site *s)
{
	for (uint32_t i = 0; s && block && i < s->ninputs; i++)
		add_need(b, block, s->inputs[i]);
}

static void add_node(struct shaper *b, const struct module_node *n)
{
	uint32_t outs = n->kind == NODE_LOOP ? n->then_block : n->block;

	add_site(b, n->block, n->cond);
	for (uint32_t k = 0; k < n->nargs; k++)
		add_site(b, n->block, n->args[k]);
	for (uint32_t k = 0; k < n->nsettings; k++)
		add_site(b, n->block, n->settings[k].value);
	for (uint32_t k = 0; k < n->nafter; k++)
		add_need(b, n->block,
			 (struct input){INPUT_NODE, n->after[k], SHAPE_WHOLE});
	for (uint32_t k = 0; k < n->nouts; k++) {
		add_site(b, outs, n->outs[k].then_value);
		add_site(b, outs, n->outs[k].else_value);
	}
}

static int compare(const void *x, const void *y)
{
	const struct need *a = x, *b = y;

	if (a->owner != b->owner)
		return a->owner < b->owner ? -1 : 1;
	if (a->in.kind != b->in.kind)
		return a->in.kind < b->in.kind ? -1 : 1;
	if (a->in.index != b->in.index)
		return a->in.index < b->in.index ? -1 : 1;
	return a->in.output < b->in.output ? -1 : a->in.output > b->in.output;
}

static void find_needs(struct shaper *b, struct arena *a)
{
	struct input *all;
	uint32_t n = 0;

	for (uint32_t i = 0; i < b->p->nnodes; i++)
		add_node(b, &b->p->nodes[i]);
	if (!b->needs.n)
		return;
	qsort(b->needs.at, b->needs.n, sizeof *b->needs.at, compare);
	all = ARENA_ARRAY(a, b->needs.n, struct input);
	for (size_t k = 0; k < b->needs.n; k++) {
		const struct need *d = &b->needs.at[k];
		struct shape_node *owner = &b->s->nodes[d->owner];

		if (k && !compare(d, d - 1))
			continue;
		if (!owner->nneeds++)
			owner->needs = all + n;
		all[n++] = d->in;
	}
}

/* From the last one up: what is in an inner loop is in the outer one as well. */
static void find_tasks(struct shaper *b)
{
	for (uint32_t i = b->p->nnodes; i-- > 0;) {
		struct shape_node *n = &b->s->nodes[i];
		enum node_kind kind = b->p->nodes[i].kind;

		if (n->loop != MODULE_NONE &&
		    (kind == NODE_TASK || kind == NODE_CALL || n->has_tasks))
			b->s->nodes[n->loop].has_tasks = true;
	}
}

const struct shape *shape_make(const struct module_pipeline *p, struct arena *a)
{
	struct shape *s = ARENA_NEW(a, struct shape);
	struct shaper b = {.p = p, .s = s};

	s->nodes = ARENA_ARRAY(a, p->nnodes, struct shape_node);
	s->bodies = ARENA_ARRAY(a, p->nnodes, struct shape_nodes);
	for (uint32_t i = 0; i < p->nnodes; i++)
		place(&b, i);
	gather(&b, a);
	find_needs(&b, a);
	find_tasks(&b);
	vec_release(&b.needs);
	return s;
}
