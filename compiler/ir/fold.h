/* Trees computed at compile time, by the same functions that the VM calls. */
#ifndef KFPC_IR_FOLD_H
#define KFPC_IR_FOLD_H

#include "compiler/ir/builder.h"

/* Computes the tree; inputs[e->input] is the value of an INPUT, and without inputs
 * meeting one fails.  -1 with err (no place) and, if at is not NULL, the node that
 * failed. */
int fold_eval(const struct expr *e, const struct value *inputs, struct arena *a,
	      struct value *out, const struct expr **at, struct err *err);

/* Folds a tree whose INPUTs count b->inputs into a copy whose INPUTs count `inputs`,
 * which grows by what the copy still needs, each input once. */
struct fold {
	struct builder *b;
	VEC(struct input) inputs;
};

struct expr *fold_tree(struct fold *f, struct expr *e);

#endif
