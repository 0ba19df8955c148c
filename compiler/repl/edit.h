/* The line editor of the REPL: reads whole blocks from a terminal.
 *
 * A block is one line, or several: it goes on while what was typed is open (a bracket,
 * an indented part), with the indentation offered, until a blank line ends it.  What is
 * pasted comes whole, with its blank lines, and nothing of it is run before Enter.
 * Earlier blocks come back whole, too: history is kept in a file between sessions.
 *
 *	struct edit *e = edit_open(&(struct edit_opts){.out = 1, .prompt = STR("> "),
 *			.more = STR(". "), .is_open = is_open, .ctx = &session});
 *	while ((end = edit_read(e, &text)) != EDIT_END)
 *		if (end == EDIT_TEXT)
 *			... the terminal is as it was before
 *	edit_close(e);
 *
 * libedit has the keys, the words and the terminal's modes, and edits one line at a
 * time; lines above and below it, and what is drawn, are ours, since libedit knows
 * neither indented blocks nor marks that combine, and loses its place in what is taller
 * than the window.  Where the terminal can only print lines (TERM=dumb) lines are read
 * as the system edits them.
 *
 * A signal that would end the process, and a fault of ours, find the terminal put right
 * first. */
#ifndef KFPC_REPL_EDIT_H
#define KFPC_REPL_EDIT_H

#include "runtime/base/arena.h"
#include "runtime/base/vec.h"

enum {
	EDIT_TEXT_MAX = 1 << 20,	/* bytes of a block; more is dropped */
	EDIT_HISTORY_MAX = 1000,	/* blocks that are kept */
	EDIT_INDENT = 4,
};

/* Something that can be typed at a place. */
struct edit_choice {
	struct str text;	/* in place of the word there */
	struct str detail;	/* a type, or what kind of thing it is; may be empty */
	struct str doc;		/* its first line is shown; may be empty */
};
struct edit_choices {
	struct edit_choice *at;
	size_t n, cap;
};

struct edit_opts {
	int in, out;		/* both of one terminal */
	struct str prompt, more;	/* of the first line, and of those that follow */
	bool colour;
	const char *history;	/* a file (edit_history_path); NULL: none is kept */
	/* Does text want more lines?  It ends with the newline that was just typed; the
	 * line before that is empty where a blank line was to end it.  NULL: never. */
	bool (*is_open)(void *ctx, struct str text);
	/* Adds what the word before `at` can become, in a, in any order, and returns
	 * where that word begins.  NULL: nothing is offered. */
	size_t (*complete)(void *ctx, struct str text, size_t at, struct arena *a,
			   struct edit_choices *out);
	void *ctx;
};

/* Borrows all that opts names.  Never fails: what cannot be had is done without.  Until
 * edit_close SIGINT, SIGWINCH, SIGCONT, SIGHUP and SIGTERM are ours, wherever nobody else
 * takes them for a while: between two reads they end nothing, and the next read sees
 * them. */
struct edit *edit_open(const struct edit_opts *opts);

enum edit_end {
	EDIT_TEXT,		/* a block; blank lines at its end are gone */
	EDIT_INTERRUPTED,	/* Ctrl-C: what was typed is given up */
	EDIT_END,		/* Ctrl-D, or the terminal is gone: what stood there is
				 * in the history */
};
/* Reads one block; it lives until the next call. */
enum edit_end edit_read(struct edit *e, struct str *text);

/* SIGHUP or SIGTERM if that ended edit_read, else 0. */
int edit_signal(const struct edit *e);

void edit_close(struct edit *e);

/* $XDG_STATE_HOME/kfpc/history, else ~/.local/state/kfpc/history; in a. */
const char *edit_history_path(struct arena *a);

#endif
