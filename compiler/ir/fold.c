#include <config.h>

#include "compiler/ir/fold.h"

#include "runtime/base/limits.h"
#include "runtime/bc/explain.h"
#include "runtime/bc/tree.h"
#include "runtime/value/arith.h"

/* A constant that weighs more (elements and bytes of text) is left for the run: nobody
 * wants "x" * 10_000_000 written out in a module. */
enum {
	FOLD_WEIGHT_MAX = 64 << 10,
	WALKED_A_STEP = 16,	/* of the weight of a value */
	STEPS_A_COPIED = 16,
};

enum { KEPT_FEW = 16 };		/* inputs of a site that need no table to be found */

static bool is_const(const struct expr *e)
{
	return e->kind == EXPR_CONST;
}

static bool is_const_bool(const struct expr *e, bool b)
{
	return is_const(e) && e->value.kind == VALUE_BOOL && e->value.b == b;
}

/* Takes time and memory that the steps of evaluation do not count. */
static void pay(struct builder *b, uint64_t steps)
{
	b->steps -= steps < b->steps ? steps : b->steps;
}

/* The value of e, in a, and its weight. */
static int compute(struct builder *b, const struct expr *e, struct arena *a,
		   struct value *out, size_t *weight, const struct expr **at,
		   struct err *err)
{
	uint64_t limit = b->steps < LIMIT_EVAL_STEPS ? b->steps : LIMIT_EVAL_STEPS;
	uint64_t steps = limit;
	struct tree_eval ev = {
		.m = b->m, .a = a, .steps = &steps, .explain = explain_assertion,
	};
	int rc = tree_eval(&ev, e, out, err);

	b->steps -= limit - steps;
	if (rc && at)
		*at = ev.at;
	if (rc)
		return -1;
	*weight = value_weight(*out, LIMIT_STR_BYTES);
	pay(b, *weight / WALKED_A_STEP);
	return *weight < LIMIT_STR_BYTES ? 0 : value_check_weight(*out, err);
}

int fold_eval(struct builder *b, const struct expr *e, struct value *out, struct err *err)
{
	struct arena a = {0};
	size_t weight;
	int rc = compute(b, e, &a, out, &weight, NULL, err);

	if (!rc)
		*out = value_copy(&b->m->arena, *out);
	arena_release(&a);
	return rc;
}

static struct expr *fold(struct fold *f, struct expr *e, bool certain);

static struct expr *copy(struct fold *f, const struct expr *e)
{
	struct expr *c = arena_dup(&f->b->m->arena, e, sizeof *e);

	c->args = ARENA_ARRAY(&f->b->m->arena, e->nargs, struct expr *);
	return c;
}

void fold_keep(struct builder *b, struct input in)
{
	struct str key;

	vec_push(&b->kept, in);
	if (b->kept.n <= KEPT_FEW)
		return;
	for (size_t i = b->kept_at.n; i < b->kept.n; i++) {
		key.p = arena_dup(&b->m->arena, &b->kept.at[i], sizeof in);
		key.n = sizeof in;
		map_set(&b->kept_at, key, (void *)(uintptr_t)(i + 1));
	}
}

/* The number of in among the inputs of the site; as many as there are if it is none. */
static size_t kept_at(const struct builder *b, struct input in)
{
	struct str key = {(const char *)&in, sizeof in};
	uintptr_t found;
	size_t i = 0;

	if (b->kept.n > KEPT_FEW) {
		found = (uintptr_t)map_get(&b->kept_at, key);
		return found ? found - 1 : b->kept.n;
	}
	while (i < b->kept.n && memcmp(&b->kept.at[i], &in, sizeof in))
		i++;
	return i;
}

static struct expr *fold_input(struct fold *f, struct expr *e)
{
	struct builder *b = f->b;
	struct input in = b->inputs.at[e->source];
	struct expr *c = e;

	f->read_input = true;
	if (e->input != INPUT_FREE)
		c = arena_dup(&b->m->arena, e, sizeof *e);
	c->input = (uint32_t)kept_at(b, in);
	if (c->input == b->kept.n)
		fold_keep(b, in);
	return c;
}

/* e, which stands where something of the type was wanted. */
static struct expr *retype(struct fold *f, const struct expr *e, const struct type *type)
{
	struct expr *c = arena_dup(&f->b->m->arena, e, sizeof *e);

	c->type = type;
	return c;
}

static void note_read(struct fold *f, uint32_t slot)
{
	if (slot < f->lowest)
		f->lowest = slot;
}

static struct expr *fold_local(struct fold *f, const struct expr *e)
{
	const struct fold_local *l = NULL;
	struct expr *c;

	for (size_t i = f->locals.n; i-- && !l;)
		if (f->locals.at[i].local == e->slot)
			l = &f->locals.at[i];
	if (!l)
		BUG("a local that nothing binds");
	if (!l->known) {
		c = copy(f, e);
		c->slot = l->slot;
		note_read(f, c->slot);
		return c;
	}
	c = retype(f, l->known, e->type);
	c->span = e->span;
	c->loc = e->loc;
	if (c->kind == EXPR_LOCAL)
		note_read(f, c->slot);
	f->read_input |= c->kind == EXPR_INPUT;
	return c;
}

/* A value that costs nothing to have twice.  Where None is read as what it is not, behind
 * a test that is not constant as a whole, it must not become visible. */
static bool is_simple(const struct expr *e)
{
	return (is_const(e) && e->value.kind != VALUE_NONE) || e->kind == EXPR_INPUT || e->kind == EXPR_LOCAL;
}

static struct expr *fold_let(struct fold *f, struct expr *e, bool certain)
{
	struct expr *value = fold(f, e->args[0], certain), *body, *c;
	struct fold_local l = {e->slot, f->nslots, NULL};

	if (is_simple(value)) {
		l.known = value;
		vec_push(&f->locals, l);
		body = fold(f, e->args[1], certain);
		f->locals.n--;
		return retype(f, body, e->type);
	}
	f->nslots++;
	vec_push(&f->locals, l);
	body = fold(f, e->args[1], certain);
	f->locals.n--;
	f->nslots--;
	if (body->kind == EXPR_LOCAL && body->slot == l.slot && body->type == value->type)
		return value;
	c = copy(f, e);
	c->slot = l.slot;
	c->args[0] = value;
	c->args[1] = body;
	return c;
}

/* `and` with stop False, `or` with stop True: the left side alone decides if it is
 * stop. */
static struct expr *fold_logic(struct fold *f, struct expr *e, bool certain)
{
	bool stop = e->kind == EXPR_OR;
	struct expr *x = fold(f, e->args[0], certain), *y, *c;

	if (is_const_bool(x, stop))
		return x;
	if (is_const_bool(x, !stop))
		return fold(f, e->args[1], certain);
	y = fold(f, e->args[1], false);
	if (is_const_bool(y, !stop))
		return x;
	c = copy(f, e);
	c->args[0] = x;
	c->args[1] = y;
	return c;
}

static struct expr *fold_cond(struct fold *f, struct expr *e, bool certain)
{
	struct expr *cond = fold(f, e->args[0], certain), *c;

	if (is_const_bool(cond, true) || is_const_bool(cond, false)) {
		c = fold(f, e->args[cond->value.b ? 1 : 2], certain);
		return retype(f, c, e->type);
	}
	c = copy(f, e);
	c->args[0] = cond;
	c->args[1] = fold(f, e->args[1], false);
	c->args[2] = fold(f, e->args[2], false);
	return c;
}

static struct expr *constant(struct fold *f, const struct expr *e, struct value v)
{
	struct expr *made = ARENA_NEW(&f->b->m->arena, struct expr);

	made->kind = EXPR_CONST;
	made->type = e->type;
	made->loc = e->loc;
	made->span = e->span;
	made->depth = 1;
	made->value = v;
	return made;
}

/* A literal: what it is made of is in the module in any case, and building it again each
 * time that it is read takes longer. */
static bool is_literal(const struct expr *e)
{
	if (e->kind != EXPR_LIST && e->kind != EXPR_DICT)
		return false;
	for (uint32_t i = 0; i < e->nargs; i++)
		if (!is_const(e->args[i]))
			return false;
	return true;
}

/* c reads nothing from outside: its value in its place, or c itself where that fails or
 * would be large. */
static struct expr *fold_const(struct fold *f, struct expr *c, bool certain)
{
	const struct expr *at = c;
	struct arena a = {0};
	struct expr *made = c;
	size_t weight;
	struct err err;
	struct value v;

	if (compute(f->b, c, &a, &v, &weight, &at, &err) < 0) {
		if (f->b->report)
			f->b->report(f->b->ctx, at, &err, certain);
	} else if (weight < FOLD_WEIGHT_MAX || is_literal(c)) {
		made = constant(f, c, value_copy(&f->b->m->arena, v));
		pay(f->b, weight * STEPS_A_COPIED);
	} else {
		c->is_large = true;
	}
	arena_release(&a);
	return made;
}

static struct expr *fold_assert(struct fold *f, struct expr *e, bool certain)
{
	struct expr *cond = fold(f, e->args[0], certain), *c;

	if (is_const_bool(cond, true))
		return fold(f, e->args[2], certain);
	c = copy(f, e);
	c->args[0] = cond;
	c->args[1] = fold(f, e->args[1], false);
	c->args[2] = fold(f, e->args[2], certain && !is_const(cond));
	return c;
}

/* The element and the filter of c, which see the targets. */
static void fold_each(struct fold *f, const struct expr *e, struct expr *c)
{
	size_t mark = f->locals.n;
	uint32_t n = e->nargs - 2;

	c->slot = f->nslots;
	for (uint32_t i = 0; i < n; i++)
		vec_push(&f->locals, (struct fold_local){e->slot + i, f->nslots + i, NULL});
	f->nslots += n;
	c->args[1] = fold(f, e->args[1], false);
	c->args[0] = fold(f, e->args[0], false);
	f->nslots -= n;
	f->locals.n = mark;
}

static struct expr *fold_comp(struct fold *f, struct expr *e, bool certain)
{
	bool read_input = f->read_input, closed;
	uint32_t lowest = f->lowest;
	struct expr *c = copy(f, e);

	f->read_input = false;
	f->lowest = UINT32_MAX;
	for (uint32_t i = 2; i < e->nargs; i++)
		c->args[i] = fold(f, e->args[i], certain);
	fold_each(f, e, c);
	closed = !f->read_input && f->lowest >= f->nslots;
	f->read_input |= read_input;
	if (closed || lowest < f->lowest)
		f->lowest = lowest;
	return closed ? fold_const(f, c, certain) : c;
}

static struct expr *fold(struct fold *f, struct expr *e, bool certain)
{
	bool all_const = true;
	struct expr *c;

	switch (e->kind) {
	case EXPR_CONST:
		return e;
	case EXPR_INPUT:
		return fold_input(f, e);
	case EXPR_LOCAL:
		return fold_local(f, e);
	case EXPR_LET:
		return fold_let(f, e, certain);
	case EXPR_COMP:
		return fold_comp(f, e, certain);
	case EXPR_ASSERT:
		return fold_assert(f, e, certain);
	case EXPR_AND:
	case EXPR_OR:
		return fold_logic(f, e, certain);
	case EXPR_COND:
		return fold_cond(f, e, certain);
	default:
		break;
	}
	c = copy(f, e);
	for (uint32_t i = 0; i < e->nargs; i++) {
		bool sure = certain && (e->kind != EXPR_CHAIN || i < 2);

		c->args[i] = fold(f, e->args[i], sure);
		all_const &= is_const(c->args[i]) || c->args[i]->is_large;
	}
	return all_const ? fold_const(f, c, certain) : c;
}

struct expr *fold_tree(struct fold *f, struct expr *e)
{
	f->lowest = UINT32_MAX;
	return fold(f, e, true);
}

void fold_release(struct fold *f)
{
	vec_release(&f->locals);
}
