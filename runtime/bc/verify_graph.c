/* Pipelines: nodes in order, blocks, edges. */
#include <config.h>

#include <stdio.h>

#include "runtime/bc/verify.h"

/* One node of a pipeline and what it may read. */
struct at_node {
	const struct module *m;
	const struct module_pipeline *p;
	const struct module_node *n;
	uint32_t i;
	struct verify_scope sc;
	struct err *err;
};

static int fail(struct at_node *at, const char *what)
{
	return verify_fail(at->err, what);
}

/* Block b, if there is one, is the node's block of this kind. */
static bool block_fits(const struct at_node *at, uint32_t b, enum block_kind kind)
{
	return b == MODULE_NONE || (b && b < at->p->nblocks &&
				    at->p->blocks[b].owner == at->i &&
				    at->p->blocks[b].kind == kind);
}

static int check_args(struct at_node *at, const struct module_param *params, uint32_t n)
{
	if (at->n->nargs != n)
		return fail(at, "its arguments are not as many as the parameters");
	for (uint32_t i = 0; i < n; i++) {
		if (!at->n->args[i])
			continue;
		if (verify_site(&at->sc, at->n->args[i], params[i].type, at->err) < 0)
			return err_wrap(at->err, "argument %u", i);
	}
	return 0;
}

static int check_call(struct at_node *at)
{
	uint32_t target = at->n->target;
	bool is_task = at->n->kind == NODE_TASK;

	if (target >= (is_task ? at->m->ncomponents : at->m->npipelines))
		return fail(at, is_task ? "no such component" : "no such pipeline");
	if (!verify_is_name(at->n->name) || !at->n->path.n)
		return fail(at, "its name is none");
	if (is_task)
		return check_args(at, at->m->components[target].params,
				  at->m->components[target].nparams);
	return check_args(at, at->m->pipelines[target].params,
			  at->m->pipelines[target].nparams);
}

static int check_expr_node(struct at_node *at)
{
	if (!at->n->type || at->n->type->kind == TYPE_ERROR)
		return fail(at, "it has no type");
	return verify_site(&at->sc, at->n->cond, at->n->type, at->err);
}

static int check_branch(struct at_node *at)
{
	const struct module_node *n = at->n;

	if (!block_fits(at, n->then_block, BLOCK_THEN) ||
	    !block_fits(at, n->else_block, BLOCK_ELSE))
		return fail(at, "its blocks are not arms of it");
	return verify_site(&at->sc, n->cond, at->m->types.boolean, at->err);
}

/* The value of one side of a merge, read from within that side's block. */
static int check_side(struct at_node *at, const struct site *value, uint32_t block,
		      const struct type *type)
{
	struct verify_scope sc = at->sc;

	if (block != MODULE_NONE)
		sc.block = block;
	return verify_site(&sc, value, type, at->err);
}

static int check_out(struct at_node *at, const struct module_merge *o)
{
	if (!o->type || o->type->kind == TYPE_ERROR ||
	    (o->name.n && !verify_is_name(o->name)))
		return fail(at, "it has no type, or a name that is none");
	return 0;
}

static bool is_merged(const struct module_node *n)
{
	return n->kind == NODE_BRANCH || n->kind == NODE_TRY;
}

/* A try without except has only one side. */
static int check_merged(struct at_node *at, const struct module_node *owner,
			const struct module_merge *o)
{
	bool two = owner->kind == NODE_BRANCH || owner->else_block != MODULE_NONE;

	if (check_out(at, o) < 0)
		return -1;
	if (check_side(at, o->then_value, owner->then_block, o->type) < 0)
		return err_wrap(at->err, "first side");
	if (!two)
		return o->else_value ? fail(at, "it has a side too many") : 0;
	if (check_side(at, o->else_value, owner->else_block, o->type) < 0)
		return err_wrap(at->err, "second side");
	return 0;
}

static int check_merge(struct at_node *at)
{
	const struct module_node *n = at->n, *owner;

	if (n->target >= at->i || !is_merged(&at->p->nodes[n->target]))
		return fail(at, "it merges no branch or try before it");
	owner = &at->p->nodes[n->target];
	if (owner->block != n->block)
		return fail(at, "it merges a branch of another block");
	if (owner->kind == NODE_TRY &&
	    verify_last_in(at->p, at->sc.last, n->target) > at->i)
		return fail(at, "it merges a try that is not at its end here");
	if (!n->nouts)
		return fail(at, "it merges nothing");
	for (uint32_t i = 0; i < n->nouts; i++)
		if (check_merged(at, owner, &n->outs[i]) < 0)
			return err_wrap(at->err, "output %u", i);
	return 0;
}

/* What is computed once in each iteration. */
static int check_each(struct at_node *at, const struct module_merge *o)
{
	struct verify_scope sc = at->sc;

	if (check_out(at, o) < 0)
		return -1;
	if (o->type->kind != TYPE_LIST || o->else_value)
		return fail(at, "it is no list of what each iteration gives");
	sc.block = at->n->then_block;
	sc.nnodes = sc.last[sc.block] + 1;
	sc.task_id = false;
	return verify_site(&sc, o->then_value, o->type->elem, at->err);
}

static int check_loop(struct at_node *at)
{
	const struct module_node *n = at->n;

	if (!verify_is_name(n->name) || !n->path.n)
		return fail(at, "its name is none");
	if (!n->nargs)
		return fail(at, "it goes through no list");
	for (uint32_t i = 0; i < n->nargs; i++) {
		if (verify_site(&at->sc, n->args[i], NULL, at->err) < 0)
			return err_wrap(at->err, "list %u", i);
		if (n->args[i]->type->kind != TYPE_LIST)
			return fail(at, "what it goes through is no list");
	}
	if (n->then_block == MODULE_NONE || !block_fits(at, n->then_block, BLOCK_LOOP))
		return fail(at, "its block is not a body of it");
	for (uint32_t i = 0; i < n->nouts; i++)
		if (check_each(at, &n->outs[i]) < 0)
			return err_wrap(at->err, "output %u", i);
	return 0;
}

static int check_try(struct at_node *at)
{
	const struct module_node *n = at->n;

	if (n->then_block == MODULE_NONE || !block_fits(at, n->then_block, BLOCK_TRY) ||
	    !block_fits(at, n->else_block, BLOCK_EXCEPT) ||
	    !block_fits(at, n->final_block, BLOCK_FINALLY))
		return fail(at, "its blocks are not parts of it");
	return 0;
}

static int check_assert(struct at_node *at)
{
	const struct module_node *n = at->n;

	if (n->nargs > 1)
		return fail(at, "it has more than one message");
	if (n->nargs && n->args[0] &&
	    verify_site(&at->sc, n->args[0], at->m->types.string, at->err) < 0)
		return err_wrap(at->err, "its message");
	return verify_site(&at->sc, n->cond, at->m->types.boolean, at->err);
}

static int check_kind(struct at_node *at)
{
	switch (at->n->kind) {
	case NODE_TASK:
	case NODE_CALL:
		return check_call(at);
	case NODE_EXPR:
		return check_expr_node(at);
	case NODE_BRANCH:
		return check_branch(at);
	case NODE_MERGE:
		return check_merge(at);
	case NODE_LOOP:
		return check_loop(at);
	case NODE_TRY:
		return check_try(at);
	case NODE_ASSERT:
		return check_assert(at);
	case NODE_NKINDS:
		break;
	}
	return fail(at, "it is of unknown kind");
}

/* What waits for a block to be at its end comes after all that is in it. */
static int check_order(struct at_node *at)
{
	const struct module_node *n = at->n, *owner;
	const struct module_block *b = &at->p->blocks[n->block];
	const uint32_t *last = at->sc.last;

	for (uint32_t k = 0; k < n->nafter; k++)
		if (n->after[k] >= at->i ||
		    !verify_sees(&at->sc, at->p->nodes[n->after[k]].block) ||
		    verify_last_in(at->p, last, n->after[k]) >= at->i)
			return fail(at, "it must run after what does not come before it");
	if (b->kind != BLOCK_EXCEPT && b->kind != BLOCK_FINALLY)
		return 0;
	owner = &at->p->nodes[b->owner];
	if (last[owner->then_block] > at->i ||
	    (b->kind == BLOCK_FINALLY && owner->else_block != MODULE_NONE &&
	     last[owner->else_block] > at->i))
		return fail(at, "it comes before the end of what it waits for");
	return 0;
}

static int check_node(struct at_node *at)
{
	const struct module_node *n = at->n;

	if (verify_loc(at->m, n->loc, at->err) < 0)
		return -1;
	if (!verify_is_made_of(n->name, "_#.") || !verify_is_made_of(n->path, "_#"))
		return fail(at, "its name has characters that names have not");
	if (check_order(at) < 0 || check_kind(at) < 0)
		return -1;
	/* What a call says is for each task in it. */
	at->sc.task_id = n->kind == NODE_TASK || n->kind == NODE_CALL;
	return verify_settings(&at->sc, n->settings, n->nsettings,
			       n->kind == NODE_LOOP ? 'F' : 'W', at->err);
}

static int check_path(struct map *paths, const struct module_node *n, struct err *err)
{
	static char taken;

	if (n->path.n && map_set(paths, n->path, &taken))
		return verify_fail(err, "another node has the same path");
	return 0;
}

static int check_nodes(const struct module *m, const struct module_pipeline *p,
		       const uint32_t *last, struct map *paths, struct err *err)
{
	char what[32];

	for (uint32_t i = 0; i < p->nnodes; i++) {
		const struct module_node *n = &p->nodes[i];
		struct at_node at = {
			.m = m,
			.p = p,
			.n = n,
			.i = i,
			.err = err,
			.sc =
				{
					.m = m,
					.params = p->params,
					.nparams = p->nparams,
					.pipeline = p,
					.nnodes = i,
					.block = n->block,
					.last = last,
					.run = true,
					.task_id = n->kind == NODE_TASK,
				},
		};

		if (check_node(&at) < 0 || check_path(paths, n, err) < 0) {
			snprintf(what, sizeof what, "node %u", i);
			return verify_wrap(err, what, n->name);
		}
	}
	return 0;
}

int verify_graph(const struct module *m, const struct module_pipeline *p, struct err *err)
{
	struct map paths = {0};
	const uint32_t *last;
	struct arena a;
	int failed;

	arena_init(&a);
	failed = verify_blocks(p, &a, &last, err);
	if (!failed)
		failed = check_nodes(m, p, last, &paths, err);
	map_release(&paths);
	arena_release(&a);
	return failed;
}
