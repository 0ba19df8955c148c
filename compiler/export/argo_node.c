/* The nodes of a pipeline, in their order, as tasks and DAGs. */
#include <config.h>

#include "compiler/export/argo_int.h"

static struct source word(struct argo *g, const char *tag)
{
	return (struct source){.kind = SOURCE_WORD, .type = g->m->types.string,
			       .key = str_of(tag)};
}

static struct source try_source(struct argo *g, struct inst *i, struct input in,
				const struct site *s)
{
	const struct module_node *n = &i->p->nodes[in.index];
	struct source out = {.kind = SOURCE_STATUS, .type = g->m->types.string};

	if (in.output == TRY_ERROR) {
		export_fault(g->x, E1001, s->loc,
			     "Argo does not tell what failed (run.error)");
		return (struct source){.type = g->m->types.error};
	}
	out.task = i->dags[n->then_block]->self;
	out.dag = out.task->dag;
	return out;
}

struct source argo_input(struct argo *g, struct inst *i, struct input in,
			 const struct site *s)
{
	static const char *const words[] = {
		[RUN_ID] = "workflow.uid",
		[RUN_NAME] = "workflow.name",
		[RUN_STARTED] = "workflow.creationTimestamp.RFC3339",
	};

	switch (in.kind) {
	case INPUT_PARAM:
		return i->params[in.index];
	case INPUT_NODE:
		if (i->p->nodes[in.index].kind == NODE_MERGE &&
		    !i->outs[in.index][in.output].kind)
			argo_merge(g, i, in.index, in.output);
		return i->outs[in.index][in.output];
	case INPUT_ITEM:
		return i->outs[in.index][i->p->nodes[in.index].nouts + in.output];
	case INPUT_RUN:
		return word(g, words[in.index]);
	case INPUT_TASK_ID:
		return word(g, "pod.name");
	case INPUT_TRY:
		return try_source(g, i, in, s);
	case INPUT_OUTPUT:
	case INPUT_PARAM_FILE:
	case INPUT_OUTPUT_FILE:
		break;
	}
	return (struct source){.type = s->type};
}

static void add_args(struct argo *g, struct inst *i, const struct module_node *n,
		     const struct module_param *params, uint32_t nparams,
		     struct source *args, bool compute)
{
	for (uint32_t j = 0; j < nparams; j++) {
		struct str address =
			arena_printf(g->a, "%.*s%.*s.%.*s", STR_ARG(i->prefix),
				     STR_ARG(n->name), STR_ARG(params[j].name));

		if (!n->args[j])
			args[j] = argo_config(g, address, &params[j]);
		else if (compute)
			args[j] = argo_site(g, i, i->dags[n->block], n->args[j],
					    params[j].name);
		else
			args[j] = argo_plain(g, i, n->args[j]);
	}
}

static void task_node(struct argo *g, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	const struct module_component *c = &g->m->components[n->target];
	struct source *args = ARENA_ARRAY(g->a, c->nparams + 1, struct source);

	add_args(g, i, n, c->params, c->nparams, args, false);
	i->tasks[at] = argo_component(g, i, at, args);
}

/* An input of d that whoever calls it gives, and that of its metadata. */
static struct source port(struct argo *g, struct dag *d, struct str name,
			  const struct type *t, const struct source *arg)
{
	struct source s = {.kind = SOURCE_PARAM, .dag = d, .key = name, .type = t};

	vec_push(&d->inputs, ((struct port){name, t, NULL}));
	if (!arg)
		return s;
	s.folder = arg->folder;
	argo_bind(g, d->self, name, *arg);
	if (arg->meta) {
		struct source meta =
			port(g, d, arena_printf(g->a, "%.*s-metadata", STR_ARG(name)),
			     arg->meta->type, arg->meta);

		s.meta = arena_dup(g->a, &meta, sizeof(meta));
	}
	return s;
}

static struct source call_param(struct argo *g, struct dag *d,
				const struct module_param *p, const struct source *arg)
{
	struct source s = *arg, *parts;

	if (arg->kind != SOURCE_FILES)
		return port(g, d, p->name, p->type, arg);
	parts = ARENA_ARRAY(g->a, arg->index + 1, struct source);
	for (uint32_t j = 0; j < arg->index; j++)
		parts[j] = port(g, d,
				arena_printf(g->a, "%.*s-%u", STR_ARG(p->name), j + 1),
				arg->parts[j].type, &arg->parts[j]);
	s.parts = parts;
	return s;
}

static void call_node(struct argo *g, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	const struct module_pipeline *p = &g->m->pipelines[n->target];
	struct source *args = ARENA_ARRAY(g->a, p->nparams + 1, struct source), *params;
	struct inst sub = {.p = p};
	struct dag *d;

	sub.prefix =
		arena_printf(g->a, "%.*s%.*s.", STR_ARG(i->prefix), STR_ARG(n->name));
	add_args(g, i, n, p->params, p->nparams, args, true);
	d = argo_dag(g, i->dags[n->block], n->path, p->name);
	i->tasks[at] = d->self;
	params = ARENA_ARRAY(g->a, p->nparams + 1, struct source);
	for (uint32_t j = 0; j < p->nparams; j++)
		params[j] = call_param(g, d, &p->params[j], &args[j]);
	sub.params = params;
	argo_pipeline_settings(g, p, d);
	argo_group_settings(g, n, d);
	argo_instance(g, &sub, d);
	for (uint32_t j = 0; j < p->noutputs; j++)
		i->outs[at][j] = sub.results[j];
}

static void branch_node(struct argo *g, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	struct str name;
	struct dag *wrap;

	if (n->then_block == MODULE_NONE && n->else_block == MODULE_NONE)
		return;
	name = arena_printf(g->a, "if-%u", ++g->nifs);
	wrap = argo_dag(g, i->dags[n->block], name, name);
	i->tasks[at] = wrap->self;
	i->wraps[at] = wrap;
	vec_push(&wrap->inputs,
		 ((struct port){STR("branch"), g->m->types.string, NULL}));
	argo_select(g, i, wrap->self, n->cond);
	for (int side = 0; side < 2; side++) {
		uint32_t block = side ? n->else_block : n->then_block;
		struct dag *d;

		if (block == MODULE_NONE)
			continue;
		d = argo_dag(g, wrap, side ? STR("b1") : STR("b0"),
			     arena_printf(g->a, "%.*s-%s", STR_ARG(name),
					  side ? "else" : "then"));
		d->self->guard = d->self->name;
		i->dags[block] = d;
	}
}

/* An output of wrap: what the one side or the other says. */
static struct source merged(struct argo *g, struct dag *wrap, struct str name,
			    const struct type *t, const struct source *sides,
			    bool by_status)
{
	struct source out = {.kind = SOURCE_OUTPUT, .dag = wrap->parent,
			     .task = wrap->self, .type = t};
	struct source seen[2], metas[2], meta;
	struct dag_output *o;

	for (int j = 0; j < 2; j++)
		seen[j] = argo_seen(g, wrap, sides[j]);
	out.key = argo_output(g, wrap, name, t);
	o = &vec_last(&wrap->outputs);
	o->by_status = by_status;
	vec_push(&o->choices, ((struct choice){STR("b0"), seen[0]}));
	vec_push(&o->choices, ((struct choice){{"", 0}, seen[1]}));
	if (!sides[0].meta && !sides[1].meta)
		return out;
	for (int j = 0; j < 2; j++)
		metas[j] = sides[j].meta
				   ? *sides[j].meta
				   : argo_constant(value_str(g->a, STR("{}")),
						   g->m->types.string);
	meta = merged(g, wrap, arena_printf(g->a, "%.*s-metadata", STR_ARG(out.key)),
		      g->m->types.string, metas, by_status);
	out.meta = arena_dup(g->a, &meta, sizeof(meta));
	return out;
}

static struct source side(struct argo *g, struct inst *i, struct dag *d,
			  const struct site *s, struct str name, const struct type *t)
{
	struct source from = argo_constant(VALUE_NONE_V, t);

	if (s && d)
		from = argo_site(g, i, d, s, name);
	else if (s)
		from = argo_plain(g, i, s);
	if (from.kind == SOURCE_FILES || from.folder)
		export_fault(g->x, E1002, g->at,
			     "Argo cannot merge lists of artifacts over branches");
	return from;
}

/* Only of what is read: most of a merged task's outputs never are. */
void argo_merge(struct argo *g, struct inst *i, uint32_t at, uint32_t j)
{
	const struct module_node *n = &i->p->nodes[at];
	const struct module_node *owner = &i->p->nodes[n->target];
	const struct module_merge *m = &n->outs[j];
	struct str name = m->name.n ? m->name : n->name;
	bool is_try = owner->kind == NODE_TRY;
	struct dag *then = owner->then_block == MODULE_NONE ? NULL
							    : i->dags[owner->then_block];
	struct dag *other = owner->else_block == MODULE_NONE
				    ? NULL
				    : i->dags[owner->else_block];
	struct source sides[2];

	sides[0] = side(g, i, then, m->then_value, name, m->type);
	if (is_try && !other) {
		i->outs[at][j] = sides[0];
		return;
	}
	sides[1] = side(g, i, other, m->else_value, name, m->type);
	if (sides[0].kind && sides[1].kind)
		i->outs[at][j] =
			merged(g, i->wraps[n->target], name, m->type, sides, is_try);
}

static void try_node(struct argo *g, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	struct str name = arena_printf(g->a, "try-%u", ++g->ntrys);
	struct dag *wrap = argo_dag(g, i->dags[n->block], name, name), *d;
	struct task *body, *except = NULL;
	unsigned group;

	i->tasks[at] = wrap->self;
	i->wraps[at] = wrap;
	d = i->dags[n->then_block] =
		argo_dag(g, wrap, STR("body"),
			 arena_printf(g->a, "%.*s-body", STR_ARG(name)));
	body = d->self;
	body->counts = n->else_block == MODULE_NONE;
	if (n->else_block != MODULE_NONE) {
		d = i->dags[n->else_block] =
			argo_dag(g, wrap, STR("except"),
				 arena_printf(g->a, "%.*s-except", STR_ARG(name)));
		except = d->self;
		except->counts = true;
		argo_need(except, body, END_FAILED, 0);
	}
	if (n->final_block == MODULE_NONE)
		return;
	d = i->dags[n->final_block] =
		argo_dag(g, wrap, STR("finally"),
			 arena_printf(g->a, "%.*s-finally", STR_ARG(name)));
	if (!except) {
		argo_need(d->self, body, END_WELL | END_FAILED, 0);
		return;
	}
	group = ++g->ngroups;
	argo_need(d->self, body, END_WELL, group);
	argo_need(d->self, except, END_WELL | END_FAILED, group);
}

static void expr_node(struct argo *g, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	struct source s = argo_site(g, i, i->dags[n->block], n->cond, n->path);

	i->outs[at][0] = s;
	if (s.kind == SOURCE_OUTPUT && s.dag == i->dags[n->block])
		i->tasks[at] = s.task;
}

static void assert_node(struct argo *g, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];

	i->tasks[at] = argo_compute(g, i, i->dags[n->block], n->cond,
				    n->nargs ? n->args[0] : NULL, n->path, true)
			       .task;
}

static void add_node(struct argo *g, struct inst *i, uint32_t at)
{
	static void (*const make[NODE_NKINDS])(struct argo *, struct inst *, uint32_t) = {
		[NODE_TASK] = task_node,	 [NODE_CALL] = call_node,
		[NODE_EXPR] = expr_node,	 [NODE_BRANCH] = branch_node,
		[NODE_LOOP] = argo_loop,	 [NODE_TRY] = try_node,
		[NODE_ASSERT] = assert_node,
	};
	const struct module_node *n = &i->p->nodes[at];

	g->at = n->loc;
	if (make[n->kind])
		make[n->kind](g, i, at);
	else
		i->tasks[at] = i->tasks[n->target];
	for (uint32_t j = 0; j < n->nafter; j++)
		if (i->tasks[at] && i->tasks[n->after[j]])
			argo_wait(i->tasks[at], i->tasks[n->after[j]]);
}

/* The loops whose body ends before node at: their outputs are read from now on. */
static void end_loops(struct argo *g, struct inst *i, bool *ended, uint32_t at)
{
	const struct module_node *nodes = i->p->nodes;

	for (uint32_t j = at; j-- > 0;) {
		if (nodes[j].kind != NODE_LOOP || ended[j])
			continue;
		if (at < i->p->nnodes && argo_is_within(i->dags[nodes[at].block],
						       i->dags[nodes[j].then_block]))
			continue;
		ended[j] = true;
		g->at = nodes[j].loc;
		argo_loop_end(g, i, j);
	}
}

/* Constraints on the parameters: tasks that everything else waits for. */
static size_t add_checks(struct argo *g, struct inst *i, struct dag *d)
{
	for (uint32_t j = 0; j < i->p->nparams; j++) {
		const struct module_param *p = &i->p->params[j];

		if (p->where)
			argo_compute(g, i, d, p->where, NULL,
				     arena_printf(g->a, "check-%.*s", STR_ARG(p->name)),
				     true);
	}
	return d->tasks.n;
}

static void wait_for_checks(struct dag *d, size_t nchecks)
{
	for (size_t j = nchecks; j < d->tasks.n; j++)
		for (size_t c = 0; c < nchecks; c++)
			argo_need(d->tasks.at[j], d->tasks.at[c], 0, 0);
}

/* Room for the outputs of a node, and for the elements of a loop. */
static struct source *node_sources(struct argo *g, const struct module_node *n)
{
	uint32_t nouts = node_noutputs(g->m, n), all = nouts + n->nargs;
	struct source *out = ARENA_ARRAY(g->a, all + 1, struct source);

	for (uint32_t j = 0; j < all; j++)
		if (j < nouts)
			out[j].type = node_output_type(g->m, n, j);
		else if (n->kind == NODE_LOOP)
			out[j].type = n->args[j - nouts]->type->elem;
	return out;
}

/* An output of the DAG under this name, and that of its metadata. */
static struct source result(struct argo *g, struct dag *d, struct str name,
			    const struct source *from, const struct type *t)
{
	struct source out = {.kind = SOURCE_OUTPUT, .dag = d->parent, .task = d->self,
			     .type = t, .folder = from->folder};
	struct source seen = argo_seen(g, d, *from), meta;

	if (!from->kind)
		return (struct source){.type = t};
	out.key = argo_output(g, d, name, t);
	vec_push(&vec_last(&d->outputs).choices, ((struct choice){{"", 0}, seen}));
	if (!from->meta)
		return out;
	meta = result(g, d, arena_printf(g->a, "%.*s-metadata", STR_ARG(out.key)),
		      from->meta, from->meta->type);
	out.meta = arena_dup(g->a, &meta, sizeof(meta));
	return out;
}

void argo_instance(struct argo *g, struct inst *i, struct dag *d)
{
	const struct module_pipeline *p = i->p;
	bool *ended = ARENA_ARRAY(g->a, p->nnodes + 1, bool);
	size_t nchecks;

	i->dags = ARENA_ARRAY(g->a, p->nblocks + 1, struct dag *);
	i->outs = ARENA_ARRAY(g->a, p->nnodes + 1, struct source *);
	i->tasks = ARENA_ARRAY(g->a, p->nnodes + 1, struct task *);
	i->wraps = ARENA_ARRAY(g->a, p->nnodes + 1, struct dag *);
	i->results = ARENA_ARRAY(g->a, p->noutputs + 1, struct source);
	i->dags[0] = d;
	nchecks = add_checks(g, i, d);
	for (uint32_t n = 0; n < p->nnodes; n++) {
		end_loops(g, i, ended, n);
		i->outs[n] = node_sources(g, &p->nodes[n]);
		add_node(g, i, n);
	}
	end_loops(g, i, ended, p->nnodes);
	for (uint32_t j = 0; j < p->noutputs; j++) {
		const struct module_output *o = &p->outputs[j];
		struct source s;

		if (!o->value)
			continue;
		g->at = o->loc;
		s = argo_site(g, i, d, o->value, o->name);
		if (s.kind == SOURCE_FILES)
			export_fault(g->x, E1002, o->loc,
				     "a list of artifacts that is written out cannot be "
				     "an output");
		else
			i->results[j] = result(g, d, o->name, &s, o->type);
	}
	wait_for_checks(d, nchecks);
}
