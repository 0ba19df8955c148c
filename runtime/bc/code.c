#include <config.h>

#include "runtime/bc/code.h"

#include <stdlib.h>

#include "runtime/base/limits.h"

/* The operators stand in the order of value/ops.def, so that BC_ADD + OP_x is BC_x. */
_Static_assert(BC_NOT - BC_ADD == OP_NOT - OP_ADD, "operators of the bytecode");
_Static_assert(BC_LT - BC_ADD == OP_LT - OP_ADD, "operators of the bytecode");

const struct bc_info bc_info[BC_N] = {
#define BC(ID, name, operand, pops, pushes, doc) \
	[BC_##ID] = {name, OPERAND_##operand, pops, pushes},
#include "runtime/bc/ops.def"
#undef BC
};

uint64_t bc_pops(enum bc op, uint32_t operand)
{
	if (bc_info[op].pops >= 0)
		return (uint64_t)bc_info[op].pops;
	if (op == BC_CALL)
		return operand >> 8 & 0xff;
	if (op == BC_DEF)
		return operand & 0xff;
	return op == BC_DICT ? (uint64_t)operand * 2 : operand;
}

struct loc code_loc(const struct site *s, uint32_t pc)
{
	struct loc loc = s->loc;

	for (uint32_t i = 0; i < s->code.nlocs && s->code.locs[i].pc <= pc; i++)
		loc = s->code.locs[i].loc;
	return loc;
}

void code_count_call(struct code *c, const struct module_def *d)
{
	const struct code *callee = &d->body->code;

	if (callee->levels >= c->levels)
		c->levels = callee->levels + 1;
	if (callee->frame > c->frame)
		c->frame = callee->frame;
}

/* An iteration that the walk is inside of. */
struct iteration {
	uint32_t top, end;	/* pc of its body, and of what follows it */
	uint32_t nlists;
	uint64_t base;		/* values below those of its body, its own included */
	bool yields;		/* its YIELD was met */
};

/* What is known of a place that a jump leads to. */
struct mark {
	uint32_t depth;		/* values on the stack, plus one; 0: no jump leads here */
	uint32_t top;		/* of the iteration that it is in; 0: none */
};

/* One walk over the code, from its beginning to its end. */
struct walk {
	const struct module *m;
	const struct site *s;
	uint32_t ndefs;
	struct mark *marks;
	uint32_t pc, next;	/* of the operation at hand, of the one after it */
	uint64_t depth, max;
	uint32_t nlocals;
	struct code calls;	/* frame and levels of what is called */
	bool reached;		/* can control come here from the operation before? */
	uint32_t iter;		/* lists of the ITER that was the operation before; 0: none */
	VEC(struct iteration) in;
	struct err *err;
};

static int fail(struct walk *w, const char *what)
{
	return err_setk(w->err, ERR_INPUT, "bytecode at %u: %s", w->pc, what);
}

static int check_call(struct walk *w, uint32_t operand)
{
	uint32_t f = operand & 0xff, n = operand >> 8;
	unsigned least, most;

	if (f >= BUILTIN_N)
		return fail(w, "no such built-in");
	builtin_arity((enum builtin)f, &least, &most);
	if (n < least || n > most)
		return fail(w, "wrong number of arguments of a built-in");
	return 0;
}

static int check_def(struct walk *w, uint32_t operand)
{
	uint32_t d = operand >> 8;

	if (d >= w->ndefs)
		return fail(w, "no such function can be called here");
	if ((operand & 0xff) != w->m->defs[d].nparams)
		return fail(w, "wrong number of arguments of a function");
	code_count_call(&w->calls, &w->m->defs[d]);
	return 0;
}

static int check_slots(struct walk *w, uint32_t first, uint32_t n)
{
	if (first + n > w->nlocals)
		w->nlocals = first + n;
	return w->nlocals <= w->s->code.nlocals ? 0 : fail(w, "no such local");
}

static int check_operand(struct walk *w, enum bc op, uint32_t operand)
{
	uint32_t n = operand & 0xff;

	switch (bc_info[op].operand) {
	case OPERAND_NONE:
	case OPERAND_COUNT:	/* the depth of the stack bounds it */
		return 0;
	case OPERAND_CONST:
		return operand < w->m->nconsts ? 0 : fail(w, "no such constant");
	case OPERAND_NAME:
		if (operand >= w->m->nconsts || w->m->consts[operand].kind != VALUE_STR)
			return fail(w, "no such name");
		return 0;
	case OPERAND_INPUT:
		return operand < w->s->ninputs ? 0 : fail(w, "no such input");
	case OPERAND_JUMP:
		return operand < w->s->code.n - w->next ? 0 : fail(w,
								   "a jump past the end");
	case OPERAND_CALL:
		return check_call(w, operand);
	case OPERAND_DEF:
		return check_def(w, operand);
	case OPERAND_SLOT:
		return operand < CODE_FRAME_MAX ? check_slots(w, operand, 1)
						: fail(w, "no such local");
	case OPERAND_ITER:
		return n ? check_slots(w, operand >> 8, n)
			 : fail(w, "an iteration over nothing");
	case OPERAND_BACK:	/* with what else AGAIN needs */
		return 0;
	}
	return fail(w, "unknown kind of operand");
}

static uint32_t innermost(const struct walk *w)
{
	return w->in.n ? vec_last(&w->in).top : 0;
}

/* Values on the stack that belong to the innermost iteration and what is around it. */
static uint64_t base(const struct walk *w)
{
	return w->in.n ? vec_last(&w->in).base : 0;
}

static int arrive(struct walk *w, uint32_t pc, uint64_t depth)
{
	struct mark m = {(uint32_t)depth + 1, innermost(w)};

	if (w->marks[pc].depth && memcmp(&w->marks[pc], &m, sizeof m))
		return fail(w, "the stack differs between two ways to one place");
	w->marks[pc] = m;
	return 0;
}

/* Takes the depth from the jumps that lead here, and sees that all ways agree. */
static int enter(struct walk *w)
{
	struct mark m = w->marks[w->pc];

	if (!m.depth && !w->reached)
		return fail(w, "nothing leads here");
	if (m.depth && w->reached && m.depth != w->depth + 1)
		return fail(w, "the stack differs between two ways to one place");
	if (m.depth && m.top != innermost(w))
		return fail(w, "a jump leads into or out of an iteration");
	if (m.depth)
		w->depth = m.depth - 1;
	w->marks[w->pc].depth = 0;	/* seen: what is left is inside an operation */
	return 0;
}

/* The first operation after ITER: the iteration is entered, or jumped over. */
static int check_step(struct walk *w, uint32_t operand)
{
	struct iteration it = {w->next, w->next + operand, w->iter, w->depth, false};

	if (!w->iter)
		return fail(w, "an iteration does not begin with iter");
	if (arrive(w, it.end, w->depth - it.nlists - BC_ITER_CELLS + 1) < 0)
		return -1;
	vec_push(&w->in, it);
	return 0;
}

static int check_again(struct walk *w, uint32_t operand)
{
	struct iteration it;

	if (!w->in.n)
		return fail(w, "nothing goes on here");
	it = vec_pop(&w->in);
	if (w->depth != it.base || w->next - it.top != operand || w->next != it.end)
		return fail(w, "an iteration does not end where it should");
	w->depth -= it.nlists + BC_ITER_CELLS - 1;
	return 0;
}

/* The list that is made has room for one value of each iteration. */
static int check_yield(struct walk *w)
{
	if (!w->in.n || w->depth != base(w))
		return fail(w, "a result belongs to no iteration");
	if (vec_last(&w->in).yields)
		return fail(w, "an iteration has two results");
	vec_last(&w->in).yields = true;
	return 0;
}

/* What operations of iterations need beyond operands and the depth of the stack. */
static int check_iteration(struct walk *w, enum bc op, uint32_t operand)
{
	uint32_t iter = w->iter;

	w->iter = 0;
	switch (op) {
	case BC_ITER:
		w->iter = operand & 0xff;
		if (w->depth - BC_ITER_CELLS < base(w) + w->iter)
			return fail(w, "the stack has too few values");
		return 0;
	case BC_STEP:
		w->iter = iter;
		if (check_step(w, operand) < 0)
			return -1;
		w->iter = 0;
		return 0;
	case BC_YIELD:
		return check_yield(w);
	case BC_AGAIN:
		return check_again(w, operand);
	default:
		return 0;
	}
}

static int leave(struct walk *w, enum bc op, uint32_t operand)
{
	uint64_t pops = bc_pops(op, operand);
	bool keeps = op == BC_AND || op == BC_OR;

	if (pops > w->depth - base(w))
		return fail(w, "the stack has too few values");
	w->depth = w->depth - pops + (uint64_t)bc_info[op].pushes;
	if (w->depth > CODE_FRAME_MAX)
		return fail(w, "the stack is too large");
	if (w->depth > w->max)
		w->max = w->depth;
	if (check_iteration(w, op, operand) < 0)
		return -1;
	if (bc_info[op].operand == OPERAND_JUMP && op != BC_STEP &&
	    arrive(w, w->next + operand, w->depth + keeps) < 0)
		return -1;
	w->reached = op != BC_JUMP && op != BC_RETURN && op != BC_FAIL;
	if (op != BC_RETURN)
		return 0;
	if (w->depth)
		return fail(w, "values are left on the stack at the end");
	return w->next == w->s->code.n ? 0 : fail(w, "return before the end");
}

static int step(struct walk *w)
{
	const struct code *c = &w->s->code;
	uint8_t op = c->ops[w->pc];
	uint32_t operand = 0;

	if (op >= BC_N)
		return fail(w, "no such operation");
	w->next = w->pc + 1;
	if (bc_info[op].operand != OPERAND_NONE) {
		if (c->n - w->next < BC_OPERAND_BYTES)
			return fail(w, "the operand is cut off");
		operand = bc_operand(c->ops + w->next);
		w->next += BC_OPERAND_BYTES;
	}
	if (op == BC_STEP && w->marks[w->pc].depth)
		return fail(w, "a jump leads into the beginning of an iteration");
	if (check_operand(w, (enum bc)op, operand) < 0 || enter(w) < 0 ||
	    leave(w, (enum bc)op, operand) < 0)
		return -1;
	w->pc = w->next;
	return 0;
}

static int check_boundaries(struct walk *w)
{
	for (uint32_t pc = 0; pc < w->s->code.n; pc++) {
		if (!w->marks[pc].depth)
			continue;
		w->pc = pc;
		return fail(w, "a jump leads into the middle of an operation");
	}
	return 0;
}

static int check_locs(const struct module *m, const struct code *c, struct err *err)
{
	for (uint32_t i = 0; i < c->nlocs; i++) {
		const struct code_loc *l = &c->locs[i];

		if (l->pc >= c->n || (i && l->pc <= c->locs[i - 1].pc))
			return err_setk(err, ERR_INPUT,
					"the places of bytecode are not in order");
		if (l->loc.line && l->loc.file >= m->nfiles)
			return err_setk(err, ERR_INPUT,
					"bytecode names a file that is not there");
	}
	return 0;
}

/* Does the code say of itself what was found on the walk? */
static int check_needs(struct walk *w)
{
	const struct code *c = &w->s->code;
	uint64_t frame = w->max + w->nlocals + w->calls.frame;

	if (w->max != c->max_stack)
		return err_setk(w->err, ERR_INPUT,
				"the bytecode says that it needs a stack of "
				"%u values, and needs %llu", c->max_stack,
				(unsigned long long)w->max);
	if (w->nlocals != c->nlocals || frame != c->frame || frame > CODE_FRAME_MAX)
		return err_setk(w->err, ERR_INPUT,
				"the bytecode says that it needs room for %u values, "
				"and needs it for %llu", c->frame,
				(unsigned long long)frame);
	if (w->calls.levels != c->levels || c->levels > LIMIT_CALL_DEPTH)
		return err_setk(w->err, ERR_INPUT,
				"the bytecode says that it has %u levels of calls, and "
				"has %u of at most %d", c->levels, w->calls.levels,
				LIMIT_CALL_DEPTH);
	return 0;
}

int code_verify(const struct module *m, const struct site *s, uint32_t ndefs,
		struct err *err)
{
	struct walk w = {.m = m, .s = s, .ndefs = ndefs, .reached = true, .err = err,
			 .calls = {.levels = 1}};
	int failed = 0;

	if (!s->code.n)
		return err_setk(err, ERR_INPUT, "there is no bytecode");
	w.marks = calloc(s->code.n, sizeof *w.marks);
	if (!w.marks)
		err_nomem();
	while (!failed && w.pc < s->code.n)
		failed = step(&w);
	if (!failed && w.reached)
		failed = fail(&w, "it does not end with return");
	if (!failed && w.in.n)
		failed = fail(&w, "an iteration does not end");
	if (!failed)
		failed = check_boundaries(&w);
	free(w.marks);
	vec_release(&w.in);
	if (!failed)
		failed = check_needs(&w);
	return failed ? -1 : check_locs(m, &s->code, err);
}
