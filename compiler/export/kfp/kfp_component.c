/* Components, and the tasks that Kubeflow needs where the language has an expression. */
#include <config.h>

#include "compiler/export/kfp/kfp_int.h"

#include <stdio.h>

#include "compiler/export/tree_json.h"
#include "runtime/value/json.h"

#include "compiler/export/kfp/kfp_fate.py.h"
#include "compiler/export/kfp/kfp_launch.py.h"

/* What the kernel takes as one argument of a program, and as all of them together. */
enum { ARGUMENT_MAX = 120 << 10, ARGUMENTS_MAX = 1 << 20 };

static const char boot[] = "import sys\n"
			   "kfpc_task = type(sys)('kfpc_task')\n"
			   "sys.modules['kfpc_task'] = kfpc_task\n"
			   "exec(sys.argv[1], kfpc_task.__dict__)\n"
			   "kfpc_task.launch(sys.argv[2:])\n";

static struct str launcher(struct kfp *k, unsigned parts, bool fails)
{
	struct str own = {(const char *)kfp_launch_py, kfp_launch_py_len};
	struct str fate = {(const char *)kfp_fate_py, kfp_fate_py_len};
	struct str *text = &k->launchers[fails][parts];

	if (!fails)
		own = arena_printf(k->a, "%.*s\n\n%.*s", STR_ARG(own), STR_ARG(fate));
	if (!text->n)
		*text = spec_launcher(k->x->helper, parts, own, k->a);
	k->launcher_bytes += text->n;
	return *text;
}

/* A task that this exporter makes: what it is told, and where its inputs come from. */
struct job {
	bool fails;			/* if it does not go well; see kfp_fate.c */
	struct spec spec;
	VEC(struct source) sources;	/* of spec.reads */
};

static struct job new_job(struct kfp *k, const char *kind)
{
	struct job j = {.fails = true,
			.spec = {.m = k->m,
				 .a = k->a,
				 .is_text = kfp_is_text,
				 .is_text_output = kfp_is_text_output,
				 .helper = k->x->helper,
				 .driver = k->x->driver}};

	spec_begin(&j.spec, kind);
	return j;
}

/* The end of what a job is told. */
static struct str job_spec(struct kfp *k, struct job *j, struct loc loc)
{
	struct str text;

	vec_release(&j->sources);
	text = spec_end(&j->spec);
	if (text.n > ARGUMENTS_MAX)
		export_fault(k->x, E1002, loc,
			     "the code and the constants that it is given are %zu KiB "
			     "long, and a container takes at most %d KiB",
			     text.n >> 10, ARGUMENTS_MAX >> 10);
	return text;
}

/* In as many arguments as it takes. */
static void add_spec(struct kfp *k, struct yaml *command, struct str spec)
{
	while (spec.n > ARGUMENT_MAX) {
		size_t n = ARGUMENT_MAX;

		while ((spec.p[n] & 0xc0) == 0x80)	/* not within a character */
			n--;
		yaml_add(command, yaml_str(k->a, str_sub(spec, 0, n)));
		spec = str_sub(spec, n, spec.n);
	}
	yaml_add(command, yaml_str(k->a, spec));
}

/* A container that runs the launcher, for the job spec; "": an input says what to do. */
static struct yaml *container(struct kfp *k, struct str label, struct str spec,
			      unsigned parts, bool fails)
{
	struct yaml *c = yaml_sub(yaml_sub(k->executors, label), STR("container"));
	struct yaml *command = yaml_seq(k->a), *args = yaml_seq(k->a);

	yaml_add(command, yaml_str(k->a, STR("python3")));
	yaml_add(command, yaml_str(k->a, STR("-c")));
	yaml_add(command, yaml_str(k->a, str_of(boot)));
	yaml_add(command, yaml_str(k->a, launcher(k, parts, fails)));
	if (spec.n)
		add_spec(k, command, spec);
	yaml_add(args, yaml_str(k->a, STR("--executor_input")));
	yaml_add(args, yaml_str(k->a, STR("{{$}}")));
	yaml_put(c, STR("command"), command);
	yaml_put(c, STR("args"), args);
	yaml_put_str(c, STR("image"), STR("python:3.11-slim"));
	return c;
}

/* Gives a task its job as an input, which all do that use executor `label`. */
static void give_job(struct kfp *k, struct yaml *comp, struct yaml *task,
		     struct str label, struct str spec)
{
	struct yaml *value = yaml_sub(yaml_sub(yaml_sub(task, STR("inputs")),
					       STR("parameters")),
				      STR("kfpc_job"));

	kfp_define(k, yaml_sub(comp, STR("inputDefinitions")), STR("kfpc_job"),
		   k->m->types.string, false);
	yaml_put_str(comp, STR("executorLabel"), label);
	yaml_put_str(yaml_sub(value, STR("runtimeValue")), STR("constant"), spec);
}

/* What goes as one argument together with all other inputs. */
enum { SHARED_MAX = 48 << 10 };

/* One executor for all generated tasks that need the same parts of the launcher: it is
 * much larger than what they are told. */
static void share_executor(struct kfp *k, struct yaml *comp, struct yaml *task,
			   struct str name, struct job *j, struct loc loc)
{
	struct str spec = job_spec(k, j, loc);
	struct str label = arena_printf(k->a, "exec-kfpc-%u%s", j->spec.parts,
					j->fails ? "" : "-fate");

	if (spec.n > SHARED_MAX) {
		container(k, arena_printf(k->a, "exec-%.*s", STR_ARG(name)), spec,
			  j->spec.parts, j->fails);
		return;
	}
	if (!yaml_get(k->executors, label))
		container(k, label, (struct str){"", 0}, j->spec.parts, j->fails);
	give_job(k, comp, task, label, spec);
}

static struct yaml *component(struct kfp *k, struct str name)
{
	struct yaml *comp =
		yaml_sub(k->components, arena_printf(k->a, "comp-%.*s", STR_ARG(name)));

	yaml_put_str(comp, STR("executorLabel"),
		     arena_printf(k->a, "exec-%.*s", STR_ARG(name)));
	return comp;
}

static uint32_t *tree_reads(struct kfp *k, struct job *j, const struct source *s,
			    struct str name);

/* What a source brings as type t; a tree is computed from reads of its own. */
static uint32_t add_read(struct kfp *k, struct job *j, struct str name,
			 struct source source, const struct type *t)
{
	struct spec_read read = {.name = name,
				 .type = t,
				 .form = source.form,
				 .text = source.text};

	if (source.kind == SOURCE_PARAM) {
		read.fallback = source.tree;
	} else if (source.kind == SOURCE_TREE) {
		read.tree = source.tree;
		read.at = tree_reads(k, j, &source,
				     arena_printf(k->a, "%.*s-", STR_ARG(name)));
	}
	vec_push(&j->sources, source);
	return spec_read(&j->spec, read);
}

/* Reads called name1, name2... of what a tree is over; at[i] is which. */
static uint32_t *tree_reads(struct kfp *k, struct job *j, const struct source *s,
			    struct str name)
{
	uint32_t *at = ARENA_ARRAY(k->a, s->nof + 1, uint32_t);

	for (uint32_t n = 0; n < s->nof; n++)
		at[n] = add_read(k, j, arena_printf(k->a, "%.*s%u", STR_ARG(name), n + 1),
				 s->of[n], s->of[n].type);
	return at;
}

static struct source site_tree(struct kfp *k, struct inst *i, const struct site *site)
{
	struct source *of = ARENA_ARRAY(k->a, site->ninputs + 1, struct source);

	for (uint32_t j = 0; j < site->ninputs; j++)
		of[j] = kfp_input(k, i, site->inputs[j]);
	return (struct source){.kind = SOURCE_TREE,
			       .type = site->type,
			       .tree = site->tree,
			       .of = of,
			       .nof = site->ninputs};
}

static uint32_t *site_reads(struct kfp *k, struct inst *i, const struct site *site,
			    struct job *job, const char *name)
{
	struct source s = site_tree(k, i, site);

	return tree_reads(k, job, &s, str_of(name));
}

/* May the input be missing? */
static bool is_left_out(const struct type *t, const struct source *from)
{
	return t->kind == TYPE_OPT || t->kind == TYPE_NONE ||
	       (from->kind == SOURCE_CONST && type_holds_artifacts(t));
}

static void bind_reads(struct kfp *k, struct dag *d, struct str name, struct yaml *task,
		       struct yaml *comp, const struct job *job)
{
	size_t n = job->spec.reads.n;
	struct yaml *defs = n ? yaml_sub(comp, STR("inputDefinitions")) : NULL;

	for (size_t j = 0; j < n; j++) {
		const struct spec_read *r = &job->spec.reads.at[j];

		if (!r->type || r->tree)
			continue;
		kfp_define_text(k, defs, r->name, r->type, r->text,
				is_left_out(r->type, &job->sources.at[j]));
		if (job->sources.at[j].kind == SOURCE_STATUS)
			yaml_put_str(yaml_get(yaml_get(defs, STR("parameters")), r->name),
				     STR("parameterType"), STR("TASK_FINAL_STATUS"));
		kfp_bind(k, d, task, r->name, job->sources.at[j]);
		kfp_heed(k, d, name, &job->sources.at[j]);
	}
}

/* What a job is told that does not fail: by what name it is known to run.error. */
static void told_not_to_fail(struct kfp *k, struct inst *i, const struct module_node *n,
			     struct str name, struct job *job)
{
	struct str address = n ? kfp_address(k, i, n) : name;

	job->fails = false;
	spec_text(&job->spec, "address", address);
	if (n && n->kind == NODE_TASK)
		kfp_attempts(k, i, n, &job->spec.b);
}

void kfp_caching(struct yaml *task, bool on)
{
	struct yaml *c = yaml_sub(task, STR("cachingOptions"));

	if (on)
		yaml_put(c, STR("enableCache"), yaml_bool(task->a, true));
}

/* The generated task for a job that is told all, whose component has its outputs. */
static void finish(struct kfp *k, struct dag *d, struct str task, struct job *job,
		   struct loc loc)
{
	struct yaml *comp = component(k, task);
	struct yaml *t = kfp_task(k, d, task, (struct str){"", 0});

	kfp_leaf(k, d, task, t, comp);
	bind_reads(k, d, task, t, comp, job);
	share_executor(k, comp, t, task, job, loc);
	if (!d->region)
		kfp_caching(t, true);
}

struct source kfp_compute(struct kfp *k, struct inst *i, struct dag *d,
			  const struct site *site, const struct site *message,
			  struct str name, bool is_assert)
{
	struct str task = kfp_unique(k, name), place = module_loc(k->m, site->loc, k->a);
	struct job job = new_job(k, is_assert ? "assert" : "expr");
	struct yaml *comp = component(k, task);

	job.spec.parts |= SPEC_TREE;
	spec_text(&job.spec, "place", place);
	spec_text(&job.spec, "text", site->text);
	spec_tree(&job.spec, "tree", site, site_reads(k, i, site, &job, "in"));
	if (is_assert)
		spec_names(&job.spec, i->p, site);
	if (message)
		spec_tree(&job.spec, "message", message,
			  site_reads(k, i, message, &job, "message"));
	if (!is_assert) {
		spec_type(&job.spec, kfp_wire(k, site->type));
		kfp_define_output(k, comp, STR("Output"), site->type);
	}
	if (d->region)
		told_not_to_fail(k, i, i->node == MODULE_NONE ? NULL : &i->p->nodes[i->node],
				 name, &job);
	finish(k, d, task, &job, site->loc);
	export_extra(k->x, kfp_path(k, d, task),
		     is_assert ? "checks that this holds" : "computes an expression",
		     site->text, site->loc);
	return kfp_output(k, d, task, STR("Output"), site->type);
}

/* The type by which a value is read that is handed on as one of type t. */
static const struct type *read_type(struct kfp *k, const struct source *from,
				    const struct type *t)
{
	const struct type *bare = type_strip(t);

	if (from->type->kind == TYPE_INT &&
	    (bare->kind == TYPE_FLOAT || bare->kind == TYPE_METRIC))
		return k->m->types.floating;
	return from->type;
}

static struct source hand_on(struct kfp *k, struct dag *d, struct source from,
			     struct str name, const struct type *type, bool as_text)
{
	struct str task = kfp_unique(k, name);
	struct job job = new_job(k, "pass");
	struct yaml *comp = component(k, task);
	struct source out = kfp_output(k, d, task, STR("Output"), type);

	out.text |= as_text;
	add_read(k, &job, STR("value"), from, read_type(k, &from, type));
	spec_type_text(&job.spec, kfp_wire(k, type), out.text);
	kfp_define_output_text(k, comp, STR("Output"), type, out.text);
	if (d->region)
		told_not_to_fail(k, NULL, NULL, name, &job);
	finish(k, d, task, &job, k->at);
	export_extra(k->x, kfp_path(k, d, task),
		     from.kind == SOURCE_CONST ? "gives a constant as an output"
					       : "hands a value on, as an output",
		     STR(""), k->at);
	out.fate = kfp_fate(k, d, task);
	return out;
}

struct source kfp_pass(struct kfp *k, struct dag *d, struct source from, struct str name,
		       const struct type *type)
{
	return hand_on(k, d, from, name, type, false);
}

struct source kfp_pass_text(struct kfp *k, struct dag *d, struct source from,
			    struct str name, const struct type *type)
{
	return hand_on(k, d, from, name, type, true);
}

static void add_columns(struct kfp *k, struct job *job, const struct kfp_column *columns,
			uint32_t n)
{
	struct buf b = {0};

	for (uint32_t j = 0; j < n; j++) {
		const struct kfp_column *c = &columns[j];
		struct str name = arena_printf(k->a, "list%u", j + 1);

		buf_addf(&b, "%s[%u, ", j ? ", " : "",
			 add_read(k, job, name, c->list, c->list.type));
		if (c->by_number)
			buf_addz(&b, "null");
		else
			tree_type(c->elem, &b);
		buf_addf(&b, ", %s]",
			 !c->by_number && kfp_is_text_output(c->elem) ? "true" : "false");
	}
	buf_addf(&job->spec.b, ",\n\"columns\": [%.*s]", STR_ARG(buf_str(&b)));
	buf_release(&b);
}

struct source kfp_rows(struct kfp *k, struct dag *d, const struct kfp_column *columns,
		       uint32_t n, struct str name)
{
	struct str task = kfp_unique(k, name);
	struct job job = new_job(k, "rows");
	const struct type *list = type_list(&k->m->types, k->m->types.json);
	struct yaml *comp = component(k, task);
	struct source out = kfp_output(k, d, task, STR("Output"), list);

	add_columns(k, &job, columns, n);
	out.text = 2;	/* a list, whatever is in it */
	spec_type_text(&job.spec, list, out.text);
	kfp_define_output_text(k, comp, out.key, out.type, out.text);
	if (d->region)
		told_not_to_fail(k, NULL, NULL, name, &job);
	finish(k, d, task, &job, k->at);
	export_extra(k->x, kfp_path(k, d, task), "makes the list of a loop", STR(""),
		     k->at);
	out.fate = kfp_fate(k, d, task);
	return out;
}

struct source kfp_constant(struct kfp *k, struct value v, const struct type *t)
{
	struct expr *e = ARENA_NEW(k->a, struct expr);
	struct source s = {.kind = SOURCE_CONST, .type = t, .value = v, .tree = e};
	struct buf text = {0};

	e->kind = EXPR_CONST;
	e->type = t;
	e->value = v;
	if (kfp_is_text(t) && v.kind != VALUE_NONE) {
		json_write(v, &text);
		s.value = value_str(k->a, buf_str(&text));
		s.text = 1;
		buf_release(&text);
	}
	/* There is no constant list of artifacts, not even an empty one. */
	if (!kfp_holds(s.value) || !kfp_is_sorted(v, t) ||
	    (v.kind == VALUE_LIST && type_holds_artifacts(t))) {
		s.kind = SOURCE_TREE;
		s.text = 0;
	}
	return s;
}

bool kfp_is_computed(const struct site *s)
{
	const struct expr *e = s->tree;

	if (e->kind == EXPR_TO_FLOAT)
		e = e->args[0];
	return e->kind != EXPR_CONST && e->kind != EXPR_INPUT;
}

struct source kfp_tree(struct kfp *k, struct inst *i, const struct site *site)
{
	const struct expr *e = site->tree;
	struct source s;

	if (e->kind == EXPR_CONST)
		return kfp_constant(k, e->value, site->type);
	if (e->kind == EXPR_TO_FLOAT)
		e = e->args[0];
	if (e->kind != EXPR_INPUT)
		return site_tree(k, i, site);
	s = kfp_input(k, i, site->inputs[e->input]);
	if (s.kind == SOURCE_CONST && s.value.kind == VALUE_NONE)
		return kfp_constant(k, s.value, site->type);
	if (s.form || (e != site->tree && s.kind == SOURCE_TREE))
		return site_tree(k, i, site);
	if (e != site->tree)
		s.type = site->type;
	return s;
}

/* Can nothing go wrong when it is computed? */
static bool is_safe(const struct expr *e)
{
	bool safe = e->kind == EXPR_INPUT || e->kind == EXPR_CONST ||
		    e->kind == EXPR_LIST;

	for (uint32_t j = 0; safe && j < e->nargs; j++)
		safe = is_safe(e->args[j]);
	return safe;
}

struct source kfp_site(struct kfp *k, struct inst *i, struct dag *d, const struct site *s,
		       struct str name)
{
	struct source from = kfp_tree(k, i, s);

	if (from.kind != SOURCE_TREE || from.tree->kind == EXPR_CONST)
		return from;
	if (!type_is_artifacts(s->type))
		return kfp_compute(k, i, d, s, NULL, name, false);
	return is_safe(s->tree) ? from : kfp_artifacts(k, d, from, name, type_strip(s->type));
}

/* An artifact that a component has beside its own outputs. */
static void define_extra(struct kfp *k, const struct module_component *c,
			 struct yaml *defs, struct str name, const struct type *t)
{
	for (uint32_t j = 0; j < c->noutputs; j++)
		if (str_eq(c->outputs[j].name, name))
			export_fault(k->x, E1004, c->outputs[j].loc,
				     "in Kubeflow '%.*s' is where the metrics of '%.*s' are "
				     "kept: give this output another name",
				     STR_ARG(name), STR_ARG(c->name));
	kfp_define(k, defs, name, t, false);
}

/* A task that writes a setting as Kubernetes wants it. */
static struct source quantity(struct kfp *k, struct inst *i, struct dag *d,
			      const struct site *site, enum setting id, struct str of)
{
	struct str word = str_of(setting_name(id)), task;
	struct source from = kfp_tree(k, i, site);
	struct job job;

	if (id == SETTING_GPU_TYPE && !from.text && !from.tree)
		return from;
	job = new_job(k, "quantity");
	task = kfp_unique(k,
			  arena_printf(k->a, "%.*s-%.*s", STR_ARG(of), STR_ARG(word)));
	add_read(k, &job, STR("value"), from, site->type);
	spec_text(&job.spec, "setting", word);
	kfp_define_output(k, component(k, task), STR("Output"), k->m->types.string);
	if (d->region)
		told_not_to_fail(k, NULL, NULL, task, &job);
	finish(k, d, task, &job, site->loc);
	export_extra(k->x, kfp_path(k, d, task), "computes a setting", site->text,
		     site->loc);
	return kfp_output(k, d, task, STR("Output"), k->m->types.string);
}

/* All that is said of the environment, what counts least first. */
static void add_env(struct kfp *k, struct job *job, const struct said *s)
{
	VEC(uint32_t) reads = {0};

	for (unsigned n = 1; s; s = s->next, n++)
		vec_push(&reads,
			 add_read(k, job,
				  n == 1 ? STR("kfpc-env")
					 : arena_printf(k->a, "kfpc-env%u", n),
				  kfp_tree(k, s->in, s->site), s->site->type));
	buf_addz(&job->spec.b, ",\n\"env\": [");
	for (size_t j = reads.n; j--;)
		buf_addf(&job->spec.b, "%u%s", reads.at[j], j ? ", " : "]");
	vec_release(&reads);
}

/* Inputs for settings that are computed while the pipeline runs. */
static void add_settings(struct kfp *k, struct inst *i, uint32_t node, struct job *job)
{
	static const enum setting ids[] = {SETTING_CPU, SETTING_CPU_LIMIT, SETTING_MEMORY,
					   SETTING_MEMORY_LIMIT, SETTING_GPU,
					   SETTING_GPU_TYPE};
	const struct module_node *n = &i->p->nodes[node];
	const struct said *s = kfp_computed_setting(k, i, n, SETTING_ENV);

	if (s)
		add_env(k, job, s);
	for (size_t j = 0; j < sizeof(ids) / sizeof(*ids); j++) {
		s = kfp_computed_setting(k, i, n, ids[j]);
		if (s)
			add_read(k, job,
				 arena_printf(k->a, "kfpc-setting-%s",
					      setting_name(ids[j])),
				 quantity(k, s->in, i->homes[node], s->site, ids[j],
					  i->tasks[node]),
				 k->m->types.string);
	}
}

void kfp_define_outputs(struct kfp *k, const struct module_component *c,
			struct yaml *comp, bool only_values)
{
	bool metrics = false;

	for (uint32_t j = 0; j < c->noutputs; j++) {
		const struct module_output *o = &c->outputs[j];
		struct yaml *defs = yaml_sub(comp, STR("outputDefinitions"));
		bool series = o->type->kind == TYPE_SERIES;

		if (only_values && type_holds_artifacts(o->type))
			continue;
		kfp_define_output(k, comp, o->name, o->type);
		if (series)
			define_extra(k, c, defs,
				     arena_printf(k->a, "%.*s_points", STR_ARG(o->name)),
				     k->m->types.artifact);
		if (series || o->type->kind == TYPE_METRIC)
			metrics = true;
	}
	if (metrics)
		define_extra(k, c, yaml_sub(comp, STR("outputDefinitions")),
			     STR("kfpc_metrics"), k->m->types.metrics);
}

static const char *spec_kind(struct kfp *k, const struct module_component *c)
{
	switch (c->code_kind) {
	case CODE_PYTHON:
	case CODE_PYTHON_FILE:
		return "python";
	case CODE_SHELL:
		return "shell";
	case CODE_NOTEBOOK:
		return "notebook";
	case CODE_LOAD:
		return "load";
	case CODE_CONTAINER:
	case CODE_NATIVE:
		break;
	}
	export_fault(k->x, E1001, c->code_loc.line ? c->code_loc : c->loc,
		     "the code of '%.*s' is of a kind that this version cannot export to "
		     "Kubeflow",
		     STR_ARG(c->name));
	return "none";
}

/* The parameters: from the input of their name, or computed from inputs of their own. */
static void add_params(struct kfp *k, const struct module_component *c,
		       const struct source *args, struct job *job)
{
	spec_params(&job->spec);
	for (uint32_t j = 0; j < c->nparams; j++) {
		const struct module_param *p = &c->params[j];
		bool usual = kfp_is_usual(args[j], p->type);
		uint32_t read = add_read(k, job, p->name, args[j],
					 usual ? p->type : args[j].type);

		spec_param(&job->spec, c, j, read, NULL, NULL);
	}
	spec_params_end(&job->spec);
}

/* The executor of all components that have this environment and need the same parts of
 * the launcher. */
static struct str share_component(struct kfp *k, const struct module_component *c,
				  const struct job *j)
{
	struct str label = arena_printf(
		k->a, "exec-kfpc-%u%s-%d", j->spec.parts, j->fails ? "" : "-fate",
		c->env == MODULE_NONE ? 0 : (int)c->env + 1);

	if (!yaml_get(k->executors, label))
		kfp_environment(k, c, label,
				container(k, label, (struct str){"", 0}, j->spec.parts,
					  j->fails));
	return label;
}

/* Makes the component and its executor under this name. */
static void make_component(struct kfp *k, struct inst *i, const struct module_node *n,
			   struct str name, struct job *job, struct yaml *task, bool own)
{
	const struct module_component *c = &k->m->components[n->target];
	struct yaml *comp = component(k, name), *pod;
	struct str exec = arena_printf(k->a, "exec-%.*s", STR_ARG(name)), spec;

	spec_code(&job->spec, c);
	spec_outputs(&job->spec, c);
	kfp_define_outputs(k, c, comp, false);
	spec_packages(&job->spec, c);
	spec = job_spec(k, job, c->loc);
	if (k->is_large && spec.n <= SHARED_MAX && kfp_shares_executor(c) &&
	    !kfp_own_executor(k, i, n)) {
		exec = share_component(k, c, job);
		give_job(k, comp, task, exec, spec);
		if (!own)
			k->made_jobs[n->target] = spec;
		return;
	}
	pod = container(k, exec, spec, job->spec.parts, job->fails);
	kfp_environment(k, c, exec, pod);
	kfp_executor_settings(k, i, n, exec, pod);
}

struct str kfp_component_name(struct kfp *k, const struct module_node *n, struct str task,
			      bool own, bool *made)
{
	*made = !own && k->made[n->target];
	if (own)
		return task;
	if (!*made)
		k->made_names[n->target] = task;
	k->made[n->target] = true;
	return k->made_names[n->target];
}

void kfp_component_task(struct kfp *k, struct inst *i, uint32_t node,
			const struct source *args)
{
	const struct module_node *n = &i->p->nodes[node];
	const struct module_component *c = &k->m->components[n->target];
	struct job job = new_job(k, spec_kind(k, c));
	struct dag *d = i->homes[node];
	struct str task = i->tasks[node], comp;
	struct yaml *t, *used;
	bool own = kfp_own_executor(k, i, n) || d->region, made;

	for (uint32_t j = 0; j < c->nparams; j++)
		own |= !kfp_is_usual(args[j], c->params[j].type);
	comp = kfp_component_name(k, n, task, own, &made);
	t = kfp_task(k, d, task, arena_printf(k->a, "comp-%.*s", STR_ARG(comp)));
	add_params(k, c, args, &job);
	add_settings(k, i, node, &job);
	used = yaml_sub(k->components, arena_printf(k->a, "comp-%.*s", STR_ARG(comp)));
	kfp_leaf(k, d, task, t, used);
	if (d->region)
		told_not_to_fail(k, i, n, task, &job);
	bind_reads(k, d, task, t, used, &job);
	if (!made)
		make_component(k, i, n, comp, &job, t, own);
	else
		job_spec(k, &job, c->loc);
	if (made && k->made_jobs[n->target].n)
		give_job(k, used, t, yaml_get(used, STR("executorLabel"))->text,
			 k->made_jobs[n->target]);
	kfp_describe(used, c->params, c->nparams, c->outputs, c->noutputs);
	if (!d->region)
		kfp_caching(t, true);
	kfp_task_settings(k, i, n, t);
}

/* The parameters that constraints and words may be over: no artifacts. */
static void add_values(struct kfp *k, const struct module_component *c,
		       const struct source *args, struct job *job)
{
	struct expr *none = ARENA_NEW(k->a, struct expr);
	struct site *nothing = ARENA_NEW(k->a, struct site);

	none->kind = EXPR_CONST;
	nothing->tree = none;
	spec_params(&job->spec);
	for (uint32_t j = 0; j < c->nparams; j++) {
		const struct module_param *p = &c->params[j];
		bool is_file = type_holds_artifacts(p->type);
		const struct type *t = kfp_is_usual(args[j], p->type) ? p->type
								     : args[j].type;
		uint32_t read = is_file ? 0 : add_read(k, job, p->name, args[j], t);

		spec_param(&job->spec, c, j, read, is_file ? nothing : NULL, NULL);
	}
	spec_params_end(&job->spec);
}

struct str kfp_words(struct kfp *k, struct dag *d, struct str run,
		     const struct module_component *c, const struct source *args,
		     const struct kfp_word *words, size_t n)
{
	struct str task = kfp_unique(k, arena_printf(k->a, "%.*s-words", STR_ARG(run)));
	struct job job = new_job(k, "words");
	struct yaml *comp = component(k, task);

	add_values(k, c, args, &job);
	buf_addz(&job.spec.b, ",\n\"words\": [");
	for (size_t j = 0; j < n; j++) {
		buf_addz(&job.spec.b, j ? ", [" : "[");
		tree_text(words[j].name, &job.spec.b);
		buf_addz(&job.spec.b, ", ");
		tree_json(k->m, words[j].tree, words[j].at, &job.spec.b);
		buf_addc(&job.spec.b, ']');
		kfp_define_output(k, comp, words[j].name, k->m->types.string);
		job.spec.parts |= SPEC_TREE;
	}
	buf_addc(&job.spec.b, ']');
	job.spec.parts |= SPEC_CODE | SPEC_CONTAINER;
	finish(k, d, task, &job, c->loc);
	export_extra(k->x, kfp_path(k, d, task),
		     n ? "computes words of a command" : "sees to the constraints",
		     c->name, c->loc);
	return task;
}

struct str kfp_texts(struct kfp *k, struct dag *d, struct str run,
		     const struct module_component *c, const struct source *args)
{
	struct str task = kfp_unique(k, arena_printf(k->a, "%.*s-outputs", STR_ARG(run)));
	struct job job = new_job(k, "texts");
	struct buf *b = &job.spec.b;
	bool is_first = true;

	add_values(k, c, args, &job);
	spec_outputs(&job.spec, c);
	kfp_define_outputs(k, c, component(k, task), true);
	buf_addz(b, ",\n\"texts\": [");
	for (uint32_t j = 0; j < c->noutputs; j++) {
		const struct module_output *o = &c->outputs[j];
		bool series = o->type->kind == TYPE_SERIES;
		const struct type *t = series ? k->m->types.artifact : k->m->types.string;
		struct str key = arena_printf(k->a, "%.*s%s", STR_ARG(o->name),
					      series ? "_points" : "");

		if (type_holds_artifacts(o->type))
			continue;
		buf_addz(b, is_first ? "[" : ", [");
		is_first = false;
		tree_text(o->name, b);
		buf_addz(b, ", ");
		tree_type(o->type, b);
		buf_addf(b, ", %u]",
			 add_read(k, &job, arena_printf(k->a, "text_%.*s", STR_ARG(key)),
				  kfp_output(k, d, run, key, t), t));
	}
	buf_addc(b, ']');
	job.spec.parts |= SPEC_CODE | SPEC_CONTAINER;
	finish(k, d, task, &job, c->loc);
	export_extra(k->x, kfp_path(k, d, task), "reads what a program wrote", c->name,
		     c->loc);
	return task;
}

void kfp_fate_task(struct kfp *k, struct dag *d, struct str name, const char *kind,
		   struct yaml **task, struct yaml **comp)
{
	struct job job = new_job(k, kind);
	bool rethrows = !strcmp(kind, "rethrow");

	job.fails = false;
	*comp = component(k, name);
	*task = kfp_task(k, d, name, (struct str){"", 0});
	share_executor(k, *comp, *task, name, &job, k->at);
	yaml_put(*task, STR("cachingOptions"), yaml_map(k->a));
	export_extra(k->x, kfp_path(k, d, name),
		     rethrows ? "fails if what a block did failed"
			      : "tells how a block ended",
		     STR(""), rethrows ? k->at : d->at);
}
