#include <config.h>

#include "runtime/value/arith.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int fail_overflow(struct err *err)
{
	return err_setk(err, ERR_EVAL,
			"integer overflow: the result does not fit 64 bits");
}

static int fail_zero(struct err *err)
{
	return err_setk(err, ERR_EVAL, "division by zero");
}

static uint64_t magnitude(int64_t i)
{
	return i < 0 ? -(uint64_t)i : (uint64_t)i;
}

static int bits(uint64_t n)
{
	return n ? 64 - __builtin_clzll(n) : 0;
}

/* The double nearest to x / y.  Dividing doubles would round twice beyond 2^53: here
 * the quotient has at least two bits more than a double holds, the lowest also
 * standing for all that follows. */
static double divide_ints(int64_t x, int64_t y)
{
	uint64_t a = magnitude(x), b = magnitude(y);
	int shift = 55 + bits(b) - bits(a);
	unsigned __int128 wide = a;
	uint64_t q;
	double f;

	if (!a)
		return y < 0 ? -0.0 : 0.0;
	if (shift < 0)
		shift = 0;
	wide <<= shift;
	q = (uint64_t)(wide / b) | (wide % b != 0);
	f = ldexp((double)q, -shift);
	return (x < 0) != (y < 0) ? -f : f;
}

static int floor_ints(enum op op, int64_t x, int64_t y, struct value *out,
		      struct err *err)
{
	int64_t q, r;

	if (!y)
		return fail_zero(err);
	if (y == -1) {	/* INT64_MIN / -1 traps */
		if (op == OP_FLOORDIV && x == INT64_MIN)
			return fail_overflow(err);
		*out = value_int(op == OP_MOD ? 0 : -x);
		return 0;
	}
	q = x / y;
	r = x % y;
	if (r && (r < 0) != (y < 0)) {
		q--;
		r += y;
	}
	*out = value_int(op == OP_MOD ? r : q);
	return 0;
}

static int power_ints(int64_t x, int64_t y, struct value *out, struct err *err)
{
	int64_t result = 1;

	if (y < 0)
		return err_setk(err, ERR_EVAL,
				"an int to a negative power: write float(x) ** %lld",
				(long long)y);
	while (y) {
		if (y & 1 && __builtin_mul_overflow(result, x, &result))
			return fail_overflow(err);
		y >>= 1;
		if (y && __builtin_mul_overflow(x, x, &x))
			return fail_overflow(err);
	}
	*out = value_int(result);
	return 0;
}

static int binary_ints(enum op op, int64_t x, int64_t y, struct value *out,
		       struct err *err)
{
	int64_t r = 0;
	bool overflow = false;

	switch (op) {
	case OP_ADD:
		overflow = __builtin_add_overflow(x, y, &r);
		break;
	case OP_SUB:
		overflow = __builtin_sub_overflow(x, y, &r);
		break;
	case OP_MUL:
		overflow = __builtin_mul_overflow(x, y, &r);
		break;
	case OP_DIV:
		if (!y)
			return fail_zero(err);
		*out = value_float(divide_ints(x, y));
		return 0;
	case OP_FLOORDIV:
	case OP_MOD:
		return floor_ints(op, x, y, out, err);
	default:
		return power_ints(x, y, out, err);
	}
	if (overflow)
		return fail_overflow(err);
	*out = value_int(r);
	return 0;
}

/* Quotient and remainder as CPython computes them: the remainder has the sign of y,
 * and the quotient is the integer nearest to (x - remainder) / y. */
static double floor_floats(enum op op, double x, double y)
{
	double mod = fmod(x, y), div = (x - mod) / y, down;

	if (mod != 0.0 && (y < 0) != (mod < 0)) {
		mod += y;
		div -= 1.0;
	} else if (mod == 0.0) {
		mod = copysign(0.0, y);
	}
	if (op == OP_MOD)
		return mod;
	if (div == 0.0)
		return copysign(0.0, x / y);
	down = floor(div);
	return div - down > 0.5 ? down + 1.0 : down;
}

static int power_floats(double x, double y, struct value *out, struct err *err)
{
	double r;

	if (x == 0.0 && y < 0)
		return err_setk(err, ERR_EVAL,
				"division by zero: 0.0 to a negative power");
	if (x < 0 && isfinite(x) && isfinite(y) && y != floor(y))
		return err_setk(err, ERR_EVAL, "a negative number to a fractional power");
	r = pow(x, y);
	if (isinf(r) && isfinite(x) && isfinite(y))
		return err_setk(err, ERR_EVAL,
				"overflow: the result does not fit a float");
	*out = value_float(r);
	return 0;
}

static int binary_floats(enum op op, double x, double y, struct value *out,
			 struct err *err)
{
	switch (op) {
	case OP_ADD:
		*out = value_float(x + y);
		return 0;
	case OP_SUB:
		*out = value_float(x - y);
		return 0;
	case OP_MUL:
		*out = value_float(x * y);
		return 0;
	case OP_POW:
		return power_floats(x, y, out, err);
	default:
		break;
	}
	if (y == 0.0)
		return fail_zero(err);
	*out = value_float(op == OP_DIV ? x / y : floor_floats(op, x, y));
	return 0;
}

int arith_binary(enum op op, struct value x, struct value y, struct value *out,
		 struct err *err)
{
	if (x.kind == VALUE_INT && y.kind == VALUE_INT)
		return binary_ints(op, x.i, y.i, out, err);
	return binary_floats(op, value_number(x), value_number(y), out, err);
}

int arith_truncate(double f, struct value *out, struct err *err)
{
	if (isnan(f))
		return err_setk(err, ERR_EVAL, "NaN has no int value");
	f = trunc(f);
	if (!(f >= -0x1p63 && f < 0x1p63))
		return fail_overflow(err);
	*out = value_int((int64_t)f);
	return 0;
}

/* To tens, hundreds, ...: digits < 0. */
static int round_int(int64_t i, int64_t digits, struct value *out, struct err *err)
{
	__int128 unit = 1, n = i < 0 ? -(__int128)i : i, rest;

	if (digits >= 0 || digits < -20) {
		*out = value_int(digits >= 0 ? i : 0);
		return 0;
	}
	while (digits++)
		unit *= 10;
	rest = n % unit;
	n -= rest;
	if (rest * 2 > unit || (rest * 2 == unit && n / unit % 2))
		n += unit;
	n = i < 0 ? -n : n;
	if (n < INT64_MIN || n > INT64_MAX)
		return fail_overflow(err);
	*out = value_int((int64_t)n);
	return 0;
}

enum { ROUND_DIGITS_MAX = 323 };	/* more change no double */

/* printf rounds the exact binary value half to even, which is what is wanted. */
static double round_decimals(double f, int digits)
{
	char text[ROUND_DIGITS_MAX + 320];

	snprintf(text, sizeof text, "%.*f", digits, f);
	return strtod(text, NULL);
}

/* 10 to the power n, correctly rounded, which pow() does not promise. */
static double power_of_ten(int n)
{
	char text[16];

	snprintf(text, sizeof text, "1e%d", n);
	return strtod(text, NULL);
}

/* To tens, hundreds, ...: digits < 0.  Rounds to as many leading digits as stay. */
static double round_tens(double f, int digits)
{
	char text[ROUND_DIGITS_MAX + 32];
	int exp10, keep;

	snprintf(text, sizeof text, "%.17e", f);
	exp10 = atoi(strchr(text, 'e') + 1);
	keep = exp10 + digits;
	if (keep >= 0) {
		snprintf(text, sizeof text, "%.*e", keep, f);
		return strtod(text, NULL);
	}
	if (keep < -1 || fabs(f) <= 5 * power_of_ten(exp10))
		return copysign(0.0, f);
	return copysign(power_of_ten(exp10 + 1), f);
}

int arith_round(struct value x, int64_t digits, struct value *out, struct err *err)
{
	double f = x.f;

	if (x.kind == VALUE_INT)
		return round_int(x.i, digits, out, err);
	if (isfinite(f) && f != 0.0 && digits <= ROUND_DIGITS_MAX)
		f = digits >= 0	    ? round_decimals(f, (int)digits)
		    : digits < -309 ? copysign(0.0, f)
				    : round_tens(f, (int)digits);
	if (isinf(f) && isfinite(x.f))
		return err_setk(err, ERR_EVAL,
				"overflow: the result does not fit a float");
	*out = value_float(f);
	return 0;
}

const char *value_kind_name(enum value_kind k)
{
	static const char *const names[] = {
		[VALUE_NONE] = "None",	     [VALUE_BOOL] = "bool", [VALUE_INT] = "int",
		[VALUE_FLOAT] = "float",     [VALUE_STR] = "str",   [VALUE_LIST] = "list",
		[VALUE_DICT] = "dict",	     [VALUE_ARTIFACT] = "artifact",
		[VALUE_SERIES] = "Series",
	};

	return names[k];
}

int value_check_weight(struct value v, struct err *err)
{
	if (v.kind != VALUE_LIST && v.kind != VALUE_DICT)
		return 0;
	if (value_weight(v, LIMIT_STR_BYTES) < LIMIT_STR_BYTES)
		return 0;
	return err_setk(err, ERR_EVAL, "a %s of more than %d elements and bytes",
			value_kind_name(v.kind), LIMIT_STR_BYTES);
}

static int order_int_float(int64_t i, double f)
{
	double whole = trunc(f);

	if (f >= 0x1p63)
		return -1;
	if (f < -0x1p63)
		return 1;
	if (i != (int64_t)whole)
		return i < (int64_t)whole ? -1 : 1;
	return (whole > f) - (whole < f);
}

static int order_numbers(struct value x, struct value y, int *order, struct err *err)
{
	if ((x.kind == VALUE_FLOAT && isnan(x.f)) ||
	    (y.kind == VALUE_FLOAT && isnan(y.f)))
		return err_setk(err, ERR_EVAL, "NaN has no order");
	if (x.kind == VALUE_INT && y.kind == VALUE_INT)
		*order = (x.i > y.i) - (x.i < y.i);
	else if (x.kind == VALUE_INT)
		*order = order_int_float(x.i, y.f);
	else if (y.kind == VALUE_INT)
		*order = -order_int_float(y.i, x.f);
	else
		*order = (x.f > y.f) - (x.f < y.f);
	return 0;
}

static int order_lists(const struct value_list *x, const struct value_list *y, int *order,
		       struct err *err)
{
	for (size_t i = 0; i < x->n && i < y->n; i++) {
		if (value_eq(x->at[i], y->at[i]))
			continue;
		return value_order(x->at[i], y->at[i], order, err);
	}
	*order = (x->n > y->n) - (x->n < y->n);
	return 0;
}

int value_order(struct value x, struct value y, int *order, struct err *err)
{
	if (value_is_number(x) && value_is_number(y))
		return order_numbers(x, y, order, err);
	if (x.kind == VALUE_STR && y.kind == VALUE_STR) {
		*order = str_cmp(*x.s, *y.s);
		*order = (*order > 0) - (*order < 0);
		return 0;
	}
	if (x.kind == VALUE_LIST && y.kind == VALUE_LIST)
		return order_lists(x.list, y.list, order, err);
	return err_setk(err, ERR_EVAL, "no order between %s and %s",
			value_kind_name(x.kind), value_kind_name(y.kind));
}
