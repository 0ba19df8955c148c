/* The parts of a picture, and where a value in it comes from. */
#include <config.h>

#include "compiler/export/graph/graph_int.h"

enum {
	FAN_MAX = 12,		/* edges of a parameter, order edges of a node */
	TITLE = 48, TITLE_COMPACT = 24,		/* characters */
	LABELS = 3,		/* of edges drawn as one */
};

struct source {			/* what an input comes from; node GRAPH_NONE: nothing drawn */
	uint32_t node;
	struct str name;	/* of an output, where the node does not say it */
	bool is_all;		/* it goes through the end of a loop */
};

static struct source source_of(struct maker *mk, struct scope *s, struct input in);

struct str maker_title(const struct maker *mk, struct str s)
{
	return graph_cut(mk->g->a, s, mk->g->is_compact ? TITLE_COMPACT : TITLE);
}

uint32_t maker_node(struct maker *mk, struct graph_node n)
{
	struct graph *g = mk->g;
	uint32_t id = (uint32_t)g->nodes.n;

	for (uint32_t b = n.box; b != GRAPH_NONE && g->boxes.at[b].first == GRAPH_NONE;
	     b = g->boxes.at[b].parent)
		g->boxes.at[b].first = id;
	vec_push(&g->nodes, n);
	return id;
}

uint32_t maker_box(struct maker *mk, struct graph_box b)
{
	b.first = GRAPH_NONE;
	vec_push(&mk->g->boxes, b);
	return (uint32_t)mk->g->boxes.n - 1;
}

struct graph_end at_node(uint32_t node)
{
	return (struct graph_end){node, GRAPH_NONE};
}

struct graph_end at_box(uint32_t box)
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

void maker_edge(struct maker *mk, struct graph_end from, struct graph_end to,
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
void maker_reads(struct maker *mk, struct scope *s, const struct site *site,
		      struct graph_end to, struct str name)
{
	for (uint32_t i = 0; site && i < site->ninputs; i++) {
		struct source src = source_of(mk, s, site->inputs[i]);
		const struct type *t = input_type(mk, s, site->inputs[i]);

		if (src.node != GRAPH_NONE)
			maker_edge(mk, at_node(src.node), to,
				 graph_look_of(&mk->g->m->types, t),
				 edge_label(mk, src, name));
	}
}

/* The node of an expression of several inputs that no node of the module stands for: an
 * argument, or an output, of a called pipeline. */
uint32_t maker_value(struct maker *mk, struct scope *s, const struct site *site,
			  uint32_t box, struct str name)
{
	const void *key[] = {s, site};
	struct str k = {(const char *)key, sizeof key};
	uintptr_t there = (uintptr_t)map_get(&mk->made, k);
	uint32_t id;

	if (there)
		return (uint32_t)(there - 1);
	id = maker_node(mk, (struct graph_node){
		.kind = GRAPH_EXPR, .box = box, .loc = site->loc,
		.title = maker_title(mk, name.n ? name : site->text),
		.detail = mk->g->is_compact || !name.n
				  ? STR("") : graph_cut(mk->g->a, site->text, GRAPH_LINE),
	});
	map_set(&mk->made, arena_str(mk->g->a, k), (void *)((uintptr_t)id + 1));
	maker_reads(mk, s, site, at_node(id), STR(""));
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
			return (struct source){maker_value(mk, s, site, s->box, STR("")),
					       STR(""), is_all};
		in = site->inputs[0];
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

void maker_finish(struct maker *mk)
{
	settle_ends(mk->g);
	hide_fans(mk->g);
	map_release(&mk->made);
	map_release(&mk->edges);
}
