/* Shared by program_save*.c: the session as a file. */
#ifndef KFPC_REPL_PROGRAM_SAVE_H
#define KFPC_REPL_PROGRAM_SAVE_H

#include "compiler/repl/program_int.h"

struct save_edit {		/* of the text of an item */
	uint32_t lo, hi;
	struct str put;
};

struct saving {
	struct program_input *in;
	struct str path, dir;		/* where it will lie */
	bool *kept;			/* entries that are in it */
	bool any, any_statement;
	struct map used;		/* names that stand in it */
	struct { struct save_edit *at; size_t n, cap; } edits;
	struct buf text, block;		/* block: of the config */
	struct run_config config;
	const struct program_item *item;	/* that is edited */
	uint32_t base;			/* of its text in the source map */
};

/* program_save_path.c */
/* The import of an entry, as it must be written in the new file. */
void save_import(struct saving *v, uint32_t entry);
/* The file that path means in a text of folder dir, from the new file's folder; empty if
 * it means the same from there. */
struct str save_path(struct saving *v, struct str dir, struct str path);

/* program_save_edit.c */
/* Sets v->edits to what is to be changed in an entry, in order. */
void save_edits(struct saving *v, uint32_t entry);
/* Values that no call can have as arguments, as a config block. */
void save_config(struct saving *v);

#endif
