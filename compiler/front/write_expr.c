#include <config.h>

#include "compiler/front/op.h"
#include "compiler/front/write_int.h"

/* How tightly parts hold together; what is looser than its place allows gets
 * parentheses. */
enum level {
	LEVEL_COND, LEVEL_OR, LEVEL_AND, LEVEL_NOT, LEVEL_COMPARE, LEVEL_ADD, LEVEL_MUL,
	LEVEL_SIGN, LEVEL_POW, LEVEL_POSTFIX, LEVEL_FIELD
};

enum { SHORT_INDEX = 24 };

static enum level binary_level(unsigned op)
{
	switch (op) {
	case OP_ADD:
	case OP_SUB:
		return LEVEL_ADD;
	case OP_POW:
		return LEVEL_POW;
	}
	return LEVEL_MUL;
}

static enum level level_of(const struct node *n)
{
	switch ((int)n->kind) {
	case AST_COND:
		return LEVEL_COND;
	case AST_OR:
		return LEVEL_OR;
	case AST_AND:
		return LEVEL_AND;
	case AST_COMPARE:
		return LEVEL_COMPARE;
	case AST_UNARY:
		return n->unary.op == OP_NOT ? LEVEL_NOT : LEVEL_SIGN;
	case AST_BINARY:
		return binary_level(n->binary.op);
	case AST_INT:
	case AST_FLOAT:
	case AST_DURATION:
	case AST_SIZE:
		return LEVEL_POSTFIX;
	}
	return LEVEL_FIELD;
}

static bool is_operation(const struct node *n)
{
	return level_of(n) < LEVEL_POSTFIX;
}

/* Was n, a part of an operation, written in parentheses of its own? */
static bool in_parentheses(const struct writer *w, const struct node *n)
{
	uint32_t lo = n->span.lo;
	char c = ' ';

	while (c == ' ' || c == '\t' || c == '\n')
		c = source_at(w, --lo);
	return c == '(' && source_at(w, token_after(w, n->span.hi)) == ')';
}

static void put_bare(struct writer *w, const struct node *n);
static void put_operation_lines(struct writer *w, const struct node *n);

/* n where it fits the line, else over lines; in parentheses if `closed`. */
static void put_within(struct writer *w, const struct node *n, bool closed, unsigned tail)
{
	struct mark m;

	if (w->flat || !is_operation(n) || n->kind == AST_UNARY) {
		if (closed)
			putz(w, "(");
		if (w->flat)
			put_bare(w, n);
		else
			put_fit(w, n, tail + closed);
		if (closed)
			putz(w, ")");
		return;
	}
	if (!comment_waits(w, n->span.hi)) {
		m = flat_begin(w, tail);
		put_within(w, n, closed, 0);
		if (flat_end(w, m))
			return;
	}
	put_operation_lines(w, n);
}

/* n as a part of an operation that wants at least that level. */
static void put_part(struct writer *w, const struct node *n, enum level least,
		     unsigned tail)
{
	bool closed = level_of(n) < least ||
		      (is_operation(n) && in_parentheses(w, n));

	put_within(w, n, closed, tail);
}

void put_fit(struct writer *w, const struct node *n, unsigned tail)
{
	unsigned outer = w->tail;
	struct mark m;

	if (w->over)
		return;
	if (w->flat) {
		put_bare(w, n);
		return;
	}
	if (!comment_waits(w, n->span.hi)) {
		m = flat_begin(w, tail);
		put_bare(w, n);
		if (flat_end(w, m))
			return;
	}
	w->tail = tail;
	if (is_operation(n) && n->kind != AST_UNARY)
		put_operation_lines(w, n);
	else
		put_bare(w, n);
	w->tail = outer;
}

void put_expr(struct writer *w, const struct node *n)
{
	put_fit(w, n, 0);
}

void put_list(struct writer *w, const struct list *l,
	      void (*put_item)(struct writer *, const struct node *))
{
	list_each(n, l) {
		if (w->over)
			return;
		if (n != l->first)
			putz(w, ", ");
		put_item(w, n);
	}
}

/* Brackets */

static bool put_packed(struct writer *w, const struct brackets *b)
{
	struct mark before = mark_set(w), m;

	if (b->one_a_line || comment_waits(w, b->end))
		return false;
	line_end(w, 0, 0);
	line_begin(w);
	m = flat_begin(w, 1);
	put_list(w, b->items, b->put_item);
	if (flat_end(w, m)) {
		putz(w, ",");
		line_end(w, 0, 0);
		return true;
	}
	mark_return(w, before);
	return false;
}

static void put_lines(struct writer *w, const struct brackets *b)
{
	line_end(w, 0, b->items->first->span.lo);
	list_each(n, b->items) {
		comments_before(w, n->span.lo, false);
		line_begin(w);
		w->tail = 1;
		b->put_item(w, n);
		putz(w, ",");
		line_end(w, n->span.hi, n->next ? n->next->span.lo : b->end);
	}
	comments_before(w, b->end, false);
}

void put_brackets(struct writer *w, const struct brackets *b)
{
	unsigned outer = w->tail;

	putz(w, b->open);
	if (w->flat) {
		put_list(w, b->items, b->put_item);
	} else if (b->items->n) {
		w->indent += WRITE_INDENT;
		if (!put_packed(w, b))
			put_lines(w, b);
		w->indent -= WRITE_INDENT;
		line_begin(w);
	}
	putz(w, b->close);
	w->tail = outer;
}

/* Of an element in brackets: put_lines says in w->tail what follows it. */
static void put_element(struct writer *w, const struct node *n)
{
	put_fit(w, n, w->tail);
}

void put_arg(struct writer *w, const struct node *n)
{
	if (n->kind != AST_ARG) {
		put_element(w, n);
		return;
	}
	if (n->arg.name) {
		put_sym(w, n->arg.name);
		putz(w, "=");
	}
	put_element(w, n->arg.value);
}

static void put_pair(struct writer *w, const struct node *n)
{
	unsigned tail = w->tail;

	if (n->kind != AST_PAIR) {
		put_element(w, n);
		return;
	}
	put_fit(w, n->pair.key, 1);
	putz(w, ": ");
	put_fit(w, n->pair.value, tail);
}

static void put_call(struct writer *w, const struct node *n)
{
	const struct list *args = &n->call.args;
	unsigned tail = args->n ? 1 : 2 + w->tail;

	put_part(w, n->call.callee, LEVEL_POSTFIX, tail);
	put_brackets(w, &(struct brackets){
		"(", ")", args, put_arg, n->span.hi - 1, false});
}

static void put_field(struct writer *w, const struct node *n)
{
	struct str name = sym_str(n->field.name);

	put_part(w, n->field.object, LEVEL_FIELD, w->tail + 1 + (unsigned)name.n);
	putz(w, ".");
	put(w, name);
}

/* x[ with the index on lines of its own. */
static void put_index_lines(struct writer *w, const struct node *n)
{
	const struct node *index = n->index.index;

	put_part(w, n->index.object, LEVEL_POSTFIX, 1);
	putz(w, "[");
	w->indent += WRITE_INDENT;
	line_end(w, 0, index->span.lo);
	comments_before(w, index->span.lo, false);
	line_begin(w);
	put_fit(w, index, 0);
	line_end(w, index->span.hi, n->span.hi - 1);
	comments_before(w, n->span.hi - 1, false);
	w->indent -= WRITE_INDENT;
	line_begin(w);
	putz(w, "]");
}

static void put_index(struct writer *w, const struct node *n)
{
	const struct node *index = n->index.index;
	unsigned width = w->flat ? 0 : flat_width(w, put_expr, index);

	if (!w->flat && (width > SHORT_INDEX || comment_waits(w, n->span.hi))) {
		put_index_lines(w, n);
		return;
	}
	put_part(w, n->index.object, LEVEL_POSTFIX, width + 2 + w->tail);
	putz(w, "[");
	put_fit(w, index, 1 + w->tail);
	putz(w, "]");
}

/* Ends the line of what ended at pos and begins that of what stands at lo. */
static void next_line(struct writer *w, uint32_t pos, uint32_t lo)
{
	line_end(w, pos, lo);
	comments_before(w, lo, false);
	line_begin(w);
}

static void put_comprehension_lines(struct writer *w, const struct node *n)
{
	const struct node *element = n->comprehension.element;
	const struct node *list = n->comprehension.list, *last = list;
	const struct node *filter = n->comprehension.filter;

	putz(w, "[");
	w->indent += WRITE_INDENT;
	next_line(w, 0, element->span.lo);
	put_fit(w, element, 0);
	next_line(w, element->span.hi, n->comprehension.targets.first->span.lo);
	putz(w, "for ");
	put_list(w, &n->comprehension.targets, put_expr);
	putz(w, " in ");
	put_part(w, list, LEVEL_OR, 0);
	if (filter) {
		next_line(w, list->span.hi, filter->span.lo);
		putz(w, "if ");
		put_part(w, filter, LEVEL_OR, 0);
		last = filter;
	}
	line_end(w, last->span.hi, n->span.hi - 1);
	comments_before(w, n->span.hi - 1, false);
	w->indent -= WRITE_INDENT;
	line_begin(w);
	putz(w, "]");
}

static void put_comprehension(struct writer *w, const struct node *n)
{
	if (!w->flat) {
		put_comprehension_lines(w, n);
		return;
	}
	putz(w, "[");
	put_expr(w, n->comprehension.element);
	putz(w, " for ");
	put_list(w, &n->comprehension.targets, put_expr);
	putz(w, " in ");
	put_part(w, n->comprehension.list, LEVEL_OR, 0);
	if (n->comprehension.filter) {
		putz(w, " if ");
		put_part(w, n->comprehension.filter, LEVEL_OR, 0);
	}
	putz(w, "]");
}

/* Operations */

/* Between two terms: a new line, or a blank in flat mode. */
static void next_term(struct writer *w, const struct node *left, const struct node *right)
{
	if (w->flat)
		putz(w, " ");
	else
		next_line(w, left->span.hi, right->span.lo);
}

static void put_terms(struct writer *w, const struct node *n);

/* The left side of an operation.  Over lines, a chain of one level has one term a
 * line. */
static void put_left(struct writer *w, const struct node *left, enum level level)
{
	enum level least = level == LEVEL_POW ? LEVEL_POSTFIX : level;

	if (!w->flat && level_of(left) == least && is_operation(left) &&
	    !in_parentheses(w, left))
		put_terms(w, left);
	else
		put_part(w, left, least, 0);
}

static void put_pair_of(struct writer *w, const struct node *left, const char *op,
			const struct node *right, enum level level)
{
	enum level least = level == LEVEL_POW ? LEVEL_SIGN : level + 1;

	put_left(w, left, level);
	next_term(w, left, right);
	putz(w, op);
	putz(w, " ");
	put_part(w, right, least, 0);
}

static void put_compare(struct writer *w, const struct node *n)
{
	const struct node *last = n->compare.left;

	put_part(w, last, LEVEL_ADD, 0);
	list_each(c, &n->compare.rest) {
		const char *op = front_op_spelling(c->comparison.op);

		if (c->comparison.is_identity)
			op = c->comparison.op == OP_EQ ? "is" : "is not";
		next_term(w, last, c->comparison.right);
		putz(w, op);
		putz(w, " ");
		last = c->comparison.right;
		put_part(w, last, LEVEL_ADD, 0);
	}
}

static void put_cond(struct writer *w, const struct node *n)
{
	put_part(w, n->cond.then, LEVEL_OR, 0);
	next_term(w, n->cond.then, n->cond.cond);
	putz(w, "if ");
	put_part(w, n->cond.cond, LEVEL_OR, 0);
	next_term(w, n->cond.cond, n->cond.orelse);
	putz(w, "else ");
	put_part(w, n->cond.orelse, LEVEL_COND, 0);
}

static void put_terms(struct writer *w, const struct node *n)
{
	switch ((int)n->kind) {
	case AST_COND:
		put_cond(w, n);
		break;
	case AST_OR:
		put_pair_of(w, n->or_.left, "or", n->or_.right, LEVEL_OR);
		break;
	case AST_AND:
		put_pair_of(w, n->and_.left, "and", n->and_.right, LEVEL_AND);
		break;
	case AST_COMPARE:
		put_compare(w, n);
		break;
	case AST_BINARY:
		put_pair_of(w, n->binary.left, front_op_spelling(n->binary.op),
			    n->binary.right, binary_level(n->binary.op));
		break;
	}
}

/* An operation that does not fit its line: in parentheses, a term a line. */
static void put_operation_lines(struct writer *w, const struct node *n)
{
	uint32_t end = token_after(w, n->span.hi);

	putz(w, "(");
	w->indent += WRITE_INDENT;
	next_line(w, 0, n->span.lo);
	put_terms(w, n);
	line_end(w, n->span.hi, end);
	comments_before(w, end, false);
	w->indent -= WRITE_INDENT;
	line_begin(w);
	putz(w, ")");
}

static void put_unary(struct writer *w, const struct node *n)
{
	const struct node *operand = n->unary.operand;
	bool is_not = n->unary.op == OP_NOT;
	bool same = operand->kind == AST_UNARY && operand->unary.op == n->unary.op &&
		    !in_parentheses(w, operand);

	putz(w, front_op_spelling(n->unary.op));
	if (is_not || same)	/* `++` is no word of the language */
		putz(w, " ");
	put_part(w, operand, is_not ? LEVEL_NOT : LEVEL_SIGN, w->tail);
}

/* n in the mode that w is in, without parentheses. */
static void put_bare(struct writer *w, const struct node *n)
{
	if (w->over)
		return;
	switch ((int)n->kind) {
	case AST_NAME:
		put_sym(w, n->name.name);
		break;
	case AST_STRING:
	case AST_FSTRING:
		put_string(w, n);
		break;
	case AST_LIST:
		put_brackets(w, &(struct brackets){
			"[", "]", &n->list.items, put_element, n->span.hi - 1, false});
		break;
	case AST_DICT:
		put_brackets(w, &(struct brackets){
			"{", "}", &n->dict.pairs, put_pair, n->span.hi - 1, false});
		break;
	case AST_CALL:
		put_call(w, n);
		break;
	case AST_FIELD:
		put_field(w, n);
		break;
	case AST_INDEX:
		put_index(w, n);
		break;
	case AST_COMPREHENSION:
		put_comprehension(w, n);
		break;
	case AST_UNARY:
		put_unary(w, n);
		break;
	case AST_COND:
	case AST_OR:
	case AST_AND:
	case AST_COMPARE:
	case AST_BINARY:
		put_terms(w, n);
		break;
	default:	/* numbers and words: as they were written */
		put(w, source(w, n->span));
	}
}
