#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/base/uri.h"
#include "runtime/exec/load_int.h"

enum { CHUNK_BYTES = 128 << 10 };

static int copy_bytes(struct load *l, int from, int to, const char *path, struct err *err)
{
	static char chunk[CHUNK_BYTES];
	ssize_t n;

	while ((n = read(from, chunk, sizeof chunk)) > 0)
		if (load_put(l, to, (struct str){chunk, (size_t)n}, err))
			return -1;
	return n ? err_sys(err, "%s", path) : 0;
}

static int copy_file(struct load *l, const char *path, const char *to, struct err *err)
{
	int from = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int out = -1, rc = -1;

	if (from < 0)
		return err_sys(err, "%s", path);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (out < 0)
		err_sys(err, "%s", to);
	else
		rc = copy_bytes(l, from, out, path, err);
	if (out >= 0 && close(out) && !rc)
		rc = err_sys(err, "%s", to);
	close(from);
	return rc;
}

static int copy_any(struct load *l, const char *path, const char *to, unsigned depth,
		    struct err *err);

static int copy_entries(struct load *l, DIR *d, const char *path, const char *to,
			unsigned depth, struct err *err)
{
	const struct dirent *entry;
	struct str from, into;
	int rc = 0;

	while (!rc && (entry = readdir(d))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		from = arena_printf(&l->arena, "%s/%s", path, entry->d_name);
		into = arena_printf(&l->arena, "%s/%s", to, entry->d_name);
		rc = copy_any(l, from.p, into.p, depth + 1, err);
	}
	return rc;
}

static int copy_folder(struct load *l, const char *path, const char *to, unsigned depth,
		       struct err *err)
{
	DIR *d;
	int rc;

	if (depth > LIMIT_NESTING)
		return err_set(err, "%s: folders are nested more than %d deep", path,
			       LIMIT_NESTING);
	if (mkdir(to, 0777))
		return err_sys(err, "%s", to);
	d = opendir(path);
	if (!d)
		return err_sys(err, "%s", path);
	rc = copy_entries(l, d, path, to, depth, err);
	closedir(d);
	return rc;
}

/* The URI itself may lead through links; links within a folder are not followed. */
static int copy_any(struct load *l, const char *path, const char *to, unsigned depth,
		    struct err *err)
{
	struct stat st;

	if (depth ? lstat(path, &st) : stat(path, &st)) {
		if (errno == ENOENT && !depth)
			return err_set(err, "there is no file '%s'", path);
		return err_sys(err, "%s", path);
	}
	if (S_ISREG(st.st_mode))
		return copy_file(l, path, to, err);
	if (S_ISDIR(st.st_mode)) {
		l->is_folder = true;
		return copy_folder(l, path, to, depth, err);
	}
	return err_set(err, "'%s' is %s, not a file or folder", path,
		       S_ISLNK(st.st_mode) ? "a link" : "a device or the like");
}

int load_file(struct load *l, struct err *err)
{
	struct str path = uri_file_path(l->uri, &l->arena);

	if (!path.n)
		return err_set(err, "'%.*s' names no file of this machine",
			       STR_ARG(l->shown));
	path = io_join(&l->arena, l->base, path);
	return copy_any(l, path.p, l->to.p, 0, err);
}
