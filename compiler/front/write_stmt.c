#include <config.h>

#include "compiler/front/write_int.h"

void item_end(struct writer *w, const struct node *n)
{
	line_end(w, n->span.hi, token_after_comma(w, n->span.hi));
}

static bool is_setting(const struct node *n)
{
	return n->kind == AST_BIND || n->kind == AST_ARG;
}

/* What stands before the '=' of a setting. */
static void put_target(struct writer *w, const struct node *n)
{
	if (n->kind == AST_ARG) {
		put_sym(w, n->arg.name);
		return;
	}
	put_expr(w, n->bind.target);
	if (n->bind.type) {
		putz(w, ": ");
		put_type(w, n->bind.type);
	}
}

/* Of the settings that follow each other from n on without an empty line. */
static unsigned run_width(struct writer *w, const struct node *n)
{
	unsigned most = 0, width;

	for (;; n = n->next) {
		width = flat_width(w, put_target, n);
		most = width > most ? width : most;
		if (!n->next || !is_setting(n->next) ||
		    blank_between(w, n->span.hi, n->next->span.lo))
			return most;
	}
}

/* Comments after the last item, whose column says that they belong to the block. */
static void block_tail(struct writer *w, uint32_t pos, uint32_t lo)
{
	uint32_t bound = token_after(w, pos), column = line_column(w, lo);
	uint32_t at = pos;

	while (comment_waits(w, bound)) {
		at = w->in->comments[w->next].span.lo;
		if (line_column(w, at) <= column)
			return;
		comments_before(w, at + 1, true);
	}
}

static void write_items(struct writer *w, const struct list *items,
			enum block_style style)
{
	const struct node *last = NULL;
	unsigned pad = 0;
	bool any;

	list_each(n, items) {
		any = comments_before(w, n->span.lo, last);
		if ((last || any) && blank_before(w, n->span.lo))
			line_end(w, 0, 0);
		if (style == BLOCK_SETTINGS && is_setting(n) &&
		    (!last || !is_setting(last) ||
		     blank_between(w, last->span.hi, n->span.lo)))
			pad = run_width(w, n);
		w->pad = is_setting(n) ? pad : 0;
		write_item(w, n);
		last = n;
	}
}

void write_block(struct writer *w, uint32_t lo, uint32_t pos, const struct list *items,
		 enum block_style style)
{
	uint32_t first, end;

	if (items->n) {
		first = items->first->span.lo;
		end = items->last->span.hi;
	} else {	/* only `pass`, which is no field or setting */
		first = token_after(w, token_after(w, pos) + 1);
		end = first;
	}
	line_end(w, pos, first);
	w->whole = false;
	w->indent += WRITE_INDENT;
	write_items(w, items, style);
	if (!items->n) {
		comments_before(w, first, false);
		line_begin(w);
		putz(w, "pass");
		line_end(w, first, token_after(w, first + 4));
	}
	block_tail(w, end, lo);
	w->indent -= WRITE_INDENT;
}

/* The code's lines keep what they have beyond their common indentation. */
static void write_code(struct writer *w, const struct node *n)
{
	struct str text = n->code.text;

	line_begin(w);
	put_sym(w, n->code.language);
	putz(w, ":");
	line_end(w, n->code.text_at.lo, n->code.text_at.lo);
	w->indent += WRITE_INDENT;
	for (size_t lo = 0, hi; lo < text.n; lo = hi + 1) {
		hi = str_find(text, STR("\n"), lo);
		if (hi > lo)
			line_begin(w);
		put(w, str_sub(text, lo, hi));
		buf_addc(w->out, '\n');
	}
	w->indent -= WRITE_INDENT;
	w->col = 0;
}

static const struct list *with_of(const struct node *n)
{
	switch ((int)n->kind) {
	case AST_BIND:
		return &n->bind.with;
	case AST_FOR:
		return &n->for_.with;
	}
	return &n->do_.with;
}

static void put_with(struct writer *w, const struct node *n)
{
	putz(w, " with ");
	w->tail = 1;
	put_list(w, with_of(n), put_arg);
}

/* Value and settings of n on one line, but for brackets of the value.  False, with
 * nothing written, if that cannot be. */
static bool put_with_inline(struct writer *w, const struct node *n,
			    const struct node *value)
{
	struct mark before = mark_set(w), m;

	if (first_on_line(w, with_of(n)->first->span.lo))
		return false;
	put_fit(w, value, flat_width(w, put_with, n));
	if (!comment_waits(w, n->span.hi)) {
		m = flat_begin(w, 0);
		put_with(w, n);
		if (flat_end(w, m))
			return true;
	}
	mark_return(w, before);
	return false;
}

/* What a DO or BIND calls or binds, to its end. */
static void write_value(struct writer *w, const struct node *n, const struct node *value)
{
	const struct list *with = with_of(n);

	if (!with->n) {
		put_fit(w, value, 0);
		item_end(w, n);
	} else if (put_with_inline(w, n, value)) {
		item_end(w, n);
	} else {
		put_fit(w, value, 6);
		putz(w, " with:");
		write_block(w, n->span.lo, value->span.hi, with, BLOCK_SETTINGS);
	}
}

static void write_setting(struct writer *w, const struct node *n)
{
	unsigned pad = w->pad + w->indent;

	line_begin(w);
	put_target(w, n);
	while (w->col < pad)
		putz(w, " ");
	putz(w, " = ");
	if (n->kind == AST_BIND) {
		write_value(w, n, n->bind.value);
	} else {
		put_fit(w, n->arg.value, 0);
		item_end(w, n);
	}
}

/* A word that has a block and stands after the last item of another block. */
static void write_clause(struct writer *w, const struct node *n,
			 const struct list *before, const char *word,
			 const struct list *items)
{
	uint32_t at = token_after(w, before->last->span.hi);

	comments_before(w, at, false);
	line_begin(w);
	putz(w, word);
	write_block(w, n->span.lo, at, items, BLOCK_STATEMENTS);
}

static bool is_elif(const struct writer *w, const struct node *n)
{
	return n->kind == AST_IF && str_has_prefix(source(w, n->span), STR("elif"));
}

static void write_if(struct writer *w, const struct node *n)
{
	const char *word = "if ";

	for (;; n = n->if_.orelse.first, word = "elif ") {
		comments_before(w, n->span.lo, false);
		line_begin(w);
		putz(w, word);
		put_fit(w, n->if_.cond, 1);
		putz(w, ":");
		write_block(w, n->span.lo, n->if_.cond->span.hi, &n->if_.then,
			    BLOCK_STATEMENTS);
		if (!n->if_.has_else)
			return;
		if (!is_elif(w, n->if_.orelse.first))
			break;
	}
	write_clause(w, n, &n->if_.then, "else:", &n->if_.orelse);
}

static void write_for(struct writer *w, const struct node *n)
{
	uint32_t pos = n->for_.list->span.hi;
	unsigned tail = 1;

	line_begin(w);
	putz(w, "for ");
	put_list(w, &n->for_.targets, put_expr);
	putz(w, " in ");
	if (n->for_.with.n) {
		pos = n->for_.with.last->span.hi;
		tail += flat_width(w, put_with, n);
	}
	put_fit(w, n->for_.list, tail);
	if (n->for_.with.n)
		put_with(w, n);
	putz(w, ":");
	write_block(w, n->span.lo, pos, &n->for_.items, BLOCK_STATEMENTS);
}

static void write_try(struct writer *w, const struct node *n)
{
	const struct list *last = &n->try_.items;

	line_begin(w);
	putz(w, "try:");
	write_block(w, n->span.lo, n->span.lo, last, BLOCK_STATEMENTS);
	if (n->try_.has_except) {
		write_clause(w, n, last, "except:", &n->try_.except);
		last = &n->try_.except;
	}
	if (n->try_.has_finally)
		write_clause(w, n, last, "finally:", &n->try_.final);
}

static void write_assert(struct writer *w, const struct node *n)
{
	const struct node *message = n->assert_.message;

	line_begin(w);
	putz(w, "assert ");
	put_fit(w, n->assert_.cond, message ? 2 + flat_width(w, put_expr, message) : 0);
	if (message) {
		putz(w, ", ");
		put_fit(w, message, 0);
	}
	item_end(w, n);
}

static void write_return(struct writer *w, const struct node *n)
{
	const struct list *values = &n->return_.values;
	struct mark m;

	line_begin(w);
	putz(w, values->n ? "return " : "return");
	m = flat_begin(w, 0);
	put_list(w, values, put_arg);
	if (!flat_end(w, m) || comment_waits(w, n->span.hi)) {
		mark_return(w, m);
		w->tail = 1;
		put_list(w, values, put_arg);
	}
	item_end(w, n);
}

static void write_stub(struct writer *w, const struct node *n)
{
	const struct list *values = &n->stub.values;
	struct mark m;

	line_begin(w);
	putz(w, "stub ");
	put_fit(w, n->stub.call, n->stub.fields ? 5 : values->n ? 4 : 0);
	if (values->n)
		putz(w, " -> ");
	if (!n->stub.fields) {
		if (values->n)
			put_fit(w, values->first->arg.value, 0);
		item_end(w, n);
		return;
	}
	m = flat_begin(w, 1);
	putz(w, "(");
	put_list(w, values, put_arg);
	if (flat_end(w, m) && !comment_waits(w, n->span.hi)) {
		putz(w, ")");
	} else {
		mark_return(w, m);
		put_brackets(w, &(struct brackets){
			"(", ")", values, put_arg, n->span.hi - 1, false});
	}
	item_end(w, n);
}

static void write_group(struct writer *w, const struct node *n)
{
	line_begin(w);
	put_fit(w, n->group.target, 1);
	putz(w, ":");
	write_block(w, n->span.lo, n->group.target->span.hi, &n->group.items,
		    BLOCK_SETTINGS);
}

static void write_line(struct writer *w, const struct node *n)
{
	line_begin(w);
	put(w, source(w, n->span));
	item_end(w, n);
}

static bool is_allow(const struct writer *w, size_t i)
{
	struct str s = source(w, w->in->comments[i].span);

	return str_find(s, STR("kfpc: allow"), 0) < s.n;
}

/* A comment before n, or behind it, that silences warnings of its line: then that line
 * stays one, however long. */
static bool is_pinned(const struct writer *w, const struct node *n)
{
	uint32_t at = n->span.lo, end = at;
	size_t next = w->next;
	struct str line;

	while (source_at(w, end) && source_at(w, end) != '\n')
		end++;
	if (next < w->ncomments && w->in->comments[next].span.lo < end &&
	    is_allow(w, next))
		return true;
	line = str_trim(source(w, (struct span){at, end}));
	return next && is_allow(w, next - 1) && w->in->comments[next - 1].own_line &&
	       token_after(w, w->in->comments[next - 1].span.hi) == at && line.n &&
	       !memchr("([{,", line.p[line.n - 1], 4);
}

void write_item(struct writer *w, const struct node *n)
{
	w->whole = is_pinned(w, n);
	if (write_declaration(w, n))
		return;
	switch ((int)n->kind) {
	case AST_BIND:
	case AST_ARG:
		write_setting(w, n);
		break;
	case AST_DO:
		line_begin(w);
		write_value(w, n, n->do_.value);
		break;
	case AST_GROUP:
		write_group(w, n);
		break;
	case AST_CODE:
		write_code(w, n);
		break;
	case AST_IF:
		write_if(w, n);
		break;
	case AST_FOR:
		write_for(w, n);
		break;
	case AST_TRY:
		write_try(w, n);
		break;
	case AST_ASSERT:
		write_assert(w, n);
		break;
	case AST_RETURN:
		write_return(w, n);
		break;
	case AST_STUB:
		write_stub(w, n);
		break;
	default:	/* `pass` */
		write_line(w, n);
	}
}
