#include <config.h>

#include "runtime/exec/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/exec/user.h"

static void add_upper(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		else if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
			c = '_';
		buf_addc(b, c);
	}
}

static struct str variable_name(struct str name, struct str key, struct arena *a)
{
	struct buf b = {0};
	struct str s;

	buf_addz(&b, "KFPC_SECRET_");
	add_upper(&b, name);
	buf_addc(&b, '_');
	add_upper(&b, key);
	s = arena_str(a, buf_str(&b));
	buf_release(&b);
	return s;
}

static bool is_plain_name(struct str s)
{
	return s.n && s.p[0] != '.' && !memchr(s.p, '/', s.n) && !memchr(s.p, '\0', s.n);
}

static int check_mode(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_sys(err, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, "%s: not a file", path);
	if (st.st_uid != geteuid())
		return err_set(err, "%s: belongs to another user", path);
	if (st.st_mode & 077)
		return err_set(err, "%s: others may read it (mode %03o); chmod 600 it",
			       path, (unsigned)st.st_mode & 0777);
	return 0;
}

static int read_secret(int fd, const char *path, struct arena *a, struct str *out,
		       struct err *err)
{
	struct buf b = {0};
	int rc = check_mode(fd, path, err);

	if (!rc)
		rc = io_read_fd(fd, path, LIMIT_ENV_BYTES, &b, err);
	if (!rc && b.n && b.p[b.n - 1] == '\n')
		b.n--;
	if (!rc)
		*out = arena_str(a, buf_str(&b));
	if (b.p)
		explicit_bzero(b.p, b.cap);
	buf_release(&b);
	return rc;
}

int secret_lookup(struct str name, struct str key, struct arena *a, struct str *out,
		  struct err *err)
{
	struct str var = variable_name(name, key, a), path;
	const char *value = getenv(var.p);
	int fd, rc;

	if (value) {
		*out = arena_str(a, str_of(value));
		return 0;
	}
	if (!is_plain_name(name) || !is_plain_name(key))
		return err_set(err, "secret(\"%.*s\", \"%.*s\"): $%s is not set",
			       STR_ARG(name), STR_ARG(key), var.p);
	path = arena_printf(a, "%s/secrets/%.*s/%.*s", user_config_folder(a).p,
			    STR_ARG(name), STR_ARG(key));
	fd = open(path.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == ENOENT)
		return err_set(err,
			       "secret(\"%.*s\", \"%.*s\"): neither $%s nor the file %s "
			       "is there",
			       STR_ARG(name), STR_ARG(key), var.p, path.p);
	if (fd < 0)
		return err_sys(err, "%s", path.p);
	rc = read_secret(fd, path.p, a, out, err);
	close(fd);
	return rc;
}
