/* What can be typed at a place of a program: for the language server and for the REPL. */
#ifndef KFPC_LSP_COMPLETE_H
#define KFPC_LSP_COMPLETE_H

#include "compiler/ir/compile.h"
#include "compiler/lsp/word.h"
#include "runtime/base/map.h"

enum { COMPLETE_MAX = 500 };

struct complete_item {
	struct str text;		/* in place of the word; "name=" of an argument */
	enum item_kind kind;
	struct str detail, doc;		/* a type or signature; Markdown.  May be empty */
};

struct complete_place {
	const struct compilation *c;	/* of what is right around the place */
	struct arena *arena;
	struct str text;		/* what is typed; need not be what was compiled */
	size_t at;			/* the place in it */
	size_t from;			/* where the declaration around begins in it */
	const struct node *top;		/* declaration whose names are known; NULL: none */
	enum node_tag kind;		/* of what is typed; AST_ERROR: no declaration */
	bool has_statements;		/* they can begin a line without indentation */
	bool in_code;			/* of the component that top is */
};

struct completion {			/* at work */
	struct complete_place p;
	void (*offer)(void *ctx, const struct complete_item *item);
	void *ctx;
	struct str line;		/* from its beginning to the place */
	struct str word;		/* the name as far as it is typed */
	struct map seen;
	unsigned n;			/* items offered; COMPLETE_MAX at most */
	bool is_cut;			/* there would be more */
};

/* Offers, each once, what begins with the word before the place, whatever the case. */
void complete_at(struct completion *c);

/* What is called by the bracket that is open at the place; NULL: nothing is, or it is not
 * known.  For complete_begin'ed ones. */
struct symbol *complete_callee(struct completion *c, size_t *bracket);
/* The name of the argument whose value is being typed; empty: none. */
struct str complete_argument(const struct completion *c);
/* Reads off line and word. */
void complete_begin(struct completion *c);

#endif
