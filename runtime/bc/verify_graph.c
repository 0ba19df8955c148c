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

static bool block_fits(const struct module_pipeline *p, uint32_t b, uint32_t branch,
		       bool is_else)
{
	return b == MODULE_NONE || (b && b < p->nblocks &&
				    p->blocks[b].branch == branch &&
				    p->blocks[b].is_else == is_else);
}

/* Each block but the first is an arm of the branch that it names. */
static int check_blocks(const struct module_pipeline *p, struct err *err)
{
	if (!p->nblocks || p->blocks[0].branch != MODULE_NONE)
		return verify_fail(err, "block 0 is not its body");
	for (uint32_t b = 1; b < p->nblocks; b++) {
		const struct module_block *block = &p->blocks[b];
		const struct module_node *n;

		if (block->branch >= p->nnodes)
			return err_setk(err, ERR_INPUT, "block %u belongs to no branch",
					b);
		n = &p->nodes[block->branch];
		if (n->kind != NODE_BRANCH ||
		    (block->is_else ? n->else_block : n->then_block) != b)
			return err_setk(err, ERR_INPUT, "block %u belongs to no branch",
					b);
	}
	return 0;
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

	if (!block_fits(at->p, n->then_block, at->i, false) ||
	    !block_fits(at->p, n->else_block, at->i, true))
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

static int check_merge(struct at_node *at)
{
	const struct module_node *n = at->n, *branch;

	if (n->target >= at->i || at->p->nodes[n->target].kind != NODE_BRANCH)
		return fail(at, "it merges no branch before it");
	branch = &at->p->nodes[n->target];
	if (branch->block != n->block)
		return fail(at, "it merges a branch of another block");
	if (!n->nouts)
		return fail(at, "it merges nothing");
	for (uint32_t i = 0; i < n->nouts; i++) {
		const struct module_merge *o = &n->outs[i];

		if (!o->type || o->type->kind == TYPE_ERROR ||
		    (o->name.n && !verify_is_name(o->name)))
			return fail(at, "an output has no type, or a name that is none");
		if (check_side(at, o->then_value, branch->then_block, o->type) < 0)
			return err_wrap(at->err, "output %u, first side", i);
		if (check_side(at, o->else_value, branch->else_block, o->type) < 0)
			return err_wrap(at->err, "output %u, second side", i);
	}
	return 0;
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
	case NODE_NKINDS:
		break;
	}
	return fail(at, "it is of unknown kind");
}

static int check_node(struct at_node *at)
{
	const struct module_node *n = at->n;

	if (verify_loc(at->m, n->loc, at->err) < 0)
		return -1;
	if (!verify_is_made_of(n->name, "_#.") || !verify_is_made_of(n->path, "_#"))
		return fail(at, "its name has characters that names have not");
	if (n->block >= at->p->nblocks)
		return fail(at, "no such block");
	if (n->block && at->p->blocks[n->block].branch >= at->i)
		return fail(at, "it comes before the branch that decides about it");
	for (uint32_t k = 0; k < n->nafter; k++)
		if (n->after[k] >= at->i)
			return fail(at, "it must run after what does not come before it");
	if (check_kind(at) < 0)
		return -1;
	return verify_settings(&at->sc, n->settings, n->nsettings, 'W', at->err);
}

static int check_path(struct map *paths, const struct module_node *n, struct err *err)
{
	static char taken;

	if (n->path.n && map_set(paths, n->path, &taken))
		return verify_fail(err, "another node has the same path");
	return 0;
}

static int check_nodes(const struct module *m, const struct module_pipeline *p,
		       struct map *paths, struct err *err)
{
	char what[32];

	for (uint32_t i = 0; i < p->nnodes; i++) {
		const struct module_node *n = &p->nodes[i];
		struct at_node at = {
			.m = m, .p = p, .n = n, .i = i, .err = err,
			.sc = {
				.m = m, .params = p->params, .nparams = p->nparams,
				.pipeline = p, .nnodes = i, .block = n->block,
				.run = true, .task_id = n->kind == NODE_TASK,
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
	int failed;

	if (check_blocks(p, err) < 0)
		return -1;
	failed = check_nodes(m, p, &paths, err);
	map_release(&paths);
	return failed;
}
