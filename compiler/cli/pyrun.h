/* Runs the check of Python contents (compiler/sema/pycheck.h) in the interpreter at
 * hand.
 *
 * All components of a program go through one start of the interpreter.  Replies are
 * kept in the user's cache, pycheck/DIGEST of the program's path: one file a program,
 * with the replies of its components as they are now, so that what did not change
 * starts no interpreter and the cache does not grow with every edit.  A cache that
 * cannot be read or written is as none.
 *
 * The file: a line "kfpc-pycheck 1 WHO BODY", then for each component a line "DIGEST
 * REPLY". WHO is the digest of the script and of which interpreter it is, BODY that of
 * all the lines that follow, DIGEST that of the request. */
#ifndef KFPC_CLI_PYRUN_H
#define KFPC_CLI_PYRUN_H

#include "compiler/sema/pycheck.h"

/* Checks the Python components of m, as pycheck_run does.  path is that of the program.
 */
void pyrun_check(const char *path, const struct module *m, struct node *const *decls,
		 struct src *src, struct diags *ds);

#endif
