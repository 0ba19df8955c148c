/* Sets of sources, and what points of the file come from. */
#include <config.h>

#include "compiler/export/readback/readback_int.h"

#include <stdlib.h>

void sources_gather(struct compare *c, struct sources s)
{
	if (s.is_many || c->steps < s.n) {
		c->steps = 0;
		return;
	}
	c->steps -= s.n;
	for (uint32_t i = 0; i < s.n; i++)
		vec_push(&c->gather, s.at[i]);
}

static int compare_numbers(const void *x, const void *y)
{
	const uint32_t *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

struct sources sources_take(struct compare *c)
{
	struct sources s = {0};
	uint32_t *at = c->gather.at;
	size_t n = c->gather.n, kept = 0;
	bool sorted = true;

	c->gather.n = 0;
	if (!c->steps)
		return (struct sources){.is_many = true};
	if (!n)
		return s;
	for (size_t i = 1; i < n; i++)
		sorted &= at[i - 1] < at[i];
	if (!sorted)
		qsort(at, n, sizeof *at, compare_numbers);
	for (size_t i = 0; i < n; i++)
		if (!i || at[i] != at[i - 1])
			at[kept++] = at[i];
	s.at = arena_dup(&c->a, at, kept * sizeof *at);
	s.n = (uint32_t)kept;
	return s;
}

struct sources sources_join(struct compare *c, struct sources x, struct sources y)
{
	if ((!y.n && !y.is_many) || (x.at == y.at && x.n == y.n))
		return x;
	if (!x.n && !x.is_many)
		return y;
	sources_gather(c, x);
	sources_gather(c, y);
	return sources_take(c);
}

bool sources_has(struct sources s, uint32_t source)
{
	return s.n && bsearch(&source, s.at, s.n, sizeof source, compare_numbers);
}

bool sources_within(struct sources x, struct sources y, struct sources z,
		    bool (*is_free)(void *ctx, uint32_t source), void *ctx)
{
	if (x.is_many || y.is_many || z.is_many || (x.at == y.at && x.n == y.n))
		return true;
	for (uint32_t i = 0; i < x.n; i++)
		if (!sources_has(y, x.at[i]) && !sources_has(z, x.at[i]) && !is_free(ctx, x.at[i]))
			return false;
	return true;
}

/* An output that a node of the module has; of another one of its task, how it ended. */
static uint32_t claimed_output(struct compare *c, const struct claim *claim,
			       struct str name)
{
	const struct module_node *n = &claim->use->u->p->nodes[claim->node];

	for (uint32_t i = 0; i < node_noutputs(c->m, n); i++)
		if (str_eq(node_output_name(c->m, n, i), name))
			return claim->use->first[claim->node] + i;
	return ANY_END;
}

/* An output of a group that stands for one task. */
static bool is_whole(const struct compare *c, const struct readback_point *p)
{
	const struct claim *claim;

	if (p->kind != READBACK_JOIN || p->task == READBACK_NONE || !p->name.n)
		return false;
	claim = &c->claimed[p->task];
	return claim->use && claim->use->u->p->nodes[claim->node].kind == NODE_TASK;
}

static bool is_generated(struct compare *c, uint32_t task)
{
	return !c->claimed[task].use ||
	       c->claimed[task].use->u->p->nodes[c->claimed[task].node].kind != NODE_TASK;
}

/* The points that this one stands for, in *out; n. */
static uint32_t below(struct compare *c, uint32_t point, const uint32_t **out)
{
	const struct readback_point *p = &c->g->points.at[point];
	const struct readback_task *t;
	uint32_t *inputs;

	*out = p->from;
	if (is_whole(c, p))
		return 0;
	if (p->kind == READBACK_JOIN)
		return p->nfrom;
	if (p->kind != READBACK_OUTPUT || !is_generated(c, p->task))
		return 0;
	t = &c->g->tasks.at[p->task];
	inputs = ARENA_ARRAY(&c->a, t->ninputs + 1, uint32_t);
	for (uint32_t i = 0; i < t->ninputs; i++)
		inputs[i] = t->inputs[i].point;
	*out = inputs;
	return t->ninputs;
}

static bool is_try(const struct claim *claim)
{
	return claim->use && claim->use->u->p->nodes[claim->node].kind == NODE_TRY;
}

/* How what is in a try ended is how the try did. */
static void add_own(struct compare *c, uint32_t point)
{
	const struct readback_point *p = &c->g->points.at[point];
	const struct claim *claim;
	uint32_t source = ANY_END, up;
	const struct str *address;

	if (p->kind == READBACK_PARAM) {
		address = map_get(&c->inputs, p->name);
		source = address_source(c, address ? *address : p->name);
	} else if (p->kind == READBACK_OUTPUT || is_whole(c, p)) {
		if (p->kind == READBACK_OUTPUT && is_generated(c, p->task))
			return;
		source = claimed_output(c, &c->claimed[p->task], p->name);
	} else if (p->kind == READBACK_STATUS) {
		claim = &c->claimed[p->task];
		up = c->g->tasks.at[p->task].up;
		if (!is_try(claim) && up != READBACK_NONE)
			claim = &c->claimed[up];
		if (!p->name.n && is_try(claim))
			source = claim->use->first[claim->node];
	} else {
		return;
	}
	sources_gather(c, (struct sources){.at = &source, .n = 1});
}

enum { UNSEEN, OPEN, DONE };

int point_sources(struct compare *c, uint32_t point, struct sources *out)
{
	VEC(uint32_t) stack = {0};
	const uint32_t *from;
	int rc = 0;

	vec_push(&stack, point);
	while (stack.n && !rc) {
		uint32_t p = vec_last(&stack), n;

		if (c->state[p] == DONE) {
			stack.n--;
			continue;
		}
		n = below(c, p, &from);
		if (c->state[p] == UNSEEN) {
			c->state[p] = OPEN;
			for (uint32_t i = 0; i < n && !rc; i++) {
				if (c->state[from[i]] == OPEN)
					rc = err_set(c->err, "a value in it comes from itself");
				else if (c->state[from[i]] == UNSEEN)
					vec_push(&stack, from[i]);
			}
			continue;
		}
		add_own(c, p);
		for (uint32_t i = 0; i < n; i++)
			sources_gather(c, c->points[from[i]]);
		c->points[p] = sources_take(c);
		c->state[p] = DONE;
		stack.n--;
	}
	vec_release(&stack);
	*out = c->points[point];
	return rc;
}
