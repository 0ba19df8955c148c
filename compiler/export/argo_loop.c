/* Loops: a DAG with one task that is repeated, whose template is the body. */
#include <config.h>

#include "compiler/export/argo_int.h"

/* Is an item of Argo's, as it inserts one, the wire of this element?  It keeps the text
 * of numbers and strings, but not the order of what is in a dict. */
static bool is_direct(const struct type *elem)
{
	switch (elem->kind) {
	case TYPE_BOOL:
	case TYPE_INT:
	case TYPE_FLOAT:
	case TYPE_METRIC:
	case TYPE_DURATION:
	case TYPE_SIZE:
	case TYPE_STR:
	case TYPE_ENUM:
		return true;
	default:
		return false;
	}
}

static bool all_const(const struct source *lists, uint32_t n)
{
	for (uint32_t j = 0; j < n; j++)
		if (lists[j].kind != SOURCE_CONST)
			return false;
	return true;
}

static struct value wire_of(struct argo *g, struct value v, const struct type *t)
{
	struct buf b = {0};
	struct str text;

	argo_wire(v, t, &b);
	text = arena_str(g->a, buf_str(&b));
	buf_release(&b);
	return value_str(g->a, text);
}

/* The elements of constant lists as Argo's items: strings, each a wire; of several lists
 * each the JSON of a list of wires. */
static struct source const_rows(struct argo *g, const struct source *lists, uint32_t n)
{
	struct types *types = &g->m->types;
	const struct type *words = type_list(types, types->string);
	size_t rows = lists[0].value.list->n;
	struct value *out, *row;
	struct value list;

	for (uint32_t j = 1; j < n; j++)
		if (lists[j].value.list->n < rows)
			rows = lists[j].value.list->n;
	list = value_list(g->a, rows, &out);
	for (size_t r = 0; r < rows; r++) {
		struct value wires = value_list(g->a, n, &row);

		for (uint32_t j = 0; j < n; j++)
			row[j] = wire_of(g, lists[j].value.list->at[r],
					 lists[j].type->elem);
		out[r] = n > 1 ? wire_of(g, wires, g->m->types.json) : row[0];
	}
	return argo_constant(list, words);
}

static bool has_artifacts(const struct source *lists, uint32_t n)
{
	for (uint32_t j = 0; j < n; j++)
		if (type_holds_artifacts(lists[j].type))
			return true;
	return false;
}

/* An input of the body, of its own. */
static struct str input(struct dag *body, struct str name, const struct type *t)
{
	vec_push(&body->inputs, ((struct port){name, t, NULL}));
	vec_push(&body->self->args,
		 ((struct bound){name, {.kind = SOURCE_ITEM, .type = t}}));
	return name;
}

/* What the body is repeated over, and what its elements are in it. */
static void iterate(struct argo *g, struct dag *wrap, struct dag *body,
		    const struct source *lists, uint32_t n, struct source *elements)
{
	bool direct = n == 1 && is_direct(lists[0].type->elem);
	struct source items = lists[0];
	struct str name = input(body, n == 1 ? STR("item") : STR("row"),
				n == 1 ? lists[0].type->elem : g->m->types.string);

	for (uint32_t j = 0; j < n; j++)
		elements[j] = (struct source){
			.kind = n == 1 ? SOURCE_PARAM : SOURCE_ROW, .dag = body,
			.key = name, .index = j, .type = lists[j].type->elem};
	if (!direct)
		items = all_const(lists, n) ? const_rows(g, lists, n)
					    : argo_rows(g, wrap, lists, n);
	items = argo_seen(g, wrap, items);
	body->self->items = items;
	if (items.kind == SOURCE_OUTPUT)
		argo_need(body->self, items.task, 0, 0);
}

void argo_loop(struct argo *g, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	struct str name = arena_printf(g->a, "for-%u", ++g->nfors);
	struct source *lists = ARENA_ARRAY(g->a, n->nargs + 1, struct source);
	struct dag *home = i->dags[n->block], *wrap, *body;
	bool whole = true;

	for (uint32_t j = 0; j < n->nargs; j++) {
		lists[j] = argo_site(g, i, home, n->args[j], n->path);
		whole &= lists[j].kind != SOURCE_NONE;
	}
	wrap = argo_dag(g, home, name, name);
	body = argo_dag(g, wrap, STR("each"),
			arena_printf(g->a, "%.*s-body", STR_ARG(name)));
	i->tasks[at] = wrap->self;
	i->dags[n->then_block] = body;
	argo_group_settings(g, n, wrap);
	if (has_artifacts(lists, n->nargs))
		export_fault(g->x, E1001, n->loc,
			     "Argo cannot go through a list of artifacts");
	else if (whole)
		iterate(g, wrap, body, lists, n->nargs, &i->outs[at][n->nouts]);
}

/* Argo reads what it collects as JSON if all of it is lists or dicts, and loses order and
 * digits then. */
static bool is_marked(const struct type *t)
{
	return !is_direct(t) || t->kind == TYPE_STR || t->kind == TYPE_ENUM;
}

static void loop_output(struct argo *g, struct inst *i, const struct module_node *n,
			const struct module_merge *out, struct source *to)
{
	struct dag *body = i->dags[n->then_block], *wrap = body->parent;
	const struct type *elem = out->type->elem;
	struct source s = argo_site(g, i, body, out->then_value, n->path);
	struct dag_output *o;
	struct str name;

	if (!s.kind)
		return;
	if (type_holds_artifacts(elem)) {
		export_fault(g->x, E1002, n->loc,
			     "Argo does not collect artifacts over a loop");
		return;
	}
	s = argo_seen(g, body, s);
	name = argo_output(g, body, out->name.n ? out->name : STR("value"), elem);
	o = &vec_last(&body->outputs);
	o->marked = is_marked(elem);
	vec_push(&o->choices, ((struct choice){{"", 0}, s}));
	s = (struct source){.kind = SOURCE_OUTPUT, .dag = wrap, .task = body->self,
			    .key = name, .type = out->type};
	argo_output(g, wrap, name, out->type);
	o = &vec_last(&wrap->outputs);
	o->collected = true;
	vec_push(&o->choices, ((struct choice){{"", 0}, s}));
	s.dag = wrap->parent;
	s.task = wrap->self;
	s.key = o->name;
	*to = s;
}

void argo_loop_end(struct argo *g, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];

	for (uint32_t j = 0; j < n->nouts; j++)
		loop_output(g, i, n, &n->outs[j], &i->outs[at][j]);
}
