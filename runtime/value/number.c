#include <config.h>

#include "runtime/value/number.h"

#include <math.h>
#include <stdlib.h>

enum { FLOAT_TEXT_MAX = 1024 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct str trim(struct str s)
{
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	while (s.n && is_space(*s.p))
		s.p++, s.n--;
	return s;
}

/* Underscores stand between two digits, and alone. */
static bool underscores_fit(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '_' && (!i || i + 1 == s.n || !is_digit(s.p[i - 1]) ||
				      !is_digit(s.p[i + 1])))
			return false;
	return true;
}

static bool take_sign(struct str *s)
{
	bool minus = s->n && *s->p == '-';

	if (s->n && (*s->p == '-' || *s->p == '+'))
		s->p++, s->n--;
	return minus;
}

bool number_int(struct str s, int64_t *out)
{
	int64_t n = 0;
	bool minus;

	s = trim(s);
	minus = take_sign(&s);
	if (!s.n || !underscores_fit(s))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int digit = s.p[i] - '0';

		if (s.p[i] == '_')
			continue;
		if (!is_digit(s.p[i]) || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_sub_overflow(n, minus ? digit : -digit, &n))
			return false;
	}
	*out = n;
	return true;
}

static bool word_is(struct str s, const char *lower)
{
	for (size_t i = 0; i < s.n; i++)
		if (!lower[i] || (s.p[i] | 0x20) != lower[i])
			return false;
	return s.n == strlen(lower);
}

/* digits [. digits] [e [sign] digits], with a digit before or after the point. */
static bool float_shape(struct str s)
{
	size_t i = 0, digits = 0;

	while (i < s.n && is_digit(s.p[i]))
		i++, digits++;
	if (i < s.n && s.p[i] == '.')
		i++;
	while (i < s.n && is_digit(s.p[i]))
		i++, digits++;
	if (!digits)
		return false;
	if (i == s.n)
		return true;
	if ((s.p[i] | 0x20) != 'e')
		return false;
	i++;
	if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
		i++;
	if (i == s.n)
		return false;
	while (i < s.n && is_digit(s.p[i]))
		i++;
	return i == s.n;
}

bool number_float(struct str s, double *out)
{
	char text[FLOAT_TEXT_MAX];
	size_t n = 0;
	double f;
	bool minus;

	s = trim(s);
	minus = take_sign(&s);
	if (word_is(s, "nan")) {
		f = (double)NAN;
	} else if (word_is(s, "inf") || word_is(s, "infinity")) {
		f = HUGE_VAL;
	} else {
		if (s.n >= sizeof text || !underscores_fit(s))
			return false;
		for (size_t i = 0; i < s.n; i++)
			if (s.p[i] != '_')
				text[n++] = s.p[i];
		text[n] = '\0';
		if (!float_shape((struct str){text, n}))
			return false;
		f = strtod(text, NULL);
	}
	*out = minus ? -f : f;
	return true;
}

struct unit {
	const char *name;
	int64_t n;
};

static const struct unit durations[] = {
	{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}, {NULL, 0},
};

static const struct unit sizes[] = {
	{"PiB", 1ll << 50}, {"PB", 1000000000000000}, {"TiB", 1ll << 40},
	{"TB", 1000000000000}, {"GiB", 1 << 30}, {"GB", 1000000000}, {"MiB", 1 << 20},
	{"MB", 1000000}, {"KiB", 1 << 10}, {"kB", 1000}, {"B", 1}, {NULL, 0},
};

static bool take_count(struct str *s, int64_t *n)
{
	size_t i = 0;

	while (i < s->n && is_digit(s->p[i]))
		i++;
	if (!number_int(str_sub(*s, 0, i), n))
		return false;
	*s = str_sub(*s, i, s->n);
	return true;
}

/* Takes the unit that s begins with; units before *at were used already. */
static bool take_unit(struct str *s, const struct unit *units, size_t *at, int64_t *n)
{
	for (size_t i = *at; units[i].name; i++) {
		struct str name = str_of(units[i].name);

		if (!str_has_prefix(*s, name) ||
		    (s->n > name.n && !is_digit(s->p[name.n])))
			continue;
		*at = i + 1;
		*n = units[i].n;
		*s = str_sub(*s, name.n, s->n);
		return true;
	}
	return false;
}

bool number_quantity(struct str s, enum number_unit unit, int64_t *out)
{
	const struct unit *units = unit == NUMBER_DURATION ? durations : sizes;
	int64_t sum = 0, n, each;
	size_t at = 0;

	do {
		if (!take_count(&s, &n) || !take_unit(&s, units, &at, &each) ||
		    __builtin_mul_overflow(n, each, &n) || __builtin_add_overflow(sum, n,
										  &sum))
			return false;
	} while (s.n && unit == NUMBER_DURATION);
	*out = sum;
	return !s.n;
}
