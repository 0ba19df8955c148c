/* Format specs of f-strings: [,][.N][dfeg%], with the meaning they have in Python. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/value/arith.h"

enum { PRECISION_MAX = 100 };

struct spec {
	bool commas;
	int precision;	/* -1: not given */
	char type;	/* of "dfeg%", or 0 */
};

static int parse_spec(struct str s, struct spec *out, struct err *err)
{
	size_t i = 0;

	*out = (struct spec){.precision = -1};
	if (i < s.n && s.p[i] == ',') {
		out->commas = true;
		i++;
	}
	if (i + 1 < s.n && s.p[i] == '.' && s.p[i + 1] >= '0' && s.p[i + 1] <= '9') {
		out->precision = 0;
		for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
			if (out->precision <= PRECISION_MAX)
				out->precision = out->precision * 10 + s.p[i] - '0';
	}
	if (i < s.n && memchr("dfeg%", s.p[i], 5))
		out->type = s.p[i++];
	if (i < s.n)
		return err_setk(err, ERR_EVAL,
				"unknown format; one is made of ',' '.N' and one of "
				"d f e g %%");
	if (out->precision > PRECISION_MAX)
		return err_setk(err, ERR_EVAL, "a precision of more than %d",
				PRECISION_MAX);
	return 0;
}

static int check(const struct spec *s, enum value_kind k, struct err *err)
{
	bool is_int = k == VALUE_INT;

	if (!is_int && k != VALUE_FLOAT)
		return err_setk(err, ERR_EVAL, "only numbers take a format");
	if (!is_int && s->type == 'd')
		return err_setk(err, ERR_EVAL, "the format 'd' is for ints");
	if (is_int && s->precision >= 0 && (!s->type || s->type == 'd'))
		return err_setk(err, ERR_EVAL, "an int has no precision; use 'f'");
	return 0;
}

/* text with a comma before each three digits of its whole part. */
static void add_commas(struct str text, struct buf *out)
{
	size_t i = 0, digits = 0;

	if (text.n && text.p[0] == '-')
		buf_addc(out, text.p[i++]);
	while (i + digits < text.n && text.p[i + digits] >= '0' &&
	       text.p[i + digits] <= '9')
		digits++;
	for (; digits; digits--) {
		buf_addc(out, text.p[i++]);
		if (digits > 1 && digits % 3 == 1)
			buf_addc(out, ',');
	}
	buf_add(out, str_sub(text, i, text.n));
}

/* A precision without a type: as 'g', but it shows as a float, with a digit after the
 * point and an exponent where that digit has no room. */
static void print_general(double f, int precision, struct buf *out)
{
	char text[PRECISION_MAX + 32];
	int exp10;
	char *e, *last;

	precision = precision ? precision : 1;
	snprintf(text, sizeof text, "%.*e", precision - 1, f);
	e = strchr(text, 'e');
	exp10 = atoi(e + 1);
	if (exp10 >= -4 && exp10 < precision - 1) {
		snprintf(text, sizeof text, "%.*g", precision, f);
		buf_addz(out, text);
		if (!strchr(text, '.'))
			buf_addz(out, ".0");
		return;
	}
	if (exp10 >= -4 && exp10 < 0) {
		snprintf(text, sizeof text, "%.*g", precision, f);
		buf_addz(out, text);
		return;
	}
	last = e;
	while (last[-1] == '0' && memchr(text, '.', (size_t)(e - text)))
		last--;
	if (last > text && last[-1] == '.')
		last--;
	buf_add(out, (struct str){text, (size_t)(last - text)});
	buf_addz(out, e);
}

static void print_number(double f, const struct spec *s, struct buf *out)
{
	int precision = s->precision < 0 ? 6 : s->precision;

	if (isnan(f) || isinf(f)) {
		value_print_float(f, out);
		buf_addz(out, s->type == '%' ? "%" : "");
	} else if (s->type == 'f') {
		buf_addf(out, "%.*f", precision, f);
	} else if (s->type == 'e') {
		buf_addf(out, "%.*e", precision, f);
	} else if (s->type == 'g') {
		buf_addf(out, "%.*g", precision, f);
	} else if (s->type == '%') {
		buf_addf(out, "%.*f%%", precision, f * 100);
	} else if (s->precision >= 0) {
		print_general(f, precision, out);
	} else {
		value_print_float(f, out);
	}
}

int op_format(struct value v, struct str spec, struct buf *out, struct err *err)
{
	struct buf text = {0};
	struct spec s;

	if (!spec.n) {
		if (value_check_weight(v, err) < 0)
			return -1;
		value_print(v, out);
		return 0;
	}
	if (parse_spec(spec, &s, err) < 0 || check(&s, v.kind, err) < 0)
		return -1;
	if (v.kind == VALUE_INT && (!s.type || s.type == 'd'))
		buf_addf(&text, "%lld", (long long)v.i);
	else
		print_number(value_number(v), &s, &text);
	if (s.commas)
		add_commas(buf_str(&text), out);
	else
		buf_add(out, buf_str(&text));
	buf_release(&text);
	return 0;
}

int op_format_check(struct str spec, const struct type *t, struct err *err)
{
	enum value_kind k = VALUE_STR;
	struct spec s;

	if (!spec.n || t->kind == TYPE_ERROR)
		return 0;
	if (t->kind == TYPE_INT || t->kind == TYPE_DURATION || t->kind == TYPE_SIZE)
		k = VALUE_INT;
	else if (t->kind == TYPE_FLOAT || t->kind == TYPE_METRIC)
		k = VALUE_FLOAT;
	return parse_spec(spec, &s, err) < 0 ? -1 : check(&s, k, err);
}

int op_format_value(struct value v, struct str spec, struct arena *a, struct value *out,
		    struct err *err)
{
	struct buf b = {0};
	int failed = op_format(v, spec, &b, err);

	if (!failed && b.n > LIMIT_STR_BYTES)
		failed = err_setk(err, ERR_EVAL,
				  "the result would be longer than %d bytes",
				  LIMIT_STR_BYTES);
	if (!failed)
		*out = value_str(a, buf_str(&b));
	buf_release(&b);
	return failed;
}
