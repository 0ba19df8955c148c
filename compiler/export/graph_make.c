/* From the module to the picture: goes through the nodes of the pipeline in their order,
 * and through those of called pipelines where they are boxes. */
#include <config.h>

#include "compiler/export/graph_int.h"

enum {
	LARGE = 40,		/* tasks; pictures of more are compact */
	NODES_MAX = 1500,	/* a called pipeline stays closed rather than make more */
	ORDER_STEPS = 20000000,
	FAN_MAX = 12,		/* edges of a parameter, order edges of a node */
	LINES = 4,		/* arguments that a task shows */
	TITLE = 48, TITLE_COMPACT = 24, LINE = 40,	/* characters */
	LABELS = 3,		/* of edges drawn as one */
};

struct source {			/* what an input comes from; node GRAPH_NONE: nothing drawn */
	uint32_t node;
	struct str name;	/* of an output, where the node does not say it */
	bool is_all;		/* it goes through the end of a loop */
};

static struct source source_of(struct maker *mk, struct scope *s, struct input in);

static struct str title_cut(const struct maker *mk, struct str s)
{
	return graph_cut(mk->g->a, s, mk->g->is_compact ? TITLE_COMPACT : TITLE);
}

static uint32_t add_node(struct maker *mk, struct graph_node n)
{
	struct graph *g = mk->g;
	uint32_t id = (uint32_t)g->nodes.n;

	for (uint32_t b = n.box; b != GRAPH_NONE && g->boxes.at[b].first == GRAPH_NONE;
	     b = g->boxes.at[b].parent)
		g->boxes.at[b].first = id;
	vec_push(&g->nodes, n);
	return id;
}

static uint32_t add_box(struct maker *mk, struct graph_box b)
{
	b.first = GRAPH_NONE;
	vec_push(&mk->g->boxes, b);
	return (uint32_t)mk->g->boxes.n - 1;
}

static struct graph_end at_node(uint32_t node)
{
	return (struct graph_end){node, GRAPH_NONE};
}

static struct graph_end at_box(uint32_t box)
{
	return (struct graph_end){GRAPH_NONE, box};
}

/* Another label of an edge that is there. */
static void join_label(struct maker *mk, struct graph_edge *e, struct str label)
{
	size_t n = e->label.n > 0;

	if (!label.n || str_eq(e->label, label))
		return;
	for (size_t at = 0; (at = str_find(e->label, STR(", "), at)) < e->label.n; at++)
		n++;
	if (n == 0)
		e->label = label;
	else if (n < LABELS)
		e->label = arena_printf(mk->g->a, "%.*s, %.*s", STR_ARG(e->label),
					STR_ARG(label));
	else if (!str_has_suffix(e->label, STR("…")))
		e->label = arena_printf(mk->g->a, "%.*s, …", STR_ARG(e->label));
}

static void add_edge(struct maker *mk, struct graph_end from, struct graph_end to,
		     enum graph_look look, struct str label)
{
	uint32_t key[] = {from.node, from.box, to.node, to.box, look};
	struct str k = {(const char *)key, sizeof key};
	uintptr_t there = (uintptr_t)map_get(&mk->edges, k);

	if (there) {
		join_label(mk, &mk->g->edges.at[there - 1], label);
		return;
	}
	vec_push(&mk->g->edges, ((struct graph_edge){from, to, look, label}));
	map_set(&mk->edges, arena_str(mk->g->a, k), (void *)mk->g->edges.n);
}

/* "accuracy", "accuracy → score" where the parameter has another name. */
static struct str edge_label(const struct maker *mk, struct source src, struct str to)
{
	struct str name = src.name;

	if (mk->g->is_compact)
		return STR("");
	if (src.is_all)
		name = arena_printf(mk->g->a, "%.*s[*]", STR_ARG(name));
	if (!to.n || str_eq(name, to) || str_eq(mk->g->nodes.at[src.node].title, to))
		return name;
	return name.n ? arena_printf(mk->g->a, "%.*s → %.*s", STR_ARG(name), STR_ARG(to))
		      : to;
}

static const struct type *input_type(const struct maker *mk, const struct scope *s,
				     struct input in)
{
	if (in.kind == INPUT_PARAM)
		return s->p->params[in.index].type;
	if (in.kind == INPUT_NODE)
		return node_output_type(mk->g->m, &s->p->nodes[in.index], in.output);
	return NULL;
}

/* Edges from all that the site reads to a node. */
static void add_reads(struct maker *mk, struct scope *s, const struct site *site,
		      struct graph_end to, struct str name)
{
	for (uint32_t i = 0; site && i < site->ninputs; i++) {
		struct source src = source_of(mk, s, site->inputs[i]);
		const struct type *t = input_type(mk, s, site->inputs[i]);

		if (src.node != GRAPH_NONE)
			add_edge(mk, at_node(src.node), to,
				 graph_look_of(&mk->g->m->types, t),
				 edge_label(mk, src, name));
	}
}

/* The node of an expression of several inputs that no node of the module stands for: an
 * argument, or an output, of a called pipeline. */
static uint32_t made_node(struct maker *mk, struct scope *s, const struct site *site,
			  uint32_t box, struct str name)
{
	const void *key[] = {s, site};
	struct str k = {(const char *)key, sizeof key};
	uintptr_t there = (uintptr_t)map_get(&mk->made, k);
	uint32_t id;

	if (there)
		return (uint32_t)(there - 1);
	id = add_node(mk, (struct graph_node){
		.kind = GRAPH_EXPR, .box = box, .loc = site->loc,
		.title = title_cut(mk, name.n ? name : site->text),
		.detail = mk->g->is_compact || !name.n
				  ? STR("") : graph_cut(mk->g->a, site->text, LINE),
	});
	map_set(&mk->made, arena_str(mk->g->a, k), (void *)((uintptr_t)id + 1));
	add_reads(mk, s, site, at_node(id), STR(""));
	return id;
}

static struct source task_source(struct maker *mk, const struct scope *s, uint32_t index,
				 uint32_t output, bool is_all)
{
	const struct module_node *n = &s->p->nodes[index];
	const struct type *t = node_output_type(mk->g->m, n, output);
	struct str name = node_output_name(mk->g->m, n, output);
	uint32_t id = s->node_of[index];

	if (n->kind == NODE_TASK && !mk->g->is_compact) {
		/* Its artifacts were drawn right behind it. */
		uint32_t artifact = id + 1;

		for (uint32_t k = 0; k < output; k++)
			artifact += type_holds_artifacts(node_output_type(mk->g->m, n, k));
		if (type_holds_artifacts(t))
			return (struct source){artifact, STR(""), is_all};
	}
	if (str_is(name, "output"))
		name = type_name(t, mk->g->a);
	return (struct source){id, name, is_all};
}

/* Follows names and ends of blocks to where the value is made. */
static struct source source_of(struct maker *mk, struct scope *s, struct input in)
{
	struct source none = {GRAPH_NONE, STR(""), false};
	bool is_all = false;

	for (;;) {
		const struct module_node *n;
		const struct site *site;

		if (in.kind == INPUT_ITEM)
			return (struct source){s->node_of[in.index], STR(""), is_all};
		if (in.kind == INPUT_PARAM && !s->up)
			return (struct source){s->params[in.index], STR(""), is_all};
		if (in.kind == INPUT_PARAM) {
			site = s->call->args[in.index];
			s = s->up;
		} else if (in.kind == INPUT_NODE) {
			n = &s->p->nodes[in.index];
			if (n->kind == NODE_LOOP) {
				site = n->outs[in.output].then_value;
				is_all = true;
			} else if (n->kind == NODE_CALL && s->callee[in.index]) {
				s = s->callee[in.index];
				site = s->p->outputs[in.output].value;
			} else if (n->kind == NODE_TASK || n->kind == NODE_CALL) {
				return task_source(mk, s, in.index, in.output, is_all);
			} else if (s->node_of[in.index] != GRAPH_NONE) {
				return (struct source){s->node_of[in.index], STR(""),
						       is_all};
			} else {
				site = n->cond;
			}
		} else {
			return none;
		}
		if (!site || !site->ninputs)
			return none;
		if (site->ninputs > 1)
			return (struct source){made_node(mk, s, site, s->box, STR("")),
					       STR(""), is_all};
		in = site->inputs[0];
	}
}

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
			 STR_ARG(graph_cut(mk->g->a, site->text, LINE)));
	}
}

static struct str call_detail(struct maker *mk, const struct module_node *n,
			      struct str callee, const struct module_param *params)
{
	struct buf b = {0};
	struct str s;

	if (!str_eq(callee, n->path))
		buf_add(&b, title_cut(mk, callee));
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
		add_reads(mk, s, n->args[i], at_node(id), params[i].name);
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
		id = add_node(mk, (struct graph_node){
			.kind = GRAPH_ARTIFACT, .box = g->nodes.at[task].box,
			.look = graph_look_of(&g->m->types, o->type),
			.title = title_cut(mk, o->name), .loc = o->loc,
			.detail = type_name(o->type, g->a),
			.tally = g->nodes.at[task].tally,
		});
		add_edge(mk, at_node(task), at_node(id), g->nodes.at[id].look, STR(""));
	}
}

static void make_task(struct maker *mk, struct scope *s, uint32_t index)
{
	const struct module_node *n = &s->p->nodes[index];
	const struct module_component *c = &mk->g->m->components[n->target];
	struct str address = address_of(mk, s, n);
	const struct graph_tally *t = tally_at(mk, address);
	uint32_t id = add_node(mk, (struct graph_node){
		.kind = GRAPH_TASK, .box = s->box_of[n->block], .loc = n->loc,
		.title = title_cut(mk, n->path), .address = address, .tally = t,
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
	uint32_t id = add_node(mk, (struct graph_node){
		.kind = kind, .box = s->box_of[n->block], .loc = n->loc,
		.title = title_cut(mk, title), .detail = detail,
	});

	s->node_of[index] = id;
	if (kind != GRAPH_LOOP)
		add_reads(mk, s, n->cond, at_node(id), STR(""));
}

static void make_expr(struct maker *mk, struct scope *s, uint32_t index)
{
	const struct module_node *n = &s->p->nodes[index];
	bool is_name = n->cond->tree && n->cond->tree->kind == EXPR_INPUT;

	if (is_name || (mk->g->is_compact && n->cond->ninputs < 2))
		return;
	make_plain(mk, s, index, GRAPH_EXPR, plain_name(n),
		   mk->g->is_compact ? STR("")
				     : graph_cut(mk->g->a, n->cond->text, LINE));
}

/* The sides of a branch or try that a merge takes from; with no edge from either, it
 * stands beside the branch. */
static void make_merge(struct maker *mk, struct scope *s, uint32_t index)
{
	const struct module_node *n = &s->p->nodes[index];
	size_t nedges;
	uint32_t id;

	make_plain(mk, s, index, GRAPH_MERGE, plain_name(n), STR(""));
	id = s->node_of[index];
	nedges = mk->g->edges.n;
	for (uint32_t k = 0; k < n->nouts; k++) {
		add_reads(mk, s, n->outs[k].then_value, at_node(id), n->outs[k].name);
		add_reads(mk, s, n->outs[k].else_value, at_node(id), n->outs[k].name);
	}
	if (mk->g->edges.n == nedges && s->node_of[n->target] != GRAPH_NONE)
		add_edge(mk, at_node(s->node_of[n->target]), at_node(id), LOOK_CONTROL,
			 STR(""));
}

static void open_block(struct maker *mk, struct scope *s, const struct module_node *n,
		       uint32_t block, struct graph_box box)
{
	if (block == MODULE_NONE)
		return;
	box.parent = s->box_of[n->block];
	box.loc = n->loc;
	s->box_of[block] = add_box(mk, box);
	s->prefix[block] = s->prefix[n->block];
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
		add_edge(mk, from, at_box(s->box_of[n->then_block]), LOOK_CONTROL,
			 STR("yes"));
	if (n->else_block == MODULE_NONE)
		return;
	if (only_branch(s, n->else_block) != MODULE_NONE) {
		s->box_of[n->else_block] = s->box_of[n->block];
		s->prefix[n->else_block] = s->prefix[n->block];
		return;		/* its edge is made by the one within */
	}
	open_block(mk, s, n, n->else_block,
		   (struct graph_box){.kind = BOX_BRANCH, .title = STR("else")});
	add_edge(mk, from, at_box(s->box_of[n->else_block]), LOOK_CONTROL, STR("no"));
}

static void link_elif(struct maker *mk, struct scope *s, uint32_t index)
{
	const struct module_node *n = &s->p->nodes[index];
	const struct module_block *b = &s->p->blocks[n->block];

	if (b->kind == BLOCK_ELSE && only_branch(s, n->block) == index)
		add_edge(mk, at_node(s->node_of[b->owner]), at_node(s->node_of[index]),
			 LOOK_CONTROL, STR("no"));
}

static struct str loop_title(struct maker *mk, const struct module_node *n)
{
	struct buf b = {0};
	struct str s;

	buf_addf(&b, "for %.*s%s in ", STR_ARG(plain_name(n)), n->nargs > 1 ? ", …" : "");
	for (uint32_t i = 0; i < n->nargs; i++)
		buf_addf(&b, "%s%.*s", i ? ", " : "", STR_ARG(n->args[i]->text));
	s = title_cut(mk, arena_str(mk->g->a, buf_str(&b)));
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
	id = add_node(mk, (struct graph_node){
		.kind = GRAPH_LOOP, .box = s->box_of[n->then_block], .loc = n->loc,
		.title = title_cut(mk, plain_name(n)),
	});
	s->node_of[index] = id;
	for (uint32_t i = 0; i < n->nargs; i++)
		add_reads(mk, s, n->args[i], at_node(id), STR(""));
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
		add_edge(mk, at_box(body), at_box(s->box_of[n->else_block]), LOOK_CONTROL,
			 STR("if it fails"));
	if (n->final_block != MODULE_NONE)
		add_edge(mk, at_box(body), at_box(s->box_of[n->final_block]),
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
	s->node_of[index] = add_node(mk, (struct graph_node){
		.kind = GRAPH_CALL, .box = s->box_of[n->block], .loc = n->loc,
		.title = title_cut(mk, n->path), .address = address, .tally = t,
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
			made_node(mk, s, n->args[i], s->box_of[n->block],
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
	box = add_box(mk, (struct graph_box){
		.kind = BOX_CALL, .parent = s->box_of[n->block], .loc = n->loc,
		.title = title_cut(mk, title), .address = address, .tally = t,
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
			made_node(mk, in, p->outputs[k].value, box, p->outputs[k].name);
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
			add_edge(mk, from, to, LOOK_ORDER, STR(""));
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
								LINE)));
		s->params[i] = add_node(mk, (struct graph_node){
			.kind = GRAPH_PARAM, .box = GRAPH_NONE, .loc = p->loc,
			.look = graph_look_of(&g->m->types, p->type),
			.title = title_cut(mk, p->name), .detail = detail,
		});
	}
}

static void make_outputs(struct maker *mk, struct scope *s)
{
	for (uint32_t k = 0; k < s->p->noutputs; k++) {
		const struct module_output *o = &s->p->outputs[k];
		uint32_t id = add_node(mk, (struct graph_node){
			.kind = GRAPH_OUTPUT, .box = GRAPH_NONE, .loc = o->loc,
			.look = graph_look_of(&mk->g->m->types, o->type),
			.title = title_cut(mk, o->name),
			.detail = type_name(o->type, mk->g->a),
		});

		add_reads(mk, s, o->value, at_node(id), STR(""));
	}
}

/* Gives ends that are boxes their node; drops edges of boxes that are empty. */
static void settle_ends(struct graph *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->edges.n; i++) {
		struct graph_edge e = g->edges.at[i];

		if (e.from.box != GRAPH_NONE)
			e.from.node = g->boxes.at[e.from.box].first;
		if (e.to.box != GRAPH_NONE)
			e.to.node = g->boxes.at[e.to.box].first;
		if (e.from.node != GRAPH_NONE && e.to.node != GRAPH_NONE)
			g->edges.at[n++] = e;
	}
	g->edges.n = n;
}

static bool may_hide(const struct graph *g, const struct graph_edge *e)
{
	return e->look == LOOK_ORDER || g->nodes.at[e->from.node].kind == GRAPH_PARAM;
}

/* What too many others hang on says how many, in place of edges. */
static void hide_fans(struct graph *g)
{
	uint32_t *fan = ARENA_ARRAY(g->a, g->nodes.n, uint32_t);
	size_t n = 0;

	for (size_t i = 0; i < g->edges.n; i++)
		fan[g->edges.at[i].from.node] += may_hide(g, &g->edges.at[i]);
	for (size_t i = 0; i < g->edges.n; i++) {
		struct graph_edge e = g->edges.at[i];

		if (may_hide(g, &e) && fan[e.from.node] > FAN_MAX)
			g->nodes.at[e.from.node].nhidden = fan[e.from.node];
		else
			g->edges.at[n++] = e;
	}
	g->edges.n = n;
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
	settle_ends(g);
	hide_fans(g);
	map_release(&mk.made);
	map_release(&mk.edges);
}
