#include <config.h>

#include "compiler/front/front.h"
#include "compiler/front/gram.h"

static int closer_of(int kind)
{
	switch (kind) {
	case LPAREN:
		return RPAREN;
	case LBRACKET:
		return RBRACKET;
	case LBRACE:
		return RBRACE;
	case FSTART:
		return FEND;
	case FOPEN:
		return FCLOSE;
	}
	return 0;
}

static bool token_opens(int kind)
{
	return closer_of(kind);
}

bool token_closes(int kind)
{
	return kind == RPAREN || kind == RBRACKET || kind == RBRACE || kind == FEND ||
	       kind == FCLOSE;
}

static const char *bracket_spelling(struct parser *p, const struct bracket *b)
{
	switch (b->closer) {
	case RPAREN:
		return "(";
	case RBRACKET:
		return "[";
	case FEND:
		return p->lex.text[b->at.lo + 1 - p->lex.base] == '"' ? "f\"" : "f'";
	}
	return "{";
}

void layout_init(struct parser *p)
{
	vec_push(&p->layout.indents, 0);
	p->layout.fresh = true;
	p->layout.line_lo = p->lex.base;
	p->layout.last.at = (struct span){p->lex.base, p->lex.base};
}

void layout_release(struct parser *p)
{
	vec_release(&p->layout.queue);
	vec_release(&p->layout.open);
	vec_release(&p->layout.indents);
}

static void raw_next(struct parser *p, struct token *t)
{
	struct layout *l = &p->layout;

	if (l->npeeked) {
		*t = l->peeked[--l->npeeked];
		return;
	}
	lex_next(p, t);
	if (p->docs.pending && t->kind != NEWLINE)
		docs_token(p, t);
	else if (t->kind != NEWLINE)
		p->docs.begun = true;
}

static int peek(struct parser *p)
{
	struct layout *l = &p->layout;

	if (!l->npeeked) {
		raw_next(p, &l->peeked[0]);
		l->npeeked = 1;
	}
	return l->peeked[l->npeeked - 1].kind;
}

static void unget(struct parser *p, const struct token *t)
{
	p->layout.peeked[p->layout.npeeked++] = *t;
}

static void queue(struct parser *p, const struct token *t)
{
	vec_push(&p->layout.queue, *t);
}

/* A token that stands in no text: where the last one given or queued ends. */
static void queue_made(struct parser *p, int kind)
{
	struct layout *l = &p->layout;
	uint32_t at = l->queue.n > l->head ? vec_last(&l->queue).at.hi : l->last.at.hi;

	queue(p, &(struct token){.kind = kind, .at = {at, at}, .at_end = l->at_end});
}

static bool is_soft(int kind)
{
	return kind >= COMPONENT && kind <= TEST;
}

/* Words that only statements begin with. */
static bool is_statement_word(int kind)
{
	switch (kind) {
	case RETURN:
	case ASSERT:
	case PASS:
	case IMPORT:
	case FROM:
	case DEF:
	case TRY:
	case EXCEPT:
	case FINALLY:
	case ELIF:
		return true;
	}
	return false;
}

/* Resolves a soft keyword: only at the beginning of a line, with a name next, or with a
 * reserved word in the name's place. */
static void resolve_soft(struct parser *p, struct token *t, bool begins)
{
	int next;

	if (!is_soft(t->kind))
		return;
	next = begins ? peek(p) : YYEOF;
	if (next == NAME || is_soft(next) || (next >= AND && next <= RESERVED) ||
	    (t->kind == TEST && (next == STRING || next == FSTART)))
		return;
	t->kind = NAME;
}

static uint32_t column(struct parser *p, const struct token *t)
{
	struct layout *l = &p->layout;
	struct span before = {l->line_lo, t->at.lo};
	struct str s = text_at(p, before);

	if (memchr(s.p, '\t', s.n) && !l->tab_said) {
		l->tab_said = true;
		diag(p->ctx->diags, before, E0103,
		     "a tab in the indentation: indent with spaces");
	}
	return indent_width(s);
}

static uint32_t block_column(const struct layout *l)
{
	return l->indents.at[l->indents.n - 1];
}

bool token_begins_block(int kind)
{
	switch (kind) {
	case IF:
	case ELIF:
	case ELSE:
	case FOR:
	case TRY:
	case EXCEPT:
	case FINALLY:
	case DEF:
	case COMPONENT:
	case PIPELINE:
	case ENVIRONMENT:
	case ENUM:
	case STRUCT:
	case CONFIG:
	case SCHEDULE:
	case TEST:
		return true;
	}
	return false;
}

static bool lacks_colon(const struct layout *l)
{
	if (l->colon)
		return false;
	return token_begins_block(l->first.kind) || l->last.kind == WITH ||
	       (l->first.kind == NAME && l->ntokens == 1);
}

static void say_colon(struct parser *p)
{
	uint32_t at = p->layout.last.at.hi;
	struct diag *d = diag(p->ctx->diags, (struct span){at, at}, E0202,
			      "expected ':' before the block");

	diag_fix(d, (struct span){at, at}, STR(":"), "add ':'");
}

/* Did the line before end a code block that seems to go on at a deeper line, t? */
static bool goes_on_with_code(struct parser *p, const struct token *t)
{
	struct layout *l = &p->layout;
	uint32_t line = src_pos_at(p->ctx->src, l->first.at.lo).line;
	struct diag *d;

	if (!l->raw_stop || src_pos_at(p->ctx->src, l->raw_stop).line != line)
		return false;
	d = diag(p->ctx->diags, t->at, E0111,
		 "the code block ended at line %u, because that "
		 "line is not indented deeper than its header", line);
	diag_note(d, l->first.at, "the block ended here");
	return true;
}

/* A line that is indented deeper, though the one before begins no block, or that goes
 * back to a column where no block is.  Lines after it at the same column are not said
 * again. */
static void say_odd(struct parser *p, const struct token *t, uint32_t col, bool deeper)
{
	struct layout *l = &p->layout;
	struct span before = {l->line_lo, t->at.lo};

	if (l->odd == col + 1)
		return;
	l->odd = col + 1;
	if (memchr(text_at(p, before).p, '\t', before.hi - before.lo))
		return;		/* said already, and perhaps the reason */
	diag(p->ctx->diags, before.lo < before.hi ? before : t->at, E0104, "%s",
	     deeper ? "this line is indented deeper, but the line before begins no block"
		    : "this indentation fits no block around it");
}

/* Passes over lines that are indented deeper than the block; t becomes the first token
 * after them.  Returns its column. */
static uint32_t skip_deeper(struct parser *p, struct token *t)
{
	struct layout *l = &p->layout;

	l->fresh = false;
	while (t->kind != YYEOF) {
		raw_next(p, t);
		if (t->kind == NEWLINE)
			l->line_lo = t->at.lo + 1;
		else if (l->fresh && column(p, t) <= block_column(l))
			break;
		l->fresh = t->kind == NEWLINE;
	}
	l->at_end = t->kind == YYEOF;
	return l->at_end ? 0 : column(p, t);
}

static uint32_t skip_deep_block(struct parser *p, struct token *t)
{
	struct layout *l = &p->layout;

	if (!l->deep_said)
		diag(p->ctx->diags, t->at, E0110,
		     "blocks are nested too deeply: more than %d levels",
		     LIMIT_NESTING);
	l->deep_said = true;
	return skip_deeper(p, t);
}

/* A block whose contents are missing or passed over. */
static void queue_hollow(struct parser *p)
{
	queue_made(p, INDENT);
	queue_made(p, YYerror);
	queue_made(p, NEWLINE);
	queue_made(p, DEDENT);
}

static void say_empty(struct parser *p)
{
	struct layout *l = &p->layout;
	struct str word = text_at(p, l->first.at);

	p->result->incomplete |= l->at_end;
	if (token_begins_block(l->first.kind))
		diag(p->ctx->diags, l->last.at, E0206,
		     "expected an indented block after '%.*s'",
		     STR_ARG(word));
	else
		diag(p->ctx->diags, l->last.at, E0206,
		     "expected an indented block after ':'");
}

/* Column of the block around the innermost one. */
static uint32_t outer_column(const struct layout *l)
{
	return l->indents.at[l->indents.n - 2];
}

/* Goes back to the block that t, the first token of a line at col, belongs to.  A line
 * between two blocks is taken for one of the inner block. */
static void queue_dedents(struct parser *p, struct token *t, uint32_t col)
{
	struct layout *l = &p->layout;
	bool deeper = col > block_column(l);

	if (deeper && goes_on_with_code(p, t))
		col = skip_deeper(p, t);
	for (; col < block_column(l) && col <= outer_column(l); l->indents.n--)
		queue_made(p, DEDENT);
	if (col != block_column(l))
		say_odd(p, t, col, deeper);
	else
		l->odd = 0;
}

/* Between two logical lines: t, the first token of the second, stands at column col. */
static void queue_line_end(struct parser *p, struct token *t, uint32_t col)
{
	struct layout *l = &p->layout;
	bool deeper = col > block_column(l) && l->odd != col + 1;
	bool colon = l->last.kind == COLON;

	if (!l->ntokens) {	/* all that stood in the line was dropped */
		queue_dedents(p, t, col);
		return;
	}
	if (deeper && !colon &&
	    (lacks_colon(l) || (l->repaired && token_begins_block(l->first.kind)))) {
		if (!l->repaired)
			say_colon(p);
		queue_made(p, COLON);
		colon = true;
	}
	queue_made(p, NEWLINE);
	vec_last(&l->queue).at_end &= !l->fresh;	/* it may stand in the text */
	if (!colon) {
		queue_dedents(p, t, col);
	} else if (!deeper) {
		say_empty(p);
		queue_hollow(p);
		queue_dedents(p, t, col);
	} else if (l->indents.n >= LIMIT_NESTING) {
		col = skip_deep_block(p, t);
		queue_hollow(p);
		queue_dedents(p, t, col);
	} else {
		l->odd = 0;
		vec_push(&l->indents, col);
		queue_made(p, INDENT);
	}
}

/* t is the first token of a logical line: queues what ends the line before, and t. */
static void begin_line(struct parser *p, struct token *t)
{
	struct layout *l = &p->layout;
	uint32_t col;

	l->at_end = t->kind == YYEOF;
	col = l->at_end ? 0 : column(p, t);
	if (l->first.kind)
		queue_line_end(p, t, col);
	else if (col)
		say_odd(p, t, col, false);
	l->fresh = l->colon = l->repaired = false;
	l->ntokens = 0;
	resolve_soft(p, t, true);
	l->first = *t;
	if (token_opens(t->kind) || token_closes(t->kind) || t->kind == SEMI ||
	    t->kind == FBROKEN || t->kind == FOREIGN)
		unget(p, t);
	else
		l->ntokens = 1, queue(p, t);
}

/* Queues closers of the brackets above n, silently for the parser. */
static void queue_closers(struct parser *p, size_t n)
{
	struct layout *l = &p->layout;

	if (l->open.n > n)
		queue_made(p, YYerror);
	while (l->open.n > n)
		queue_made(p, vec_pop(&l->open).closer);
}

static void say_unclosed(struct parser *p, const struct bracket *b)
{
	const char *spelling = bracket_spelling(p, b);

	diag_label(diag(p->ctx->diags, b->at, E0109, "'%s' was never closed", spelling),
		   "opened here");
}

/* All open brackets are unclosed, as t shows, which begins a line of its own. */
static void close_all(struct parser *p, struct token *t, bool say)
{
	struct layout *l = &p->layout;
	bool in_fstring = false;

	for (size_t i = 0; i < l->open.n; i++)
		in_fstring |= l->open.at[i].closer == FEND;
	if (say)
		say_unclosed(p, &vec_last(&l->open));
	l->at_end = t->kind == YYEOF;
	p->result->incomplete |= l->at_end;
	queue_closers(p, 0);
	l->repaired = true;
	l->fresh = true;
	if (in_fstring)
		lex_leave_fstrings(p);
	unget(p, t);
}

/* `if` and `for` also stand within brackets; then their line does not end with ':'. */
static bool heads_block(const struct parser *p, const struct token *t)
{
	const struct src_file *f = p->file;
	size_t lo = t->at.lo - f->base, hi = str_find(f->text, STR("\n"), lo);
	struct str line = str_sub(f->text, lo, hi);

	line = str_trim(str_sub(line, 0, str_find(line, STR("#"), 0)));
	return (t->kind == IF || t->kind == FOR) && str_has_suffix(line, STR(":"));
}

/* Within brackets: does t, the first token of its line, belong to a new statement? */
static bool shows_unclosed(struct parser *p, struct token *t)
{
	struct layout *l = &p->layout;

	if (t->kind == YYEOF || t->kind == RAW)
		return true;
	if (!l->fresh || indent_width(text_at(p, (struct span){l->line_lo, t->at.lo})) >
				 block_column(l))
		return false;
	if (is_soft(t->kind)) {
		struct token resolved = *t;

		resolve_soft(p, &resolved, true);
		return is_soft(resolved.kind);
	}
	return is_statement_word(t->kind) || heads_block(p, t);
}

/* Passes over what a bracket at the limit holds; the closer is queued. */
static void skip_brackets(struct parser *p)
{
	struct layout *l = &p->layout;
	size_t depth = 1;
	struct token t;

	if (!l->deep_said)
		diag(p->ctx->diags, vec_last(&l->open).at, E0110,
		     "brackets are nested too deeply: more than %d levels",
			     LIMIT_NESTING);
	l->deep_said = true;
	queue_made(p, YYerror);
	while (depth) {
		raw_next(p, &t);
		if (t.kind == NEWLINE)
			l->line_lo = t.at.lo + 1;
		else if (shows_unclosed(p, &t))
			break;
		depth += token_opens(t.kind);
		depth -= token_closes(t.kind);
		l->fresh = t.kind == NEWLINE;
	}
	if (depth) {
		close_all(p, &t, false);
		return;
	}
	t.kind = vec_pop(&l->open).closer;
	queue(p, &t);
}

/* A closing bracket.  False if it closes nothing and is dropped. */
static bool close_bracket(struct parser *p, struct token *t)
{
	struct layout *l = &p->layout;
	size_t n = l->open.n;
	struct diag *d;

	while (n && l->open.at[n - 1].closer != t->kind &&
	       l->open.at[n - 1].closer != FEND)
		n--;
	if (!l->open.n || (!n && vec_last(&l->open).closer == FEND) ||
	    ((!n || l->open.at[n - 1].closer != t->kind) &&
	     vec_last(&l->open).closer == FCLOSE)) {
		diag(p->ctx->diags, t->at, E0109, "this bracket closes nothing");
		return false;
	}
	if (n && l->open.at[n - 1].closer == t->kind) {
		if (n < l->open.n) {
			say_unclosed(p, &vec_last(&l->open));
			queue_closers(p, n);
		}
	} else {
		d = diag(p->ctx->diags, t->at, E0109, "this bracket does not close '%s'",
			 bracket_spelling(p, &vec_last(&l->open)));
		diag_note(d, vec_last(&l->open).at, "opened here");
		t->kind = vec_last(&l->open).closer;
	}
	l->open.n--;
	return true;
}

/* The line ended within an f-string: it is closed with all that is open in it. */
static void break_fstring(struct parser *p)
{
	struct layout *l = &p->layout;
	size_t n = l->open.n;

	while (n && l->open.at[n - 1].closer != FEND)
		n--;
	if (n)
		queue_closers(p, n - 1);
}

/* `;` between or after statements. */
static void semicolon(struct parser *p, const struct token *t)
{
	struct layout *l = &p->layout;
	bool last = peek(p) == NEWLINE || peek(p) == YYEOF;
	struct diag *d = diag(p->ctx->diags, t->at, E0113,
			      last ? "a statement ends with its line, without ';'"
				   : "one line holds one statement");

	if (last) {
		diag_fix(d, t->at, STR(""), "leave it out");
		return;
	}
	diag_propose(d, t->at, STR("\n"), "write the second on a line of its own");
	if (l->ntokens)
		queue_made(p, NEWLINE);
	l->colon = false;
	l->ntokens = 0;
}

/* The next token inside of brackets, or one that is more than itself.  True: t is it;
 * false: see the queue, or go on. */
static bool special(struct parser *p, struct token *t)
{
	struct layout *l = &p->layout;

	if (token_opens(t->kind)) {
		vec_push(&l->open, (struct bracket){closer_of(t->kind), t->at});
		if (l->open.n > LIMIT_NESTING) {
			queue(p, t);
			skip_brackets(p);
			return false;
		}
		return true;
	}
	if (token_closes(t->kind)) {
		if (!close_bracket(p, t))
			return false;
		if (l->queue.n == l->head)
			return true;
		queue(p, t);
		return false;
	}
	if (t->kind == SEMI && !l->open.n) {
		semicolon(p, t);
		return false;
	}
	if (t->kind == FBROKEN) {
		break_fstring(p);
		return false;
	}
	return true;
}

/* Reads on until there is a token to give: true, in t; false, in the queue. */
static bool step(struct parser *p, struct token *t)
{
	struct layout *l = &p->layout;

	raw_next(p, t);
	if (t->kind == NEWLINE) {
		l->line_lo = t->at.lo + 1;
		l->fresh = true;
		return false;
	}
	if (l->fresh && !l->open.n) {
		begin_line(p, t);
		return false;
	}
	if (l->open.n && shows_unclosed(p, t)) {
		close_all(p, t, true);
		return false;
	}
	l->fresh = false;
	resolve_soft(p, t, false);
	if (t->kind == YYEOF) {
		begin_line(p, t);
		return false;
	}
	if (!special(p, t))
		return false;
	l->ntokens++;
	l->colon |= t->kind == COLON && !l->open.n;
	return true;
}

void layout_next(struct parser *p, struct token *t)
{
	struct layout *l = &p->layout;

	for (;;) {
		if (l->head < l->queue.n) {
			*t = l->queue.at[l->head++];
			break;
		}
		l->head = l->queue.n = 0;
		if (step(p, t))
			break;
	}
	if (l->last.kind == NEWLINE || l->last.kind == INDENT || l->last.kind == DEDENT ||
	    !l->last.kind)
		l->given_first = *t;
	l->prev = l->last;
	l->last = *t;
}

/* True if t is the first token of its line and stands no deeper than the block. */
static bool begins_dedented(struct parser *p, const struct token *t)
{
	struct layout *l = &p->layout;
	struct str s = text_at(p, (struct span){l->line_lo, t->at.lo});

	return !str_trim(s).n && indent_width(s) <= block_column(l);
}

/* A closing bracket while passing over what the parser does not see: brackets from
 * floor up.  True if it ends that, with the queue set. */
static bool recover_close(struct parser *p, struct token *t, size_t floor)
{
	struct layout *l = &p->layout;
	size_t n = l->open.n, least = n > LIMIT_NESTING ? n - LIMIT_NESTING : 0;

	while (n > least && l->open.at[n - 1].closer != t->kind)
		n--;
	if (n == least)
		return false;
	if (n > floor) {
		l->open.n = n - 1;
		return false;
	}
	l->open.n = floor;
	if (n < floor) {
		say_unclosed(p, &vec_last(&l->open));
		queue_closers(p, n);
	}
	l->open.n--;
	queue(p, t);
	return true;
}

size_t layout_depth(const struct parser *p)
{
	const struct layout *l = &p->layout;
	bool ahead = l->head < l->queue.n;	/* of the parser */

	return l->open.n - (!ahead && token_opens(l->last.kind));
}

bool layout_recover(struct parser *p)
{
	struct layout *l = &p->layout;
	struct token t = l->last;
	size_t floor = layout_depth(p);

	if (token_closes(t.kind) || l->head < l->queue.n || !floor)
		return true;
	l->fresh = false;
	for (bool first = true;; first = false) {
		if (!first)
			raw_next(p, &t);
		if (t.kind == NEWLINE) {
			l->line_lo = t.at.lo + 1;
			continue;
		}
		if (t.kind == YYEOF || t.kind == RAW ||
		    (!token_closes(t.kind) && begins_dedented(p, &t))) {
			l->open.n = floor;
			close_all(p, &t, true);
			return false;
		}
		if (t.kind == FBROKEN) {
			l->open.n = floor;
			break_fstring(p);
			return true;
		}
		if (token_opens(t.kind) && !first)
			vec_push(&l->open, (struct bracket){closer_of(t.kind), t.at});
		if (token_closes(t.kind) && recover_close(p, &t, floor))
			return true;
	}
}
