/* The store: `.kfpc/`, where runs and artifacts are kept.  doc/internals/store.md has the
 * layout and the order of writes; files are the truth, the SQLite index can be deleted.
 *
 * Several processes may use one store at once.  Nothing that was committed is ever
 * rewritten. */
#ifndef KFPC_STORE_STORE_H
#define KFPC_STORE_STORE_H

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/sha256.h"

struct store;

enum store_mode {
	STORE_READ,	/* must exist; nothing is written */
	STORE_WRITE,	/* must exist or is made */
};

/* Where the store is: dir if not NULL (--store), else $KFPC_STORE, else the nearest
 * `.kfpc` in the current folder or above it, else `.kfpc` in the current folder.
 * NUL-terminated, in a; absolute. */
struct str store_locate(const char *dir, struct arena *a);

/* Opens it; NULL with err (ERR_IO) naming the path if it is missing (STORE_READ), of
 * another format, or not usable.  STORE_WRITE sweeps temporary folders of dead owners. */
struct store *store_open(const char *path, enum store_mode mode, struct err *err);
/* Nothing in s need survive a crash of the machine: nothing is synced from here on. */
void store_forgo_sync(struct store *s);
void store_close(struct store *s);
const char *store_path(const struct store *s);	/* absolute */

/* A blob: a file's bytes, or a folder as a tree blob (canonical text: one line for each
 * entry, sorted by name: mode, size, digest, name). */
struct blob {
	struct digest digest;
	int64_t size_bytes;	/* of a folder: of all files in it */
	bool is_tree;
};

/* Stores bytes as a blob.  Durable after the next commit of a run (run.h), not before. */
int cas_put(struct store *s, struct str bytes, struct blob *out, struct err *err);

enum cas_take_result {
	CAS_TAKEN,
	CAS_MISSING,	/* there is no such file */
	CAS_REFUSED,	/* a link, device, socket, pipe, or a folder with one in it */
	CAS_FAILED,	/* the disk is full, an I/O error: see err */
};

/* Takes the file or folder `name` below dirfd (a task's output) into the store: opened
 * without following links, hashed, moved (the original is gone afterwards), made
 * read-only.  Blocks as long as hashing takes; safe to call from a helper thread. */
enum cas_take_result cas_take(struct store *s, int dirfd, const char *name,
			      struct blob *out, struct err *err);

/* Path of a blob's own file, NUL-terminated, in a. */
struct str cas_path(const struct store *s, const struct digest *d, struct arena *a);
bool cas_has(const struct store *s, const struct digest *d);

/* Reads a small blob whole (manifests, trees); refuses one over limit bytes. */
int cas_read(const struct store *s, const struct digest *d, size_t limit, struct buf *out,
	     struct err *err);

/* Writes the artifact to dest (which must not exist): a reflink where the file system
 * can, else a copy; a folder with all below it.  writable: 0644/0755, else 0444/0555
 * (inputs of tasks). */
int cas_export(const struct store *s, const struct blob *b, const char *dest,
	       bool writable, struct err *err);

/* Reads the blob (a tree: all below it) and compares digests; -1 with what differs. */
int cas_verify(const struct store *s, const struct digest *d, bool is_tree,
	       struct err *err);

/* Makes the folder tmp/<boot>-<pid>-<random>/ of this process if it is not there yet, and
 * returns its path; removed by store_close. */
const char *store_tmp(struct store *s, struct err *err);

#endif
