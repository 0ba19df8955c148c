#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "compiler/front/front.h"

enum { SECOND = 1, MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static const struct unit {
	const char *name;
	int64_t factor;
} TIMES[] = {{"d", DAY}, {"h", HOUR}, {"m", MINUTE}, {"s", SECOND}},
  SIZES[] = {
	{"B", 1}, {"kB", 1000}, {"MB", 1000000}, {"GB", 1000000000},
	{"TB", 1000000000000}, {"PB", 1000000000000000},
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
	{"TiB", 1LL << 40}, {"PiB", 1LL << 50},
};

/* What people write instead. */
static const struct foreign {
	const char *theirs, *ours;
	const char *why;
} FOREIGN_UNITS[] = {
	{"Ki", "KiB", NULL}, {"Mi", "MiB", NULL}, {"Gi", "GiB", NULL},
	{"Ti", "TiB", NULL}, {"Pi", "PiB", NULL}, {"k", "kB", NULL},
	{"K", "kB", NULL}, {"M", "MB", NULL},
	{"G", "GB", NULL}, {"T", "TB", NULL}, {"KB", "kB", NULL}, {"kiB", "KiB", NULL},
	{"kb", "kB", NULL}, {"mb", "MB", NULL}, {"gb", "GB", NULL}, {"tb", "TB", NULL},
	{"Kb", "kB", NULL}, {"Mb", "MB", NULL}, {"Gb", "GB", NULL}, {"kib", "KiB", NULL},
	{"mib", "MiB", NULL}, {"gib", "GiB", NULL},
	{"sec", "s", NULL}, {"secs", "s", NULL}, {"seconds", "s", NULL},
	{"second", "s", NULL},
	{"min", "m", NULL}, {"mins", "m", NULL}, {"minutes", "m", NULL},
	{"minute", "m", NULL},
	{"hr", "h", NULL}, {"hrs", "h", NULL}, {"hour", "h", NULL}, {"hours", "h", NULL},
	{"H", "h", NULL}, {"D", "d", NULL}, {"S", "s", NULL}, {"day", "d", NULL},
	{"days", "d", NULL},
	{"ms", NULL, "durations are whole seconds"},
	{"us", NULL, "durations are whole seconds"},
	{"w", NULL, "weeks are written in days, as 7d"},
	{"j", NULL, "there are no complex numbers"},
	{"L", "", NULL}, {"l", "", NULL}, {"f", "", NULL}, {"n", "", NULL},
	{"u", "", NULL},
};

static const char BEYOND[] = "it is beyond 64 bits";

static struct node *say(struct parser *p, struct span at, const char *why)
{
	struct str s = text_at(p, at);
	struct str shown = str_sub(s, 0, 40);

	diag(p->ctx->diags, at, E0107, "'%.*s%s' is not a number: %s", STR_ARG(shown),
	     s.n > shown.n ? "..." : "", why);
	return node_new(p->ctx->arena, AST_ERROR, at);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static unsigned digit_value(char c)
{
	return is_digit(c) ? (unsigned)(c - '0') : ((unsigned)c | 32) - 'a' + 10;
}

/* The digits that s begins with, read in base; false on overflow.  `_` is skipped. */
static bool read_digits(struct str s, unsigned base, size_t *n, int64_t *out)
{
	int64_t v = 0;
	size_t i = 0;

	for (; i < s.n && (s.p[i] == '_' || digit_value(s.p[i]) < base); i++) {
		if (s.p[i] == '_')
			continue;
		if (__builtin_mul_overflow(v, (int64_t)base, &v) ||
		    __builtin_add_overflow(v, (int64_t)digit_value(s.p[i]), &v))
			return false;
	}
	*n = i;
	*out = v;
	return true;
}

static unsigned base_of(struct str s)
{
	if (s.n < 3 || s.p[0] != '0')
		return 10;
	switch (s.p[1] | 32) {
	case 'x':
		return 16;
	case 'o':
		return 8;
	case 'b':
		return 2;
	}
	return 10;
}

/* Digits with at most single underscores between them, all of them of the base. */
static bool is_integer(struct str s, unsigned base)
{
	bool was_digit = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '_' ? !was_digit : digit_value(s.p[i]) >= base)
			return false;
		was_digit = s.p[i] != '_';
	}
	return was_digit;
}

/* 2**63: one more than the largest int, and the smallest one after a '-'. */
static bool is_least(struct str s)
{
	static const char DIGITS[] = "9223372036854775808";
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '_' && (n == sizeof DIGITS - 1 || s.p[i] != DIGITS[n++]))
			return false;
	return n == sizeof DIGITS - 1;
}

static struct node *parse_int(struct parser *p, struct span at, struct str s,
			      unsigned base)
{
	struct node *n;
	int64_t value;
	size_t used;

	if (base == 10 && s.n > 1 && s.p[0] == '0' && strspn(s.p, "0_") < s.n) {
		struct diag *d = diag(p->ctx->diags, at, E0107,
				      "a number does not begin with 0");

		diag_fix(d, (struct span){at.lo, at.lo + 1}, STR("0o"),
			 "an octal number is written 0o...");
		return node_new(p->ctx->arena, AST_ERROR, at);
	}
	n = node_new(p->ctx->arena, AST_INT, at);
	if (read_digits(s, base, &used, &value)) {
		n->int_.value = value;
		return n;
	}
	if (base != 10 || !is_least(s))
		return say(p, at, BEYOND);
	n->int_.value = INT64_MIN;
	p->unsigned_least = n;
	return n;
}

static bool is_float(struct str s)
{
	size_t i = 0;
	bool exponent = false;

	for (; i < s.n; i++) {
		if (is_digit(s.p[i]) || s.p[i] == '_' || (s.p[i] == '.' && !exponent))
			continue;
		if ((s.p[i] | 32) != 'e' || exponent)
			return false;
		exponent = true;
		i += i + 1 < s.n && (s.p[i + 1] == '+' || s.p[i + 1] == '-');
	}
	return memchr(s.p, '.', s.n) || exponent;
}

static struct node *parse_float(struct parser *p, struct span at, struct str s)
{
	struct buf b = {0};
	struct node *n;
	double value;
	char *end;

	if (str_find(s, STR("."), str_find(s, STR("."), 0) + 1) < s.n)
		return say(p, at, "it has more than one '.', so write a string");
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '_')
			buf_addc(&b, s.p[i]);
	value = strtod(buf_cstr(&b), &end);
	if (*end) {
		buf_release(&b);
		return say(p, at, "digits, '.', digits and an exponent are expected");
	}
	buf_release(&b);
	if (isinf(value))
		return say(p, at, "it is beyond what a float holds");
	n = node_new(p->ctx->arena, AST_FLOAT, at);
	n->float_.value = value;
	return n;
}

static struct str unit_at(struct str s)
{
	size_t i = 0;

	while (i < s.n && !is_digit(s.p[i]) && s.p[i] != '.' && s.p[i] != '_')
		i++;
	return str_sub(s, 0, i);
}

static struct node *say_unit(struct parser *p, struct span at, uint32_t lo,
			     struct str unit)
{
	struct span unit_at_span = {at.lo + lo, at.lo + lo + (uint32_t)unit.n};

	for (size_t i = 0; i < sizeof FOREIGN_UNITS / sizeof *FOREIGN_UNITS; i++) {
		const struct foreign *f = &FOREIGN_UNITS[i];
		struct diag *d;

		if (!str_is(unit, f->theirs))
			continue;
		if (!f->ours)
			return say(p, at, f->why);
		d = diag(p->ctx->diags, unit_at_span, E0107, "there is no unit '%s'",
			 f->theirs);
		if (*f->ours)
			diag_fix(d, unit_at_span, str_of(f->ours), "did you mean '%s'?",
				 f->ours);
		else
			diag_fix(d, unit_at_span, STR(""), "leave it out");
		return node_new(p->ctx->arena, AST_ERROR, at);
	}
	return say(p, at, "the units are d h m s, and B kB MB GB TB KiB MiB GiB TiB");
}

/* 1h30m: units from large to small, each at most once. */
static struct node *parse_duration(struct parser *p, struct span at, struct str s)
{
	struct node *n = node_new(p->ctx->arena, AST_DURATION, at);
	int64_t value, total = 0, last = INT64_MAX;

	for (size_t lo = 0, used; lo < s.n;) {
		const struct unit *u = TIMES;
		struct str unit;

		if (!read_digits(str_sub(s, lo, s.n), 10, &used, &value))
			return say(p, at, BEYOND);
		unit = unit_at(str_sub(s, lo + used, s.n));
		while (u < TIMES + 4 && !str_is(unit, u->name))
			u++;
		if (u == TIMES + 4 || !used)
			return say_unit(p, at, (uint32_t)(lo + used), unit);
		if (u->factor >= last)
			return say(p, at, "it goes from days to seconds, as 1d2h3m4s");
		last = u->factor;
		if (__builtin_mul_overflow(value, u->factor, &value) ||
		    __builtin_add_overflow(total, value, &total))
			return say(p, at, "it is beyond 64 bits");
		lo += used + unit.n;
	}
	n->duration.seconds = total;
	return n;
}

static struct node *parse_size(struct parser *p, struct span at, int64_t value,
			       const struct unit *u)
{
	struct node *n = node_new(p->ctx->arena, AST_SIZE, at);

	if (__builtin_mul_overflow(value, u->factor, &n->size.bytes))
		return say(p, at, "it is beyond 64 bits");
	return n;
}

/* Digits with a unit behind them. */
static struct node *parse_quantity(struct parser *p, struct span at, struct str s)
{
	struct str unit;
	int64_t value;
	size_t used;

	if (!read_digits(s, 10, &used, &value))
		return say(p, at, "it is beyond 64 bits");
	unit = unit_at(str_sub(s, used, s.n));
	if (used < s.n && s.p[used] == '.')
		return say(p, at, "a quantity is whole: write it in a smaller unit");
	if (s.p[used - 1] == '_')
		return say(p, at, "'_' stands between digits");
	for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++)
		if (str_is(unit, SIZES[i].name) && used + unit.n == s.n)
			return parse_size(p, at, value, &SIZES[i]);
	return parse_duration(p, at, s);
}

void number_negated(struct parser *p, const struct node *operand)
{
	if (operand == p->unsigned_least)
		p->unsigned_least = NULL;
}

void number_finish(struct parser *p)
{
	if (p->unsigned_least)
		say(p, p->unsigned_least->span, BEYOND);
	p->unsigned_least = NULL;
}

struct node *number_parse(struct parser *p, struct span at)
{
	struct str s = text_at(p, at);
	unsigned base = base_of(s);

	number_finish(p);
	if (is_integer(base == 10 ? s : str_sub(s, 2 + (s.p[2] == '_'), s.n), base))
		return parse_int(p, at, base == 10 ? s : str_sub(s, 2, s.n), base);
	if (base != 10)
		return say(p, at, base == 16 ? "a digit is not hexadecimal"
				  : base == 8 ? "a digit is not octal"
					      : "a digit is not binary");
	return is_float(s) ? parse_float(p, at, s) : parse_quantity(p, at, s);
}
