/* What the files of runtime/store share and nobody else sees. */
#ifndef KFPC_STORE_PRIV_H
#define KFPC_STORE_PRIV_H

#include <pthread.h>
#include <sys/types.h>

#include "runtime/base/vec.h"
#include "runtime/store/store.h"

struct store {
	char *path;
	enum store_mode mode;
	bool forgoes_sync;
	int fd, cas_fd, runs_fd;	/* .kfpc, cas/sha256, runs */

	pthread_mutex_t lock;		/* of what follows */
	char *tmp_path;			/* NULL until store_tmp */
	int tmp_fd, tmp_lock_fd;
	unsigned tmp_count;
	VEC(struct digest) unsynced;	/* blobs that a commit must sync first */
	bool shard_used[256];		/* folders ab/ that this process put a blob in */
	bool shard_is_new;		/* cas/sha256 itself must be synced */

	pthread_mutex_t sync_lock;	/* held while blobs are synced */
};

/* A folder with mode 0700 whatever the umask is; one that is there already is fine. */
int store_make_dir(int dirfd, const char *name, struct err *err);
/* fsync and fdatasync, unless the store forgoes them. */
int store_sync(const struct store *s, int fd);
int store_sync_data(const struct store *s, int fd);
/* A new file with this mode whatever the umask is, for reading and writing, at its end.
 * -1 with errno set. */
int store_make_file(int dirfd, const char *name, mode_t mode);
/* A name that is free in the temporary folder (store_tmp has been called), 24 bytes. */
void store_tmp_name(struct store *s, char *out);
/* An exclusive lock that dies with the process: 0, or -1 if another has it (errno EAGAIN)
 * or locking does not work here. */
int store_lock_fd(int fd);
/* Does anybody hold the lock of this open file?  Needs no right to write. */
bool store_is_locked(int fd);

/* The name of a blob below cas_fd; 72 bytes of room. */
void cas_name(const struct digest *d, char *out);
/* Puts the finished file `name` of folder dirfd in its place, read-only; it is gone from
 * there afterwards.  EXDEV and such are left in errno with -1. */
int cas_place(struct store *s, int dirfd, const char *name, const struct digest *d,
	      int64_t size_bytes);
/* Opens the blob for reading; -1 with err. */
int cas_open(const struct store *s, const struct digest *d, struct err *err);
/* Makes durable every blob stored so far. */
int cas_sync(struct store *s, struct err *err);

#endif
