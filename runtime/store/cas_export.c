#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/store/priv.h"
#include "runtime/store/tree.h"

enum { COPY_CHUNK = 256 << 10 };

/* What copy_file_range cannot do here (other file systems, old kernels). */
static int copy_by_hand(int from, int to)
{
	char *at = malloc(COPY_CHUNK);
	ssize_t n;

	if (!at)
		err_nomem();
	while ((n = read(from, at, COPY_CHUNK)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && io_write_all(to, (struct str){at, (size_t)n})) {
			n = -1;
			break;
		}
	free(at);
	return n < 0 ? -1 : 0;
}

static int copy_bytes(int from, int to)
{
	ssize_t n;

	if (!ioctl(to, FICLONE, from))
		return 0;
	do
		n = copy_file_range(from, NULL, to, NULL, 1 << 30, 0);
	while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0 && (errno == EXDEV || errno == ENOSYS || errno == EINVAL ||
		      errno == EPERM || errno == EOPNOTSUPP || errno == EBADF))
		return copy_by_hand(from, to);
	return n < 0 ? -1 : 0;
}

static int export_file(const struct store *s, const struct digest *d, const char *dest,
		       mode_t mode, struct err *err)
{
	int from = cas_open(s, d, err), to, rc;

	if (from < 0)
		return -1;
	to = open(dest, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (to < 0) {
		err_sys(err, "%s", dest);
		close(from);
		return -1;
	}
	rc = copy_bytes(from, to) || fchmod(to, mode) ? err_sys(err, "%s", dest) : 0;
	close(from);
	if (close(to) && !rc)
		rc = err_sys(err, "%s", dest);
	if (rc)
		unlink(dest);
	return rc;
}

static int export_tree(const struct store *s, const struct digest *d, const char *dest,
		       bool writable, int depth, struct err *err);

static int export_entry(const struct store *s, const struct tree_entry *e,
			const char *dest, bool writable, int depth, struct err *err)
{
	mode_t mode;

	if (e->kind == TREE_DIR)
		return export_tree(s, &e->digest, dest, writable, depth + 1, err);
	mode = e->kind == TREE_EXEC ? 0555 : 0444;
	return export_file(s, &e->digest, dest, mode | (writable ? 0200 : 0), err);
}

static int export_tree(const struct store *s, const struct digest *d, const char *dest,
		       bool writable, int depth, struct err *err)
{
	struct arena a = {0};
	struct tree tree = {0};
	int rc = -1;

	if (depth > TREE_MAX_DEPTH) {
		err_set(err, "%s: folders are nested too deeply", dest);
		goto out;
	}
	if (tree_load(s, d, &a, &tree, err))
		goto out;
	if (mkdir(dest, 0700) || chmod(dest, 0700)) {
		err_sys(err, "%s", dest);
		goto out;
	}
	rc = 0;
	for (size_t i = 0; i < tree.entries.n && !rc; i++) {
		const struct tree_entry *e = &tree.entries.at[i];

		rc = export_entry(s, e, io_join(&a, str_of(dest), e->name).p, writable,
				  depth, err);
	}
	if (!rc && chmod(dest, writable ? 0755 : 0555))
		rc = err_sys(err, "%s", dest);
	if (rc)
		io_remove_tree(dest, NULL);
out:
	vec_release(&tree.entries);
	arena_release(&a);
	return rc;
}

int cas_export(const struct store *s, const struct blob *b, const char *dest,
	       bool writable, struct err *err)
{
	if (b->is_tree)
		return export_tree(s, &b->digest, dest, writable, 0, err);
	return export_file(s, &b->digest, dest, writable ? 0644 : 0444, err);
}

static int verify_file(const struct store *s, const struct digest *d, struct err *err)
{
	struct sha256 *h;
	struct digest found;
	int fd = cas_open(s, d, err);
	char *at;
	ssize_t n;

	if (fd < 0)
		return -1;
	at = malloc(COPY_CHUNK);
	if (!at)
		err_nomem();
	h = sha256_new();
	while ((n = read(fd, at, COPY_CHUNK)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			sha256_add(h, (struct str){at, (size_t)n});
	found = sha256_end(h);
	sha256_free(h);
	free(at);
	if (n < 0)
		err_sys(err, "the blob %.12s", d->hex);
	close(fd);
	if (n < 0)
		return -1;
	if (strcmp(found.hex, d->hex))
		return err_set(err,
			       "the blob %.12s is damaged: its bytes have the digest "
			       "%.12s", d->hex, found.hex);
	return 0;
}

static int verify_below(const struct store *s, const struct digest *d, bool is_tree,
			int depth, struct err *err)
{
	struct arena a = {0};
	struct tree tree = {0};
	int rc = verify_file(s, d, err);

	if (!rc && is_tree && depth > TREE_MAX_DEPTH)
		rc = err_set(err, "the blob %.12s: folders are nested too deeply",
			     d->hex);
	if (!rc && is_tree)
		rc = tree_load(s, d, &a, &tree, err);
	for (size_t i = 0; i < tree.entries.n && !rc; i++) {
		const struct tree_entry *e = &tree.entries.at[i];

		rc = verify_below(s, &e->digest, e->kind == TREE_DIR, depth + 1, err);
	}
	vec_release(&tree.entries);
	arena_release(&a);
	return rc;
}

int cas_verify(const struct store *s, const struct digest *d, bool is_tree,
	       struct err *err)
{
	return verify_below(s, d, is_tree, 0, err);
}
