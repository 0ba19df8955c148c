/* Checks a store: every blob against its digest, every folder's entries, every journal's
 * checksums, every digest that a run speaks of, what DONE says.  Changes nothing.
 *
 * A run that was cut off (its owner killed, the power gone) is `lost`: that is told, and
 * is no problem while its journal is sound. */
#ifndef KFPC_STORE_FSCK_H
#define KFPC_STORE_FSCK_H

#include "runtime/base/vec.h"
#include "runtime/store/store.h"

struct fsck_finding {
	bool is_problem;	/* false: good to know */
	struct str what;	/* "blob ab12...", "run 0199..." */
	struct str text;	/* what is the matter and what it means */
};

struct fsck {
	struct arena arena;
	VEC(struct fsck_finding) findings;
	size_t nruns, nblobs, nproblems;
	int64_t size_bytes;	/* of all blobs */
};

/* 0 whatever it finds; -1 with err if it could not look. */
int store_fsck(const struct store *s, struct fsck *out, struct err *err);
void fsck_release(struct fsck *f);

#endif
