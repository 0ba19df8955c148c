/* Bytecode: the operations of ops.def and what there is to know about one. */
#ifndef KFPC_BC_CODE_H
#define KFPC_BC_CODE_H

#include "runtime/bc/module.h"

enum bc {
#define BC(ID, name, operand, pops, pushes, doc) BC_##ID,
#include "runtime/bc/ops.def"
#undef BC
	BC_N
};

enum bc_operand {
	OPERAND_NONE,
	OPERAND_CONST,
	OPERAND_NAME,
	OPERAND_INPUT,
	OPERAND_COUNT,
	OPERAND_JUMP,
	OPERAND_CALL,
	OPERAND_DEF,
	OPERAND_SLOT,
	OPERAND_ITER,
	OPERAND_BACK,
};

struct bc_info {
	const char *name;
	enum bc_operand operand;
	int pops, pushes;	/* pops -1: see ops.def */
};

extern const struct bc_info bc_info[BC_N];

enum {
	BC_OPERAND_BYTES = 4,
	BC_ITER_CELLS = 4,	/* values above the lists of an iteration: */
	ITER_RESULT = 0, ITER_OPERAND, ITER_INDEX, ITER_COUNT,
	CODE_FRAME_MAX = 1 << 24,
};

static inline uint32_t bc_operand(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

/* Values that an operation takes off the stack, given its operand. */
uint64_t bc_pops(enum bc op, uint32_t operand);

/* Sets frame and levels of code that calls what is in *c so far and now def d. */
void code_count_call(struct code *c, const struct module_def *d);

/* Checks the bytecode of a site against its number of inputs, the module's constants and
 * its first ndefs functions, which are known to be right: 0, or -1 with err saying what is
 * wrong at which pc. */
int code_verify(const struct module *m, const struct site *s, uint32_t ndefs,
		struct err *err);

/* Where the operation at pc comes from; the site's own place where nothing is known. */
struct loc code_loc(const struct site *s, uint32_t pc);

#endif
