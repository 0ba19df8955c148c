/* kfpvm: runs a compiled module.  Linked from the runtime alone. */
#include <config.h>

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/base/limits.h"
#include "runtime/rt.h"

enum exit_status {
	DONE, WRONG, USAGE, RUN_FAILED, UNUSABLE, INTERRUPTED = 130,
};

struct args {
	const char *file, *pipeline, *config, *store;
	unsigned jobs;
	bool json, host_env;
	VEC(struct config_source) sources;
	struct arena arena;
};

static const char HELP[] =
	"Usage: kfpvm [OPTION]... FILE.kfpb [PIPELINE]\n\n"
	"Runs a pipeline of a compiled module.\n\n"
	"  -p, --param NAME=VALUE  set a config value; NAME=@F.json reads it from a "
	"file\n"
	"      --config NAME       start from a config of the module\n"
	"  -j, --jobs N            tasks at the same time\n"
	"      --store DIR         the store to use\n"
	"      --env MODE          venv (default) or host\n"
	"      --json              one JSON object about the run at the end\n"
	"      --help              print this text\n"
	"      --version           print the version\n";

/* What may hold words of a component or of a file does nothing to a terminal. */
static void say(const char *before, struct str text)
{
	struct buf out = {0};

	buf_addz(&out, before);
	buf_add_printable(&out, text, true);
	buf_addc(&out, '\n');
	io_write_all(STDERR_FILENO, buf_str(&out));
	buf_release(&out);
}

static int fail(const struct err *err)
{
	say("kfpvm: ", str_of(err->text));
	switch (err->kind) {
	case ERR_INPUT:
		return WRONG;
	case ERR_USAGE:
		return USAGE;
	case ERR_EVAL:
		return RUN_FAILED;
	case ERR_IO:
		break;
	}
	return UNUSABLE;
}

static int usage(const char *text)
{
	fprintf(stderr, "kfpvm: %s\nTry 'kfpvm --help'.\n", text);
	return USAGE;
}

static int take_option(struct args *a, int opt, struct err *err)
{
	switch (opt) {
	case 'p':
		vec_reserve(&a->sources, 1);
		if (run_source_param(optarg, &a->arena, &a->sources.at[a->sources.n],
				     err))
			return -1;
		a->sources.n++;
		return 0;
	case 'c':
		a->config = optarg;
		return 0;
	case 'j':
		return run_parse_jobs(optarg, &a->jobs, err);
	case 's':
		a->store = optarg;
		return 0;
	case 'e':
		a->host_env = !strcmp(optarg, "host");
		if (!a->host_env && strcmp(optarg, "venv"))
			return err_setk(err, ERR_USAGE, "--env is venv or host");
		return 0;
	case 'J':
		a->json = true;
	}
	return 0;
}

/* -1 to go on, else an exit status. */
static int parse_args(struct args *a, int argc, char **argv)
{
	static const struct option longs[] = {
		{"param", required_argument, NULL, 'p'},
		{"config", required_argument, NULL, 'c'},
		{"jobs", required_argument, NULL, 'j'},
		{"store", required_argument, NULL, 's'},
		{"env", required_argument, NULL, 'e'},
		{"json", no_argument, NULL, 'J'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	struct err err;
	int opt;

	while ((opt = getopt_long(argc, argv, "p:j:", longs, NULL)) != -1) {
		if (opt == 'h')
			return fputs(HELP, stdout) == EOF ? UNUSABLE : DONE;
		if (opt == 'V')
			return puts("kfpvm " PACKAGE_VERSION) == EOF ? UNUSABLE : DONE;
		if (opt == '?')
			return USAGE;
		if (take_option(a, opt, &err))
			return fail(&err);
	}
	if (optind == argc)
		return usage("a file is wanted");
	if (argc - optind > 2)
		return usage("too many arguments");
	a->file = argv[optind];
	a->pipeline = argv[optind + 1];
	return -1;
}

static void tell(void *arg, const struct run_event *e)
{
	struct buf line = {0};

	(void)arg;
	if (e->kind == RUN_EVENT_TASK && e->state != TASK_RUNNING)
		buf_addf(&line, "%.*s %s%s%.*s", STR_ARG(e->task),
			 task_state_name(e->state), e->text.n ? ": " : "",
			 STR_ARG(e->text));
	else if (e->kind == RUN_EVENT_ENV && e->text.n)
		buf_addf(&line, "%.*s: %.*s", STR_ARG(e->task), STR_ARG(e->text));
	if (line.n)
		say("", buf_str(&line));
	buf_release(&line);
}

static int report(const struct args *a, const struct run_result *result)
{
	struct buf out = {0};
	int status = str_is(result->state, "succeeded") ? DONE
		     : str_is(result->state, "cancelled") ? INTERRUPTED : RUN_FAILED;

	buf_addf(&out, "run %s %.*s%s%.*s", result->id, STR_ARG(result->state),
		 result->error.n ? ": " : "", STR_ARG(result->error));
	say("", buf_str(&out));
	buf_clear(&out);
	if (a->json) {
		run_report_json(result, STR(""), &out);
		if (io_write_all(STDOUT_FILENO, buf_str(&out))) {
			perror("kfpvm: cannot write the output");
			status = UNUSABLE;
		}
	}
	buf_release(&out);
	return status;
}

static int run_module(struct args *a, const struct module *m, struct str bytes)
{
	struct run_opts opts = {.jobs = a->jobs,
				.env_mode = a->host_env ? ENV_HOST : ENV_VENV,
				.observe = tell,
				.name = STR(""),
				.folder = io_dirname(str_of(a->file)),
				.argv_json = STR("[\"kfpvm\"]")};
	uint32_t pipeline, config = MODULE_NONE;
	struct run_config values;
	struct run_result result;
	struct buf errors = {0};
	struct store *store = NULL;
	struct err err;
	int status;

	if (run_pick_pipeline(m, a->pipeline, &pipeline, &err) ||
	    (a->config && run_pick_config(m, pipeline, a->config, &config, &err)) ||
	    run_config_make(m, pipeline, config, a->sources.at, a->sources.n, &a->arena,
			    &values, &errors, &err) ||
	    !(store = store_open(store_locate(a->store, &a->arena).p, STORE_WRITE,
				 &err)) ||
	    run_pipeline(m, bytes, pipeline, &values, store, &opts, &a->arena, &result,
			 &err)) {
		if (errors.n)
			say("", str_trim(buf_str(&errors)));
		status = fail(&err);
	} else {
		status = report(a, &result);
	}
	if (store)
		store_close(store);
	buf_release(&errors);
	return status;
}

int main(int argc, char **argv)
{
	struct args a = {0};
	struct buf bytes = {0};
	struct module *m = NULL;
	struct err err;
	int status;

	if (argc == 3 && !strcmp(argv[1], NATIVE_HOST_OPTION))
		return native_host(argv[2]);
	if (argc == 3 && !strcmp(argv[1], LOAD_HOST_OPTION))
		return load_host(argv[2]);
	io_open_standard();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);	/* beyond `ulimit -f` a write fails */
	status = parse_args(&a, argc, argv);
	if (status < 0) {
		if (io_read_file(a.file, LIMIT_FILE_BYTES, &bytes, &err) ||
		    !(m = module_load(buf_str(&bytes), a.file, &err)))
			status = fail(&err);
		else
			status = run_module(&a, m, buf_str(&bytes));
	}
	module_free(m);
	buf_release(&bytes);
	vec_release(&a.sources);
	arena_release(&a.arena);
	return status;
}
