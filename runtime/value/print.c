/* Values as text. */
#include <config.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/value/json.h"
#include "runtime/value/value.h"

enum {
	DIGITS_MAX = 17, DIGITS_SAFE = 15,
	LONGEST_NUMBER = 8,	/* characters; what is longer is rounded */
};

/* Decimal digits without a point, and the exponent of the first one: 0.00123 is "123",
 * -3. */
struct decimal {
	char digits[DIGITS_MAX + 1];
	int n, exp10;
};

static double decimal_value(const struct decimal *d)
{
	char text[48];

	snprintf(text, sizeof text, "%c.%se%d", d->digits[0], d->digits + 1, d->exp10);
	return strtod(text, NULL);
}

static void decimal_round(double f, int n, struct decimal *d)
{
	char text[48];
	const char *exponent;

	snprintf(text, sizeof text, "%.*e", n - 1, f);
	exponent = strchr(text, 'e');
	d->n = n;
	d->exp10 = atoi(exponent + 1);
	d->digits[0] = text[0];
	if (n > 1)
		memcpy(d->digits + 1, text + 2, (size_t)n - 1);
	d->digits[n] = '\0';
}

/* The next decimal of as many digits, away from zero. */
static void decimal_next(struct decimal *d)
{
	int i = d->n - 1;

	while (i >= 0 && d->digits[i] == '9')
		d->digits[i--] = '0';
	if (i >= 0) {
		d->digits[i]++;
		return;
	}
	d->digits[0] = '1';
	d->exp10++;
}

/* The shortest digits that read back as f > 0, and of those the nearest to f.  15
 * digits always survive the trip through a normal double, so fewer need not be tried:
 * what is shorter shows as zeros at the end.  Below a power of two doubles lie closer
 * together than above, so the rounded decimal may miss where its neighbour reads back. */
static void decimal_shortest(double f, struct decimal *d)
{
	int n = fpclassify(f) == FP_SUBNORMAL ? 1 : DIGITS_SAFE;

	for (; n <= DIGITS_MAX; n++) {
		decimal_round(f, n, d);
		if (decimal_value(d) == f)
			break;
		decimal_next(d);
		if (decimal_value(d) == f)
			break;
	}
	while (d->n > 1 && d->digits[d->n - 1] == '0')
		d->digits[--d->n] = '\0';
}

static void print_fixed(const struct decimal *d, struct buf *out)
{
	int before = d->exp10 + 1;	/* digits before the point */

	if (before <= 0) {
		buf_addz(out, "0.");
		buf_fill(out, '0', (size_t)-before);
		buf_addz(out, d->digits);
		return;
	}
	for (int i = 0; i < before; i++)
		buf_addc(out, i < d->n ? d->digits[i] : '0');
	buf_addc(out, '.');
	buf_addz(out, before < d->n ? d->digits + before : "0");
}

void value_print_float(double f, struct buf *out)
{
	struct decimal d;

	if (isnan(f)) {
		buf_addz(out, "nan");
		return;
	}
	if (signbit(f))
		buf_addc(out, '-');
	f = fabs(f);
	if (isinf(f)) {
		buf_addz(out, "inf");
		return;
	}
	decimal_shortest(f, &d);
	if (f == 0.0 || (d.exp10 >= -4 && d.exp10 < 16)) {
		print_fixed(&d, out);
		return;
	}
	buf_addc(out, d.digits[0]);
	if (d.n > 1)
		buf_addf(out, ".%s", d.digits + 1);
	buf_addf(out, "e%c%02d", d.exp10 < 0 ? '-' : '+', abs(d.exp10));
}

void value_print_short(double f, struct buf *out)
{
	size_t from = out->n;

	value_print_float(f, out);
	if (out->n - from > LONGEST_NUMBER) {
		out->n = from;
		buf_addf(out, "%.6g", f);
	}
}

void value_print(struct value v, struct buf *out)
{
	switch (v.kind) {
	case VALUE_NONE:
		buf_addz(out, "None");
		break;
	case VALUE_BOOL:
		buf_addz(out, v.b ? "True" : "False");
		break;
	case VALUE_INT:
		buf_addf(out, "%lld", (long long)v.i);
		break;
	case VALUE_FLOAT:
		value_print_float(v.f, out);
		break;
	case VALUE_STR:
		buf_add(out, *v.s);
		break;
	case VALUE_LIST:
	case VALUE_DICT:
	case VALUE_ARTIFACT:
	case VALUE_SERIES:
		json_write(v, out);
		break;
	}
}

struct unit {
	uint64_t n;
	const char *name;
};

/* As many of each unit as fit, largest first: 5400 seconds are 1h30m. */
static void print_duration(int64_t seconds, struct buf *out)
{
	static const struct unit units[] = {{86400, "d"}, {3600, "h"}, {60, "m"},
		{1, "s"}};
	uint64_t left = seconds < 0 ? -(uint64_t)seconds : (uint64_t)seconds;

	if (seconds < 0)
		buf_addc(out, '-');
	if (!left)
		buf_addz(out, "0s");
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (left >= units[i].n)
			buf_addf(out, "%llu%s", (unsigned long long)(left / units[i].n),
				 units[i].name);
		left %= units[i].n;
	}
}

/* In the largest unit that divides it. */
static void print_size(int64_t bytes, struct buf *out)
{
	static const struct unit units[] = {
		{1ull << 50, "PiB"},
		{1000000000000000, "PB"},
		{1ull << 40, "TiB"},
		{1000000000000, "TB"},
		{1 << 30, "GiB"},
		{1000000000, "GB"},
		{1 << 20, "MiB"},
		{1000000, "MB"},
		{1 << 10, "KiB"},
		{1000, "kB"},
		{1, "B"},
	};
	uint64_t n = bytes < 0 ? -(uint64_t)bytes : (uint64_t)bytes;
	size_t i = 0;

	while (n % units[i].n || (!n && units[i].n > 1))
		i++;
	buf_addf(out, "%s%llu%s", bytes < 0 ? "-" : "",
		 (unsigned long long)(n / units[i].n),
		 units[i].name);
}

static void print_member(struct str wire, const struct type *t, struct buf *out)
{
	struct str name = wire;

	for (uint32_t i = 0; i < t->nmembers; i++)
		if (str_eq(t->members[i].wire, wire))
			name = t->members[i].name;
	buf_addf(out, "%.*s.%.*s", STR_ARG(t->name), STR_ARG(name));
}

static void print_dict(struct value v, const struct type *t, struct buf *out)
{
	bool is_struct = t && t->kind == TYPE_STRUCT && t->nmembers == v.dict->n;

	if (is_struct)
		buf_addf(out, "%.*s", STR_ARG(t->name));
	buf_addc(out, is_struct ? '(' : '{');
	for (size_t i = 0; i < v.dict->n; i++) {
		const struct value_pair *pair = &v.dict->at[i];

		buf_addz(out, i ? ", " : "");
		if (is_struct) {
			buf_addf(out, "%.*s=", STR_ARG(pair->key));
			value_print_literal(pair->value, t->fields[i].type, out);
			continue;
		}
		buf_add_json(out, pair->key);
		buf_addz(out, ": ");
		value_print_literal(pair->value, t && t->kind == TYPE_DICT ? t->elem : t,
				    out);
	}
	buf_addc(out, is_struct ? ')' : '}');
}

static void print_list(const struct value_list *l, const struct type *t, struct buf *out)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < l->n; i++) {
		buf_addz(out, i ? ", " : "");
		value_print_literal(l->at[i], t && t->kind == TYPE_LIST ? t->elem : t,
				    out);
	}
	buf_addc(out, ']');
}

void value_print_literal(struct value v, const struct type *t, struct buf *out)
{
	t = t ? type_strip(t) : NULL;
	if (v.kind == VALUE_STR && t && t->kind == TYPE_ENUM)
		print_member(*v.s, t, out);
	else if (v.kind == VALUE_STR)
		buf_add_json(out, *v.s);
	else if (v.kind == VALUE_INT && t && t->kind == TYPE_DURATION)
		print_duration(v.i, out);
	else if (v.kind == VALUE_INT && t && t->kind == TYPE_SIZE)
		print_size(v.i, out);
	else if (v.kind == VALUE_LIST)
		print_list(v.list, t, out);
	else if (v.kind == VALUE_DICT)
		print_dict(v, t, out);
	else if (v.kind == VALUE_FLOAT && !isfinite(v.f))
		buf_addf(out, "float(\"%s\")",
			 isnan(v.f) ? "nan" : v.f < 0 ? "-inf" : "inf");
	else
		value_print(v, out);
}
