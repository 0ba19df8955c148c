/* Trees: the blob of a folder.  Text, the same for the same contents:
 *
 *	kfpc tree 1
 *	644 14 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 a.csv
 *	755 90 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752 fit.sh
 *	dir 14 1b4f0e9851971998e732078544c96b36c3d01cedf7caa332359d6f1d83567014 parts
 *
 * Entries are sorted by the bytes of their names; a name is any bytes but NUL and '/',
 * with a newline written \n and a backslash \\.  The size of a folder is that of all
 * files in it.  Folders without anything in them are kept. */
#ifndef KFPC_STORE_TREE_H
#define KFPC_STORE_TREE_H

#include "runtime/base/vec.h"
#include "runtime/store/store.h"

enum {
	TREE_MAX_BYTES = 256 << 20,
	TREE_MAX_DEPTH = 128,	/* folders within folders */
};

enum tree_kind {
	TREE_FILE,
	TREE_EXEC,
	TREE_DIR,
};

struct tree_entry {
	struct str name;	/* as it is; with a NUL after it that is not counted */
	enum tree_kind kind;
	int64_t size_bytes;
	struct digest digest;
};

struct tree {
	VEC(struct tree_entry) entries;
};

/* Orders by bytes of names: for qsort. */
int tree_entry_order(const void *a, const void *b);
void tree_write(const struct tree *t, struct buf *out);
/* Reads and parses the blob. */
int tree_load(const struct store *s, const struct digest *d, struct arena *a,
	      struct tree *out, struct err *err);

#endif
