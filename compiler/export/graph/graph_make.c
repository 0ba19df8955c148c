/* From the module to the picture: goes through the nodes of the pipeline in their order,
 * and through those of called pipelines where they are boxes. */
#include <config.h>

#include "compiler/export/graph/graph_int.h"

enum {
	LARGE = 40,		/* tasks; pictures of more are compact */
	NODES_MAX = 1500,	/* a called pipeline stays closed rather than make more */
	ORDER_STEPS = 20000000,
	LINES = 4,		/* arguments that a task shows */
};

static struct str run_note(const struct maker *mk, const struct graph_tally *t)
{
	struct buf b = {0};
	struct str s;

	if (!mk->g->run)
		return STR("");
	graph_tally_words(t, &b);
	s = arena_str(mk->g->a, buf_str(&b));
	buf_release(&b);
	return s;
}

static const struct graph_tally *tally_at(const struct maker *mk, struct str address)
{
	return mk->g->run ? graph_run_find(mk->g->run, address) : NULL;
}

static struct str address_of(const struct maker *mk, const struct scope *s,
			     const struct module_node *n)
{
	return arena_printf(mk->g->a, "%.*s%.*s", STR_ARG(s->prefix[n->block]),
			    STR_ARG(n->path));
}

static struct str plain_name(const struct module_node *n)
{
	return n->name.n ? n->name : n->path;
}

/* "rate = 0.1", a line for each argument that no edge says. */
static void add_lines(struct maker *mk, const struct module_node *n,
		      const struct module_param *params, struct buf *out)
{
	unsigned left = LINES;

	for (uint32_t i = 0; i < n->nargs; i++) {
		const struct site *site = n->args[i];

		if (!site || (site->tree && site->tree->kind == EXPR_INPUT) || !site->text.n)
			continue;
		if (out->n)
			buf_addc(out, '\n');
		if (!left--) {
			buf_addz(out, "…");
			return;
		}
		buf_addf(out, "%.*s = %.*s", STR_ARG(params[i].name),
			 STR_ARG(graph_cut(mk->g->a, site->text, GRAPH_LINE)));
	}
}

static struct str call_detail(struct maker *mk, const struct module_node *n,
			      struct str callee, const struct module_param *params)
{
	struct buf b = {0};
	struct str s;

	if (!str_eq(callee, n->path))
		buf_add(&b, maker_title(mk, callee));
	if (!mk->g->is_compact)
		add_lines(mk, n, params, &b);
	s = arena_str(mk->g->a, buf_str(&b));
	buf_release(&b);
	return s;
}

static void add_args(struct maker *mk, struct scope *s, const struct module_node *n,
		     const struct module_param *params, uint32_t id)
{
	for (uint32_t i = 0; i < n->nargs; i++)
		maker_reads(mk, s, n->args[i], at_node(id), params[i].name);
}

static void add_artifacts(struct maker *mk, const struct module_component *c,
			  uint32_t task)
{
	struct graph *g = mk->g;

	for (uint32_t k = 0; k < c->noutputs; k++) {
		const struct module_output *o = &c->outputs[k];
		uint32_t id;

		if (!type_holds_artifacts(o->type))
			continue;
		id = maker_node(mk, (struct graph_node){
			.kind = GRAPH_ARTIFACT, .box = g->nodes.at[task].box,
			.look = graph_look_of(&g->m->types, o->type),
			.title = maker_title(mk, o->name), .loc = o->loc,
			.detail = type_name(o->type, g->a),
			.tally = g->nodes.at[task].tally,
		});
		maker_edge(mk, at_node(task), at_node(id), g->nodes.at[id].look, STR(""));
	}
}

static void make_task(struct maker *mk, struct scope *s, uint32_t index)
{
	const struct module_node *n = &s->p->nodes[index];
	const struct module_component *c = &mk->g->m->components[n->target];
	struct str address = address_of(mk, s, n);
	const struct graph_tally *t = tally_at(mk, address);
	uint32_t id = maker_node(mk, (struct graph_node){
		.kind = GRAPH_TASK, .box = s->box_of[n->block], .loc = n->loc,
		.title = maker_title(mk, n->path), .address = address, .tally = t,
		.detail = call_detail(mk, n, c->name, c->params), .note = run_note(mk, t),
	});

	s->node_of[index] = id;
	if (!mk->g->is_compact)
		add_artifacts(mk, c, id);
	add_args(mk, s, n, c->params, id);
}

static void make_plain(struct maker *mk, struct scope *s, uint32_t index,
		       enum graph_kind kind, struct str title, struct str detail)
{
	const struct module_node *n = &s->p->nodes[index];
	uint32_t id = maker_node(mk, (struct graph_node){
		.kind = kind, .box = s->box_of[n->block], .loc = n->loc,
		.title = maker_title(mk, title), .detail = detail,
	});

	s->node_of[index] = id;
	if (kind != GRAPH_LOOP)
		maker_reads(mk, s, n->cond, at_node(id), STR(""));
}

static void make_expr(struct maker *mk, struct scope *s, uint32_t index)
{
	const struct module_node *n = &s->p->nodes[index];
	bool is_name = n->cond->tree && n->cond->tree->kind == EXPR_INPUT;

	if (is_name || (mk->g->is_compact && n->cond->ninputs < 2))
		return;
	make_plain(mk, s, index, GRAPH_EXPR, plain_name(n),
		   mk->g->is_compact ? STR("")
				     : graph_cut(mk->g->a, n->cond->text, GRAPH_LINE));
}

/* Is there nothing in the block but another branch and what it merges? */
static uint32_t only_branch(const struct scope *s, uint32_t block)
{
	uint32_t found = MODULE_NONE;

	if (block == MODULE_NONE)
		return found;
	for (uint32_t i = s->first_in[block]; i != MODULE_NONE; i = s->next_in[i]) {
		const struct module_node *n = &s->p->nodes[i];

		if (n->kind == NODE_BRANCH && found == MODULE_NONE)
			found = i;
		else if (n->kind != NODE_MERGE || n->target != found)
			return MODULE_NONE;
	}
	return found;
}

/* Is the block the `else` of a branch that has an elif in its place? */
static bool is_elif(const struct scope *s, uint32_t block)
{
	return s->p->blocks[block].kind == BLOCK_ELSE && only_branch(s, block) != MODULE_NONE;
}

/* Edges to a merge from one of its sides.  A merge in the `else` that an elif stands for
 * is not drawn: what it takes from leads to the outer one. */
static void merge_reads(struct maker *mk, struct scope *s, const struct site *site,
			struct graph_end to, struct str name)
{
	while (site && site->ninputs == 1 && site->inputs[0].kind == INPUT_NODE) {
		const struct module_node *n = &s->p->nodes[site->inputs[0].index];

		if (n->kind != NODE_MERGE ||
		    s->node_of[site->inputs[0].index] != GRAPH_NONE)
			break;
		name = n->outs[site->inputs[0].output].name;
		maker_reads(mk, s, n->outs[site->inputs[0].output].then_value, to, name);
		site = n->outs[site->inputs[0].output].else_value;
	}
	maker_reads(mk, s, site, to, name);
}

/* The sides of a branch or try that a merge takes from; with no edge from either, it
 * stands beside the branch. */
static void make_merge(struct maker *mk, struct scope *s, uint32_t index)
{
	const struct module_node *n = &s->p->nodes[index];
	size_t nedges;
	uint32_t id;

	if (is_elif(s, n->block))
		return;
	make_plain(mk, s, index, GRAPH_MERGE, plain_name(n), STR(""));
	id = s->node_of[index];
	nedges = mk->g->edges.n;
	for (uint32_t k = 0; k < n->nouts; k++) {
		merge_reads(mk, s, n->outs[k].then_value, at_node(id), n->outs[k].name);
		merge_reads(mk, s, n->outs[k].else_value, at_node(id), n->outs[k].name);
	}
	if (mk->g->edges.n == nedges && s->node_of[n->target] != GRAPH_NONE)
		maker_edge(mk, at_node(s->node_of[n->target]), at_node(id), LOOK_CONTROL,
			   STR(""));
}

static void open_block(struct maker *mk, struct scope *s, const struct module_node *n,
		       uint32_t block, struct graph_box box)
{
	if (block == MODULE_NONE)
		return;
	box.parent = s->box_of[n->block];
	box.loc = n->loc;
	s->box_of[block] = maker_box(mk, box);
	s->prefix[block] = s->prefix[n->block];
}

static void make_branch(struct maker *mk, struct scope *s, uint32_t index)
{
	const struct module_node *n = &s->p->nodes[index];
	struct graph_end from;

	make_plain(mk, s, index, GRAPH_BRANCH,
		   arena_printf(mk->g->a, "if %.*s", STR_ARG(n->cond->text)), STR(""));
	from = at_node(s->node_of[index]);
	open_block(mk, s, n, n->then_block,
		   (struct graph_box){.kind = BOX_BRANCH, .title = STR("then")});
	if (n->then_block != MODULE_NONE)
		maker_edge(mk, from, at_box(s->box_of[n->then_block]), LOOK_CONTROL,
			 STR("yes"));
	if (n->else_block == MODULE_NONE)
		return;
	if (is_elif(s, n->else_block)) {
		s->box_of[n->else_block] = s->box_of[n->block];
		s->prefix[n->else_block] = s->prefix[n->block];
		return;		/* its edge is made by the one within */
	}
	open_block(mk, s, n, n->else_block,
		   (struct graph_box){.kind = BOX_BRANCH, .title = STR("else")});
	maker_edge(mk, from, at_box(s->box_of[n->else_block]), LOOK_CONTROL, STR("no"));
}

static void link_elif(struct maker *mk, struct scope *s, uint32_t index)
{
	const struct module_node *n = &s->p->nodes[index];
	const struct module_block *b = &s->p->blocks[n->block];

	if (is_elif(s, n->block))
		maker_edge(mk, at_node(s->node_of[b->owner]), at_node(s->node_of[index]),
			 LOOK_CONTROL, STR("no"));
}

static struct str loop_title(struct maker *mk, const struct module_node *n)
{
	struct buf b = {0};
	struct str s;

	buf_addf(&b, "for %.*s%s in ", STR_ARG(plain_name(n)), n->nargs > 1 ? ", …" : "");
	for (uint32_t i = 0; i < n->nargs; i++)
		buf_addf(&b, "%s%.*s", i ? ", " : "", STR_ARG(n->args[i]->text));
	s = maker_title(mk, arena_str(mk->g->a, buf_str(&b)));
	buf_release(&b);
	return s;
}

static struct str loop_note(struct maker *mk, const struct graph_tally *loop,
			    const struct graph_tally *body)
{
	struct buf b = {0};
	struct str s;

	graph_loop_words(loop, &b);
	if (b.n && body && body->n)
		buf_addz(&b, ": ");
	graph_tally_words(body, &b);
	s = arena_str(mk->g->a, buf_str(&b));
	buf_release(&b);
	return s;
}

static void make_loop(struct maker *mk, struct scope *s, uint32_t index)
{
	const struct module_node *n = &s->p->nodes[index];
	struct str address = address_of(mk, s, n);
	struct str body = arena_printf(mk->g->a, "%.*s[*]", STR_ARG(address));
	const struct graph_tally *t = tally_at(mk, body);
	struct str title = loop_title(mk, n);
	uint32_t id;

	open_block(mk, s, n, n->then_block, (struct graph_box){
		.kind = BOX_LOOP, .title = title, .address = address, .tally = t,
		.note = loop_note(mk, tally_at(mk, address), t),
	});
	s->prefix[n->then_block] = arena_printf(mk->g->a, "%.*s/", STR_ARG(body));
	id = maker_node(mk, (struct graph_node){
		.kind = GRAPH_LOOP, .box = s->box_of[n->then_block], .loc = n->loc,
		.title = maker_title(mk, plain_name(n)),
	});
	s->node_of[index] = id;
	for (uint32_t i = 0; i < n->nargs; i++)
		maker_reads(mk, s, n->args[i], at_node(id), STR(""));
}

static void make_try(struct maker *mk, struct scope *s, uint32_t index)
{
	const struct module_node *n = &s->p->nodes[index];
	uint32_t body;

	open_block(mk, s, n, n->then_block,
		   (struct graph_box){.kind = BOX_TRY, .title = STR("try")});
	open_block(mk, s, n, n->else_block,
		   (struct graph_box){.kind = BOX_TRY, .title = STR("except")});
	open_block(mk, s, n, n->final_block,
		   (struct graph_box){.kind = BOX_TRY, .title = STR("finally")});
	if (n->then_block == MODULE_NONE)
		return;
	body = s->box_of[n->then_block];
	if (n->else_block != MODULE_NONE)
		maker_edge(mk, at_box(body), at_box(s->box_of[n->else_block]), LOOK_CONTROL,
			 STR("if it fails"));
	if (n->final_block != MODULE_NONE)
		maker_edge(mk, at_box(body), at_box(s->box_of[n->final_block]),
			 LOOK_CONTROL, STR("in any case"));
}

static void make_scope(struct maker *mk, struct scope *s);

static struct scope *scope_new(struct maker *mk, const struct module_pipeline *p,
			       uint32_t box, struct str prefix)
{
	struct arena *a = mk->g->a;
	struct scope *s = ARENA_NEW(a, struct scope);

	s->p = p;
	s->box = box;
	s->node_of = ARENA_ARRAY(a, p->nnodes, uint32_t);
	s->next_in = ARENA_ARRAY(a, p->nnodes, uint32_t);
	s->callee = ARENA_ARRAY(a, p->nnodes, struct scope *);
	s->box_of = ARENA_ARRAY(a, p->nblocks, uint32_t);
	s->prefix = ARENA_ARRAY(a, p->nblocks, struct str);
	s->first_in = ARENA_ARRAY(a, p->nblocks, uint32_t);
	for (uint32_t i = 0; i < p->nblocks; i++)
		s->first_in[i] = MODULE_NONE;
	for (uint32_t i = p->nnodes; i-- > 0;) {
		s->node_of[i] = GRAPH_NONE;
		s->next_in[i] = s->first_in[p->nodes[i].block];
		s->first_in[p->nodes[i].block] = i;
	}
	s->box_of[0] = box;
	s->prefix[0] = prefix;
	return s;
}

static struct str count_note(const struct maker *mk, const struct module_pipeline *p)
{
	return arena_printf(mk->g->a, "%u node%s, not drawn", p->nnodes,
			    p->nnodes == 1 ? "" : "s");
}

static void make_closed(struct maker *mk, struct scope *s, uint32_t index,
			struct str address)
{
	const struct module_node *n = &s->p->nodes[index];
	const struct module_pipeline *p = &mk->g->m->pipelines[n->target];
	const struct graph_tally *t = tally_at(mk, address);
	struct str detail = call_detail(mk, n, p->name, p->params);
	struct str note = count_note(mk, p);

	mk->g->ncollapsed++;
	s->node_of[index] = maker_node(mk, (struct graph_node){
		.kind = GRAPH_CALL, .box = s->box_of[n->block], .loc = n->loc,
		.title = maker_title(mk, n->path), .address = address, .tally = t,
		.detail = detail.n ? arena_printf(mk->g->a, "%.*s\n%.*s", STR_ARG(detail),
						  STR_ARG(note))
				   : note,
		.note = run_note(mk, t),
	});
	add_args(mk, s, n, p->params, s->node_of[index]);
}

/* Expressions of several inputs that go into the called pipeline, and come out of it. */
static void make_values(struct maker *mk, struct scope *s, struct scope *in)
{
	const struct module_node *n = in->call;

	for (uint32_t i = 0; i < n->nargs; i++)
		if (n->args[i] && n->args[i]->ninputs > 1)
			maker_value(mk, s, n->args[i], s->box_of[n->block],
				  in->p->params[i].name);
}

static void make_call(struct maker *mk, struct scope *s, uint32_t index)
{
	const struct module_node *n = &s->p->nodes[index];
	const struct module_pipeline *p = &mk->g->m->pipelines[n->target];
	struct str address = address_of(mk, s, n);
	const struct graph_tally *t = tally_at(mk, address);
	struct str title = n->path;
	struct scope *in;
	uint32_t box;

	if (s->level >= mk->x->depth || mk->g->nodes.n + p->nnodes > NODES_MAX) {
		make_closed(mk, s, index, address);
		return;
	}
	if (!str_eq(p->name, n->path))
		title = arena_printf(mk->g->a, "%.*s: %.*s", STR_ARG(n->path),
				     STR_ARG(p->name));
	box = maker_box(mk, (struct graph_box){
		.kind = BOX_CALL, .parent = s->box_of[n->block], .loc = n->loc,
		.title = maker_title(mk, title), .address = address, .tally = t,
		.note = run_note(mk, t),
	});
	in = scope_new(mk, p, box, arena_printf(mk->g->a, "%.*s/", STR_ARG(address)));
	in->up = s;
	in->call = n;
	in->level = s->level + 1;
	make_values(mk, s, in);
	make_scope(mk, in);
	for (uint32_t k = 0; k < p->noutputs; k++)
		if (p->outputs[k].value && p->outputs[k].value->ninputs > 1)
			maker_value(mk, in, p->outputs[k].value, box, p->outputs[k].name);
	s->callee[index] = in;
}

static void make_node(struct maker *mk, struct scope *s, uint32_t index)
{
	const struct module_node *n = &s->p->nodes[index];

	switch (n->kind) {
	case NODE_TASK:
		make_task(mk, s, index);
		return;
	case NODE_CALL:
		make_call(mk, s, index);
		return;
	case NODE_EXPR:
		make_expr(mk, s, index);
		return;
	case NODE_BRANCH:
		make_branch(mk, s, index);
		link_elif(mk, s, index);
		return;
	case NODE_MERGE:
		make_merge(mk, s, index);
		return;
	case NODE_LOOP:
		make_loop(mk, s, index);
		return;
	case NODE_TRY:
		make_try(mk, s, index);
		return;
	case NODE_ASSERT:
		make_plain(mk, s, index, GRAPH_ASSERT,
			   arena_printf(mk->g->a, "assert %.*s", STR_ARG(n->cond->text)),
			   STR(""));
		return;
	case NODE_NKINDS:
		break;
	}
	BUG("no such kind of node");
}

/* Where the node begins and ends in the picture. */
static struct graph_end end_of(const struct scope *s, uint32_t index)
{
	const struct module_node *n = &s->p->nodes[index];

	if (n->kind == NODE_LOOP || (n->kind == NODE_TRY && n->then_block != MODULE_NONE))
		return at_box(s->box_of[n->then_block]);
	if (s->callee[index])
		return at_box(s->callee[index]->box);
	return at_node(s->node_of[index]);
}

static bool is_drawn(struct graph_end e)
{
	return e.node != GRAPH_NONE || e.box != GRAPH_NONE;
}

static void add_order(struct maker *mk, struct scope *s, uint32_t index)
{
	const struct module_node *n = &s->p->nodes[index];
	struct graph_end to = end_of(s, index);
	bool *keep;

	if (!n->nafter || !is_drawn(to))
		return;
	keep = ARENA_ARRAY(mk->g->a, n->nafter, bool);
	order_reduce(mk, s, index, keep);
	for (uint32_t i = 0; i < n->nafter; i++) {
		struct graph_end from = end_of(s, n->after[i]);

		if (keep[i] && is_drawn(from))
			maker_edge(mk, from, to, LOOK_ORDER, STR(""));
	}
}

static void make_scope(struct maker *mk, struct scope *s)
{
	for (uint32_t i = 0; i < s->p->nnodes; i++) {
		make_node(mk, s, i);
		add_order(mk, s, i);
	}
}

static void make_params(struct maker *mk, struct scope *s)
{
	struct graph *g = mk->g;

	s->params = ARENA_ARRAY(g->a, s->p->nparams, uint32_t);
	for (uint32_t i = 0; i < s->p->nparams; i++) {
		const struct module_param *p = &s->p->params[i];
		struct str detail = type_name(p->type, g->a);

		if (p->fallback && !g->is_compact)
			detail = arena_printf(g->a, "%.*s = %.*s", STR_ARG(detail),
					      STR_ARG(graph_cut(g->a, p->fallback->text,
								GRAPH_LINE)));
		s->params[i] = maker_node(mk, (struct graph_node){
			.kind = GRAPH_PARAM, .box = GRAPH_NONE, .loc = p->loc,
			.look = graph_look_of(&g->m->types, p->type),
			.title = maker_title(mk, p->name), .detail = detail,
		});
	}
}

static void make_outputs(struct maker *mk, struct scope *s)
{
	for (uint32_t k = 0; k < s->p->noutputs; k++) {
		const struct module_output *o = &s->p->outputs[k];
		uint32_t id = maker_node(mk, (struct graph_node){
			.kind = GRAPH_OUTPUT, .box = GRAPH_NONE, .loc = o->loc,
			.look = graph_look_of(&mk->g->m->types, o->type),
			.title = maker_title(mk, o->name),
			.detail = type_name(o->type, mk->g->a),
		});

		maker_reads(mk, s, o->value, at_node(id), STR(""));
	}
}

/* Tasks of the picture, up to more than LARGE. */
static unsigned count_tasks(const struct module *m, const struct module_pipeline *p,
			    uint32_t depth, unsigned n)
{
	for (uint32_t i = 0; i < p->nnodes && n <= LARGE; i++) {
		const struct module_node *node = &p->nodes[i];

		if (node->kind == NODE_CALL && depth)
			n = count_tasks(m, &m->pipelines[node->target], depth - 1, n + 1);
		else
			n += node->kind == NODE_TASK || node->kind == NODE_CALL;
	}
	return n;
}

void graph_make(const struct export *x, struct graph *g)
{
	struct maker mk = {.x = x, .g = g, .steps = ORDER_STEPS};
	struct scope *s;

	*g = (struct graph){.a = x->a, .m = x->m, .pipeline = &x->m->pipelines[x->pipeline]};
	if (x->run) {
		struct graph_run *r = ARENA_NEW(g->a, struct graph_run);

		graph_run_init(r, x->run, g->a);
		g->run = r;
	}
	g->is_compact = count_tasks(g->m, g->pipeline, x->depth, 0) > LARGE;
	s = scope_new(&mk, g->pipeline, GRAPH_NONE, STR(""));
	make_params(&mk, s);
	make_scope(&mk, s);
	make_outputs(&mk, s);
	maker_finish(&mk);
}
