/* The table of commands (command.def), and reading a line that begins with a colon. */
#ifndef KFPC_REPL_COMMAND_H
#define KFPC_REPL_COMMAND_H

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

enum command_id {
#define COMMAND(name, args, kinds, summary, help) COMMAND_##name,
#include "compiler/repl/command.def"
#undef COMMAND
	COMMAND_N
};

/* Words of `kinds`: command, expression, declared (a name of a declaration), entry (a
 * name that the session declares or binds), config (an address), task, output, picture,
 * target, path; a word with a dash stands for itself. */
struct command {
	const char *name, *args, *kinds, *summary, *help;
};
extern const struct command REPL_COMMANDS[COMMAND_N];

/* The command whose name is word, or begins with it; COMMAND_N if there is none, or
 * several: problem then says so, in a line. */
enum command_id command_find(struct str word, struct buf *problem);
/* The kind of argument i, from 0; empty if there is none. */
struct str command_kind(enum command_id c, size_t i);

/* A line as ":export kfp -o 'a b.yaml'". */
struct command_line {
	struct str name;	/* "export" */
	struct str rest;	/* "kfp -o 'a b.yaml'", trimmed */
	const char **words;	/* of rest, quotes taken off, ended by NULL */
	size_t nwords;
};
/* All that lives in a.  False if a quote is not closed. */
bool command_read(struct str line, struct arena *a, struct command_line *out);

/* Appends what `:help` prints. */
void command_help_all(struct arena *a, struct buf *out);
void command_help_one(enum command_id c, struct buf *out);

#endif
