#include <config.h>

#include <unistd.h>

#include "compiler/cli/config_args.h"
#include "compiler/cli/run_summary.h"
#include "compiler/cli/source.h"
#include "runtime/base/io.h"
#include "runtime/base/utf8.h"
#include "runtime/rt.h"

struct running {		/* one `kfpc run` */
	struct cli *c;
	struct progress progress;
	struct module *m;
	struct buf bytes;
	struct run_opts opts;
	struct run_result result;
	bool has_result;
	struct str error;	/* why there is no result, for --json */
};

/* A name is a word of other commands and of their tables: `@last` and `RUN/TASK` mean
 * something else there. */
static bool is_run_name(const char *name)
{
	struct str s = str_of(name);

	if (str_has_prefix(s, STR("@")) || str_find(s, STR("/"), 0) < s.n)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return s.n && utf8_invalid_at(s) == s.n;
}

static int parse_machine(struct running *r)
{
	const char *given[RESOURCE_N] = {
		[RESOURCE_CPU] = cli_get(r->c, OPT_run_cpu),
		[RESOURCE_MEMORY] = cli_get(r->c, OPT_run_memory),
		[RESOURCE_GPU] = cli_get(r->c, OPT_run_gpu),
	};
	struct err err;

	for (int i = 0; i < RESOURCE_N; i++)
		if (given[i] &&
		    machine_parse((enum resource)i, given[i], &r->opts.machine, &err))
			return cli_usage(r->c, "%s", err.text);
	return EXIT_DONE;
}

static int parse_opts(struct running *r)
{
	const char *how = cli_get(r->c, OPT_run_progress),
		   *jobs = cli_get(r->c, OPT_run_jobs);
	const char *env = cli_get(r->c, OPT_run_env), *name = cli_get(r->c, OPT_run_name);
	enum progress_kind kind = how ? progress_find(how) : PROGRESS_AUTO;
	struct err err;

	if (kind == PROGRESS_NKINDS)
		return cli_usage(
			r->c, "--progress is auto, tty, plain, json or quiet, not '%s'",
			how);
	if (env && strcmp(env, "venv") && strcmp(env, "host"))
		return cli_usage(r->c, "--env is venv or host, not '%s'", env);
	if (name && !is_run_name(name))
		return cli_usage(r->c, "--name wants one line of text, without '/' and "
				       "without '@' at its beginning");
	if (jobs && run_parse_jobs(jobs, &r->opts.jobs, &err))
		return cli_usage(r->c, "%s", err.text);
	if (r->c->nargs < 1 || r->c->nargs > 2)
		return cli_usage(r->c, "a file is wanted, and perhaps a pipeline");
	r->opts.folder = io_dirname(str_of(r->c->args[0]));
	progress_init(&r->progress, kind, STDERR_FILENO);
	r->opts.env_mode = env && !strcmp(env, "host") ? ENV_HOST : ENV_VENV;
	r->opts.name = name ? str_of(name) : STR("");
	r->opts.observe = progress_event;
	r->opts.arg = &r->progress;
	r->opts.tick_ms = progress_tick_ms(&r->progress);
	return parse_machine(r);
}

static int fail(struct running *r, const struct err *err)
{
	r->error = arena_str(&r->c->arena, str_of(err->text));
	return cli_fail(err);
}

static int run_in_store(struct running *r, uint32_t pipeline,
			const struct run_config *config)
{
	struct str path = store_locate(cli_get(r->c, OPT_run_store), &r->c->arena);
	struct err err;
	struct store *s = store_open(path.p, STORE_WRITE, &err);
	int rc;

	if (!s)
		return fail(r, &err);
	r->opts.argv_json = cli_argv_json(r->c);
	progress_plan(&r->progress, r->m, pipeline);
	rc = run_pipeline(r->m, buf_str(&r->bytes), pipeline, config, s, &r->opts,
			  &r->c->arena, &r->result, &err);
	progress_finish(&r->progress);
	r->has_result = !rc;
	if (rc)
		rc = fail(r, &err);
	store_close(s);
	return rc;
}

static int run_file(struct running *r)
{
	static const struct config_options options = {
		OPT_run_param, OPT_run_config, OPT_run_config_file,
	};
	struct run_config config;
	uint32_t pipeline;
	int rc = source_load(r->c, r->c->args[0], 0, &r->m, &r->bytes);

	if (rc) {
		r->error = arena_printf(&r->c->arena, "%s %s (standard error says more)",
					r->c->args[0], rc == EXIT_WRONG
					? "has errors" : "could not be loaded");
		return rc;
	}
	rc = config_from_args(r->c, &options, r->m, &pipeline, &config, &r->error);
	return rc ? rc : run_in_store(r, pipeline, &config);
}

static int result_status(const struct run_result *r)
{
	if (str_is(r->state, "succeeded"))
		return EXIT_DONE;
	return str_is(r->state, "cancelled") ? EXIT_INTERRUPTED : EXIT_RUN_FAILED;
}

/* Failures go to standard error; the summary, or the JSON object, is the result. */
static int report(struct running *r, int rc)
{
	struct buf errors = {0}, out = {0};
	int printed;

	if (r->has_result) {
		rc = result_status(&r->result);
		if (rc != EXIT_DONE)
			run_summary_failures(&r->progress, &r->result, SUMMARY_SHELL,
					     &errors);
	}
	if (cli_has(r->c, OPT_run_json))
		run_report_json(r->has_result ? &r->result : NULL, r->error, &out);
	else if (r->has_result)
		run_summary(r->c, &r->result, &out);
	if (errors.n && r->progress.kind != PROGRESS_JSON)
		io_write_all(STDERR_FILENO, buf_str(&errors));
	printed = out.n ? cli_print(&out) : EXIT_DONE;
	buf_release(&errors);
	buf_release(&out);
	return rc ? rc : printed;
}

int cmd_run(struct cli *c)
{
	struct running r = {.c = c, .error = STR("")};
	int rc = parse_opts(&r);

	if (rc)
		return rc;
	rc = report(&r, run_file(&r));
	progress_release(&r.progress);
	buf_release(&r.bytes);
	module_free(r.m);
	return rc;
}
