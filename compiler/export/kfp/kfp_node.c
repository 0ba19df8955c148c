/* The nodes of a pipeline, in their order, as tasks and DAGs. */
#include <config.h>

#include "compiler/export/kfp/kfp_int.h"

#include "compiler/export/bake.h"
#include "runtime/value/json.h"

struct source kfp_input(struct kfp *k, struct inst *i, struct input in)
{
	static const char *const words[] = {
		[RUN_ID] = "{{$.pipeline_job_uuid}}",
		[RUN_NAME] = "{{$.pipeline_job_name}}",
		[RUN_STARTED] = "{{$.pipeline_job_create_time_utc}}",
	};
	struct source out = {.kind = SOURCE_WORD, .type = k->m->types.string};

	switch (in.kind) {
	case INPUT_PARAM:
		return i->params[in.index];
	case INPUT_NODE:
		if (i->p->nodes[in.index].kind == NODE_MERGE &&
		    !i->outs[in.index][in.output].kind)
			kfp_merge_output(k, i, in.index, in.output);
		return i->outs[in.index][in.output];
	case INPUT_ITEM:
		return i->outs[in.index][i->p->nodes[in.index].nouts + in.output];
	case INPUT_RUN:
		out.value = value_str(k->a, str_of(words[in.index]));
		return out;
	case INPUT_TASK_ID:
		out.value = value_str(k->a, STR("{{$.pipeline_task_uuid}}"));
		return out;
	case INPUT_TRY:
		return kfp_try_input(k, i, in);
	case INPUT_OUTPUT:
	case INPUT_PARAM_FILE:
	case INPUT_OUTPUT_FILE:
		break;
	}
	BUG("a pipeline reads what only components have");
}

/* A default as Kubeflow keeps it, and how its input s then travels. */
static struct value carried_default(struct kfp *k, struct value v, const struct type *t,
				    struct source *s)
{
	struct source c = kfp_constant(k, v, t);
	const char *type = kfp_parameter_type(t);

	if (c.kind == SOURCE_CONST)
		return c.value;
	v = s->text ? c.value : kfp_packed(k, v, t);
	if (!strncmp(type, "NUMBER", 6))
		s->text = 1;
	if (kfp_holds(v))
		return v;
	/* Who reads it knows it. */
	s->tree = c.tree;
	s->text = strcmp(type, "STRING") || kfp_is_text(t);
	return value_str(k->a, STR("kfpc:default"));
}

/* A root input for what the config may set. */
static struct source *config_input(struct kfp *k, const struct config_slot *slot)
{
	struct source *s = ARENA_NEW(k->a, struct source);
	char *name = ARENA_ARRAY(k->a, slot->address.n + 1, char);
	const struct baked *baked = map_get(&k->baked, slot->address);
	struct value v = VALUE_NONE_V;
	struct yaml *defs = yaml_sub(k->root->comp, STR("inputDefinitions")), *def;
	struct str key = {name, slot->address.n};
	bool has = baked != NULL;

	for (size_t j = 0; j < key.n; j++)
		name[j] = slot->address.p[j] == '.' ? '_' : slot->address.p[j];
	if (baked)
		v = baked->value;
	else
		has = config_default(k->x, slot, &v);
	*s = kfp_param(k->root, key, slot->type);
	if (yaml_get(yaml_sub(defs, STR("parameters")), key))
		export_fault(k->x, E1004, slot->loc,
			     "'%.*s' would be the input '%.*s' of the pipeline, which "
			     "there is already",
			     STR_ARG(slot->address), STR_ARG(key));
	if (has && v.kind != VALUE_NONE)
		v = carried_default(k, v, slot->type, s);
	kfp_define_text(k, defs, key, slot->type, s->text, has);
	def = yaml_get(yaml_get(defs, STR("parameters")), key);
	if (slot->doc.n)
		yaml_put_str(def, STR("description"), slot->doc);
	if (has && v.kind != VALUE_NONE)
		yaml_put(def, STR("defaultValue"), yaml_value(k->a, v));
	return s;
}

static bool is_none(const struct config_slot *slot)
{
	return slot->fallback && slot->fallback->tree->kind == EXPR_CONST &&
	       slot->fallback->tree->value.kind == VALUE_NONE;
}

struct source kfp_config(struct kfp *k, struct str address, const struct module_param *p)
{
	struct source *s = map_get(&k->inputs, address);
	const struct config_slot *slot = map_get(&k->slots.by_address, address);

	/* What may be left out and is, is no input: not everything that reads this format
	 * gets along with inputs that have no value. */
	if (!s && slot && slot->component && !map_get(&k->baked, address) &&
	    is_none(slot))
		return kfp_constant(k, VALUE_NONE_V, p->type);
	if (!s && slot && slot->param) {
		s = config_input(k, slot);
		map_set(&k->inputs, slot->address, s);
	}
	if (s)
		return *s;
	if (p->fallback && p->fallback->tree->kind == EXPR_CONST)
		return kfp_constant(k, p->fallback->tree->value, p->type);
	export_fault(k->x, E1004, p->loc, "'%.*s' has no value and no name in the config",
		     STR_ARG(p->name));
	return (struct source){.kind = SOURCE_NONE, .type = p->type};
}

struct str kfp_address(struct kfp *k, const struct inst *i, const struct module_node *n)
{
	const struct module_pipeline *p = i->p;
	struct str address = n->path;

	while (p->blocks[n->block].owner != MODULE_NONE) {
		n = &p->nodes[p->blocks[n->block].owner];
		if (n->kind == NODE_LOOP)
			address = arena_printf(k->a, "%.*s[]/%.*s", STR_ARG(n->path),
					       STR_ARG(address));
	}
	return arena_printf(k->a, "%.*s%.*s", STR_ARG(i->address), STR_ARG(address));
}

static struct dag *home_of(struct inst *i, const struct module_node *n)
{
	return i->dags[n->block];
}

/* Of a container, what decides how many words there are is settled now. */
static bool settle(struct kfp *k, struct inst *i, const struct module_node *n, uint32_t j,
		   struct source *out)
{
	const struct module_component *c = &k->m->components[n->target];
	const struct value *v;

	if (n->kind != NODE_TASK || c->code_kind != CODE_CONTAINER ||
	    !kfp_container_counts(c, j))
		return false;
	v = kfp_known(k, i, n, j);
	if (v)
		*out = kfp_constant(k, *v, c->params[j].type);
	return v != NULL;
}

static void add_args(struct kfp *k, struct inst *i, const struct module_node *n,
		     const struct module_param *params, uint32_t nparams,
		     struct source *args, struct dag *d)
{
	for (uint32_t j = 0; j < nparams; j++) {
		struct str address =
			arena_printf(k->a, "%.*s%.*s.%.*s", STR_ARG(i->prefix),
				     STR_ARG(n->name), STR_ARG(params[j].name));

		if (settle(k, i, n, j, &args[j]))
			continue;
		if (!n->args[j])
			args[j] = kfp_config(k, address, &params[j]);
		else if (d)
			args[j] = kfp_site(k, i, d, n->args[j], params[j].name);
		else
			args[j] = kfp_tree(k, i, n->args[j]);
	}
}

static void task_node(struct kfp *k, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	const struct module_component *c = &k->m->components[n->target];
	struct source *args = ARENA_ARRAY(k->a, c->nparams + 1, struct source);

	i->homes[at] = home_of(i, n);
	i->tasks[at] = kfp_unique(k, n->path);
	if (kfp_importer(k, i, at)) {
		i->outs[at][0] = kfp_output(k, i->homes[at], i->tasks[at],
					    STR("artifact"), c->outputs[0].type);
		return;
	}
	if (c->code_kind == CODE_CONTAINER) {
		add_args(k, i, n, c->params, c->nparams, args, i->homes[at]);
		kfp_container_task(k, i, at, args);
		return;
	}
	add_args(k, i, n, c->params, c->nparams, args, NULL);
	if (k->x->sdk_form &&
	    (c->code_kind == CODE_PYTHON || c->code_kind == CODE_PYTHON_FILE))
		kfp_runtime_task(k, i, at, args);
	else
		kfp_component_task(k, i, at, args);
	for (uint32_t j = 0; j < c->noutputs; j++)
		i->outs[at][j] = kfp_output(k, i->homes[at], i->tasks[at],
					     c->outputs[j].name, c->outputs[j].type);
}

/* A parameter of a called pipeline, which gets arg. */
struct source kfp_call_param(struct kfp *k, struct dag *d, const struct module_param *p,
			     struct source arg)
{
	struct source s = kfp_param(d, p->name,
				    kfp_is_usual(arg, p->type) ? p->type : arg.type);

	if (arg.tree && arg.kind != SOURCE_CONST)
		return arg;
	/* An artifact that is not there is no argument, and so no input either. */
	if (arg.kind == SOURCE_CONST && type_holds_artifacts(p->type))
		return arg;
	if (arg.kind && arg.value.kind != VALUE_NONE)
		s.text = arg.text;
	kfp_define_text(k, yaml_sub(d->comp, STR("inputDefinitions")), p->name, s.type,
			s.text, s.type->kind == TYPE_OPT);
	kfp_bind(k, d->parent, d->self, p->name, arg);
	s.fate = arg.fate;
	if (arg.fate && !d->region)
		kfp_heed(k, d->parent, d->task, &arg);
	return s;
}

static struct source call_output(struct kfp *k, struct dag *d, const struct module_output *o,
				 struct source inner)
{
	struct source s = kfp_output(k, d->parent, d->task, o->name, o->type);

	s.text = inner.text;
	s.fate = inner.fate ? kfp_lift_fate(k, inner.fate) : NULL;
	return s;
}

static void call_node(struct kfp *k, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	const struct module_pipeline *p = &k->m->pipelines[n->target];
	struct source *args = ARENA_ARRAY(k->a, p->nparams + 1, struct source), *params;
	struct dag *home = home_of(i, n), *d;
	struct inst *sub = ARENA_NEW(k->a, struct inst);
	struct around *around = ARENA_NEW(k->a, struct around);

	i->tasks[at] = kfp_unique(k, n->path);
	i->homes[at] = home;
	sub->p = p;
	sub->address = arena_printf(k->a, "%.*s/", STR_ARG(kfp_address(k, i, n)));
	i->calls[at] = sub;
	sub->prefix =
		arena_printf(k->a, "%.*s%.*s.", STR_ARG(i->prefix), STR_ARG(n->name));
	*around = (struct around){i->around, n, i, sub->prefix};
	sub->around = around;
	add_args(k, i, n, p->params, p->nparams, args, home);
	d = kfp_dag(k, home, i->tasks[at]);
	params = ARENA_ARRAY(k->a, p->nparams + 1, struct source);
	for (uint32_t j = 0; j < p->nparams; j++)
		params[j] = kfp_call_param(k, d, &p->params[j], args[j]);
	kfp_pipeline_settings(k, sub, d->self);
	if (!d->region)
		kfp_caching(d->self, true);
	sub->params = params;
	kfp_instance(k, sub, d, i->outs[at]);
	for (uint32_t j = 0; j < p->noutputs; j++)
		i->outs[at][j] = call_output(k, d, &p->outputs[j], i->outs[at][j]);
}

/* What waits for an assertion has to be something that can wait. */
static void expr_node(struct kfp *k, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	struct dag *home = home_of(i, n);
	struct source s = kfp_site(k, i, home, n->cond, n->path);
	bool is_plain = !kfp_is_computed(n->cond) || s.kind == SOURCE_TREE;

	if (is_plain && n->nafter)
		s = type_is_artifacts(n->cond->type)
			    ? kfp_artifacts(k, home, s, n->path, n->cond->type)
			    : kfp_pass(k, home, s, n->path, n->cond->type);
	i->outs[at][0] = s;
	if (s.kind == SOURCE_OUTPUT && (!is_plain || n->nafter)) {
		i->homes[at] = s.dag;
		i->tasks[at] = s.task;
	}
}

static void assert_node(struct kfp *k, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	struct source s = kfp_compute(k, i, home_of(i, n), n->cond,
				      n->nargs ? n->args[0] : NULL, n->path, true);

	i->homes[at] = s.dag;
	i->tasks[at] = s.task;
}

static void add_node(struct kfp *k, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];

	k->at = n->loc;
	i->node = at;
	switch (n->kind) {
	case NODE_TASK:
		task_node(k, i, at);
		break;
	case NODE_CALL:
		call_node(k, i, at);
		break;
	case NODE_EXPR:
		expr_node(k, i, at);
		break;
	case NODE_BRANCH:
		kfp_branch_node(k, i, at);
		break;
	case NODE_MERGE:
		i->homes[at] = i->homes[n->target];
		i->tasks[at] = i->tasks[n->target];
		break;
	case NODE_LOOP:
		kfp_loop(k, i, at);
		break;
	case NODE_TRY:
		kfp_try_node(k, i, at);
		break;
	case NODE_ASSERT:
		assert_node(k, i, at);
		break;
	case NODE_NKINDS:
		break;
	}
	for (uint32_t j = 0; j < n->nafter; j++)
		if (i->tasks[at].n && i->tasks[n->after[j]].n)
			kfp_wait_well(k, i->homes[at], i->tasks[at],
				      i->homes[n->after[j]], i->tasks[n->after[j]]);
}

struct open_loops {
	uint32_t *at;
	size_t n;
};

/* The loops whose body ends before node at: their outputs are read from now on. */
static void end_loops(struct kfp *k, struct inst *i, struct open_loops *open, uint32_t at)
{
	const struct module_node *nodes = i->p->nodes;
	size_t kept = open->n;

	for (size_t j = open->n; j-- > 0;) {
		uint32_t loop = open->at[j];
		bool last = true;

		if (at < i->p->nnodes)
			last = !dag_is_within(i->dags[nodes[at].block],
					      i->dags[nodes[loop].then_block]);
		if (last)
			kfp_loop_outputs(k, i, loop);
		else
			open->at[--kept] = loop;
	}
	open->n -= kept;
	if (kept && open->n)
		memmove(open->at, open->at + kept, open->n * sizeof *open->at);
}

/* Constraints on the parameters: tasks that everything else waits for. */
static void add_checks(struct kfp *k, struct inst *i, struct dag *d)
{
	struct yaml *first = yaml_seq(k->a);

	for (uint32_t j = 0; j < i->p->nparams; j++) {
		const struct module_param *p = &i->p->params[j];
		struct source s;

		if (!p->where)
			continue;
		s = kfp_compute(k, i, d, p->where, NULL,
				arena_printf(k->a, "check-%.*s", STR_ARG(p->name)), true);
		kfp_leaf_is_check(k, d, s.task);
		yaml_add_sorted(first, s.task);
	}
	if (first->n)
		yaml_put(d->comp, STR("checks"), first);
}

static void wait_for_checks(struct dag *d)
{
	struct yaml *first = yaml_get(d->comp, STR("checks"));

	for (size_t j = 0; first && j < d->tasks->n; j++) {
		bool is_check = false;

		for (size_t c = 0; c < first->n; c++)
			is_check |= str_eq(first->items[c].value->text,
					   d->tasks->items[j].key);
		for (size_t c = 0; !is_check && c < first->n; c++)
			kfp_wait(d, d->tasks->items[j].key, d,
				 first->items[c].value->text);
	}
	yaml_drop(d->comp, STR("checks"));
}

/* Room for the outputs of a node, and for the elements of a loop. */
static struct source *node_sources(struct kfp *k, const struct module_node *n)
{
	uint32_t nouts = node_noutputs(k->m, n), all = nouts + n->nargs;
	struct source *out = ARENA_ARRAY(k->a, all + 1, struct source);

	for (uint32_t j = 0; j < all; j++)
		if (j < nouts)
			out[j].type = node_output_type(k->m, n, j);
		else if (n->kind == NODE_LOOP)
			out[j].type = n->args[j - nouts]->type->elem;
	return out;
}

void kfp_instance(struct kfp *k, struct inst *i, struct dag *d, struct source *outs)
{
	const struct module_pipeline *p = i->p;
	struct open_loops open = {ARENA_ARRAY(k->a, p->nnodes + 1, uint32_t), 0};

	i->dags = ARENA_ARRAY(k->a, p->nblocks + 1, struct dag *);
	i->outs = ARENA_ARRAY(k->a, p->nnodes + 1, struct source *);
	i->tasks = ARENA_ARRAY(k->a, p->nnodes + 1, struct str);
	i->homes = ARENA_ARRAY(k->a, p->nnodes + 1, struct dag *);
	i->calls = ARENA_ARRAY(k->a, p->nnodes + 1, struct inst *);
	i->node = MODULE_NONE;
	kfp_look_ahead(k, i);
	kfp_look_at_finallies(k, i);
	i->dags[0] = d;
	add_checks(k, i, d);
	for (uint32_t n = 0; n < p->nnodes; n++) {
		end_loops(k, i, &open, n);
		i->outs[n] = node_sources(k, &p->nodes[n]);

		add_node(k, i, n);
		if (p->nodes[n].kind == NODE_LOOP)
			open.at[open.n++] = n;
	}
	i->node = MODULE_NONE;
	end_loops(k, i, &open, p->nnodes);
	for (uint32_t j = 0; j < p->noutputs; j++) {
		const struct module_output *o = &p->outputs[j];
		struct source s;

		if (!o->value)
			continue;
		k->at = o->loc;
		s = kfp_site(k, i, d, o->value, o->name);
		s = kfp_within(k, d, s, o->name, o->type);
		if (s.kind)
			kfp_put_output(k, d, o->name, o->type, &s, 1);
		outs[j] = s;
	}
	wait_for_checks(d);
}
