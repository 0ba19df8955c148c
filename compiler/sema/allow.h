/* Comments that silence warnings.
 *
 *	x = n * 2		# kfpc: allow W0301
 *	# kfpc: allow W0301, W0401: why
 *	x = n * 2
 *
 * At the end of a line they silence the line; alone on a line, the next one that holds
 * more than a comment; alone on a line before the first declaration, the whole file.  They
 * work in the Python contents of components too.  What follows the codes is for people.
 *
 * A comment that is not right, or silences nothing, is a warning itself: W0102, W0103. */
#ifndef KFPC_SEMA_ALLOW_H
#define KFPC_SEMA_ALLOW_H

#include "compiler/front/parse.h"

struct allow {
	enum diag_code code;
	struct span at;		/* of the code in the comment */
	struct span over;	/* warnings that begin here are silenced */
	bool is_file, used;
};

struct allows {			/* zeroed is empty */
	VEC(struct allow) all;
};

void allows_release(struct allows *a);

/* Adds those of a parsed file, and says what is wrong with them.  r still has its
 * comments. */
void allows_read(struct allows *a, const struct src_file *f, const struct parse_result *r,
		 struct diags *ds);

enum allows_flags {
	ALLOWS_CHECKED = 1,	/* the whole program was checked, */
	ALLOWS_PYTHON = 2,	/* and its Python contents: what is in vain is told */
};

/* Drops the warnings that are silenced.  Call once, when all are there. */
void allows_apply(struct allows *a, struct diags *ds, unsigned flags);

#endif
