/* What the operators and built-in functions of the language do to values.  The bytecode
 * interpreter and the constant folder both call these, so they cannot disagree.
 *
 * Evaluation is total: overflow, division by zero, a bad index, a missing key or
 * ordering over NaN return -1 with err saying so (kind ERR_EVAL, no place: the caller
 * knows it). */
#ifndef KFPC_VALUE_OPS_H
#define KFPC_VALUE_OPS_H

#include "runtime/value/value.h"

enum op {	/* OP(ID, spelling) */
#define OP(ID, spelling) OP_##ID,
#define UNARY(ID, spelling) OP_##ID,
#include "runtime/value/ops.def"
#undef OP
#undef UNARY
	OP_NOPS
};

enum builtin {
#define BUILTIN(ID, name, min, max, doc) BUILTIN_##ID,
#include "runtime/value/builtin.def"
#undef BUILTIN
	BUILTIN_N
};

const char *op_spelling(enum op op);
/* The built-in with this name ("len", or "str.upper" for a method); BUILTIN_N if none. */
enum builtin builtin_find(struct str name);
const char *builtin_name(enum builtin b);
/* Least and most arguments, the receiver of a method counted. */
void builtin_arity(enum builtin b, unsigned *min, unsigned *max);

int op_unary(enum op op, struct value x, struct value *out, struct err *err);
int op_binary(enum op op, struct value x, struct value y, struct arena *a, struct value *out,
	      struct err *err);
/* x[i]: list and str by int (negative from the end), dict by str. */
int op_index(struct value x, struct value i, struct arena *a, struct value *out, struct err *err);
/* x.name of a struct, of a series (last, min, max), of an artifact (uri, name). */
int op_field(struct value x, struct str name, struct arena *a, struct value *out, struct err *err);
/* The text of v under a format spec of an f-string ("", ".2f", ",", "d", "e", "g",
 * "%"). */
int op_format(struct value v, struct str spec, struct buf *out, struct err *err);
/* True if spec is one of the supported formats for a value of type t; else the message.
 */
int op_format_check(struct str spec, const struct type *t, struct err *err);
/* What literals make.  A list of the n values; a dict of n pairs (key, value, ...), where
 * the last of equal keys wins, as in Python; the n strs as one. */
int op_list(const struct value *x, size_t n, struct arena *a, struct value *out,
	    struct err *err);
int op_dict(const struct value *x, size_t n, struct arena *a, struct value *out,
	    struct err *err);
int op_join(const struct value *x, size_t n, struct arena *a, struct value *out,
	    struct err *err);
/* The text of v under a format, as a value. */
int op_format_value(struct value v, struct str spec, struct arena *a, struct value *out,
		    struct err *err);
int op_builtin(enum builtin b, const struct value *args, unsigned n, struct arena *a,
	       struct value *out, struct err *err);

#endif
