/* Components, and the tasks that Kubeflow needs where the language has an expression. */
#include <config.h>

#include "compiler/export/kfp_int.h"

#include <stdio.h>

#include "runtime/base/limits.h"
#include "runtime/value/json.h"

#include "compiler/export/kfp_launch.py.h"

/* What the kernel takes as one argument of a program, less what is around the code. */
enum { ARGUMENT_MAX = 120 << 10 };

static const char boot[] = "import sys\n"
			   "kfpc_task = type(sys)('kfpc_task')\n"
			   "sys.modules['kfpc_task'] = kfpc_task\n"
			   "exec(sys.argv[1], kfpc_task.__dict__)\n"
			   "kfpc_task.launch(sys.argv[2:])\n";

static struct str launcher(struct kfp *k)
{
	struct buf b = {0};

	if (!k->launcher.n) {
		buf_add(&b, k->x->helper);
		buf_addz(&b, "\n\n");
		buf_add(&b, (struct str){(const char *)kfp_launch_py, kfp_launch_py_len});
		k->launcher = arena_str(k->a, buf_str(&b));
		buf_release(&b);
	}
	return k->launcher;
}

static struct yaml *executor(struct kfp *k, struct str name, struct str spec)
{
	struct yaml *exec =
		yaml_sub(k->executors, arena_printf(k->a, "exec-%.*s", STR_ARG(name)));
	struct yaml *c = yaml_sub(exec, STR("container"));
	struct yaml *command = yaml_seq(k->a), *args = yaml_seq(k->a);

	yaml_add(command, yaml_str(k->a, STR("python3")));
	yaml_add(command, yaml_str(k->a, STR("-c")));
	yaml_add(command, yaml_str(k->a, str_of(boot)));
	yaml_add(command, yaml_str(k->a, launcher(k)));
	yaml_add(command, yaml_str(k->a, spec));
	yaml_add(args, yaml_str(k->a, STR("--executor_input")));
	yaml_add(args, yaml_str(k->a, STR("{{$}}")));
	yaml_put(c, STR("command"), command);
	yaml_put(c, STR("args"), args);
	yaml_put_str(c, STR("image"), STR("python:3.11-slim"));
	return c;
}

static struct yaml *component(struct kfp *k, struct str name)
{
	struct yaml *comp =
		yaml_sub(k->components, arena_printf(k->a, "comp-%.*s", STR_ARG(name)));

	yaml_put_str(comp, STR("executorLabel"),
		     arena_printf(k->a, "exec-%.*s", STR_ARG(name)));
	return comp;
}

struct spec {
	struct buf b;
	struct kfp_read *reads;
	uint32_t nreads;
};

static void spec_begin(struct spec *s, const char *kind)
{
	buf_addf(&s->b, "{\"kind\": \"%s\"", kind);
}

static void spec_text(struct spec *s, const char *key, struct str text)
{
	buf_addf(&s->b, ",\n\"%s\": ", key);
	kfp_text_json(text, &s->b);
}

static void spec_reads(struct spec *s)
{
	buf_addz(&s->b, ",\n\"reads\": [");
	for (uint32_t i = 0; i < s->nreads; i++) {
		buf_addz(&s->b, i ? ", [" : "[");
		kfp_text_json(s->reads[i].name, &s->b);
		buf_addz(&s->b, ", ");
		if (s->reads[i].source.kind == SOURCE_STATUS)
			buf_addz(&s->b, "[\"status\", \"str\"]");
		else
			kfp_type_json(s->reads[i].type, &s->b);
		buf_addz(&s->b, kfp_is_text(s->reads[i].type) ? ", true]" : ", false]");
	}
	buf_addc(&s->b, ']');
}

/* The end of it, as a str; s is empty then. */
static struct str spec_end(struct kfp *k, struct spec *s, struct loc loc)
{
	struct str text;

	if (str_find(buf_str(&s->b), STR("[\"call\", "), 0) < s->b.n) {
		buf_addz(&s->b, ",\n\"defs\": ");
		kfp_defs_json(k->m, &s->b);
	}
	buf_addc(&s->b, '}');
	if (s->b.n > ARGUMENT_MAX)
		export_fault(
			k->x, E1004, loc,
			"the code is %zu KiB long, and a container takes at most %d KiB",
			s->b.n >> 10, ARGUMENT_MAX >> 10);
	text = arena_str(k->a, buf_str(&s->b));
	buf_release(&s->b);
	return text;
}

static uint32_t add_read(struct spec *s, struct kfp_read read)
{
	s->reads[s->nreads] = read;
	return s->nreads++;
}

/* Reads for all inputs of a site; at[i] is which. */
static uint32_t *site_reads(struct kfp *k, struct inst *i, const struct site *site,
			    struct spec *s, const char *prefix)
{
	uint32_t *at = ARENA_ARRAY(k->a, site->ninputs + 1, uint32_t);

	for (uint32_t j = 0; j < site->ninputs; j++) {
		struct source from = kfp_input(k, i, site->inputs[j], site);

		at[j] = add_read(s, (struct kfp_read){arena_printf(k->a, "%s%u", prefix,
								   s->nreads + 1),
						      from, from.type});
	}
	return at;
}

static void bind_reads(struct kfp *k, struct dag *d, struct yaml *task, struct yaml *comp,
		       const struct spec *s)
{
	struct yaml *defs = s->nreads ? yaml_sub(comp, STR("inputDefinitions")) : NULL;

	for (uint32_t j = 0; j < s->nreads; j++) {
		const struct kfp_read *r = &s->reads[j];

		if (!r->type)
			continue;
		kfp_define(k, defs, r->name, r->type, r->type->kind == TYPE_OPT);
		if (r->source.kind == SOURCE_STATUS)
			yaml_put_str(yaml_get(yaml_get(defs, STR("parameters")), r->name),
				     STR("parameterType"), STR("TASK_FINAL_STATUS"));
		kfp_bind(k, d, task, r->name, r->source);
	}
}

static void caching(struct yaml *task, bool on)
{
	struct yaml *c = yaml_sub(task, STR("cachingOptions"));

	if (on)
		yaml_put(c, STR("enableCache"), yaml_bool(task->a, true));
}

struct source kfp_compute(struct kfp *k, struct inst *i, struct dag *d,
			  const struct site *site, const struct site *message,
			  struct str name, bool is_assert)
{
	struct str task = kfp_unique(k, name), place = module_loc(k->m, site->loc, k->a);
	uint32_t n = site->ninputs + (message ? message->ninputs : 0), *at;
	struct spec s = {.reads = ARENA_ARRAY(k->a, n + 1, struct kfp_read)};
	struct yaml *comp = component(k, task),
		    *t = kfp_task(k, d, task, (struct str){"", 0});

	spec_begin(&s, is_assert ? "assert" : "expr");
	spec_text(&s, "place", place);
	spec_text(&s, "text", site->text);
	at = site_reads(k, i, site, &s, "in");
	buf_addz(&s.b, ",\n\"tree\": ");
	kfp_tree_json(k->m, site->tree, at, &s.b);
	if (message) {
		at = site_reads(k, i, message, &s, "in");
		buf_addz(&s.b, ",\n\"message\": ");
		kfp_tree_json(k->m, message->tree, at, &s.b);
	}
	if (!is_assert) {
		buf_addz(&s.b, ",\n\"type\": ");
		kfp_type_json(site->type, &s.b);
		buf_addz(&s.b, kfp_is_text(site->type) ? ",\n\"is_text\": true"
						       : ",\n\"is_text\": false");
		kfp_define_output(k, comp, STR("Output"), site->type, site->loc);
	}
	spec_reads(&s);
	bind_reads(k, d, t, comp, &s);
	executor(k, task, spec_end(k, &s, site->loc));
	caching(t, true);
	return (struct source){SOURCE_OUTPUT, d,          task,
			       STR("Output"), site->type, VALUE_NONE_V};
}

struct source kfp_pass(struct kfp *k, struct dag *d, struct source from, struct str name,
		       const struct type *type)
{
	struct str task = kfp_unique(k, name);
	struct kfp_read read = {STR("value"), from, type};
	struct spec s = {.reads = &read, .nreads = 1};
	struct yaml *comp = component(k, task),
		    *t = kfp_task(k, d, task, (struct str){"", 0});

	spec_begin(&s, "pass");
	buf_addz(&s.b, ",\n\"type\": ");
	kfp_type_json(type, &s.b);
	buf_addz(&s.b,
		 kfp_is_text(type) ? ",\n\"is_text\": true" : ",\n\"is_text\": false");
	spec_reads(&s);
	kfp_define_output(k, comp, STR("Output"), type, k->at);
	bind_reads(k, d, t, comp, &s);
	executor(k, task, spec_end(k, &s, (struct loc){0}));
	caching(t, true);
	return (struct source){SOURCE_OUTPUT, d, task, STR("Output"), type, VALUE_NONE_V};
}

static bool is_plain(const struct expr *e)
{
	return e->kind == EXPR_CONST || e->kind == EXPR_INPUT ||
	       (e->kind == EXPR_TO_FLOAT && e->args[0]->kind == EXPR_INPUT);
}

struct source kfp_constant(struct kfp *k, struct value v, const struct type *t)
{
	struct buf text = {0};

	if (kfp_is_text(t) && v.kind != VALUE_NONE) {
		json_write(v, &text);
		v = value_str(k->a, buf_str(&text));
		buf_release(&text);
	}
	return (struct source){.kind = SOURCE_CONST, .type = t, .value = v};
}

struct source kfp_plain(struct kfp *k, struct inst *i, const struct site *site)
{
	const struct expr *e = site->tree;
	struct source s = {.kind = SOURCE_NONE, .type = site->type};

	if (!is_plain(e))
		return s;
	if (e->kind == EXPR_CONST) {
		s = kfp_constant(k, e->value, site->type);
		if (!kfp_holds(s.value))
			s.kind = SOURCE_NONE;
		return s;
	}
	e = e->kind == EXPR_INPUT ? e : e->args[0];
	s = kfp_input(k, i, site->inputs[e->input], site);
	if (s.kind == SOURCE_STATUS || (s.kind && !kfp_same_wire(s.type, site->type)))
		s.kind = SOURCE_NONE;
	return s;
}

struct source kfp_site(struct kfp *k, struct inst *i, struct dag *d, const struct site *s,
		       struct str name)
{
	struct source from = kfp_plain(k, i, s);

	if (!from.kind && type_holds_artifacts(s->type))
		export_fault(k->x, E1001, s->loc,
			     "Kubeflow has no way to choose an artifact by an "
			     "expression, but as an argument of a task");

	return from.kind || type_holds_artifacts(s->type)
		       ? from
		       : kfp_compute(k, i, d, s, NULL, name, false);
}

/* A `where` over parameters and, behind them, outputs. */
static void where_json(struct kfp *k, const struct module_component *c,
		       const struct site *where, struct buf *b)
{
	uint32_t *at;

	if (!where) {
		buf_addz(b, ", null, null");
		return;
	}
	at = ARENA_ARRAY(k->a, where->ninputs + 1, uint32_t);
	for (uint32_t j = 0; j < where->ninputs; j++)
		at[j] = where->inputs[j].index +
			(where->inputs[j].kind == INPUT_OUTPUT ? c->nparams : 0);
	buf_addz(b, ", ");
	kfp_text_json(where->text, b);
	buf_addz(b, ", ");
	kfp_tree_json(k->m, where->tree, at, b);
}

static void outputs_json(struct kfp *k, const struct module_component *c, struct spec *s,
			 struct yaml *comp)
{
	buf_addz(&s->b, ",\n\"outputs\": [");
	for (uint32_t j = 0; j < c->noutputs; j++) {
		const struct module_output *o = &c->outputs[j];
		struct yaml *defs = yaml_sub(comp, STR("outputDefinitions"));
		bool series = o->type->kind == TYPE_SERIES;

		buf_addz(&s->b, j ? ",\n[" : "[");
		kfp_text_json(o->name, &s->b);
		buf_addz(&s->b, ", ");
		kfp_type_json(o->type, &s->b);
		where_json(k, c, o->where, &s->b);
		buf_addz(&s->b, kfp_is_text(o->type) ? ", true]" : ", false]");
		kfp_define_output(k, comp, o->name, o->type, o->loc);
		if (series)
			kfp_define(k, defs,
				   arena_printf(k->a, "%.*s_points", STR_ARG(o->name)),
				   k->m->types.artifact, false);
		if (series || o->type->kind == TYPE_METRIC)
			kfp_define(k, defs, STR("kfpc_metrics"), k->m->types.metrics,
				   false);
	}
	buf_addc(&s->b, ']');
}

static const char *spec_kind(struct kfp *k, const struct module_component *c)
{
	switch (c->code_kind) {
	case CODE_PYTHON:
	case CODE_PYTHON_FILE:
		return "python";
	case CODE_SHELL:
		return "shell";
	case CODE_CONTAINER:
	case CODE_NATIVE:
	case CODE_LOAD:
	case CODE_NOTEBOOK:
		break;
	}
	export_fault(k->x, E1001, c->code_loc.line ? c->code_loc : c->loc,
		     "the code of '%.*s' is of a kind that this version cannot export to "
		     "Kubeflow",
		     STR_ARG(c->name));
	return "none";
}

static void code_json(struct kfp *k, const struct module_component *c, struct spec *s)
{
	bool file = c->code_kind == CODE_PYTHON_FILE;
	struct str name = k->m->files[file ? c->code_file : c->code_loc.file].path;

	spec_text(s, "file", name);
	buf_addf(&s->b, ",\n\"line\": %u, \"limit\": %d", file ? 1 : c->code_loc.line,
		 LIMIT_VALUE_BYTES);
	spec_text(s, "entry", file ? c->entry : (struct str){"", 0});
	spec_text(s, "code", file ? k->m->files[c->code_file].text : c->code);
}

static void packages_json(struct kfp *k, const struct module_component *c, struct spec *s)
{
	const struct module_env *e;

	if (c->env == MODULE_NONE)
		return;
	e = &k->m->envs[c->env];
	buf_addz(&s->b, ",\n\"packages\": [");
	for (uint32_t j = 0; j < e->npackages; j++) {
		buf_addz(&s->b, j ? ", " : "");
		kfp_text_json(e->packages[j], &s->b);
	}
	buf_addz(&s->b, "], \"index_urls\": [");
	for (uint32_t j = 0; j < e->nindex_urls; j++) {
		buf_addz(&s->b, j ? ", " : "");
		kfp_text_json(e->index_urls[j], &s->b);
	}
	buf_addc(&s->b, ']');
	if (e->requirements != MODULE_NONE)
		spec_text(s, "requirements", k->m->files[e->requirements].text);
}

/* The parameters: from the input of their name, or computed from inputs of their own. */
static void params_json(struct kfp *k, struct inst *i, const struct module_component *c,
			const struct source *args, const struct site *const *sites,
			struct spec *s)
{
	buf_addz(&s->b, ",\n\"params\": [");
	for (uint32_t j = 0; j < c->nparams; j++) {
		const struct module_param *p = &c->params[j];
		const struct site *site = args[j].kind ? NULL : sites[j];

		buf_addz(&s->b, j ? ",\n[" : "[");
		kfp_text_json(p->name, &s->b);
		buf_addz(&s->b, ", ");
		kfp_type_json(p->type, &s->b);
		buf_addz(&s->b, ", ");
		if (site) {
			struct str prefix = arena_printf(k->a, "%.*s_", STR_ARG(p->name));
			uint32_t *at = site_reads(k, i, site, s, prefix.p);

			kfp_tree_json(k->m, site->tree, at, &s->b);
		} else {
			buf_addf(&s->b, "[\"input\", %u]",
				 add_read(s,
					  (struct kfp_read){p->name, args[j], p->type}));
		}
		where_json(k, c, p->where, &s->b);
		buf_addc(&s->b, ']');
	}
	buf_addc(&s->b, ']');
}

static uint32_t count_reads(const struct module_component *c,
			    const struct site *const *sites)
{
	uint32_t n = c->nparams + 1;

	for (uint32_t j = 0; j < c->nparams; j++)
		n += sites[j] ? sites[j]->ninputs : 0;
	return n;
}

/* Makes the component and its executor under this name; its reads stay in s. */
static void make_component(struct kfp *k, struct inst *i, const struct module_node *n,
			   struct str name, const struct source *args,
			   const struct site *const *sites, struct spec *s)
{
	const struct module_component *c = &k->m->components[n->target];
	struct yaml *comp = component(k, name), *container;
	struct str exec = arena_printf(k->a, "exec-%.*s", STR_ARG(name));

	spec_begin(s, spec_kind(k, c));
	code_json(k, c, s);
	params_json(k, i, c, args, sites, s);
	outputs_json(k, c, s, comp);
	packages_json(k, c, s);
	spec_reads(s);
	container = executor(k, name, spec_end(k, s, c->loc));
	kfp_environment(k, c, exec, container);
	kfp_executor_settings(k, i, n, exec, container);
}

/* A component is made once for all tasks that only differ in what goes in. */
void kfp_component_task(struct kfp *k, struct inst *i, uint32_t node,
			const struct source *args, const struct site *const *sites)
{
	const struct module_node *n = &i->p->nodes[node];
	const struct module_component *c = &k->m->components[n->target];
	struct spec s = {
		.reads = ARENA_ARRAY(k->a, count_reads(c, sites), struct kfp_read)};
	struct dag *d = i->homes[node];
	struct str task = i->tasks[node], comp;
	struct yaml *t;
	bool own = kfp_own_executor(k, n);

	for (uint32_t j = 0; j < c->nparams; j++)
		own |= !args[j].kind;
	if (own) {
		comp = task;
	} else if (k->made[n->target]) {
		comp = k->made_names[n->target];
	} else {
		comp = task;
		k->made_names[n->target] = comp;
	}
	t = kfp_task(k, d, task, arena_printf(k->a, "comp-%.*s", STR_ARG(comp)));
	if (own || !k->made[n->target])
		make_component(k, i, n, comp, args, sites, &s);
	else
		for (uint32_t j = 0; j < c->nparams; j++)
			add_read(&s, (struct kfp_read){c->params[j].name, args[j],
						       c->params[j].type});
	bind_reads(
		k, d, t,
		yaml_get(k->components, arena_printf(k->a, "comp-%.*s", STR_ARG(comp))),
		&s);
	if (!own)
		k->made[n->target] = true;
	caching(t, true);
	kfp_task_settings(k, i, n, t);
}
