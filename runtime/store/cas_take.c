#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/store/priv.h"
#include "runtime/store/tree.h"

enum {
	HASH_SMALL = 8 << 10,
	HASH_CHUNK = 256 << 10,
};

/* One cas_take: where it is now, for messages, and what became of it. */
struct take {
	struct store *s;
	struct buf path;
	unsigned depth;
	struct err *err;
};

static enum cas_take_result fail(struct take *t, const char *what)
{
	err_sys(t->err, "%s: %s", buf_cstr(&t->path), what);
	return CAS_FAILED;
}

static enum cas_take_result refuse(struct take *t, const char *what)
{
	err_set(t->err, "%s: %s", buf_cstr(&t->path), what);
	return CAS_REFUSED;
}

static enum cas_take_result changed(struct take *t)
{
	err_set(t->err, "%s: changed while it was stored: something still writes to it",
		buf_cstr(&t->path));
	return CAS_FAILED;
}

/* Opens name beneath dirfd without following a link on the way; "" and ".." are refused.
 * Where the kernel has no openat2 (before 5.6, or filtered), the path is walked. */
static int open_beneath(int dirfd, const char *name, int flags)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_CLOEXEC | O_NOFOLLOW),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, dirfd, name, &how, sizeof how);

	if (fd >= 0 || (errno != ENOSYS && errno != EPERM && errno != E2BIG))
		return (int)fd;
	if (strchr(name, '/') || !strcmp(name, "..")) {
		errno = EXDEV;
		return -1;
	}
	return openat(dirfd, name, flags | O_CLOEXEC | O_NOFOLLOW);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Hashes what fd holds; writes it to `copy` too where that is not -1.  -1 with errno. */
static int hash_fd(int fd, int copy, int64_t expected, struct digest *out,
		   int64_t *size_bytes)
{
	char small[HASH_SMALL], *at = small;
	size_t room = sizeof small;
	struct sha256 *h = sha256_new();
	int64_t total = 0;
	ssize_t n;

	if (expected >= HASH_SMALL) {
		room = HASH_CHUNK;
		at = malloc(room);
		if (!at)
			err_nomem();
	}
	while ((n = read(fd, at, room)) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		sha256_add(h, (struct str){at, (size_t)n});
		total += n;
		if (copy >= 0 && io_write_all(copy, (struct str){at, (size_t)n})) {
			n = -1;
			break;
		}
	}
	*out = sha256_end(h);
	*size_bytes = total;
	sha256_free(h);
	if (at != small)
		free(at);
	return n < 0 ? -1 : 0;
}

/* A read lease: the kernel grants none on what is open for writing, and as long as it is
 * held makes a new writer wait.  Its signal is one that is ignored unless asked for.
 * False too where the file system has none: then writers cannot be seen. */
static bool lease_take(int fd)
{
	fcntl(fd, F_SETSIG, SIGURG);
	return !fcntl(fd, F_SETLEASE, F_RDLCK);
}

/* Does a writer wait for it? */
static bool lease_is_wanted(int fd)
{
	return fcntl(fd, F_GETLEASE) != F_RDLCK;
}

static void lease_drop(int fd)
{
	fcntl(fd, F_SETLEASE, F_UNLCK);
}

/* A new file in the temporary folder, its name in tmp (24 bytes); -1 with t's err. */
static int make_copy(struct take *t, char *tmp)
{
	int copy;

	if (!store_tmp(t->s, t->err))
		return -1;
	store_tmp_name(t->s, tmp);
	copy = store_make_file(t->s->tmp_fd, tmp, 0444);
	if (copy < 0)
		fail(t, "cannot copy it into the store");
	return copy;
}

/* Hashes and copies into the temporary folder, then places the copy and removes the
 * original: for files that somebody else can still reach, and for other file systems. */
static enum cas_take_result take_copy(struct take *t, int dirfd, const char *name, int fd,
				      struct blob *out)
{
	struct store *s = t->s;
	struct stat before, after;
	char tmp[24];
	int copy, rc;

	copy = make_copy(t, tmp);
	if (copy < 0)
		return CAS_FAILED;
	rc = fstat(fd, &before) || lseek(fd, 0, SEEK_SET) ||
	     hash_fd(fd, copy, before.st_size, &out->digest, &out->size_bytes) ||
	     fstat(fd, &after);
	close(copy);
	if (!rc && same_file(&before, &after) && out->size_bytes == after.st_size &&
	    !cas_place(s, s->tmp_fd, tmp, &out->digest, out->size_bytes)) {
		unlinkat(dirfd, name, 0);
		return CAS_TAKEN;
	}
	rc = rc || (same_file(&before, &after) && out->size_bytes == after.st_size);
	if (rc)
		fail(t, "cannot copy it into the store");
	unlinkat(s->tmp_fd, tmp, 0);
	return rc ? CAS_FAILED : changed(t);
}

static enum cas_take_result take_still(struct take *t, int fd, struct blob *out)
{
	struct stat before, after;

	if (fstat(fd, &before) ||
	    hash_fd(fd, -1, before.st_size, &out->digest, &out->size_bytes) ||
	    fstat(fd, &after))
		return fail(t, "cannot read it");
	if (!same_file(&before, &after) || out->size_bytes != after.st_size)
		return changed(t);
	return CAS_TAKEN;
}

/* Is the open file the one that the store has under this name? */
static bool is_blob(const struct store *s, int fd, const char *name)
{
	struct stat file, blob;

	return !fstat(fd, &file) && !fstatat(s->cas_fd, name, &blob, AT_SYMLINK_NOFOLLOW) &&
	       file.st_ino == blob.st_ino && file.st_dev == blob.st_dev;
}

/* Somebody waits to write to the file that is a blob now: a copy takes its place while our
 * lease still holds the writer back. */
static enum cas_take_result replace_blob(struct take *t, int fd, const struct blob *b)
{
	struct store *s = t->s;
	struct blob again;
	char tmp[24], to[72];
	int copy, rc;

	cas_name(&b->digest, to);
	if (!is_blob(s, fd, to))	/* an equal blob was there before: all is well */
		return CAS_TAKEN;
	copy = make_copy(t, tmp);
	if (copy < 0)
		return CAS_FAILED;
	rc = lseek(fd, 0, SEEK_SET) ||
	     hash_fd(fd, copy, b->size_bytes, &again.digest, &again.size_bytes);
	close(copy);
	if (!rc && !strcmp(again.digest.hex, b->digest.hex) &&
	    !renameat(s->tmp_fd, tmp, s->cas_fd, to))
		return CAS_TAKEN;
	rc = errno;
	unlinkat(s->tmp_fd, tmp, 0);
	unlinkat(s->cas_fd, to, 0);
	errno = rc;
	return fail(t, "cannot copy it into the store");
}

/* Read-only first: from then on only who has it open already, or root, could write to it. */
static enum cas_take_result take_move(struct take *t, int dirfd, const char *name, int fd,
				      struct blob *out)
{
	enum cas_take_result r;

	if (fchmod(fd, 0444) || !lease_take(fd))
		return take_copy(t, dirfd, name, fd, out);
	r = take_still(t, fd, out);
	if (lease_is_wanted(fd)) {
		lease_drop(fd);
		return take_copy(t, dirfd, name, fd, out);
	}
	if (r == CAS_TAKEN && cas_place(t->s, dirfd, name, &out->digest, out->size_bytes))
		r = errno == EXDEV || errno == EPERM || errno == EACCES
			    ? take_copy(t, dirfd, name, fd, out)
			    : fail(t, "cannot move it into the store");
	else if (r == CAS_TAKEN && !lease_take(fd))	/* asked anew: a writer came */
		r = replace_blob(t, fd, out);
	lease_drop(fd);
	return r;
}

static enum cas_take_result take_file(struct take *t, int dirfd, const char *name, int fd,
				      const struct stat *st, struct blob *out)
{
	struct stat cas;

	out->is_tree = false;
	if (st->st_nlink > 1 || st->st_uid != geteuid() || fstat(t->s->cas_fd, &cas) ||
	    st->st_dev != cas.st_dev)
		return take_copy(t, dirfd, name, fd, out);
	return take_move(t, dirfd, name, fd, out);
}

static const char *why_refused(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
	case S_IFDIR:
		return NULL;
	case S_IFLNK:
		return "is a symbolic link; an output must be a file or a folder";
	case S_IFIFO:
		return "is a pipe; an output must be a file or a folder";
	case S_IFSOCK:
		return "is a socket; an output must be a file or a folder";
	default:
		return "is a device; an output must be a file or a folder";
	}
}

/* Opens what is a file or folder, without ever opening a device, and tells what it is. */
static enum cas_take_result open_entry(struct take *t, int dirfd, const char *name,
				       int *fd, struct stat *st)
{
	const char *why;

	*fd = -1;
	if (fstatat(dirfd, name, st, AT_SYMLINK_NOFOLLOW)) {
		if (errno != ENOENT && errno != ENOTDIR)
			return fail(t, "cannot be looked at");
		err_set(t->err, "%s: does not exist", buf_cstr(&t->path));
		return CAS_MISSING;
	}
	why = why_refused(st->st_mode);
	if (why)
		return refuse(t, why);
	*fd = open_beneath(dirfd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (*fd < 0 && (errno == ELOOP || errno == EXDEV))
		return refuse(t, why_refused(S_IFLNK));
	if (*fd < 0 || fstat(*fd, st))
		return fail(t, "cannot be opened");
	why = why_refused(st->st_mode);
	return why ? refuse(t, why) : CAS_TAKEN;
}

static int dir_names(int fd, struct arena *a, struct tree *out)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *d = copy >= 0 ? fdopendir(copy) : NULL;
	struct dirent *e;

	if (!d) {
		if (copy >= 0)
			close(copy);
		return -1;
	}
	rewinddir(d);
	while (errno = 0, e = readdir(d)) {
		struct str name = str_of(e->d_name);

		if (str_is(name, ".") || str_is(name, ".."))
			continue;
		vec_push(&out->entries, (struct tree_entry){.name = arena_str(a, name)});
	}
	if (errno) {
		closedir(d);
		return -1;
	}
	closedir(d);
	if (out->entries.n)
		qsort(out->entries.at, out->entries.n, sizeof *out->entries.at,
		      tree_entry_order);
	return 0;
}

static size_t path_push(struct take *t, struct str name)
{
	size_t n = t->path.n;

	buf_addc(&t->path, '/');
	buf_add(&t->path, name);
	return n;
}

typedef enum cas_take_result visit_fn(struct take *t, int dirfd, struct tree_entry *e);

/* Calls visit for each entry of the folder, in order, until one is not taken. */
static enum cas_take_result each_entry(struct take *t, int fd, struct tree *tree,
				       visit_fn *visit)
{
	enum cas_take_result r = CAS_TAKEN;

	if (++t->depth > TREE_MAX_DEPTH)
		return refuse(t, "has more than 128 folders within folders");
	for (size_t i = 0; i < tree->entries.n && r == CAS_TAKEN; i++) {
		size_t n = path_push(t, tree->entries.at[i].name);

		r = visit(t, fd, &tree->entries.at[i]);
		t->path.n = n;
	}
	t->depth--;
	return r;
}

/* All is looked at before anything is moved: a folder that is refused stays as it was. */
static enum cas_take_result look_below(struct take *t, int dirfd, struct tree_entry *e)
{
	enum cas_take_result r;
	struct arena a = {0};
	struct tree tree = {0};
	struct stat st;
	int fd = -1;

	if (!fstatat(dirfd, e->name.p, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode))
		return CAS_TAKEN;
	r = open_entry(t, dirfd, e->name.p, &fd, &st);
	if (r == CAS_TAKEN && S_ISDIR(st.st_mode))
		r = dir_names(fd, &a, &tree) ? fail(t, "cannot be listed")
					     : each_entry(t, fd, &tree, look_below);
	if (fd >= 0)
		close(fd);
	vec_release(&tree.entries);
	arena_release(&a);
	return r;
}

static enum cas_take_result take_dir(struct take *t, int dirfd, const char *name, int fd,
				     struct blob *out);

static enum cas_take_result take_entry(struct take *t, int dirfd, struct tree_entry *e)
{
	enum cas_take_result r;
	struct blob b = {0};
	struct stat st;
	int fd = -1;

	r = open_entry(t, dirfd, e->name.p, &fd, &st);
	if (r == CAS_TAKEN && S_ISDIR(st.st_mode)) {
		e->kind = TREE_DIR;
		r = take_dir(t, dirfd, e->name.p, fd, &b);
	} else if (r == CAS_TAKEN) {
		e->kind = st.st_mode & 0111 ? TREE_EXEC : TREE_FILE;
		r = take_file(t, dirfd, e->name.p, fd, &st, &b);
	}
	if (fd >= 0)
		close(fd);
	e->digest = b.digest;
	e->size_bytes = b.size_bytes;
	return r;
}

static enum cas_take_result take_dir(struct take *t, int dirfd, const char *name, int fd,
				     struct blob *out)
{
	enum cas_take_result r;
	struct arena a = {0};
	struct tree tree = {0};
	struct buf text = {0};
	int64_t total = 0;

	fchmod(fd, 0700);	/* a task may have made it read-only */
	if (dir_names(fd, &a, &tree)) {
		r = fail(t, "cannot be listed");
		goto out;
	}
	r = each_entry(t, fd, &tree, take_entry);
	if (r != CAS_TAKEN)
		goto out;
	for (size_t i = 0; i < tree.entries.n; i++)
		total += tree.entries.at[i].size_bytes;
	tree_write(&tree, &text);
	if (text.n > TREE_MAX_BYTES)
		r = refuse(t, "has too many entries");
	else if (cas_put(t->s, buf_str(&text), out, t->err))
		r = CAS_FAILED;
	else if (unlinkat(dirfd, name, AT_REMOVEDIR))
		r = errno == ENOTEMPTY ? changed(t) : fail(t, "cannot be removed");
	out->size_bytes = total;
	out->is_tree = true;
out:
	buf_release(&text);
	vec_release(&tree.entries);
	arena_release(&a);
	return r;
}

static enum cas_take_result take_top(struct take *t, int dirfd, const char *name,
				     struct blob *out)
{
	struct tree_entry whole = {.name = str_of(name)};
	enum cas_take_result r;
	struct stat st;
	int fd = -1;

	r = open_entry(t, dirfd, name, &fd, &st);
	if (r == CAS_TAKEN && S_ISDIR(st.st_mode)) {
		r = look_below(t, dirfd, &whole);
		if (r == CAS_TAKEN)
			r = take_dir(t, dirfd, name, fd, out);
	} else if (r == CAS_TAKEN) {
		r = take_file(t, dirfd, name, fd, &st, out);
	}
	if (fd >= 0)
		close(fd);
	return r;
}

/* Of a name with folders in it, the folders are opened first, one by one. */
enum cas_take_result cas_take(struct store *s, int dirfd, const char *name,
			      struct blob *out, struct err *err)
{
	struct take t = {.s = s, .err = err};
	struct arena a = {0};
	struct str left = str_of(name);
	enum cas_take_result r = CAS_TAKEN;
	struct blob b = {0};
	int at = dirfd;
	size_t slash;

	buf_addz(&t.path, name);
	while (r == CAS_TAKEN && (slash = str_find(left, STR("/"), 0)) < left.n) {
		struct stat st;
		int next;

		r = open_entry(&t, at, arena_str(&a, str_sub(left, 0, slash)).p, &next,
			       &st);
		if (at != dirfd)
			close(at);
		at = next;
		left = str_sub(left, slash + 1, left.n);
	}
	if (r == CAS_TAKEN)
		r = left.n && !str_is(left, ".") && !str_is(left, "..")
			    ? take_top(&t, at, arena_str(&a, left).p, &b)
			    : refuse(&t, "is not the name of an output");
	if (at != dirfd && at >= 0)
		close(at);
	if (r == CAS_TAKEN)
		*out = b;
	buf_release(&t.path);
	arena_release(&a);
	return r;
}
