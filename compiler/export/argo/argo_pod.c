/* Templates of pods: the launcher, what it is told, and the files of both. */
#include <config.h>

#include "compiler/export/argo/argo_pod.h"

#include "compiler/export/argo/argo_launch.py.h"
#include "compiler/export/argo/argo_run.py.h"

#define PYTHON(array) ((struct str){(const char *)array, array##_len})

/* Does some task of the module ask for a result to be kept? */
static bool asks_to_keep(const struct module_setting *s, uint32_t n)
{
	for (uint32_t j = 0; j < n; j++)
		if (s[j].id == SETTING_CACHE && s[j].value->tree->kind == EXPR_CONST &&
		    s[j].value->tree->value.b)
			return true;
	return false;
}

static bool is_memoizing(const struct argo *g)
{
	const struct module *m = g->m;

	for (uint32_t j = 0; j < m->ncomponents; j++)
		if (asks_to_keep(m->components[j].settings, m->components[j].nsettings))
			return true;
	for (uint32_t j = 0; j < m->npipelines; j++)
		for (uint32_t n = 0; n < m->pipelines[j].nnodes; n++)
			if (asks_to_keep(m->pipelines[j].nodes[n].settings,
					 m->pipelines[j].nodes[n].nsettings))
				return true;
	return g->baked.n > 0;
}

struct pods *argo_pods(struct argo *g)
{
	if (!g->p) {
		g->p = ARENA_NEW(g->a, struct pods);
		g->p->files = yaml_map(g->a);
		g->p->secrets = yaml_seq(g->a);
		g->p->memoizes = is_memoizing(g);
	}
	return g->p;
}

void argo_release_pods(struct argo *g)
{
	if (g->p)
		map_release(&g->p->made);
}

void argo_put_some(struct yaml *map, struct str key, struct yaml *value)
{
	if (value->n)
		yaml_put(map, key, value);
}

struct yaml *argo_add_named(struct yaml *map, struct str key, struct str name)
{
	struct yaml *item = yaml_map(map->a);

	yaml_put_str(item, STR("name"), name);
	yaml_add(yaml_list(map, key), item);
	return item;
}

struct str argo_image(struct argo *g, const struct module_component *c)
{
	const struct module_env *e = c && c->env != MODULE_NONE ? &g->m->envs[c->env] : NULL;

	if (e && e->image.n)
		return e->image;
	if (e && e->python.n)
		return arena_printf(g->a, "python:%.*s-slim", STR_ARG(e->python));
	return STR(ARGO_IMAGE);
}

struct str argo_unexpanded(struct argo *g, struct str text)
{
	struct buf b = {0};
	struct str out;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '$' && i + 1 < text.n &&
		    (text.p[i + 1] == '(' || text.p[i + 1] == '$'))
			buf_addc(&b, '$');
		buf_addc(&b, text.p[i]);
	}
	out = arena_str(g->a, buf_str(&b));
	buf_release(&b);
	return out;
}

/* What the launcher reads */

void argo_add_launcher(struct argo *g)
{
	struct pods *p = argo_pods(g);

	if (!p->files->n)
		return;
	yaml_put_str(p->files, STR("run.py"), PYTHON(argo_run_py));
	yaml_put_str(p->files, STR("kfpc_task.py"),
		     spec_launcher(g->x->helper, SPEC_ALL - 1,
				   PYTHON(argo_launch_py), g->a));
}

static const char *kind_of(const struct module_component *c)
{
	switch (c->code_kind) {
	case CODE_SHELL:
		return "shell";
	case CODE_CONTAINER:
		return "container";
	case CODE_NOTEBOOK:
		return "notebook";
	case CODE_LOAD:
		return "load";
	case CODE_PYTHON:
	case CODE_PYTHON_FILE:
	case CODE_NATIVE:
		break;
	}
	return "python";
}

/* The ending of the file with the code; NULL: there is none. */
static const char *ending_of(const struct module_component *c)
{
	switch (c->code_kind) {
	case CODE_SHELL:
		return "sh";
	case CODE_NOTEBOOK:
		return "ipynb";
	case CODE_PYTHON:
	case CODE_PYTHON_FILE:
		return "py";
	case CODE_CONTAINER:
	case CODE_LOAD:
	case CODE_NATIVE:
		break;
	}
	return NULL;
}

void argo_code(struct argo *g, struct argo_job *job)
{
	const struct module_component *c = &g->m->components[job->node->target];
	struct spec *s = &job->spec;

	s->code_apart = true;
	spec_begin(s, kind_of(c));
	s->helper = g->x->helper;
	s->driver = g->x->driver;
	if (ending_of(c))
		spec_text(s, "code_in", str_of(ending_of(c)));
	if (c->code_kind != CODE_CONTAINER) {
		spec_code(s, c);
		spec_packages(s, c);
	}
	spec_outputs(s, c);
	argo_setting_reads(g, job);
}

/* The launcher writes a text for each, even when all fails. */
static void add_values(struct argo *g, struct argo_job *job)
{
	struct buf *b = &job->spec.b;

	buf_addz(b, ",\n\"values\": [");
	for (size_t j = 0; j < job->outputs.n; j++) {
		struct argo_output *o = &job->outputs.at[j];

		buf_addf(b, "%s\"%.*s%s\"", j ? ", " : "", STR_ARG(o->name),
			 type_holds_artifacts(o->type) ? "-metadata" : "");
	}
	buf_addc(b, ']');
	if (argo_pods(g)->memoizes)
		buf_addz(b, ",\n\"digests\": true");
}

/* Inputs and outputs */

static struct str metadata_of(struct argo *g, struct str name)
{
	return arena_printf(g->a, "%.*s-metadata", STR_ARG(name));
}

/* A value comes as a file, which needs no quotes and may be as long as it likes. */
static void add_raw_file(struct argo *g, struct yaml *inputs, struct str name,
			 struct str data)
{
	struct yaml *file = argo_add_named(inputs, STR("artifacts"), name);

	yaml_put_str(file, STR("path"),
		     arena_printf(g->a, ARGO_INPUTS "/%.*s", STR_ARG(name)));
	yaml_put_str(yaml_sub(file, STR("raw")), STR("data"), data);
}

void argo_value_input(struct argo *g, struct yaml *inputs, struct str name)
{
	argo_add_named(inputs, STR("parameters"), name);
	add_raw_file(g, inputs, name,
		     arena_printf(g->a, "{{inputs.parameters.%.*s}}", STR_ARG(name)));
}

static void add_file_input(struct argo *g, struct yaml *inputs, struct str name,
			   bool optional)
{
	struct yaml *file;

	argo_value_input(g, inputs, metadata_of(g, name));
	file = argo_add_named(inputs, STR("artifacts"), name);
	yaml_put_str(file, STR("path"),
		     arena_printf(g->a, ARGO_INPUTS "/%.*s", STR_ARG(name)));
	if (optional)
		yaml_put(file, STR("optional"), yaml_bool(g->a, true));
}

bool argo_is_setting(struct str read)
{
	return str_has_prefix(read, STR("setting-"));
}

static struct yaml *inputs_of(struct argo *g, const struct argo_job *job)
{
	struct yaml *inputs = yaml_map(g->a);

	for (size_t j = 0; j < job->spec.reads.n; j++) {
		const struct spec_read *r = &job->spec.reads.at[j];
		const struct argo_read *from = &job->reads.at[j];

		if (argo_is_own_name(&from->source))
			add_raw_file(g, inputs, r->name, STR("{{pod.name}}"));
		else if (argo_is_setting(r->name) &&
			 !str_has_prefix(r->name, STR("setting-env")))
			argo_add_named(inputs, STR("parameters"), r->name);
		else if (!type_holds_artifacts(r->type))
			argo_value_input(g, inputs, r->name);
		else if (from->form != READ_FILES)
			add_file_input(g, inputs, r->name,
				       r->type->kind == TYPE_OPT ||
					       from->form == READ_FOLDER);
		for (uint32_t k = 0; from->form == READ_FILES && k < from->source.index;
		     k++)
			add_file_input(
				g, inputs,
				arena_printf(g->a, "%.*s-%u", STR_ARG(r->name), k + 1),
				from->source.parts[k].type->kind == TYPE_OPT);
	}
	return inputs;
}

struct yaml *argo_pod_output(struct argo *g, struct yaml *outputs, bool artifact,
			     struct str name)
{
	struct yaml *o = argo_add_named(
		outputs, artifact ? STR("artifacts") : STR("parameters"), name);
	struct str path = arena_printf(g->a, ARGO_OUTPUTS "/%.*s", STR_ARG(name));

	yaml_put_str(artifact ? o : yaml_sub(o, STR("valueFrom")), STR("path"), path);
	if (artifact)
		yaml_put(yaml_sub(o, STR("archive")), STR("none"), yaml_map(g->a));
	return o;
}

static bool is_model(const struct type *t)
{
	for (t = type_strip(t); t; t = t->base)
		if (str_is(t->name, "Model"))
			return true;
	return false;
}

void argo_put_key(struct argo *g, struct yaml *artifact, struct str key)
{
	struct str store = g->x->argo.store.n ? g->x->argo.store : STR("s3");

	argo_pods(g)->collects = true;
	yaml_put_str(yaml_sub(artifact, store),
		     str_is(store, "azure") ? STR("blob") : STR("key"), key);
}

static void add_artifact_output(struct argo *g, const struct argo_job *job,
				struct yaml *outputs, const struct argo_output *o)
{
	struct yaml *file = argo_pod_output(g, outputs, true, o->name);

	if (o->type->kind == TYPE_OPT)
		yaml_put(file, STR("optional"), yaml_bool(g->a, true));
	if (job->collect.n)
		argo_put_key(g, file,
			     arena_printf(g->a, "%.*s/{{pod.name}}",
					  STR_ARG(job->collect)));
	argo_pod_output(g, outputs, false, metadata_of(g, o->name));
	if (job->node && is_model(o->type))
		argo_pod_output(g, outputs, true,
			   arena_printf(g->a, "%.*s-bundle", STR_ARG(o->name)));
}

struct yaml *argo_pod_outputs(struct argo *g, const struct argo_job *job)
{
	struct yaml *outputs = yaml_map(g->a);

	for (size_t j = 0; j < job->outputs.n; j++) {
		const struct argo_output *o = &job->outputs.at[j];

		if (type_holds_artifacts(o->type)) {
			add_artifact_output(g, job, outputs, o);
			continue;
		}
		argo_pod_output(g, outputs, false, o->name);
		if (job->node && type_strip(o->type)->kind == TYPE_SERIES)
			argo_pod_output(g, outputs, true,
				   arena_printf(g->a, "%.*s-points", STR_ARG(o->name)));
	}
	if (job->tells)
		yaml_put_str(yaml_get(argo_pod_output(g, outputs, false, STR("kfpc_error")),
				      STR("valueFrom")),
			     STR("default"), STR(""));
	return outputs;
}

bool argo_has_port(const struct yaml *pod, const char *side, struct str name)
{
	static const char *const lists[] = {"parameters", "artifacts"};
	const struct yaml *ports = yaml_get(pod, str_of(side)), *list;

	for (int k = 0; ports && k < 2; k++) {
		list = yaml_get(ports, str_of(lists[k]));
		for (size_t j = 0; list && j < list->n; j++)
			if (str_eq(yaml_get(list->items[j].value, STR("name"))->text,
				   name))
				return true;
	}
	return false;
}

/* The template */

struct yaml *argo_launcher(struct argo *g, const struct module_component *c)
{
	struct yaml *container = yaml_map(g->a), *command = yaml_seq(g->a), *mount;

	yaml_put_str(container, STR("image"), argo_image(g, c));
	if (g->x->argo.pull_policy.n)
		yaml_put_str(container, STR("imagePullPolicy"), g->x->argo.pull_policy);
	yaml_add(command, yaml_str(g->a, STR("python3")));
	yaml_add(command, yaml_str(g->a, STR(ARGO_FILES "/run.py")));
	yaml_put(container, STR("command"), command);
	yaml_put(container, STR("args"), yaml_seq(g->a));
	mount = argo_add_named(container, STR("volumeMounts"), STR("kfpc"));
	yaml_put_str(mount, STR("mountPath"), STR(ARGO_FILES));
	return container;
}

void argo_launcher_args(struct argo *g, struct yaml *container, struct str name,
			bool collects)
{
	struct yaml *args = yaml_get(container, STR("args"));

	yaml_add(args, yaml_str(g->a, arena_printf(g->a, ARGO_FILES "/%.*s.json",
						   STR_ARG(name))));
	yaml_add(args, yaml_str(g->a, STR(ARGO_INPUTS)));
	yaml_add(args, yaml_str(g->a, STR(ARGO_OUTPUTS)));
	if (collects)
		yaml_add(args, yaml_str(g->a, STR("{{pod.name}}")));
}

/* Names the template and its files, now that it is known to be a new one. */
static void name_it(struct argo *g, struct argo_job *job, struct yaml *template,
		    struct str spec, const struct module_component *c)
{
	struct str name = argo_name(g, &g->names, job->name);
	struct yaml *files = argo_pods(g)->files;

	yaml_put_str(template, STR("name"), name);
	argo_launcher_args(g, yaml_get(template, STR("container")), name,
			   job->collect.n > 0);
	yaml_put_str(files, arena_printf(g->a, "%.*s.json", STR_ARG(name)), spec);
	if (c && ending_of(c))
		yaml_put_str(files,
			     arena_printf(g->a, "%.*s.%s", STR_ARG(name), ending_of(c)),
			     spec_code_text(g->m, c));
	vec_push(&g->pods, template);
}

/* All that a template says but its name. */
static struct str what_it_says(struct argo *g, struct yaml *template,
			       struct str memo, struct str spec,
			       const struct module_component *c)
{
	struct buf b = {0};
	struct str out;

	yaml_write_by_hand(template, &b);
	buf_add(&b, memo);
	buf_add(&b, spec);
	if (c)
		buf_add(&b, spec_code_text(g->m, c));
	out = arena_str(g->a, buf_str(&b));
	buf_release(&b);
	return out;
}

static bool is_exportable(struct argo *g, const struct argo_job *job,
			  const struct module_component *c)
{
	if (!c)
		return true;
	if (c->code_kind == CODE_LOAD)
		return argo_can_load(g, job);
	if (c->code_kind != CODE_NATIVE)
		return true;
	export_fault(g->x, E1001, c->code_loc.line ? c->code_loc : c->loc,
		     "'%.*s' calls a library of this machine, which no pod has: put it "
		     "into an image and call it from Python",
		     STR_ARG(c->name));
	return false;
}

struct yaml *argo_pod(struct argo *g, struct argo_job *job)
{
	const struct module_component *c =
		job->node ? &g->m->components[job->node->target] : NULL;
	struct yaml *template = yaml_map(g->a), *container = argo_launcher(g, c), *made;
	struct str spec, what, memo = {"", 0};

	if (c && c->code_kind == CODE_CONTAINER)
		return argo_container(g, job);
	yaml_put_str(template, STR("name"), (struct str){"", 0});
	argo_put_some(template, STR("inputs"), inputs_of(g, job));
	argo_put_some(template, STR("outputs"), argo_pod_outputs(g, job));
	add_values(g, job);
	if (c)
		argo_settings(g, job, template, container);
	yaml_put(template, STR("container"), container);
	if (argo_is_memoized(g, job))
		memo = argo_memo_inputs(g, job, template);
	spec = spec_end(&job->spec);
	if (!is_exportable(g, job, c))
		return NULL;
	what = what_it_says(g, template, memo, spec, c);
	made = map_get(&argo_pods(g)->made, what);
	if (made)
		return made;
	name_it(g, job, template, spec, c);
	if (memo.n)
		argo_memoize(g, yaml_get(template, STR("name"))->text, memo, what,
			     template);
	map_set(&g->p->made, what, template);
	return template;
}
