/* Bytecode from trees. */
#ifndef KFPC_IR_EMIT_H
#define KFPC_IR_EMIT_H

#include "compiler/ir/builder.h"

/* The code of the tree, in the module's arena; its constants go to the builder's pool. */
struct code emit_code(struct builder *b, const struct expr *tree);

/* The number of v in the builder's pool; equal constants have one number. */
uint32_t emit_const(struct builder *b, struct value v);

#endif
