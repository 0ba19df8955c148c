#include <config.h>

#include "compiler/front/front.h"
#include "compiler/front/gram.h"

/* The likely meaning of a syntax error: rules from the particular to the general, each of
 * which looks at the token that does not fit, at what stands around it and at what could
 * have stood there, and says nothing or all. */
struct fault {
	struct parser *p;
	struct token at, prev, first;	/* first: of the line */
	const bool *expected;
	int closer;			/* of the innermost open bracket; 0: none */
	bool begins;			/* at is the first token of its line */
};

static struct diag *say(const struct fault *f, enum diag_code code, const char *text)
{
	return diag(f->p->ctx->diags, f->at.at, code, "%s", text);
}

/* The token as it is named in a message. */
static struct str shown(const struct fault *f, const struct token *t)
{
	struct str s = text_at(f->p, t->at);

	switch (t->kind) {
	case YYEOF:
		return STR("the end of the file");
	case NEWLINE:
		return STR("the end of the line");
	case INDENT:
		return STR("an indented line");
	case DEDENT:
		return STR("the end of the block");
	case RAW:
		return STR("a code block");
	case STRING:
		return STR("a string");
	case FSTART:
	case FTEXT:
		return STR("an f-string");
	case FSPEC:
		return STR("a format");
	}
	return arena_printf(f->p->ctx->arena, "'%.*s%s'", STR_ARG(str_sub(s, 0, 24)),
			    s.n > 24 ? "..." : "");
}

static bool is_keyword(int kind)
{
	return kind >= AND && kind <= TEST;
}

static bool wants_expression(const struct fault *f)
{
	return f->expected[NUMBER] && f->expected[NAME];
}

static bool begins_expression(int kind)
{
	switch (kind) {
	case NAME:
	case NUMBER:
	case STRING:
	case FSTART:
	case NONE:
	case TRUE:
	case FALSE:
	case LPAREN:
	case LBRACKET:
	case LBRACE:
	case NOT:
		return true;
	}
	return false;
}

static const struct word_hint {
	const char *word, *text;
} RESERVED_HINTS[] = {
	{"while", "there is no 'while': a loop goes over a list, with 'for'"},
	{"class", "there are no classes: 'struct' declares a type with fields"},
	{"lambda", "there is no 'lambda': declare the function with 'def'"},
	{"raise", "there is no 'raise': 'assert' fails a run"},
};

static bool reserved_word(const struct fault *f)
{
	struct str word = text_at(f->p, f->at.at);

	if (!is_keyword(f->at.kind))
		return false;
	if (f->expected[NAME] && !f->expected[NUMBER] && f->prev.kind != NEWLINE) {
		diag(f->p->ctx->diags, f->at.at, E0209,
		     "'%.*s' is a reserved word and cannot be a name", STR_ARG(word));
		return true;
	}
	if (f->at.kind != RESERVED)
		return false;
	for (size_t i = 0; i < sizeof RESERVED_HINTS / sizeof *RESERVED_HINTS; i++)
		if (str_is(word, RESERVED_HINTS[i].word)) {
			say(f, E0210, RESERVED_HINTS[i].text);
			return true;
		}
	diag(f->p->ctx->diags, f->at.at, E0210,
	     "'%.*s' is a word of Python without a meaning here",
	     STR_ARG(word));
	return true;
}

static bool lone_clause(const struct fault *f)
{
	if (!f->begins)
		return false;
	switch (f->at.kind) {
	case ELSE:
		say(f, E0207, "'else' without an 'if' before it");
		return true;
	case ELIF:
		say(f, E0207, "'elif' without an 'if' before it");
		return true;
	case EXCEPT:
		say(f, E0207, "'except' without a 'try' before it");
		return true;
	case FINALLY:
		say(f, E0207, "'finally' without a 'try' before it");
		return true;
	}
	return false;
}

/* if a = b: */
static bool comparison_meant(const struct fault *f)
{
	bool condition = f->closer || f->first.kind == IF || f->first.kind == ELIF ||
			 f->first.kind == ASSERT || f->first.kind == RETURN;
	struct diag *d;

	if (f->at.kind != ASSIGN || !f->expected[EQ])
		return false;
	if (!condition) {
		say(f, E0204, "a statement has one '='");
		return true;
	}
	d = say(f, E0204, "'=' does not compare");
	diag_fix(d, f->at.at, STR("=="), "to compare, write '=='");
	return true;
}

static bool unpacking(const struct fault *f)
{
	if (f->at.kind != COMMA || f->closer || !f->expected[ASSIGN] ||
	    f->first.kind != NAME)
		return false;
	diag_note(say(f, E0211, "a statement binds one name"), SPAN_NONE,
		  "write 't = split()' and then use 't.a' and 't.b'");
	return true;
}

/* What Python has between brackets and this language has not. */
static bool python_brackets(const struct fault *f)
{
	const char *text = NULL;

	if (f->closer == RPAREN && f->at.kind == COMMA && f->expected[RPAREN])
		text = "there are no tuples: a list is written [a, b]";
	else if (f->closer == RPAREN && f->at.kind == FOR)
		text = "a comprehension stands in brackets of its own: [... for x in xs]";
	else if (f->closer == RBRACKET && f->at.kind == COLON)
		text = "there are no slices: write [xs[i] for i in range(lo, hi)]";
	else if (f->closer == RBRACKET && f->at.kind == FOR)
		text = "a comprehension has one 'for'";
	else if (f->closer == RBRACE && f->at.kind == FOR)
		text = "comprehensions make lists only";
	else if (f->closer == RBRACE && f->expected[COLON] &&
		 (f->at.kind == COMMA || f->at.kind == RBRACE))
		text = "there are no sets: a dict is written {key: value}";
	else if ((f->at.kind == STAR || f->at.kind == POWER) &&
		 (f->prev.kind == LPAREN || f->prev.kind == COMMA ||
		  f->prev.kind == LBRACE))
		text = "arguments are written one by one, not with '*'";
	if (text)
		say(f, E0210, text);
	return text;
}

static bool foreign_operator(const struct fault *f)
{
	struct str s = text_at(f->p, f->at.at);

	if (f->at.kind != FOREIGN && f->at.kind != BAR)
		return false;
	if (str_is(s, "@") && f->begins)
		say(f, E0210, "there are no decorators");
	else
		diag(f->p->ctx->diags, f->at.at, E0210, "there is no operator '%.*s'",
		     STR_ARG(s));
	return true;
}

static bool import_form(const struct fault *f)
{
	if (f->first.kind != IMPORT && f->first.kind != FROM)
		return false;
	if (f->at.kind == STAR)
		say(f, E0208, "name what is imported: there is no 'import *'");
	else if (f->at.kind == DOT && f->prev.kind == FROM)
		say(f, E0208, "a file is named by a string: from \"x.kfp\" import y");
	else if (f->at.kind == COMMA && f->first.kind == IMPORT)
		say(f, E0208, "an import names one module");
	else if (f->at.kind == NEWLINE && f->prev.kind == AS)
		say(f, E0208, "expected a name after 'as'");
	else
		return false;
	return true;
}

static bool except_names(const struct fault *f)
{
	struct diag *d;

	if (f->prev.kind != EXCEPT)
		return false;
	d = say(f, E0210, "'except' names no exceptions");
	diag_note(d, SPAN_NONE, "in its block, 'run.error' tells what failed");
	return true;
}

static bool empty_field(const struct fault *f)
{
	struct diag *d;

	if (f->at.kind != FCLOSE || f->prev.kind != FOPEN)
		return false;
	d = diag(f->p->ctx->diags, span_join(f->prev.at, f->at.at), E0108,
		 "an f-string's '{}' holds an expression");
	diag_propose(d, span_join(f->prev.at, f->at.at), STR("{{}}"),
		     "for the characters themselves, write '{{}}'");
	return true;
}

static bool compound_inline(const struct fault *f)
{
	if (f->prev.kind != COLON || f->begins ||
	    !(token_begins_block(f->at.kind) || f->at.kind == RAW))
		return false;
	diag(f->p->ctx->diags, f->at.at, E0212, "%.*s begins on a line of its own",
	     STR_ARG(shown(f, &f->at)));
	return true;
}

static bool settings_form(const struct fault *f)
{
	if (f->prev.kind == WITH)
		say(f, E0201, "expected settings after 'with', as 'retries=2'");
	else if (f->at.kind == WITH)
		say(f, E0201, "'with' belongs to the call at the root of a statement");
	else
		return false;
	return true;
}

/* Control statements, whose ':' may be followed on its line. */
static bool is_control(int kind)
{
	return kind == IF || kind == ELIF || kind == ELSE || kind == FOR || kind == TRY ||
	       kind == EXCEPT || kind == FINALLY;
}

static bool colon_missing(const struct fault *f)
{
	uint32_t at = f->prev.at.hi;
	struct diag *d;

	if (!f->expected[COLON] || f->closer || !token_begins_block(f->first.kind))
		return false;
	if (f->at.kind != NEWLINE &&
	    !(is_control(f->first.kind) && (begins_expression(f->at.kind) ||
					    f->at.kind == RETURN || f->at.kind == PASS)))
		return false;
	d = diag(f->p->ctx->diags, (struct span){at, at}, E0202,
		 "expected ':' before %.*s",
		 STR_ARG(shown(f, &f->at)));
	diag_fix(d, (struct span){at, at}, STR(":"), "add ':'");
	return true;
}

static bool comma_missing(const struct fault *f)
{
	struct span gap = {f->prev.at.hi, f->prev.at.hi};
	struct diag *d;

	if (!f->closer || !f->expected[COMMA] || !begins_expression(f->at.kind))
		return false;
	if (f->expected[COLON] && f->at.kind == NAME) {	/* a parameter's type */
		d = diag(f->p->ctx->diags, f->at.at, E0202, "expected ':' before %.*s",
			 STR_ARG(shown(f, &f->at)));
		diag_fix(d, gap, STR(":"), "add ':'");
		return true;
	}
	d = diag(f->p->ctx->diags, f->at.at, E0203, "expected ',' before %.*s",
		 STR_ARG(shown(f, &f->at)));
	diag_fix(d, gap, STR(","), "add ','");
	return true;
}

/* x: int, without a value. */
static bool value_missing(const struct fault *f)
{
	if (f->at.kind != NEWLINE || !f->expected[ASSIGN] || f->first.kind == ENUM)
		return false;
	say(f, E0201, "expected '=' and a value");
	return true;
}

static const char *const KEYWORDS[] = {
	"component", "pipeline", "environment", "enum", "struct", "type", "artifact",
	"config", "const", "schedule", "stub", "test", "import", "from", "def", "return",
	"assert", "if", "elif", "for",
};

static const struct word_hint STATEMENT_HINTS[] = {
	{"elseif", "elif"}, {"elsif", "elif"}, {"function", "def"}, {"func", "def"},
	{"fn", "def"}, {"fun", "def"}, {"let", ""}, {"var", ""}, {"val", ""},
	{"final", ""}, {"dag", "pipeline"}, {"workflow", "pipeline"},
	{"task", "component"}, {"step", "component"},
};

/* What the first word of the line should have been; NULL if nothing is near. */
static const char *keyword_meant(struct str word)
{
	struct suggestion s = {.wanted = word};

	for (size_t i = 0; i < sizeof STATEMENT_HINTS / sizeof *STATEMENT_HINTS; i++)
		if (str_is(word, STATEMENT_HINTS[i].word))
			return STATEMENT_HINTS[i].text;
	for (size_t i = 0; i < sizeof KEYWORDS / sizeof *KEYWORDS; i++)
		suggest(&s, str_of(KEYWORDS[i]));
	return s.best.n ? s.best.p : NULL;
}

/* print x, and misspelled keywords. */
static bool two_words(const struct fault *f)
{
	struct str word = text_at(f->p, f->first.at);
	const char *meant = keyword_meant(word);
	struct diag *d;

	if (f->first.kind != NAME || f->prev.at.lo != f->first.at.lo || f->closer ||
	    !(begins_expression(f->at.kind) || is_keyword(f->at.kind)))
		return false;
	if (meant) {
		d = diag(f->p->ctx->diags, f->first.at, E0201,
			 "no statement begins with '%.*s'",
			 STR_ARG(word));
		diag_propose(d, f->first.at, str_of(meant),
			     *meant ? "did you mean '%s'?"
				    : "a name is bound by '=' alone",
			     meant);
		vec_last(&d->fixes).sure = *meant &&
					   str_distance(word, str_of(meant), 2) <= 2;
		return true;
	}
	d = diag(f->p->ctx->diags, f->at.at, E0201, "expected '=' or '(' after '%.*s'",
		 STR_ARG(word));
	diag_note(d, SPAN_NONE, "a call is written %.*s(...)", STR_ARG(word));
	return true;
}

static const char *const SHOWN_NAMES[] = {
	[NEWLINE] = "the end of the line", [INDENT] = "an indented block",
	[NAME] = "a name", [STRING] = "a string", [FOR] = "'for'", [IN] = "'in'",
	[IMPORT] = "'import'",
	[AS] = "'as'", [ELSE] = "'else'", [LPAREN] = "'('", [RPAREN] = "')'",
	[RBRACKET] = "']'", [RBRACE] = "'}'", [COMMA] = "','", [COLON] = "':'",
	[ASSIGN] = "'='", [ARROW] = "'->'", [FCLOSE] = "'}'", [DOT] = "'.'",
	[IF] = "'if'",
};

/* "expected A, B or C", for at most three. */
static bool few_expected(const struct fault *f)
{
	const char *names[3];
	unsigned n = 0;
	struct str got = shown(f, &f->at);

	for (int kind = NEWLINE; kind <= FOREIGN; kind++) {
		const char *name = (size_t)kind < sizeof SHOWN_NAMES / sizeof *SHOWN_NAMES
					   ? SHOWN_NAMES[kind] : NULL;

		if (!f->expected[kind])
			continue;
		if (n == 3 || !name)
			return false;
		names[n++] = name;
	}
	if (!n)
		return false;
	diag(f->p->ctx->diags, f->at.at, E0201, "expected %s%s%s%s%s, not %.*s", names[0],
	     n == 3 ? ", " : "", n == 3 ? names[1] : "", n > 1 ? " or " : "",
	     n > 1 ? names[n - 1] : "", STR_ARG(got));
	return true;
}

static void general(const struct fault *f)
{
	struct str got = shown(f, &f->at);

	if (wants_expression(f) && !f->begins)
		diag(f->p->ctx->diags, f->at.at, E0201,
		     "expected an expression after %.*s, not %.*s",
		     STR_ARG(shown(f, &f->prev)), STR_ARG(got));
	else if (f->expected[NAME] && !f->expected[NUMBER] && !f->begins)
		diag(f->p->ctx->diags, f->at.at, E0201,
		     "expected a name after %.*s, not %.*s",
		     STR_ARG(shown(f, &f->prev)), STR_ARG(got));
	else if (f->begins)
		diag(f->p->ctx->diags, f->at.at, E0201, "no statement begins with %.*s",
		     STR_ARG(got));
	else
		diag(f->p->ctx->diags, f->at.at, E0201, "%.*s does not fit after %.*s",
		     STR_ARG(got), STR_ARG(shown(f, &f->prev)));
}

/* The lexer found fault with the very token: that the grammar does too is no news. */
static bool is_said(const struct fault *f)
{
	const struct diags *ds = f->p->ctx->diags;
	const struct diag *d = ds->all.n ? ds->all.at[ds->all.n - 1] : NULL;

	return d && d->span.lo == f->at.at.lo && d->span.hi == f->at.at.hi;
}

void syntax_error(struct parser *p, const bool *expected)
{
	static bool (*const RULES[])(const struct fault *) = {
		empty_field, lone_clause, except_names, import_form, reserved_word,
		comparison_meant, unpacking, python_brackets, foreign_operator,
		compound_inline, colon_missing, comma_missing, settings_form,
		value_missing, two_words, few_expected,
	};
	struct layout *l = &p->layout;
	size_t nopen = layout_depth(p);
	struct fault f = {
		.p = p, .at = l->last, .prev = l->prev, .first = l->given_first,
		.expected = expected,
		.closer = token_closes(l->last.kind) ? l->last.kind
			  : nopen ? l->open.at[nopen - 1].closer : 0,
		.begins = l->last.at.lo == l->given_first.at.lo && !nopen,
	};

	p->result->incomplete |= l->last.at_end;
	if (!layout_recover(p) || is_said(&f))
		return;
	for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++)
		if (RULES[i](&f))
			return;
	general(&f);
}
