#include <config.h>

#include "runtime/store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/store/priv.h"
#include "runtime/store/uuid.h"

#define FORMAT_FIRST "kfpc store 1"
#define FORMAT_TEXT FORMAT_FIRST "\nrequired: sha256\n"
/* What is kept here is not for the version control of the folder around. */
#define GITIGNORE_TEXT "# made by kfpc\n*\n"

enum {
	FORMAT_MAX = 4096,
	TMP_YOUNG_S = 60,	/* a folder without a lock may be about to get one */
};

static struct str absolute(struct str path, struct arena *a)
{
	char *cwd = getcwd(NULL, 0);
	struct str out = io_join(a, cwd ? str_of(cwd) : STR(""), path);

	free(cwd);
	return out;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

struct str store_locate(const char *dir, struct arena *a)
{
	struct str here = absolute(STR(".kfpc"), a), folder = io_dirname(here);

	if (!dir)
		dir = getenv("KFPC_STORE");
	if (dir && dir[0])
		return absolute(str_of(dir), a);
	for (;;) {
		struct str at = io_join(a, folder, STR(".kfpc"));

		if (is_dir(at.p))
			return at;
		if (str_is(folder, "/") || str_is(folder, "."))
			return here;
		folder = io_dirname(folder);
	}
}

int store_make_dir(int dirfd, const char *name, struct err *err)
{
	if (!mkdirat(dirfd, name, 0700)) {
		if (fchmodat(dirfd, name, 0700, 0))
			return err_sys(err, "cannot make the folder %s", name);
		return 0;
	}
	return errno == EEXIST ? 0 : err_sys(err, "cannot make the folder %s", name);
}

int store_make_file(int dirfd, const char *name, mode_t mode)
{
	int fd = openat(dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC,
			0600);

	if (fd >= 0 && fchmod(fd, mode)) {
		close(fd);
		return -1;
	}
	return fd;
}

int store_lock_fd(int fd)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return fcntl(fd, F_OFD_SETLK, &l);
}

bool store_is_locked(int fd)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return !fcntl(fd, F_OFD_GETLK, &l) && l.l_type != F_UNLCK;
}

static int check_required(const char *path, struct str features, struct err *err)
{
	while (features.n) {
		size_t end = str_find(features, STR(" "), 0);
		struct str f = str_sub(features, 0, end);

		if (f.n && !str_is(f, "sha256"))
			return err_set(err,
				       "the store %s needs '%.*s', which this kfpc does "
				       "not know: a newer one made it", path, STR_ARG(f));
		features = str_sub(features, end + 1, features.n);
	}
	return 0;
}

/* Lines that are not known and not required are passed over. */
static int check_format(const char *path, struct str text, struct err *err)
{
	struct str line = str_sub(text, 0, str_find(text, STR("\n"), 0));

	if (!str_has_prefix(line, STR("kfpc store ")))
		return err_set(err,
			       "%s is not a store of kfpc: its FORMAT says something "
			       "else", path);
	if (!str_is(line, FORMAT_FIRST))
		return err_set(err,
			       "the store %s has the format '%.*s'; this kfpc reads '%s'",
			       path, STR_ARG(line), FORMAT_FIRST);
	while (text.n) {
		size_t end = str_find(text, STR("\n"), 0);

		line = str_sub(text, 0, end);
		text = str_sub(text, end + 1, text.n);
		if (str_has_prefix(line, STR("required: ")) &&
		    check_required(path, str_sub(line, 10, line.n), err))
			return -1;
	}
	return 0;
}

static int read_format(struct store *s, bool *missing, struct err *err)
{
	int fd = openat(s->fd, "FORMAT", O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;
	struct buf b = {0};

	*missing = fd < 0 && errno == ENOENT;
	if (fd < 0)
		return err_sys(err, "%s/FORMAT", s->path);
	rc = io_read_fd(fd, "FORMAT", FORMAT_MAX, &b, err);
	if (!rc)
		rc = check_format(s->path, buf_str(&b), err);
	close(fd);
	buf_release(&b);
	return rc;
}

/* A folder is only taken for a new store while it is empty, or holds what a store being
 * made by another process right now holds. */
static bool may_become_store(struct store *s)
{
	DIR *d = fdopendir(openat(s->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *e;
	bool fine = d;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && strcmp(e->d_name, "cas") &&
		    strcmp(e->d_name, "runs") && strcmp(e->d_name, "tmp") &&
		    strncmp(e->d_name, "FORMAT", 6))
			fine = false;
	if (d)
		closedir(d);
	return fine;
}

/* Also in a store that is there: a copy may have lost those that were empty. */
static int make_dirs(struct store *s, struct err *err)
{
	static const char *const dirs[] = {"cas", "cas/sha256", "tmp", "runs"};

	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
		if (store_make_dir(s->fd, dirs[i], err))
			return -1;
	return 0;
}

/* FORMAT comes last: with it the folder is a store. */
static int make_layout(struct store *s, struct err *err)
{
	struct arena a = {0};
	struct str path = str_of(s->path), parent = arena_str(&a, io_dirname(path));
	int rc = -1;

	if (make_dirs(s, err) || io_sync_dir(io_join(&a, path, STR("cas")).p, err) ||
	    io_write_file(io_join(&a, path, STR(".gitignore")).p, STR(GITIGNORE_TEXT),
			  0600, false, err) ||
	    io_write_file(io_join(&a, path, STR("FORMAT")).p, STR(FORMAT_TEXT), 0600,
			  true, err) ||
	    io_sync_dir(parent.p, err))
		goto out;
	rc = 0;
out:
	arena_release(&a);
	return rc;
}

/* The folder itself; above it only what is missing is made, with the usual modes. */
static int make_root(const char *path, struct err *err)
{
	struct arena a = {0};
	int rc = 0;

	if (!is_dir(path)) {
		rc = io_mkdirs(arena_str(&a, io_dirname(str_of(path))).p, 0777, err);
		if (!rc)
			rc = store_make_dir(AT_FDCWD, path, err);
	}
	arena_release(&a);
	return rc;
}

static int open_dirs(struct store *s, struct err *err)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

	if (s->mode == STORE_WRITE && faccessat(s->fd, ".", W_OK, 0))
		return err_sys(err, "the store %s cannot be written", s->path);
	if (s->mode == STORE_WRITE && make_dirs(s, err))
		return err_wrap(err, "the store %s", s->path);
	s->cas_fd = openat(s->fd, "cas/sha256", flags);
	if (s->cas_fd < 0)
		return err_sys(err, "%s/cas/sha256", s->path);
	s->runs_fd = openat(s->fd, "runs", flags);
	if (s->runs_fd < 0)
		return err_sys(err, "%s/runs", s->path);
	return 0;
}

static int open_checked(struct store *s, struct err *err)
{
	struct err why = {0};
	bool missing = false;

	s->fd = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->fd < 0 && errno == ENOENT)
		return err_set(err,
			       "there is no store at %s: nothing has been run here yet",
			       s->path);
	if (s->fd < 0)
		return err_sys(err, "the store %s", s->path);
	if (!read_format(s, &missing, &why))
		return open_dirs(s, err);
	if (missing && s->mode == STORE_WRITE && may_become_store(s)) {
		if (make_layout(s, err))
			return err_wrap(err, "cannot make the store %s", s->path);
		return open_dirs(s, err);
	}
	if (missing)
		return err_set(err, "%s is not a store of kfpc: it has no FORMAT",
			       s->path);
	return err_set(err, "%s", why.text);
}

/* Is the owner that the name tells of gone?  Only asked of a folder without a lock file,
 * left by a crash in the moment of making it. */
static bool owner_is_gone(const char *name, const struct stat *st)
{
	const char *pid = strchr(name, '-');
	long n = pid ? strtol(pid + 1, NULL, 10) : 0;

	if (time(NULL) - st->st_mtime < TMP_YOUNG_S)
		return false;
	return n <= 0 || (kill((pid_t)n, 0) && errno == ESRCH);
}

static void sweep_one(int tmp_fd, const char *tmp_path, const char *name)
{
	struct arena a = {0};
	struct str path = arena_printf(&a, "%s/%s", tmp_path, name);
	struct str lock = arena_printf(&a, "%s/lock", name);
	int fd = openat(tmp_fd, lock.p, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	bool dead;

	if (fd >= 0)
		dead = !store_lock_fd(fd);
	else
		dead = errno == ENOENT &&
		       !fstatat(tmp_fd, name, &st, AT_SYMLINK_NOFOLLOW) &&
		       owner_is_gone(name, &st);
	if (dead)
		io_remove_tree(path.p, NULL);
	if (fd >= 0)
		close(fd);
	arena_release(&a);
}

/* Failing to tidy up is nobody's error. */
static void sweep_tmp(struct store *s)
{
	struct arena a = {0};
	struct str path = arena_printf(&a, "%s/tmp", s->path);
	DIR *d = opendir(path.p);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			sweep_one(dirfd(d), path.p, e->d_name);
	if (d)
		closedir(d);
	arena_release(&a);
}

struct store *store_open(const char *path, enum store_mode mode, struct err *err)
{
	struct store *s = calloc(1, sizeof *s);
	struct arena a = {0};

	if (!s)
		err_nomem();
	s->path = strdup(absolute(str_of(path), &a).p);
	arena_release(&a);
	if (!s->path)
		err_nomem();
	s->mode = mode;
	s->fd = s->cas_fd = s->runs_fd = s->tmp_fd = s->tmp_lock_fd = -1;
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->sync_lock, NULL);
	if ((mode == STORE_WRITE && make_root(s->path, err)) || open_checked(s, err)) {
		store_close(s);
		return NULL;
	}
	if (mode == STORE_WRITE)
		sweep_tmp(s);
	return s;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->tmp_path)
		io_remove_tree(s->tmp_path, NULL);
	for (int *fd = (int[]){s->fd, s->cas_fd, s->runs_fd, s->tmp_fd, s->tmp_lock_fd,
			       -2};
	     *fd != -2; fd++)
		if (*fd >= 0)
			close(*fd);
	vec_release(&s->unsynced);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->sync_lock);
	free(s->tmp_path);
	free(s->path);
	free(s);
}

void store_forgo_sync(struct store *s)
{
	s->forgoes_sync = true;
}

int store_sync(const struct store *s, int fd)
{
	return s->forgoes_sync ? 0 : fsync(fd);
}

int store_sync_data(const struct store *s, int fd)
{
	return s->forgoes_sync ? 0 : fdatasync(fd);
}

const char *store_path(const struct store *s)
{
	return s->path;
}

/* The first 8 digits of the boot's ID, or zeros where the kernel does not tell. */
static void boot_id(char *out)
{
	struct buf b = {0};

	if (io_read_file("/proc/sys/kernel/random/boot_id", 64, &b, NULL) || b.n < 8)
		memcpy(out, "00000000", 9);
	else
		snprintf(out, 9, "%.8s", b.p);
	buf_release(&b);
}

/* A sweeper can take the lock, and remove the folder, in the moment between making the
 * file and locking it: then the lock is refused, or the file has no name any more. */
static int lock_tmp(struct store *s)
{
	struct stat st;

	s->tmp_lock_fd = store_make_file(s->tmp_fd, "lock", 0600);
	if (s->tmp_lock_fd < 0)
		return -1;
	if (store_lock_fd(s->tmp_lock_fd) || fstat(s->tmp_lock_fd, &st))
		return -1;
	return st.st_nlink ? 0 : -1;
}

static int make_tmp(struct store *s, struct err *err)
{
	unsigned char r[4];
	struct arena a = {0};
	struct str name, path;
	char boot[9];
	int rc = -1;

	boot_id(boot);
	random_bytes(r, sizeof r);
	name = arena_printf(&a, "tmp/%s-%ld-%02x%02x%02x%02x", boot, (long)getpid(), r[0],
			    r[1], r[2], r[3]);
	path = arena_printf(&a, "%s/%s", s->path, name.p);
	if (mkdirat(s->fd, name.p, 0700) || fchmodat(s->fd, name.p, 0700, 0)) {
		err_sys(err, "cannot make the folder %s", path.p);
		goto out;
	}
	s->tmp_fd = openat(s->fd, name.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->tmp_fd < 0 || lock_tmp(s)) {
		err_sys(err, "cannot lock the folder %s", path.p);
		if (s->tmp_fd >= 0)
			close(s->tmp_fd);
		if (s->tmp_lock_fd >= 0)
			close(s->tmp_lock_fd);
		s->tmp_fd = s->tmp_lock_fd = -1;
		io_remove_tree(path.p, NULL);
		goto out;
	}
	s->tmp_path = strdup(path.p);
	if (!s->tmp_path)
		err_nomem();
	rc = 0;
out:
	arena_release(&a);
	return rc;
}

const char *store_tmp(struct store *s, struct err *err)
{
	struct err why;

	if (s->mode != STORE_WRITE)
		BUG("a temporary folder in a store that is only read");
	pthread_mutex_lock(&s->lock);
	for (int tries = 0; !s->tmp_path && tries < 3; tries++)
		if (make_tmp(s, &why) && (why.sys == ENOSPC || why.sys == EROFS))
			break;
	pthread_mutex_unlock(&s->lock);
	if (!s->tmp_path && err)
		*err = why;
	return s->tmp_path;
}

void store_tmp_name(struct store *s, char *out)
{
	pthread_mutex_lock(&s->lock);
	snprintf(out, 24, "%u", ++s->tmp_count);
	pthread_mutex_unlock(&s->lock);
}
