#include <config.h>

#include "runtime/base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int io_read_fd(int fd, const char *name, size_t limit, struct buf *out, struct err *err)
{
	size_t start = out->n;
	struct stat st;

	if (fstat(fd, &st))
		return err_sys(err, "%s", name);
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return err_sys(err, "%s", name);
	}
	if (S_ISREG(st.st_mode) && st.st_size > 0 && (size_t)st.st_size <= limit)
		buf_reserve(out, (size_t)st.st_size + 1);
	for (;;) {
		char *at = buf_reserve(out, 64 << 10);
		ssize_t n = read(fd, at, out->cap - out->n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "%s", name);
		if (n == 0)
			return 0;
		out->n += (size_t)n;
		if (out->n - start > limit)
			return err_setk(err, ERR_INPUT,
					"%s: larger than the limit of %zu bytes", name,
					limit);
	}
}

int io_read_file(const char *path, size_t limit, struct buf *out, struct err *err)
{
	int fd, rc;

	if (!strcmp(path, "-"))
		return io_read_fd(STDIN_FILENO, "standard input", limit, out, err);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_sys(err, "%s", path);
	rc = io_read_fd(fd, path, limit, out, err);
	close(fd);
	return rc;
}

void io_open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int io_write_all(int fd, struct str s)
{
	while (s.n) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		s.p += n;
		s.n -= (size_t)n;
	}
	return 0;
}

static int write_and_close(int fd, struct str s, bool sync)
{
	int rc = io_write_all(fd, s);

	if (!rc && sync)
		rc = fdatasync(fd);
	return close(fd) ? -1 : rc;
}

static int replace_file(const char *path, struct str s, mode_t mode, bool sync,
			struct err *err)
{
	struct arena a = {0};
	struct str dir = arena_str(&a, io_dirname(str_of(path)));
	char *tmp =
		arena_dup(&a, arena_printf(&a, "%s.XXXXXX", path).p, strlen(path) + 8);
	int fd = mkostemp(tmp, O_CLOEXEC), rc = -1;

	if (fd < 0) {
		err_sys(err, "%s", path);
		goto out;
	}
	if (fchmod(fd, mode)) {
		err_sys(err, "%s", tmp);
		close(fd);
		unlink(tmp);
		goto out;
	}
	if (write_and_close(fd, s, sync) || rename(tmp, path)) {
		err_sys(err, "%s", path);
		unlink(tmp);
		goto out;
	}
	rc = sync ? io_sync_dir(dir.p, err) : 0;
out:
	arena_release(&a);
	return rc;
}

/* What is there and is no regular file: a device, a FIFO, a link (also one to a file). */
static bool is_special(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && !S_ISREG(st.st_mode);
}

static int write_special(const char *path, struct str s, mode_t mode, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, mode);

	return fd < 0 || write_and_close(fd, s, false) ? err_sys(err, "%s", path) : 0;
}

int io_write_file(const char *path, struct str s, mode_t mode, bool sync, struct err *err)
{
	if (is_special(path))
		return write_special(path, s, mode, err);
	return replace_file(path, s, mode, sync, err);
}

int io_mkdirs(const char *path, mode_t mode, struct err *err)
{
	char at[PATH_MAX];
	size_t n = strlen(path);
	struct stat st;

	if (n >= sizeof at) {
		errno = ENAMETOOLONG;
		return err_sys(err, "%s", path);
	}
	memcpy(at, path, n + 1);
	for (size_t i = 1; i <= n; i++) {
		if (at[i] != '/' && at[i] != '\0')
			continue;
		at[i] = '\0';
		if (mkdir(at, mode) && errno != EEXIST)
			return err_sys(err, "cannot make the folder %s", at);
		at[i] = path[i];
	}
	if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return err_sys(err, "%s", path);
	}
	return 0;
}

static int remove_at(int dirfd, const char *name);

static int remove_below(int fd)
{
	DIR *dir = fdopendir(fd);
	struct dirent *e;
	int rc = 0;

	if (!dir) {
		close(fd);
		return -1;
	}
	while (!rc && (e = readdir(dir)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			rc = remove_at(fd, e->d_name);
	closedir(dir);
	return rc;
}

/* Folders are made writable first: a task may have left them read-only. */
static int remove_at(int dirfd, const char *name)
{
	int fd;

	if (!unlinkat(dirfd, name, 0) || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM && errno != EACCES)
		return -1;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == EACCES && !fchmodat(dirfd, name, 0700, 0))
		fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	fchmod(fd, 0700);
	if (remove_below(fd))
		return -1;
	return unlinkat(dirfd, name, AT_REMOVEDIR);
}

int io_remove_tree(const char *path, struct err *err)
{
	if (remove_at(AT_FDCWD, path))
		return err_sys(err, "cannot remove %s", path);
	return 0;
}

int io_sync_dir(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (fd < 0)
		return err_sys(err, "%s", path);
	rc = fsync(fd);
	if (rc)
		err_sys(err, "cannot sync %s", path);
	close(fd);
	return rc;
}

struct str io_join(struct arena *a, struct str dir, struct str name)
{
	if (!dir.n || (name.n && name.p[0] == '/'))
		return arena_str(a, name);
	if (dir.p[dir.n - 1] == '/')
		return arena_printf(a, "%.*s%.*s", STR_ARG(dir), STR_ARG(name));
	return arena_printf(a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name));
}

struct str io_dirname(struct str path)
{
	const char *slash = path.p && path.n ? memrchr(path.p, '/', path.n) : NULL;

	if (!slash)
		return STR(".");
	return slash == path.p ? STR("/") : str_sub(path, 0, (size_t)(slash - path.p));
}

struct str io_basename(struct str path)
{
	const char *slash = path.p && path.n ? memrchr(path.p, '/', path.n) : NULL;

	return slash ? str_sub(path, (size_t)(slash - path.p) + 1, path.n) : path;
}

unsigned io_columns(int fd)
{
	struct winsize w;

	return !ioctl(fd, TIOCGWINSZ, &w) && w.ws_col ? w.ws_col : 80;
}

unsigned io_rows(int fd, unsigned fallback)
{
	struct winsize w;

	return !ioctl(fd, TIOCGWINSZ, &w) && w.ws_row ? w.ws_row : fallback;
}

const char *io_temp_folder(void)
{
	const char *given = getenv("TMPDIR");

	return given && *given ? given : "/tmp";
}

static int64_t clock_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t io_now_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

int64_t io_monotonic_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}
