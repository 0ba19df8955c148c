/* Loops: a DAG with one task that is repeated, whose template is the body. */
#include <config.h>

#include "compiler/export/argo/argo_int.h"

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

/* In the place of a list of artifacts, that of their numbers. */
static struct source indexes(struct argo *g, const struct source *list)
{
	const struct type *numbers = type_list(&g->m->types, g->m->types.integer);
	struct value *at, all;
	struct source s;

	if (list->kind == SOURCE_FILES) {
		all = value_list(g->a, list->index, &at);
		for (uint32_t j = 0; j < list->index; j++)
			at[j] = value_int(j);
		return argo_constant(all, numbers);
	}
	if (!list->meta) {
		export_fault(g->x, E1001, g->at,
			     "how many artifacts there are is not known in Argo");
		return (struct source){.type = numbers};
	}
	s = *list->meta;
	s.indexes = true;
	s.type = numbers;
	return s;
}

/* An input of the body, of its own. */
static struct str input(struct dag *body, struct str name, const struct type *t,
			bool may_be_marked)
{
	struct source item = {.kind = SOURCE_ITEM, .type = t,
			      .may_be_marked = may_be_marked};

	vec_push(&body->inputs, ((struct port){name, t, NULL}));
	vec_push(&body->self->args, ((struct bound){name, item}));
	return name;
}

/* Argo reads what it collects as JSON if all of it is lists or dicts, and loses order and
 * digits then. */
static bool is_marked(const struct type *t)
{
	return !is_direct(t) || t->kind == TYPE_STR || t->kind == TYPE_ENUM;
}

/* May this list be what a loop collected?  Pods and people do not mark elements. */
static bool may_be_collected(const struct argo *g, const struct source *list)
{
	switch (list->kind) {
	case SOURCE_PARAM:
		return list->dag != g->root;
	case SOURCE_OUTPUT:
		return list->task->inner != NULL;
	default:
		return false;
	}
}

/* What the body is repeated over, and what its elements are in it. */
static void iterate(struct argo *g, struct dag *wrap, struct dag *body,
		    struct source *lists, uint32_t n, struct source *elements)
{
	bool direct = n == 1 && is_direct(lists[0].type->elem);
	struct source items = lists[0];
	struct str name = input(body, n == 1 ? STR("item") : STR("row"),
				n == 1 ? lists[0].type->elem : g->m->types.string,
				direct && is_marked(lists[0].type->elem) &&
					may_be_collected(g, &lists[0]));

	for (uint32_t j = 0; j < n; j++)
		elements[j] = (struct source){
			.kind = n == 1 ? SOURCE_PARAM : SOURCE_ROW, .dag = body,
			.key = name, .index = j, .type = lists[j].type->elem};
	if (!direct)
		items = all_const(lists, n) ? const_rows(g, lists, n)
					    : argo_rows(g, wrap, lists, n);
	body->self->items = argo_seen(g, wrap, items);
}

/* Artifacts are gone through by their numbers, and taken from the list in the body. */
static void elements_of(struct argo *g, struct dag *wrap, struct dag *body,
			const struct source *lists, uint32_t n, struct source *elements)
{
	struct source *values = ARENA_ARRAY(g->a, n + 1, struct source);

	for (uint32_t j = 0; j < n; j++) {
		values[j] = type_holds_artifacts(lists[j].type) ? indexes(g, &lists[j])
								 : lists[j];
		if (!values[j].kind)
			return;
	}
	iterate(g, wrap, body, values, n, elements);
	for (uint32_t j = 0; j < n; j++)
		if (type_holds_artifacts(lists[j].type))
			elements[j] = argo_pick(g, body, lists[j], elements[j],
						STR("element"));
}

void argo_loop(struct argo *g, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];
	struct str name = arena_printf(g->a, "for-%u", ++g->nfors);
	struct source *lists = ARENA_ARRAY(g->a, n->nargs + 1, struct source);
	struct dag *home = argo_home(g, i, at), *wrap, *body;
	bool whole = true;

	for (uint32_t j = 0; j < n->nargs; j++) {
		lists[j] = argo_site(g, i, home, n->args[j], n->path);
		whole &= lists[j].kind != SOURCE_NONE;
	}
	wrap = argo_dag(g, home, name, name);
	body = argo_side(g, wrap, "each", "body");
	wrap->is_loop = true;
	body->self->address = n->path;
	i->tasks[at] = wrap->self;
	i->dags[n->then_block] = body;
	argo_loop_settings(g, n, wrap);
	if (whole)
		elements_of(g, wrap, body, lists, n->nargs, &i->outs[at][n->nouts]);
}

/* An output of the body, gathered: seen from outside the loop. */
static struct source gathered(struct argo *g, struct dag *body, struct source s,
			      struct str wanted, const struct type *type, bool marked)
{
	struct dag *wrap = body->parent;
	struct str name = argo_output(g, body, wanted, s.type);
	struct source out = {.kind = SOURCE_OUTPUT, .dag = wrap, .task = body->self,
			     .key = name, .type = type};
	struct dag_output *o = &vec_last(&body->outputs);

	o->marked = marked;
	vec_push(&o->choices, ((struct choice){{"", 0}, argo_seen(g, body, s)}));
	name = argo_output(g, wrap, name, type);
	o = &vec_last(&wrap->outputs);
	o->collected = true;
	vec_push(&o->choices, ((struct choice){{"", 0}, out}));
	out.dag = wrap->parent;
	out.task = wrap->self;
	out.key = name;
	return out;
}

/* Artifacts are put beside each other in the store; their metadata says their order. */
static struct source gathered_files(struct argo *g, struct dag *body, struct source s,
				    struct str name, const struct type *type)
{
	struct source out = {.kind = SOURCE_FOLDER, .type = type}, meta;

	out.key = arena_printf(g->a, "{{workflow.uid}}/%.*s/%.*s",
			       STR_ARG(body->parent->name), STR_ARG(name));
	s = argo_pass(g, body, s, STR("keep"), out.key);
	if (!s.meta)
		return (struct source){.type = type};
	meta = gathered(g, body, *s.meta, arena_printf(g->a, "%.*s-metadata", STR_ARG(name)),
			type_list(&g->m->types, g->m->types.json), true);
	out.meta = arena_dup(g->a, &meta, sizeof(meta));
	return out;
}

void argo_gather(struct argo *g, struct inst *i, uint32_t at, uint32_t output)
{
	const struct module_node *n = &i->p->nodes[at];
	const struct module_merge *out = &n->outs[output];
	struct source *to = &i->outs[at][output];
	struct dag *body = i->dags[n->then_block];
	const struct type *elem = out->type->elem;
	struct source s = argo_site(g, i, body, out->then_value, n->path);
	struct str name = out->name.n ? out->name : STR("value");

	if (!s.kind)
		return;
	if (type_holds_artifacts(elem))
		*to = gathered_files(g, body, argo_whole(g, body, s, name), name,
				     out->type);
	else
		*to = gathered(g, body, s, name, out->type, is_marked(elem));
}

void argo_loop_end(struct argo *g, struct inst *i, uint32_t at)
{
	const struct module_node *n = &i->p->nodes[at];

	for (uint32_t j = 0; j < n->nouts; j++)
		if (!argo_plain(g, i, n->outs[j].then_value).kind)
			argo_gather(g, i, at, j);
}
