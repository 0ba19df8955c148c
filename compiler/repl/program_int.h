/* What the parts of the session's text share; private to program*.c. */
#ifndef KFPC_REPL_PROGRAM_INT_H
#define KFPC_REPL_PROGRAM_INT_H

#include "compiler/repl/program.h"
#include "runtime/base/map.h"

/* A block that was typed, or a file.  It never changes, and lives as long as a session
 * refers to it: each entry does. */
struct program_text {
	unsigned refs;
	struct arena arena;
	struct str path, dir, text;
	bool is_file;
	struct program_item *items;	/* of the top, in order */
	size_t nitems;
	uint32_t part;			/* its number, plus one, while it is compiled */
};

/* One thing at the top of a text. */
struct program_item {
	struct program_text *of;
	uint32_t number;		/* among the items of the text, */
	uint32_t index;			/* and of its tree */
	uint32_t lo, hi;		/* in the text, */
	uint32_t from, to;		/* with the comments before it, and behind it */
	uint32_t line;
	enum node_tag tag;
	enum program_kind kind;
	struct str title;
	/* What it makes: whoever makes the same takes its place.  Names are as in the
	 * program; a key may have a word before it ("for x" of a name in a loop). */
	const struct str *names, *keys;
	uint32_t nnames, nkeys;
	const struct str *reads;	/* of a statement: names that stand in it */
	uint32_t nreads;
	const bool *hidden;		/* of an import: names that others make */
	bool is_gone;			/* of a file: it is not placed */
};

/* Entries and what else makes up the program; never changes once it is the current one,
 * but for the states. */
struct session {
	struct program_entries e;
	VEC(struct program_text *) files;
	VEC(struct str) config;		/* "fit.c=10", on the heap */
};

struct undo {
	struct session *before;
	struct str what;		/* on the heap */
};

/* A file that was imported, as it was read first: the program does not change by
 * itself. */
struct kept_file {
	struct str path;		/* NUL-terminated, on the heap */
	struct buf text;
	bool is_missing;
	struct err err;
};

struct program {
	const struct repl_host *host;
	bool colour;
	struct session *now;
	VEC(struct undo) undo;
	VEC(struct kept_file *) files;
	uint32_t next_id, next_input;
	size_t typed_bytes;
	struct arena names;		/* of program_files */
};

/* One text in a compilation. */
struct made_part {
	struct program_text *text;
	struct src_file *src;
	uint32_t *by_item;		/* the entry of each of its items, plus one */
};

struct made_edge {		/* entry `from` reads entry `to` at `at` */
	uint32_t from, to;
	struct span at;
};

/* Where the entries of in->next are in in->c.  Lives in the input's arena but for the
 * vectors. */
struct program_made {
	struct made_part *parts;
	size_t nparts;
	struct node **nodes;		/* of each entry; NULL: left out */
	bool *out;			/* entries that are left out */
	struct sema_part *sema_parts;
	struct node *pipeline;
	VEC(struct made_edge) edges;
	struct made_links {		/* of the edges, by entry */
		uint32_t *first;	/* of its ones, up to the next's */
		uint32_t *other;
	} readers, read;
	bool *wanted;
};

#define ENTRY_NONE UINT32_MAX

/* program_text.c: texts and their items */
/* A text of which the caller has the only reference.  text is normal already. */
struct program_text *text_new(struct str path, struct str dir, struct str text,
			      bool is_file);
void text_release(struct program_text *t);
/* Reads off the items from its tree. */
void text_read_items(struct program_text *t, const struct node *tree);
/* The item with names hidden that `keys` has; it itself if it has none of them, NULL if
 * nothing is left of it. */
const struct program_item *item_without(const struct program_item *i,
					const struct str *keys, uint32_t n);
/* text as it is kept: LF, no BOM, ended by a newline; dedent: without the indentation
 * that all lines have.  Appends. */
void text_normalize(struct str text, bool dedent, struct buf *out);

/* program_session.c */
struct session *session_new(void);
void session_free(struct session *s);
/* Without expressions. */
struct session *session_copy(const struct session *s);
void session_add(struct session *s, const struct program_entry *e, size_t at);
void session_remove(struct session *s, size_t at);
struct program_entry entry_of_item(const struct program_item *i, uint32_t id);
/* Takes the error away, and sets it to a copy of text where that is not empty. */
void entry_set_error(struct program_entry *e, struct str text);
void session_add_file(struct session *s, struct program_text *t);
void session_add_config(struct session *s, struct str setting);

/* program_place.c: where new entries go */
/* Puts the items of t into in->next, in place of what they redefine; false after saying
 * in in->c why that cannot be.  Entries from first_id on are new. */
bool place_items(struct program_input *in, struct program_text *t);
bool is_new(const struct program_input *in, const struct program_entry *e);
/* Orders statements so that each comes after what it reads; false after saying so. */
bool place_order(struct program_input *in);

/* program_make.c: the compilation */
/* Compiles in->next; what breaks in it is left out.  False if it is wrong. */
bool make(struct program_input *in, unsigned flags);
/* The entry that a place in the compilation belongs to, through imports too. */
uint32_t made_entry_at(const struct program_input *in, uint32_t offset);
/* Only what has to do with what is new, ready to print. */
void make_say(struct program_input *in);

/* program_reads.c: who reads whom */
void reads_find(struct program_input *in);
void reads_release(struct program_made *m);
/* Adds to set those that read one of set (or, back, that one of set reads). */
void reads_close(const struct program_input *in, bool *set, bool back);

/* program.c */
/* A text on its own: its tree lives in c.  The caller releases the comments. */
struct parse_result program_parse(struct compilation *c, struct str path,
				  struct str text);
void program_forget_files(struct program *p);
void undo_release(struct undo *u);
/* Says a thing that has no place; WRONG. */
enum program_verdict input_wrong(struct program_input *in, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Says what in->c has; WRONG. */
enum program_verdict input_wrong_syntax(struct program_input *in);

/* program_input.c */
void input_init(struct program_input *in, struct program *p);
/* The whole way from in->next to a verdict. */
enum program_verdict input_judge(struct program_input *in, unsigned flags);

#endif
