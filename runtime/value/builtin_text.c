/* Methods of str. */
#include <config.h>

#include "runtime/value/builtin_int.h"

#include "runtime/base/utf8.h"
#include "runtime/value/arith.h"

static int do_case(struct call *c, char first, char last, struct value *out)
{
	struct str s;
	char *p;

	if (!builtin_is(c, 0, VALUE_STR))
		return -1;
	*out = value_str(c->a, *c->args[0].s);
	s = *out->s;
	p = arena_dup(c->a, s.p, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		if (p[i] >= first && p[i] <= last)
			p[i] = (char)(p[i] ^ 0x20);
	*out = value_str(c->a, (struct str){p, s.n});
	return 0;
}

static bool is_space(char ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

/* Is the character at the beginning of s one to be stripped?  chars NULL: white space. */
static bool is_stripped(struct str s, const struct str *chars)
{
	size_t n = utf8_length(s);

	if (!chars)
		return is_space(*s.p);
	return str_find(*chars, str_sub(s, 0, n ? n : 1), 0) < chars->n;
}

static struct str last_char(struct str s)
{
	size_t from = s.n - 1;

	while (from && ((unsigned char)s.p[from] & 0xc0) == 0x80)
		from--;
	return str_sub(s, from, s.n);
}

static int do_strip(struct call *c, bool left, bool right, struct value *out)
{
	const struct str *chars = NULL;
	struct str s;
	size_t n;

	for (unsigned i = 0; i < c->n; i++)
		if (!builtin_is(c, i, VALUE_STR))
			return -1;
	if (c->n == 2)
		chars = c->args[1].s;
	s = *c->args[0].s;
	while (right && s.n && is_stripped(last_char(s), chars))
		s.n -= last_char(s).n;
	while (left && s.n && is_stripped(s, chars)) {
		n = utf8_length(s);
		s = str_sub(s, n ? n : 1, s.n);
	}
	*out = value_str(c->a, s);
	return 0;
}

/* The next part of *s and its end; false when there is none. */
static bool next_part(struct str *s, const struct str *sep, bool *done, struct str *part)
{
	size_t end;

	if (sep) {
		if (*done)
			return false;
		end = str_find(*s, *sep, 0);
		*part = str_sub(*s, 0, end);
		*done = end == s->n;
		*s = str_sub(*s, end + sep->n, s->n);
		return true;
	}
	while (s->n && is_space(*s->p))
		s->p++, s->n--;
	for (end = 0; end < s->n && !is_space(s->p[end]);)
		end++;
	*part = str_sub(*s, 0, end);
	*s = str_sub(*s, end, s->n);
	return end > 0;
}

static int do_split(struct call *c, struct value *out)
{
	const struct str *sep = NULL;
	struct str s, part;
	struct value *at;
	size_t n = 0;
	bool done = false;

	for (unsigned i = 0; i < c->n; i++)
		if (!builtin_is(c, i, VALUE_STR))
			return -1;
	if (c->n == 2)
		sep = c->args[1].s;
	if (sep && !sep->n)
		return err_setk(c->err, ERR_EVAL, "split() with an empty separator");
	for (s = *c->args[0].s; next_part(&s, sep, &done, &part);)
		n++;
	if (n > LIST_MAX)
		return err_setk(c->err, ERR_EVAL, "split() into more than %d parts",
				LIST_MAX);
	*out = value_list(c->a, n, &at);
	done = false;
	for (s = *c->args[0].s; next_part(&s, sep, &done, &part);)
		*at++ = value_str(c->a, part);
	return 0;
}

static int do_join(struct call *c, struct value *out)
{
	const struct value_list *l;
	struct buf b = {0};

	if (!builtin_is(c, 0, VALUE_STR) || !builtin_is(c, 1, VALUE_LIST))
		return -1;
	l = c->args[1].list;
	for (size_t i = 0; i < l->n && b.n <= LIMIT_STR_BYTES; i++) {
		if (l->at[i].kind != VALUE_STR) {
			buf_release(&b);
			return builtin_fail_kind(c, l->at[i]);
		}
		if (i)
			buf_add(&b, *c->args[0].s);
		buf_add(&b, *l->at[i].s);
	}
	return builtin_take_buf(c, &b, out);
}

/* As Python: an empty text is found before each character and at the end. */
static int do_replace(struct call *c, struct value *out)
{
	struct str s, old, put;
	struct buf b = {0};
	size_t at = 0, step;

	for (unsigned i = 0; i < 3; i++)
		if (!builtin_is(c, i, VALUE_STR))
			return -1;
	s = *c->args[0].s, old = *c->args[1].s, put = *c->args[2].s;
	while (at < s.n && b.n <= LIMIT_STR_BYTES) {
		step = utf8_length(str_sub(s, at, s.n));
		step = old.n ? str_find(s, old, at) - at : step ? step : 1;
		if (!old.n)
			buf_add(&b, put);
		buf_add(&b, str_sub(s, at, at + step));
		if (old.n && at + step < s.n)
			buf_add(&b, put);
		at += step + old.n;
	}
	if (!old.n)
		buf_add(&b, put);
	return builtin_take_buf(c, &b, out);
}

static int do_affix(struct call *c, struct value *out)
{
	bool (*has)(struct str, struct str) =
		c->f == BUILTIN_STARTSWITH ? str_has_prefix : str_has_suffix;

	if (!builtin_is(c, 0, VALUE_STR) || !builtin_is(c, 1, VALUE_STR))
		return -1;
	*out = value_bool(has(*c->args[0].s, *c->args[1].s));
	return 0;
}

/* The text without the one it begins or ends with. */
static int do_remove(struct call *c, struct value *out)
{
	struct str s, affix;

	if (!builtin_is(c, 0, VALUE_STR) || !builtin_is(c, 1, VALUE_STR))
		return -1;
	s = *c->args[0].s, affix = *c->args[1].s;
	if (c->f == BUILTIN_REMOVEPREFIX && str_has_prefix(s, affix))
		s = str_sub(s, affix.n, s.n);
	else if (c->f == BUILTIN_REMOVESUFFIX && str_has_suffix(s, affix))
		s.n -= affix.n;
	*out = value_str(c->a, s);
	return 0;
}

/* Where the text is found first, in characters; -1 where it is not. */
static int do_find(struct call *c, struct value *out)
{
	struct str s, what;
	size_t at;

	if (!builtin_is(c, 0, VALUE_STR) || !builtin_is(c, 1, VALUE_STR))
		return -1;
	s = *c->args[0].s, what = *c->args[1].s;
	at = what.n ? str_find(s, what, 0) : 0;
	*out = value_int(-1);
	if (!what.n || at < s.n)
		*out = value_int((int64_t)utf8_count(str_sub(s, 0, at)));
	return 0;
}

/* How often the text is there, one after another. */
static int do_count(struct call *c, struct value *out)
{
	struct str s, what;
	int64_t n = 0;

	if (!builtin_is(c, 0, VALUE_STR) || !builtin_is(c, 1, VALUE_STR))
		return -1;
	s = *c->args[0].s, what = *c->args[1].s;
	if (!what.n)
		n = (int64_t)utf8_count(s) + 1;
	for (size_t at = 0; what.n && (at = str_find(s, what, at)) < s.n; at += what.n)
		n++;
	*out = value_int(n);
	return 0;
}

int builtin_text(struct call *c, struct value *out)
{
	switch (c->f) {
	case BUILTIN_UPPER:
		return do_case(c, 'a', 'z', out);
	case BUILTIN_LOWER:
		return do_case(c, 'A', 'Z', out);
	case BUILTIN_STRIP:
		return do_strip(c, true, true, out);
	case BUILTIN_LSTRIP:
		return do_strip(c, true, false, out);
	case BUILTIN_RSTRIP:
		return do_strip(c, false, true, out);
	case BUILTIN_SPLIT:
		return do_split(c, out);
	case BUILTIN_JOIN:
		return do_join(c, out);
	case BUILTIN_REPLACE:
		return do_replace(c, out);
	case BUILTIN_STARTSWITH:
	case BUILTIN_ENDSWITH:
		return do_affix(c, out);
	case BUILTIN_REMOVEPREFIX:
	case BUILTIN_REMOVESUFFIX:
		return do_remove(c, out);
	case BUILTIN_FIND:
		return do_find(c, out);
	case BUILTIN_COUNT:
		return do_count(c, out);
	default:
		BUG("%s is no method of str", builtin_name(c->f));
	}
}
