#include <config.h>

#include "runtime/vm/plan.h"

#include "runtime/base/limits.h"

struct gate {			/* what must be open for a block to run */
	uint32_t inst;		/* MODULE_NONE: always open */
	enum arm arm;
};

struct planner {
	struct plan *p;
	struct err *err;
	uint32_t nnodes;
};

static const struct gate OPEN = {MODULE_NONE, ARM_ANY};

static uint32_t add_inst(struct plan *p, enum inst_kind kind, uint32_t scope,
			 uint32_t node)
{
	vec_push(&p->insts, (struct inst){
		.scope = scope,
		.node = node,
		.first = MODULE_NONE,
		.last = MODULE_NONE,
		.because = MODULE_NONE,
		.kind = (uint8_t)kind,
	});
	return (uint32_t)p->insts.n - 1;
}

static void add_edge(struct plan *p, uint32_t from, uint32_t to, enum arm arm)
{
	struct inst *i = plan_inst(p, from);
	uint32_t e = (uint32_t)p->edges.n;

	vec_push(&p->edges, (struct edge){to & 0x3fffffff, arm & 3, MODULE_NONE});
	if (i->last == MODULE_NONE)
		i->first = e;
	else
		p->edges.at[i->last].next = e;
	i->last = e;
	plan_inst(p, to)->blocked++;
}

static void add_gate(struct plan *p, struct gate g, uint32_t to)
{
	if (g.inst != MODULE_NONE)
		add_edge(p, g.inst, to, g.arm);
}

uint32_t plan_input(const struct plan *p, uint32_t scope, const struct input *in,
		    uint32_t *value)
{
	const struct scope *s = &p->scopes.at[scope];
	uint32_t i;

	*value = 0;
	if (in->kind == INPUT_PARAM)
		return s->begin == MODULE_NONE ? MODULE_NONE : s->begin + 1 + in->index;
	if (in->kind != INPUT_NODE)
		return MODULE_NONE;
	i = s->inst_of[in->index];
	if (plan_inst(p, i)->kind == INST_END)
		return i + 1 + in->output;
	*value = in->output;
	return i;
}

static void wait_for_site(struct plan *p, uint32_t scope, const struct site *s,
			  uint32_t to)
{
	uint32_t from, value;

	for (uint32_t i = 0; s && i < s->ninputs; i++) {
		from = plan_input(p, scope, &s->inputs[i], &value);
		if (from != MODULE_NONE)
			add_edge(p, from, to, ARM_ANY);
	}
}

static void wait_for_after(struct plan *p, uint32_t scope, const struct module_node *n,
			   uint32_t to)
{
	for (uint32_t i = 0; i < n->nafter; i++)
		add_edge(p, p->scopes.at[scope].inst_of[n->after[i]], to, ARM_ANY);
}

static struct gate block_gate(const struct plan *p, uint32_t scope, uint32_t block)
{
	const struct scope *s = &p->scopes.at[scope];
	const struct module_block *b = &p->m->pipelines[s->pipeline].blocks[block];

	if (b->owner == MODULE_NONE)
		return s->begin == MODULE_NONE ? OPEN : (struct gate){s->begin, ARM_ANY};
	return (struct gate){s->inst_of[b->owner],
			     b->kind == BLOCK_ELSE ? ARM_ELSE : ARM_THEN};
}

static uint32_t add_task(struct plan *p, uint32_t scope, uint32_t node,
			 const struct module_node *n)
{
	uint32_t i = add_inst(p, INST_TASK, scope, node);

	p->ntasks++;
	add_gate(p, block_gate(p, scope, n->block), i);
	for (uint32_t k = 0; k < n->nargs; k++)
		wait_for_site(p, scope, n->args[k], i);
	for (uint32_t k = 0; k < n->nsettings; k++)
		wait_for_site(p, scope, n->settings[k].value, i);
	wait_for_after(p, scope, n, i);
	return i;
}

static uint32_t add_computed(struct plan *p, enum inst_kind kind, uint32_t scope,
			     uint32_t node, const struct module_node *n)
{
	uint32_t i = add_inst(p, kind, scope, node);

	add_gate(p, block_gate(p, scope, n->block), i);
	wait_for_site(p, scope, n->cond, i);
	return i;
}

static uint32_t add_arm(struct plan *p, uint32_t scope, uint32_t node,
			const struct module_node *n, enum arm arm)
{
	uint32_t i = add_inst(p, INST_ARM, scope, node);

	plan_inst(p, i)->arm = (uint8_t)arm;
	add_edge(p, p->scopes.at[scope].inst_of[n->target], i, arm);
	for (uint32_t k = 0; k < n->nouts; k++)
		wait_for_site(p, scope, arm == ARM_THEN ? n->outs[k].then_value
							: n->outs[k].else_value, i);
	return i;
}

static uint32_t add_merge(struct plan *p, uint32_t scope, uint32_t node,
			  const struct module_node *n)
{
	uint32_t on_then = add_arm(p, scope, node, n, ARM_THEN);
	uint32_t on_else = add_arm(p, scope, node, n, ARM_ELSE);
	uint32_t i = add_inst(p, INST_MERGE, scope, node);

	add_edge(p, on_then, i, ARM_ANY);
	add_edge(p, on_else, i, ARM_ANY);
	return i;
}

static int add_scope(struct planner *b, uint32_t scope, unsigned depth);

/* A where of parameter number k: it looks at that one and earlier ones. */
static void wait_for_params(struct plan *p, uint32_t begin, const struct site *where,
			    uint32_t k)
{
	for (uint32_t i = 0; where && i < where->ninputs; i++)
		if (where->inputs[i].kind == INPUT_PARAM && where->inputs[i].index < k)
			add_edge(p, begin + 1 + where->inputs[i].index, begin + 1 + k,
				 ARM_ANY);
}

/* BEGIN, and PARAMs computed from what the calling scope passes. */
static void add_begin(struct plan *p, uint32_t scope, const struct module_node *n)
{
	const struct module_pipeline *callee = &p->m->pipelines[n->target];
	uint32_t parent = p->scopes.at[scope].parent;
	uint32_t begin = add_inst(p, INST_BEGIN, scope, p->scopes.at[scope].call);

	p->scopes.at[scope].begin = begin;
	add_gate(p, block_gate(p, parent, n->block), begin);
	wait_for_after(p, parent, n, begin);
	for (uint32_t k = 0; k < n->nsettings; k++)
		wait_for_site(p, parent, n->settings[k].value, begin);
	for (uint32_t k = 0; k < callee->nparams; k++)
		add_inst(p, INST_PARAM, scope, k);
	for (uint32_t k = 0; k < callee->nparams; k++) {
		add_edge(p, begin, begin + 1 + k, ARM_ANY);
		if (k < n->nargs)
			wait_for_site(p, parent, n->args[k], begin + 1 + k);
		wait_for_params(p, begin, callee->params[k].where, k);
	}
}

/* The END of the call waits for everything in the called scope that can go wrong. */
static void add_end(struct plan *p, uint32_t scope)
{
	const struct scope *s = &p->scopes.at[scope];
	const struct module_pipeline *callee = &p->m->pipelines[s->pipeline];
	uint32_t end = add_inst(p, INST_END, scope, s->call);

	add_edge(p, s->begin, end, ARM_ANY);
	for (uint32_t k = 0; k < callee->nnodes; k++)
		add_edge(p, s->inst_of[k], end, ARM_ANY);
}

static void add_outputs(struct plan *p, uint32_t scope)
{
	struct scope *s = &p->scopes.at[scope];
	const struct module_pipeline *callee = &p->m->pipelines[s->pipeline];

	s->outputs = (uint32_t)p->insts.n;
	for (uint32_t k = 0; k < callee->noutputs; k++) {
		uint32_t i = add_inst(p, INST_OUTPUT, scope, k);

		if (s->begin != MODULE_NONE)
			add_edge(p, s->begin, i, ARM_ANY);
		wait_for_site(p, scope, callee->outputs[k].value, i);
	}
}

static uint32_t open_scope(struct plan *p, uint32_t pipeline, uint32_t parent,
			   uint32_t call)
{
	const struct module_pipeline *callee = &p->m->pipelines[pipeline];
	struct scope s = {
		.pipeline = pipeline,
		.parent = parent,
		.call = call,
		.begin = MODULE_NONE,
		.inst_of = ARENA_ARRAY(&p->arena, callee->nnodes, uint32_t),
		.path = STR(""),
		.address = STR(""),
	};

	if (parent != MODULE_NONE) {
		const struct scope *up = &p->scopes.at[parent];
		const struct module_node *n = &p->m->pipelines[up->pipeline].nodes[call];

		s.path = arena_printf(&p->arena, "%.*s%.*s/", STR_ARG(up->path),
				      STR_ARG(n->path));
		s.address = arena_printf(&p->arena, "%.*s%.*s.", STR_ARG(up->address),
					 STR_ARG(n->name));
	}
	vec_push(&p->scopes, s);
	return (uint32_t)p->scopes.n - 1;
}

static int add_call(struct planner *b, uint32_t scope, uint32_t node,
		    const struct module_node *n, unsigned depth)
{
	struct plan *p = b->p;
	const struct module_pipeline *callee = &p->m->pipelines[n->target];
	uint32_t called = open_scope(p, n->target, scope, node);

	b->nnodes += callee->nparams + callee->noutputs;
	add_begin(p, called, n);
	if (add_scope(b, called, depth + 1))
		return -1;
	add_end(p, called);
	add_outputs(p, called);
	p->scopes.at[scope].inst_of[node] = p->scopes.at[called].outputs - 1;
	return 0;
}

static int add_node(struct planner *b, uint32_t scope, uint32_t node,
		    const struct module_node *n, unsigned depth)
{
	struct plan *p = b->p;
	uint32_t i;

	switch (n->kind) {
	case NODE_CALL:
		return add_call(b, scope, node, n, depth);
	case NODE_TASK:
		i = add_task(p, scope, node, n);
		break;
	case NODE_MERGE:
		i = add_merge(p, scope, node, n);
		break;
	default:
		i = add_computed(p, n->kind == NODE_EXPR ? INST_EXPR : INST_BRANCH, scope,
				 node, n);
	}
	p->scopes.at[scope].inst_of[node] = i;
	return 0;
}

static int add_scope(struct planner *b, uint32_t scope, unsigned depth)
{
	const struct module_pipeline *pl =
		&b->p->m->pipelines[b->p->scopes.at[scope].pipeline];

	if (depth > LIMIT_CALL_DEPTH)
		return err_setk(b->err, ERR_INPUT,
				"pipelines call pipelines more than %d levels deep",
				LIMIT_CALL_DEPTH);
	for (uint32_t i = 0; i < pl->nnodes; i++) {
		if (++b->nnodes > LIMIT_TASKS)
			return err_setk(b->err, ERR_INPUT,
					"the pipeline has more than %d tasks",
					LIMIT_TASKS);
		if (add_node(b, scope, i, &pl->nodes[i], depth))
			return -1;
	}
	return 0;
}

int plan_make(struct plan *p, const struct module *m, uint32_t pipeline, struct err *err)
{
	struct planner b = {p, err, 0};

	*p = (struct plan){.m = m};
	arena_init(&p->arena);
	open_scope(p, pipeline, MODULE_NONE, MODULE_NONE);
	if (add_scope(&b, 0, 0))
		return -1;
	add_outputs(p, 0);
	return 0;
}

void plan_release(struct plan *p)
{
	vec_release(&p->insts);
	vec_release(&p->edges);
	vec_release(&p->scopes);
	arena_release(&p->arena);
}

const struct module_pipeline *plan_pipeline(const struct plan *p, const struct inst *i)
{
	return &p->m->pipelines[plan_scope(p, i)->pipeline];
}

const struct module_node *plan_node(const struct plan *p, const struct inst *i)
{
	const struct scope *s = plan_scope(p, i);

	switch ((enum inst_kind)i->kind) {
	case INST_BEGIN:
	case INST_PARAM:
	case INST_END:
	case INST_OUTPUT:
		if (s->parent == MODULE_NONE)
			return NULL;
		return &p->m->pipelines[p->scopes.at[s->parent].pipeline].nodes[s->call];
	default:
		return &p->m->pipelines[s->pipeline].nodes[i->node];
	}
}

const struct module_component *plan_component(const struct plan *p, const struct inst *i)
{
	return &p->m->components[plan_node(p, i)->target];
}

struct str plan_path(const struct plan *p, uint32_t inst, struct arena *a)
{
	const struct inst *i = plan_inst(p, inst);
	const struct scope *s = plan_scope(p, i);
	struct str name;

	switch ((enum inst_kind)i->kind) {
	case INST_BEGIN:
	case INST_END:
		return str_sub(s->path, 0, s->path.n - 1);
	case INST_PARAM:
		name = p->m->pipelines[s->pipeline].params[i->node].name;
		break;
	case INST_OUTPUT:
		name = p->m->pipelines[s->pipeline].outputs[i->node].name;
		break;
	default:
		name = plan_node(p, i)->path;
	}
	return s->path.n ? arena_printf(a, "%.*s%.*s", STR_ARG(s->path), STR_ARG(name))
			 : name;
}

const char *skip_reason_name(enum skip_reason r)
{
	static const char *const names[] = {
		[SKIP_NONE] = "",
		[SKIP_BRANCH] = "branch",
		[SKIP_UPSTREAM_FAILED] = "upstream_failed",
		[SKIP_UPSTREAM_SKIPPED] = "upstream_skipped",
		[SKIP_CANCELLED] = "cancelled",
	};

	return names[r];
}
