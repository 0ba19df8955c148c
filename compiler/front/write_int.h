/* What the parts of the writer share: private to write*.c.
 *
 * Text goes to `out` in one of two modes.  Flat: everything on the line so far, and
 * `over` is set once it is too long.  Else brackets are broken over lines.  flat_begin
 * and flat_end try the first and take it back if it does not fit.
 *
 * Comments are taken from the list in order: comments_before those that stand before a
 * place, on lines of their own, line_end those behind what a line holds.  What would
 * otherwise be passed over is put behind the line that it ended up in, so none is
 * lost. */
#ifndef KFPC_FRONT_WRITE_INT_H
#define KFPC_FRONT_WRITE_INT_H

#include "compiler/front/write.h"

struct writer {
	const struct write_input *in;
	struct buf *out;
	size_t next, ncomments;		/* comments: the next one, and where to stop */
	unsigned indent, col;		/* of the block; of the line so far */
	unsigned limit;			/* columns, in flat mode */
	unsigned tail;			/* columns behind the expression on its line */
	unsigned pad;			/* columns of what stands before '=' */
	bool flat, over;
	bool whole;			/* the item's line is not to be broken */
};

struct mark {
	size_t n, next;
	unsigned col;
};

/* write.c */
void put(struct writer *w, struct str s);
void putz(struct writer *w, const char *z);
void put_sym(struct writer *w, const struct sym *s);
struct str source(const struct writer *w, struct span at);
char source_at(const struct writer *w, uint32_t at);
struct mark mark_set(const struct writer *w);
void mark_return(struct writer *w, struct mark m);
/* Not to be nested.  tail: columns that must be free behind the text. */
struct mark flat_begin(struct writer *w, unsigned tail);
bool flat_end(struct writer *w, struct mark m);
/* Columns that put_it(w, n) would take on one line; more than WRITE_COLUMNS for all
 * that do not fit any. */
unsigned flat_width(struct writer *w,
		    void (*put_it)(struct writer *, const struct node *),
		    const struct node *n);
bool comment_waits(const struct writer *w, uint32_t before);
void line_begin(struct writer *w);
/* Ends a line that holds the source up to pos; a comment behind it stands before
 * bound. */
void line_end(struct writer *w, uint32_t pos, uint32_t bound);
/* True if there were any.  blank: the first may have an empty line before it. */
bool comments_before(struct writer *w, uint32_t bound, bool blank);
/* Where the first token at or after pos begins. */
uint32_t token_after(const struct writer *w, uint32_t pos);
/* The same, but for a comma. */
uint32_t token_after_comma(const struct writer *w, uint32_t pos);
bool blank_before(const struct writer *w, uint32_t pos);
bool blank_between(const struct writer *w, uint32_t lo, uint32_t hi);
bool first_on_line(const struct writer *w, uint32_t pos);
/* Column of the first word of the line that pos is in. */
uint32_t line_column(const struct writer *w, uint32_t pos);

/* write_expr.c */
struct brackets {
	const char *open, *close;
	const struct list *items;
	void (*put_item)(struct writer *w, const struct node *n);
	uint32_t end;		/* where the closing one stands */
	bool one_a_line;
};
void put_brackets(struct writer *w, const struct brackets *b);
/* An expression that stands alone, in flat mode or as it fits; tail as in flat_begin. */
void put_fit(struct writer *w, const struct node *n, unsigned tail);
void put_expr(struct writer *w, const struct node *n);
void put_arg(struct writer *w, const struct node *n);
void put_list(struct writer *w, const struct list *l,
	      void (*put_item)(struct writer *, const struct node *));

/* write_type.c */
void put_type(struct writer *w, const struct node *n);
void put_path(struct writer *w, const struct list *l);
void put_string(struct writer *w, const struct node *n);

/* write_decl.c */
/* True if an empty line stands before and after n at the top of a file. */
bool is_block_declaration(struct writer *w, const struct node *n);
/* False if n is no declaration, nor a part of one that has a line of its own. */
bool write_declaration(struct writer *w, const struct node *n);

/* write_stmt.c */
enum block_style {
	BLOCK_STATEMENTS,
	BLOCK_SETTINGS
}; /* of the latter, '=' are aligned */
/* Ends the line of a header, that holds the source up to pos, and writes its block.  lo:
 * where the header begins. */
void write_block(struct writer *w, uint32_t lo, uint32_t pos, const struct list *items,
		 enum block_style style);
void write_item(struct writer *w, const struct node *n);
/* Ends the line of an item that has no block. */
void item_end(struct writer *w, const struct node *n);

#endif
