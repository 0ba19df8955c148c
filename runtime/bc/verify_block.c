/* Blocks: whose they are, which of them one sees from where, and when they are at an
 * end. */
#include <config.h>

#include "runtime/base/limits.h"
#include "runtime/bc/verify.h"

static int check_owner(const struct module_pipeline *p, uint32_t b, struct err *err)
{
	const struct module_block *block = &p->blocks[b];

	if (block->owner >= p->nnodes ||
	    node_block(&p->nodes[block->owner], block->kind) != b)
		return err_setk(err, ERR_INPUT, "block %u belongs to no node", b);
	return 0;
}

/* The node's own block is there, and so are those around it, before it. */
static int check_place(const struct module_pipeline *p, uint32_t i, uint32_t *levels,
		       struct err *err)
{
	uint32_t b = p->nodes[i].block, owner;

	if (b >= p->nblocks)
		return verify_fail(err, "no such block");
	owner = p->blocks[b].owner;
	if (b && owner >= i)
		return verify_fail(err, "it comes before what its block belongs to");
	levels[i] = b ? levels[owner] + 1 : 0;
	if (levels[i] > LIMIT_NESTING)
		return verify_fail(err, "its block is nested too deeply");
	return 0;
}

static void find_last(const struct module_pipeline *p, uint32_t *last)
{
	for (uint32_t b = 1; b < p->nblocks; b++)
		last[b] = p->blocks[b].owner;
	for (uint32_t i = 0; i < p->nnodes; i++)
		for (uint32_t b = p->nodes[i].block; b;
		     b = p->nodes[p->blocks[b].owner].block)
			last[b] = i;
}

int verify_blocks(const struct module_pipeline *p, struct arena *a, const uint32_t **out,
		  struct err *err)
{
	uint32_t *last = ARENA_ARRAY(a, p->nblocks, uint32_t);
	uint32_t *levels = ARENA_ARRAY(a, p->nnodes, uint32_t);

	if (!p->nblocks || p->blocks[0].kind != BLOCK_BODY ||
	    p->blocks[0].owner != MODULE_NONE)
		return verify_fail(err, "block 0 is not its body");
	for (uint32_t b = 1; b < p->nblocks; b++)
		if (check_owner(p, b, err) < 0)
			return -1;
	for (uint32_t i = 0; i < p->nnodes; i++)
		if (check_place(p, i, levels, err) < 0)
			return err_wrap(err, "node %u", i);
	find_last(p, last);
	*out = last;
	return 0;
}

uint32_t verify_last_in(const struct module_pipeline *p, const uint32_t *last, uint32_t i)
{
	uint32_t at = i;

	for (unsigned k = 0; k < BLOCK_NKINDS; k++) {
		uint32_t b = node_block(&p->nodes[i], (enum block_kind)k);

		if (b != MODULE_NONE && last[b] > at)
			at = last[b];
	}
	return at;
}

const struct module_block *verify_around(const struct verify_scope *sc, uint32_t owner)
{
	const struct module_pipeline *p = sc->pipeline;

	for (uint32_t b = sc->block; b; b = p->nodes[p->blocks[b].owner].block)
		if (p->blocks[b].owner == owner)
			return &p->blocks[b];
	return NULL;
}

/* Is block the scope's own, or one around it? */
static bool is_around(const struct verify_scope *sc, uint32_t block)
{
	return !block || verify_around(sc, sc->pipeline->blocks[block].owner) ==
				 &sc->pipeline->blocks[block];
}

/* One sees into the body of a try that has no except, but not from its finally, which
 * runs whatever became of the body. */
static bool is_open(const struct verify_scope *sc, const struct module_block *b)
{
	const struct module_node *n = &sc->pipeline->nodes[b->owner];
	const struct module_block *own = verify_around(sc, b->owner);

	return b->kind == BLOCK_TRY && n->else_block == MODULE_NONE &&
	       (!own || own->kind != BLOCK_FINALLY);
}

bool verify_sees(const struct verify_scope *sc, uint32_t block)
{
	const struct module_pipeline *p = sc->pipeline;

	for (; !is_around(sc, block); block = p->nodes[p->blocks[block].owner].block)
		if (!is_open(sc, &p->blocks[block]))
			return false;
	return true;
}
