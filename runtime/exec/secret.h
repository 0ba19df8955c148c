/* Secrets are looked up when a task starts, and never written anywhere. */
#ifndef KFPC_EXEC_SECRET_H
#define KFPC_EXEC_SECRET_H

#include "runtime/base/arena.h"
#include "runtime/base/err.h"

/* The secret("name", "key") of an environment: $KFPC_SECRET_<NAME>_<KEY> (upper case,
 * other characters than letters and digits as '_'), else the contents of
 * $XDG_CONFIG_HOME/kfpc/secrets/<name>/<key> without a final newline, a file that only
 * its owner may read.  -1 with err naming both places, or saying what is wrong with
 * the file. */
int secret_lookup(struct str name, struct str key, struct arena *a, struct str *out,
		  struct err *err);

#endif
