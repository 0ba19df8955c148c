/* How one environment is built: lock, wipe what was left, venv, install, freeze,
 * ready. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/exec/env_int.h"
#include "runtime/exec/user.h"
#include "runtime/value/json.h"

enum { LOCK_POLL_MS = 100, READY_BYTES = 64 << 10, LOCK_FILE_BYTES = 4 << 20 };

static int str_order(const void *a, const void *b)
{
	const struct str *x = a, *y = b;

	return str_cmp(*x, *y);
}

static void hash_field(struct sha256 *h, const char *name, struct str value)
{
	struct buf b = {0};

	buf_addf(&b, "%s %zu ", name, value.n);
	buf_add(&b, value);
	buf_addc(&b, '\n');
	sha256_add(h, buf_str(&b));
	buf_release(&b);
}

/* The order of packages makes no difference; that of index URLs does. */
void build_identify(struct env_build *b)
{
	struct arena *a = &b->envs->arena;
	struct str *sorted = ARENA_ARRAY(a, b->spec.npackages, struct str);
	struct sha256 *h = sha256_new();

	b->info.python = b->python.path;
	b->info.version = b->python.version;
	b->info.platform = platform_name(a);
	for (uint32_t i = 0; i < b->spec.npackages; i++)
		sorted[i] = b->spec.packages[i];
	if (b->spec.npackages)
		qsort(sorted, b->spec.npackages, sizeof *sorted, str_order);
	hash_field(h, "python", b->python.path);
	hash_field(h, "version", b->python.version);
	hash_field(h, "platform", b->info.platform);
	for (uint32_t i = 0; i < b->spec.npackages; i++)
		hash_field(h, "package", sorted[i]);
	for (uint32_t i = 0; i < b->spec.nindex_urls; i++)
		hash_field(h, "index", b->spec.index_urls[i]);
	hash_field(h, "requirements", b->spec.requirements);
	b->info.digest = sha256_end(h);
	sha256_free(h);
	b->info.lock_digest = sha256_of(STR(""));
	b->info.lock = STR("");
	b->folder =
		arena_printf(a, "%s/envs/%s", user_cache_folder(a).p, b->info.digest.hex);
	b->lock_path = arena_printf(a, "%s.lock", b->folder.p);
}

static struct str inside(struct env_build *b, const char *name)
{
	return arena_printf(&b->envs->arena, "%s/%s", b->folder.p, name);
}

bool build_load(struct env_build *b)
{
	struct arena *a = &b->envs->arena;
	struct str python = inside(b, "venv/bin/python"), ready = inside(b, "ready");
	struct buf text = {0}, lock = {0};
	const struct value *digest;
	struct err err = {0};
	struct value v;
	bool ok = false;

	if (access(ready.p, R_OK) || access(python.p, X_OK))
		return false;
	if (!io_read_file(ready.p, READY_BYTES, &text, &err) &&
	    !io_read_file(inside(b, "lock").p, LOCK_FILE_BYTES, &lock, &err) &&
	    !json_parse(a, buf_str(&text), &v, &err) && v.kind == VALUE_DICT) {
		b->info.lock_digest = sha256_of(buf_str(&lock));
		digest = value_get(v, STR("lock_digest"));
		ok = digest && digest->kind == VALUE_STR &&
		     str_is(*digest->s, b->info.lock_digest.hex);
	}
	if (ok) {
		b->info.lock = arena_str(a, buf_str(&lock));
		b->info.python = python;
	}
	buf_release(&text);
	buf_release(&lock);
	return ok;
}

static void tail_clear(struct env_build *b)
{
	for (size_t i = 0; i < b->tail.n; i++)
		free(b->tail.at[i]);
	vec_clear(&b->tail);
}

void build_release(struct env_build *b)
{
	proc_free(b->proc);
	b->proc = NULL;
	loop_remove(b->envs->loop, b->timer);
	b->timer = NULL;
	if (b->lock_fd >= 0)
		close(b->lock_fd);
	b->lock_fd = -1;
	tail_clear(b);
	vec_release(&b->tail);
	vec_release(&b->waiters);
	buf_release(&b->line);
	buf_release(&b->out);
	buf_release(&b->error);
}

static void lock_drop(struct env_build *b)
{
	if (b->lock_fd >= 0)
		close(b->lock_fd);
	b->lock_fd = -1;
}

void build_fail(struct env_build *b, bool with_tail, const char *fmt, ...)
{
	struct str name = b->spec.name;
	va_list ap;

	b->failed = true;
	if (name.n)
		buf_addf(&b->error, "environment '%.*s': ", STR_ARG(name));
	va_start(ap, fmt);
	buf_vaddf(&b->error, fmt, ap);
	va_end(ap);
	for (size_t i = 0; with_tail && i < b->tail.n; i++)
		buf_addf(&b->error, "\n%s", b->tail.at[i]);
	if (b->lock_fd >= 0 && b->step > STEP_WIPE && !b->cancelled) {
		b->step = STEP_CLEAN;	/* what is there is of no use to anybody */
		build_spawn(b, (const char *[]){"/bin/rm", "-rf", "--", b->folder.p}, 4);
		return;
	}
	lock_drop(b);
	env_report(b);
}

void build_cancel(struct env_build *b)
{
	if (b->step == STEP_CLEAN)
		return;
	b->cancelled = true;
	if (b->proc) {
		proc_kill(b->proc, false);
		return;
	}
	loop_remove(b->envs->loop, b->timer);
	b->timer = NULL;
	build_fail(b, false, "cancelled");
}

/* Progress */

static void tell(struct env_build *b, struct str line)
{
	for (size_t i = 0; i < b->waiters.n; i++)
		if (b->waiters.at[i].progress)
			b->waiters.at[i].progress(b->waiters.at[i].arg, line);
}

static void line_end(struct env_build *b)
{
	struct buf clean = {0};
	const char *z;

	buf_add_printable(&clean, str_sub(buf_str(&b->line), 0, TAIL_BYTES / TAIL_LINES),
			  false);
	buf_clear(&b->line);
	z = buf_cstr(&clean);
	if (clean.n) {
		if (b->tail.n == TAIL_LINES) {
			free(b->tail.at[0]);
			memmove(b->tail.at, b->tail.at + 1,
				--b->tail.n * sizeof *b->tail.at);
		}
		vec_push(&b->tail, strdup(z));
		tell(b, buf_str(&clean));
	}
	buf_release(&clean);
}

static void on_output(void *arg, bool is_stderr, struct str bytes)
{
	struct env_build *b = arg;

	if (!is_stderr && (b->step == STEP_FREEZE || b->step == STEP_CHECK)) {
		if (b->out.n < LOCK_FILE_BYTES)
			buf_add(&b->out, bytes);
		return;
	}
	for (size_t i = 0; i < bytes.n; i++) {
		if (bytes.p[i] == '\n' || bytes.p[i] == '\r')
			line_end(b);
		else if (b->line.n < TAIL_BYTES)
			buf_addc(&b->line, bytes.p[i]);
	}
}

/* Steps */

static const char *step_tool(const struct env_build *b)
{
	switch (b->step) {
	case STEP_WIPE:
		return "rm";
	case STEP_VENV:
		return b->uv.n ? "uv venv" : "python -m venv";
	case STEP_INSTALL:
		return b->uv.n ? "uv pip install" : "pip install";
	case STEP_FREEZE:
		return b->uv.n ? "uv pip freeze" : "pip freeze";
	case STEP_CHECK:
		return "the check of the interpreter";
	case STEP_LOCK:
	case STEP_FINISH:
	case STEP_CLEAN:
		break;
	}
	return "it";
}

static bool tail_has(const struct env_build *b, const char *what)
{
	for (size_t i = 0; i < b->tail.n; i++)
		if (strstr(b->tail.at[i], what))
			return true;
	return false;
}

static void step_failed(struct env_build *b, const struct proc_end *end)
{
	int minor = (int)str_find(b->python.version, STR("."), 2);

	if (b->cancelled)
		build_fail(b, false, "cancelled");
	else if (b->step == STEP_VENV &&
		 (tail_has(b, "ensurepip") || tail_has(b, "No module named venv")))
		build_fail(b, true,
			   "%s cannot make virtual environments: on Debian and Ubuntu, "
			   "apt-get install python3-venv (or python%.*s-venv)",
			   b->python.path.p, minor, b->python.version.p);
	else if (end->signal)
		build_fail(b, true, "%s was ended by signal %d", step_tool(b),
			   end->signal);
	else
		build_fail(b, true, "%s failed with exit status %d", step_tool(b),
			   end->exit_code);
}

static void on_ended(void *arg, const struct proc_end *end)
{
	struct env_build *b = arg;

	b->proc = NULL;
	if (b->line.n)
		line_end(b);
	if (b->step == STEP_CLEAN) {
		lock_drop(b);
		env_report(b);
		return;
	}
	if (end->exit_code || end->signal || b->cancelled) {
		step_failed(b, end);
		return;
	}
	if (b->step == STEP_CHECK) {
		build_check_host_end(b);
		return;
	}
	b->step++;
	build_go(b);
}

/* The user's settings for pip and uv hold (proxies, index URLs, certificates), but
 * nothing that would lead them into another environment; and what packages execute while
 * they are installed has no business with the secrets of tasks. */
static bool is_unwanted(const char *variable)
{
	static const char *const names[] = {
		"PYTHONHOME=",
		"PYTHONPATH=",
		"VIRTUAL_ENV=",
		"CONDA_PREFIX=",
		"PIP_TARGET=",
		"PIP_PREFIX=",
		"PIP_USER=",
		"PIP_REQUIRE_VIRTUALENV=",
		"__PYVENV_LAUNCHER__=",
		"KFPC_SECRET_",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strncmp(variable, names[i], strlen(names[i])))
			return true;
	return false;
}

extern char **environ;

void build_spawn(struct env_build *b, const char *const *argv, size_t n)
{
	static char settings[][40] = {"PIP_DISABLE_PIP_VERSION_CHECK=1", "PIP_NO_INPUT=1",
				      "PYTHONUNBUFFERED=1", "UV_NO_PROGRESS=1"};
	struct proc_handler h = {on_output, on_ended, b};
	struct arena *a = &b->envs->arena;
	char **args = ARENA_ARRAY(a, n + 1, char *);
	VEC(char *) env = {0};
	struct err err = {0};

	tail_clear(b);
	for (size_t i = 0; i < n; i++)
		args[i] = arena_dup(a, argv[i], strlen(argv[i]) + 1);
	for (size_t i = 0; environ[i]; i++)
		if (!is_unwanted(environ[i]))
			vec_push(&env, environ[i]);
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		vec_push(&env, settings[i]);
	vec_push(&env, NULL);
	b->proc = proc_start(b->envs->loop, &(struct proc_spec){args, env.at, NULL}, &h,
			     &err);
	vec_release(&env);
	if (b->proc)
		return;
	if (b->step == STEP_CLEAN)
		env_report(b);
	else
		build_fail(b, false, "%s", err.text);
}

/* Takes the lock, or looks again a little later; false while it is not ours. */
static void on_lock_again(void *arg)
{
	struct env_build *b = arg;

	b->timer = NULL;
	build_go(b);
}

static bool step_lock(struct env_build *b)
{
	struct err err = {0};
	struct str dir = arena_str(&b->envs->arena, io_dirname(b->folder));

	if (b->lock_fd < 0) {
		if (io_mkdirs(dir.p, 0777, &err)) {
			build_fail(b, false, "%s", err.text);
			return false;
		}
		b->lock_fd = open(b->lock_path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	}
	if (b->lock_fd >= 0 && !flock(b->lock_fd, LOCK_EX | LOCK_NB))
		return true;
	if (b->lock_fd < 0 || errno != EWOULDBLOCK) {
		build_fail(b, false, "%s: %s", b->lock_path.p, strerror(errno));
		return false;
	}
	if (!b->told_wait)
		tell(b, STR("waiting for another process that builds it"));
	b->told_wait = true;
	b->timer = loop_add_timer(b->envs->loop, LOCK_POLL_MS, on_lock_again, b);
	return false;
}

static void step_venv(struct env_build *b)
{
	struct str venv = inside(b, "venv");
	struct err err = {0};

	if (io_mkdirs(b->folder.p, 0777, &err) ||
	    io_write_file(inside(b, "requirements.txt").p, b->spec.requirements, 0666,
			  false, &err)) {
		build_fail(b, false, "%s", err.text);
		return;
	}
	if (b->uv.n)
		build_spawn(b, (const char *[]){b->uv.p, "venv", "--quiet", "--python",
						b->python.path.p, venv.p}, 6);
	else
		build_spawn(b, (const char *[]){b->python.path.p, "-m", "venv", venv.p},
			    4);
}

static void add_indexes(const struct env_build *b, const char **argv, size_t *n)
{
	for (uint32_t i = 0; i < b->spec.nindex_urls; i++) {
		argv[(*n)++] = i ? "--extra-index-url" : "--index-url";
		argv[(*n)++] = b->spec.index_urls[i].p;
	}
}

static void step_install(struct env_build *b)
{
	size_t most = 16 + 2 * (size_t)b->spec.nindex_urls + b->spec.npackages, n = 0;
	const char **argv = ARENA_ARRAY(&b->envs->arena, most, const char *);
	struct str python = inside(b, "venv/bin/python");

	if (b->uv.n) {
		const char *uv[] = {b->uv.p, "pip", "install", "--python", python.p,
				    "--compile-bytecode"};

		memcpy(argv, uv, sizeof uv);
		n = sizeof uv / sizeof *uv;
	} else {
		const char *pip[] = {python.p,         "-m", "pip", "install",
				     "--progress-bar", "off"};

		memcpy(argv, pip, sizeof pip);
		n = sizeof pip / sizeof *pip;
	}
	add_indexes(b, argv, &n);
	if (b->spec.requirements.n) {
		argv[n++] = "-r";
		argv[n++] = inside(b, "requirements.txt").p;
	}
	if (b->spec.npackages)
		argv[n++] = "--";
	for (uint32_t i = 0; i < b->spec.npackages; i++)
		argv[n++] = b->spec.packages[i].p;
	build_spawn(b, argv, n);
}

static void step_freeze(struct env_build *b)
{
	struct str python = inside(b, "venv/bin/python");

	buf_clear(&b->out);
	if (b->uv.n)
		build_spawn(b,
			    (const char *[]){b->uv.p, "pip", "freeze", "--quiet",
					     "--python", python.p},
			    6);
	else
		build_spawn(b, (const char *[]){python.p, "-m", "pip", "freeze"}, 4);
}

struct str build_sorted_lines(struct env_build *b)
{
	struct arena *a = &b->envs->arena;
	struct str text = buf_str(&b->out), s;
	VEC(struct str) lines = {0};
	struct buf out = {0};

	while (text.n) {
		size_t end = str_find(text, STR("\n"), 0);

		s = str_trim(str_sub(text, 0, end));
		if (s.n)
			vec_push(&lines, s);
		text = str_sub(text, end + 1, text.n);
	}
	if (lines.n)
		qsort(lines.at, lines.n, sizeof *lines.at, str_order);
	for (size_t i = 0; i < lines.n; i++) {
		buf_add(&out, lines.at[i]);
		buf_addc(&out, '\n');
	}
	s = arena_str(a, buf_str(&out));
	vec_release(&lines);
	buf_release(&out);
	return s;
}

static int ready_write(struct env_build *b, struct err *err)
{
	struct buf text = {0};
	int rc;

	buf_addz(&text, "{\"python\": ");
	buf_add_json(&text, b->python.path);
	buf_addf(
		&text,
		", \"version\": \"%s\", \"platform\": \"%s\", \"lock_digest\": \"%s\"}\n",
		b->info.version.p, b->info.platform.p, b->info.lock_digest.hex);
	rc = io_write_file(inside(b, "lock").p, b->info.lock, 0666, true, err);
	if (!rc)
		rc = io_write_file(inside(b, "ready").p, buf_str(&text), 0666, true, err);
	buf_release(&text);
	return rc;
}

static void step_finish(struct env_build *b)
{
	struct err err = {0};

	b->info.lock = build_sorted_lines(b);
	b->info.lock_digest = sha256_of(b->info.lock);
	b->info.python = inside(b, "venv/bin/python");
	if (ready_write(b, &err)) {
		build_fail(b, false, "%s", err.text);
		return;
	}
	lock_drop(b);
	env_report(b);
}

void build_go(struct env_build *b)
{
	switch (b->step) {
	case STEP_LOCK:
		if (!step_lock(b))
			return;
		if (build_load(b)) {	/* somebody else has built it meanwhile */
			b->info.cached = true;
			lock_drop(b);
			env_report(b);
			return;
		}
		b->step = STEP_WIPE;
		if (!access(b->folder.p, F_OK)) {
			build_spawn(b,
				    (const char *[]){"/bin/rm", "-rf", "--", b->folder.p},
				    4);
			return;
		}
		b->step = STEP_VENV;
		step_venv(b);
		return;
	case STEP_VENV:
		step_venv(b);
		return;
	case STEP_INSTALL:
		step_install(b);
		return;
	case STEP_FREEZE:
		step_freeze(b);
		return;
	case STEP_FINISH:
		step_finish(b);
		return;
	case STEP_WIPE:
	case STEP_CLEAN:
	case STEP_CHECK:
		BUG("an environment in step %d", (int)b->step);
	}
}
