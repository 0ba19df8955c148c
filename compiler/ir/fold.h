/* Trees computed at compile time, as far as they are constant. */
#ifndef KFPC_IR_FOLD_H
#define KFPC_IR_FOLD_H

#include "compiler/ir/builder.h"

/* The value of a tree without inputs, in the module's arena.  -1 with err (no place). */
int fold_eval(struct builder *b, const struct expr *e, struct value *out, struct err *err);

/* What a local of the builder is in the copy: a slot, or something simple that stands in
 * its place. */
struct fold_local {
	uint32_t local, slot;
	const struct expr *known;	/* CONST, INPUT or LOCAL of the copy; NULL: the slot */
};

/* input of an INPUT that no site has yet: the first that reads it takes it, others get
 * copies. */
enum { INPUT_FREE = UINT32_MAX };

/* Folds a tree whose INPUTs count b->inputs into one whose INPUTs count b->kept, which
 * grows by what that still needs, each input once.  Nodes with arguments are copied. */
struct fold {
	struct builder *b;
	VEC(struct fold_local) locals;	/* in scope */
	uint32_t nslots;		/* in use by them */
	/* What was read since these were last cleared. */
	bool read_input;
	uint32_t lowest;		/* slot; UINT32_MAX: none */
};

/* Adds one more input to those of the site that is being made. */
void fold_keep(struct builder *b, struct input in);
struct expr *fold_tree(struct fold *f, struct expr *e);
void fold_release(struct fold *f);

#endif
