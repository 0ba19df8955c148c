/* The text of a session as a program.
 *
 * What was typed is kept as entries: declarations, and statements of one pipeline.  All
 * of them together, and the declarations of the files that were loaded, are one program,
 * compiled as a whole whenever it changes; nothing is run here.  Texts are parsed each
 * under its own name and the trees are put together, so that every diagnostic, note and
 * place of the compiler (and of the module that is run) is one in what was typed:
 * `<input 3>:2:5`, or `iris.kfp:12:1`.
 *
 *	struct program *p = program_new(&host);
 *	struct program_input in;
 *	switch (program_read(p, text, &in)) {
 *	case PROGRAM_OK:
 *		program_commit(p, &in);
 *		if (in.runs && !program_module(&in, &m, &bytes, &err))
 *			... run it with program_wants and program_asks, and tell by
 *			program_set_state how each entry of in.added ended
 *		break;
 *	case PROGRAM_WRONG: ... print in.said
 *	}
 *	program_input_release(&in);
 *
 * Names.  A block that makes a name anew takes the place of the entry that made it; where
 * it now reads what comes later it moves behind that.  What depends on it, through
 * declarations too, is stale from then on, or broken: left out of the program, with its
 * errors, until a change mends it. */
#ifndef KFPC_REPL_PROGRAM_H
#define KFPC_REPL_PROGRAM_H

#include "compiler/repl/repl.h"
#include "runtime/vm/run.h"

struct program;
struct program_item;
struct program_text;

enum program_verdict {
	PROGRAM_OK,
	PROGRAM_INCOMPLETE,	/* more lines are wanted: a bracket, a block is open */
	PROGRAM_WRONG,		/* in.said has why; nothing has changed */
	PROGRAM_EMPTY,		/* nothing but comments and blank lines */
};

enum program_kind { PROGRAM_DECLARATION, PROGRAM_STATEMENT, PROGRAM_EXPRESSION };

enum program_state {
	PROGRAM_NEW,		/* of a statement: it has not run yet */
	PROGRAM_DONE,
	PROGRAM_STALE,		/* something that it depends on was changed since */
	PROGRAM_FAILED,
	PROGRAM_BROKEN,		/* it does not compile any more: see error */
	PROGRAM_NSTATES
};

struct program_entry {
	uint32_t id;		/* from 1, never used again in the session */
	enum program_kind kind;
	enum program_state state;
	bool in_file;		/* it stands in a file that was loaded */
	struct str place;	/* "<input 3>:1", "iris.kfp:12" */
	struct str text;	/* as typed, without what stands before and after it */
	struct str title;	/* one line: "fit = train(...)", "component train" */
	const struct str *names;	/* that it makes, as they are typed */
	uint32_t nnames;
	struct str error;	/* BROKEN: what is wrong with it, in lines */
	const struct program_item *item;
	bool was_done;		/* it succeeded once */
	bool is_wanted;		/* private: to be run though it is not new */
};

struct program_entries {
	struct program_entry *at;
	size_t n, cap;
};

/* What a block, or another change, makes of the session. */
struct program_input {
	struct arena arena;
	/* Entries that are new.  Expressions are among them, and are not kept. */
	struct program_entries added;
	/* What they take the place of; what becomes stale or broken by it, and what was
	 * broken and is mended (it is stale then). */
	struct program_entries redefined, stale, broken, mended;
	/* Of program_save: what is not in it; its pipeline and config, "" if none. */
	struct program_entries left_out;
	struct str saved, config;
	/* Stale, and to be run as well since what is new reads them; what runs again. */
	struct program_entries updates;
	bool runs;		/* there is something to run */
	bool is_expression;	/* the last one of added is an expression; then: */
	/* The node of the session's pipeline whose value it is, or whose outputs if it
	 * names a task; MODULE_NONE: there is none. */
	uint32_t node;
	/* Of one of a list of tasks (fits[0]): its outputs, a node each from there on. */
	const struct str *outputs;
	uint32_t noutputs;
	struct str type;	/* as written in a program; of a task: "(task) ..." */
	struct buf said;	/* diagnostics, as text: errors, or warnings if OK */
	unsigned nerrors, nwarnings;
	bool is_unreadable;	/* WRONG, since a file cannot be read */
	/* The program with this change.  Its module is as the compiler made it: to be run
	 * it is saved and loaded, as program_module does. */
	struct compilation c;
	uint32_t pipeline;	/* number of the session's in the module */
	/* Private. */
	struct program *program;
	struct session *next;		/* what it becomes */
	struct program_made *made;
	struct program_text *text;	/* what is new in it; NULL: nothing */
	uint32_t first_id;		/* of what is new */
	/* New under an old name. */
	struct { uint32_t *at; size_t n, cap; } changed;
	struct { struct session **at; size_t n, cap; } replaced;
	struct module *module;
	struct buf bytes;
	struct str caption, setting;
	struct { struct str *at; size_t n, cap; } changed_files;
	uint32_t next_id;
	bool checks_all, checks_config, is_whole, breaks, reruns, keeps_nothing;
};

enum {
	PROGRAM_TEXT_MAX = 1 << 20,	/* bytes of one block: more is a file */
	PROGRAM_TEXTS_MAX = 32 << 20,	/* of all that was typed */
	PROGRAM_ENTRIES_MAX = 10000,	/* typed */
	PROGRAM_UNDO_MAX = 100,		/* changes to be undone; fewer of a large one */
};

/* Borrows host; NULL pointers in it are as repl.h says.  colour: of what is printed. */
struct program *program_new(const struct repl_host *host, bool colour);
void program_free(struct program *p);

/* Would text be read as it is, or does it go on?  A block goes on until an empty line.
 * Looks at its syntax only, and says nothing: OK may still be wrong. */
enum program_verdict program_look(struct str text);

/* Reads a block that was typed, or several pasted: all of it or nothing.  Whatever it
 * returns, in is to be released.  Nothing changes until program_commit. */
enum program_verdict program_read(struct program *p, struct str text,
				  struct program_input *in);
/* The declarations of a file; those of a file that was loaded before are replaced.
 * Names that the session had are redefined.  WRONG also where it cannot be read. */
enum program_verdict program_load(struct program *p, const char *path,
				  struct program_input *in);
/* The files that were loaded, and all that is imported, as they are now.  EMPTY: none
 * has changed.  What was typed in place of their declarations stays. */
enum program_verdict program_reload(struct program *p, struct program_input *in);
/* "fit.c=10"; without a value ("fit.c=") what was set is forgotten. */
enum program_verdict program_configure(struct program *p, struct str setting,
				       struct program_input *in);
/* To run stale, new and failed entries again: those that make the names, or all of them.
 * EMPTY: there are none.  A name that is none is WRONG. */
enum program_verdict program_rerun(struct program *p, const struct str *names, size_t n,
				   struct program_input *in);
/* The program as it stands, to be looked at or exported: nothing is wanted of it. */
enum program_verdict program_whole(struct program *p, struct program_input *in);
/* The session's pipeline in the tree of in->c, whose names what is typed can use. */
const struct node *program_pipeline(const struct program_input *in);
/* To evaluate an expression alone, or to know its type, in.type.  WRONG if it is none. */
enum program_verdict program_type_of(struct program *p, struct str text,
				     struct program_input *in);

/* Makes the change.  in stays good for running it. */
void program_commit(struct program *p, struct program_input *in);
void program_input_release(struct program_input *in);

/* Takes back the last change that was committed; what is one line that says which it was.
 * States are as they were before it.  EMPTY: there is none. */
enum program_verdict program_undo(struct program *p, struct program_input *in,
				  struct str *what);

/* The module to be run and its saved form, both of in.  -1 with err. */
int program_module(struct program_input *in, const struct module **m, struct str *bytes,
		   struct err *err);
/* The config that was set, for that module; -1 with err, and what is wrong with it or
 * missing in errors, a line each. */
int program_config(struct program_input *in, struct arena *a, struct run_config *out,
		   struct buf *errors, struct err *err);
/* For struct run_step: ctx is in. */
bool program_wants(void *ctx, const struct module_node *n);
uint64_t program_asks(void *ctx, const struct module_node *n);
/* The entry of a node of the session's pipeline; NULL: of none. */
const struct program_entry *program_entry_of(const struct program_input *in,
					     const struct module_node *n);

/* Appends the session as a program for the file at path: the declarations in use, and a
 * pipeline of what is called, in canonical form.  Paths in it are made right for where it
 * will lie; values of the config are arguments of their calls where those can have them,
 * else a config block, named in in->config.  What failed or is broken is left out, and
 * what reads that: in->left_out.  Nothing is written.  EMPTY: there is nothing. */
enum program_verdict program_save(struct program *p, const char *path,
				  struct program_input *in, struct buf *out);

/* Entries as they stand: declarations of files, then what was typed, in order. */
const struct program_entries *program_entries(const struct program *p);
const struct program_entry *program_find(const struct program *p, struct str name);
void program_set_state(struct program *p, uint32_t id, enum program_state state);
/* The values that were set: "fit.c=10". */
size_t program_settings(const struct program *p, const struct str **out);
/* The files that were loaded, first first. */
size_t program_files(const struct program *p, const char *const **out);

#endif
