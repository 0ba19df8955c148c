/* Evaluation of expression trees, by the same functions that the interpreter calls.
 *
 * The compiler computes constants with it, and whoever has to say why a condition does
 * not hold computes the parts of it.  Slower than the bytecode, which it must agree with.
 * Total: it ends after a bounded number of steps, with a bounded use of memory, and goes
 * down a bounded number of levels.
 *
 *	struct tree_eval ev = {.m = m, .inputs = values, .a = &a, .steps = &steps};
 *	if (tree_eval(&ev, site->tree, &v, &err) < 0) ... ev.at ... */
#ifndef KFPC_BC_TREE_H
#define KFPC_BC_TREE_H

#include "runtime/bc/module.h"

/* What a let or a comprehension binds, innermost first. */
struct tree_local {
	uint32_t slot;
	struct value value;
	const struct tree_local *next;
};

struct tree_eval {
	const struct module *m;		/* its defs are called */
	const struct value *inputs;	/* by EXPR_INPUT.input; NULL: meeting one fails */
	const struct tree_local *locals;
	struct arena *a;		/* of what is made */
	uint64_t *steps;		/* left; what is done is taken off */
	const struct expr *at;		/* afterwards: what failed, in the tree itself */
	/* An ASSERT that fails is explained by whoever set this; may be NULL: then its
	 * message alone is said.  Appends to out. */
	void (*explain)(struct tree_eval *ev, const struct expr *assertion,
			struct buf *out);
	const void *ctx;		/* for explain */
	/* Private. */
	const struct module_def *def;	/* whose body is being evaluated; NULL: none */
	unsigned depth;
	size_t bytes_max;
};

/* The value of the tree, or -1 with err (ERR_EVAL), without a place but for "(in 'f' at
 * x.kfp:3:4)" where a def that was called failed. */
int tree_eval(struct tree_eval *ev, const struct expr *e, struct value *out,
	      struct err *err);

/* What an operation that goes through these values costs in steps: about the number of
 * elements that it looks at; no more than limit. */
uint64_t eval_cost(const struct value *x, size_t n, uint64_t limit);
/* The same for x[i]. */
uint64_t eval_cost_index(struct value x);

#endif
