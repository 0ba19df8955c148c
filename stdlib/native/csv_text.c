#include "stdlib/native/csv.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool csv_text_add(struct csv_text *t, const char *p, size_t n)
{
	if (t->size - t->n < n) {
		size_t size = t->size ? t->size : 256;
		char *more;

		while (size - t->n < n)
			size *= 2;
		more = realloc(t->p, size);
		if (!more)
			return false;
		t->p = more;
		t->size = size;
	}
	if (n)
		memcpy(t->p + t->n, p, n);
	t->n += n;
	return true;
}

bool csv_text_addf(struct csv_text *t, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return csv_text_add(t, text, (size_t)n < sizeof text ? (size_t)n
							     : sizeof text - 1);
}

bool csv_text_add_json(struct csv_text *t, struct csv_str s)
{
	bool ok = csv_text_add(t, "\"", 1);
	size_t from = 0;

	for (size_t i = 0; i < s.n && ok; i++) {
		unsigned char k = (unsigned char)s.p[i];

		if (k >= 0x20 && k != '"' && k != '\\')
			continue;
		ok = csv_text_add(t, s.p + from, i - from);
		from = i + 1;
		if (k == '"' || k == '\\')
			ok = ok && csv_text_addf(t, "\\%c", k);
		else if (k == '\n')
			ok = ok && csv_text_add(t, "\\n", 2);
		else
			ok = ok && csv_text_addf(t, "\\u%04x", k);
	}
	return ok && csv_text_add(t, s.p + from, s.n - from) && csv_text_add(t, "\"", 1);
}

/* The shortest of 15 to 17 digits that reads back; NaN and the infinities as kfpc
 * writes them. */
bool csv_text_add_number(struct csv_text *t, double x)
{
	char text[40];

	if (isnan(x))
		return csv_text_addf(t, "\"NaN\"");
	if (isinf(x))
		return csv_text_addf(t, "\"%sInfinity\"", x < 0 ? "-" : "");
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, x);
		if (strtod(text, NULL) <= x && strtod(text, NULL) >= x)
			break;
	}
	return csv_text_addf(t, "%s%s", text, strpbrk(text, ".e") ? "" : ".0");
}

/* Bytes after the first of a sequence that begins with k; -1 if none does. */
static int sequence_rest(unsigned char k)
{
	if (k < 0x80)
		return 0;
	if (k >= 0xc2 && k <= 0xdf)
		return 1;
	if (k >= 0xe0 && k <= 0xef)
		return 2;
	return k >= 0xf0 && k <= 0xf4 ? 3 : -1;
}

/* The second byte of three and four: no surrogates, nothing overlong, nothing beyond
 * U+10FFFF. */
static bool second_fits(unsigned char first, unsigned char k)
{
	switch (first) {
	case 0xe0: return k >= 0xa0;
	case 0xed: return k <= 0x9f;
	case 0xf0: return k >= 0x90;
	case 0xf4: return k <= 0x8f;
	default: return true;
	}
}

bool csv_is_utf8(struct csv_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i < s.n; i++) {
		int rest = sequence_rest(p[i]);
		unsigned char first = p[i];

		if (rest < 0 || (size_t)rest >= s.n - i)
			return false;
		for (int k = 1; k <= rest; k++)
			if ((p[i + (size_t)k] & 0xc0) != 0x80 ||
			    (k == 1 && !second_fits(first, p[i + 1])))
				return false;
		i += (size_t)rest;
	}
	return true;
}

bool csv_eq(struct csv_str a, struct csv_str b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

/* Numbers */

static size_t digits(struct csv_str s, size_t i)
{
	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return i;
}

/* Where an exponent at i ends; i if there is none. */
static size_t exponent(struct csv_str s, size_t i)
{
	size_t k = i + 1, end;

	if (i >= s.n || (s.p[i] != 'e' && s.p[i] != 'E'))
		return i;
	if (k < s.n && (s.p[k] == '+' || s.p[k] == '-'))
		k++;
	end = digits(s, k);
	return end > k ? end : i;
}

static struct csv_str trim(struct csv_str s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.n--;
	}
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static bool is_infinity(struct csv_str s, size_t i)
{
	return (s.n - i == 3 && !strncasecmp(s.p + i, "inf", 3)) ||
	       (s.n - i == 8 && !strncasecmp(s.p + i, "infinity", 8));
}

bool csv_number(struct csv_str s, double *x, bool *is_int)
{
	char text[400];
	size_t i, whole, frac;

	s = trim(s);
	i = s.n && (s.p[0] == '-' || s.p[0] == '+');
	*is_int = false;
	if (is_infinity(s, i)) {
		*x = s.p[0] == '-' ? -(double)INFINITY : (double)INFINITY;
		return true;
	}
	whole = frac = digits(s, i);
	if (frac < s.n && s.p[frac] == '.')
		frac = digits(s, frac + 1);
	if (whole == i && frac <= whole + 1)
		return false;		/* no digit before or after the point */
	if (exponent(s, frac) != s.n || s.n >= sizeof text)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	*x = strtod(text, NULL);
	*is_int = whole == s.n && whole - i <= 18;
	return true;
}

bool csv_is_json_number(struct csv_str s)
{
	size_t i = s.n && s.p[0] == '-', whole = digits(s, i), frac = whole;

	if (whole == i || (s.p[i] == '0' && whole > i + 1))
		return false;
	if (frac < s.n && s.p[frac] == '.') {
		frac = digits(s, whole + 1);
		if (frac == whole + 1)
			return false;
	}
	return exponent(s, frac) == s.n;
}

/* A list of strings.  The runtime writes it, so it is JSON; its strings need not be what
 * we hope for. */

static bool hex4(const char *p, unsigned *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++) {
		char k = p[i];

		if (k >= '0' && k <= '9')
			*out = *out * 16 + (unsigned)(k - '0');
		else if ((k | 32) >= 'a' && (k | 32) <= 'f')
			*out = *out * 16 + (unsigned)((k | 32) - 'a' + 10);
		else
			return false;
	}
	return true;
}

static char *put_utf8(char *to, unsigned u)
{
	if (u < 0x80) {
		*to++ = (char)u;
	} else if (u < 0x800) {
		*to++ = (char)(0xc0 | u >> 6);
		*to++ = (char)(0x80 | (u & 0x3f));
	} else if (u < 0x10000) {
		*to++ = (char)(0xe0 | u >> 12);
		*to++ = (char)(0x80 | (u >> 6 & 0x3f));
		*to++ = (char)(0x80 | (u & 0x3f));
	} else {
		*to++ = (char)(0xf0 | u >> 18);
		*to++ = (char)(0x80 | (u >> 12 & 0x3f));
		*to++ = (char)(0x80 | (u >> 6 & 0x3f));
		*to++ = (char)(0x80 | (u & 0x3f));
	}
	return to;
}

/* After the backslash; NULL if it is no escape. */
static const char *read_escape(const char *p, char **to)
{
	static const char from[] = "\"\\/bfnrt", is[] = "\"\\/\b\f\n\r\t";
	const char *known = *p ? strchr(from, *p) : NULL;
	unsigned u, low;

	if (known) {
		*(*to)++ = is[known - from];
		return p + 1;
	}
	if (*p != 'u' || !hex4(p + 1, &u))
		return NULL;
	p += 5;
	if (u >> 10 == 0xd800 >> 10 && p[0] == '\\' && p[1] == 'u' &&
	    hex4(p + 2, &low) && low >> 10 == 0xdc00 >> 10) {
		u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
		p += 6;
	}
	*to = put_utf8(*to, u);
	return p;
}

/* A string at p, which is its quote; gives the place after it, or NULL. */
static const char *read_string(const char *p, char **to)
{
	for (p++; *p && *p != '"';) {
		if (*p == '\\')
			p = read_escape(p + 1, to);
		else
			*(*to)++ = *p++;
		if (!p)
			return NULL;
	}
	return *p ? p + 1 : NULL;
}

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

struct csv_str *csv_list(const char *json, size_t *n)
{
	size_t len = strlen(json);
	/* A string takes three bytes of JSON at least, and none grows when it is read. */
	size_t most = len / 3 + 1;
	struct csv_str *list = malloc(most * sizeof *list + len + 1);
	char *to = list ? (char *)(list + most) : NULL, *from;
	const char *p = skip_blanks(json);

	*n = 0;
	if (!list || *p++ != '[')
		goto bad;
	for (p = skip_blanks(p); *p != ']'; p = skip_blanks(p)) {
		if (*n && *p++ != ',')
			goto bad;
		p = skip_blanks(p);
		from = to;
		if (*p != '"' || !(p = read_string(p, &to)))
			goto bad;
		list[(*n)++] = (struct csv_str){from, (size_t)(to - from)};
	}
	return list;
bad:
	free(list);
	return NULL;
}
