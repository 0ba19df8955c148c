/* Scalars: plain where that is safe, else in single quotes, else in double quotes; folded
 * at spaces beyond 80 columns. */
#include <config.h>

#include "compiler/export/yaml/yaml_int.h"

#include <math.h>
#include <stdio.h>

#include "runtime/base/utf8.h"
#include "runtime/value/yaml_read.h"

void yaml_out_add(struct yaml_out *o, struct str s)
{
	buf_add(o->b, s);
	o->column += s.n;
}

void yaml_out_line(struct yaml_out *o, unsigned indent)
{
	buf_addc(o->b, '\n');
	buf_fill(o->b, ' ', indent);
	o->column = indent;
}

struct shape {
	bool plain, single;
};

static bool is_white(struct str s, size_t i)
{
	return i >= s.n || strchr(" \t\r\n", s.p[i]);
}

/* Does byte i have a meaning of its own in a plain scalar? */
static bool is_indicator(struct str s, size_t i)
{
	char c = s.p[i];

	if (!i && strchr("#,[]{}&*!|>'\"%@`", c))
		return true;
	if (!i && strchr("?:-", c) && is_white(s, 1))
		return true;
	if (i && c == ':' && is_white(s, i + 1))
		return true;
	return i && c == '#' && is_white(s, i - 1);
}

static bool is_special(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\n' && (s.p[i] < 0x20 || s.p[i] > 0x7e))
			return true;
	return false;
}

/* The same where letters of all scripts are written as they are. */
static bool is_special_by_hand(struct str s)
{
	size_t len;

	for (size_t i = 0; i < s.n; i += len) {
		len = utf8_length(str_sub(s, i, s.n));
		if (!len || !yaml_is_printable(utf8_decode(str_sub(s, i, s.n))))
			return true;
	}
	return false;
}

static struct shape shape_of(struct str s, bool by_hand)
{
	bool special = by_hand ? is_special_by_hand(s) : is_special(s);
	struct shape shape = {!yaml_is_ambiguous(s), !special};

	if (!shape.single)
		return (struct shape){false, false};
	if (str_has_prefix(s, STR("---")) || str_has_prefix(s, STR("...")))
		shape.plain = false;
	if (is_white(s, 0) || is_white(s, s.n - 1))
		shape.plain = false;
	for (size_t i = 0; i < s.n; i++) {
		shape.plain &= s.p[i] != '\n' && !is_indicator(s, i);
		if (i && ((s.p[i] == ' ' && s.p[i - 1] == '\n') ||
			  (s.p[i] == '\n' && s.p[i - 1] == ' ')))
			shape.single = false;
	}
	return shape;
}

/* One space where a line may end, if it is alone. */
static bool may_fold(struct str s, size_t i)
{
	return s.p[i] == ' ' && i && i + 1 < s.n && s.p[i - 1] != ' ' &&
	       s.p[i + 1] != ' ';
}

static void write_plain(struct yaml_out *o, struct str s, unsigned indent, bool fold)
{
	for (size_t i = 0; i < s.n; i++) {
		if (fold && o->column > YAML_WIDTH && may_fold(s, i))
			yaml_out_line(o, indent);
		else
			yaml_out_add(o, str_sub(s, i, i + 1));
	}
}

/* A newline of the text is an empty line; the first of several is one more. */
static size_t write_newlines(struct yaml_out *o, struct str s, size_t i, unsigned indent)
{
	buf_addc(o->b, '\n');
	for (; i + 1 < s.n && s.p[i + 1] == '\n'; i++)
		buf_addc(o->b, '\n');
	yaml_out_line(o, indent);
	return i;
}

static void write_single(struct yaml_out *o, struct str s, unsigned indent, bool fold)
{
	yaml_out_add(o, STR("'"));
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n')
			i = write_newlines(o, s, i, indent);
		else if (fold && o->column > YAML_WIDTH && may_fold(s, i))
			yaml_out_line(o, indent);
		else
			yaml_out_add(o,
				     s.p[i] == '\'' ? STR("''") : str_sub(s, i, i + 1));
	}
	yaml_out_add(o, STR("'"));
}

static void add_escape(struct yaml_out *o, uint32_t c)
{
	static const char from[] = "\a\b\t\n\v\f\r\x1b\"\\", to[] = "abtnvfre\"\\";
	const char *at = c && c < 0x80 ? strchr(from, (int)c) : NULL;
	char text[12];

	if (at)
		snprintf(text, sizeof text, "\\%c", to[at - from]);
	else if (!c)
		snprintf(text, sizeof text, "\\0");
	else if (c == 0x85 || c == 0xa0)
		snprintf(text, sizeof text, c == 0x85 ? "\\N" : "\\_");
	else if (c == 0x2028 || c == 0x2029)
		snprintf(text, sizeof text, c == 0x2028 ? "\\L" : "\\P");
	else if (c <= 0xff)
		snprintf(text, sizeof text, "\\x%02X", c);
	else
		snprintf(text, sizeof text, c <= 0xffff ? "\\u%04X" : "\\U%08X", c);
	yaml_out_add(o, str_of(text));
}

/* Byte i begins a character, or is within one that is written as it is. */
static bool is_escaped(const struct yaml_out *o, struct str s, size_t i)
{
	unsigned char c = (unsigned char)s.p[i];

	if (c >= 0x80 && o->by_hand)
		return (c & 0xc0) != 0x80 &&
		       !yaml_is_printable(utf8_decode(str_sub(s, i, s.n)));
	return c < 0x20 || c > 0x7e || c == '"' || c == '\\';
}

/* start: the first byte that is not written yet. */
static void write_double(struct yaml_out *o, struct str s, unsigned indent, bool fold)
{
	size_t start = 0, len, column;

	yaml_out_add(o, STR("\""));
	for (size_t i = 0; i < s.n; i += len) {
		len = 1;
		if (is_escaped(o, s, i)) {
			yaml_out_add(o, str_sub(s, start, i));
			len = utf8_length(str_sub(s, i, s.n));
			len = len ? len : 1;
			add_escape(o, utf8_decode(str_sub(s, i, s.n)));
			start = i + len;
		}
		column = start > i ? o->column - 1 : o->column + (i - start);
		if (!fold || !i || i + len >= s.n || column <= YAML_WIDTH ||
		    (s.p[i] != ' ' && start < i))
			continue;
		if (start < i) {
			yaml_out_add(o, str_sub(s, start, i));
			start = i;
		}
		yaml_out_add(o, STR("\\"));
		yaml_out_line(o, indent);
		if (s.p[start] == ' ')
			yaml_out_add(o, STR("\\"));
	}
	yaml_out_add(o, str_sub(s, start, s.n));
	yaml_out_add(o, STR("\""));
}

static void write_text(struct yaml_out *o, struct str s, unsigned indent, bool is_key)
{
	struct shape shape = shape_of(s, o->by_hand);
	bool lines = memchr(s.p, '\n', s.n) != NULL;

	if (o->by_hand && !is_key && yaml_is_block(s))
		yaml_write_block(o, s, indent);
	else if (shape.plain)
		write_plain(o, s, indent, !is_key && !o->by_hand);
	else if (shape.single && !(is_key && lines))
		write_single(o, s, indent, !is_key && !o->by_hand);
	else
		write_double(o, s, indent, !is_key && !o->by_hand);
}

/* repr() of Python, and a point before an exponent, without which YAML reads a text. */
static void write_float(struct yaml_out *o, double f)
{
	struct buf b = {0};
	struct str s;
	size_t e;

	if (isnan(f) || isinf(f)) {
		yaml_out_add(o, isnan(f) ? STR(".nan")
				: f > 0  ? STR(".inf")
					 : STR("-.inf"));
		return;
	}
	value_print_float(f, &b);
	s = buf_str(&b);
	e = str_find(s, STR("e"), 0);
	yaml_out_add(o, str_sub(s, 0, e));
	if (e < s.n && str_find(s, STR("."), 0) == s.n)
		yaml_out_add(o, STR(".0"));
	yaml_out_add(o, str_sub(s, e, s.n));
	buf_release(&b);
}

void yaml_write_scalar(struct yaml_out *o, const struct yaml *y, unsigned indent,
		       bool is_key)
{
	char number[32];

	if (y->kind == YAML_STR) {
		write_text(o, y->text, indent, is_key);
	} else if (y->kind == YAML_INT) {
		snprintf(number, sizeof number, "%lld", (long long)y->i);
		yaml_out_add(o, str_of(number));
	} else if (y->kind == YAML_FLOAT) {
		write_float(o, y->f);
	} else if (y->kind == YAML_BOOL) {
		yaml_out_add(o, y->b ? STR("true") : STR("false"));
	} else {
		yaml_out_add(o, STR("null"));
	}
}
