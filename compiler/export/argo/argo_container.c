/* Components that run a program of an image.  The program gets words and leaves files,
 * and both mean what they mean here only if something translates: a task before it makes
 * the words (they may be more or fewer from run to run, and may hold what Argo would take
 * for a tag, so that they are patched into the pod), and one after it reads the files.
 * The three are a DAG with the inputs and outputs of the component. */
#include <config.h>

#include "compiler/export/argo/argo_pod.h"

#include "compiler/export/tree_json.h"

struct trio {
	struct argo *g;
	struct argo_job *job;
	const struct module_component *c;
	struct yaml *dag;		/* the template */
	struct yaml *tasks;
	struct yaml *settings, *container; /* what is asked of a cluster for the program */
	struct str spec;		/* of both tasks of ours, behind their kind */
};

/* Where the program finds an artifact, or leaves an output: with the ending that the
 * format wants. */
static struct str path_of(struct trio *t, const char *folder, struct str name,
			  const struct type *type)
{
	const struct type *bare = type_strip(type);

	if (type_holds_artifacts(type) && bare->tag.n)
		return arena_printf(t->g->a, "%s/%.*s.%.*s", folder, STR_ARG(name),
				    STR_ARG(bare->tag));
	return arena_printf(t->g->a, "%s/%.*s", folder, STR_ARG(name));
}

static struct str file_of(struct trio *t, struct input in)
{
	const struct module_component *c = t->c;
	struct str path;

	if (in.kind == INPUT_PARAM_FILE)
		path = path_of(t, ARGO_INPUTS, c->params[in.index].name,
			       c->params[in.index].type);
	else
		path = path_of(t, ARGO_OUTPUTS, c->outputs[in.index].name,
			       c->outputs[in.index].type);
	return in.output == FILE_URI
		       ? arena_printf(t->g->a, "file://%.*s", STR_ARG(path))
		       : path;
}

/* Words that are known now */

static bool is_fixed_word(struct trio *t, const struct site *s, const struct expr *e)
{
	struct input in;

	if (e->kind == EXPR_CONST)
		return e->value.kind == VALUE_STR &&
		       str_find(*e->value.s, STR("{{"), 0) == e->value.s->n;
	if (e->kind != EXPR_INPUT)
		return false;
	in = s->inputs[e->input];
	return in.kind == INPUT_OUTPUT_FILE ||
	       (in.kind == INPUT_PARAM_FILE &&
		t->c->params[in.index].type->kind != TYPE_OPT);
}

static bool is_fixed(struct trio *t, const struct site *s)
{
	const struct expr *e = s ? s->tree : NULL;

	if (!e)
		return true;
	if (e->kind == EXPR_CONST) {
		for (size_t j = 0; e->value.kind == VALUE_LIST && j < e->value.list->n; j++)
			if (e->value.list->at[j].kind != VALUE_STR ||
			    str_find(*e->value.list->at[j].s, STR("{{"), 0) <
				    e->value.list->at[j].s->n)
				return false;
		return e->value.kind == VALUE_LIST;
	}
	for (uint32_t j = 0; e->kind == EXPR_LIST && j < e->nargs; j++)
		if (!is_fixed_word(t, s, e->args[j]))
			return false;
	return e->kind == EXPR_LIST;
}

static bool needs_words(struct trio *t)
{
	for (uint32_t j = 0; j < t->c->nparams; j++)
		if (t->c->params[j].where)
			return true;
	return !is_fixed(t, t->c->command) || !is_fixed(t, t->c->args);
}

static void put_words(struct trio *t, struct yaml *container, const char *key,
		      const struct site *s)
{
	struct yaml *all = yaml_seq(t->g->a);
	const struct expr *e = s ? s->tree : NULL;

	for (size_t j = 0; e && e->kind == EXPR_CONST && j < e->value.list->n; j++)
		yaml_add(all, yaml_str(t->g->a, argo_unexpanded(t->g,
						    *e->value.list->at[j].s)));
	for (uint32_t j = 0; e && e->kind == EXPR_LIST && j < e->nargs; j++) {
		const struct expr *word = e->args[j];

		yaml_add(all, yaml_str(t->g->a,
				       word->kind == EXPR_CONST
					       ? argo_unexpanded(t->g, *word->value.s)
					       : file_of(t, s->inputs[word->input])));
	}
	if (s)
		yaml_put(container, str_of(key), all);
}

/* What the tasks of ours are told */

static bool is_file(struct input in)
{
	return in.kind == INPUT_PARAM_FILE || in.kind == INPUT_OUTPUT_FILE;
}

/* "command" and "args": trees over the parameters and, behind them, the files. */
static void add_words(struct trio *t, const char *key, const struct site *s, uint32_t *n,
		      struct buf *files)
{
	uint32_t *at = ARENA_ARRAY(t->g->a, (s ? s->ninputs : 0) + 1, uint32_t);

	for (uint32_t j = 0; s && j < s->ninputs; j++) {
		struct input in = s->inputs[j];

		if (!is_file(in)) {
			at[j] = in.index;
			continue;
		}
		at[j] = t->c->nparams + (*n)++;
		buf_addf(files, "%s[%d, ", files->n ? ", " : "",
			 in.kind == INPUT_PARAM_FILE ? (int)in.index : -1);
		tree_text(file_of(t, in), files);
		buf_addc(files, ']');
	}
	if (s)
		spec_tree(&t->job->spec, key, s, at);
}

static void finish_spec(struct trio *t)
{
	struct spec *s = &t->job->spec;
	struct buf files = {0};
	uint32_t n = 0;
	struct str whole, start = STR("{\"kind\": \"container\"");

	spec_text(s, "place", module_loc(t->g->m, t->c->code_loc, t->g->a));
	spec_text(s, "code", t->c->source);
	add_words(t, "command", t->c->command, &n, &files);
	add_words(t, "args", t->c->args, &n, &files);
	buf_addf(&s->b, ",\n\"files\": [%.*s]", STR_ARG(buf_str(&files)));
	buf_release(&files);
	whole = spec_end(s);
	t->spec = str_sub(whole, start.n, whole.n);
}

/* The templates.  Each is made from the reads and outputs of the component, which
 * spec_end has taken away by then. */

static struct yaml *new_template(struct trio *t, const char *part)
{
	struct yaml *template = yaml_map(t->g->a);
	struct str wanted = arena_printf(t->g->a, "%.*s-%s", STR_ARG(t->job->name), part);

	yaml_put_str(template, STR("name"), argo_name(t->g, &t->g->names, wanted));
	vec_push(&t->g->pods, template);
	return template;
}

static struct str name_of(const struct yaml *template)
{
	return yaml_get(template, STR("name"))->text;
}

/* A task of ours: kind "argv" or "collected". */
static void put_launcher(struct trio *t, struct yaml *template, const char *kind)
{
	struct str name = name_of(template);
	struct yaml *container = argo_launcher(t->g, NULL);

	argo_launcher_args(t->g, container, name, false);
	yaml_put(template, STR("container"), container);
	yaml_put_str(argo_pods(t->g)->files,
		     arena_printf(t->g->a, "%.*s.json", STR_ARG(name)),
		     arena_printf(t->g->a, "{\"kind\": \"%s\"%.*s", kind,
				  STR_ARG(t->spec)));
}

static struct yaml *add_task(struct trio *t, const char *name, const char *after,
			     const struct yaml *template)
{
	struct yaml *task = yaml_map(t->g->a);

	yaml_put_str(task, STR("name"), str_of(name));
	if (after)
		yaml_put_str(task, STR("depends"), str_of(after));
	yaml_put_str(task, STR("template"), name_of(template));
	yaml_add(t->tasks, task);
	return task;
}

/* Binds an input of a task to the input of the DAG of the same name, or to an output. */
static void bind(struct trio *t, struct yaml *task, bool artifact, struct str name,
		 struct str from, bool optional)
{
	struct yaml *arg = argo_add_named(yaml_sub(task, STR("arguments")),
					  artifact ? STR("artifacts") : STR("parameters"),
					  name);

	yaml_put_str(arg, artifact ? STR("from") : STR("value"),
		     arena_printf(t->g->a, "{{%.*s.%s.%.*s}}", STR_ARG(from),
				  artifact ? "artifacts" : "parameters", STR_ARG(name)));
	if (optional)
		yaml_put(arg, STR("optional"), yaml_bool(t->g->a, true));
}

#define FROM_DAG STR("inputs")
#define FROM_RUN STR("tasks.run.outputs")

/* The values for a task of ours, and of the artifacts those that may be missing. */
static void give_values(struct trio *t, struct yaml *template, struct yaml *task,
			bool files)
{
	struct yaml *inputs = yaml_sub(template, STR("inputs")), *file;

	for (size_t j = 0; j < t->job->spec.reads.n; j++) {
		const struct spec_read *r = &t->job->spec.reads.at[j];

		if (argo_is_setting(r->name))
			continue;
		if (!type_holds_artifacts(r->type)) {
			argo_value_input(t->g, inputs, r->name);
			bind(t, task, false, r->name, FROM_DAG, false);
		} else if (files && r->type->kind == TYPE_OPT) {
			file = argo_add_named(inputs, STR("artifacts"), r->name);
			yaml_put_str(file, STR("path"),
				     path_of(t, ARGO_INPUTS, r->name,
					     t->g->m->types.integer));
			yaml_put(file, STR("optional"), yaml_bool(t->g->a, true));
			bind(t, task, true, r->name, FROM_DAG, true);
		}
	}
}

static void add_argv(struct trio *t)
{
	struct yaml *template = new_template(t, "argv");
	struct yaml *task = add_task(t, "argv", NULL, template);
	struct yaml *outputs;

	give_values(t, template, task, true);
	outputs = yaml_sub(template, STR("outputs"));
	if (t->c->command)
		argo_pod_output(t->g, outputs, false, STR("command"));
	if (t->c->args)
		argo_pod_output(t->g, outputs, false, STR("args"));
	yaml_put(template, STR("container"), yaml_map(t->g->a));
}

/* The artifacts that the program reads, where it looks for them. */
static void give_files(struct trio *t, struct yaml *template, struct yaml *task)
{
	struct yaml *inputs = yaml_sub(template, STR("inputs")), *file;

	for (size_t j = 0; j < t->job->spec.reads.n; j++) {
		const struct spec_read *r = &t->job->spec.reads.at[j];
		bool optional = r->type->kind == TYPE_OPT;

		if (!type_holds_artifacts(r->type))
			continue;
		if (t->job->reads.at[j].form == READ_FOLDER)
			export_fault(t->g->x, E1001, t->c->loc,
				     "Argo cannot lay out the list of artifacts '%.*s' for "
				     "a program of an image: read it in a Python component",
				     STR_ARG(r->name));
		file = argo_add_named(inputs, STR("artifacts"), r->name);
		yaml_put_str(file, STR("path"),
			     path_of(t, ARGO_INPUTS, r->name, r->type));
		if (optional)
			yaml_put(file, STR("optional"), yaml_bool(t->g->a, true));
		bind(t, task, true, r->name, FROM_DAG, optional);
	}
}

static void patch_words(struct trio *t, struct yaml *template, struct yaml *task)
{
	struct yaml *inputs = yaml_sub(template, STR("inputs"));
	const char *const keys[] = {t->c->command ? "command" : NULL,
				    t->c->args ? "args" : NULL};

	for (int k = 0; k < 2; k++) {
		if (!keys[k])
			continue;
		argo_add_named(inputs, STR("parameters"), str_of(keys[k]));
		bind(t, task, false, str_of(keys[k]), STR("tasks.argv.outputs"), false);
		argo_patch_main(template,
				arena_printf(t->g->a,
					     "\"%s\": {{inputs.parameters.%s}}", keys[k],
					     keys[k]));
	}
}

/* What is asked of a cluster and only known during the run. */
static void give_settings(struct trio *t, struct yaml *template, struct yaml *task)
{
	struct yaml *inputs = yaml_sub(template, STR("inputs"));

	for (size_t j = 0; j < t->job->spec.reads.n; j++) {
		struct str name = t->job->spec.reads.at[j].name;

		if (str_has_prefix(name, STR("setting-env")))
			export_fault(t->g->x, E1003, t->job->loc,
				     "'env' is computed while the pipeline runs, and Argo "
				     "wants that of a program of an image before: pass the "
				     "values as arguments");
		if (argo_is_own_name(&t->job->reads.at[j].source))
			export_fault(t->g->x, E1001, t->job->loc,
				     "Argo cannot tell a program of an image its `task.id`: "
				     "leave it out, or make it a Python component");
		if (!argo_is_setting(name))
			continue;
		argo_add_named(inputs, STR("parameters"), name);
		bind(t, task, false, name, FROM_DAG, false);
	}
}

/* What it leaves, or not: the task behind it says what is missing. */
static void take_files(struct trio *t, struct yaml *template)
{
	struct yaml *outputs = yaml_sub(template, STR("outputs")), *file;

	for (size_t j = 0; j < t->job->outputs.n; j++) {
		const struct argo_output *o = &t->job->outputs.at[j];

		file = argo_pod_output(t->g, outputs, true, o->name);
		yaml_put_str(file, STR("path"),
			     path_of(t, ARGO_OUTPUTS, o->name, o->type));
		yaml_put(file, STR("optional"), yaml_bool(t->g->a, true));
	}
}

/* A folder for what it writes, which it could not make in every image. */
static void mount_outputs(struct trio *t, struct yaml *template, struct yaml *container)
{
	struct yaml *volume;

	if (!t->job->outputs.n)
		return;
	volume = argo_add_named(template, STR("volumes"), STR("outputs"));
	yaml_put(volume, STR("emptyDir"), yaml_map(t->g->a));
	yaml_put_str(argo_add_named(container, STR("volumeMounts"), STR("outputs")),
		     STR("mountPath"), STR(ARGO_OUTPUTS));
}

static void take_away(struct yaml *from, const char *key)
{
	size_t left = 0;

	for (size_t j = 0; j < from->n; j++)
		if (!str_is(from->items[j].key, key))
			from->items[left++] = from->items[j];
	from->n = left;
}

/* Retries and names are those of all three. */
static void move_up(struct trio *t, struct yaml *from, const char *key)
{
	struct yaml *value = yaml_get(from, str_of(key));

	if (!value)
		return;
	yaml_put(t->dag, str_of(key), value);
	take_away(from, key);
}

static void drop_empty(struct yaml *template)
{
	static const char *const keys[] = {"inputs", "outputs"};

	for (int k = 0; k < 2; k++) {
		const struct yaml *ports = yaml_get(template, str_of(keys[k]));

		if (ports && !ports->n)
			take_away(template, keys[k]);
	}
}

static void check_command(struct trio *t)
{
	if (!t->c->command)
		export_fault(t->g->x, E1001, t->c->code_loc.line ? t->c->code_loc : t->c->loc,
			     "Argo does not know what the image of '%.*s' runs: say the "
			     "`command`",
			     STR_ARG(t->c->name));
}

static void add_run(struct trio *t, bool words)
{
	struct yaml *template = new_template(t, "run");
	struct yaml *task = add_task(t, "run", words ? "argv" : NULL, template);
	struct yaml *container = t->container;

	give_files(t, template, task);
	give_settings(t, template, task);
	take_files(t, template);
	for (size_t j = 0; j < t->settings->n; j++)
		yaml_put(template, t->settings->items[j].key,
			 t->settings->items[j].value);
	if (words) {
		/* What the patch takes the place of. */
		if (t->c->command) {
			yaml_put(container, STR("command"), yaml_seq(t->g->a));
			yaml_add(yaml_get(container, STR("command")),
				 yaml_str(t->g->a, STR("sh")));
		}
		patch_words(t, template, task);
	} else {
		put_words(t, container, "command", t->c->command);
		put_words(t, container, "args", t->c->args);
	}
	mount_outputs(t, template, container);
	move_up(t, template, "retryStrategy");
	move_up(t, template, "annotations");
	yaml_put(template, STR("container"), container);
	check_command(t);
}

static void add_collect(struct trio *t)
{
	struct yaml *template, *task, *inputs, *file;

	if (!t->job->outputs.n)
		return;
	template = new_template(t, "collect");
	task = add_task(t, "collect", "run", template);
	give_values(t, template, task, false);
	inputs = yaml_sub(template, STR("inputs"));
	for (size_t j = 0; j < t->job->outputs.n; j++) {
		struct str name = t->job->outputs.at[j].name;

		file = argo_add_named(inputs, STR("artifacts"), name);
		yaml_put_str(file, STR("path"),
			     arena_printf(t->g->a, ARGO_INPUTS "/%.*s", STR_ARG(name)));
		yaml_put(file, STR("optional"), yaml_bool(t->g->a, true));
		bind(t, task, true, name, FROM_RUN, true);
	}
	yaml_put(template, STR("outputs"), argo_pod_outputs(t->g, t->job));
	yaml_put(template, STR("container"), yaml_map(t->g->a));
}

/* The ports of the DAG: those of a pod with these reads and outputs, without paths. */
static void add_ports(struct trio *t)
{
	struct yaml *inputs = yaml_map(t->g->a), *item;

	for (size_t j = 0; j < t->job->spec.reads.n; j++) {
		const struct spec_read *r = &t->job->spec.reads.at[j];
		bool artifact = type_holds_artifacts(r->type);

		item = argo_add_named(inputs,
				      artifact ? STR("artifacts") : STR("parameters"),
				      r->name);
		if (artifact && r->type->kind == TYPE_OPT)
			yaml_put(item, STR("optional"), yaml_bool(t->g->a, true));
	}
	argo_put_some(t->dag, STR("inputs"), inputs);
}

static void lift_outputs(struct trio *t)
{
	static const char *const lists[] = {"parameters", "artifacts"};
	struct yaml *made = argo_pod_outputs(t->g, t->job), *outputs, *item;

	if (!made->n)
		return;
	outputs = yaml_sub(t->dag, STR("outputs"));
	for (int k = 0; k < 2; k++) {
		const struct yaml *list = yaml_get(made, str_of(lists[k]));

		for (size_t j = 0; list && j < list->n; j++) {
			struct str name = name_of(list->items[j].value);
			struct str tag = arena_printf(
				t->g->a, "{{tasks.collect.outputs.%s.%.*s}}", lists[k],
				STR_ARG(name));

			item = argo_add_named(outputs, str_of(lists[k]), name);
			if (k)
				yaml_put_str(item, STR("from"), tag);
			else
				yaml_put_str(yaml_sub(item, STR("valueFrom")),
					     STR("parameter"), tag);
			if (k && yaml_get(list->items[j].value, STR("optional")))
				yaml_put(item, STR("optional"),
					 yaml_bool(t->g->a, true));
		}
	}
}

static void ask(struct trio *t)
{
	t->settings = yaml_map(t->g->a);
	t->container = yaml_map(t->g->a);
	yaml_put_str(t->container, STR("image"), argo_image(t->g, t->c));
	if (t->g->x->argo.pull_policy.n)
		yaml_put_str(t->container, STR("imagePullPolicy"),
			     t->g->x->argo.pull_policy);
	argo_settings(t->g, t->job, t->settings, t->container);
}

/* All that makes the templates differ from those of another task. */
static struct str what_it_says(struct trio *t)
{
	struct buf b = {0};
	struct str out;

	buf_addf(&b, "%u ", t->job->node->target);
	yaml_write_by_hand(t->settings, &b);
	yaml_write_by_hand(t->container, &b);
	buf_add(&b, buf_str(&t->job->spec.b));
	for (size_t j = 0; j < t->job->spec.reads.n; j++) {
		buf_add(&b, t->job->spec.reads.at[j].name);
		tree_type(t->job->spec.reads.at[j].type, &b);
	}
	out = arena_str(t->g->a, buf_str(&b));
	buf_release(&b);
	return out;
}

static void make_templates(struct trio *t)
{
	struct argo *g = t->g;
	bool words = needs_words(t);
	size_t first = g->pods.n;

	t->dag = yaml_map(g->a);
	yaml_put_str(t->dag, STR("name"), argo_name(g, &g->names, t->job->name));
	vec_push(&g->pods, t->dag);
	t->tasks = yaml_seq(g->a);
	add_ports(t);
	if (words)
		add_argv(t);
	add_run(t, words);
	add_collect(t);
	yaml_put(yaml_sub(t->dag, STR("dag")), STR("tasks"), t->tasks);
	lift_outputs(t);
	finish_spec(t);
	for (size_t j = first; j < g->pods.n; j++)
		drop_empty(g->pods.at[j]);
	if (words)
		put_launcher(t, g->pods.at[first + 1], "argv");
	if (t->job->outputs.n)
		put_launcher(t, vec_last(&g->pods), "collected");
}

struct yaml *argo_container(struct argo *g, struct argo_job *job)
{
	struct trio t = {.g = g, .job = job,
			 .c = &g->m->components[job->node->target]};
	struct str what;

	if (job->tells)
		export_fault(g->x, E1001, job->loc,
			     "Argo does not tell why the program of '%.*s' failed, which "
			     "`run.error` is asked for: ask `run.state`",
			     STR_ARG(t.c->name));
	if (argo_is_memoized(g, job))
		export_fault(g->x, W1001, argo_setting_loc(g, job, SETTING_CACHE),
			     "an earlier result of a program of an image is not taken in Argo: "
			     "it is run each time");
	ask(&t);
	what = what_it_says(&t);
	t.dag = map_get(&argo_pods(g)->made, what);
	if (t.dag) {
		spec_end(&job->spec);
		return t.dag;
	}
	make_templates(&t);
	map_set(&g->p->made, what, t.dag);
	return t.dag;
}
