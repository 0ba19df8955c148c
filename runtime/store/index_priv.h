/* Between the index and the list of runs. */
#ifndef KFPC_STORE_INDEX_PRIV_H
#define KFPC_STORE_INDEX_PRIV_H

#include "runtime/base/map.h"
#include "runtime/store/index.h"

/* What the index has of the runs from `oldest` on: run_briefs in a, by their IDs.
 * Nothing where it cannot be read. */
void index_read(const struct store *s, const char *oldest, struct arena *a,
		struct map *out);

#endif
