/* Shell contents: what can be said of them without running them.
 *
 * A reader of POSIX shell that knows no more than where words begin and how they are
 * quoted.  What it is not sure of, it does not mention. */
#include <config.h>

#include <string.h>

#include "compiler/sema/check.h"

enum { MAX_LEVELS = 64 };	/* of quotes and substitutions; deeper is not looked at */

/* What the text at a place is part of. */
enum level {
	PLAIN,			/* commands and words */
	QUOTED,			/* "..." */
	ARITHMETIC,		/* $((...)) */
};

struct reader {
	struct scope *c;
	const struct node *code;
	const struct symbol *component;
	struct str text;
	size_t at;
	enum level levels[MAX_LEVELS];
	char closers[MAX_LEVELS];	/* what ends each: ) " ` or 2 for )) */
	unsigned nlevels;
	size_t word;			/* where the word began */
	bool in_word;
	bool is_command;		/* the word names a command */
	bool no_split;			/* after `case`, or a redirection */
	bool cached;
	bool said_network, said_clock;
	struct str here;		/* the end of a here-document that begins next line */
};

static bool is_name_char(char k, bool first)
{
	return k == '_' || (k >= 'A' && k <= 'Z') || (k >= 'a' && k <= 'z') ||
	       (!first && k >= '0' && k <= '9');
}

static char peek(const struct reader *r, size_t ahead)
{
	return r->at + ahead < r->text.n ? r->text.p[r->at + ahead] : '\0';
}

/* The place in the source of offset `at` of the code. */
static uint32_t source_of(const struct reader *r, size_t at)
{
	const struct src *src = r->c->s->parse.src;
	const struct src_file *f = src_file_at(src, r->code->code.text_at.lo);
	uint32_t line = src_pos_at(src, r->code->code.text_at.lo).line;
	size_t begin = 0;
	struct str text;

	for (size_t i = 0; i < at; i++) {
		if (r->text.p[i] != '\n')
			continue;
		line++;
		begin = i + 1;
	}
	text = src_line(f, line);
	at += (size_t)r->code->code.indent - begin;
	return f->base + (uint32_t)(text.p - f->text.p) +
	       (uint32_t)(at < text.n ? at : text.n);
}

static bool may_hold_spaces(const struct type *t)
{
	switch (type_strip(t)->kind) {
	case TYPE_STR:
	case TYPE_JSON:
	case TYPE_LIST:
	case TYPE_DICT:
	case TYPE_STRUCT:
		return true;
	default:
		return false;
	}
}

static bool is_path_of(struct str name, const struct sym *port)
{
	return name.n > 5 && str_has_suffix(name, STR("_path")) &&
	       str_eq(str_sub(name, 0, name.n - 5), sym_str(port));
}

/* Does the variable hold text that the shell would split at spaces? */
static bool is_text(const struct reader *r, struct str name)
{
	for (uint32_t i = 0; i < r->component->nparams; i++) {
		const struct symbol *p = r->component->params[i];

		if (type_holds_artifacts(p->type) ? is_path_of(name, p->name)
						  : str_eq(name, sym_str(p->name)))
			return type_holds_artifacts(p->type) || may_hold_spaces(p->type);
	}
	for (uint32_t i = 0; i < r->component->nouts; i++)
		if (is_path_of(name, r->component->outs[i].name))
			return true;
	return false;
}

static bool is_assignment(const struct reader *r)
{
	size_t i = r->word;

	while (i < r->at && is_name_char(r->text.p[i], i == r->word))
		i++;
	return i > r->word && i < r->at && r->text.p[i] == '=';
}

/* $name and ${name}; r->at is at the dollar sign. */
static void read_variable(struct reader *r)
{
	bool braced = peek(r, 1) == '{';
	size_t lo = r->at + 1 + braced, hi = lo;
	struct str name, put;
	struct span at;

	while (hi < r->text.n && is_name_char(r->text.p[hi], hi == lo))
		hi++;
	name = str_sub(r->text, lo, hi);
	if (hi == lo || (braced && (hi == r->text.n || r->text.p[hi] != '}'))) {
		r->at++;
		return;
	}
	hi += braced;
	if (r->levels[r->nlevels - 1] == PLAIN && !r->no_split && !is_assignment(r) &&
	    is_text(r, name)) {
		at = (struct span){source_of(r, r->at), source_of(r, hi)};
		put = arena_printf(r->c->s->parse.arena, "\"%.*s\"",
				   STR_ARG(str_sub(r->text, r->at, hi)));
		diag_fix(diag(r->c->s->parse.diags, at, W0506,
			      "the shell splits '$%.*s' where it has spaces",
			      STR_ARG(name)),
			 at, put, "quote it: %s", put.p);
	}
	r->at = hi;
}

static const char *const NETWORK[] = {
	"curl", "wget",   "ssh",    "scp", "rsync", "sftp", "ftp",     "nc",
	"aws",  "gsutil", "gcloud", "az",  "pip",   "npm",  "apt-get", NULL};
static const char *const CLOCK[] = {"date", "uuidgen", NULL};

static bool is_one_of(struct str word, const char *const *words)
{
	while (*words && !str_is(word, *words))
		words++;
	return *words != NULL;
}

static void say_uncached(struct reader *r, struct str word, size_t lo, const char *what)
{
	struct diag *d =
		diag(r->c->s->parse.diags,
		     (struct span){source_of(r, lo), source_of(r, lo + word.n)}, W0505,
		     "this reads %s, which a cached result cannot follow", what);

	diag_label(d, "write 'cache = off' in the component");
}

static void end_word(struct reader *r)
{
	struct str word = str_sub(r->text, r->word, r->at);

	if (!r->in_word)
		return;
	r->in_word = false;
	r->no_split = str_is(word, "case");
	if (!r->is_command || is_assignment(r))
		return;
	if (r->cached && !r->said_network && is_one_of(word, NETWORK)) {
		r->said_network = true;
		say_uncached(r, word, r->word, "the network");
	}
	if (r->cached && !r->said_clock && is_one_of(word, CLOCK)) {
		r->said_clock = true;
		say_uncached(r, word, r->word,
			     str_is(word, "date") ? "the clock" : "chance");
	}
	/* After these a command is named. */
	r->is_command = is_one_of(word, (const char *const[]){
		"if", "then", "else", "elif", "while", "until", "do", "time", "exec",
		"command", "!", "{", NULL});
}

static void begin_word(struct reader *r)
{
	if (!r->in_word)
		r->word = r->at;
	r->in_word = true;
}

static bool push(struct reader *r, enum level level, char closer, size_t skip)
{
	if (r->nlevels == MAX_LEVELS)
		return false;
	r->levels[r->nlevels] = level;
	r->closers[r->nlevels++] = closer;
	r->at += skip;
	if (level == PLAIN) {
		r->is_command = true;
		r->in_word = false;
	}
	return true;
}

/* $(...), $((...)), $name; false when it is nested too deeply. */
static bool read_dollar(struct reader *r)
{
	begin_word(r);
	if (peek(r, 1) == '(' && peek(r, 2) == '(')
		return push(r, ARITHMETIC, 2, 3);
	if (peek(r, 1) == '(')
		return push(r, PLAIN, ')', 2);
	read_variable(r);
	return true;
}

/* << and the word that ends the document. */
static void read_here(struct reader *r)
{
	size_t lo, hi;

	r->at += peek(r, 2) == '-' ? 3 : 2;
	while (peek(r, 0) == ' ')
		r->at++;
	lo = r->at + (peek(r, 0) == '\'' || peek(r, 0) == '"');
	for (hi = lo; hi < r->text.n && is_name_char(r->text.p[hi], false); hi++)
		;
	r->here = str_sub(r->text, lo, hi);
	r->at = hi + (lo > r->at);
}

/* The lines of a here-document, its end with them; r->at is behind a newline. */
static void skip_here(struct reader *r)
{
	while (r->here.n && r->at < r->text.n) {
		size_t hi = str_find(r->text, STR("\n"), r->at);

		if (str_eq(str_trim(str_sub(r->text, r->at, hi)), r->here))
			r->here = STR("");
		r->at = hi < r->text.n ? hi + 1 : hi;
	}
	r->here = STR("");
}

static void read_newline(struct reader *r)
{
	end_word(r);
	r->is_command = true;
	r->no_split = false;
	r->at++;
	skip_here(r);
}

static void skip_quoted(struct reader *r)
{
	begin_word(r);
	r->at = str_find(r->text, STR("'"), r->at + 1);
	r->at += r->at < r->text.n;
}

static bool closes(struct reader *r)
{
	char closer = r->closers[r->nlevels - 1];
	bool is_end = closer == 2 ? peek(r, 0) == ')' && peek(r, 1) == ')'
				  : peek(r, 0) == closer;

	if (!is_end || r->nlevels == 1)
		return false;
	if (r->levels[r->nlevels - 1] == PLAIN)
		end_word(r);
	r->nlevels--;
	r->at += closer == 2 ? 2 : 1;
	/* What was substituted is part of a word, and that no command's name. */
	r->in_word = true;
	r->is_command = false;
	r->word = r->at;
	return true;
}

static bool read_plain(struct reader *r)
{
	char k = peek(r, 0);

	if (k == '\n') {
		read_newline(r);
	} else if (k == ' ' || k == '\t') {
		end_word(r);
		r->at++;
	} else if (k == '#' && !r->in_word) {
		r->at = str_find(r->text, STR("\n"), r->at);
	} else if (k == '<' && peek(r, 1) == '<') {
		end_word(r);
		read_here(r);
	} else if (k == '<' || k == '>') {
		end_word(r);
		r->no_split = true;
		r->at++;
	} else if (strchr(";|&()", k)) {
		end_word(r);
		r->is_command = true;
		r->no_split = false;
		r->at++;
	} else if (k == '\'') {
		skip_quoted(r);
	} else if (k == '"') {
		begin_word(r);
		return push(r, QUOTED, '"', 1);
	} else {
		begin_word(r);
		r->at++;
	}
	return true;
}

static bool read_one(struct reader *r)
{
	if (peek(r, 0) == '\\') {
		begin_word(r);
		r->at += 2;
		return true;
	}
	if (closes(r))
		return true;
	if (peek(r, 0) == '$')
		return read_dollar(r);
	if (peek(r, 0) == '`')
		return push(r, PLAIN, '`', 1);
	if (r->levels[r->nlevels - 1] == PLAIN)
		return read_plain(r);
	r->at++;
	return true;
}

void check_shell(struct scope *c, const struct node *code, const struct symbol *component,
		 bool cached)
{
	struct reader r = {
		.c = c, .code = code, .component = component, .text = code->code.text,
		.levels = {PLAIN}, .nlevels = 1, .is_command = true, .cached = cached,
	};

	while (r.at < r.text.n && read_one(&r))
		;
	end_word(&r);
}
