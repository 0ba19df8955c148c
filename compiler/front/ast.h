/* The syntax tree of one file: what the grammar builds and the checker annotates.
 *
 * Nodes live in the arena given to the parser.  A node knows its kind and its span;
 * lists are chained through `next`.  There are no parent pointers.  `type` and `ref`
 * are the checker's: NULL after parsing.
 *
 * A node is allocated only as far as its kind needs: never copy a struct node.  No tree
 * is higher than AST_HEIGHT_MAX (the parser says so and puts an ERROR in its place), so
 * a walk may recurse. */
#ifndef KFPC_FRONT_AST_H
#define KFPC_FRONT_AST_H

#include "runtime/base/diag.h"
#include "runtime/base/limits.h"
#include "runtime/base/sym.h"

enum node_tag {
#define NODE(ID, name, fields) AST_##ID,
#include "compiler/front/ast.def"
	AST_NKINDS
};

struct node;
struct type;
struct symbol;

enum { AST_HEIGHT_MAX = 4 * LIMIT_NESTING };

struct list {
	struct node *first, *last;
	uint32_t n;
};

#define list_each(it, list) \
	for (struct node *it = (list)->first; it; it = it->next)

struct node {
	enum node_tag kind;
	struct span span;
	uint32_t height;		/* levels of the tree from here; 1 for a leaf */
	struct node *next;		/* in the list that it is part of */
	const struct type *type;	/* set by the checker: of an expression, of a declared type */
	struct symbol *ref;		/* set by the checker: what a NAME, FIELD, ... stands for */
	union {
#define SYM(f) const struct sym *f;
#define ONE(f) struct node *f;
#define MANY(f) struct list f;
#define TEXT(f) struct str f;
#define INT(f) int64_t f;
#define FLOAT(f) double f;
#define FLAG(f) bool f;
#define OP(f) uint8_t f;
#define AT(f) struct span f;
#define NODE(ID, name, fields) struct { fields } name;
#include "compiler/front/ast.def"
	};
};

/* For NODE: a case of `switch (n->kind)`, where at is the member of n that the fields are
 * of. */
#define AST_CASE(ID, member, fields) \
	case AST_##ID: { \
		const __typeof__(n->member) *at = &n->member; \
		(void)at; \
		fields \
		break; \
	}

const char *node_name(enum node_tag kind);
/* Zeroed but for kind, span and height 1. */
struct node *node_new(struct arena *a, enum node_tag kind, struct span span);
/* Sets height from the children that n has now. */
void node_measure(struct node *n);
void list_add(struct list *l, struct node *n);

/* The tree as indented text with spans as line:col-line:col; for tests and `check
 * --ast`. */
void ast_dump(const struct node *root, const struct src *src, struct buf *out);
/* Calls visit(ctx, n) and then, if that was true, the same for all below n, in the
 * order of the source.  n may be NULL. */
void ast_each(const struct node *n, bool (*visit)(void *ctx, const struct node *n),
	      void *ctx);
/* Same kinds and contents, whatever the spans. */
bool ast_equal(const struct node *a, const struct node *b);

#endif
