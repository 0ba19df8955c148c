/* What each name in a text is, for editors that colour by meaning. */
#include <config.h>

#include "compiler/lsp/lsp_int.h"

#include <stdlib.h>

/* The order is the legend of the answer to `initialize`. */
enum token_type {
	TOKEN_NAMESPACE, TOKEN_TYPE, TOKEN_CLASS, TOKEN_ENUM, TOKEN_STRUCT, TOKEN_PARAMETER,
	TOKEN_VARIABLE, TOKEN_PROPERTY, TOKEN_ENUM_MEMBER, TOKEN_FUNCTION, TOKEN_METHOD,
};
enum { DECLARATION = 1, READONLY = 2 };	/* bits of the modifiers */

struct token {
	struct span span;
	int type, bits;
};

struct tokens {
	struct request *q;
	const struct analysis *a;
	VEC(struct token) all;
};

static int type_of(const struct word *w)
{
	if (!w->symbol)
		return w->decl && w->decl->kind == AST_MEMBER ? TOKEN_ENUM_MEMBER
							       : TOKEN_PROPERTY;
	switch (w->symbol->kind) {
	case SYMBOL_COMPONENT:
		return TOKEN_CLASS;
	case SYMBOL_PIPELINE:
	case SYMBOL_DEF:
		return TOKEN_FUNCTION;
	case SYMBOL_TYPE:
		return w->decl && w->decl->kind == AST_ENUM     ? TOKEN_ENUM
		       : w->decl && w->decl->kind == AST_STRUCT ? TOKEN_STRUCT
								 : TOKEN_TYPE;
	case SYMBOL_MODULE:
		return TOKEN_NAMESPACE;
	case SYMBOL_PARAM:
		return TOKEN_PARAMETER;
	case SYMBOL_OUTPUT:
		return TOKEN_PROPERTY;
	default:
		return TOKEN_VARIABLE;
	}
}

static void add(void *ctx, const struct word *w)
{
	struct tokens *t = ctx;
	bool constant = w->symbol && w->symbol->kind == SYMBOL_CONST;

	vec_push(&t->all, ((struct token){w->span, type_of(w),
					  (w->is_declaration ? DECLARATION : 0) |
						  (constant ? READONLY : 0)}));
}

static int by_place(const void *pa, const void *pb)
{
	const struct token *a = pa, *b = pb;

	return a->span.lo < b->span.lo ? -1 : a->span.lo > b->span.lo;
}

/* Each as the distance to the one before; what overlaps it is left out. */
static void write(struct tokens *t)
{
	uint32_t line = 0, character = 0, l, c, end_line, end;
	uint32_t done = 0;

	for (size_t i = 0; i < t->all.n; i++) {
		const struct token *k = &t->all.at[i];

		if (k->span.lo < done)
			continue;
		place_of(t->q->s, t->a->c.root->src, k->span.lo, &l, &c);
		place_of(t->q->s, t->a->c.root->src, k->span.hi, &end_line, &end);
		if (end_line != l)
			continue;
		buf_addf(&t->q->out, "%s%u,%u,%u,%d,%d", done ? "," : "", l - line,
			 l == line ? c - character : c, end - c, k->type, k->bits);
		done = k->span.hi;
		line = l;
		character = c;
	}
}

void lsp_tokens(struct request *q)
{
	struct analysis *a = q->doc ? document_analysis(q->s, q->doc) : NULL;
	struct tokens t = {.q = q, .a = a};

	if (!a)
		return;
	word_each(&a->c, a->c.root, add, &t);
	if (t.all.n)
		qsort(t.all.at, t.all.n, sizeof *t.all.at, by_place);
	buf_addz(&q->out, "{\"data\":[");
	write(&t);
	buf_addz(&q->out, "]}");
	vec_release(&t.all);
}
