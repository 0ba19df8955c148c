#include <config.h>

#include "runtime/vm/plan.h"

#include "runtime/base/limits.h"
#include "runtime/vm/plan_shape.h"

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

static const struct shape *shape_of(struct plan *p, uint32_t pipeline)
{
	if (!p->shapes[pipeline])
		p->shapes[pipeline] =
			shape_make(&p->m->pipelines[pipeline], &p->arena);
	return p->shapes[pipeline];
}

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
		.is_final = p->scopes.at[scope].is_final,
	});
	return (uint32_t)p->insts.n - 1;
}

/* What stands outside of the frame that is built has been decided. */
static void add_edge(struct plan *p, uint32_t from, uint32_t to, enum arm arm)
{
	struct inst *i = plan_inst(p, from);
	uint32_t e = (uint32_t)p->edges.n;

	if (from < p->low)
		return;
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

static void wait_for_input(struct plan *p, uint32_t scope, const struct input *in,
			   uint32_t to)
{
	uint32_t value, from = plan_input(p, scope, in, &value);

	if (from != MODULE_NONE)
		add_edge(p, from, to, ARM_ANY);
}

static void wait_for_site(struct plan *p, uint32_t scope, const struct site *s,
			  uint32_t to)
{
	for (uint32_t i = 0; s && i < s->ninputs; i++)
		wait_for_input(p, scope, &s->inputs[i], to);
}

static void wait_for_after(struct plan *p, uint32_t scope, const struct module_node *n,
			   uint32_t to)
{
	for (uint32_t i = 0; i < n->nafter; i++)
		add_edge(p, plan_inst_of(p, scope, n->after[i]), to, ARM_ANY);
}

static struct gate block_gate(const struct plan *p, uint32_t scope, uint32_t block)
{
	const struct scope *s = &p->scopes.at[plan_whole(p, scope)];
	const struct module_block *b = &p->m->pipelines[s->pipeline].blocks[block];
	uint32_t owner;

	if (b->kind == BLOCK_BODY)
		return s->begin == MODULE_NONE ? OPEN : (struct gate){s->begin, ARM_ANY};
	if (b->kind == BLOCK_LOOP)
		return OPEN;
	owner = plan_inst_of(p, scope, b->owner);
	switch (b->kind) {
	case BLOCK_THEN:
		return (struct gate){owner, ARM_THEN};
	case BLOCK_ELSE:
		return (struct gate){owner, ARM_ELSE};
	case BLOCK_TRY:
		return (struct gate){owner - INST_TRY_END + INST_TRY, ARM_ANY};
	case BLOCK_EXCEPT:
		return (struct gate){owner - INST_TRY_END + INST_BODY, ARM_ELSE};
	default:
		return (struct gate){owner - INST_TRY_END + INST_EXCEPT, ARM_ANY};
	}
}

/* What all that a node computes itself waits for. */
static void wait_for_node(struct plan *p, uint32_t scope, const struct module_node *n,
			  uint32_t to)
{
	add_gate(p, block_gate(p, scope, n->block), to);
	wait_for_site(p, scope, n->cond, to);
	for (uint32_t k = 0; k < n->nargs; k++)
		wait_for_site(p, scope, n->args[k], to);
	for (uint32_t k = 0; k < n->nsettings; k++)
		wait_for_site(p, scope, n->settings[k].value, to);
	wait_for_after(p, scope, n, to);
}

static uint32_t add_computed(struct plan *p, enum inst_kind kind, uint32_t scope,
			     uint32_t node, const struct module_node *n)
{
	uint32_t i = add_inst(p, kind, scope, node);

	if (kind == INST_TASK && !p->scopes.at[scope].frame)
		p->ntasks++;
	wait_for_node(p, scope, n, i);
	return i;
}

/* A loop and a try begin when all is there that their bodies read from outside. */
static void wait_for_needs(struct plan *p, uint32_t scope, uint32_t node, uint32_t to)
{
	const struct shape *s = shape_of(p, p->scopes.at[scope].pipeline);
	const struct shape_node *n = &s->nodes[node];

	for (uint32_t k = 0; k < n->nneeds; k++) {
		const struct input *in = &n->needs[k];

		if (in->output == SHAPE_WHOLE)
			add_edge(p, plan_inst_of(p, scope, in->index), to, ARM_ANY);
		else
			wait_for_input(p, scope, in, to);
	}
}

static uint32_t add_loop(struct plan *p, uint32_t scope, uint32_t node,
			 const struct module_node *n)
{
	uint32_t i = add_computed(p, INST_LOOP, scope, node, n);

	wait_for_needs(p, scope, node, i);
	return i;
}

static uint32_t add_try(struct plan *p, uint32_t scope, uint32_t node,
			const struct module_node *n)
{
	uint32_t begin = add_computed(p, INST_TRY, scope, node, n);
	uint32_t body = add_inst(p, INST_BODY, scope, node);
	uint32_t except = add_inst(p, INST_EXCEPT, scope, node);
	uint32_t end = add_inst(p, INST_TRY_END, scope, node);

	wait_for_needs(p, scope, node, begin);
	add_edge(p, begin, body, ARM_ANY);
	add_edge(p, body, except, ARM_ANY);
	add_edge(p, except, end, ARM_ANY);
	return end;
}

/* A try that took a side has come to the end of it: what is in it need not be waited for,
 * and must not, since what fails there is no failure of the merge. */
static void wait_for_side(struct plan *p, uint32_t scope, const struct module_node *n,
			  const struct site *s, uint32_t to)
{
	const struct module_pipeline *pl =
		&p->m->pipelines[p->scopes.at[scope].pipeline];
	bool is_try = pl->nodes[n->target].kind == NODE_TRY;
	bool in_body = is_try && plan_inst(p, to)->arm == ARM_THEN;

	for (uint32_t i = 0; s && i < s->ninputs; i++)
		if (!in_body || s->inputs[i].kind != INPUT_NODE ||
		    !shape_is_in(pl, s->inputs[i].index, n->target))
			wait_for_input(p, scope, &s->inputs[i], to);
}

static void add_arm(struct plan *p, uint32_t scope, uint32_t node,
		    const struct module_node *n, enum arm arm)
{
	uint32_t i = add_inst(p, INST_ARM, scope, node);

	plan_inst(p, i)->arm = (uint8_t)arm;
	add_edge(p, plan_merge_gate(p, scope, n), i, arm);
	for (uint32_t k = 0; k < n->nouts; k++)
		wait_for_side(p, scope, n, arm == ARM_THEN ? n->outs[k].then_value
							   : n->outs[k].else_value, i);
}

static uint32_t add_merge(struct plan *p, uint32_t scope, uint32_t node,
			  const struct module_node *n)
{
	const struct module_node *of =
		&p->m->pipelines[p->scopes.at[scope].pipeline].nodes[n->target];
	bool two = of->kind == NODE_BRANCH || of->else_block != MODULE_NONE;
	uint32_t i;

	add_arm(p, scope, node, n, ARM_THEN);
	if (two)
		add_arm(p, scope, node, n, ARM_ELSE);
	i = add_inst(p, INST_MERGE, scope, node);
	add_edge(p, i - 1, i, ARM_ANY);
	if (two)
		add_edge(p, i - 2, i, ARM_ANY);
	return i;
}

static int add_nodes(struct planner *b, uint32_t scope, const struct shape_nodes *nodes,
		     unsigned depth);

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

/* i waits for all that ends in this block of the scope's nodes. */
static void wait_for_region(struct plan *p, uint32_t scope,
			    const struct shape_nodes *nodes, uint32_t block, uint32_t i)
{
	const struct shape *s = shape_of(p, p->scopes.at[scope].pipeline);

	for (uint32_t k = 0; k < nodes->n; k++)
		if (s->nodes[nodes->at[k]].region == block)
			add_edge(p, p->scopes.at[scope].inst_of[k], i, ARM_SETTLED);
}

static void add_end(struct plan *p, uint32_t scope)
{
	const struct scope *s = &p->scopes.at[scope];
	uint32_t begin = s->begin, end = add_inst(p, INST_END, scope, s->call);

	add_edge(p, begin, end, ARM_ANY);
	wait_for_region(p, scope, &shape_of(p, s->pipeline)->top, 0, end);
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
			   uint32_t call, uint32_t nnodes)
{
	struct scope s = {
		.pipeline = pipeline,
		.parent = parent,
		.call = call,
		.begin = MODULE_NONE,
		.inst_of = ARENA_ARRAY(&p->arena, nnodes, uint32_t),
		.address = STR(""),
	};

	if (parent != MODULE_NONE) {
		const struct scope *up = &p->scopes.at[parent];
		const struct shape_node *n = &shape_of(p, up->pipeline)->nodes[call];

		s.frame = up->frame;
		s.is_final = up->is_final || n->is_final;
		s.address = up->address;
	}
	vec_push(&p->scopes, s);
	return (uint32_t)p->scopes.n - 1;
}

static int add_call(struct planner *b, uint32_t scope, uint32_t node,
		    const struct module_node *n, unsigned depth, uint32_t *out)
{
	struct plan *p = b->p;
	const struct module_pipeline *callee = &p->m->pipelines[n->target];
	const struct shape_nodes *top = &shape_of(p, n->target)->top;
	uint32_t called = open_scope(p, n->target, scope, node, top->n);
	struct scope *s = &p->scopes.at[called];

	s->address = arena_printf(&p->arena, "%.*s%.*s.", STR_ARG(s->address),
				  STR_ARG(n->name));
	b->nnodes += callee->nparams + callee->noutputs;
	add_begin(p, called, n);
	if (add_nodes(b, called, top, depth + 1))
		return -1;
	add_end(p, called);
	add_outputs(p, called);
	*out = p->scopes.at[called].outputs - 1;
	return 0;
}

/* All that a node becomes; out: what stands for it. */
static int add_node(struct planner *b, uint32_t scope, uint32_t node, unsigned depth,
		    uint32_t *out)
{
	struct plan *p = b->p;
	const struct module_node *n =
		&p->m->pipelines[p->scopes.at[scope].pipeline].nodes[node];

	switch (n->kind) {
	case NODE_CALL:
		return add_call(b, scope, node, n, depth, out);
	case NODE_TASK:
		*out = add_computed(p, INST_TASK, scope, node, n);
		break;
	case NODE_EXPR:
		*out = add_computed(p, INST_EXPR, scope, node, n);
		break;
	case NODE_BRANCH:
		*out = add_computed(p, INST_BRANCH, scope, node, n);
		break;
	case NODE_ASSERT:
		*out = add_computed(p, INST_ASSERT, scope, node, n);
		break;
	case NODE_MERGE:
		*out = add_merge(p, scope, node, n);
		break;
	case NODE_LOOP:
		*out = add_loop(p, scope, node, n);
		break;
	case NODE_TRY:
		*out = add_try(p, scope, node, n);
		break;
	case NODE_NKINDS:
		BUG("a node of no kind");
	}
	return 0;
}

static void mark_final(struct plan *p, uint32_t from)
{
	for (uint32_t i = from; i < p->insts.n; i++)
		plan_inst(p, i)->is_final = true;
}

/* A part of a try waits for its nodes; other blocks do that when they are at an end. */
static void end_in_try(struct plan *p, uint32_t scope, uint32_t region, uint32_t i)
{
	const struct module_block *b =
		&p->m->pipelines[p->scopes.at[scope].pipeline].blocks[region];
	uint32_t end;

	if (b->kind != BLOCK_TRY && b->kind != BLOCK_EXCEPT && b->kind != BLOCK_FINALLY)
		return;
	end = plan_inst_of(p, scope, b->owner);
	if (b->kind == BLOCK_TRY)
		end -= INST_TRY_END - INST_BODY;
	else if (b->kind == BLOCK_EXCEPT)
		end -= INST_TRY_END - INST_EXCEPT;
	add_edge(p, i, end, ARM_SETTLED);
}

static int add_nodes(struct planner *b, uint32_t scope, const struct shape_nodes *nodes,
		     unsigned depth)
{
	struct plan *p = b->p;
	const struct shape *s = shape_of(p, p->scopes.at[scope].pipeline);

	if (depth > LIMIT_CALL_DEPTH)
		return err_setk(b->err, ERR_INPUT,
				"pipelines call pipelines more than %d levels deep",
				LIMIT_CALL_DEPTH);
	for (uint32_t k = 0; k < nodes->n; k++) {
		const struct shape_node *n = &s->nodes[nodes->at[k]];
		uint32_t from = (uint32_t)p->insts.n, i = MODULE_NONE;

		if (!scope && p->wanted && !p->wanted[nodes->at[k]]) {
			p->scopes.at[scope].inst_of[k] = MODULE_NONE;
			continue;
		}
		if (++b->nnodes > LIMIT_TASKS)
			return err_setk(b->err, ERR_INPUT,
					"the pipeline has more than %d tasks",
					LIMIT_TASKS);
		if (add_node(b, scope, nodes->at[k], depth, &i))
			return -1;
		p->scopes.at[scope].inst_of[k] = i;
		if (n->is_final)
			mark_final(p, from);
		end_in_try(p, scope, n->region, i);
	}
	return 0;
}

int plan_make(struct plan *p, const struct module *m, uint32_t pipeline,
	      const bool *wanted, struct err *err)
{
	struct planner b = {p, err, 0};
	const struct shape_nodes *top;

	*p = (struct plan){.m = m, .wanted = wanted};
	arena_init(&p->arena);
	p->shapes = ARENA_ARRAY(&p->arena, m->npipelines, const struct shape *);
	vec_push(&p->frames, ARENA_NEW(&p->arena, struct frame));
	top = &shape_of(p, pipeline)->top;
	open_scope(p, pipeline, MODULE_NONE, MODULE_NONE, top->n);
	if (add_nodes(&b, 0, top, 0))
		return -1;
	if (!wanted)
		add_outputs(p, 0);
	return 0;
}

/* Pipeline calls around a scope. */
static unsigned call_depth(const struct plan *p, uint32_t scope)
{
	const struct scope *s = &p->scopes.at[scope];
	unsigned n = 0;

	for (; s->parent != MODULE_NONE; s = &p->scopes.at[s->parent])
		n += !s->is_iteration;
	return n;
}

/* The instances of the frame f of the loop; what it reads from outside has been
 * decided. */
static int fill_frame(struct planner *b, const struct loop *l, struct frame *f,
		      uint32_t number)
{
	struct plan *p = b->p;
	const struct inst *loop = plan_inst(p, l->inst);
	uint32_t node = loop->node, parent = loop->scope,
		 pipeline = p->scopes.at[parent].pipeline;
	const struct shape_nodes *body = &shape_of(p, pipeline)->bodies[node];
	uint32_t scope = open_scope(p, pipeline, parent, node, body->n), end;

	p->scopes.at[scope].is_iteration = true;
	p->scopes.at[scope].frame = number;
	f->scope = scope;
	f->first = p->low = (uint32_t)p->insts.n;
	if (add_nodes(b, scope, body, call_depth(p, scope)))
		return -1;
	end = add_inst(p, INST_ITER, scope, node);
	wait_for_region(p, scope, body, p->m->pipelines[pipeline].nodes[node].then_block,
			end);
	f->n = (uint32_t)p->insts.n - f->first;
	for (uint32_t i = f->first; i <= end; i++)
		plan_inst(p, i)->nedges = plan_inst(p, i)->blocked;
	return 0;
}

uint32_t plan_iterate(struct plan *p, uint32_t loop, struct err *err)
{
	struct planner b = {p, err, (uint32_t)p->insts.n};
	struct loop *l = p->loops.at[loop];
	uint32_t number = (uint32_t)p->frames.n;
	struct frame *f = ARENA_NEW(&p->arena, struct frame);
	size_t ninsts = p->insts.n, nedges = p->edges.n, nscopes = p->scopes.n;
	int rc;

	f->loop = loop;
	arena_init(&f->arena);
	vec_push(&p->frames, f);
	rc = fill_frame(&b, l, f, number);
	p->low = 0;
	if (!rc)
		return number;
	p->insts.n = ninsts;
	p->edges.n = nedges;
	p->scopes.n = nscopes;
	p->frames.n = number;
	return 0;
}

struct loop *plan_loop(struct plan *p, uint32_t inst)
{
	struct inst *i = plan_inst(p, inst);
	const struct scope *s = plan_scope(p, i);
	struct loop *l;

	if (i->loop)
		return p->loops.at[i->loop - 1];
	l = ARENA_NEW(&p->arena, struct loop);
	l->inst = inst;
	l->has_tasks = shape_of(p, s->pipeline)->nodes[i->node].has_tasks;
	if (s->frame)
		l->depth = p->loops.at[p->frames.at[s->frame]->loop]->depth + 1;
	vec_push(&p->loops, l);
	i->loop = (uint32_t)p->loops.n;
	return l;
}

void plan_release(struct plan *p)
{
	for (size_t i = 1; i < p->frames.n; i++)
		arena_release(&p->frames.at[i]->arena);
	vec_release(&p->insts);
	vec_release(&p->edges);
	vec_release(&p->scopes);
	vec_release(&p->frames);
	vec_release(&p->loops);
	arena_release(&p->arena);
}
