#include <config.h>

#include "compiler/front/front.h"
#include "compiler/front/gram.h"
#include "runtime/base/utf8.h"

/* Says that what stands at the span is written in another way here. */
static void say_ours(struct parser *p, struct span at, const char *ours, const char *what)
{
	struct str theirs = text_at(p, at);
	struct diag *d = diag(p->ctx->diags, at, E0113, "'%.*s' %s", STR_ARG(theirs),
			      what);

	diag_fix(d, at, str_of(ours), *ours ? "write '%s'" : "leave it out", ours);
}

/* Punctuation that editors and other keyboards put in place of ASCII. */
static const struct look_alike {
	uint32_t code;
	const char *ascii;
	int kind;		/* what it is read as; 0: nothing */
} LOOK_ALIKES[] = {
	{0x00a0, " ", 0}, {0x00b4, "'", 0}, {0x00d7, "*", STAR}, {0x00f7, "/", SLASH},
	{0x2002, " ", 0}, {0x2003, " ", 0}, {0x2009, " ", 0}, {0x200b, "", 0},
	{0x2010, "-", MINUS}, {0x2011, "-", MINUS}, {0x2013, "-", MINUS},
	{0x2014, "-", MINUS},
	{0x2018, "'", 0}, {0x2019, "'", 0}, {0x201c, "\"", 0}, {0x201d, "\"", 0},
	{0x201e, "\"", 0}, {0x2192, "->", ARROW}, {0x2212, "-", MINUS},
	{0x2260, "!=", NE},
	{0x2264, "<=", LE}, {0x2265, ">=", GE}, {0x3000, " ", 0}, {0x3001, ",", COMMA},
	{0xfeff, "", 0}, {0xff08, "(", LPAREN}, {0xff09, ")", RPAREN},
	{0xff0c, ",", COMMA},
	{0xff1a, ":", COLON}, {0xff1d, "=", ASSIGN}, {0xff3b, "[", LBRACKET},
	{0xff3d, "]", RBRACKET},
};

static const struct look_alike *look_alike(uint32_t c)
{
	for (size_t i = 0; i < sizeof LOOK_ALIKES / sizeof *LOOK_ALIKES; i++)
		if (LOOK_ALIKES[i].code == c)
			return &LOOK_ALIKES[i];
	return NULL;
}

/* How far to look for the second quote, so that many of them take no time. */
enum { QUOTED_MAX = 400 };

/* "text" between typographic quotes: a string.  Its end, or 0 if there is no second
 * quote. */
static uint32_t quoted(struct parser *p, struct token *t, uint32_t lo, uint32_t open)
{
	uint32_t end = p->lex.end - lo > QUOTED_MAX ? lo + QUOTED_MAX : p->lex.end;
	struct str line = text_at(p, (struct span){lo, end});
	struct str close = open == 0x2018 ? STR("\xe2\x80\x99") : STR("\xe2\x80\x9d");
	size_t hi;
	struct span at;
	struct diag *d;

	line = str_sub(line, 0, str_find(line, STR("\n"), 0));
	hi = str_find(line, close, 3);
	if (hi >= line.n)
		return 0;
	at = (struct span){lo, lo + (uint32_t)hi + 3};
	d = diag(p->ctx->diags, at, E0102, "a string stands between plain quotes");
	diag_fix(d, (struct span){at.lo, at.lo + 3}, STR("\""), "write '\"'");
	diag_fix(d, (struct span){at.hi - 3, at.hi}, STR("\""), "write '\"'");
	t->kind = STRING;
	t->node = string_parse(p, at, (struct span){at.lo + 3, at.hi - 3}, STRING_RAW);
	return at.hi;
}

/* One character that looks like one of ours.  Where it ends. */
static uint32_t foreign_mark(struct parser *p, struct token *t, struct span at,
			     const struct look_alike *ours)
{
	uint32_t c = utf8_decode(text_at(p, at)), end;
	struct diag *d;

	t->kind = ours->kind;
	if (c == 0x201c || c == 0x2018) {
		end = quoted(p, t, at.lo, c);
		if (end)
			return end;
	}
	d = diag(p->ctx->diags, at, E0102, "U+%04X is not part of the language", c);
	diag_fix(d, at, str_of(ours->ascii), *ours->ascii ? "write '%s'" : "leave it out",
		 ours->ascii);
	return at.hi;
}

uint32_t word_foreign(struct parser *p, struct token *t, struct span at)
{
	struct str s = text_at(p, at);
	size_t i = 0;

	for (; i < s.n; i += utf8_length(str_sub(s, i, s.n))) {
		struct str rest = str_sub(s, i, s.n);
		const struct look_alike *ours = look_alike(utf8_decode(rest));
		uint32_t lo = at.lo + (uint32_t)i, n = (uint32_t)utf8_length(rest);

		if (ours && !i)
			return foreign_mark(p, t, (struct span){lo, lo + n}, ours);
		if (ours)
			break;
	}
	s = str_sub(s, 0, i);
	at.hi = at.lo + (uint32_t)s.n;
	if (utf8_count(s) < s.n)
		diag(p->ctx->diags, at, E0102,
		     "names are made of the letters A-Z a-z, digits and '_'");
	t->kind = NAME;
	t->sym = sym_intern(p->ctx->syms, s);
	return at.hi;
}

void word_prefix(struct parser *p, struct span at)
{
	struct str s = text_at(p, at);

	say_ours(p, at, s.n == 2 && (s.p[0] | s.p[1] | 32) != 'b' ? "f" : "",
		 "is no prefix of strings: there are f\"...\" and r\"...\"");
}

void word_conversion(struct parser *p, struct span at)
{
	struct diag *d = diag(p->ctx->diags, at, E0108,
			      "there are no conversions in f-strings");

	diag_fix(d, at, STR(""), "leave it out");
}

void word_debug_field(struct parser *p, struct span at)
{
	struct diag *d = diag(p->ctx->diags, at, E0108,
			      "'=' does not show names in f-strings");

	diag_fix(d, at, STR(""), "leave it out");
}

void word_not(struct parser *p, struct span at)
{
	struct diag *d = diag(p->ctx->diags, at, E0113,
			      "'!' is an operator of other languages");

	diag_fix(d, at, STR("not "), "write 'not'");
}

static const struct foreign_operator {
	const char *theirs, *ours;
	int kind;
} OPERATORS[] = {
	{"&&", "and", AND}, {"||", "or", OR}, {"<>", "!=", NE}, {"===", "==", EQ},
	{"!==", "!=", NE}, {"=>", "->", ARROW}, {":=", "=", ASSIGN},
};

int word_operator(struct parser *p, struct span at)
{
	struct str s = text_at(p, at);

	for (size_t i = 0; i < sizeof OPERATORS / sizeof *OPERATORS; i++) {
		const struct foreign_operator *o = &OPERATORS[i];

		if (!str_is(s, o->theirs))
			continue;
		say_ours(p, at, o->ours, "is an operator of other languages");
		return o->kind;
	}
	diag(p->ctx->diags, at, E0113, "a name is bound once: there is no '%.*s'",
	     STR_ARG(s));
	return str_is(s, "++") ? 0 : FOREIGN;
}

void word_backslash(struct parser *p, struct span at)
{
	struct diag *d = diag(p->ctx->diags, at, E0112,
			      "a backslash does not join lines: brackets do");

	diag_propose(d, at, STR(""), "leave it out inside brackets");
}

void word_stray(struct parser *p, struct span at)
{
	unsigned char c = (unsigned char)text_at(p, at).p[0];

	if (c > ' ' && c < 0x7f)
		diag(p->ctx->diags, at, E0102, "'%c' has no meaning here", c);
	else
		diag(p->ctx->diags, at, E0102,
		     "the control character \\x%02x has no meaning here", c);
}

void word_lone_brace(struct parser *p, struct span at)
{
	struct diag *d = diag(p->ctx->diags, at, E0108,
			      "a '}' in an f-string that closes nothing");

	diag_fix(d, at, STR("}}"), "for the character itself, write '}}'");
}

void word_format_spec(struct parser *p, struct span at)
{
	diag(p->ctx->diags, at, E0108, "a format is plain text, as in {x:.2f}");
}
