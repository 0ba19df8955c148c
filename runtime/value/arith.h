/* Arithmetic and order, as Python has them; what ops.c and builtin.c are made of. */
#ifndef KFPC_VALUE_ARITH_H
#define KFPC_VALUE_ARITH_H

#include "runtime/base/limits.h"
#include "runtime/value/ops.h"

enum { LIST_MAX = LIMIT_STR_BYTES / (int)sizeof(struct value) };

static inline bool value_is_number(struct value v)
{
	return v.kind == VALUE_INT || v.kind == VALUE_FLOAT;
}

static inline double value_number(struct value v)
{
	return v.kind == VALUE_INT ? (double)v.i : v.f;
}

/* ADD to POW of two numbers. */
int arith_binary(enum op op, struct value x, struct value y, struct value *out,
		 struct err *err);

/* round(x, digits); digits may be negative.  An int stays an int. */
int arith_round(struct value x, int64_t digits, struct value *out, struct err *err);
/* A float as an int, without its fraction. */
int arith_truncate(double f, struct value *out, struct err *err);

/* -1, 0 or 1 in *order.  Numbers (exactly, int against float too), strs by characters,
 * lists element by element; anything else and NaN are errors. */
int value_order(struct value x, struct value y, int *order, struct err *err);

/* What is wrong, when an operation meets a value it has no meaning for. */
const char *value_kind_name(enum value_kind k);

/* Is v small enough to be walked: at most LIMIT_STR_BYTES of elements and text? */
int value_check_weight(struct value v, struct err *err);

#endif
