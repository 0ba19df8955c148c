/* What the parts of load_host share. */
#ifndef KFPC_EXEC_LOAD_INT_H
#define KFPC_EXEC_LOAD_INT_H

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/sha256.h"

struct load {
	struct arena arena;
	struct str uri, shown;		/* shown: without a password */
	struct str base;		/* the folder that a relative path starts from */
	struct str to;			/* where it goes: nothing is there yet */
	struct sha256 *hash;		/* of a file's bytes, in order */
	bool is_folder;			/* set by load_file */
	int64_t bytes, max_bytes;	/* so far, and at most */
};

/* Writes s to fd, counts and hashes it; -1 with err when it is more than may come. */
int load_put(struct load *l, int fd, struct str s, struct err *err);
/* A file, or a folder of files and folders. */
int load_file(struct load *l, struct err *err);
int load_http(struct load *l, struct err *err);

#endif
