/* Finding interpreters: shims are resolved, what they said is remembered, versions are
 * met. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/exec/env.h"
#include "tests/unit/tap.h"

static struct arena a;
static struct str root, real;

static const char *find(const char *version)
{
	struct err err = {0};
	struct str path = {"", 0};

	if (env_find_python(str_of(version), &a, &path, &err))
		return arena_str(&a, str_of(err.text)).p;
	return path.p;
}

/* An interpreter that is a script: it notes each call and forwards, or lies. */
static void shim(const char *name, const char *what)
{
	struct str path = arena_printf(&a, "%s/%s", root.p, name);
	struct str text = arena_printf(&a, "#!/bin/sh\necho x >> %s/calls\n%s\n", root.p,
				       what);
	struct err err = {0};

	io_write_file(path.p, text, 0755, false, &err);
	chmod(path.p, 0755);
}

static size_t calls(void)
{
	struct buf b = {0};
	struct err err = {0};
	size_t n;

	io_read_file(arena_printf(&a, "%s/calls", root.p).p, 1 << 20, &b, &err);
	n = b.n / 2;
	buf_release(&b);
	return n;
}

static void shims(void)
{
	shim("python3", arena_printf(&a, "exec %s \"$@\"", real.p).p);
	is_str(find(""), real.p, "a shim is resolved to the real interpreter");
	is_int((long long)calls(), 1, "by starting it");
	is_str(find(""), real.p, "again");
	is_int((long long)calls(), 1, "without starting it");
	setenv("PYENV_VERSION", "something", 1);
	find("");
	is_int((long long)calls(), 2, "unless what steers shims has changed");
	unsetenv("PYENV_VERSION");
	shim("python3", arena_printf(&a, "exec %s \"$@\" # changed", real.p).p);
	find("");
	is_int((long long)calls(), 3, "or the shim itself");
}

static void failures(void)
{
	shim("python3", "echo broken here >&2; exit 1");
	ok(strstr(find(""), "does not work as a Python interpreter: broken here"), "%s",
	   find(""));
	shim("python3", "echo /bin/sh; echo 3.6.1");
	ok(strstr(find(""), "is Python 3.6.1: at least 3.8"), "%s", find(""));
	unlink(arena_printf(&a, "%s/python3", root.p).p);
	ok(strstr(find(""), "apt-get install python3"), "%s", find(""));
	ok(strstr(find("3.99"), "Python 3.99 was not found"), "%s", find("3.99"));
	ok(strstr(find("3.99; rm"), "a version such as 3.11"), "%s", find("3.99; rm"));
}

static void versions(void)
{
	shim("python3.98", "echo /bin/sh; echo 3.98.1");
	shim("python3", "echo /bin/true; echo 3.9.5");
	is_str(find("3.98"), "/bin/sh", "python3.98");
	is_str(find("3.98.1"), "/bin/sh", "3.98.1 is one of them");
	ok(strstr(find("3.98.2"), "not found"), "3.98.2 is not");
	is_str(find("3.9"), "/bin/true", "python3 of the right version");
	is_str(find("3"), "/bin/true", "3 is any 3.x");
	setenv("KFPC_PYTHON", arena_printf(&a, "%s/python3.98", root.p).p, 1);
	is_str(find(""), "/bin/sh", "KFPC_PYTHON comes first");
	is_str(find("3.9"), "/bin/true", "if its version fits");
	setenv("KFPC_PYTHON", "/nonexistent", 1);
	ok(strstr(find(""), "/nonexistent is no program"), "%s", find(""));
	unsetenv("KFPC_PYTHON");
}

/* An interpreter that is only in pyenv's folder. */
static void managers(void)
{
	struct str dir = arena_printf(&a, "%s/pyenv/versions/3.97.2/bin", root.p);
	struct err err = {0};

	io_mkdirs(dir.p, 0777, &err);
	shim("pyenv/versions/3.97.2/bin/python3", "echo /bin/sh; echo 3.97.2");
	ok(strstr(find("3.97"), "not found"), "not where nobody looks");
	setenv("PYENV_ROOT", arena_printf(&a, "%s/pyenv", root.p).p, 1);
	is_str(find("3.97"), "/bin/sh", "what pyenv has installed");
	unsetenv("PYENV_ROOT");
}

int main(void)
{
	char dir[] = "/tmp/kfpc-find-XXXXXX";
	struct err err = {0};

	arena_init(&a);
	root = str_of(mkdtemp(dir));
	setenv("XDG_CACHE_HOME", arena_printf(&a, "%s/cache", root.p).p, 1);
	if (env_find_python(STR(""), &a, &real, &err)) {
		printf("1..0 # SKIP %s\n", err.text);
		return 0;
	}
	unsetenv("KFPC_PYTHON");
	unsetenv("PYENV_ROOT");
	setenv("PATH", root.p, 1);
	setenv("HOME", root.p, 1);
	shims();
	failures();
	versions();
	managers();
	io_remove_tree(root.p, &err);
	arena_release(&a);
	return done_testing();
}
