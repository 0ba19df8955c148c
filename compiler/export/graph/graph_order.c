/* Which order edges say something that others do not.
 *
 * Goes from a node to all that it waits for, as far back as the earliest node that it is
 * to come after: nodes are in an order, so nothing before that leads to it.  To wait for
 * a loop or a try is to wait for all that is in it; to be in one, only for what it waits
 * for itself. */
#include <config.h>

#include "compiler/export/graph/graph_int.h"

enum { SEEN_START = 1, SEEN_END = 2 };

struct search {
	const struct scope *s;
	uint32_t least;		/* no node before it matters */
	uint8_t *seen;		/* by node minus least */
	VEC(struct visit { uint32_t node; uint8_t how; }) todo;
};

static void reach(struct search *w, uint32_t node, uint8_t how)
{
	if (node < w->least || (w->seen[node - w->least] & how))
		return;
	w->seen[node - w->least] |= how;
	vec_push(&w->todo, ((struct visit){node, how}));
}

static void reach_site(struct search *w, const struct site *site)
{
	for (uint32_t i = 0; site && i < site->ninputs; i++)
		if (site->inputs[i].kind == INPUT_NODE)
			reach(w, site->inputs[i].index, SEEN_END);
}

/* What n reads before it can begin, and the block that it is in. */
static void reach_reads(struct search *w, const struct module_node *n)
{
	uint32_t owner = w->s->p->blocks[n->block].owner;

	reach_site(w, n->cond);
	for (uint32_t i = 0; i < n->nargs; i++)
		reach_site(w, n->args[i]);
	if (n->kind == NODE_MERGE) {
		reach(w, n->target, SEEN_END);
		for (uint32_t i = 0; i < n->nouts; i++) {
			reach_site(w, n->outs[i].then_value);
			reach_site(w, n->outs[i].else_value);
		}
	}
	if (owner != MODULE_NONE)
		reach(w, owner, SEEN_START);
}

static void reach_block(struct search *w, uint32_t block)
{
	if (block == MODULE_NONE)
		return;
	for (uint32_t i = w->s->first_in[block]; i != MODULE_NONE; i = w->s->next_in[i])
		reach(w, i, SEEN_END);
}

static void go_on(struct search *w, struct visit v)
{
	const struct module_node *n = &w->s->p->nodes[v.node];

	reach_reads(w, n);
	for (uint32_t i = 0; i < n->nafter; i++)
		reach(w, n->after[i], SEEN_END);
	if (v.how != SEEN_END || (n->kind != NODE_LOOP && n->kind != NODE_TRY))
		return;
	reach_block(w, n->then_block);
	if (n->kind != NODE_TRY)
		return;
	reach_block(w, n->else_block);
	reach_block(w, n->final_block);
}

static bool all_found(const struct search *w, const struct module_node *n)
{
	for (uint32_t i = 0; i < n->nafter; i++)
		if (!(w->seen[n->after[i] - w->least] & SEEN_END))
			return false;
	return true;
}

void order_reduce(struct maker *mk, const struct scope *s, uint32_t node, bool *keep)
{
	const struct module_node *n = &s->p->nodes[node];
	struct search w = {.s = s, .least = UINT32_MAX};

	for (uint32_t i = 0; i < n->nafter; i++) {
		keep[i] = true;
		if (n->after[i] < w.least)
			w.least = n->after[i];
	}
	if (!n->nafter || !mk->steps)
		return;
	w.seen = calloc(node - w.least + 1, 1);
	if (!w.seen)
		err_nomem();
	reach_reads(&w, n);
	for (uint32_t i = 0; i < n->nafter; i++) {
		struct visit v = {n->after[i], SEEN_END};

		if (!(w.seen[v.node - w.least] & SEEN_END))
			go_on(&w, v);
	}
	while (w.todo.n && mk->steps && !all_found(&w, n)) {
		mk->steps--;
		go_on(&w, vec_pop(&w.todo));
	}
	for (uint32_t i = 0; i < n->nafter; i++)
		keep[i] = !(w.seen[n->after[i] - w.least] & SEEN_END);
	free(w.seen);
	vec_release(&w.todo);
}
