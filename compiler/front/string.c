#include <config.h>

#include "compiler/front/front.h"
#include "runtime/base/utf8.h"

/* Text between quotes that is being decoded. */
struct decoder {
	struct parser *p;
	struct span at;		/* of the text */
	struct str text;
	bool raw, fstring;
	size_t indent;		/* bytes of white space to drop where a line begins */
	struct buf out;
};

static unsigned hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if ((c | 32) >= 'a' && (c | 32) <= 'f')
		return (unsigned)((c | 32) - 'a' + 10);
	return 16;
}

static void say_escape(struct decoder *d, size_t i, size_t n, const char *why)
{
	uint32_t lo = d->at.lo + (uint32_t)i;
	struct span at = {lo, lo + (uint32_t)n};
	struct diag *e = diag(d->p->ctx->diags, at, E0106, "%s", why);

	diag_fix(e, (struct span){lo, lo + 1}, STR("\\\\"),
		 "a backslash is written '\\\\'");
}

/* \xNN, \uNNNN, \UNNNNNNNN at i: the character with that number.  Bytes used. */
static size_t decode_number(struct decoder *d, size_t i)
{
	char kind = d->text.p[i + 1], utf8[4];
	size_t want = kind == 'x' ? 2 : kind == 'u' ? 4 : 8, n = 0;
	uint32_t c = 0;

	while (n < want && i + 2 + n < d->text.n && hex_value(d->text.p[i + 2 + n]) < 16)
		c = c << 4 | hex_value(d->text.p[i + 2 + n++]);
	if (n < want) {
		say_escape(d, i, 2 + n,
			   kind == 'x' ? "'\\x' wants 2 hexadecimal digits"
			   : kind == 'u' ? "'\\u' wants 4 hexadecimal digits"
					 : "'\\U' wants 8 hexadecimal digits");
		return 2 + n;
	}
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
		say_escape(d, i, 2 + n, "no character has this number");
		return 2 + n;
	}
	buf_add(&d->out, (struct str){utf8, utf8_write(c, utf8)});
	return 2 + n;
}

static size_t decode_escape(struct decoder *d, size_t i)
{
	static const char NAMES[] = "nt\\\"'r0", VALUES[] = "\n\t\\\"'\r";
	char c = i + 1 < d->text.n ? d->text.p[i + 1] : ' ';
	const char *known = memchr(NAMES, c, sizeof NAMES - 1);
	size_t n;

	if (c == 'x' || c == 'u' || c == 'U')
		return decode_number(d, i);
	if (known) {
		buf_addc(&d->out, VALUES[known - NAMES]);
		return 2;
	}
	n = utf8_length(str_sub(d->text, i + 1, d->text.n));
	if (c == '\n')
		say_escape(d, i, 1, "a line does not go on after a backslash");
	else
		say_escape(d, i, 1 + n, "there is no such escape sequence");
	return 1 + n;
}

/* Appends text[i..] up to what needs a closer look.  Bytes used. */
static size_t decode_plain(struct decoder *d, size_t i)
{
	size_t hi = i;

	while (hi < d->text.n) {
		char c = d->text.p[hi];

		if ((c == '\\' && !d->raw) || c == '\n' ||
		    (d->fstring && (c == '{' || c == '}')))
			break;
		hi++;
	}
	buf_add(&d->out, str_sub(d->text, i, hi));
	return hi - i;
}

/* A newline, and the indentation of the line that it begins. */
static size_t decode_newline(struct decoder *d, size_t i)
{
	size_t n = 1;

	buf_addc(&d->out, '\n');
	while (n <= d->indent && i + n < d->text.n &&
	       (d->text.p[i + n] == ' ' || d->text.p[i + n] == '\t'))
		n++;
	return n;
}

static struct str decode(struct decoder *d)
{
	struct str s;

	for (size_t i = 0; i < d->text.n;) {
		char c = d->text.p[i];

		if (c == '\n') {
			i += decode_newline(d, i);
		} else if (c == '\\' && !d->raw) {
			i += decode_escape(d, i);
		} else if (d->fstring && (c == '{' || c == '}')) {
			buf_addc(&d->out, c);
			i += 2;
		} else {
			i += decode_plain(d, i);
		}
	}
	s = arena_str(d->p->ctx->arena, buf_str(&d->out));
	buf_release(&d->out);
	return s;
}

/* The least indentation of the lines of s that begin in it and are not blank; *indent
 * before where there is none.  goes_on: the last line does not end with s. */
static size_t least_indent(struct str s, bool goes_on, size_t indent)
{
	size_t i = 0;

	while ((i = str_find(s, STR("\n"), i)) < s.n) {
		size_t n = 0;

		for (i++; i + n < s.n && (s.p[i + n] == ' ' || s.p[i + n] == '\t');)
			n++;
		if (i + n < s.n ? s.p[i + n] == '\n' : !goes_on)
			continue;
		indent = n < indent ? n : indent;
	}
	return indent;
}

/* Of a text of several lines: a newline at once after the opening quotes is dropped,
 * and the blanks before the closing ones if they stand on a line of their own. */
static struct span trim_lines(struct parser *p, struct span at, bool first, bool last)
{
	struct str s = text_at(p, at);
	size_t hi = s.n;

	while (last && hi && (s.p[hi - 1] == ' ' || s.p[hi - 1] == '\t'))
		hi--;
	if (last && hi && s.p[hi - 1] == '\n')
		at.hi = at.lo + (uint32_t)hi;
	if (first && at.lo < at.hi && s.p[0] == '\n')
		at.lo++;
	return at;
}

/* Drops the blanks that a text begins with, up to indent: its line began before it. */
static struct span skip_indent(struct parser *p, struct span at, size_t indent)
{
	struct str s = text_at(p, at);
	size_t n = 0;

	while (n < indent && n < s.n && (s.p[n] == ' ' || s.p[n] == '\t'))
		n++;
	at.lo += (uint32_t)n;
	return at;
}

struct node *string_parse(struct parser *p, struct span whole, struct span inside,
			  unsigned flags)
{
	struct node *n = node_new(p->ctx->arena, AST_STRING, whole);
	struct decoder d = {.p = p, .at = inside, .raw = flags & STRING_RAW};
	struct str s = text_at(p, inside);

	if (flags & STRING_TRIPLE) {
		d.indent = least_indent(s, false, s.n);
		d.at = trim_lines(p, inside, true, true);
		if (d.at.lo > inside.lo)
			d.at = skip_indent(p, d.at, d.indent);
	} else if (d.raw || !memchr(s.p, '\\', s.n)) {
		n->string.value = arena_str(p->ctx->arena, s);
		return n;
	}
	d.text = text_at(p, d.at);
	n->string.value = decode(&d);
	return n;
}

/* Parts that touch, as `"` within `"""`, are one text. */
static void join_texts(struct list *parts)
{
	struct list joined = {0};

	for (struct node *n = parts->first, *next; n; n = next) {
		struct node *last = joined.last;

		next = n->next;
		if (last && last->kind == AST_STRING && n->kind == AST_STRING)
			last->span.hi = n->span.hi;
		else
			list_add(&joined, n);
	}
	*parts = joined;
}

static bool is_triple(struct str s)
{
	return s.n >= 7 && s.p[1] == s.p[2] && s.p[2] == s.p[3];
}

void fstring_decode(struct parser *p, struct node *fstring)
{
	bool triple = is_triple(text_at(p, fstring->span));
	struct list *parts = &fstring->fstring.parts;
	size_t indent = SIZE_MAX;

	join_texts(parts);
	list_each(n, parts)
		if (triple && n->kind == AST_STRING)
			indent = least_indent(text_at(p, n->span), n->next, indent);
	list_each(n, parts) {
		struct decoder d = {.p = p, .at = n->span, .fstring = true,
				    .indent = indent};

		if (n->kind != AST_STRING)
			continue;
		if (triple) {
			d.at = trim_lines(p, n->span, n == parts->first, !n->next);
			if (d.at.lo > n->span.lo)
				d.at = skip_indent(p, d.at, indent);
		}
		d.text = text_at(p, d.at);
		n->string.value = decode(&d);
	}
}
