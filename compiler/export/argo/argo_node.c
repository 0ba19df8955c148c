/* The nodes of a pipeline, in their order, as tasks and DAGs. */
#include <config.h>

#include "compiler/export/argo/argo_int.h"

static struct source word(struct argo *g, const char *tag)
{
	return (struct source){.kind = SOURCE_WORD, .type = g->m->types.string,
			       .key = str_of(tag)};
}

/* Is the node that is being made in the except block of this try? */
static bool is_in_except(const struct inst *i, uint32_t try)
{
	const struct module_block *b = &i->p->blocks[i->block];

	while (b->owner != MODULE_NONE && b->owner != try)
		b = &i->p->blocks[i->p->nodes[b->owner].block];
	return b->owner == try && b->kind == BLOCK_EXCEPT;
}

static struct source try_source(struct argo *g, struct inst *i, struct input in,
				const struct site *s)
{
	const struct module_node *n = &i->p->nodes[in.index];
	struct task *body = i->dags[n->then_block]->self;
	bool in_except = is_in_except(i, in.index);

	(void)s;
	if (in.output == TRY_ERROR)
		return in_except ? argo_error(g, body, g->m->types.run_error)
				 : argo_error(g, body->handler ? body->handler : body,
					      g->m->types.opt_run_error);
	if (in_except)
		return argo_constant(value_str(g->a, STR("failed")), g->m->types.string);
	return (struct source){.kind = SOURCE_STATUS, .type = g->m->types.string,
			       .task = body, .dag = body->dag};
}

/* Merged and gathered are only those that are read: most never are. */
static struct source node_source(struct argo *g, struct inst *i, uint32_t at,
				 uint32_t output)
{
	struct source *s = &i->outs[at][output];

	if (!s->kind && i->p->nodes[at].kind == NODE_MERGE)
		argo_merge(g, i, at, output);
	if (!s->kind && i->p->nodes[at].kind == NODE_LOOP)
		argo_gather(g, i, at, output);
	return *s;
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
		return node_source(g, i, in.index, in.output);
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
		     struct source *args, struct dag *home)
{
	for (uint32_t j = 0; j < nparams; j++) {
		struct str address =
			arena_printf(g->a, "%.*s%.*s.%.*s", STR_ARG(i->prefix),
				     STR_ARG(n->name), STR_ARG(params[j].name));

		if (!n->args[j])
			args[j] = argo_config(g, address, &params[j]);
		else if (home)
			args[j] = argo_site(g, i, home, n->args[j], params[j].name);
		else
			args[j] = argo_plain(g, i, n->args[j]);
	}
}

static void task_node(struct argo *g, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	const struct module_component *c = &g->m->components[n->target];
	struct source *args = ARENA_ARRAY(g->a, c->nparams + 1, struct source);

	add_args(g, i, n, c->params, c->nparams, args, NULL);
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
	struct inst *sub = ARENA_NEW(g->a, struct inst);
	struct around *around = ARENA_NEW(g->a, struct around);
	struct dag *d;

	*around = (struct around){.up = i->around, .call = n, .in = i};
	*sub = (struct inst){.p = p, .around = around};
	i->calls[at] = sub;
	sub->prefix =
		arena_printf(g->a, "%.*s%.*s.", STR_ARG(i->prefix), STR_ARG(n->name));
	around->prefix = sub->prefix;
	add_args(g, i, n, p->params, p->nparams, args, argo_home(g, i, at));
	d = argo_dag(g, argo_home(g, i, at), n->path, p->name);
	d->prefix = arena_printf(g->a, "%.*s/", STR_ARG(n->path));
	i->tasks[at] = d->self;
	params = ARENA_ARRAY(g->a, p->nparams + 1, struct source);
	for (uint32_t j = 0; j < p->nparams; j++)
		params[j] = call_param(g, d, &p->params[j], &args[j]);
	sub->params = params;
	argo_pipeline_settings(g, sub, d);
	argo_instance(g, sub, d);
	for (uint32_t j = 0; j < p->noutputs; j++)
		i->outs[at][j] = sub->results[j];
}

static void branch_node(struct argo *g, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	struct str name;
	struct dag *wrap;

	if (n->then_block == MODULE_NONE && n->else_block == MODULE_NONE)
		return;
	name = arena_printf(g->a, "if-%u", ++g->nifs);
	wrap = argo_dag(g, argo_home(g, i, at), name, name);
	i->tasks[at] = wrap->self;
	i->wraps[at] = wrap;
	vec_push(&wrap->inputs,
		 ((struct port){STR("branch"), g->m->types.string, NULL}));
	argo_select(g, i, wrap->self, n);
	for (int side = 0; side < 2; side++) {
		uint32_t block = side ? n->else_block : n->then_block;
		struct dag *d;

		if (block == MODULE_NONE)
			continue;
		d = argo_side(g, wrap, side ? "b1" : "b0", side ? "else" : "then");
		d->self->guard = d->self->name;
		i->dags[block] = d;
	}
}

/* An expression of Argo's cannot choose between artifacts that may not be there. */
static struct source either(struct argo *g, struct dag *wrap, struct str name,
			    const struct type *t, const struct source *sides)
{
	const struct type *maybe = t->kind == TYPE_OPT ? t : type_opt(&g->m->types, t);
	struct source two[2];

	for (int j = 0; j < 2; j++) {
		two[j] = argo_seen(g, wrap, sides[j]);
		two[j].type = maybe;
		two[j] = argo_lift(g, wrap, two[j]);
		two[j].type = maybe;
	}
	return argo_either(g, wrap->parent, two, name, t);
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

	if (type_holds_artifacts(t) && (t->kind == TYPE_OPT || wrap->tells) &&
	    sides[0].kind != SOURCE_CONST && sides[1].kind != SOURCE_CONST)
		return either(g, wrap, name, t, sides);
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
		metas[j] = sides[j].meta ? *sides[j].meta : argo_no_metadata(g);
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
	return d ? argo_whole(g, d, from, name) : from;
}

/* Where the other side has none, an artifact has to come from a task that is skipped
 * then. */
static void own_file(struct argo *g, struct source *sides, struct dag *then,
		     struct dag *other, struct str name)
{
	for (int j = 0; j < 2; j++) {
		struct dag *d = j ? other : then;
		struct source s;

		if (sides[!j].kind != SOURCE_CONST || sides[j].kind <= SOURCE_CONST)
			continue;
		s = argo_seen(g, d, sides[j]);
		if (s.kind != SOURCE_OUTPUT)
			sides[j] = argo_pass(g, d, sides[j], name, (struct str){"", 0});
	}
}

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
	if (type_holds_artifacts(m->type))
		own_file(g, sides, then, other, name);
	if (type_holds_artifacts(m->type) && sides[0].kind == SOURCE_CONST &&
	    sides[1].kind == SOURCE_CONST)
		i->outs[at][j] = sides[0];
	else if (sides[0].kind && sides[1].kind)
		i->outs[at][j] =
			merged(g, i->wraps[n->target], name, m->type, sides, is_try);
}

static struct task *except_side(struct argo *g, struct inst *i,
				const struct module_node *n, struct task *body)
{
	struct dag *d = argo_side(g, body->dag, "except", "except");

	i->dags[n->else_block] = d;
	d->tells = body->inner->tells;
	d->self->counts = !d->tells;
	body->forgiven = true;
	body->handler = d->self;
	if (d->tells) {
		d->self->if_told = body;
		argo_need(d->self, body, END_RAN | END_FAILED, 0);
	} else {
		argo_need(d->self, body, END_FAILED, 0);
	}
	return d->self;
}

static void finally_side(struct argo *g, struct inst *i, const struct module_node *n,
			 struct task *body, struct task *except)
{
	struct dag *d = argo_side(g, body->dag, "finally", "finally");
	unsigned group = 0;

	i->dags[n->final_block] = d;
	d->tells = body->dag->tells;
	d->fail_fast = false;
	if (!except) {
		argo_need(d->self, body, END_RAN | END_FAILED, 0);
	} else if (body->inner->tells) {
		argo_need(d->self, body, END_RAN | END_FAILED, 0);
		argo_need(d->self, except, END_RAN | END_SKIPPED | END_FAILED, 0);
	} else {
		group = ++g->ngroups;
		argo_need(d->self, body, END_RAN, group);
		argo_need(d->self, except, END_RAN | END_FAILED, group);
	}
}

static void try_node(struct argo *g, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	struct str name = arena_printf(g->a, "try-%u", ++g->ntrys);
	struct dag *wrap = argo_dag(g, argo_home(g, i, at), name, name), *d;
	struct task *except = NULL;

	i->tasks[at] = wrap->self;
	i->wraps[at] = wrap;
	d = i->dags[n->then_block] = argo_side(g, wrap, "body", "body");
	d->tells |= argo_asks(i->p, at);
	d->self->counts = n->else_block == MODULE_NONE;
	d->fail_fast &= n->else_block == MODULE_NONE;
	if (n->else_block != MODULE_NONE)
		except = except_side(g, i, n, d->self);
	if (n->final_block != MODULE_NONE)
		finally_side(g, i, n, d->self, except);
	wrap->fail_fast = false;	/* what comes behind a failure has to come */
}

static void expr_node(struct argo *g, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	struct source s = argo_site(g, i, argo_home(g, i, at), n->cond, n->path);

	i->outs[at][0] = s;
	if (s.kind == SOURCE_OUTPUT && s.dag == argo_home(g, i, at))
		i->tasks[at] = s.task;
}

static void assert_node(struct argo *g, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];

	i->tasks[at] = argo_compute(g, i, argo_home(g, i, at), n->cond,
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

	const struct dag *home = argo_home(g, i, at);
	size_t before = home->tasks.n;

	g->at = n->loc;
	i->block = n->block;
	if (make[n->kind])
		make[n->kind](g, i, at);
	else
		i->tasks[at] = i->tasks[n->target];
	/* Another name for what a task made waits for nothing: the task may be waited for. */
	if (n->kind == NODE_EXPR && home->tasks.n == before)
		return;
	for (uint32_t j = 0; j < n->nafter; j++)
		if (i->tasks[at] && i->tasks[n->after[j]])
			argo_wait(i->tasks[at], i->tasks[n->after[j]]);
}

struct open_loops {
	uint32_t *at;
	size_t n;
};

/* The loops whose body ends before node at. */
static void end_loops(struct argo *g, struct inst *i, struct open_loops *open, uint32_t at)
{
	const struct module_node *nodes = i->p->nodes;
	size_t kept = open->n;

	for (size_t j = open->n; j-- > 0;) {
		uint32_t loop = open->at[j];

		if (at < i->p->nnodes && argo_is_within(i->dags[nodes[at].block],
						       i->dags[nodes[loop].then_block])) {
			open->at[--kept] = loop;
			continue;
		}
		g->at = nodes[loop].loc;
		argo_loop_end(g, i, loop);
	}
	open->n -= kept;
	if (kept && open->n)
		memmove(open->at, open->at + kept, open->n * sizeof *open->at);
}

/* Constraints on the parameters: tasks that everything else waits for. */
static void add_checks(struct argo *g, struct inst *i, struct dag *d)
{
	for (uint32_t j = 0; j < i->p->nparams; j++) {
		const struct module_param *p = &i->p->params[j];

		if (p->where)
			argo_compute(g, i, d, p->where, NULL,
				     arena_printf(g->a, "check-%.*s", STR_ARG(p->name)),
				     true);
	}
	d->nchecks = d->tasks.n;
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
			     .type = t};
	struct source seen = argo_seen(g, d, *from), meta;

	if (!from->kind)
		return (struct source){.type = t};
	out.key = argo_output(g, d, name, t);
	vec_push(&vec_last(&d->outputs).choices, ((struct choice){{"", 0}, seen}));
	if (!from->meta || !d->parent)
		return out;
	meta = result(g, d, arena_printf(g->a, "%.*s-metadata", STR_ARG(out.key)),
		      from->meta, from->meta->type);
	out.meta = arena_dup(g->a, &meta, sizeof(meta));
	return out;
}

void argo_instance(struct argo *g, struct inst *i, struct dag *d)
{
	const struct module_pipeline *p = i->p;
	struct open_loops open = {ARENA_ARRAY(g->a, p->nnodes + 1, uint32_t), 0};

	i->dags = ARENA_ARRAY(g->a, p->nblocks + 1, struct dag *);
	i->homes = ARENA_ARRAY(g->a, p->nnodes + 1, struct dag *);
	i->outs = ARENA_ARRAY(g->a, p->nnodes + 1, struct source *);
	i->tasks = ARENA_ARRAY(g->a, p->nnodes + 1, struct task *);
	i->wraps = ARENA_ARRAY(g->a, p->nnodes + 1, struct dag *);
	i->calls = ARENA_ARRAY(g->a, p->nnodes + 1, struct inst *);
	i->results = ARENA_ARRAY(g->a, p->noutputs + 1, struct source);
	i->dags[0] = d;
	add_checks(g, i, d);
	for (uint32_t n = 0; n < p->nnodes; n++) {
		end_loops(g, i, &open, n);
		i->outs[n] = node_sources(g, &p->nodes[n]);
		add_node(g, i, n);
		if (p->nodes[n].kind == NODE_LOOP)
			open.at[open.n++] = n;
	}
	end_loops(g, i, &open, p->nnodes);
	for (uint32_t j = 0; j < p->noutputs; j++) {
		const struct module_output *o = &p->outputs[j];
		struct source s;

		if (!o->value)
			continue;
		g->at = o->loc;
		s = argo_site(g, i, d, o->value, o->name);
		s = argo_whole(g, d, s, o->name);
		i->results[j] = result(g, d, o->name, &s, o->type);
	}
}
