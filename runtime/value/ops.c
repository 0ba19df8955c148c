#include <config.h>

#include "runtime/value/ops.h"

#include "runtime/base/utf8.h"
#include "runtime/value/arith.h"

const char *op_spelling(enum op op)
{
	static const char *const spellings[] = {
#define OP(ID, spelling) [OP_##ID] = spelling,
#define UNARY(ID, spelling) [OP_##ID] = spelling,
#include "runtime/value/ops.def"
#undef OP
#undef UNARY
	};

	return spellings[op];
}

static int fail_kinds(enum op op, struct value x, struct value y, struct err *err)
{
	return err_setk(err, ERR_EVAL, "%s has no meaning for %s and %s", op_spelling(op),
			value_kind_name(x.kind), value_kind_name(y.kind));
}

int op_unary(enum op op, struct value x, struct value *out, struct err *err)
{
	if (op == OP_NOT && x.kind == VALUE_BOOL)
		*out = value_bool(!x.b);
	else if (op == OP_POS && value_is_number(x))
		*out = x;
	else if (op == OP_NEG && x.kind == VALUE_FLOAT)
		*out = value_float(-x.f);
	else if (op == OP_NEG && x.kind == VALUE_INT)
		return arith_binary(OP_SUB, value_int(0), x, out, err);
	else
		return err_setk(err, ERR_EVAL, "%s has no meaning for %s",
				op_spelling(op), value_kind_name(x.kind));
	return 0;
}

static int fail_long(struct err *err)
{
	return err_setk(err, ERR_EVAL, "the result would be longer than %d bytes",
			LIMIT_STR_BYTES);
}

static int concat_strs(struct str x, struct str y, struct arena *a, struct value *out,
		       struct err *err)
{
	char *p;
	struct str *s;

	if (x.n + y.n > LIMIT_STR_BYTES)
		return fail_long(err);
	p = arena_alloc(a, x.n + y.n + 1);
	s = ARENA_NEW(a, struct str);
	memcpy(p, x.p, x.n);
	memcpy(p + x.n, y.p, y.n);
	*s = (struct str){p, x.n + y.n};
	*out = (struct value){VALUE_STR, {.s = s}};
	return 0;
}

static void copy_values(struct value *to, const struct value *from, size_t n)
{
	if (n)
		memcpy(to, from, n * sizeof *to);
}

static int concat_lists(const struct value_list *x, const struct value_list *y,
			struct arena *a, struct value *out, struct err *err)
{
	struct value *at;

	if (x->n + y->n > LIST_MAX)
		return err_setk(err, ERR_EVAL, "a list of more than %d elements",
				LIST_MAX);
	*out = value_list(a, x->n + y->n, &at);
	copy_values(at, x->at, x->n);
	copy_values(at + x->n, y->at, y->n);
	return 0;
}

static int repeat(struct value v, int64_t times, struct arena *a, struct value *out,
		  struct err *err)
{
	size_t n = times > 0 ? (size_t)times : 0, total;
	size_t unit = v.kind == VALUE_STR ? v.s->n : v.list->n;
	size_t most = v.kind == VALUE_STR ? (size_t)LIMIT_STR_BYTES : (size_t)LIST_MAX;
	struct value *at;
	struct str *s;
	char *p;

	if (__builtin_mul_overflow(unit, n, &total) || total > most)
		return fail_long(err);
	if (v.kind == VALUE_LIST) {
		*out = value_list(a, total, &at);
		for (size_t i = 0; i < total; i++)
			at[i] = v.list->at[i % unit];
		return 0;
	}
	p = arena_alloc(a, total + 1);
	s = ARENA_NEW(a, struct str);
	for (size_t i = 0; i < total; i += unit)
		memcpy(p + i, v.s->p, unit);
	*s = (struct str){p, total};
	*out = (struct value){VALUE_STR, {.s = s}};
	return 0;
}

static bool is_sequence(struct value v)
{
	return v.kind == VALUE_STR || v.kind == VALUE_LIST;
}

static int arithmetic(enum op op, struct value x, struct value y, struct arena *a,
		      struct value *out, struct err *err)
{
	if (value_is_number(x) && value_is_number(y))
		return arith_binary(op, x, y, out, err);
	if (op == OP_ADD && x.kind == VALUE_STR && y.kind == VALUE_STR)
		return concat_strs(*x.s, *y.s, a, out, err);
	if (op == OP_ADD && x.kind == VALUE_LIST && y.kind == VALUE_LIST)
		return concat_lists(x.list, y.list, a, out, err);
	if (op == OP_MUL && is_sequence(x) && y.kind == VALUE_INT)
		return repeat(x, y.i, a, out, err);
	if (op == OP_MUL && x.kind == VALUE_INT && is_sequence(y))
		return repeat(y, x.i, a, out, err);
	return fail_kinds(op, x, y, err);
}

static int equality(enum op op, struct value x, struct value y, struct value *out,
		    struct err *err)
{
	if (value_check_weight(x, err) < 0 || value_check_weight(y, err) < 0)
		return -1;
	*out = value_bool(value_eq(x, y) == (op == OP_EQ));
	return 0;
}

static int ordering(enum op op, struct value x, struct value y, struct value *out,
		    struct err *err)
{
	int order;

	if (value_check_weight(x, err) < 0 || value_check_weight(y, err) < 0 ||
	    value_order(x, y, &order, err) < 0)
		return -1;
	*out = value_bool(op == OP_LT   ? order < 0
			  : op == OP_LE ? order <= 0
			  : op == OP_GT ? order > 0
					: order >= 0);
	return 0;
}

static int membership(enum op op, struct value x, struct value y, struct value *out,
		      struct err *err)
{
	bool found = false;

	if (value_check_weight(x, err) < 0 || value_check_weight(y, err) < 0)
		return -1;
	if (y.kind == VALUE_LIST)
		for (size_t i = 0; i < y.list->n && !found; i++)
			found = value_eq(x, y.list->at[i]);
	else if (y.kind == VALUE_STR && x.kind == VALUE_STR)
		found = !x.s->n || str_find(*y.s, *x.s, 0) < y.s->n;
	else if (y.kind == VALUE_DICT && x.kind == VALUE_STR)
		found = value_get(y, *x.s) != NULL;
	else
		return fail_kinds(op, x, y, err);
	*out = value_bool(found == (op == OP_IN));
	return 0;
}

int op_binary(enum op op, struct value x, struct value y, struct arena *a,
	      struct value *out,
	      struct err *err)
{
	switch (op) {
	case OP_ADD:
	case OP_SUB:
	case OP_MUL:
	case OP_DIV:
	case OP_FLOORDIV:
	case OP_MOD:
	case OP_POW:
		return arithmetic(op, x, y, a, out, err);
	case OP_EQ:
	case OP_NE:
		return equality(op, x, y, out, err);
	case OP_LT:
	case OP_LE:
	case OP_GT:
	case OP_GE:
		return ordering(op, x, y, out, err);
	case OP_IN:
	case OP_NOT_IN:
		return membership(op, x, y, out, err);
	case OP_NEG:
	case OP_POS:
	case OP_NOT:
	case OP_NOPS:
		break;
	}
	BUG("operator %d has not two operands", (int)op);
}

static int fail_index(int64_t i, size_t n, const char *what, struct err *err)
{
	return err_setk(err, ERR_EVAL, "index %lld is outside a %s of length %zu",
			(long long)i, what, n);
}

/* i counted from the end where negative; false where it is outside n elements. */
static bool place(int64_t i, size_t n, size_t *at)
{
	if (i < 0)
		i += (int64_t)n;
	*at = (size_t)i;
	return i >= 0 && (size_t)i < n;
}

static int index_str(struct str s, int64_t i, struct arena *a, struct value *out,
		     struct err *err)
{
	size_t n = utf8_count(s), at, length = 0, from = 0;

	if (!place(i, n, &at))
		return fail_index(i, n, "str", err);
	for (size_t k = 0; k <= at; k++) {
		from += length;
		length = utf8_length(str_sub(s, from, s.n));
		length = length ? length : 1;
	}
	*out = value_str(a, str_sub(s, from, from + length));
	return 0;
}

/* A name from outside, made fit for a message. */
static int fail_name(struct err *err, const char *fmt, struct str name)
{
	struct buf b = {0};

	buf_add_printable(&b, str_sub(name, 0, 100), false);
	err_setk(err, ERR_EVAL, "%s '%.*s'", fmt, STR_ARG(buf_str(&b)));
	buf_release(&b);
	return -1;
}

int op_index(struct value x, struct value i, struct arena *a, struct value *out,
	     struct err *err)
{
	const struct value *found;
	size_t at;

	if (x.kind == VALUE_LIST && i.kind == VALUE_INT) {
		if (!place(i.i, x.list->n, &at))
			return fail_index(i.i, x.list->n, "list", err);
		*out = x.list->at[at];
		return 0;
	}
	if (x.kind == VALUE_STR && i.kind == VALUE_INT)
		return index_str(*x.s, i.i, a, out, err);
	if (x.kind == VALUE_DICT && i.kind == VALUE_STR) {
		found = value_get(x, *i.s);
		if (!found)
			return fail_name(err, "no key", *i.s);
		*out = *found;
		return 0;
	}
	return err_setk(err, ERR_EVAL, "%s cannot be indexed with %s",
			value_kind_name(x.kind), value_kind_name(i.kind));
}

static bool series_field(const struct series *s, struct str name, struct value *out)
{
	if (str_is(name, "last"))
		*out = value_float(s->last);
	else if (str_is(name, "min"))
		*out = value_float(s->min);
	else if (str_is(name, "max"))
		*out = value_float(s->max);
	else
		return false;
	return true;
}

static bool artifact_field(const struct artifact *f, struct str name, struct arena *a,
			   struct value *out)
{
	if (str_is(name, "uri"))
		*out = value_str(a, f->uri);
	else if (str_is(name, "name"))
		*out = value_str(a, f->name);
	else
		return false;
	return true;
}

int op_field(struct value x, struct str name, struct arena *a, struct value *out,
	     struct err *err)
{
	const struct value *found = value_get(x, name);

	if (x.kind == VALUE_SERIES && series_field(x.series, name, out))
		return 0;
	if (x.kind == VALUE_ARTIFACT && artifact_field(x.artifact, name, a, out))
		return 0;
	if (!found)
		return fail_name(err,
				 x.kind == VALUE_NONE ? "None has no field" : "no field",
				 name);
	*out = *found;
	return 0;
}

int op_list(const struct value *x, size_t n, struct arena *a, struct value *out,
	    struct err *err)
{
	struct value *at;

	if (n > LIST_MAX)
		return err_setk(err, ERR_EVAL, "a list of more than %d elements",
				LIST_MAX);
	*out = value_list(a, n, &at);
	copy_values(at, x, n);
	return 0;
}

/* Gathers the pairs of x in at, each key once; how many, or -1 at a key that is no
 * str. */
static long gather(const struct value *x, size_t n, struct map *seen,
		   struct value_pair *at)
{
	long k = 0;

	for (size_t i = 0; i < n; i++) {
		struct value_pair *pair;

		if (x[2 * i].kind != VALUE_STR)
			return -1;
		pair = map_get(seen, *x[2 * i].s);
		if (!pair) {
			pair = &at[k++];
			pair->key = *x[2 * i].s;
			map_set(seen, pair->key, pair);
		}
		pair->value = x[2 * i + 1];
	}
	return k;
}

int op_dict(const struct value *x, size_t n, struct arena *a, struct value *out,
	    struct err *err)
{
	struct value_pair *at, *gathered;
	struct map seen = {0};
	long k;

	if (n > LIST_MAX / 2)
		return err_setk(err, ERR_EVAL, "a dict of more than %d keys",
				LIST_MAX / 2);
	gathered = ARENA_ARRAY(a, n, struct value_pair);
	k = gather(x, n, &seen, gathered);
	map_release(&seen);
	if (k < 0)
		return err_setk(err, ERR_EVAL, "a key of a dict must be a str");
	*out = value_dict(a, (size_t)k, &at);
	if (k)
		memcpy(at, gathered, (size_t)k * sizeof *at);
	return 0;
}

int op_join(const struct value *x, size_t n, struct arena *a, struct value *out,
	    struct err *err)
{
	size_t total = 0;
	struct str *s;
	char *p;

	for (size_t i = 0; i < n; i++) {
		if (x[i].kind != VALUE_STR)
			return err_setk(err, ERR_EVAL, "%s cannot be joined into a str",
					value_kind_name(x[i].kind));
		total += x[i].s->n;
		if (total > LIMIT_STR_BYTES)
			return fail_long(err);
	}
	p = arena_alloc(a, total + 1);
	s = ARENA_NEW(a, struct str);
	*s = (struct str){p, total};
	for (size_t i = 0; i < n; p += x[i++].s->n)
		memcpy(p, x[i].s->p, x[i].s->n);
	*out = (struct value){VALUE_STR, {.s = s}};
	return 0;
}
