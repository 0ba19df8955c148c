/* Blocks that were typed, kept in a file between sessions.
 *
 * A block is a line there, with "\n" for its newlines and "\\" for a backslash.  Blocks
 * are appended one by one under a lock, so that sessions at the same time lose nothing of
 * each other; when the file has grown to twice of what is kept, the oldest go.  What is
 * damaged in it is left out. */
#ifndef KFPC_REPL_EDIT_HISTORY_H
#define KFPC_REPL_EDIT_HISTORY_H

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

struct edit_history {
	struct arena arena;
	struct str *at;		/* the oldest first */
	size_t n, cap;
	size_t place;		/* the one that is shown; n: none */
	const char *path;	/* NULL: nothing is written */
	struct buf note;	/* why something is not as it should be, a line */
};

/* Reads the file if there is one.  path: NULL for none. */
void history_open(struct edit_history *h, const char *path);
void history_release(struct edit_history *h);
/* Adds it here and to the file.  What is like the last one, or empty, is not. */
void history_add(struct edit_history *h, struct str text);

#endif
