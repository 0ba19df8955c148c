/* The environment variables that a task sees. */
#include <config.h>

#include <stdlib.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/exec/exec_int.h"

static const char *const passed_on[] = {
	"HOME", "USER", "LANG", "LC_ALL", "TZ",
};

const char *const exec_network[] = {
	"http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy",
	"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY",
	"SSL_CERT_FILE", "SSL_CERT_DIR", NULL,
};

static int check_variable(struct str name, struct str value, struct err *err)
{
	if (!name.n || memchr(name.p, '=', name.n) || memchr(name.p, '\0', name.n))
		return err_set(err,
			       "'%.*s' cannot be the name of an environment variable",
			       STR_ARG(name));
	if (memchr(value.p ? value.p : "", '\0', value.n))
		return err_set(
			err,
			"the value of '%.*s' holds a NUL byte, which an environment "
			"variable cannot",
			STR_ARG(name));
	if (value.n > LIMIT_ENV_BYTES)
		return err_set(
			err,
			"the value of '%.*s' has %zu bytes; over %d KiB it cannot be an "
			"environment variable: hand it on as an artifact",
			STR_ARG(name), value.n, LIMIT_ENV_BYTES >> 10);
	return 0;
}

int exec_setenv(struct exec *e, struct command *c, struct str name, struct str value,
		struct err *err)
{
	char *word;

	if (check_variable(name, value, err))
		return -1;
	word = arena_alloc(&e->scratch, name.n + value.n + 2);
	memcpy(word, name.p, name.n);
	word[name.n] = '=';
	if (value.n)
		memcpy(word + name.n + 1, value.p, value.n);
	for (size_t i = 0; i < c->env.n; i++)
		if (!strncmp(c->env.at[i], word, name.n + 1)) {
			c->env.at[i] = word;
			return 0;
		}
	vec_push(&c->env, word);
	return 0;
}

static struct str task_path(struct exec *e)
{
	const char *path = getenv("PATH");

	if (!path)
		path = "/usr/local/bin:/usr/bin:/bin";
	if (!e->spec->python.n)
		return str_of(path);
	return arena_printf(&e->scratch, "%.*s:%s", STR_ARG(io_dirname(e->spec->python)),
			    path);
}

int exec_own_env(struct exec *e, struct command *c, struct str folder, struct err *err)
{
	const struct exec_spec *s = e->spec;
	struct str attempt = arena_printf(&e->scratch, "%d", s->attempt);

	return exec_setenv(e, c, STR("TMPDIR"),
			   io_join(&e->scratch, folder, STR("work")), err) ||
	       exec_setenv(e, c, STR("KFPC_RUN_ID"), s->run_id, err) ||
	       exec_setenv(e, c, STR("KFPC_TASK"), s->task, err) ||
	       exec_setenv(e, c, STR("KFPC_ATTEMPT"), attempt, err) ? -1 : 0;
}

static int pass_on(struct exec *e, struct command *c, const char *name, struct err *err)
{
	const char *value = getenv(name);

	return value ? exec_setenv(e, c, str_of(name), str_of(value), err) : 0;
}

int exec_base_env(struct exec *e, struct command *c, struct err *err)
{
	if (exec_setenv(e, c, STR("PATH"), task_path(e), err))
		return -1;
	for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
		if (pass_on(e, c, passed_on[i], err))
			return -1;
	for (size_t i = 0; exec_network[i]; i++)
		if (pass_on(e, c, exec_network[i], err))
			return -1;
	/* Without a locale, programs would take text for ASCII. */
	if (!getenv("LANG") && !getenv("LC_ALL"))
		exec_setenv(e, c, STR("LANG"), STR("C.UTF-8"), err);
	for (uint32_t i = 0; i < e->spec->nvars; i++)
		if (exec_setenv(e, c, e->spec->vars[i].name, e->spec->vars[i].value, err))
			return -1;
	return exec_own_env(e, c, e->spec->folder, err);
}
