/* What the built-in functions share; private to builtin*.c. */
#ifndef KFPC_VALUE_BUILTIN_INT_H
#define KFPC_VALUE_BUILTIN_INT_H

#include "runtime/value/ops.h"

/* One call: what a function has to work with. */
struct call {
	enum builtin f;
	const struct value *args;
	unsigned n;
	struct arena *a;
	struct err *err;
};

/* v is of a kind that the function does not take; always returns -1. */
int builtin_fail_kind(struct call *c, struct value v);
/* Is argument i of that kind?  If not, err says so. */
bool builtin_is(struct call *c, unsigned i, enum value_kind k);
/* The contents of b as a value; b is released. */
int builtin_take_buf(struct call *c, struct buf *b, struct value *out);

/* Methods of str, of list and dict. */
int builtin_text(struct call *c, struct value *out);
int builtin_list(struct call *c, struct value *out);

#endif
