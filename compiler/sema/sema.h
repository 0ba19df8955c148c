/* Meaning: what the names of a program stand for, what types its expressions have, and
 * all that is wrong with it before it is known what it computes.
 *
 *	struct sema s;
 *	sema_init(&s, &parse_ctx, types, loader);
 *	struct sema_file *root = sema_load(&s, path, text);
 *	sema_check(&s);
 *	... if (!s.parse.diags->nerrors) lower
 *	sema_release(&s);
 *
 * The checker works on the tree and leaves its results there: `type` of each expression
 * and written type, `ref` of each NAME, FIELD and CALL that stands for something
 * declared. All errors are said through the diagnostics; what is wrong gets the error
 * type, which fits everywhere, so that one fault is told once.
 *
 * What depends on computed values (constraints on constants, addresses of a config) is
 * checked after lowering, in compiler/ir. */
#ifndef KFPC_SEMA_SEMA_H
#define KFPC_SEMA_SEMA_H

#include "compiler/sema/allow.h"
#include "runtime/bc/module.h"

enum symbol_kind {
	SYMBOL_ERROR,		/* what an error left behind; fits everywhere */
	SYMBOL_COMPONENT,
	SYMBOL_PIPELINE,
	SYMBOL_ENVIRONMENT,
	SYMBOL_TYPE,		/* enum, struct, artifact, type P = ... */
	SYMBOL_CONST,
	SYMBOL_DEF,
	SYMBOL_CONFIG,
	SYMBOL_SCHEDULE,
	SYMBOL_MODULE,		/* an imported file, or a part of a dotted name */
	SYMBOL_ALIAS,		/* from a import b: stands for target */
	SYMBOL_PARAM,
	SYMBOL_OUTPUT,
	SYMBOL_VALUE,		/* x = expression; the `value` of a type's where */
	SYMBOL_TASK,		/* x = call(...) */
	SYMBOL_ITEM,		/* for x in ...: the element */
	/* These have no name. */
	SYMBOL_LOOP,		/* `ref` of a FOR, of a COMPREHENSION that starts tasks */
	SYMBOL_COLLECT,		/* what a loop keeps of its iterations */
	SYMBOL_TRY,		/* `ref` of a TRY, or of an IF with merged names */
};

/* What a loop goes over: one list, or what gives several things at a time. */
enum source { SOURCE_LIST, SOURCE_ZIP, SOURCE_ENUMERATE, SOURCE_ITEMS };

enum symbol_state { SYMBOL_NEW, SYMBOL_RESOLVING, SYMBOL_DONE };

struct symbol_out {
	const struct sym *name;
	const struct type *type;
	const struct node *decl;	/* an AST_OUTPUT */
	struct symbol *constraint;	/* as in struct symbol */
	bool unnamed;
};

struct symbol {
	enum symbol_kind kind;
	/* of its declaration; of the search for recursion */
	enum symbol_state state, walk;
	unsigned levels;		/* PIPELINE: of calls from here down, itself one */
	bool used;
	const struct sym *name;
	struct span span;		/* of its name, where it is declared */
	/* PARAM, BIND, COMPONENT, ...; IF of a merged name */
	struct node *decl;
	struct sema_file *file;
	const struct type *type;	/* of what has a type; of what a TYPE means */
	/* COMPONENT, PIPELINE: the signature; of a struct, its fields.  TASK: what it
	 * produces. */
	struct symbol **params;
	const struct symbol_out *outs;
	uint32_t nparams, nouts;
	/* PARAM, OUTPUT: the `type P = ... where` it was declared with.  TYPE: the one that
	 * it was made from.  NULL: none. */
	struct symbol *constraint;
	struct symbol *elements;	/* in place of a TYPE: list[P], whose elements are P */
	/* ALIAS: what it stands for.  TASK: what is called; NULL if merged.  COMPONENT:
	 * its environment.  CONFIG, SCHEDULE: its pipeline.  ITEM: its loop, of which
	 * `index` says which target.  COLLECT: its loop; decl is the argument of
	 * collect(), on_then what the loop within collected of it instead. */
	struct symbol *target;
	/* A name merged over the branches of an if, over the arms of a conditional, over
	 * a try and its except.  One of them is NULL in what only a loop may collect. */
	struct symbol *on_then, *on_else;
	/* TASK: how many levels of lists its outputs are in: as often it is indexed */
	unsigned lists;
	/* The innermost loop around its binding; LOOP: around the loop. */
	struct symbol *loop;
	/* LOOP: what it goes over, and the first of what is collected of it; `next` is
	 * the one after. */
	enum source source;
	struct symbol *collects, *next;
	struct symbol *merged;		/* TRY: the last name merged over it */
	struct map *names;		/* MODULE, a dotted prefix: its parts */
	/* MODULE: the file; NULL if it is only a prefix */
	struct sema_file *module;
	/* PIPELINE, DEF, CONST, struct: what it calls, in order */
	VEC(struct symbol *) calls;
	const struct type *tasks;	/* PIPELINE: what a test sees of its tasks; test.c */
	/* CONFIG: what it inherits from.  SCHEDULE: its config.  NULL: nothing */
	struct symbol *base;
	/* While it is resolved: what asked for it, and the field that is looked at. */
	struct symbol *asked_by;
	const struct node *field;
	bool is_computed;		/* VALUE, ITEM: it depends on tasks */
	bool is_local;			/* VALUE, ITEM: within one expression or def */
	bool is_partial;		/* some paths do not bind it */
	bool is_load;			/* COMPONENT: that of load() */
	bool is_broken;			/* its signature could not be read as a whole */
	/* Lowering's. */
	/* in the module, in its pipeline or in its signature */
	uint32_t index;
	bool reached, is_const, is_large;
	const struct pick *pick;	/* TASK: which of a list of tasks it is */
	struct value value;		/* of what is_const and not is_large */
};

/* One of the texts that a root file is put together from. */
struct sema_part {
	struct src_file *src;
	struct str dir;			/* paths in it are relative to this folder */
};

struct sema_file {
	struct src_file *src;		/* NULL while it could not be read */
	const struct sema_part *parts;	/* as in the source map, in one go; NULL: none */
	uint32_t nparts;
	struct node *tree;
	struct str path, dir;		/* as shown; the folder it lies in */
	/* In the module, of a file that was found on the search path or in the library:
	 * below the folder it was found in.  Empty: it goes by its path. */
	struct str name;
	/* every declaration and import: struct symbol * */
	struct map names;
	VEC(struct symbol *) symbols;	/* the same, in the order of the source */
	struct map configs;		/* by pipeline and name */
	struct sema_file *importer;	/* while it is being loaded */
	struct span import_span;
	unsigned depth;
	bool loading, has_pipeline, has_component;
	bool is_broken;			/* not all of it could be parsed */
	bool in_library;		/* of the standard library */
};

struct sema;

/* Where texts come from. */
struct sema_loader {
	/* Appends the text of path to out, 0; or -1 with err, whose sys is ENOENT where
	 * there is no such file.  NULL: the file system. */
	int (*read)(void *ctx, const char *path, struct buf *out, struct err *err);
	/* Puts the tree of the root file together from several texts, in place of parsing
	 * one: adds them to the source map and says in root->parts which they are.  NULL:
	 * it is parsed. */
	struct node *(*tree)(void *ctx, struct sema *s, struct sema_file *root);
	void *ctx;
	/* Where modules are looked for that do not lie beside the file that imports them,
	 * in this order; origin says whence the folder is known ("-I"). */
	const struct sema_folder { const char *path, *origin; } *folders;
	size_t nfolders;
	/* The folder that has `std` in it; NULL: the library that the program carries. */
	const char *library;
};

struct sema {
	struct parse_ctx parse;
	struct types *types;
	struct sema_loader loader;
	VEC(struct sema_file *) files;	/* [0] is the root */
	struct map by_path;		/* real path -> struct sema_file * */
	unsigned depth;			/* of declarations that wait for each other */
	struct symbol *resolving;	/* the innermost of them */
	struct allows allows;		/* of the root file, for who prints the warnings */
	struct symbol *error;		/* what unknown names stand for */
	VEC(struct symbol *) values;	/* every x = expression of a pipeline */
	VEC(struct symbol *) loads;	/* load() for each type and file */
	VEC(struct map *) namespaces;	/* of dotted imports, to be released */
};

/* types and what loader points to must outlive s. */
void sema_init(struct sema *s, const struct parse_ctx *parse, struct types *types,
	       struct sema_loader loader);
void sema_release(struct sema *s);

/* Parses the root file, and all that it imports, and declares their names.  text.p NULL:
 * it is read from path first; NULL with err (ERR_IO) if it cannot be. */
struct sema_file *sema_load(struct sema *s, const char *path, struct str text,
			    struct err *err);
/* Checks all files that are loaded. */
void sema_check(struct sema *s);

/* Where a file lies, or may lie. */
struct place_of_file {
	struct str path;	/* to read it from, and for messages */
	struct str name;	/* as in struct sema_file */
	bool in_library;
};

/* What a path means that file mentions at an offset of the source map: relative to the
 * folder of file, or of its part.  In the arena. */
struct place_of_file sema_place(struct sema *s, const struct sema_file *file,
				struct str path, uint32_t at);
/* Reads a source, or a file that travels with a component; -1 with err. */
int sema_read(struct sema *s, const struct place_of_file *p, struct buf *out,
	      struct err *err);
/* The same for all paths to one file; in the arena. */
struct str sema_key(struct sema *s, const struct place_of_file *p);

/* Checks a constant expression of a config, once it is known what type it should have;
 * setting is SETTING_N for a parameter. */
void sema_check_entry(struct sema *s, struct sema_file *file, struct node *value,
		      const struct type *want, const char *what, enum setting setting);

/* What an alias stands for; the symbol itself if it is none. */
struct symbol *symbol_target(struct symbol *sym);
/* The number of the output of this name; MODULE_NONE if there is none. */
uint32_t symbol_find_out(const struct symbol *sym, const struct sym *name);
bool symbol_is_struct(const struct symbol *sym);
/* "a component", "a pipeline": for messages. */
const char *symbol_kind_name(const struct symbol *sym);

#endif
