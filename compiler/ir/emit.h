/* Bytecode from trees. */
#ifndef KFPC_IR_EMIT_H
#define KFPC_IR_EMIT_H

#include "compiler/ir/builder.h"

/* The code of the tree, in the module's arena; its constants go to the builder's pool. */
struct code emit_code(struct builder *b, const struct expr *tree);

#endif
