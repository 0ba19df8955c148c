/* The homes of nodes: the DAG of their block, or where that would be larger than Argo
 * allows, parts of it.
 *
 * What has nothing to do with each other comes into parts that do not wait for each
 * other.  What hangs together and is too large is cut in the order of the nodes, so that
 * a part needs only earlier ones; it begins when all is there that is read in it. */
#include <config.h>

#include "compiler/export/argo/argo_int.h"

enum { PART_MAX = 150 };	/* tasks, before those that are generated */

void argo_each_site(const struct module_node *n, argo_site_fn *fn, void *ctx)
{
	if (n->cond)
		fn(n->cond, ctx);
	for (uint32_t j = 0; j < n->nargs; j++)
		if (n->args[j])
			fn(n->args[j], ctx);
	for (uint32_t j = 0; j < n->nsettings; j++)
		if (n->settings[j].value)
			fn(n->settings[j].value, ctx);
	for (uint32_t j = 0; j < n->nouts; j++) {
		if (n->outs[j].then_value)
			fn(n->outs[j].then_value, ctx);
		if (n->outs[j].else_value)
			fn(n->outs[j].else_value, ctx);
	}
}

struct spread {
	const struct inst *i;
	uint32_t block;
	uint32_t *root;		/* of each node, one that hangs together with it */
	uint32_t *size;		/* of a root: tasks */
	uint32_t at;		/* the node whose sites are looked at */
};

/* The node of the block that this one is, or is in; MODULE_NONE: it is elsewhere. */
static uint32_t in_block(const struct spread *s, uint32_t at)
{
	const struct module_pipeline *p = s->i->p;

	while (at != MODULE_NONE && p->nodes[at].block != s->block)
		at = p->blocks[p->nodes[at].block].owner;
	return at;
}

static uint32_t root_of(struct spread *s, uint32_t at)
{
	while (s->root[at] != at) {
		s->root[at] = s->root[s->root[at]];
		at = s->root[at];
	}
	return at;
}

/* The earlier of two roots stays one. */
static void join(struct spread *s, uint32_t a, uint32_t b)
{
	a = in_block(s, a);
	b = in_block(s, b);
	if (a == MODULE_NONE || b == MODULE_NONE)
		return;
	a = root_of(s, a);
	b = root_of(s, b);
	if (a == b)
		return;
	if (a < b)
		s->root[b] = a;
	else
		s->root[a] = b;
}

static void join_inputs(const struct site *site, void *ctx)
{
	struct spread *s = ctx;

	for (uint32_t j = 0; j < site->ninputs; j++)
		if (site->inputs[j].kind == INPUT_NODE)
			join(s, s->at, site->inputs[j].index);
}

static void join_all(struct spread *s)
{
	const struct module_pipeline *p = s->i->p;

	for (uint32_t j = 0; j < p->nnodes; j++)
		s->root[j] = j;
	for (uint32_t j = 0; j < p->nnodes; j++) {
		const struct module_node *n = &p->nodes[j];

		s->at = j;
		argo_each_site(n, join_inputs, s);
		for (uint32_t k = 0; k < n->nafter; k++)
			join(s, j, n->after[k]);
		if (n->kind == NODE_MERGE)
			join(s, j, n->target);
	}
}

/* How many tasks a node may become. */
static uint32_t weight(const struct module_node *n)
{
	uint32_t w = n->kind == NODE_MERGE ? 0 : 1;

	if (n->kind == NODE_BRANCH)
		w++;
	for (uint32_t j = 0; j < n->nargs; j++)
		w += (n->kind == NODE_CALL || n->kind == NODE_LOOP) && n->args[j];
	return w;
}

/* Parts in rows of at most PART_MAX, rows of rows where there are more. */
static struct dag *add_part(struct argo *g, struct dag *around, uint32_t nparts,
			    uint32_t number, struct dag **row)
{
	struct str name = arena_printf(g->a, "%.*s-part", STR_ARG(around->name));

	if (nparts > PART_MAX && number % PART_MAX == 0)
		*row = argo_dag(g, around, STR("parts"), name);
	return argo_dag(g, nparts > PART_MAX ? *row : around, STR("part"), name);
}

/* Which part each root begins in, and how many there are. */
static uint32_t number_parts(struct spread *s, uint32_t *first)
{
	const struct module_pipeline *p = s->i->p;
	uint32_t part = 0, used = 0;

	for (uint32_t j = 0; j < p->nnodes; j++) {
		if (p->nodes[j].block != s->block || root_of(s, j) != j)
			continue;
		if (used && used + s->size[j] > PART_MAX) {
			part++;
			used = 0;
		}
		first[j] = part;
		part += s->size[j] > PART_MAX ? (s->size[j] - 1) / PART_MAX : 0;
		used = s->size[j] > PART_MAX ? PART_MAX : used + s->size[j];
	}
	return part + 1;
}

static void spread_parts(struct argo *g, struct inst *i, struct spread *s)
{
	const struct module_pipeline *p = i->p;
	struct dag *around = i->dags[s->block], *row = NULL, **parts;
	uint32_t *first = ARENA_ARRAY(g->a, p->nnodes + 1, uint32_t);
	uint32_t *done = ARENA_ARRAY(g->a, p->nnodes + 1, uint32_t), n;

	n = number_parts(s, first);
	parts = ARENA_ARRAY(g->a, n + 1, struct dag *);
	for (uint32_t j = 0; j < n; j++)
		parts[j] = add_part(g, around, n, j, &row);
	for (uint32_t j = 0; j < p->nnodes; j++) {
		uint32_t root, step;

		if (p->nodes[j].block != s->block)
			continue;
		root = root_of(s, j);
		step = s->size[root] > PART_MAX ? done[root] / PART_MAX : 0;
		done[root] += weight(&p->nodes[j]);
		if (first[root] + step >= n)
			step = n - 1 - first[root];
		i->homes[j] = parts[first[root] + step];
	}
}

static void spread(struct argo *g, struct inst *i, uint32_t block)
{
	const struct module_pipeline *p = i->p;
	struct spread s = {.i = i, .block = block};
	uint32_t total = 0;

	for (uint32_t j = 0; j < p->nnodes; j++)
		if (p->nodes[j].block == block) {
			i->homes[j] = i->dags[block];
			total += weight(&p->nodes[j]);
		}
	if (total <= PART_MAX)
		return;
	s.root = ARENA_ARRAY(g->a, p->nnodes + 1, uint32_t);
	s.size = ARENA_ARRAY(g->a, p->nnodes + 1, uint32_t);
	join_all(&s);
	for (uint32_t j = 0; j < p->nnodes; j++)
		if (p->nodes[j].block == block)
			s.size[root_of(&s, j)] += weight(&p->nodes[j]);
	spread_parts(g, i, &s);
}

struct dag *argo_home(struct argo *g, struct inst *i, uint32_t at)
{
	if (!i->homes[at])
		spread(g, i, i->p->nodes[at].block);
	return i->homes[at];
}
