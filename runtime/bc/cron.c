#include <config.h>

#include "runtime/bc/cron.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

static const struct field {
	const char *name;
	unsigned lo, hi;
	const char *const *words;	/* of lo, lo + 1, ... */
} FIELDS[CRON_N] = {
	{"minute", 0, 59, NULL},
	{"hour", 0, 23, NULL},
	{"day of the month", 1, 31, NULL},
	{"month", 1, 12,
	 (const char *const[]){"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG",
			       "SEP", "OCT", "NOV", "DEC", NULL}},
	{"day of the week", 0, 7,
	 (const char *const[]){"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", NULL}},
};

static const struct {
	const char *name, *text;
} SHORT[] = {
	{"@hourly", "0 * * * *"},   {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
	{"@weekly", "0 0 * * 0"},   {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
	{"@annually", "0 0 1 1 *"},
};
enum { NSHORT = sizeof SHORT / sizeof *SHORT };

struct reader {
	struct str text;
	struct cron *out;
	struct cron_fault *fault;
	enum cron_field field;
};

__attribute__((format(printf, 4, 5)))
static int fail(struct reader *r, size_t lo, size_t hi, const char *fmt, ...)
{
	va_list ap;

	r->fault->lo = lo;
	r->fault->hi = hi;
	va_start(ap, fmt);
	vsnprintf(r->fault->text, sizeof r->fault->text, fmt, ap);
	va_end(ap);
	return -1;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The number of a word of the field; hi + 1 if it is none. */
static unsigned find_word(const struct field *f, struct str s)
{
	for (unsigned i = 0; f->words && f->words[i]; i++)
		if (s.n == 3 && !strncasecmp(s.p, f->words[i], 3))
			return f->lo + i;
	return f->hi + 1;
}

/* One number or name in [lo, hi). */
static int read_number(struct reader *r, size_t lo, size_t hi, unsigned *out)
{
	const struct field *f = &FIELDS[r->field];
	struct str s = str_sub(r->text, lo, hi);
	unsigned n = 0;

	if (!s.n)
		return fail(r, lo, hi + 1, "the %s lacks a number here", f->name);
	if (!is_digit(s.p[0])) {
		n = find_word(f, s);
		if (n > f->hi)
			return fail(r, lo, hi, "'%.*s' is no %s%s",
				    s.n > 40 ? 40 : (int)s.n, s.p, f->name,
				    f->words ? ": a number or three letters"
					     : ": a number is wanted");
	}
	for (size_t i = 0; is_digit(s.p[0]) && i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return fail(r, lo, hi, "'%.*s' is no number",
				    s.n > 40 ? 40 : (int)s.n, s.p);
		n = n > 1000 ? n : n * 10 + (unsigned)(s.p[i] - '0');
	}
	if (n < f->lo || n > f->hi)
		return fail(r, lo, hi, "the %s goes from %u to %u", f->name, f->lo,
			    r->field == CRON_WEEKDAY ? 6 : f->hi);
	*out = n;
	return 0;
}

static int read_step(struct reader *r, size_t lo, size_t hi, unsigned *out)
{
	unsigned n = 0;

	for (size_t i = lo; i < hi; i++) {
		if (!is_digit(r->text.p[i]))
			return fail(r, lo, hi, "a step is a number: '*/5'");
		n = n > 1000 ? n : n * 10 + (unsigned)(r->text.p[i] - '0');
	}
	if (lo == hi || !n)
		return fail(r, lo, hi > lo ? hi : lo + 1, "a step is 1 or more");
	*out = n;
	return 0;
}

static void set_bits(struct reader *r, unsigned from, unsigned to, unsigned step)
{
	for (unsigned n = from; n <= to; n += step)
		r->out->at[r->field] |=
			1ull << (r->field == CRON_WEEKDAY && n == 7 ? 0 : n);
}

/* One element of a list: "*", "5", "1-5", with "/2" behind it or without. */
static int read_item(struct reader *r, size_t lo, size_t hi)
{
	const struct field *f = &FIELDS[r->field];
	unsigned from = f->lo, to = r->field == CRON_WEEKDAY ? 6 : f->hi, step = 1;
	size_t slash = str_find(str_sub(r->text, 0, hi), STR("/"), lo), dash;
	struct str head = str_sub(r->text, lo, slash);

	if (slash < hi && read_step(r, slash + 1, hi, &step))
		return -1;
	if (!str_is(head, "*")) {
		dash = str_find(str_sub(r->text, 0, slash), STR("-"), lo);
		if (read_number(r, lo, dash, &from))
			return -1;
		if (dash < slash && read_number(r, dash + 1, slash, &to))
			return -1;
		if (dash < slash && from > to)
			return fail(r, lo, slash,
				    "the range goes backwards: write it as two, "
				    "such as 'FRI-SAT,SUN-MON'");
		if (dash >= slash && slash >= hi)
			to = from;
	}
	set_bits(r, from, to, step);
	return 0;
}

static int read_field(struct reader *r, size_t lo, size_t hi)
{
	if (hi - lo == 1 && (r->text.p[lo] == '*' || r->text.p[lo] == '?'))
		r->out->is_any[r->field] = true;
	if (hi - lo == 1 && r->text.p[lo] == '?') {
		set_bits(r, FIELDS[r->field].lo, FIELDS[r->field].hi, 1);
		return 0;
	}
	for (size_t at = lo; at <= hi;) {
		size_t comma = str_find(str_sub(r->text, 0, hi), STR(","), at);

		if (read_item(r, at, comma))
			return -1;
		at = comma + 1;
	}
	return 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static int read_fields(struct reader *r)
{
	struct str s = r->text;
	size_t at = 0, end;
	unsigned n = 0;

	for (;; at = end) {
		while (at < s.n && is_space(s.p[at]))
			at++;
		for (end = at; end < s.n && !is_space(s.p[end]);)
			end++;
		if (at == end)
			break;
		if (n == CRON_N)
			return fail(r, at, s.n,
				    "there is more than the five fields 'minute hour "
				    "day month weekday' (no seconds, no year)");
		r->field = (enum cron_field)n++;
		if (read_field(r, at, end))
			return -1;
	}
	if (n < CRON_N)
		return fail(r, 0, s.n,
			    "five fields are wanted, 'minute hour day month weekday': "
			    "the %s is missing",
			    FIELDS[n].name);
	return 0;
}

int cron_parse(struct str text, struct cron *out, struct cron_fault *fault)
{
	struct reader r = {.text = text, .out = out, .fault = fault};
	struct str word = str_trim(text);

	*out = (struct cron){0};
	if (word.n && word.p[0] == '@') {
		r.text = STR("");
		for (int i = 0; i < NSHORT; i++)
			if (str_is(word, SHORT[i].name))
				r.text = str_of(SHORT[i].text);
		if (!r.text.n)
			return fail(&r, 0, text.n,
				    "there are @hourly, @daily, @midnight, "
				    "@weekly, @monthly, @yearly and @annually");
	}
	return read_fields(&r);
}

bool cron_never(const struct cron *c)
{
	static const unsigned DAYS[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (c->is_any[CRON_DAY] || !c->is_any[CRON_WEEKDAY])
		return false;
	for (unsigned m = 1; m <= 12; m++)
		if (c->at[CRON_MONTH] >> m & 1 &&
		    c->at[CRON_DAY] & ((2ull << DAYS[m - 1]) - 2))
			return false;
	return true;
}
