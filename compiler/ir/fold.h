/* Trees computed at compile time, as far as they are constant. */
#ifndef KFPC_IR_FOLD_H
#define KFPC_IR_FOLD_H

#include "compiler/ir/builder.h"

/* The value of a tree without inputs, in the module's arena.  -1 with err (no place) and,
 * if at is not NULL, the node that failed. */
int fold_eval(struct builder *b, const struct expr *e, struct value *out,
	      const struct expr **at, struct err *err);

/* What a local of the builder is in the copy: a slot, or something simple that stands in
 * its place. */
struct fold_local {
	uint32_t local, slot;
	const struct expr *known;	/* CONST, INPUT or LOCAL of the copy; NULL: the slot */
};

/* Folds a tree whose INPUTs count b->inputs into a copy whose INPUTs count `inputs`,
 * which grows by what the copy still needs, each input once. */
struct fold {
	struct builder *b;
	VEC(struct input) inputs;
	VEC(struct fold_local) locals;	/* in scope */
	uint32_t nslots;		/* in use by them */
	/* What was read since these were last cleared. */
	bool read_input;
	uint32_t lowest;		/* slot; UINT32_MAX: none */
};

struct expr *fold_tree(struct fold *f, struct expr *e);
void fold_release(struct fold *f);

#endif
