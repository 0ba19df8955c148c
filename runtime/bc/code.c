#include <config.h>

#include "runtime/bc/code.h"

#include <stdlib.h>

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
	return op == BC_DICT ? (uint64_t)operand * 2 : operand;
}

struct loc code_loc(const struct site *s, uint32_t pc)
{
	struct loc loc = s->loc;

	for (uint32_t i = 0; i < s->code.nlocs && s->code.locs[i].pc <= pc; i++)
		loc = s->code.locs[i].loc;
	return loc;
}

enum { STACK_MAX = 1 << 24 };

/* One walk over the code.  depths[pc] is how many values are on the stack when control
 * arrives at pc by a jump, plus one; 0 where no jump leads. */
struct walk {
	const struct module *m;
	const struct site *s;
	uint32_t *depths;
	uint32_t pc, next;	/* of the operation at hand, of the one after it */
	uint64_t depth, max;
	bool reached;		/* can control come here from the operation before? */
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

static int check_operand(struct walk *w, enum bc op, uint32_t operand)
{
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
	}
	return fail(w, "unknown kind of operand");
}

static int arrive(struct walk *w, uint32_t pc, uint64_t depth)
{
	if (w->depths[pc] && w->depths[pc] != depth + 1)
		return fail(w, "the stack differs between two ways to one place");
	w->depths[pc] = (uint32_t)depth + 1;
	return 0;
}

/* Takes the depth from the jumps that lead here, and sees that all ways agree. */
static int enter(struct walk *w)
{
	uint32_t marked = w->depths[w->pc];

	if (!marked && !w->reached)
		return fail(w, "nothing leads here");
	if (marked && w->reached && marked != w->depth + 1)
		return fail(w, "the stack differs between two ways to one place");
	if (marked)
		w->depth = marked - 1;
	w->depths[w->pc] = 0;	/* seen: what is left marked is inside an operation */
	return 0;
}

static int leave(struct walk *w, enum bc op, uint32_t operand)
{
	uint64_t pops = bc_pops(op, operand);
	bool keeps = op == BC_AND || op == BC_OR;

	if (pops > w->depth)
		return fail(w, "the stack has too few values");
	w->depth = w->depth - pops + (uint64_t)bc_info[op].pushes;
	if (w->depth > STACK_MAX)
		return fail(w, "the stack is too large");
	if (w->depth > w->max)
		w->max = w->depth;
	if (bc_info[op].operand == OPERAND_JUMP &&
	    arrive(w, w->next + operand, w->depth + keeps) < 0)
		return -1;
	w->reached = op != BC_JUMP && op != BC_RETURN;
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
	if (check_operand(w, (enum bc)op, operand) < 0 || enter(w) < 0 ||
	    leave(w, (enum bc)op, operand) < 0)
		return -1;
	w->pc = w->next;
	return 0;
}

static int check_boundaries(struct walk *w)
{
	for (uint32_t pc = 0; pc < w->s->code.n; pc++) {
		if (!w->depths[pc])
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

int code_verify(const struct module *m, const struct site *s, struct err *err)
{
	struct walk w = {.m = m, .s = s, .reached = true, .err = err};
	int failed = 0;

	if (!s->code.n)
		return err_setk(err, ERR_INPUT, "there is no bytecode");
	w.depths = calloc(s->code.n, sizeof *w.depths);
	if (!w.depths)
		err_nomem();
	while (!failed && w.pc < s->code.n)
		failed = step(&w);
	if (!failed && w.reached)
		failed = fail(&w, "it does not end with return");
	if (!failed)
		failed = check_boundaries(&w);
	free(w.depths);
	if (!failed && w.max != s->code.max_stack)
		failed = err_setk(err, ERR_INPUT,
				  "the bytecode says that it needs a stack of "
				  "%u values, and needs %llu", s->code.max_stack,
				  (unsigned long long)w.max);
	return failed ? -1 : check_locs(m, &s->code, err);
}
