/* Names in a text, and what is declared under them: for the language server and for what
 * the REPL completes. */
#ifndef KFPC_LSP_WORD_H
#define KFPC_LSP_WORD_H

#include "compiler/ir/compile.h"
#include "compiler/tool/reference.h"

/* May it stand in a name? */
static inline bool word_is_letter(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

struct word {
	struct span span;		/* of the name as it stands there */
	struct span target;		/* of the name where it is declared */
	struct symbol *symbol;		/* what it is; NULL of a member, an output */
	const struct node *decl;	/* its declaration */
	const struct type *type;	/* of the expression; NULL: unknown */
	bool is_declaration;
};

/* Calls visit for each name of the file (word_each_in: in a declaration of it) that stands
 * for something declared. */
void word_each(const struct compilation *c, const struct sema_file *f,
	       void (*visit)(void *ctx, const struct word *w), void *ctx);
void word_each_in(const struct compilation *c, const struct sema_file *f,
		  const struct node *top, void (*visit)(void *ctx, const struct word *w),
		  void *ctx);
/* The name at an offset of the root file. */
bool word_at(const struct compilation *c, uint32_t offset, struct word *out);
/* The innermost declaration of the root file around an offset; NULL: none. */
const struct node *word_around(const struct compilation *c, uint32_t offset);
/* The symbol of a type that is declared, of a name in the file. */
struct symbol *word_type_symbol(const struct compilation *c, const struct type *t);
struct symbol *word_lookup(const struct sema_file *f, struct str name);
const struct node *word_name_node(const struct node *decl);

enum item_kind {	/* what is offered: numbers of the protocol */
	ITEM_METHOD = 2, ITEM_FUNCTION = 3, ITEM_FIELD = 5, ITEM_VARIABLE = 6, ITEM_CLASS = 7,
	ITEM_MODULE = 9, ITEM_PROPERTY = 10, ITEM_ENUM = 13, ITEM_KEYWORD = 14,
	ITEM_ENUM_MEMBER = 20, ITEM_CONSTANT = 21, ITEM_STRUCT = 22,
};

/* The outputs, members and fields that may stand behind `w.`, told one by one. */
struct word_part {
	struct str name;
	const struct type *type;
	struct str doc;
	enum item_kind kind;
};
void word_parts(const struct compilation *c, struct symbol *sym, const struct type *type,
		void (*visit)(void *ctx, const struct word_part *p), void *ctx);
/* A declaration with its parameters, in arena; false if it is none that has a reference. */
bool word_describe(const struct compilation *c, struct arena *arena, const struct node *decl,
		   struct reference_entry *out);

#endif
