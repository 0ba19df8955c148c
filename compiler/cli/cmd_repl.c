/* `kfpc repl`: what the REPL wants of the command line. */
#include <config.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/cli/cli.h"
#include "compiler/cli/pyrun.h"
#include "compiler/cli/run_summary.h"
#include "compiler/cli/source.h"
#include "compiler/repl/repl.h"
#include "runtime/base/io.h"
#include "runtime/vm/run_args.h"

struct host {
	struct progress progress;	/* of the step at hand */
};

static void check_contents(const char *path, struct compilation *c)
{
	pyrun_check(path, c->parts, c->lowered.decls, &c->src, &c->diags);
}

static _Noreturn void be_verb(int argc, const char *const *argv)
{
	static const int signals[] = {SIGINT, SIGHUP, SIGTERM, SIGWINCH, SIGCONT};
	int status;

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_DFL);
	status = cli_verb(argc, argv);
	fflush(NULL);
	_exit(status);
}

/* With a person there it is a process of its own: what goes on until Ctrl-C (`:logs -f`)
 * ends by it, and the session does not. */
static int verb(void *ctx, int argc, const char *const *argv)
{
	struct sigaction ignored = {.sa_handler = SIG_IGN}, before;
	int status = 0;
	pid_t pid;

	(void)ctx;
	fflush(NULL);
	pid = isatty(STDIN_FILENO) ? fork() : -1;
	if (pid < 0)
		return cli_verb(argc, argv);
	if (!pid)
		be_verb(argc, argv);
	sigaction(SIGINT, &ignored, &before);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &before, NULL);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void progress_begin(void *ctx)
{
	struct host *h = ctx;

	progress_release(&h->progress);
	progress_init(&h->progress, PROGRESS_AUTO, STDERR_FILENO);
	h->progress.is_brief = true;
}

static void on_event(void *ctx, const struct run_event *e)
{
	struct host *h = ctx;

	progress_event(&h->progress, e);
}

static void progress_end(void *ctx)
{
	struct host *h = ctx;

	progress_finish(&h->progress);
}

static void failures(void *ctx, const struct run_result *r, struct buf *out)
{
	struct host *h = ctx;

	run_summary_failures(&h->progress, r, SUMMARY_REPL, out);
}

static int run_repl(struct cli *c, struct repl_opts *o)
{
	struct host h = {0};
	const struct repl_host host = {
		.ctx = &h, .loader = source_loader(c), .verb = verb,
		.check_contents = cli_has(c, OPT_repl_no_python) ? NULL : check_contents,
		.progress_begin = progress_begin, .progress_event = on_event,
		.progress_end = progress_end, .failures = failures,
	};
	int rc;

	progress_init(&h.progress, PROGRESS_AUTO, STDERR_FILENO);
	o->run.tick_ms = progress_tick_ms(&h.progress);
	rc = repl(&host, o);
	progress_release(&h.progress);
	return rc;
}

int cmd_repl(struct cli *c)
{
	const char *env = cli_get(c, OPT_repl_env), *jobs = cli_get(c, OPT_repl_jobs);
	const char **expressions =
		ARENA_ARRAY(&c->arena, (size_t)c->ngiven + 1, const char *);
	struct repl_opts o = {.store = cli_get(c, OPT_repl_store),
			      .expressions = expressions,
			      .is_json = cli_has(c, OPT_repl_json),
			      .colour = cli_colour(STDOUT_FILENO)};
	struct err err;

	if (c->nargs > 1)
		return cli_usage(c, "one file at most is wanted; :load takes others");
	if (env && strcmp(env, "venv") && strcmp(env, "host"))
		return cli_usage(c, "--env is venv or host, not '%s'", env);
	if (jobs && run_parse_jobs(jobs, &o.run.jobs, &err))
		return cli_usage(c, "%s", err.text);
	for (int i = 0; i < c->ngiven; i++)
		if (c->given[i].option == OPT_repl_evaluate)
			expressions[o.nexpressions++] = c->given[i].value;
	o.file = c->nargs ? c->args[0] : NULL;
	o.run.env_mode = env && !strcmp(env, "host") ? ENV_HOST : ENV_VENV;
	o.run.folder = o.file ? io_dirname(str_of(o.file)) : STR(".");
	o.run.argv_json = cli_argv_json(c);
	return run_repl(c, &o);
}
