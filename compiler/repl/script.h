/* A script for the REPL, cut into what would be typed at once. */
#ifndef KFPC_REPL_SCRIPT_H
#define KFPC_REPL_SCRIPT_H

#include "runtime/base/buf.h"
#include "runtime/base/err.h"

/* Reads a file descriptor bit by bit, so that what comes through a pipe is answered while
 * the writer goes on. */
struct script {
	int fd;			/* -1: text is all there is */
	struct buf text;
	size_t at;		/* where the next block begins */
	bool at_end;
};

void script_init(struct script *s, int fd);
void script_init_text(struct script *s, struct str text);
void script_release(struct script *s);
/* The next block or command, until the next call; an empty one at the end.  A block ends
 * before the first line that is not indented and does not go on with it.  -1 with err if
 * the file cannot be read, or if what comes is no text for a REPL: more than
 * PROGRAM_TEXT_MAX bytes in one block. */
int script_next(struct script *s, struct str *block, struct err *err);

#endif
