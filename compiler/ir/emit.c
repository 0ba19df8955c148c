#include <config.h>

#include "compiler/ir/emit.h"

#include "runtime/bc/code.h"
#include "runtime/bc/wire.h"

struct emitter {
	struct builder *b;
	uint32_t depth, max;	/* of the stack, here and at most */
	uint32_t nlocals;
	struct code calls;	/* frame and levels of what is called */
};

/* The number of v in the builder's pool; equal constants have one number. */
static uint32_t emit_const(struct builder *b, struct value v)
{
	uintptr_t number;
	struct str key;

	buf_clear(&b->scratch);
	wire_put_value(&b->scratch, v);
	key = buf_str(&b->scratch);
	number = (uintptr_t)map_get(&b->pooled, key);
	if (number)
		return (uint32_t)(number - 1);
	vec_push(&b->pool, v);
	map_set(&b->pooled, arena_str(&b->m->arena, key), (void *)(uintptr_t)b->pool.n);
	return (uint32_t)(b->pool.n - 1);
}

static void put_u32(uint8_t *p, uint32_t n)
{
	for (int i = 0; i < BC_OPERAND_BYTES; i++)
		p[i] = (uint8_t)(n >> 8 * i);
}

/* Says where the next operation comes from, unless that is what is known already. */
static void mark(struct emitter *em, const struct expr *e)
{
	struct code_loc l = {(uint32_t)em->b->ops.n, e->loc};

	if (!e->loc.line || (em->b->locs.n && loc_eq(vec_last(&em->b->locs).loc, e->loc)))
		return;
	vec_push(&em->b->locs, l);
}

static void put(struct emitter *em, enum bc op, uint32_t operand)
{
	uint8_t bytes[BC_OPERAND_BYTES];

	buf_addc(&em->b->ops, (char)op);
	if (bc_info[op].operand != OPERAND_NONE) {
		put_u32(bytes, operand);
		buf_add(&em->b->ops, (struct str){(const char *)bytes, sizeof bytes});
	}
	em->depth -= (uint32_t)bc_pops(op, operand);
	em->depth += (uint32_t)bc_info[op].pushes;
	if (em->depth > em->max)
		em->max = em->depth;
}

/* A jump whose target is not known yet; returns where its operand is. */
static size_t put_jump(struct emitter *em, enum bc op)
{
	put(em, op, 0);
	return em->b->ops.n - BC_OPERAND_BYTES;
}

/* The jump with its operand at `at` leads here. */
static void land(struct emitter *em, size_t at)
{
	uint8_t bytes[BC_OPERAND_BYTES];

	put_u32(bytes, (uint32_t)(em->b->ops.n - at - BC_OPERAND_BYTES));
	memcpy(em->b->ops.p + at, bytes, sizeof bytes);
}

static void put_slots(struct emitter *em, uint32_t first, uint32_t n)
{
	if (first + n > em->nlocals)
		em->nlocals = first + n;
}

static void emit(struct emitter *em, const struct expr *e);

static void emit_args(struct emitter *em, const struct expr *e)
{
	for (uint32_t i = 0; i < e->nargs; i++)
		emit(em, e->args[i]);
	mark(em, e);
}

static void emit_logic(struct emitter *em, const struct expr *e)
{
	size_t over;

	emit(em, e->args[0]);
	mark(em, e);
	over = put_jump(em, e->kind == EXPR_AND ? BC_AND : BC_OR);
	emit(em, e->args[1]);
	land(em, over);
}

static void emit_cond(struct emitter *em, const struct expr *e)
{
	size_t orelse, end;

	emit(em, e->args[0]);
	mark(em, e);
	orelse = put_jump(em, BC_ELSE);
	emit(em, e->args[1]);
	end = put_jump(em, BC_JUMP);
	em->depth--;	/* the other arm starts without the value of this one */
	land(em, orelse);
	emit(em, e->args[2]);
	land(em, end);
}

/* a < b < c: b is kept below each result but the last, and dropped where one is False.
 *
 *	a b | dup rot lt and:F | b c | lt jump:E | F: swap pop | E: */
static void emit_chain(struct emitter *em, const struct expr *e)
{
	VEC(size_t) falses = {0};
	uint32_t last = e->nargs - 1;
	size_t end;

	emit(em, e->args[0]);
	for (uint32_t i = 1; i < last; i++) {
		emit(em, e->args[i]);
		mark(em, e);
		put(em, BC_DUP, 0);
		put(em, BC_ROT, 0);
		put(em, (enum bc)(BC_ADD + e->ops[i - 1]), 0);
		vec_push(&falses, put_jump(em, BC_AND));
	}
	emit(em, e->args[last]);
	mark(em, e);
	put(em, (enum bc)(BC_ADD + e->ops[last - 1]), 0);
	end = put_jump(em, BC_JUMP);
	em->depth++;	/* here come b and False */
	for (size_t i = 0; i < falses.n; i++)
		land(em, falses.at[i]);
	put(em, BC_SWAP, 0);
	put(em, BC_POP, 0);
	land(em, end);
	vec_release(&falses);
}

/* value set | body */
static void emit_let(struct emitter *em, const struct expr *e)
{
	emit(em, e->args[0]);
	put_slots(em, e->slot, 1);
	put(em, BC_SET, e->slot);
	emit(em, e->args[1]);
}

/* lists iter step:E | T: filter else:A element yield | A: again:T | E: */
static void emit_comp(struct emitter *em, const struct expr *e)
{
	const struct expr *filter = e->args[1];
	bool keeps_all = filter->kind == EXPR_CONST && filter->value.b;
	uint32_t n = e->nargs - 2;
	size_t over, skip = 0, top;

	for (uint32_t i = 0; i < n; i++)
		emit(em, e->args[2 + i]);
	mark(em, e);
	put_slots(em, e->slot, n);
	put(em, BC_ITER, n | e->slot << 8);
	over = put_jump(em, BC_STEP);
	top = em->b->ops.n;
	if (!keeps_all) {
		emit(em, filter);
		mark(em, e);
		skip = put_jump(em, BC_ELSE);
	}
	emit(em, e->args[0]);
	put(em, BC_YIELD, 0);
	if (!keeps_all)
		land(em, skip);
	put(em, BC_AGAIN, (uint32_t)(em->b->ops.n + 1 + BC_OPERAND_BYTES - top));
	em->depth -= n + BC_ITER_CELLS - 1;
	land(em, over);
}

/* cond then:V | message fail | V: value */
static void emit_assert(struct emitter *em, const struct expr *e)
{
	size_t holds;

	emit(em, e->args[0]);
	mark(em, e);
	holds = put_jump(em, BC_THEN);
	emit(em, e->args[1]);
	mark(em, e);
	put(em, BC_FAIL, 0);
	land(em, holds);
	emit(em, e->args[2]);
}

static void emit_call(struct emitter *em, const struct expr *e)
{
	emit_args(em, e);
	put(em, BC_DEF, e->nargs | e->def << 8);
	code_count_call(&em->calls, &em->b->m->defs[e->def]);
}

static void emit_named(struct emitter *em, const struct expr *e, enum bc op)
{
	struct value name = value_str(&em->b->m->arena, e->name);

	emit_args(em, e);
	put(em, op, emit_const(em->b, name));
}

static void emit_counted(struct emitter *em, const struct expr *e, enum bc op, uint32_t n)
{
	emit_args(em, e);
	put(em, op, n);
}

static void emit(struct emitter *em, const struct expr *e)
{
	switch (e->kind) {
	case EXPR_CONST:
		put(em, BC_CONST, emit_const(em->b, e->value));
		return;
	case EXPR_INPUT:
		put(em, BC_INPUT, e->input);
		return;
	case EXPR_LOCAL:
		put(em, BC_LOCAL, e->slot);
		return;
	case EXPR_LET:
		emit_let(em, e);
		return;
	case EXPR_COMP:
		emit_comp(em, e);
		return;
	case EXPR_CALL:
		emit_call(em, e);
		return;
	case EXPR_ASSERT:
		emit_assert(em, e);
		return;
	case EXPR_UNARY:
	case EXPR_BINARY:
		emit_counted(em, e, (enum bc)(BC_ADD + e->op), 0);
		return;
	case EXPR_CHAIN:
		emit_chain(em, e);
		return;
	case EXPR_AND:
	case EXPR_OR:
		emit_logic(em, e);
		return;
	case EXPR_COND:
		emit_cond(em, e);
		return;
	case EXPR_INDEX:
		emit_counted(em, e, BC_INDEX, 0);
		return;
	case EXPR_FIELD:
		emit_named(em, e, BC_FIELD);
		return;
	case EXPR_LIST:
		emit_counted(em, e, BC_LIST, e->nargs);
		return;
	case EXPR_DICT:
		emit_counted(em, e, BC_DICT, e->nargs / 2);
		return;
	case EXPR_FSTRING:
		emit_counted(em, e, BC_JOIN, e->nargs);
		return;
	case EXPR_FORMAT:
		emit_named(em, e, BC_FORMAT);
		return;
	case EXPR_BUILTIN:
		emit_counted(em, e, BC_CALL, e->op | e->nargs << 8);
		return;
	case EXPR_TO_FLOAT:
		emit_counted(em, e, BC_TO_FLOAT, 0);
		return;
	case EXPR_NKINDS:
		break;
	}
	BUG("no bytecode for expression kind %d", (int)e->kind);
}

struct code emit_code(struct builder *b, const struct expr *tree)
{
	struct emitter em = {.b = b, .calls = {.levels = 1}};
	struct arena *a = &b->m->arena;
	struct code c;

	buf_clear(&b->ops);
	vec_clear(&b->locs);
	emit(&em, tree);
	put(&em, BC_RETURN, 0);
	c = (struct code){
		.ops = arena_dup(a, b->ops.p, b->ops.n),
		.n = (uint32_t)b->ops.n,
		.max_stack = em.max,
		.nlocals = em.nlocals,
		.frame = em.max + em.nlocals + em.calls.frame,
		.levels = em.calls.levels,
		.locs = arena_dup(a, b->locs.at, b->locs.n * sizeof *b->locs.at),
		.nlocs = (uint32_t)b->locs.n,
	};
	return c;
}
