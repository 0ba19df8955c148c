/* Runs with real processes and a real store: artifacts, failures, and what is kept of
 * them. */
#include <config.h>

#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/store/view.h"
#include "runtime/vm/run_args.h"
#include "tests/unit/tap.h"
#include "tests/unit/vm_build.h"

struct world {
	struct mk k;
	struct store *s;
	struct arena a;
	struct run_result r;
	struct buf report;
	char dir[64];
};

static uint32_t shell(struct mk *k, const char *name, const char *code,
		      const struct module_param *params, uint32_t nparams,
		      const struct module_output *outputs, uint32_t noutputs)
{
	uint32_t i = mk_component(k, name, params, nparams);
	struct module_component *c = &k->m->components[i];

	c->code = str_of(code);
	c->code_loc = (struct loc){0, 5, 1};
	c->source = STR("component ...");
	c->outputs = arena_dup(&k->m->arena, outputs, noutputs * sizeof *outputs);
	c->noutputs = noutputs;
	return i;
}

static struct module_output out(const char *name, const struct type *t)
{
	return (struct module_output){.name = str_of(name), .doc = STR(""), .type = t};
}

static struct expr *node_out(struct mk *k, uint32_t node, uint32_t output,
			     const struct type *t)
{
	return builder_input(&k->b, (struct input){INPUT_NODE, node, output}, t,
			     SPAN_NONE);
}

static void world_init(struct world *w)
{
	struct err err;

	*w = (struct world){0};
	strcpy(w->dir, "/tmp/kfpc-vm-run-XXXXXX");
	if (!mkdtemp(w->dir))
		BUG("mkdtemp");
	w->s = store_open(w->dir, STORE_WRITE, &err);
	if (!w->s)
		BUG("%s", err.text);
	mk_init(&w->k, 8, 1);
}

static void world_release(struct world *w)
{
	store_close(w->s);
	io_remove_tree(w->dir, NULL);
	mk_release(&w->k);
	arena_release(&w->a);
	buf_release(&w->report);
}

static const struct run_task_result *task(const struct world *w, const char *path)
{
	for (size_t i = 0; i < w->r.ntasks; i++)
		if (str_is(w->r.tasks[i].path, path))
			return &w->r.tasks[i];
	return NULL;
}

static void run(struct world *w, struct module_node *nodes, uint32_t n)
{
	struct run_opts o = {.jobs = 2, .name = STR(""), .argv_json = STR("[]")};
	struct run_config config = {0};
	struct buf errors = {0};
	struct err err;

	mk_pipeline(&w->k, &(struct module_pipeline){.name = STR("p"), .nodes = nodes,
						     .nnodes = n});
	builder_finish(&w->k.b);
	if (run_config_make(w->k.m, 0, MODULE_NONE, NULL, 0, &w->a, &config, &errors,
			    &err) ||
	    run_pipeline(w->k.m, STR("bytes"), 0, &config, w->s, &o, &w->a, &w->r, &err))
		BUG("%s%s", buf_cstr(&errors), err.text);
	run_report_json(&w->r, STR(""), &w->report);
	buf_release(&errors);
}

/* Does the text of the task's error begin so? */
static void error_is(const struct world *w, const char *path, const char *want)
{
	const struct run_task_result *t = task(w, path);

	if (!ok(t->state == TASK_FAILED && str_has_prefix(t->error, str_of(want)),
		"%s: %s", path, want))
		printf("# %s: %.*s\n", task_state_name(t->state), STR_ARG(t->error));
}

static void test_artifacts(void)
{
	struct world w;
	struct run_view v;
	struct err err;

	world_init(&w);
	const struct types *t = &w.k.m->types;
	struct module_output made[] = {out("data", t->dataset), out("n", t->integer),
				       out("acc", t->metric), out("loss", t->series)};
	struct module_param read[] = {mk_param(&w.k, "data", t->dataset, INT64_MIN, NULL),
				      mk_param(&w.k, "n", t->integer, INT64_MIN, NULL)};
	struct module_output model[] = {out("model", t->model)};

	shell(&w.k, "make",
	      "mkdir $data_path; echo hello > $data_path/a\necho 7 > $n_path\n"
	      "echo 0.5 > $acc_path\necho '{\"step\":3,\"value\":2.5}' >> "
	      "$loss_path\necho out\n"
	      "echo err >&2\n",
	      NULL, 0, made, 4);
	shell(&w.k, "use", "cat $data_path/a | wc -c > $model_path; test $n = 7\n", read,
	      2, model, 1);
	struct module_node nodes[] = {
		MK_NODE(TASK, "m", .target = 0),
		MK_NODE(TASK, "u", .target = 1, .nargs = 2,
			.args = mk_args(&w.k,
					mk_site(&w.k, node_out(&w.k, 0, 0, t->dataset)),
					mk_site(&w.k, node_out(&w.k, 0, 1, t->integer)))),
	};
	run(&w, nodes, 2);
	if (!is_str(w.r.state.p, "succeeded", "a run with artifacts"))
		printf("# %.*s\n", STR_ARG(w.r.error));
	ok(strstr(buf_cstr(&w.report), "\"m.acc\":0.5,\"m.loss\":2.5") != NULL,
	   "metrics");
	const struct artifact *f =
		task(&w, "u")->values ? task(&w, "u")->values[0].artifact : NULL;
	ok(f && f->manifest.n == 64 && f->size_bytes == 2, "a model has a manifest");
	is_int(run_view_load(w.s, w.r.id, true, &v, &err), 0, "the journal is read");
	is_str(v.state.p, "succeeded", "state in the journal");
	is_int((long long)v.tasks.n, 2, "tasks in the journal");
	is_int((long long)v.metrics.n, 2, "metrics in the journal");
	ok(!v.damage.n, "no damage");
	run_view_release(&v);
	world_release(&w);
}

static void test_failures(void)
{
	struct world w;

	world_init(&w);
	const struct types *t = &w.k.m->types;
	struct module_output data[] = {out("data", t->dataset)};
	struct module_param in[] = {mk_param(&w.k, "data", t->dataset, INT64_MIN, NULL)};

	shell(&w.k, "make", "echo hello > $data_path\n", NULL, 0, data, 1);
	shell(&w.k, "change", "chmod 644 $data_path; echo more >> $data_path\n", in, 1,
	      NULL, 0);
	shell(&w.k, "check",
	      "sleep 0.3; grep -q hello $data_path; ! grep more $data_path\n", in, 1,
	      NULL, 0);
	shell(&w.k, "nothing", "true\n", NULL, 0, data, 1);
	shell(&w.k, "link", "ln -s /etc/passwd $data_path\n", NULL, 0, data, 1);
	shell(&w.k, "device", "mkdir $data_path; mkfifo $data_path/x\n", NULL, 0, data,
	      1);
	shell(&w.k, "exit", "echo first >&2; exit 7\n", NULL, 0, NULL, 0);
	shell(&w.k, "slow", "trap '' TERM; sleep 100 & sleep 100\n", NULL, 0, NULL, 0);
	const struct site *arg = mk_site(&w.k, node_out(&w.k, 0, 0, t->dataset));
	struct module_setting timeout = {
		SETTING_TIMEOUT,
		builder_site_const(&w.k.b, value_int(1), t->duration, SPAN_NONE)};
	struct module_node nodes[] = {
		MK_NODE(TASK, "make", .target = 0),
		MK_NODE(TASK, "change", .target = 1, .nargs = 1,
			.args = mk_args(&w.k, arg, NULL)),
		MK_NODE(TASK, "check", .target = 2, .nargs = 1,
			.args = mk_args(&w.k, arg, NULL)),
		MK_NODE(TASK, "nothing", .target = 3),
		MK_NODE(TASK, "link", .target = 4),
		MK_NODE(TASK, "device", .target = 5),
		MK_NODE(TASK, "exit", .target = 6),
		MK_NODE(TASK, "slow", .target = 7, .settings = &timeout, .nsettings = 1),
	};
	run(&w, nodes, 8);
	is_str(w.r.state.p, "failed", "a run with failures");
	error_is(&w, "change", "the task changed its input 'data'");
	is_int(task(&w, "check")->state, TASK_SUCCEEDED,
	       "the artifact itself is untouched");
	error_is(&w, "nothing",
		 "it wrote no output 'data': expected a file or folder at $data_path");
	error_is(&w, "link", "cannot keep the output 'data'");
	error_is(&w, "device", "cannot keep the output 'data'");
	error_is(&w, "exit", "");
	error_is(&w, "slow", "it ran longer than its timeout of 1 s");
	world_release(&w);
}

int main(void)
{
	test_artifacts();
	test_failures();
	return done_testing();
}
