#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/store/priv.h"

enum {
	SYNC_MANY = 32,		/* from here on one syncfs is cheaper than many syncs */
};

/* The digest's file below cas/sha256, "ab/<hex>"; 72 bytes. */
void cas_name(const struct digest *d, char *out)
{
	snprintf(out, 72, "%.2s/%s", d->hex, d->hex);
}

struct str cas_path(const struct store *s, const struct digest *d, struct arena *a)
{
	return arena_printf(a, "%s/cas/sha256/%.2s/%s", s->path, d->hex, d->hex);
}

static bool stat_blob(const struct store *s, const struct digest *d, struct stat *st)
{
	char name[72];

	cas_name(d, name);
	return d->hex[0] && !fstatat(s->cas_fd, name, st, AT_SYMLINK_NOFOLLOW) &&
	       S_ISREG(st->st_mode);
}

bool cas_has(const struct store *s, const struct digest *d)
{
	struct stat st;

	return stat_blob(s, d, &st);
}

/* The blob is there, with this size. */
static bool cas_has_size(const struct store *s, const struct digest *d,
			 int64_t size_bytes)
{
	struct stat st;

	return stat_blob(s, d, &st) && st.st_size == size_bytes;
}

static unsigned shard_of(const struct digest *d)
{
	char hex[3] = {d->hex[0], d->hex[1], '\0'};

	return (unsigned)strtoul(hex, NULL, 16) & 255;
}

/* Also a blob that was there before is synced with the next commit: whoever made it may
 * not have come to that yet. */
static void note_unsynced(struct store *s, const struct digest *d)
{
	unsigned shard = shard_of(d);

	pthread_mutex_lock(&s->lock);
	vec_push(&s->unsynced, *d);
	if (!s->shard_used[shard])
		s->shard_used[shard] = s->shard_is_new = true;
	pthread_mutex_unlock(&s->lock);
}

static int make_shard(struct store *s, const struct digest *d)
{
	char shard[3] = {d->hex[0], d->hex[1], '\0'};
	bool used;

	pthread_mutex_lock(&s->lock);
	used = s->shard_used[shard_of(d)];
	pthread_mutex_unlock(&s->lock);
	if (used)
		return 0;
	if (!mkdirat(s->cas_fd, shard, 0700))
		return fchmodat(s->cas_fd, shard, 0700, 0);
	return errno == EEXIST ? 0 : -1;
}

/* Like rename, but never over a blob that is there: that one may be durable already, and
 * this one is not. */
static int rename_new(int dirfd, const char *name, int cas_fd, const char *to)
{
	if (!renameat2(dirfd, name, cas_fd, to, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (linkat(dirfd, name, cas_fd, to, 0))
		return -1;
	return unlinkat(dirfd, name, 0);
}

int cas_place(struct store *s, int dirfd, const char *name, const struct digest *d,
	      int64_t size_bytes)
{
	char to[72];

	cas_name(d, to);
	if (cas_has_size(s, d, size_bytes)) {
		note_unsynced(s, d);
		return unlinkat(dirfd, name, 0);
	}
	if (make_shard(s, d))
		return -1;
	if (rename_new(dirfd, name, s->cas_fd, to)) {
		if (errno != EEXIST)
			return -1;
		/* Made by another process just now; or damaged, say by a power cut. */
		if (cas_has_size(s, d, size_bytes)
			    ? unlinkat(dirfd, name, 0)
			    : renameat(dirfd, name, s->cas_fd, to))
			return -1;
	}
	note_unsynced(s, d);
	return 0;
}

static int put_new(struct store *s, struct str bytes, struct blob *out, struct err *err)
{
	char name[24];
	int fd, saved;

	if (!store_tmp(s, err))
		return -1;
	store_tmp_name(s, name);
	fd = store_make_file(s->tmp_fd, name, 0444);
	if (fd < 0)
		return err_sys(err, "cannot make a file in %s", s->tmp_path);
	if (io_write_all(fd, bytes) ||
	    cas_place(s, s->tmp_fd, name, &out->digest, out->size_bytes)) {
		saved = errno;
		unlinkat(s->tmp_fd, name, 0);
		close(fd);
		errno = saved;
		return err_sys(err, "cannot write to the store %s", s->path);
	}
	close(fd);
	return 0;
}

int cas_put(struct store *s, struct str bytes, struct blob *out, struct err *err)
{
	struct blob b = {.digest = sha256_of(bytes), .size_bytes = (int64_t)bytes.n};

	if (cas_has_size(s, &b.digest, b.size_bytes))
		note_unsynced(s, &b.digest);
	else if (put_new(s, bytes, &b, err))
		return -1;
	*out = b;
	return 0;
}

int cas_open(const struct store *s, const struct digest *d, struct err *err)
{
	char name[72];
	struct stat st;
	int fd;

	cas_name(d, name);
	fd = openat(s->cas_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return err_set(err, "the blob %.12s is not in the store %s", d->hex,
			       s->path);
	if (fd < 0)
		return err_sys(err, "%s/cas/sha256/%s", s->path, name);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(err, "%s/cas/sha256/%s is not a file", s->path, name);
	}
	return fd;
}

int cas_read(const struct store *s, const struct digest *d, size_t limit, struct buf *out,
	     struct err *err)
{
	struct arena a = {0};
	int fd = cas_open(s, d, err), rc;

	if (fd < 0)
		return -1;
	rc = io_read_fd(fd, cas_path(s, d, &a).p, limit, out, err);
	close(fd);
	arena_release(&a);
	return rc;
}

static int sync_name(int dirfd, const char *name, int flags)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | flags), rc;

	if (fd < 0)
		return -1;
	rc = fsync(fd);
	close(fd);
	return rc;
}

static int digest_order(const void *a, const void *b)
{
	return memcmp(a, b, SHA256_HEX);
}

/* Each file, then each folder that got one: sorted, the folders come together. */
static int sync_each(struct store *s, struct digest *d, size_t n)
{
	qsort(d, n, sizeof *d, digest_order);
	for (size_t i = 0; i < n; i++) {
		char name[72], shard[3] = {d[i].hex[0], d[i].hex[1], '\0'};

		cas_name(&d[i], name);
		if ((!i || digest_order(&d[i - 1], &d[i])) &&
		    sync_name(s->cas_fd, name, O_NOFOLLOW))
			return -1;
		if ((i + 1 == n || memcmp(d[i + 1].hex, shard, 2)) &&
		    sync_name(s->cas_fd, shard, O_DIRECTORY))
			return -1;
	}
	return 0;
}

static int sync_taken(struct store *s, struct digest *d, size_t n, bool shard_is_new)
{
	if (s->forgoes_sync)
		return 0;
	if (n >= SYNC_MANY)
		return syncfs(s->cas_fd);
	if (sync_each(s, d, n))
		return -1;
	return shard_is_new ? fsync(s->cas_fd) : 0;
}

/* What could not be synced is not durable for any other run either: back on the list. */
static void give_back(struct store *s, const struct digest *d, size_t n,
		      bool shard_is_new)
{
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < n; i++)
		vec_push(&s->unsynced, d[i]);
	s->shard_is_new |= shard_is_new;
	pthread_mutex_unlock(&s->lock);
}

int cas_sync(struct store *s, struct err *err)
{
	VEC(struct digest) taken = {0};
	bool shard_is_new;
	int rc = 0;

	pthread_mutex_lock(&s->sync_lock);
	pthread_mutex_lock(&s->lock);
	taken.at = s->unsynced.at;
	taken.n = s->unsynced.n;
	s->unsynced.at = NULL;
	s->unsynced.n = s->unsynced.cap = 0;
	shard_is_new = s->shard_is_new;
	s->shard_is_new = false;
	pthread_mutex_unlock(&s->lock);
	if (taken.n && sync_taken(s, taken.at, taken.n, shard_is_new)) {
		rc = err_sys(err, "cannot sync the store %s", s->path);
		give_back(s, taken.at, taken.n, shard_is_new);
	}
	pthread_mutex_unlock(&s->sync_lock);
	free(taken.at);
	return rc;
}
