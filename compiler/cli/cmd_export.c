#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "compiler/cli/export_argo.h"
#include "compiler/cli/look.h"
#include "compiler/cli/output.h"
#include "compiler/cli/source.h"
#include "compiler/cli/target.h"
#include "compiler/export/export.h"
#include "compiler/export/graph/graph_run.h"
#include "compiler/export/image.h"
#include "runtime/base/limits.h"
#include "runtime/exec/exec.h"
#include "runtime/vm/run_args.h"

static const char *const SUMMARIES[] = {
#define EXPORT(name, summary, ending) summary,
#include "compiler/export/export.def"
#undef EXPORT
};
static const char *const ENDINGS[] = {
#define EXPORT(name, summary, ending) ending,
#include "compiler/export/export.def"
#undef EXPORT
};

static int no_such_target(const struct cli *c, struct str name)
{
	struct suggestion near = {.wanted = name};
	struct buf b = {0};
	int rc;

	for (int i = 0; i < EXPORT_N; i++) {
		const char *target = export_name((enum export_target)i);

		suggest(&near, str_of(target));
		buf_addf(&b, "\n  %-8s %s", target, SUMMARIES[i]);
	}
	if (near.best.n)
		rc = cli_usage(c, "there is no '%.*s'; did you mean '%.*s'?", STR_ARG(name),
			       STR_ARG(near.best));
	else
		rc = cli_usage(c, "there is no '%.*s'; there are:%s", STR_ARG(name),
			       buf_cstr(&b));
	buf_release(&b);
	return rc;
}

/* As the compiler says what is wrong, without the line itself: a module has no source
 * text. */
static void print_faults(const struct export *x)
{
	for (size_t i = 0; i < x->faults.n; i++) {
		const struct export_fault *f = &x->faults.at[i];
		struct str place = module_loc(x->m, f->loc, x->a);

		fprintf(stderr, "%s %s: %.*s\n",
			diag_code_is_error(f->code) ? "error" : "warning",
			diag_code_name(f->code), STR_ARG(f->text));
		if (place.n)
			fprintf(stderr, " --> %.*s\n", STR_ARG(place));
		fputc('\n', stderr);
	}
	if (x->nerrors)
		fprintf(stderr, "%u error%s\n", x->nerrors, x->nerrors == 1 ? "" : "s");
}

static void explain_cell(struct table *t, struct str cell)
{
	table_cell(t, cell.n ? cell : STR("-"));
}

/* In place of the file: what is in it that the program has no line for, and what of the
 * program is not in it. */
static void explain(const struct export *x, struct buf *out)
{
	struct table *t = table_new(x->a, 4);

	if (x->extras.n) {
		table_cell(t, STR("TASK"));
		table_cell(t, STR("WHY"));
		table_cell(t, STR("LINE"));
		table_cell(t, STR("EXPRESSION"));
	} else {
		buf_addz(out, "every task is one of the program\n");
	}
	for (size_t i = 0; i < x->extras.n; i++) {
		const struct export_extra *e = &x->extras.at[i];

		explain_cell(t, e->task);
		explain_cell(t, str_of(e->why));
		explain_cell(t, module_loc(x->m, e->loc, x->a));
		explain_cell(t, e->text);
	}
	table_print(t, 0, out);
	for (size_t i = 0; i < x->faults.n; i++)
		buf_addf(out, "%s%.*s: %.*s\n",
			 i ? "" : "\nwhat is left out\n",
			 STR_ARG(module_loc(x->m, x->faults.at[i].loc, x->a)),
			 STR_ARG(x->faults.at[i].text));
}

static int deliver(struct cli *c, struct str name, struct buf *out)
{
	return output_deliver(c, cli_get(c, OPT_export_output), name, out);
}

static bool is_picture(enum export_target t)
{
	return t == EXPORT_dot || t == EXPORT_mermaid || t == EXPORT_json;
}

/* What the graphs need of a run, without the store. */
static const struct export_run *run_of(struct cli *c, const struct run_view *v)
{
	struct export_run *r = ARENA_NEW(&c->arena, struct export_run);
	struct export_task *tasks =
		ARENA_ARRAY(&c->arena, v->tasks.n, struct export_task);
	struct export_loop *loops =
		ARENA_ARRAY(&c->arena, v->loops.n, struct export_loop);

	for (size_t i = 0; i < v->tasks.n; i++) {
		const struct view_task *t = v->tasks.at[i];

		tasks[i] = (struct export_task){t->path, t->state, t->started_ms,
						t->ended_ms};
	}
	for (size_t i = 0; i < v->loops.n; i++) {
		const struct view_loop *l = &v->loops.at[i];

		loops[i] = (struct export_loop){l->path, l->niterations, l->reason.n > 0};
	}
	*r = (struct export_run){
		.id = str_of(v->id), .name = v->name, .state = v->state,
		.started_ms = v->created_ms, .ended_ms = v->ended_ms,
		.tasks = tasks, .ntasks = v->tasks.n, .loops = loops, .nloops = v->loops.n,
	};
	return r;
}

/* The run's program may have been another version of this one: then its tasks may have
 * other addresses.  That of a session was typed, and is in no file. */
static void compare_versions(const struct module *m, const struct look *l)
{
	const struct value *digest = value_get(l->view.header, STR("module"));

	if (!l->view.is_session && digest && digest->kind == VALUE_STR &&
	    !str_eq(*digest->s, digest_str(&m->digest)))
		fprintf(stderr, "kfpc export: run %.*s was made by another version of this "
			"program; tasks that it has not are left plain\n",
			STR_ARG(run_short_id(l->view.id)));
}

static int parse_depth(struct cli *c, uint32_t *out)
{
	const char *text = cli_get(c, OPT_export_depth);
	char *end;
	long n;

	*out = EXPORT_DEPTH;
	if (!text)
		return EXIT_DONE;
	n = strtol(text, &end, 10);
	if (*end || end == text || n < 0 || n > LIMIT_CALL_DEPTH)
		return cli_usage(c, "--depth wants a number from 0 to %d, not '%s'",
				 LIMIT_CALL_DEPTH, text);
	*out = (uint32_t)n;
	return EXIT_DONE;
}

/* The pipeline that is named, or the run's, or the only one.  That of a session has another
 * name where it was saved. */
static int pick_pipeline(struct cli *c, struct export *x, const struct look *l)
{
	const char *name = c->nargs > 2 ? c->args[2] : NULL;
	bool is_of_run = l->is_loaded && !l->view.is_session;
	struct err err;

	if (!name && is_of_run)
		name = arena_str(&c->arena, l->view.pipeline).p;
	if (run_pick_pipeline(x->m, name, &x->pipeline, &err))
		return cli_fail(&err);
	if (is_of_run && !str_eq(l->view.pipeline, x->m->pipelines[x->pipeline].name))
		return cli_usage(c, "run %.*s is one of pipeline '%.*s', not of '%s'",
				 STR_ARG(run_short_id(l->view.id)),
				 STR_ARG(l->view.pipeline), name);
	return EXIT_DONE;
}

static int pick_config(struct cli *c, struct export *x)
{
	const char *name = cli_get(c, OPT_export_config);
	struct err err;

	if (name && run_pick_config(x->m, x->pipeline, name, &x->config, &err))
		return cli_fail(&err);
	return EXIT_DONE;
}

/* Only Kubeflow has more than one way to run Python. */
static int parse_runtime(struct cli *c, bool is_kfp, bool *sdk_form)
{
	static const char *const words[] = {"embedded", "kfp", NULL};
	const char *text = cli_get(c, OPT_export_python_runtime);
	int which;

	*sdk_form = false;
	if (!text)
		return EXIT_DONE;
	if (!is_kfp)
		return cli_usage(c, "--python-runtime is for kfp and component");
	which = export_word(c, OPT_export_python_runtime, str_of(text), words);
	*sdk_form = which == 1;
	return which < 0 ? EXIT_USAGE : EXIT_DONE;
}

static int write_out(struct cli *c, enum export_target target, struct module *m,
		     const struct look *l, const struct argo_options *argo)
{
	struct export x = {.m = m, .a = &c->arena, .config = MODULE_NONE,
			   .argo = *argo, .helper = exec_python_helper(),
			   .driver = exec_notebook_driver()};
	struct buf out = {0};
	int rc = parse_depth(c, &x.depth);

	rc = rc ? rc : parse_runtime(c, target == EXPORT_kfp, &x.sdk_form);
	rc = rc ? rc : pick_pipeline(c, &x, l);
	rc = rc ? rc : pick_config(c, &x);
	if (!rc && l->is_loaded) {
		compare_versions(m, l);
		x.run = run_of(c, &l->view);
	}
	if (!rc) {
		rc = export_write(target, &x, &out) ? EXIT_WRONG : EXIT_DONE;
		if (rc || !cli_has(c, OPT_export_explain))
			print_faults(&x);
		rc = x.broken.n ? target_broken("export", target, &x) : rc;
	}
	if (!rc && cli_has(c, OPT_export_explain)) {
		buf_clear(&out);
		explain(&x, &out);
	}
	if (!rc)
		rc = deliver(c, output_name(c, c->args[1], ENDINGS[target]), &out);
	vec_release(&x.faults);
	vec_release(&x.extras);
	buf_release(&out);
	return rc;
}

static uint32_t find_component(const struct module *m, struct str name,
			       struct suggestion *near)
{
	*near = (struct suggestion){.wanted = name};
	for (uint32_t i = 0; i < m->ncomponents; i++) {
		if (str_eq(m->components[i].name, name) &&
		    m->components[i].code_kind != CODE_LOAD)
			return i;
		suggest(near, m->components[i].name);
	}
	return MODULE_NONE;
}

static int write_component(struct cli *c, struct module *m, struct buf *out)
{
	struct export x = {.m = m, .a = &c->arena, .config = MODULE_NONE,
			   .helper = exec_python_helper(),
			   .driver = exec_notebook_driver()};
	struct str name = str_of(c->args[2]);
	struct suggestion near;
	uint32_t found = find_component(m, name, &near);
	int rc;

	if (found == MODULE_NONE && near.best.n)
		return cli_usage(c, "there is no component '%.*s'; did you mean '%.*s'?",
				 STR_ARG(name), STR_ARG(near.best));
	if (found == MODULE_NONE)
		return cli_usage(c, "there is no component '%.*s'", STR_ARG(name));
	if (parse_runtime(c, true, &x.sdk_form))
		return EXIT_USAGE;
	rc = export_component(&x, found, out) ? EXIT_WRONG : EXIT_DONE;
	print_faults(&x);
	rc = x.broken.n ? target_broken("export", EXPORT_kfp, &x) : rc;
	vec_release(&x.faults);
	vec_release(&x.extras);
	return rc;
}

static int write_image(struct cli *c, struct module *m, struct buf *out)
{
	const char *base = cli_get(c, OPT_export_base);
	struct err err;
	uint32_t env = image_find_env(m, str_of(c->args[2]), &err);

	if (env == MODULE_NONE ||
	    image_write(m, &m->envs[env], str_of(base ? base : ""), &c->arena, out, &err))
		return cli_fail(&err);
	return EXIT_DONE;
}

/* Of a part of a file: "component" or "image". */
static int write_part(struct cli *c)
{
	bool is_image = !strcmp(c->args[0], "image");
	struct buf bytes = {0}, out = {0};
	struct module *m = NULL;
	int rc;

	if (c->nargs != 3)
		return cli_usage(c, "a file and the name of %s are wanted",
				 is_image ? "an environment" : "a component");
	if (cli_has(c, OPT_export_config) || cli_has(c, OPT_export_run) ||
	    cli_has(c, OPT_export_depth))
		return cli_usage(c, "--config, --run and --depth are for pipelines");
	if (export_argo_options(c, false, NULL))
		return EXIT_USAGE;
	if (cli_has(c, OPT_export_explain))
		return cli_usage(c, "--explain is for pipelines");
	if (is_image && cli_has(c, OPT_export_python_runtime))
		return cli_usage(c, "--python-runtime is for kfp and component");
	if (!is_image && cli_has(c, OPT_export_base))
		return cli_usage(c, "--base is for image");
	rc = source_load(c, c->args[1], SOURCE_NO_PYTHON, &m, &bytes);
	if (!rc)
		rc = is_image ? write_image(c, m, &out) : write_component(c, m, &out);
	if (!rc)
		rc = deliver(c,
			     is_image ? STR("Containerfile")
				      : output_name(c, c->args[2], ".yaml"),
			     &out);
	module_free(m);
	buf_release(&bytes);
	buf_release(&out);
	return rc;
}

static bool is_part(const char *target)
{
	return !strcmp(target, "image") || !strcmp(target, "component");
}

int cmd_export(struct cli *c)
{
	const char *run = cli_get(c, OPT_export_run);
	enum export_target target;
	struct buf bytes = {0};
	struct module *m = NULL;
	struct look l = {0};
	struct argo_options argo = {0};
	int rc = EXIT_DONE;

	if (c->nargs && is_part(c->args[0]))
		return write_part(c);
	if (cli_has(c, OPT_export_base))
		return cli_usage(c, "--base is for image");
	if (c->nargs < 2 || c->nargs > 3)
		return cli_usage(c, "what to export to and a file are wanted, and perhaps a "
				 "pipeline");
	target = export_find(str_of(c->args[0]));
	if (target == EXPORT_N)
		return no_such_target(c, str_of(c->args[0]));
	if (run && !is_picture(target))
		return cli_usage(c, "--run is for dot, mermaid and json");
	if (is_picture(target) && cli_has(c, OPT_export_explain))
		return cli_usage(c, "--explain is for kfp and argo");
	if (is_picture(target) && cli_has(c, OPT_export_config))
		return cli_usage(c, "--config is for kfp and argo");
	if (run && strchr(run, '/'))
		return cli_usage(c, "--run wants a run, not a task: '%s'", run);
	if (export_argo_options(c, target == EXPORT_argo, &argo))
		return EXIT_USAGE;
	rc = source_load(c, c->args[1], SOURCE_NO_PYTHON, &m, &bytes);
	if (!rc && run)
		rc = look_at(c, OPT_export_store, str_of(run), false, &l);
	if (!rc)
		rc = write_out(c, target, m, &l, &argo);
	look_release(&l);
	module_free(m);
	buf_release(&bytes);
	return rc;
}
