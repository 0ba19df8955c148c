/* Operators as the table of the values' operations numbers them, so that the tree and
 * op_binary agree.  Only for the front end's own files: others include
 * runtime/value/ops.h. */
#ifndef KFPC_FRONT_OP_H
#define KFPC_FRONT_OP_H

enum op {
#define OP(ID, spelling) OP_##ID,
#define UNARY(ID, spelling) OP_##ID,
#include "runtime/value/ops.def"
#undef OP
#undef UNARY
	OP_NOPS
};

static inline const char *front_op_spelling(unsigned op)
{
	static const char *const SPELLINGS[] = {
#define OP(ID, spelling) spelling,
#define UNARY(ID, spelling) spelling,
#include "runtime/value/ops.def"
#undef OP
#undef UNARY
	};

	return op < OP_NOPS ? SPELLINGS[op] : "?";
}

#endif
