/* Environments: built for real with what is at hand.  Wheels are made here, so that no
 * network is needed; pip's words are pip's. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/exec/env.h"
#include "runtime/exec/proc.h"
#include "tests/unit/tap.h"

extern char **environ;

struct wish {	/* one request and its answer */
	bool done, ok;
	struct env_info info;
	struct buf error, progress;
};

static struct arena a;
static struct loop *l;
static struct str root;

static void on_progress(void *arg, struct str line)
{
	struct wish *w = arg;

	buf_add(&w->progress, line);
	buf_addc(&w->progress, '\n');
}

static void on_ready(void *arg, const struct env_info *info, struct str error)
{
	struct wish *w = arg;

	w->done = true;
	w->ok = info != NULL;
	if (info)
		w->info = *info;
	buf_add(&w->error, error);
}

static void ask(struct envs *e, const char *package, const char *requirements,
		struct wish *w)
{
	struct str packages[1] = {str_of(package)};
	struct env_spec spec = {.name = STR("tiny"), .packages = packages,
				.npackages = package ? 1 : 0, .python = STR(""),
				.requirements = str_of(requirements)};

	*w = (struct wish){0};
	envs_request(e, &spec, &(struct env_handler){on_progress, on_ready, w});
	ok(!w->done, "the answer comes later");
}

static void wait_for(struct wish *w)
{
	struct err err = {0};

	while (!w->done && !loop_step(l, 60000, &err))
		;
}

static void wish_release(struct wish *w)
{
	buf_release(&w->error);
	buf_release(&w->progress);
}

/* A wheel of the module tiny_pkg, by the standard library alone. */
static void wheel_make(struct str python)
{
	static const char script[] =
		"import sys, zipfile\n"
		"n = 'tiny_pkg-1.2-py3-none-any.whl'\n"
		"d = 'tiny_pkg-1.2.dist-info/'\n"
		"z = zipfile.ZipFile(sys.argv[1] + '/' + n, 'w')\n"
		"z.writestr('tiny_pkg.py', 'answer = 42\\n')\n"
		"z.writestr(d + 'METADATA', 'Metadata-Version: 2.1\\nName: "
		"tiny-pkg\\nVersion: 1.2\\n')\n"
		"z.writestr(d + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: "
		"x\\nRoot-Is-Purelib: true\\n"
		"Tag: py3-none-any\\n')\n"
		"z.writestr(d + 'RECORD', 'tiny_pkg.py,,\\n')\n"
		"z.close()\n";
	char *argv[] = {arena_dup(&a, python.p, python.n + 1), (char[]){"-c"},
			arena_dup(&a, script, sizeof script), arena_dup(&a, root.p,
									root.n + 1),
										NULL};
	struct proc_end end = {0};
	struct err err = {0};

	proc_run(&(struct proc_spec){argv, environ, NULL}, 30000, 1000, NULL, NULL, &end,
		 &err);
	is_int(end.exit_code, 0, "a wheel is made");
}

static bool imports(struct str python)
{
	char *argv[] = {arena_dup(&a, python.p, python.n + 1), (char[]){"-c"},
			(char[]){"import tiny_pkg, sys; sys.exit(tiny_pkg.answer != "
				 "42)"}, NULL};
	struct proc_end end = {.exit_code = -1};
	struct err err = {0};

	proc_run(&(struct proc_spec){argv, environ, NULL}, 30000, 1000, NULL, NULL, &end,
		 &err);
	return end.exit_code == 0;
}

static void plain(struct str python)
{
	struct err err = {0};
	struct envs *e = envs_new(l, ENV_VENV, &err);
	struct wish w;

	ask(e, NULL, NULL, &w);
	wait_for(&w);
	ok(w.ok && str_eq(w.info.python, python),
	   "without packages: the plain interpreter");
	ok(w.info.cached && !w.info.lock.n && w.info.version.n, "at once");
	envs_free(e);
	wish_release(&w);
}

static void built_twice_at_once(void)
{
	struct err err = {0};
	struct envs *e = envs_new(l, ENV_VENV, &err), *other = envs_new(l, ENV_VENV,
									&err);
	struct wish w[3];

	ask(e, "tiny-pkg==1.2", NULL, &w[0]);
	ask(e, "tiny-pkg==1.2", NULL, &w[1]);
	ask(other, "tiny-pkg==1.2", NULL, &w[2]);
	for (int i = 0; i < 3; i++)
		wait_for(&w[i]);
	ok(w[0].ok && w[1].ok && w[2].ok, "asked for three times, two of them at once");
	if (!w[0].ok || !w[2].ok) {
		printf("Bail out! %s\n%s\n", buf_cstr(&w[0].error),
		       buf_cstr(&w[2].error));
		exit(1);
	}
	ok(!w[0].info.cached, "built");
	ok(w[2].info.cached, "once");
	ok(strstr(buf_cstr(&w[2].progress), "waiting for another process"),
	   "the other one waits");
	ok(strstr(buf_cstr(&w[0].progress), "tiny"), "pip's words are passed on");
	ok(imports(w[0].info.python), "the package is there");
	is_str(w[0].info.lock.p, "tiny-pkg==1.2\n", "and locked");
	ok(str_eq(w[0].info.lock, w[2].info.lock), "the same lock for both");
	envs_free(e);
	envs_free(other);
	for (int i = 0; i < 3; i++)
		wish_release(&w[i]);
}

static void found_again(void)
{
	struct err err = {0};
	struct envs *e = envs_new(l, ENV_VENV, &err);
	struct wish w;
	struct str dir, ready;

	ask(e, "tiny-pkg==1.2", NULL, &w);
	wait_for(&w);
	ok(w.ok && w.info.cached && w.info.ms < 1000, "found in the cache");
	dir = io_dirname(io_dirname(io_dirname(w.info.python)));
	ready = arena_printf(&a, "%.*s/ready", STR_ARG(dir));
	ok(!unlink(ready.p), "as if it had never been finished");
	envs_free(e);
	wish_release(&w);
	e = envs_new(l, ENV_VENV, &err);
	ask(e, "tiny-pkg==1.2", NULL, &w);
	wait_for(&w);
	ok(w.ok && !w.info.cached && imports(w.info.python), "it is built again");
	envs_free(e);
	wish_release(&w);
}

static void failures(void)
{
	struct err err = {0};
	struct envs *e = envs_new(l, ENV_VENV, &err);
	struct wish w;

	ask(e, "no-such-package-kfpc==9", NULL, &w);
	wait_for(&w);
	ok(!w.ok, "a package that does not exist");
	ok(strstr(buf_cstr(&w.error), "environment 'tiny': "), "is told by name");
	ok(strstr(buf_cstr(&w.error), "no-such-package-kfpc"),
	   "with the tool's own words");
	wish_release(&w);
	ask(e, NULL, "tiny-pkg==1.2\nno such syntax !\n", &w);
	envs_cancel(e);
	wait_for(&w);
	is_str(buf_cstr(&w.error), "environment 'tiny': cancelled",
	       "a build that is cancelled");
	wish_release(&w);
	ask(e, NULL, "tiny-pkg==1.2 # other\n", &w);
	envs_free(e);
	ok(!w.done, "a build that is dropped tells nobody");
	wish_release(&w);
}

static void host(void)
{
	struct err err = {0};
	struct envs *e = envs_new(l, ENV_HOST, &err);
	struct wish w;

	ask(e, "no-such-package-kfpc>=9", "# nothing\n", &w);
	wait_for(&w);
	ok(strstr(buf_cstr(&w.error), "lacks no-such-package-kfpc>=9; "), "%s",
	   buf_cstr(&w.error));
	wish_release(&w);
	ask(e, NULL, "# nothing\n", &w);
	wait_for(&w);
	ok(w.ok, "what it has is fine");
	envs_free(e);
	wish_release(&w);
}

int main(void)
{
	char dir[] = "/tmp/kfpc-env-XXXXXX";
	struct err err = {0};
	struct str python;

	arena_init(&a);
	root = str_of(mkdtemp(dir));
	l = loop_new(&err);
	setenv("XDG_CACHE_HOME", arena_printf(&a, "%s/the cache", root.p).p, 1);
	if (env_find_python(STR(""), &a, &python, &err)) {
		printf("1..0 # SKIP %s\n", err.text);
		return 0;
	}
	wheel_make(python);
	setenv("PIP_NO_INDEX", "1", 1);
	setenv("PIP_FIND_LINKS", root.p, 1);
	setenv("UV_NO_INDEX", "1", 1);
	setenv("UV_FIND_LINKS", root.p, 1);
	plain(python);
	built_twice_at_once();
	found_again();
	failures();
	host();
	loop_free(l);
	io_remove_tree(root.p, &err);
	arena_release(&a);
	return done_testing();
}
