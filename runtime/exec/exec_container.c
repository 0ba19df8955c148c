/* container:, run by podman or docker.
 *
 * The client of the engine is our child and stays until the container ends; what it
 * prints is the container's output.  SIGTERM reaches the container through it.  Where the
 * client was killed the container goes on, so it is removed by its name afterwards; a
 * small watcher beside the client does the same where we are killed ourselves. */
#include <config.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/sha256.h"
#include "runtime/exec/engine.h"
#include "runtime/exec/exec_int.h"

extern char **environ;

static const char SWEEP[] = "\"$2\" kill \"$1\"; exec \"$2\" rm -f \"$1\"";

/* $1 the container, $2 and so on the command.  The client takes the place of the shell;
 * the watcher is in its process group, and ends with it while we live. */
static const char RUN[] =
	"name=$1\n"
	"shift\n"
	"(\n"
	"	exec </dev/null >/dev/null 2>&1\n"
	"	ppid=$$\n"
	"	while [ \"$ppid\" = $$ ]; do\n"
	"		sleep 1\n"
	"		read -r _ _ _ ppid _ </proc/self/stat || exit\n"
	"	done\n"
	"	\"$1\" kill \"$name\"\n"
	"	exec \"$1\" rm -f \"$name\"\n"
	") &\n"
	"exec \"$@\"\n";

static void add_word(struct exec *e, struct command *c, struct str s)
{
	vec_push(&c->argv, exec_word(e, s));
}

static void add_option(struct exec *e, struct command *c, const char *option,
		       struct str s)
{
	add_word(e, c, str_of(option));
	add_word(e, c, s);
}

/* "kfpc-RUN-sub-fit-1a2b3c4d-1": of what engines allow, and another one for each
 * attempt. */
static struct str container_name(struct exec *e)
{
	enum { SHOWN = 40, DISTINCT = 8 };
	const struct exec_spec *s = e->spec;
	struct str task = str_sub(s->task, 0, SHOWN);
	struct digest d = sha256_of(s->task);
	struct buf b = {0};
	struct str out;

	buf_addf(&b, "kfpc-%.*s-%.*s-%.*s-%d", STR_ARG(s->run_id), STR_ARG(task),
		 DISTINCT, d.hex, s->attempt);
	for (size_t i = 0; i < b.n; i++) {
		char k = b.p[i];

		if (!(k == '-' || k == '_' || k == '.' || (k >= '0' && k <= '9') ||
		      (k >= 'A' && k <= 'Z') || (k >= 'a' && k <= 'z')))
			b.p[i] = '-';
	}
	out = arena_str(&e->scratch, buf_str(&b));
	buf_release(&b);
	return out;
}

/* Mounts */

/* --mount takes a list with commas, -v one with colons; a path relative to the current
 * folder (work) has neither, and podman takes that too. */
static int add_mount(struct exec *e, struct command *c, const struct engine *engine,
		     const char *name, bool read_only, struct err *err)
{
	struct str from = exec_path(e, name);
	const char *mode = read_only ? ":ro" : "";

	if (!strpbrk(from.p, ",\"")) {
		add_option(e, c, "--mount",
			   arena_printf(&e->scratch,
					"type=bind,source=%s,target=" CONTAINER_ROOT
					"/%s%s",
					from.p, name, read_only ? ",readonly" : ""));
		return 0;
	}
	if (engine->is_podman)
		from = arena_printf(&e->scratch, "../%s", name);
	else if (strchr(from.p, ':'))
		return err_set(err,
			       "%s cannot mount %s, whose name has both a comma or a "
			       "quote and a colon",
			       engine->name, from.p);
	add_option(e, c, "-v",
		   arena_printf(&e->scratch, "%s:" CONTAINER_ROOT "/%s%s", from.p, name,
				mode));
	return 0;
}

static int add_mounts(struct exec *e, struct command *c, const struct engine *engine,
		      struct err *err)
{
	static const struct { const char *name; bool read_only; } folders[] = {
		{"in", true}, {"out", false}, {"val", false}, {"work", false},
	};
	struct stat st;

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (!stat(exec_path(e, folders[i].name).p, &st) &&
		    add_mount(e, c, engine, folders[i].name, folders[i].read_only, err))
			return -1;
	return 0;
}

/* Variables */

/* Would the client itself heed a variable of this name? */
static bool is_the_clients(struct str name)
{
	static const char *const NAMES[] = {
		"PATH",    "HOME",       "USER", "TMPDIR",      "LANG", "ENV",
		"GODEBUG", "GOMAXPROCS", "GOGC", "GOTRACEBACK",
	};
	static const char *const PREFIXES[] = {
		"LD_",       "LC_",      "XDG_",     "DOCKER_", "CONTAINER",
		"REGISTRY_", "STORAGE_", "BUILDAH_", "PODMAN_", "DBUS_",
		"SSL_",      "TMP",      "_",       "KFPC_PROC",
	};

	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
		if (str_is(name, NAMES[i]))
			return true;
	for (size_t i = 0; i < sizeof PREFIXES / sizeof *PREFIXES; i++)
		if (str_has_prefix(name, str_of(PREFIXES[i])))
			return true;
	return str_has_suffix(name, STR("_proxy")) || str_has_suffix(name, STR("_PROXY"));
}

static bool is_secret(const struct exec *e, struct str name)
{
	for (uint32_t i = 0; i < e->spec->nvars; i++)
		if (e->spec->vars[i].is_secret && str_eq(e->spec->vars[i].name, name))
			return true;
	return false;
}

/* Each variable ("NAME=value") is handed to the client and only named on its command
 * line, which everyone on the machine could read. */
static int add_variable(struct exec *e, struct command *c, struct str var,
			struct err *err)
{
	size_t end = str_find(var, STR("="), 0);
	struct str name = str_sub(var, 0, end);

	if (!is_the_clients(name)) {
		add_option(e, c, "--env", name);
		return exec_setenv(e, c, name, str_sub(var, end + 1, var.n), err);
	}
	if (is_secret(e, name))
		return err_set(err,
			       "a secret cannot be called '%.*s' in a container: the "
			       "engine would heed it",
			       STR_ARG(name));
	add_option(e, c, "--env", var);
	return 0;
}

static int collect_variables(struct exec *e, struct command *vars, struct err *err)
{
	for (size_t i = 0; exec_network[i]; i++) {
		const char *value = getenv(exec_network[i]);

		/* Files with certificates are not there in the container. */
		if (value && !str_has_prefix(str_of(exec_network[i]), STR("SSL_")) &&
		    exec_setenv(e, vars, str_of(exec_network[i]), str_of(value), err))
			return -1;
	}
	for (uint32_t i = 0; i < e->spec->nvars; i++)
		if (exec_setenv(e, vars, e->spec->vars[i].name, e->spec->vars[i].value,
				err))
			return -1;
	return exec_own_env(e, vars, STR(CONTAINER_ROOT), err);
}

/* The client gets all that we have; the container what was set for the task. */
static int add_variables(struct exec *e, struct command *c, struct err *err)
{
	struct command vars = {0};
	int rc = collect_variables(e, &vars, err);

	vec_clear(&c->env);
	for (char **var = environ; *var; var++)
		vec_push(&c->env, *var);
	for (size_t i = 0; i < vars.env.n && !rc; i++)
		rc = add_variable(e, c, str_of(vars.env.at[i]), err);
	vec_release(&vars.argv);
	vec_release(&vars.env);
	return rc;
}

/* Files have to end up as ours. */
static void add_user(struct exec *e, struct command *c, const struct engine *engine)
{
	unsigned uid = engine->is_rootless ? 0 : (unsigned)geteuid();
	unsigned gid = engine->is_rootless ? 0 : (unsigned)getegid();

	add_option(e, c, "--user", arena_printf(&e->scratch, "%u:%u", uid, gid));
	if (uid)	/* who has no home in the image */
		add_option(e, c, "--env", STR("HOME=" CONTAINER_ROOT "/work"));
}

/* podman takes one at a time by its name in the CDI, docker a list (within a list, so in
 * quotes). */
static void add_gpus(struct exec *e, struct command *c, const struct engine *engine)
{
	struct str rest = e->spec->gpus;

	if (rest.n && !engine->is_podman)
		add_option(e, c, "--gpus", arena_printf(&e->scratch, "\"device=%.*s\"",
							STR_ARG(rest)));
	while (rest.n && engine->is_podman) {
		size_t end = str_find(rest, STR(","), 0);

		add_option(e, c, "--device",
			   arena_printf(&e->scratch, "nvidia.com/gpu=%.*s",
					STR_ARG(str_sub(rest, 0, end))));
		rest = str_sub(rest, end + 1, rest.n);
	}
}

static void add_limits(struct exec *e, struct command *c)
{
	if (e->spec->cpu_limit > 0)
		add_option(e, c, "--cpus",
			   arena_printf(&e->scratch, "%.3f", e->spec->cpu_limit));
	if (e->spec->memory_limit > 0)
		add_option(e, c, "--memory",
			   arena_printf(&e->scratch, "%lldb",
					(long long)e->spec->memory_limit));
}

static int add_words(struct exec *e, struct command *c, const struct str *words,
		     uint32_t n, struct err *err)
{
	for (uint32_t i = 0; i < n; i++) {
		if (words[i].n && memchr(words[i].p, '\0', words[i].n))
			return err_set(err, "a word of the command holds a NUL byte");
		add_word(e, c, words[i]);
	}
	return 0;
}

/* The image and what it runs. */
static int add_program(struct exec *e, struct command *c, const struct engine *engine,
		       struct err *err)
{
	const struct exec_spec *s = e->spec;

	if (s->ncommand) {
		add_word(e, c, STR("--entrypoint"));
		if (add_words(e, c, s->command, 1, err))
			return -1;
	}
	add_word(e, c, engine_image(engine, s->image, &e->scratch));
	if (s->ncommand && add_words(e, c, s->command + 1, s->ncommand - 1, err))
		return -1;
	return add_words(e, c, s->args, s->nargs, err);
}

int exec_container_command(struct exec *e, struct command *c, struct err *err)
{
	const struct engine *engine = engine_find(err);
	const struct exec_spec *s = e->spec;

	if (!engine)
		return -1;
	e->container = container_name(e);
	add_word(e, c, STR("/bin/sh"));
	add_option(e, c, "-c", str_of(RUN));
	add_word(e, c, STR("kfpc"));
	add_word(e, c, e->container);
	add_word(e, c, str_of(engine->path));
	add_word(e, c, STR("run"));
	add_word(e, c, STR("--rm"));
	add_option(e, c, "--name", e->container);
	add_option(e, c, "--label", arena_printf(&e->scratch, "kfpc.run=%.*s",
						 STR_ARG(s->run_id)));
	add_option(e, c, "--label", arena_printf(&e->scratch, "kfpc.task=%.*s",
						 STR_ARG(s->task)));
	add_option(e, c, "--security-opt", STR("label=disable"));
	add_user(e, c, engine);
	add_limits(e, c);
	add_gpus(e, c, engine);
	if (add_variables(e, c, err) || add_mounts(e, c, engine, err))
		return -1;
	return add_program(e, c, engine, err);
}

/* The end */

static void on_swept(void *arg, const struct proc_end *end)
{
	struct exec *e = arg;

	(void)end;
	e->swept(e);
}

bool exec_container_sweep(struct exec *e, void (*done)(struct exec *e))
{
	const struct engine *engine = e->container.n ? engine_find(NULL) : NULL;
	struct proc_handler h = {NULL, on_swept, e};
	struct command c = {0};
	bool started;

	if (!engine || (e->ended_as == EXEC_OK && !e->end.signal))
		return false;
	add_word(e, &c, STR("/bin/sh"));
	add_option(e, &c, "-c", str_of(SWEEP));
	add_word(e, &c, STR("kfpc"));
	add_word(e, &c, e->container);
	add_word(e, &c, str_of(engine->path));
	vec_push(&c.argv, NULL);
	e->swept = done;
	started = proc_start(e->loop, &(struct proc_spec){c.argv.at, environ, "/"}, &h,
			     NULL);
	vec_release(&c.argv);
	return started;
}

/* What the engine itself said last: "Error: ..." of podman, "docker: ..." of docker. */
static struct str engine_message(const struct exec *e)
{
	static const char *const MARKS[] = {
		"Error: ", "docker: ", "Error response from "};
	struct str tail = {e->tail, e->ntail};
	struct str found = STR("");

	for (size_t at = 0, end; at < tail.n; at = end + 1) {
		struct str line;

		end = str_find(tail, STR("\n"), at);
		line = str_sub(tail, at, end);
		for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++)
			if (str_has_prefix(line, str_of(MARKS[i])))
				found = str_trim(str_sub(
					line, i < 2 ? strlen(MARKS[i]) : 0, line.n));
	}
	return found;
}

static void fail_start(struct exec *e, struct exec_result *r, struct str message)
{
	const struct exec_spec *s = e->spec;
	const char *engine = engine_find(NULL)->name;
	struct str program = s->ncommand ? s->command[0] : STR("its program");

	if (r->exit_code == 127)
		exec_fail(e, r, "the image '%.*s' has no '%.*s': %.*s", STR_ARG(s->image),
			  STR_ARG(program), STR_ARG(message));
	else if (r->exit_code == 126)
		exec_fail(e, r, "'%.*s' of the image '%.*s' cannot be run: %.*s",
			  STR_ARG(program), STR_ARG(s->image), STR_ARG(message));
	else
		exec_fail(e, r, "%s could not run the image '%.*s': %.*s", engine,
			  STR_ARG(s->image), STR_ARG(message));
}

static void fail(struct exec *e, struct exec_result *r)
{
	struct str message = engine_message(e);
	int killed_by = r->signal ? r->signal : r->exit_code - 128;

	if (r->exit_code >= 125 && r->exit_code <= 127 && message.n)
		fail_start(e, r, message);
	else if (killed_by == 9)
		exec_fail(e, r,
			  "ended by signal 9 (Killed): perhaps it ran out of memory%s",
			  e->spec->memory_limit ? ", of which it has a limit" : "");
	else if (killed_by > 0 && killed_by < 32)
		exec_fail(e, r, "ended by signal %d (%s)", killed_by,
			  strsignal(killed_by));
	else
		exec_fail(e, r, "exit status %d", r->exit_code);
}

void exec_container_collect(struct exec *e, struct exec_result *r)
{
	if (r->signal || r->exit_code)
		fail(e, r);
	else
		exec_collect_values(e, r);
}
