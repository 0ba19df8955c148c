/* `container:` components.
 *
 * Kubeflow puts values and paths into a command wherever their placeholders stand, and
 * leaves out what belongs to an input without a value.  A word that no placeholder can say
 * is computed by a task before, which also looks at the constraints; a task behind reads
 * what the program wrote, and sees that it is what the component promises.  With such
 * tasks around it the component is a DAG of its own. */
#include <config.h>

#include "compiler/export/kfp/kfp_int.h"

struct word {
	struct str text;
	bool is_json;		/* {"IfPresent": ...}, and no plain text */
};

struct words {
	VEC(struct word) all;
};

struct container {
	struct kfp *k;
	const struct module_node *n;
	const struct module_component *c;
	const struct source *args;
	VEC(struct kfp_word) computed;
	bool *used;		/* by parameter: its placeholder stands somewhere */
	bool is_own;		/* the words depend on what this task is given */
	struct dag *d;		/* where its tasks are */
	bool is_inner;		/* in a DAG for them alone */
	struct str name;	/* of the task that runs the program */
};

enum presence { ABSENT, PRESENT, DEPENDS };

static void refuse(struct container *c, const struct expr *e, const char *what)
{
	export_fault(c->k->x, E1001, e->loc.line ? e->loc : c->c->loc, "%s", what);
}

static bool counts(const struct site *s, const struct expr *e, uint32_t param)
{
	const struct expr *cond = e->kind == EXPR_COND ? e->args[0] : NULL;

	while (cond && cond->kind == EXPR_UNARY)
		cond = cond->args[0];
	if (cond && cond->kind == EXPR_INPUT && s->inputs[cond->input].index == param &&
	    s->inputs[cond->input].kind == INPUT_PARAM &&
	    (e->type->kind == TYPE_LIST || e->type->kind == TYPE_OPT))
		return true;
	for (uint32_t i = 0; i < e->nargs; i++)
		if (e->args[i] && counts(s, e->args[i], param))
			return true;
	return false;
}

bool kfp_container_counts(const struct module_component *c, uint32_t param)
{
	return c->params[param].type->kind == TYPE_BOOL &&
	       ((c->command && counts(c->command, c->command->tree, param)) ||
		(c->args && counts(c->args, c->args->tree, param)));
}

static const struct input *input_of(const struct site *s, const struct expr *e)
{
	return e->kind == EXPR_INPUT ? &s->inputs[e->input] : NULL;
}

static enum presence presence(const struct container *c, uint32_t param)
{
	const struct source *s = &c->args[param];

	if (c->c->params[param].type->kind != TYPE_OPT)
		return PRESENT;
	if (s->kind == SOURCE_CONST)
		return s->value.kind == VALUE_NONE ? ABSENT : PRESENT;
	return s->type->kind == TYPE_OPT || !kfp_is_usual(*s, c->c->params[param].type)
		       ? DEPENDS
		       : PRESENT;
}

/* Text that a task gave may travel in a form of the launcher's own (kfp_launch.py); what the
 * pipeline was given does not. */
static bool is_raw(const struct container *c, uint32_t param)
{
	const struct source *s = &c->args[param];

	return s->kind == SOURCE_CONST || s->kind == SOURCE_WORD ||
	       (s->kind == SOURCE_PARAM && s->dag == c->k->root);
}

/* Does it stand for a text as the program is to see it? */
static bool is_text(const struct container *c, uint32_t param, bool as_str)
{
	const struct type *t = type_strip(c->c->params[param].type);

	return kfp_is_usual(c->args[param], c->c->params[param].type) &&
	       ((t->kind == TYPE_STR && is_raw(c, param)) || t->kind == TYPE_ENUM ||
		(as_str && t->kind == TYPE_INT));
}

static void add_placeholder(struct container *c, uint32_t param, struct buf *out)
{
	c->used[param] = true;
	buf_addf(out, "{{$.inputs.parameters['%.*s']}}",
		 STR_ARG(c->c->params[param].name));
}

static void add_input_file(struct container *c, const struct expr *e,
			   const struct input *in, struct buf *out)
{
	const struct module_param *p = &c->c->params[in->index];

	if (type_strip(p->type)->kind == TYPE_LIST)
		refuse(c, e,
		       "Kubeflow has no path for a list of artifacts: take them "
		       "one by one");
	c->used[in->index] = true;
	buf_addf(out, "{{$.inputs.artifacts['%.*s'].%s}}", STR_ARG(p->name),
		 in->output == FILE_URI ? "uri" : "path");
}

static void add_output_file(struct container *c, const struct input *in, struct buf *out)
{
	const struct module_output *o = &c->c->outputs[in->index];

	if (type_holds_artifacts(o->type))
		buf_addf(out, "{{$.outputs.artifacts['%.*s'].%s}}", STR_ARG(o->name),
			 in->output == FILE_URI ? "uri" : "path");
	else if (o->type->kind == TYPE_SERIES)
		buf_addf(out, "{{$.outputs.artifacts['%.*s_points'].path}}",
			 STR_ARG(o->name));
	else
		buf_addf(out, "{{$.outputs.parameters['%.*s'].output_file}}",
			 STR_ARG(o->name));
}

static bool reads_files(const struct site *s, const struct expr *e)
{
	const struct input *in = input_of(s, e);

	if (in && in->kind != INPUT_PARAM)
		return true;
	for (uint32_t i = 0; i < e->nargs; i++)
		if (e->args[i] && reads_files(s, e->args[i]))
			return true;
	return false;
}

/* A text that the task before computes. */
static void add_computed(struct container *c, const struct site *s, const struct expr *e,
			 struct buf *out)
{
	uint32_t *at = ARENA_ARRAY(c->k->a, s->ninputs + 1, uint32_t);
	struct str name = arena_printf(c->k->a, "kfpc_word_%zu", c->computed.n + 1);

	if (e->kind == EXPR_CONST) {
		refuse(c, e,
		       "a text with \"{{\" in it cannot be given to a program on "
		       "Kubeflow, which would put something else in its place");
		return;
	}
	if (reads_files(s, e)) {
		refuse(c, e,
		       "Kubeflow knows where files lie only when the program starts: "
		       "their paths can be put together with texts, and nothing else");
		return;
	}
	for (uint32_t i = 0; i < s->ninputs; i++)
		at[i] = s->inputs[i].index;
	vec_push(&c->computed, ((struct kfp_word){name, e, at}));
	buf_addf(out, "{{$.inputs.parameters['%.*s']}}", STR_ARG(name));
}

static bool is_str_of(const struct container *c, const struct site *s,
		      const struct expr *e)
{
	const struct input *in;

	if (e->kind != EXPR_BUILTIN || e->nargs != 1 ||
	    strcmp(builtin_name(e->op), "str") != 0)
		return false;
	in = input_of(s, e->args[0]);
	return in && in->kind == INPUT_PARAM && is_text(c, in->index, true);
}

static void add_text(struct container *c, const struct site *s, const struct expr *e,
		     struct buf *out)
{
	const struct input *in = input_of(s, e);

	if (in && in->kind == INPUT_PARAM_FILE)
		add_input_file(c, e, in, out);
	else if (in && in->kind == INPUT_OUTPUT_FILE)
		add_output_file(c, in, out);
	else if (in && is_text(c, in->index, false))
		add_placeholder(c, in->index, out);
	else if (is_str_of(c, s, e))
		add_placeholder(c, s->inputs[e->args[0]->input].index, out);
	else if (e->kind == EXPR_CONST && e->value.kind == VALUE_STR &&
		 kfp_holds(e->value))
		buf_add(out, *e->value.s);
	else if (e->kind == EXPR_FSTRING ||
		 (e->kind == EXPR_BINARY && e->op == OP_ADD))
		for (uint32_t i = 0; i < e->nargs; i++)
			add_text(c, s, e->args[i], out);
	else if (e->kind == EXPR_FORMAT && !e->name.n &&
		 (in = input_of(s, e->args[0])) != NULL &&
		 (in->kind != INPUT_PARAM || is_text(c, in->index, true)) &&
		 in->kind == INPUT_PARAM)
		add_placeholder(c, in->index, out);
	else if (e->kind == EXPR_FORMAT && !e->name.n && reads_files(s, e))
		add_text(c, s, e->args[0], out);
	else
		add_computed(c, s, e, out);
}

/* Is it `x != None` or its opposite? */
static bool is_none_test(const struct site *s, const struct expr *e, uint32_t *param,
			 bool *wants_value)
{
	const struct input *in;

	if (e->kind != EXPR_BINARY || (e->op != OP_EQ && e->op != OP_NE) ||
	    e->args[1]->kind != EXPR_CONST || e->args[1]->value.kind != VALUE_NONE)
		return false;
	in = input_of(s, e->args[0]);
	if (!in || in->kind == INPUT_OUTPUT_FILE)
		return false;
	*param = in->index;
	*wants_value = e->op == OP_NE;
	return true;
}

/* A bool that this task is given as a constant. */
static bool is_known(struct container *c, const struct site *s, const struct expr *e,
		     bool *is_true)
{
	const struct input *in = input_of(s, e);

	if (e->kind == EXPR_UNARY && e->op == OP_NOT) {
		if (!is_known(c, s, e->args[0], is_true))
			return false;
		*is_true = !*is_true;
		return true;
	}
	if (!in || in->kind != INPUT_PARAM || c->args[in->index].kind != SOURCE_CONST ||
	    c->args[in->index].value.kind != VALUE_BOOL)
		return false;
	c->is_own = true;
	*is_true = c->args[in->index].value.b;
	return true;
}

typedef void add_fn(struct container *c, const struct site *s, const struct expr *e,
		    struct words *out);

static void add_json_list(struct buf *b, const char *key, const struct words *w)
{
	buf_addf(b, ", \"%s\": [", key);
	for (size_t i = 0; i < w->all.n; i++) {
		buf_addz(b, i ? ", " : "");
		if (w->all.at[i].is_json)
			buf_add(b, w->all.at[i].text);
		else
			buf_add_json(b, w->all.at[i].text);
	}
	buf_addc(b, ']');
}

/* What Kubeflow decides by whether the input is there. */
static void add_if_present(struct container *c, uint32_t param, const struct words *yes,
			   const struct words *no, struct words *out)
{
	struct buf b = {0};
	struct word w = {.is_json = true};

	c->used[param] = true;
	buf_addz(&b, "{\"IfPresent\": {\"InputName\": ");
	buf_add_json(&b, c->c->params[param].name);
	add_json_list(&b, "Then", yes);
	if (no->all.n)
		add_json_list(&b, "Else", no);
	buf_addz(&b, "}}");
	w.text = arena_str(c->k->a, buf_str(&b));
	buf_release(&b);
	vec_push(&out->all, w);
}

/* One of two, by whether a parameter has a value; NULL: nothing. */
static void add_by_presence(struct container *c, const struct site *s, uint32_t param,
			    const struct expr *yes, const struct expr *no, add_fn *add,
			    struct words *out)
{
	struct words with = {0}, without = {0};
	enum presence is = presence(c, param);

	c->is_own = true;
	if (is == DEPENDS &&
	    !kfp_is_usual(c->args[param], c->c->params[param].type)) {
		refuse(c, yes,
		       "whether this value is None is known only when the task before "
		       "has run, and Kubeflow wants to know it by then");
		return;
	}
	if (yes && is != ABSENT)
		add(c, s, yes, is == PRESENT ? out : &with);
	if (no && is != PRESENT)
		add(c, s, no, is == ABSENT ? out : &without);
	if (is == DEPENDS)
		add_if_present(c, param, &with, &without, out);
	vec_release(&with.all);
	vec_release(&without.all);
}

static void add_choice(struct container *c, const struct site *s, const struct expr *e,
		       add_fn *add, struct words *out)
{
	uint32_t param;
	bool wants_value, is_true;

	if (is_none_test(s, e->args[0], &param, &wants_value))
		add_by_presence(c, s, param, e->args[wants_value ? 1 : 2],
				e->args[wants_value ? 2 : 1], add, out);
	else if (is_known(c, s, e->args[0], &is_true))
		add(c, s, e->args[is_true ? 1 : 2], out);
	else
		refuse(c, e,
		       "how many words there are is known only in the run, and Kubeflow "
		       "wants it before: let it depend on whether a parameter is None, or "
		       "on a constant, or write the words of both cases");
}

static void add_some_text(struct container *c, const struct site *s, const struct expr *e,
			  struct words *out)
{
	struct buf b = {0};

	add_text(c, s, e, &b);
	vec_push(&out->all, ((struct word){arena_str(c->k->a, buf_str(&b)), false}));
	buf_release(&b);
}

/* An element of a list, which vanishes if it is None. */
static void add_word(struct container *c, const struct site *s, const struct expr *e,
		     struct words *out)
{
	const struct input *in = input_of(s, e);

	if (e->kind == EXPR_CONST && e->value.kind == VALUE_NONE)
		return;
	if (e->kind == EXPR_COND && e->type->kind == TYPE_OPT)
		add_choice(c, s, e, add_word, out);
	else if (in && in->kind != INPUT_OUTPUT_FILE &&
		 c->c->params[in->index].type->kind == TYPE_OPT)
		add_by_presence(c, s, in->index, e, NULL, add_some_text, out);
	else
		add_some_text(c, s, e, out);
}

static void add_list(struct container *c, const struct site *s, const struct expr *e,
		     struct words *out)
{
	if (e->kind == EXPR_LIST) {
		for (uint32_t i = 0; i < e->nargs; i++)
			add_word(c, s, e->args[i], out);
	} else if (e->kind == EXPR_BINARY && e->op == OP_ADD) {
		add_list(c, s, e->args[0], out);
		add_list(c, s, e->args[1], out);
	} else if (e->kind == EXPR_COND) {
		add_choice(c, s, e, add_list, out);
	} else if (e->kind == EXPR_CONST && e->value.kind == VALUE_LIST) {
		for (size_t i = 0; i < e->value.list->n; i++) {
			struct expr one = {.kind = EXPR_CONST, .loc = e->loc,
					   .type = c->k->m->types.string,
					   .value = e->value.list->at[i]};

			add_word(c, s, arena_dup(c->k->a, &one, sizeof one), out);
		}
	} else {
		refuse(c, e,
		       "how many words there are is known only in the run, and Kubeflow "
		       "wants it before: write them one by one");
	}
}

/* Plain text that Kubeflow would read as {"IfPresent": ...}. */
static bool is_misread(struct word w)
{
	return !w.is_json && (str_has_prefix(w.text, STR("{\"IfPresent\": ")) ||
			      str_has_prefix(w.text, STR("{\"Concat\": ")));
}

static void put_words(struct container *c, struct yaml *to, const char *key,
		      const struct site *s)
{
	struct words words = {0};
	struct yaml *all = yaml_seq(c->k->a);

	if (!s)
		return;
	add_list(c, s, s->tree, &words);
	for (size_t i = 0; i < words.all.n; i++) {
		if (is_misread(words.all.at[i]))
			refuse(c, s->tree,
			       "Kubeflow takes a word that begins like this for one of "
			       "its own");
		yaml_add(all, yaml_str(c->k->a, words.all.at[i].text));
	}
	vec_release(&words.all);
	yaml_put(to, str_of(key), all);
}

static void define_outputs(struct container *c, struct yaml *comp)
{
	struct kfp *k = c->k;

	for (uint32_t j = 0; j < c->c->noutputs; j++) {
		const struct module_output *o = &c->c->outputs[j];
		struct yaml *defs = yaml_sub(comp, STR("outputDefinitions")), *def;

		if (o->type->kind == TYPE_SERIES) {
			kfp_define(k, defs,
				   arena_printf(k->a, "%.*s_points", STR_ARG(o->name)),
				   k->m->types.artifact, false);
		} else if (!type_holds_artifacts(o->type)) {
			kfp_define(k, defs, o->name, k->m->types.string, false);
		} else {
			kfp_define(k, defs, o->name, o->type, false);
			def = yaml_get(yaml_get(defs, STR("artifacts")), o->name);
			if (type_strip(o->type)->tag.n)
				yaml_put_str(yaml_sub(def, STR("metadata")),
					     STR("kfpc_format"),
					     type_strip(o->type)->tag);
		}
		if (o->type->kind == TYPE_OPT)
			export_fault(k->x, E1002, o->loc,
				     "'%.*s' of a container cannot be None: Kubeflow fails "
				     "a task that does not write an output",
				     STR_ARG(o->name));
	}
}

static void bind_inputs(struct container *c, struct yaml *comp, struct yaml *task,
			struct str words)
{
	struct kfp *k = c->k;

	for (uint32_t j = 0; j < c->c->nparams; j++) {
		const struct module_param *p = &c->c->params[j];

		if (c->args[j].kind == SOURCE_TREE ||
		    (!c->used[j] && (c->is_inner || c->args[j].kind == SOURCE_CONST)))
			continue;
		kfp_define(k, yaml_sub(comp, STR("inputDefinitions")), p->name, p->type,
			   p->type->kind == TYPE_OPT);
		kfp_bind(k, c->d, task, p->name, c->args[j]);
	}
	for (size_t j = 0; j < c->computed.n; j++) {
		struct str name = c->computed.at[j].name;

		kfp_define(k, yaml_sub(comp, STR("inputDefinitions")), name,
			   k->m->types.string, false);
		kfp_bind(k, c->d, task, name,
			 kfp_output(k, c->d, words, name, k->m->types.string));
	}
}

static bool has_values(const struct module_component *c)
{
	for (uint32_t j = 0; j < c->noutputs; j++)
		if (!type_holds_artifacts(c->outputs[j].type))
			return true;
	return false;
}

static bool has_constraints(const struct container *c)
{
	for (uint32_t j = 0; j < c->c->nparams; j++)
		if (c->c->params[j].where && c->args[j].kind != SOURCE_CONST)
			return true;
	return false;
}

/* The task that runs the program, and the one before it. */
static void make_task(struct container *c, struct inst *i, struct yaml *spec, bool checks)
{
	struct kfp *k = c->k;
	bool made;
	struct str comp_name, exec, words = {"", 0};
	struct yaml *comp, *task, *caching;

	comp_name = kfp_component_name(k, c->n, c->name,
				       c->is_own || c->computed.n ||
					       kfp_own_executor(k, i, c->n),
				       &made);
	task = kfp_task(k, c->d, c->name,
			arena_printf(k->a, "comp-%.*s", STR_ARG(comp_name)));
	comp = yaml_sub(k->components,
			arena_printf(k->a, "comp-%.*s", STR_ARG(comp_name)));
	if (c->computed.n || checks) {
		words = kfp_words(k, c->d, c->name, c->c, c->args, c->computed.at,
				  c->computed.n);
		kfp_wait(c->d, c->name, c->d, words);
	}
	bind_inputs(c, comp, task, words);
	caching = yaml_sub(task, STR("cachingOptions"));
	yaml_put(caching, STR("enableCache"), yaml_bool(k->a, true));
	kfp_task_settings(k, i, c->n, task);
	if (made)
		return;
	exec = arena_printf(k->a, "exec-%.*s", STR_ARG(comp_name));
	yaml_put_str(comp, STR("executorLabel"), exec);
	define_outputs(c, comp);
	yaml_put(yaml_sub(k->executors, exec), STR("container"), spec);
	kfp_environment(k, c->c, exec, spec);
	kfp_executor_settings(k, i, c->n, exec, spec);
}

static void find_outputs(struct container *c, struct source *outs)
{
	struct kfp *k = c->k;
	struct str texts = c->name;
	struct source inner;

	if (has_values(c->c))
		texts = kfp_texts(k, c->d, c->name, c->c, c->args);
	for (uint32_t j = 0; j < c->c->noutputs; j++) {
		const struct module_output *o = &c->c->outputs[j];
		bool is_file = type_holds_artifacts(o->type);

		inner = kfp_output(k, c->d, is_file ? c->name : texts, o->name, o->type);
		outs[j] = inner;
		if (!c->is_inner)
			continue;
		kfp_put_output(k, c->d, o->name, inner.type, &inner, 1);
		outs[j] = kfp_output(k, c->d->parent, c->d->task, o->name, o->type);
	}
}

/* What is generated around a program is in a DAG together with it, whose inputs and
 * outputs are those of the component. */
static void make_dag(struct container *c, struct source *args)
{
	c->is_inner = true;
	c->d = kfp_dag(c->k, c->d, c->name);
	c->name = kfp_unique(c->k, arena_printf(c->k->a, "%.*s-run", STR_ARG(c->name)));
	for (uint32_t j = 0; j < c->c->nparams; j++)
		if (args[j].kind > SOURCE_CONST)
			args[j] = kfp_call_param(c->k, c->d, &c->c->params[j], args[j]);
}

/* A task in a region must not fail, and only the launcher can see to that. */
static void refuse_in_try(struct kfp *k, const struct module_node *n)
{
	export_fault(k->x, E1001, n->loc,
		     "'%.*s' is a program of an image, whose failure Kubeflow does not "
		     "forgive: in a `try` with `except`, or with a `finally` that is not at "
		     "the top, there are only `python:`, `shell:` and notebooks; move it out "
		     "of the `try`",
		     STR_ARG(n->path));
}

/* There is no launcher that could set them, and the image's own entry is all that runs. */
static void refuse_computed(struct kfp *k, struct inst *i, const struct module_node *n)
{
	static const enum setting ids[] = {SETTING_ENV, SETTING_CPU, SETTING_CPU_LIMIT,
					   SETTING_MEMORY, SETTING_MEMORY_LIMIT,
					   SETTING_GPU, SETTING_GPU_TYPE};

	for (size_t j = 0; j < sizeof(ids) / sizeof(*ids); j++) {
		const struct said *s = kfp_computed_setting(k, i, n, ids[j]);

		while (s && (s->baked || s->site->tree->kind == EXPR_CONST))
			s = s->next;
		if (s)
			export_fault(k->x, E1003, s->site->loc,
				     "'%s' of a program of an image is computed while the "
				     "pipeline runs, and Kubeflow wants it before: write it "
				     "out, or hand it in by an argument",
				     setting_name(ids[j]));
	}
}

void kfp_container_task(struct kfp *k, struct inst *i, uint32_t node,
			struct source *args)
{
	const struct module_node *n = &i->p->nodes[node];
	struct container c = {.k = k, .n = n, .c = &k->m->components[n->target],
			      .args = args, .d = i->homes[node], .name = i->tasks[node]};
	struct yaml *spec = yaml_map(k->a);
	bool checks = has_constraints(&c);

	c.used = ARENA_ARRAY(k->a, c.c->nparams + 1, bool);
	if (c.d->region) {
		refuse_in_try(k, n);
		i->tasks[node] = STR("");
		return;
	}
	refuse_computed(k, i, n);
	if (!c.c->command)
		export_fault(k->x, E1001, c.c->code_loc,
			     "Kubeflow does not know the entry point of an image: say "
			     "the `command`");
	put_words(&c, spec, "command", c.c->command);
	put_words(&c, spec, "args", c.c->args);
	if (c.computed.n || checks || has_values(c.c))
		make_dag(&c, args);
	make_task(&c, i, spec, checks);
	find_outputs(&c, i->outs[node]);
	vec_release(&c.computed);
}
