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
};

struct bc_info {
	const char *name;
	enum bc_operand operand;
	int pops, pushes;	/* pops -1: see ops.def */
};

extern const struct bc_info bc_info[BC_N];

enum { BC_OPERAND_BYTES = 4 };

static inline uint32_t bc_operand(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

/* Values that an operation takes off the stack, given its operand. */
uint64_t bc_pops(enum bc op, uint32_t operand);

/* Checks the bytecode of a site against its number of inputs and the module's
 * constants: 0, or -1 with err saying what is wrong at which pc. */
int code_verify(const struct module *m, const struct site *s, struct err *err);

/* Where the operation at pc comes from; the site's own place where nothing is known. */
struct loc code_loc(const struct site *s, uint32_t pc);

#endif
