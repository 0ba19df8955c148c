/* Built-in functions and methods. */
#include <config.h>

#include <math.h>

#include "runtime/value/builtin_int.h"

#include "runtime/base/utf8.h"
#include "runtime/value/arith.h"
#include "runtime/value/number.h"

static const struct {
	const char *name;
	size_t length;		/* of the name: most lookups end at it */
	unsigned least, most;
} builtins[] = {
#define BUILTIN(ID, name, least, most, doc) \
	[BUILTIN_##ID] = {name, sizeof(name) - 1, least, most},
#include "runtime/value/builtin.def"
#undef BUILTIN
};

enum builtin builtin_find(struct str name)
{
	for (unsigned i = 0; i < BUILTIN_N; i++)
		if (name.n == builtins[i].length &&
		    !memcmp(name.p, builtins[i].name, name.n))
			return (enum builtin)i;
	return BUILTIN_N;
}

const char *builtin_name(enum builtin b)
{
	return builtins[b].name;
}

void builtin_arity(enum builtin b, unsigned *min, unsigned *max)
{
	*min = builtins[b].least;
	*max = builtins[b].most;
}

int builtin_fail_kind(struct call *c, struct value v)
{
	return err_setk(c->err, ERR_EVAL, "%s() has no meaning for %s",
			builtin_name(c->f), value_kind_name(v.kind));
}

int builtin_take_buf(struct call *c, struct buf *b, struct value *out)
{
	bool fits = b->n <= LIMIT_STR_BYTES;

	if (fits)
		*out = value_str(c->a, buf_str(b));
	buf_release(b);
	return fits ? 0
		    : err_setk(c->err, ERR_EVAL,
			       "the result would be longer than %d bytes",
			       LIMIT_STR_BYTES);
}

static int fail_empty(struct call *c)
{
	return err_setk(c->err, ERR_EVAL, "%s() of an empty list", builtin_name(c->f));
}

bool builtin_is(struct call *c, unsigned i, enum value_kind k)
{
	if (c->args[i].kind == k)
		return true;
	builtin_fail_kind(c, c->args[i]);
	return false;
}

static int do_len(struct call *c, struct value *out)
{
	struct value v = c->args[0];

	if (v.kind == VALUE_STR)
		*out = value_int((int64_t)utf8_count(*v.s));
	else if (v.kind == VALUE_LIST)
		*out = value_int((int64_t)v.list->n);
	else if (v.kind == VALUE_DICT)
		*out = value_int((int64_t)v.dict->n);
	else
		return builtin_fail_kind(c, v);
	return 0;
}

static int do_range(struct call *c, struct value *out)
{
	int64_t lo = 0, hi, step = 1;
	uint64_t n = 0, distance, stride;
	struct value *at;

	for (unsigned i = 0; i < c->n; i++)
		if (!builtin_is(c, i, VALUE_INT))
			return -1;
	hi = c->args[c->n > 1].i;
	if (c->n > 1)
		lo = c->args[0].i;
	if (c->n > 2)
		step = c->args[2].i;
	if (!step)
		return err_setk(c->err, ERR_EVAL, "range() with a step of zero");
	if (step > 0 ? lo < hi : lo > hi) {
		distance = (uint64_t)hi - (uint64_t)lo;
		distance = step > 0 ? distance : -distance;
		stride = step > 0 ? (uint64_t)step : -(uint64_t)step;
		n = (distance - 1) / stride + 1;
	}
	if (n > LIST_MAX)
		return err_setk(c->err, ERR_EVAL, "range() of more than %d elements",
				LIST_MAX);
	*out = value_list(c->a, n, &at);
	for (uint64_t i = 0; i < n; i++)
		at[i] = value_int((int64_t)((uint64_t)lo + i * (uint64_t)step));
	return 0;
}

/* The place of the smallest (sign -1) or largest (1) of n > 0 values, the first of
 * equals. */
static int extreme(struct call *c, const struct value *at, size_t n, int sign,
		   size_t *best)
{
	int order;

	*best = 0;
	for (size_t i = 0; i < n; i++) {
		if (value_check_weight(at[i], c->err) < 0 ||
		    value_order(at[i], at[*best], &order, c->err) < 0)
			return -1;
		if (order == sign)
			*best = i;
	}
	return 0;
}

static int do_extreme(struct call *c, int sign, struct value *out)
{
	const struct value *at = c->args;
	size_t n = c->n, best;
	bool is_float = false;

	if (n == 1) {
		if (!builtin_is(c, 0, VALUE_LIST))
			return -1;
		at = c->args[0].list->at;
		n = c->args[0].list->n;
	}
	if (!n)
		return fail_empty(c);
	if (extreme(c, at, n, sign, &best) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		is_float |= at[i].kind == VALUE_FLOAT;
	*out = at[best];
	if (is_float && out->kind == VALUE_INT)
		*out = value_float((double)out->i);
	return 0;
}

static int do_arg_extreme(struct call *c, int sign, struct value *out)
{
	size_t best;

	if (!builtin_is(c, 0, VALUE_LIST))
		return -1;
	if (!c->args[0].list->n)
		return fail_empty(c);
	if (extreme(c, c->args[0].list->at, c->args[0].list->n, sign, &best) < 0)
		return -1;
	*out = value_int((int64_t)best);
	return 0;
}

/* Floats are added with Neumaier's compensation, as Python does since 3.12, so that
 * the order of small and large terms hardly matters. */
static int do_sum(struct call *c, struct value *out)
{
	const struct value_list *l;
	double sum = 0, lost = 0;
	bool is_float = false;
	__int128 n = 0;		/* only the whole has to fit, wherever it passes by */

	if (!builtin_is(c, 0, VALUE_LIST))
		return -1;
	l = c->args[0].list;
	for (size_t i = 0; i < l->n; i++) {
		struct value v = l->at[i];
		double f, next;

		if (!value_is_number(v))
			return builtin_fail_kind(c, v);
		is_float |= v.kind == VALUE_FLOAT;
		if (v.kind == VALUE_INT)
			n += v.i;
		f = value_number(v);
		next = sum + f;
		lost += fabs(sum) >= fabs(f) ? (sum - next) + f : (f - next) + sum;
		sum = next;
	}
	if (is_float)
		*out = value_float(isfinite(lost) ? sum + lost : sum);
	else if (n > INT64_MAX || n < INT64_MIN)
		return err_setk(c->err, ERR_EVAL,
				"integer overflow: the sum does not fit 64 bits");
	else
		*out = value_int((int64_t)n);
	return 0;
}

static int do_abs(struct call *c, struct value *out)
{
	struct value v = c->args[0];

	if (v.kind == VALUE_FLOAT)
		*out = value_float(fabs(v.f));
	else if (v.kind == VALUE_INT && v.i < 0)
		return op_unary(OP_NEG, v, out, c->err);
	else if (v.kind == VALUE_INT)
		*out = v;
	else
		return builtin_fail_kind(c, v);
	return 0;
}

static int do_round(struct call *c, struct value *out)
{
	struct value v = c->args[0];

	if (!value_is_number(v))
		return builtin_fail_kind(c, v);
	if (c->n == 2)
		return builtin_is(c, 1, VALUE_INT)
			       ? arith_round(v, c->args[1].i, out, c->err)
			       : -1;
	if (v.kind == VALUE_FLOAT)
		return arith_truncate(rint(v.f), out, c->err);
	*out = v;
	return 0;
}

/* A stable merge of at[0, half) and at[half, n) by way of spare; downwards where sign is
 * -1. */
static int merge(struct value *at, size_t half, size_t n, struct value *spare, int sign,
		 struct err *err)
{
	size_t i = 0, k = half, to = 0;
	int order;

	memcpy(spare, at, half * sizeof *at);
	while (i < half && k < n) {
		if (value_order(spare[i], at[k], &order, err) < 0)
			return -1;
		at[to++] = order * sign <= 0 ? spare[i++] : at[k++];
	}
	memcpy(at + to, spare + i, (half - i) * sizeof *at);
	return 0;
}

static int sort(struct value *at, size_t n, struct value *spare, int sign,
		struct err *err)
{
	size_t half = n / 2;

	if (n < 2)
		return 0;
	if (sort(at, half, spare, sign, err) < 0 ||
	    sort(at + half, n - half, spare, sign, err) < 0)
		return -1;
	return merge(at, half, n, spare, sign, err);
}

static int do_sorted(struct call *c, struct value *out)
{
	const struct value_list *l;
	struct value *at, *spare;
	int unused;

	if (!builtin_is(c, 0, VALUE_LIST) || value_check_weight(c->args[0], c->err) < 0)
		return -1;
	if (c->n == 2 && !builtin_is(c, 1, VALUE_BOOL))
		return -1;
	l = c->args[0].list;
	for (size_t i = 0; i < l->n; i++)	/* one NaN alone has no order either */
		if (value_order(l->at[i], l->at[i], &unused, c->err) < 0)
			return -1;
	*out = value_list(c->a, l->n, &at);
	spare = ARENA_ARRAY(c->a, l->n / 2, struct value);
	if (l->n)
		memcpy(at, l->at, l->n * sizeof *at);
	return sort(at, l->n, spare, c->n == 2 && c->args[1].b ? -1 : 1, c->err);
}

static int do_any_all(struct call *c, struct value *out)
{
	bool wanted = c->f == BUILTIN_ANY, found = false;

	if (!builtin_is(c, 0, VALUE_LIST))
		return -1;
	for (size_t i = 0; i < c->args[0].list->n; i++) {
		struct value v = c->args[0].list->at[i];

		if (v.kind != VALUE_BOOL)
			return builtin_fail_kind(c, v);
		found |= v.b == wanted;
	}
	*out = value_bool(found == wanted);
	return 0;
}

static int fail_parse(struct call *c, struct str s)
{
	struct buf b = {0};

	buf_add_printable(&b, str_sub(s, 0, 60), false);
	err_setk(c->err, ERR_EVAL, "%s() cannot read '%.*s'", builtin_name(c->f),
		 STR_ARG(buf_str(&b)));
	buf_release(&b);
	return -1;
}

static int do_int(struct call *c, struct value *out)
{
	struct value v = c->args[0];
	int64_t i;

	switch (v.kind) {
	case VALUE_INT:
		*out = v;
		return 0;
	case VALUE_BOOL:
		*out = value_int(v.b);
		return 0;
	case VALUE_FLOAT:
		return arith_truncate(v.f, out, c->err);
	case VALUE_STR:
		if (!number_int(*v.s, &i))
			return fail_parse(c, *v.s);
		*out = value_int(i);
		return 0;
	default:
		return builtin_fail_kind(c, v);
	}
}

static int do_float(struct call *c, struct value *out)
{
	struct value v = c->args[0];
	double f;

	switch (v.kind) {
	case VALUE_FLOAT:
		*out = v;
		return 0;
	case VALUE_INT:
		*out = value_float((double)v.i);
		return 0;
	case VALUE_BOOL:
		*out = value_float(v.b);
		return 0;
	case VALUE_STR:
		if (!number_float(*v.s, &f))
			return fail_parse(c, *v.s);
		*out = value_float(f);
		return 0;
	default:
		return builtin_fail_kind(c, v);
	}
}

static int do_str(struct call *c, struct value *out)
{
	struct buf b = {0};

	if (value_check_weight(c->args[0], c->err) < 0)
		return -1;
	value_print(c->args[0], &b);
	return builtin_take_buf(c, &b, out);
}

static int do_bool(struct call *c, struct value *out)
{
	struct value v = c->args[0];

	switch (v.kind) {
	case VALUE_NONE:
		*out = value_bool(false);
		return 0;
	case VALUE_BOOL:
		*out = v;
		return 0;
	case VALUE_INT:
		*out = value_bool(v.i != 0);
		return 0;
	case VALUE_FLOAT:
		*out = value_bool(v.f != 0.0);
		return 0;
	case VALUE_STR:
		*out = value_bool(v.s->n > 0);
		return 0;
	case VALUE_LIST:
		*out = value_bool(v.list->n > 0);
		return 0;
	case VALUE_DICT:
		*out = value_bool(v.dict->n > 0);
		return 0;
	case VALUE_ARTIFACT:
	case VALUE_SERIES:
		break;
	}
	return builtin_fail_kind(c, v);
}

static bool too_deep(struct value v, unsigned depth)
{
	if (depth > LIMIT_NESTING)
		return true;
	if (v.kind == VALUE_LIST)
		for (size_t i = 0; i < v.list->n; i++)
			if (too_deep(v.list->at[i], depth + 1))
				return true;
	if (v.kind == VALUE_DICT)
		for (size_t i = 0; i < v.dict->n; i++)
			if (too_deep(v.dict->at[i].value, depth + 1))
				return true;
	return false;
}

static int do_json(struct call *c, struct value *out)
{
	static const struct type json = {.kind = TYPE_JSON};

	if (value_check_weight(c->args[0], c->err) < 0)
		return -1;
	if (too_deep(c->args[0], 1))
		return err_setk(c->err, ERR_EVAL, "json() of more than %d levels",
				LIMIT_NESTING);
	if (!value_has_type(c->args[0], &json))
		return builtin_fail_kind(c, c->args[0]);
	*out = c->args[0];
	return 0;
}

static int dispatch(struct call *c, struct value *out)
{
	switch (c->f) {
	case BUILTIN_LEN:
		return do_len(c, out);
	case BUILTIN_RANGE:
		return do_range(c, out);
	case BUILTIN_MIN:
		return do_extreme(c, -1, out);
	case BUILTIN_MAX:
		return do_extreme(c, 1, out);
	case BUILTIN_SUM:
		return do_sum(c, out);
	case BUILTIN_ABS:
		return do_abs(c, out);
	case BUILTIN_ROUND:
		return do_round(c, out);
	case BUILTIN_SORTED:
		return do_sorted(c, out);
	case BUILTIN_ANY:
	case BUILTIN_ALL:
		return do_any_all(c, out);
	case BUILTIN_ARGMAX:
		return do_arg_extreme(c, 1, out);
	case BUILTIN_ARGMIN:
		return do_arg_extreme(c, -1, out);
	case BUILTIN_INT:
		return do_int(c, out);
	case BUILTIN_FLOAT:
		return do_float(c, out);
	case BUILTIN_STR:
		return do_str(c, out);
	case BUILTIN_BOOL:
		return do_bool(c, out);
	case BUILTIN_JSON:
		return do_json(c, out);
	default:
		return str_has_prefix(str_of(builtin_name(c->f)), STR("str."))
			       ? builtin_text(c, out)
			       : builtin_list(c, out);
	}
}

int op_builtin(enum builtin b, const struct value *args, unsigned n, struct arena *a,
	       struct value *out, struct err *err)
{
	struct call c = {b, args, n, a, err};
	struct value v;

	if (n < builtins[b].least || n > builtins[b].most)
		return err_setk(err, ERR_EVAL, "%s() with %u arguments", builtin_name(b),
				n);
	if (dispatch(&c, &v) < 0)
		return -1;
	*out = v;
	return 0;
}
