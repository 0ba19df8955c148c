/* Why a condition does not hold: the part of it that fails, and the values of what that
 * part looks at.
 *
 *	c > 0 does not hold: c is -1.0
 *	len(xs) <= n does not hold: len(xs) is 3, n is 2 */
#ifndef KFPC_BC_EXPLAIN_H
#define KFPC_BC_EXPLAIN_H

#include "runtime/bc/tree.h"

/* What the inputs of the condition's site are called; all but the site may be NULL. */
struct explain_names {
	const struct site *site;
	const struct module_param *params;
	const struct module_output *outputs;
	const struct module_pipeline *pipeline;
};

/* The part of cond that is False, or that cannot be computed: an operand of `and`, the
 * arm of a conditional that is taken, the right side of `x == None or ...` that guards an
 * option. */
const struct expr *explain_part(struct tree_eval *ev, const struct expr *cond);

/* Appends "c is -1.0, n is 3": what the part looks at, shortened. */
void explain_values(struct tree_eval *ev, const struct expr *part,
		    const struct explain_names *names, struct buf *out);

/* The same for the part of s, a condition that does not hold, that is to blame; inputs[i]
 * is the value of s->inputs[i].  What to say for ASSERT nodes. */
void explain_condition(const struct module *m, const struct site *s,
		       const struct value *inputs, const struct explain_names *names,
		       struct buf *out);

/* Appends "'lo' is 3, 'hi' is 1, which breaks 'lo < hi'", of a constraint that does not
 * hold; nothing if it looks at nothing. */
void explain_broken(const struct module *m, const struct site *s,
		    const struct value *inputs, const struct explain_names *names,
		    struct buf *out);

/* For tree_eval.explain: what to say of an ASSERT expression that fails.  ctx is the
 * struct explain_names of the tree, NULL if it needs none. */
void explain_assertion(struct tree_eval *ev, const struct expr *assertion,
		       struct buf *out);

/* The bytecode of s failed with an assertion, which err says without values: says it
 * again, with them.  Always returns -1. */
int explain_failure(const struct module *m, const struct site *s,
		    const struct value *inputs, struct err *err);

#endif
