/* What nodes of the module read, through bindings, merges, loops and calls. */
#include <config.h>

#include "compiler/export/readback/readback_int.h"

#include <stdlib.h>

static struct reads reads_join(struct compare *c, struct reads x, struct reads y)
{
	return (struct reads){sources_join(c, x.must, y.must),
			      sources_join(c, x.may, y.may)};
}

static struct reads one_source(struct compare *c, uint32_t source)
{
	struct reads r = {0};

	r.must.at = arena_dup(&c->a, &source, sizeof source);
	r.must.n = 1;
	return r;
}

/* All of it only as what it may read. */
static struct reads optional(struct compare *c, struct reads r)
{
	return (struct reads){.may = sources_join(c, r.must, r.may)};
}

uint32_t address_source(struct compare *c, struct str address)
{
	uint32_t *source = map_get(&c->addresses, address);

	if (!source) {
		source = ARENA_NEW(&c->a, uint32_t);
		*source = c->nsources++;
		address = arena_str(&c->a, address);
		map_set(&c->addresses, address, source);
		vec_push(&c->known, ((struct known_address){*source, address}));
	}
	return *source;
}

static int compare_known(const void *x, const void *y)
{
	const struct known_address *a = x, *b = y;

	return a->source < b->source ? -1 : a->source > b->source;
}

const struct str *source_address(const struct compare *c, uint32_t source)
{
	struct known_address key = {.source = source};
	struct known_address *k = NULL;

	if (c->known.n)
		k = bsearch(&key, c->known.at, c->known.n, sizeof key, compare_known);
	return k ? &k->address : NULL;
}

struct use *use_new(struct compare *c, const struct readback_use *u, struct use *up,
		    uint32_t call)
{
	const struct module_pipeline *p = u->p;
	struct use *x = ARENA_NEW(&c->a, struct use);

	*x = (struct use){.u = u, .up = up, .call = call, .address = STR("")};
	if (up)
		x->address = arena_printf(&c->a, "%.*s%.*s.", STR_ARG(up->address),
					  STR_ARG(up->u->p->nodes[call].name));
	x->calls = ARENA_ARRAY(&c->a, p->nnodes + 1, struct use *);
	x->first = ARENA_ARRAY(&c->a, p->nnodes + 1, uint32_t);
	x->outs = ARENA_ARRAY(&c->a, p->nnodes + 1, struct reads *);
	x->guards = ARENA_ARRAY(&c->a, p->nblocks + 1, struct reads);
	x->has_guards = ARENA_ARRAY(&c->a, p->nblocks + 1, bool);
	x->params = ARENA_ARRAY(&c->a, p->nparams + 1, struct reads);
	for (uint32_t i = 0; i < p->nnodes; i++) {
		x->first[i] = c->nsources;
		if (p->nodes[i].kind == NODE_TRY)
			vec_push(&c->ends, c->nsources);
		c->nsources += node_noutputs(c->m, &p->nodes[i]) + 1;
	}
	for (uint32_t i = 0; i < p->nparams; i++)
		x->params[i] =
			up ? param_reads(c, up, &up->u->p->nodes[call], i)
			   : one_source(c, address_source(c, p->params[i].name));
	return x;
}

static struct reads ended(struct compare *c, struct use *u, uint32_t node)
{
	return one_source(c, u->first[node]);
}

static struct reads all_lists(struct compare *c, struct use *u, uint32_t loop)
{
	const struct module_node *n = &u->u->p->nodes[loop];
	struct reads r = {0};

	for (uint32_t i = 0; i < n->nargs; i++)
		r = reads_join(c, r, site_reads(c, u, n->args[i]));
	return optional(c, r);
}

static struct reads merged(struct compare *c, struct use *u, uint32_t node, uint32_t k)
{
	const struct module_node *n = &u->u->p->nodes[node];
	const struct module_node *owner = &u->u->p->nodes[n->target];
	struct reads r = site_reads(c, u, n->outs[k].then_value);

	r = reads_join(c, r, site_reads(c, u, n->outs[k].else_value));
	return reads_join(c, r,
			  optional(c, owner->kind == NODE_TRY
					      ? ended(c, u, n->target)
					      : site_reads(c, u, owner->cond)));
}

static struct reads made(struct compare *c, struct use *u, uint32_t node, uint32_t k)
{
	const struct module_node *n = &u->u->p->nodes[node];

	switch (n->kind) {
	case NODE_CALL:
		return site_reads(c, u->calls[node],
				  u->calls[node]->u->p->outputs[k].value);
	case NODE_EXPR:
		return site_reads(c, u, n->cond);
	case NODE_MERGE:
		return merged(c, u, node, k);
	case NODE_LOOP:
		return reads_join(c, site_reads(c, u, n->outs[k].then_value),
				  all_lists(c, u, node));
	case NODE_TASK:
	case NODE_BRANCH:
	case NODE_TRY:
	case NODE_ASSERT:
	case NODE_NKINDS:
		break;
	}
	return one_source(c, u->first[node] + k);
}

static struct reads out_reads(struct compare *c, struct use *u, uint32_t node, uint32_t k)
{
	uint32_t n = node_noutputs(c->m, &u->u->p->nodes[node]);

	if (!u->outs[node]) {
		u->outs[node] = ARENA_ARRAY(&c->a, n + 1, struct reads);
		for (uint32_t i = 0; i < n; i++)
			u->outs[node][i] = made(c, u, node, i);
	}
	return u->outs[node][k];
}

static struct reads input_reads(struct compare *c, struct use *u, struct input in)
{
	struct reads r = {0};

	switch (in.kind) {
	case INPUT_PARAM:
		return u->params[in.index];
	case INPUT_NODE:
		return out_reads(c, u, in.index, in.output);
	case INPUT_ITEM:
		r = site_reads(c, u, u->u->p->nodes[in.index].args[in.output]);
		return reads_join(c, r, all_lists(c, u, in.index));
	case INPUT_TRY:
		return ended(c, u, in.index);
	case INPUT_OUTPUT:
	case INPUT_RUN:
	case INPUT_TASK_ID:
	case INPUT_PARAM_FILE:
	case INPUT_OUTPUT_FILE:
		break;
	}
	return r;
}

struct reads site_reads(struct compare *c, struct use *u, const struct site *s)
{
	struct reads out = {0};
	struct reads *in;

	if (!s || !s->ninputs)
		return out;
	if (s->ninputs == 1)
		return input_reads(c, u, s->inputs[0]);
	in = ARENA_ARRAY(&c->a, s->ninputs, struct reads);
	for (uint32_t i = 0; i < s->ninputs; i++)
		in[i] = input_reads(c, u, s->inputs[i]);
	for (uint32_t i = 0; i < s->ninputs; i++)
		sources_gather(c, in[i].must);
	out.must = sources_take(c);
	for (uint32_t i = 0; i < s->ninputs; i++)
		sources_gather(c, in[i].may);
	out.may = sources_take(c);
	return out;
}

struct reads param_reads(struct compare *c, struct use *u, const struct module_node *n,
			 uint32_t param)
{
	struct str name;

	if (n->args[param])
		return site_reads(c, u, n->args[param]);
	name = n->kind == NODE_CALL ? c->m->pipelines[n->target].params[param].name
				    : c->m->components[n->target].params[param].name;
	return one_source(c, address_source(c, arena_printf(&c->a, "%.*s%.*s.%.*s",
							    STR_ARG(u->address),
							    STR_ARG(n->name),
							    STR_ARG(name))));
}

struct reads block_guards(struct compare *c, struct use *u, uint32_t block)
{
	const struct module_block *b = &u->u->p->blocks[block];
	const struct module_node *owner;
	struct reads r = {0};

	if (u->has_guards[block])
		return u->guards[block];
	if (b->owner != MODULE_NONE) {
		owner = &u->u->p->nodes[b->owner];
		r = block_guards(c, u, owner->block);
		if (owner->kind == NODE_BRANCH)
			r = reads_join(c, r, site_reads(c, u, owner->cond));
		else if (owner->kind == NODE_TRY)
			r = reads_join(c, r, optional(c, ended(c, u, b->owner)));
	} else if (u->up) {
		r = block_guards(c, u->up, u->up->u->p->nodes[u->call].block);
	}
	u->guards[block] = r;
	u->has_guards[block] = true;
	return r;
}

bool loop_around(struct use **u, uint32_t *block, uint32_t *loop)
{
	for (;;) {
		const struct module_pipeline *p = (*u)->u->p;
		uint32_t owner = p->blocks[*block].owner;

		if (owner != MODULE_NONE) {
			*block = p->nodes[owner].block;
			*loop = owner;
			if (p->nodes[owner].kind == NODE_LOOP)
				return true;
		} else if ((*u)->up) {
			*block = (*u)->up->u->p->nodes[(*u)->call].block;
			*u = (*u)->up;
		} else {
			return false;
		}
	}
}
