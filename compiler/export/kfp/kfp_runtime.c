/* `--python-runtime kfp`: a Python component as @dsl.component of Kubeflow's SDK compiles
 * it.  Its program is a function with the SDK's annotations, which kfp.dsl.executor_main
 * calls.  The contents stand in it as a text and run as a module of their own: within the
 * function many a name would mean something else (`global`, `sum = sum(...)`, classes that
 * are pickled).  What they are given and what they give is converted by parts of the
 * helper and of the launcher, so that it is the same as with the embedded form.
 *
 * What has no place in such a function is a fault; what it is given has to be an input
 * as it is, so that an argument that is computed is made by a small task before. */
#include <config.h>

#include "compiler/export/kfp/kfp_int.h"

#include "compiler/export/tree_json.h"

#include "compiler/export/kfp/kfp_launch.py.h"
#include "compiler/export/kfp/kfp_runtime.py.h"
#include "compiler/export/launch/launch.py.h"
#include "compiler/export/launch/launch_code.py.h"

enum { PROGRAM_MAX = 120 << 10 };	/* what the kernel takes as one argument */

static const char bootstrap[] =
	"program_path=$(mktemp -d)\n\n"
	"printf \"%s\" \"$0\" > \"$program_path/ephemeral_component.py\"\n"
	"_KFP_RUNTIME=true python3 -m kfp.dsl.executor_main                         "
	"--component_module_path                         "
	"\"$program_path/ephemeral_component.py\"                         \"$@\"\n";

#define PYTHON(array) ((struct str){(const char *)array, array##_len})

/* What of a text of Python is between these two lines; to "": up to its end. */
static struct str part(struct str text, const char *from, const char *to)
{
	size_t lo = str_find(text, str_of(from), 0);
	size_t hi = *to ? str_find(text, str_of(to), lo) : text.n;

	return str_sub(text, lo, hi);
}

static bool makes_models(const struct module_component *c)
{
	for (uint32_t j = 0; j < c->noutputs; j++)
		if (type_holds_artifacts(c->outputs[j].type) &&
		    str_is(kfp_schema_title(c->outputs[j].type), "system.Model"))
			return true;
	return false;
}

static void add_support(struct kfp *k, const struct module_component *c, struct buf *b)
{
	bool models = makes_models(c);

	buf_addz(b, "\n\nkfpc_support = type(kfp)('kfpc_support')\nexec(r'''\n"
		    "import json\nimport math\nimport shutil\nimport tempfile\n");
	buf_add(b, part(k->x->helper, "import os\n",
			models ? "# The run itself." : "# What can be told of a model"));
	buf_add(b, part(PYTHON(launch_py), "class File:", ""));
	buf_addz(b, "\n\n");
	buf_add(b, part(PYTHON(launch_code_py), "def told(f):", ""));
	buf_addz(b, "\n\n");
	buf_add(b, part(PYTHON(kfp_launch_py), "ORDER = ", ""));
	buf_addz(b, "\n\n");
	buf_add(b, PYTHON(kfp_runtime_py));
	buf_addz(b, "''', kfpc_support.__dict__)\n");
}

/* The code as a literal: as it is written, if it can be. */
static void add_code(struct str code, struct buf *b)
{
	char last = code.n ? code.p[code.n - 1] : '\'';

	if (last == '\\' || last == '\'' || str_find(code, STR("'''"), 0) < code.n ||
	    str_find(code, STR("{{"), 0) < code.n) {
		tree_text(code, b);
		return;
	}
	buf_addz(b, "r'''");
	buf_add(b, code);
	buf_addz(b, "'''");
}

static const char *value_class(const struct type *t)
{
	const char *word = kfp_parameter_type(t);

	return !strcmp(word, "BOOLEAN")          ? "bool"
	       : !strcmp(word, "NUMBER_INTEGER") ? "int"
	       : !strcmp(word, "NUMBER_DOUBLE")  ? "float"
	       : !strcmp(word, "LIST")           ? "list"
	       : !strcmp(word, "STRUCT")         ? "dict"
						 : "str";
}

static struct str file_class(const struct type *t)
{
	struct str title;

	t = type_strip(t);
	while (t->kind == TYPE_LIST || t->kind == TYPE_OPT)
		t = t->elem;
	title = kfp_schema_title(t);
	return str_sub(title, STR("system.").n, title.n);
}

static void add_param(const struct module_param *p, struct buf *b)
{
	bool optional = p->type->kind == TYPE_OPT;
	const char *left = optional ? "Optional[" : "", *right = optional ? "] = None" : "";
	bool list = type_is_artifacts(p->type);

	if (!type_holds_artifacts(p->type)) {
		buf_addf(b, "    %.*s: %s%s%s,\n", STR_ARG(p->name), left,
			 value_class(p->type), right);
		return;
	}
	buf_addf(b, "    %.*s: %sdsl.Input[%sdsl.%.*s]%s%s,\n", STR_ARG(p->name), left,
		 list ? "List[" : "", STR_ARG(file_class(p->type)), list ? "]" : "", right);
}

static bool has_default(const struct module_param *p)
{
	return p->type->kind == TYPE_OPT;
}

static bool has_metrics(const struct module_component *c)
{
	for (uint32_t j = 0; j < c->noutputs; j++)
		if (c->outputs[j].type->kind == TYPE_METRIC)
			return true;
	return false;
}

static bool has_values(const struct module_component *c)
{
	for (uint32_t j = 0; j < c->noutputs; j++)
		if (!type_holds_artifacts(c->outputs[j].type))
			return true;
	return false;
}

/* Parameters with a default come last in Python. */
static void add_signature(const struct module_component *c, struct buf *b)
{
	buf_addf(b, "def %.*s(\n", STR_ARG(c->name));
	for (uint32_t j = 0; j < c->nparams; j++)
		if (!has_default(&c->params[j]))
			add_param(&c->params[j], b);
	for (uint32_t j = 0; j < c->noutputs; j++)
		if (type_holds_artifacts(c->outputs[j].type))
			buf_addf(b, "    %.*s: dsl.Output[dsl.%.*s],\n",
				 STR_ARG(c->outputs[j].name),
				 STR_ARG(file_class(c->outputs[j].type)));
	if (has_metrics(c))
		buf_addz(b, "    kfpc_metrics: dsl.Output[dsl.Metrics],\n");
	for (uint32_t j = 0; j < c->nparams; j++)
		if (has_default(&c->params[j]))
			add_param(&c->params[j], b);
	buf_addc(b, ')');
	if (!has_values(c)) {
		buf_addz(b, ":\n");
		return;
	}
	buf_addz(b, " -> NamedTuple('Outputs', [\n");
	for (uint32_t j = 0; j < c->noutputs; j++)
		if (!type_holds_artifacts(c->outputs[j].type))
			buf_addf(b, "    ('%.*s', %s),\n", STR_ARG(c->outputs[j].name),
				 value_class(c->outputs[j].type));
	buf_addz(b, "]):\n");
}

static void add_name(const char *call, struct str name, bool is_input,
		     const struct type *t, struct buf *b)
{
	buf_addf(b, "kfpc_run.%s('%.*s', ", call, STR_ARG(name));
	if (is_input)
		buf_addf(b, "%.*s, ", STR_ARG(name));
	tree_type(t, b);	/* but for true and false of structs, JSON is Python */
}

static const char *text_word(bool is_text)
{
	return is_text ? ", True)" : ", False)";
}

static void add_begin(struct kfp *k, const struct module_component *c, struct buf *b)
{
	const struct module_env *e = c->env == MODULE_NONE ? NULL : &k->m->envs[c->env];

	buf_addz(b, "    kfpc_run = kfpc_support.Contents(");
	tree_text(k->m->files[c->code_loc.file].path, b);
	buf_addf(b, ", %u, kfpc_contents, [", c->code_loc.line);
	for (uint32_t j = 0; e && j < e->npackages; j++) {
		buf_addz(b, j ? ", " : "");
		tree_text(e->packages[j], b);
	}
	buf_addz(b, "])\n");
}

static void add_body(struct kfp *k, const struct module_component *c, struct buf *b)
{
	add_begin(k, c, b);
	for (uint32_t j = 0; j < c->nparams; j++) {
		const struct module_param *p = &c->params[j];
		bool file = type_holds_artifacts(p->type);

		buf_addz(b, "    ");
		add_name(file ? "taken" : "given", p->name, true, p->type, b);
		buf_addf(b, "%s\n", file ? ")" : text_word(kfp_is_text(p->type)));
	}
	for (uint32_t j = 0; j < c->noutputs; j++) {
		if (!type_holds_artifacts(c->outputs[j].type))
			continue;
		buf_addz(b, "    ");
		add_name("wanted", c->outputs[j].name, true, c->outputs[j].type, b);
		buf_addz(b, ")\n");
	}
	buf_addz(b, "    kfpc_run.run()\n    kfpc_values = (\n");
	for (uint32_t j = 0; j < c->noutputs; j++) {
		const struct type *t = c->outputs[j].type;

		if (type_holds_artifacts(t))
			continue;
		buf_addz(b, "        ");
		add_name("result", c->outputs[j].name, false, t, b);
		buf_addf(b, "%s,\n", text_word(kfp_is_text_output(t)));
	}
	buf_addz(b, "    )\n    kfpc_run.keep()\n");
}

static void add_end(const struct module_component *c, struct buf *b)
{
	uint32_t number = 0;

	for (uint32_t j = 0; j < c->noutputs; j++) {
		const struct module_output *o = &c->outputs[j];

		if (o->type->kind == TYPE_METRIC)
			buf_addf(b, "    kfpc_run.metric(kfpc_metrics, '%.*s', "
				 "kfpc_values[%u])\n", STR_ARG(o->name), number);
		number += !type_holds_artifacts(o->type);
	}
	if (number)
		buf_addz(b, "    return kfpc_values\n");
}

static struct str program(struct kfp *k, const struct module_component *c)
{
	struct buf b = {0};
	struct str text;

	buf_addz(&b, "\nimport kfp\nfrom kfp import dsl\nfrom kfp.dsl import *\n"
		     "from typing import *\n\n");
	add_signature(c, &b);
	add_body(k, c, &b);
	add_end(c, &b);
	buf_addz(&b, "\n\nkfpc_contents = ");
	add_code(c->code, &b);
	add_support(k, c, &b);
	text = arena_str(k->a, buf_str(&b));
	buf_release(&b);
	if (text.n > PROGRAM_MAX)
		export_fault(k->x, E1002, c->loc,
			     "the program of '%.*s' is %zu KiB long, and as one argument of "
			     "a command it may have %d KiB: --python-runtime embedded cuts "
			     "it in pieces",
			     STR_ARG(c->name), text.n >> 10, PROGRAM_MAX >> 10);
	return text;
}

static void add_pip(const struct module_env *e, struct buf *b)
{
	buf_addz(b, "python3 -m pip install --quiet --no-warn-script-location");
	for (uint32_t j = 0; e && j < e->nindex_urls; j++) {
		buf_addz(b, j ? " --extra-index-url " : " --index-url ");
		buf_add_shell(b, e->index_urls[j]);
	}
}

static struct str install(struct kfp *k, const struct module_component *c)
{
	const struct module_env *e = c->env == MODULE_NONE ? NULL : &k->m->envs[c->env];
	struct buf b = {0};
	struct str text;

	buf_addz(&b, "\nif ! [ -x \"$(command -v pip)\" ]; then\n"
		     "    python3 -m ensurepip || python3 -m ensurepip --user || "
		     "apt-get install python3-pip\nfi\n\n"
		     "PIP_DISABLE_PIP_VERSION_CHECK=1 ");
	if (e && e->npackages) {
		add_pip(e, &b);
		for (uint32_t j = 0; j < e->npackages; j++) {
			buf_addc(&b, ' ');
			buf_add_shell(&b, e->packages[j]);
		}
		buf_addz(&b, "  &&  ");
	}
	add_pip(e, &b);
	buf_addz(&b, " 'kfp==" KFP_SDK "' '--no-deps' "
		     "'typing-extensions>=3.7.4,<5; python_version<\"3.9\"' && "
		     "\"$0\" \"$@\"\n");
	text = arena_str(k->a, buf_str(&b));
	buf_release(&b);
	return text;
}

/* What has no place there; at: where that stands. */
static void refuse(struct kfp *k, const struct module_component *c, struct loc at,
		   const char *what, struct str name)
{
	export_fault(k->x, E1001, at.line ? at : c->loc,
		     "a component in the form of Kubeflow's SDK (--python-runtime kfp) has "
		     "no place for %s of '%.*s': export with --python-runtime embedded",
		     what, STR_ARG(name));
}

static bool holds_record(const struct type *t)
{
	t = type_strip(t);
	if (t->kind == TYPE_LIST || t->kind == TYPE_DICT || t->kind == TYPE_OPT)
		return holds_record(t->elem);
	return t->kind == TYPE_STRUCT || t->kind == TYPE_ERROR || t->kind == TYPE_SERIES;
}

/* Within a list or dict, or as an output. */
static bool holds_none(const struct type *t, bool outside)
{
	if (t->kind == TYPE_OPT)
		return outside || holds_none(t->elem, true);
	t = type_strip(t);
	return (t->kind == TYPE_LIST || t->kind == TYPE_DICT) && holds_none(t->elem, true);
}

static void check_param(struct kfp *k, const struct module_component *c,
			const struct module_param *p)
{
	if (p->where)
		refuse(k, c, p->where->loc, "the 'where'", p->name);
	if (holds_record(p->type))
		refuse(k, c, p->loc, "the struct", p->name);
	else if (holds_none(p->type, false))
		refuse(k, c, p->loc, "the None in the type", p->name);
}

static void check_output(struct kfp *k, const struct module_component *c,
			 const struct module_output *o)
{
	if (o->where)
		refuse(k, c, o->where->loc, "the 'where'", o->name);
	if (type_strip(o->type)->kind == TYPE_SERIES)
		refuse(k, c, o->loc, "the Series", o->name);
	else if (holds_record(o->type))
		refuse(k, c, o->loc, "the struct", o->name);
	else if (holds_none(o->type, true))
		refuse(k, c, o->loc, "the None in the type", o->name);
	if (o->name.p[0] == '_')
		refuse(k, c, o->loc, "the name", o->name);
	for (uint32_t j = 0; j < c->nparams; j++)
		if (str_eq(o->name, c->params[j].name))
			refuse(k, c, o->loc, "the second meaning", o->name);
}

/* Its own promises. */
static void check_component(struct kfp *k, const struct module_component *c)
{
	if (c->code_kind == CODE_PYTHON_FILE)
		refuse(k, c, c->code_loc, "the file", c->name);
	if (c->env != MODULE_NONE && k->m->envs[c->env].requirements != MODULE_NONE)
		refuse(k, c, k->m->envs[c->env].loc, "the requirements file",
		       k->m->envs[c->env].name);
	for (uint32_t j = 0; j < c->nparams; j++)
		check_param(k, c, &c->params[j]);
	for (uint32_t j = 0; j < c->noutputs; j++)
		check_output(k, c, &c->outputs[j]);
}

static void check_call(struct kfp *k, struct inst *i, const struct module_node *n,
		       bool in_region)
{
	const struct module_component *c = &k->m->components[n->target];

	if (in_region)
		refuse(k, c, n->loc, "the 'try' around the call", c->name);
	for (int id = 0; id < SETTING_N; id++) {
		const struct said *s = kfp_computed_setting(k, i, n, (enum setting)id);

		if (s)
			refuse(k, c, s->site->loc, "the computed setting", c->name);
	}
}

static void make_executor(struct kfp *k, struct inst *i, const struct module_node *n,
			  struct str label)
{
	const struct module_component *c = &k->m->components[n->target];
	struct yaml *pod = yaml_sub(yaml_sub(k->executors, label), STR("container"));
	struct str source = program(k, c);
	struct str command[] = {STR("sh"), STR("-c"), install(k, c), STR("sh"), STR("-ec"),
				str_of(bootstrap), source};
	struct str args[] = {STR("--executor_input"), STR("{{$}}"),
			     STR("--function_to_execute"), c->name};
	struct yaml *list = yaml_seq(k->a);

	k->launcher_bytes += source.n;
	for (size_t j = 0; j < sizeof args / sizeof *args; j++)
		yaml_add(list, yaml_str(k->a, args[j]));
	yaml_put(pod, STR("args"), list);
	list = yaml_seq(k->a);
	for (size_t j = 0; j < sizeof command / sizeof *command; j++)
		yaml_add(list, yaml_str(k->a, command[j]));
	yaml_put(pod, STR("command"), list);
	yaml_put_str(pod, STR("image"), STR("python:3.11"));
	kfp_environment(k, c, label, pod);
	kfp_executor_settings(k, i, n, label, pod);
}

/* The arguments are inputs as they are: others are made by a task before, which can give
 * neither None nor a list of artifacts. */
static struct source argument(struct kfp *k, struct dag *d, struct str task,
			      const struct module_component *c, uint32_t param,
			      struct source from)
{
	const struct module_param *p = &c->params[param];

	if (kfp_is_usual(from, p->type))
		return from;
	if (from.kind == SOURCE_TREE && from.tree->type->kind != TYPE_OPT)
		from.type = type_strip(from.type);
	if (from.type->kind == TYPE_OPT || type_is_artifacts(p->type)) {
		refuse(k, c, k->at, "the computed argument", p->name);
		return (struct source){.kind = SOURCE_NONE, .dag = d, .type = p->type};
	}
	return kfp_pass(k, d, from,
			arena_printf(k->a, "%.*s-%.*s", STR_ARG(task), STR_ARG(p->name)),
			type_strip(p->type));
}

static void bind(struct kfp *k, struct dag *d, struct str task, struct yaml *t,
		 struct yaml *comp, const struct module_param *p, struct source arg)
{
	bool optional = p->type->kind == TYPE_OPT ||
			(arg.kind == SOURCE_CONST && type_holds_artifacts(p->type));

	kfp_define(k, yaml_sub(comp, STR("inputDefinitions")), p->name, p->type, optional);
	kfp_bind(k, d, t, p->name, arg);
	kfp_heed(k, d, task, &arg);
}

void kfp_runtime_task(struct kfp *k, struct inst *i, uint32_t node,
		      const struct source *args)
{
	const struct module_node *n = &i->p->nodes[node];
	const struct module_component *c = &k->m->components[n->target];
	struct dag *d = i->homes[node];
	struct str task = i->tasks[node], name, label;
	struct yaml *t, *comp;
	bool made;

	check_call(k, i, n, d->region != NULL);
	name = kfp_component_name(k, n, task, kfp_own_executor(k, i, n), &made);
	t = kfp_task(k, d, task, arena_printf(k->a, "comp-%.*s", STR_ARG(name)));
	comp = yaml_sub(k->components, arena_printf(k->a, "comp-%.*s", STR_ARG(name)));
	label = arena_printf(k->a, "exec-%.*s", STR_ARG(name));
	yaml_put_str(comp, STR("executorLabel"), label);
	kfp_leaf(k, d, task, t, comp);
	for (uint32_t j = 0; j < c->nparams; j++)
		bind(k, d, task, t, comp, &c->params[j],
		     argument(k, d, task, c, j, args[j]));
	if (!made) {
		check_component(k, c);
		kfp_define_outputs(k, c, comp, false);
		make_executor(k, i, n, label);
	}
	kfp_describe(comp, c->params, c->nparams, c->outputs, c->noutputs);
	kfp_caching(t, true);
	kfp_task_settings(k, i, n, t);
}
