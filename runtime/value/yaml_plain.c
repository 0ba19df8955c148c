/* What plain scalars mean, to this reader of YAML and to others; values of nodes. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "runtime/value/number.h"
#include "runtime/value/yaml_read.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The rest of s behind digits and underscores. */
static struct str skip_digits(struct str s)
{
	size_t i = 0;

	while (i < s.n && (is_digit(s.p[i]) || s.p[i] == '_'))
		i++;
	return str_sub(s, i, s.n);
}

static bool is_radix(struct str s)
{
	if (s.n < 3 || s.p[0] != '0' || !strchr("xXoObB", s.p[1]))
		return false;
	for (size_t i = 2; i < s.n; i++)
		if (!strchr("0123456789abcdefABCDEF_", s.p[i]))
			return false;
	return true;
}

/* 1, 1_000, 1.5, .5, 1e3, 1:30, 1:30.5 and dates: 2024-01-01, and what goes on after. */
static bool is_number(struct str s)
{
	struct str rest;

	if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
		s = str_sub(s, 1, s.n);
	if (!s.n || !(is_digit(s.p[0]) || s.p[0] == '.'))
		return false;
	if (is_radix(s))
		return true;
	rest = skip_digits(s);
	if (s.n - rest.n == 4 && rest.n >= 4 && rest.p[0] == '-' && is_digit(rest.p[1]))
		return true;
	while (rest.n > 1 && rest.p[0] == ':' && is_digit(rest.p[1]))
		rest = skip_digits(str_sub(rest, 1, rest.n));
	if (rest.n && rest.p[0] == '.') {
		if (s.n == 1)
			return false;
		rest = skip_digits(str_sub(rest, 1, rest.n));
	}
	if (rest.n && (rest.p[0] == 'e' || rest.p[0] == 'E')) {
		rest = str_sub(rest, 1, rest.n);
		if (rest.n && (rest.p[0] == '-' || rest.p[0] == '+'))
			rest = str_sub(rest, 1, rest.n);
		return rest.n && !skip_digits(rest).n;
	}
	return !rest.n;
}

bool yaml_is_ambiguous(struct str s)
{
	static const char *const words[] = {
		"y", "n", "yes", "no", "on",   "off",   "true",  "false", "null",
		"~", "",  "<<",  "=",  ".inf", "+.inf", "-.inf", ".nan",  NULL};
	char low[8];

	if (is_number(s))
		return true;
	if (s.n >= sizeof low)
		return false;
	for (size_t i = 0; i < s.n; i++)
		low[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i];
	for (size_t i = 0; words[i]; i++)
		if (str_eq((struct str){low, s.n}, str_of(words[i])))
			return true;
	return false;
}

static bool is_one_of(struct str s, const char *const words[])
{
	for (; *words; words++)
		if (str_is(s, *words))
			return true;
	return false;
}

static size_t count_digits(struct str s, size_t at)
{
	size_t n = 0;

	while (at + n < s.n && is_digit(s.p[at + n]))
		n++;
	return n;
}

/* -12, -12.5 and -12.5e-3: no zero in front, no exponent without point or sign. */
static bool is_agreed(struct str s, bool *is_float)
{
	size_t at = s.n && s.p[0] == '-', n = count_digits(s, at);

	*is_float = false;
	if (!n || (n > 1 && s.p[at] == '0'))
		return false;
	at += n;
	if (at == s.n)
		return true;
	*is_float = true;
	if (s.p[at++] != '.' || !(n = count_digits(s, at)))
		return false;
	at += n;
	if (at == s.n)
		return true;
	if (s.n - at < 3 || (s.p[at] != 'e' && s.p[at] != 'E') ||
	    (s.p[at + 1] != '-' && s.p[at + 1] != '+'))
		return false;
	at += 2;
	return at + count_digits(s, at) == s.n;
}

static bool resolve_number(struct str s, struct value *out)
{
	static const char *const up[] = {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF",
					 NULL};
	static const char *const down[] = {"-.inf", "-.Inf", "-.INF", NULL};
	static const char *const nans[] = {".nan", ".NaN", ".NAN", NULL};
	bool is_float;

	if (is_one_of(s, up))
		*out = value_float((double)INFINITY);
	else if (is_one_of(s, down))
		*out = value_float((double)-INFINITY);
	else if (is_one_of(s, nans))
		*out = value_float((double)NAN);
	else if (!is_agreed(s, &is_float))
		return false;
	else if (is_float)
		return (*out = value_float(0), number_float(s, &out->f)) && isfinite(out->f);
	else
		return (*out = value_int(0), number_int(s, &out->i));
	return true;
}

bool yaml_resolve(struct str s, struct value *out)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
	static const char *const yes[] = {"true", "True", "TRUE", NULL};
	static const char *const no[] = {"false", "False", "FALSE", NULL};

	if (is_one_of(s, nulls))
		*out = VALUE_NONE_V;
	else if (is_one_of(s, yes))
		*out = value_bool(true);
	else if (is_one_of(s, no))
		*out = value_bool(false);
	else
		return resolve_number(s, out);
	return true;
}

/* What to write in place of an ambiguous scalar, unless it is a text. */
static const char *advice(struct str s)
{
	static const char *const bools[] = {"y", "yes", "on", "n", "no", "off", NULL};
	char low[4] = {0};
	bool is_float;
	double f;

	for (size_t i = 0; s.n < sizeof low && i < s.n; i++)
		low[i] = (char)(s.p[i] | 0x20);
	if (is_one_of(str_of(low), bools))
		return "write true or false, or ";
	if (is_agreed(s, &is_float))
		return "write a smaller number, or ";
	if (number_float(s, &f) && (memchr(s.p, 'e', s.n) || memchr(s.p, 'E', s.n)))
		return "write a point, and the sign of the exponent (1.0e-5), or ";
	if (number_float(s, &f) || is_radix(s))
		return "write it in decimals without '+', '_' or zeros in front, or ";
	return "";
}

static int scalar_value(struct arena *a, const struct yaml_node *n, struct value *out,
			struct err *err)
{
	if (n->is_plain && yaml_resolve(n->text, out))
		return 0;
	if (n->is_plain && yaml_is_ambiguous(n->text))
		return err_setk(err, ERR_INPUT,
				"line %u, column %u: readers of YAML do not agree what '%.*s' "
				"is: %sput it in quotes if it is a text",
				n->line, n->col, STR_ARG(str_sub(n->text, 0, 60)),
				advice(n->text));
	*out = value_str(a, n->text);
	return 0;
}

int yaml_value_of(struct arena *a, const struct yaml_node *node, struct value *out,
		  struct err *err)
{
	struct value_pair *pairs;
	struct value *at;

	if (node->shape == YAML_IS_SCALAR)
		return scalar_value(a, node, out, err);
	if (node->shape == YAML_IS_LIST) {
		*out = value_list(a, node->n, &at);
		for (size_t i = 0; i < node->n; i++)
			if (yaml_value_of(a, node->items[i].value, &at[i], err))
				return -1;
		return 0;
	}
	*out = value_dict(a, node->n, &pairs);
	for (size_t i = 0; i < node->n; i++) {
		pairs[i].key = node->items[i].key->text;
		if (yaml_value_of(a, node->items[i].value, &pairs[i].value, err))
			return -1;
	}
	return 0;
}

int yaml_parse(struct arena *a, struct str text, struct value *out,
	       const struct yaml_node **node, struct err *err)
{
	static const struct yaml_node nothing = {.shape = YAML_IS_MAP, .line = 1, .col = 1};
	struct yaml_docs docs;

	if (yaml_read(a, text, &docs, err))
		return -1;
	if (docs.n > 1)
		return err_setk(err, ERR_INPUT,
				"line %u, column %u: a second document: there has to be one",
				docs.at[1]->line, docs.at[1]->col);
	*node = docs.n ? docs.at[0] : &nothing;
	return yaml_value_of(a, *node, out, err);
}
