/* The reference of a file: its declarations with what their doc comments say.
 *
 * Read from the tree alone, so a file need not be right in everything to be read about.
 * Names that begin with an underscore are private and left out, tests too.
 *
 *	struct reference r;
 *	reference_read(&r, STR("iris"), file, tree, &arena);
 *	reference_print(&r, REFERENCE_TEXT, 80, false, &out);
 */
#ifndef KFPC_TOOL_REFERENCE_H
#define KFPC_TOOL_REFERENCE_H

#include "compiler/front/ast.h"
#include "runtime/base/vec.h"

/* What a declaration has several of: a parameter, an output, a field, a member. */
struct reference_row {
	struct str name;		/* "" of an output without a name */
	struct str type, value, where;	/* as the program writes them; "" where there is none */
	struct str doc;
};

struct reference_group {
	const char *title;		/* "parameters" */
	bool has_defaults;		/* a value is what holds where no other is given */
	struct reference_row *rows;
	uint32_t nrows;
};

enum { REFERENCE_GROUPS = 2 };

struct reference_entry {
	const struct node *decl;
	struct str name, doc;
	struct str signature;		/* "train(data: Dataset, lr: float = 0.1) -> Model" */
	struct reference_group groups[REFERENCE_GROUPS];	/* without rows: none */
};

struct reference {
	struct str name, doc;		/* of the file */
	struct reference_entry *entries;	/* in the order of the file */
	uint32_t nentries;
};

enum reference_form { REFERENCE_TEXT, REFERENCE_MARKDOWN, REFERENCE_JSON };

/* All of it in a; tree is an AST_FILE. */
void reference_read(struct reference *r, struct str name, const struct src_file *file,
		    const struct node *tree, struct arena *a);
/* The same of one declaration of the file; false if it is private, or has no name. */
bool reference_read_entry(struct reference_entry *e, const struct src_file *file,
			  const struct node *decl, struct arena *a);
/* The declaration of this name, or NULL. */
const struct reference_entry *reference_find(const struct reference *r, struct str name);

/* Appends the whole; text is wrapped to columns, headings are bold where bold is set. */
void reference_print(const struct reference *r, enum reference_form form, unsigned columns,
		     bool bold, struct buf *out);
/* The same of one declaration. */
void reference_print_entry(const struct reference_entry *e, enum reference_form form,
			   unsigned columns, bool bold, struct buf *out);
/* "component", "struct": the word that it is declared with. */
const char *reference_kind(const struct reference_entry *e);
/* Appends "lr: float = 0.1 where lr > 0". */
void reference_add_row(const struct reference_row *row, struct buf *out);

#endif
