/* Finding interpreters, and asking each only once who it is. */
#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/exec/env_int.h"
#include "runtime/exec/user.h"

enum { PROBE_MS = 30000, PROBE_BYTES = 64 << 10, OLDEST_MINOR = 8 };

extern char **environ;

/* What a file is, well enough to see that it changed. */
static void add_stat(struct buf *b, const char *path)
{
	struct stat st;

	if (stat(path, &st))
		buf_addf(b, "%s -\n", path);
	else
		buf_addf(b, "%s %lld %lld.%09ld %llu\n", path, (long long)st.st_size,
			 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
			 (unsigned long long)st.st_ino);
}

static bool is_script(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char head[2];
	bool script =
		fd >= 0 && read(fd, head, 2) == 2 && head[0] == '#' && head[1] == '!';

	if (fd >= 0)
		close(fd);
	return script;
}

/* A shim is a script that picks an interpreter; pyenv's goes by these. */
static void add_shim_state(struct buf *b, struct arena *a)
{
	const char *version = getenv("PYENV_VERSION"), *root = getenv("PYENV_ROOT");
	const char *home = getenv("HOME");
	char *cwd = getcwd(NULL, 0);
	struct str dir = str_of(cwd ? cwd : "/");

	buf_addf(b, "PYENV_VERSION %s\n", version ? version : "-");
	add_stat(b, root ? arena_printf(a, "%s/version", root).p :
			   arena_printf(a, "%s/.pyenv/version", home ? home : "").p);
	for (;;) {
		add_stat(b, arena_printf(a, "%.*s/.python-version", STR_ARG(dir)).p);
		if (dir.n <= 1)
			break;
		dir = io_dirname(dir);
	}
	free(cwd);
}

static struct str next_line(struct str *text)
{
	size_t end = str_find(*text, STR("\n"), 0);
	struct str line = str_sub(*text, 0, end);

	*text = str_sub(*text, end + 1, text->n);
	return line;
}

static int probe_run(const char *path, struct arena *a, struct python *out,
		     struct err *err)
{
	static const char script[] = "import sys\n"
				     "print(sys.executable)\n"
				     "print('%d.%d.%d' % sys.version_info[:3])\n";
	char *argv[] = {arena_dup(a, path, strlen(path) + 1),
			(char[]){"-I"},
			(char[]){"-S"},
			(char[]){"-c"},
			arena_dup(a, script, sizeof script),
			NULL};
	struct proc_spec spec = {argv, environ, NULL};
	struct buf text = {0}, errs = {0};
	struct proc_end end;
	struct str rest;
	int rc = proc_run(&spec, PROBE_MS, PROBE_BYTES, &text, &errs, &end, err);

	rest = buf_str(&text);
	out->path = arena_str(a, next_line(&rest));
	out->version = arena_str(a, next_line(&rest));
	if (!rc && (end.exit_code || out->path.n < 2 || out->path.p[0] != '/' ||
		    !out->version.n)) {
		struct str said = str_trim(buf_str(&errs));

		rc = err_set(err, "%s does not work as a Python interpreter%s%.*s", path,
			     said.n ? ": " : "", (int)(said.n > 300 ? 300 : said.n),
			     said.p);
	}
	buf_release(&text);
	buf_release(&errs);
	return rc;
}

/* A record of the cache: the key, then what the probe said, then the state of the real
 * interpreter. */
static bool probe_cached(const char *file, struct str key, struct arena *a,
			 struct python *out)
{
	struct buf text = {0}, state = {0};
	struct err err = {0};
	struct str rest;
	bool hit;

	if (access(file, R_OK) || io_read_file(file, PROBE_BYTES, &text, &err)) {
		buf_release(&text);
		return false;
	}
	rest = buf_str(&text);
	hit = str_has_prefix(rest, key);
	rest = str_sub(rest, key.n, rest.n);
	out->path = arena_str(a, next_line(&rest));
	out->version = arena_str(a, next_line(&rest));
	add_stat(&state, out->path.p);
	hit = hit && out->version.n && str_eq(rest, buf_str(&state));
	buf_release(&text);
	buf_release(&state);
	return hit;
}

static void probe_keep(const char *file, struct str key, const struct python *p,
		       struct arena *a)
{
	struct buf text = {0};
	struct err err = {0};

	buf_add(&text, key);
	buf_addf(&text, "%s\n%s\n", p->path.p, p->version.p);
	add_stat(&text, p->path.p);
	/* A cache that cannot be written costs time, no more. */
	if (!io_mkdirs(arena_str(a, io_dirname(str_of(file))).p, 0777, &err))
		io_write_file(file, buf_str(&text), 0666, false, &err);
	buf_release(&text);
}

static int probe(struct str path, struct arena *a, struct python *out, struct err *err)
{
	struct digest digest = sha256_of(path);
	struct str file =
		arena_printf(a, "%s/pythons/%.32s", user_cache_folder(a).p, digest.hex);
	struct buf key = {0};
	int rc = 0;

	add_stat(&key, path.p);
	if (is_script(path.p))
		add_shim_state(&key, a);
	if (!probe_cached(file.p, buf_str(&key), a, out)) {
		rc = probe_run(path.p, a, out, err);
		if (!rc)
			probe_keep(file.p, buf_str(&key), out, a);
	}
	buf_release(&key);
	return rc;
}

static long version_part(struct str version, int part)
{
	const char *at = version.p;

	for (; part > 0; part--) {
		at = strchr(at, '.');
		if (!at)
			return -1;
		at++;
	}
	return strtol(at, NULL, 10);
}

/* "3.11" asks for 3.11.x; "" for any. */
static bool version_fits(struct str found, struct str wanted)
{
	return !wanted.n || (str_has_prefix(found, wanted) &&
			     (found.n == wanted.n || found.p[wanted.n] == '.'));
}

static bool is_too_old(struct str version)
{
	return version_part(version, 0) < 3 ||
	       (version_part(version, 0) == 3 && version_part(version, 1) < OLDEST_MINOR);
}

/* Is the interpreter at path one that was asked for?  err keeps the first reason why none
 * was. */
static bool try_path(struct str path, struct str wanted, struct arena *a,
		     struct python *out, struct err *err)
{
	struct err why = {0};

	if (!path.n || access(path.p, X_OK))
		return false;
	if (probe(path, a, out, &why)) {
		if (!err->text[0])
			*err = why;
		return false;
	}
	if (is_too_old(out->version)) {
		if (!err->text[0])
			err_set(err, "%s is Python %s: at least 3.%d is needed",
				out->path.p, out->version.p, OLDEST_MINOR);
		return false;
	}
	return version_fits(out->version, wanted);
}

static bool try_on_path(const char *name, struct str wanted, struct arena *a,
			struct python *out, struct err *err)
{
	struct str all =
		str_of(getenv("PATH") ? getenv("PATH") : "/usr/local/bin:/usr/bin:/bin");

	while (all.n) {
		size_t end = str_find(all, STR(":"), 0);
		struct str dir = str_sub(all, 0, end);

		all = str_sub(all, end + 1, all.n);
		if (dir.n && dir.p[0] == '/' &&
		    try_path(arena_printf(a, "%.*s/%s", STR_ARG(dir), name), wanted, a,
			     out, err))
			return true;
	}
	return false;
}

/* Folders of installed interpreters: NAME/bin/python3, NAME with a prefix and the
 * version. */
static bool try_installed(struct str root, const char *prefix, struct str wanted,
			  struct arena *a, struct python *out, struct err *err)
{
	struct str start = arena_printf(a, "%s%.*s", prefix, STR_ARG(wanted));
	DIR *d = opendir(root.p);
	const struct dirent *entry;
	bool found = false;

	while (d && !found && (entry = readdir(d)))
		found = str_has_prefix(str_of(entry->d_name), start) &&
			try_path(arena_printf(a, "%s/%s/bin/python3", root.p,
					      entry->d_name),
				 wanted, a, out, err);
	if (d)
		closedir(d);
	return found;
}

static bool try_managers(struct str wanted, struct arena *a, struct python *out,
			 struct err *err)
{
	const char *home = getenv("HOME") ? getenv("HOME") : "";
	const char *pyenv = getenv("PYENV_ROOT"), *uv = getenv("UV_PYTHON_INSTALL_DIR");
	struct str p = pyenv ? arena_printf(a, "%s/versions", pyenv) :
			       arena_printf(a, "%s/.pyenv/versions", home);
	struct str u = uv ? arena_str(a, str_of(uv)) :
			    arena_printf(a, "%s/.local/share/uv/python", home);

	return try_installed(p, "", wanted, a, out, err) ||
	       try_installed(u, "cpython-", wanted, a, out, err);
}

static bool is_version(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '.' && (s.p[i] < '0' || s.p[i] > '9'))
			return false;
	return s.n < 32;
}

static int not_found(struct str wanted, const struct err *why, struct err *err)
{
	if (!wanted.n && why->text[0])
		return err_set(err, "%s", why->text);
	if (!wanted.n)
		return err_set(
			err, "no Python interpreter was found ($KFPC_PYTHON, python3 in "
			     "PATH): apt-get install python3 python3-venv");
	return err_set(
		err,
		"Python %.*s was not found (looked at $KFPC_PYTHON, python%.*s and "
		"python3 in PATH, and what pyenv and uv have installed): install it, for "
		"example with `uv python install %.*s`",
		STR_ARG(wanted), STR_ARG(wanted), STR_ARG(wanted));
}

int python_find(struct str wanted, struct arena *a, struct python *out, struct err *err)
{
	const char *own = getenv("KFPC_PYTHON");
	struct err why = {0};
	const char *dot;
	struct str name;

	if (!is_version(wanted))
		return err_setk(err, ERR_INPUT,
				"python = \"%.*s\": a version such as 3.11 is "
				"wanted",
				STR_ARG(wanted));
	wanted = arena_str(a, wanted);
	if (own && own[0]) {
		if (try_path(str_of(own), wanted, a, out, &why))
			return 0;
		if (!wanted.n)
			return err_set(err, "$KFPC_PYTHON: %s", why.text[0] ? why.text :
				       arena_printf(a, "%s is no program", own).p);
	}
	dot = strchr(wanted.p, '.');
	dot = dot ? strchr(dot + 1, '.') : NULL;
	name = arena_printf(a, "python%.*s",
			    (int)(dot ? (size_t)(dot - wanted.p) : wanted.n), wanted.p);
	if (wanted.n && try_on_path(name.p, wanted, a, out, &why))
		return 0;
	if (try_on_path("python3", wanted, a, out, &why))
		return 0;
	if (wanted.n && try_managers(wanted, a, out, &why))
		return 0;
	return not_found(wanted, &why, err);
}

int env_find_python(struct str version, struct arena *a, struct str *path,
		    struct err *err)
{
	struct python p;

	if (python_find(version, a, &p, err))
		return -1;
	*path = p.path;
	return 0;
}
