/* `kfpc check --fix`: puts the fixes that diagnostics bring into the files.
 *
 *	struct fixes x;
 *	fixes_init(&x, paths, n, &err);
 *	do compile, and finish the diagnostics;
 *	while (fixes_apply(&x, &diags, &err) > 0 && another round is wanted);
 *	fixes_release(&x);
 *
 * Only files that were named are changed, and only by fixes that are sure (diag.h).  The
 * fixes of one diagnostic are applied together or not at all; of those that overlap, the
 * first.  Line ends and a byte order mark stay as they are. */
#ifndef KFPC_CLI_FIX_H
#define KFPC_CLI_FIX_H

#include "runtime/base/diag.h"
#include "runtime/base/err.h"

struct fixes {
	struct arena arena;
	struct fixed_file {
		const char *path, *real;	/* as named; without links */
		unsigned applied;		/* diagnostics that were mended */
	} *files;
	int nfiles;
};

/* -1 with err if one of the files is not there.  To be released whatever it returns. */
int fixes_init(struct fixes *x, const char *const *paths, int n, struct err *err);
void fixes_release(struct fixes *x);

/* Applies what ds brings, each file at once, and returns how many diagnostics were
 * mended; -1 with err where a file cannot be written or was changed meanwhile. */
int fixes_apply(struct fixes *x, const struct diags *ds, struct err *err);

#endif
