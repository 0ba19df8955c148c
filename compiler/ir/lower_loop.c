#include <config.h>

#include "compiler/ir/lower_int.h"

struct inside graph_enter(struct lower *l, enum block_kind kind, uint32_t owner)
{
	struct graph *g = l->graph;
	struct inside around = {g->block, g->asserted};

	vec_push(&g->blocks, ((struct module_block){kind, owner}));
	g->block = (uint32_t)g->blocks.n - 1;
	g->asserted = MODULE_NONE;
	return around;
}

void graph_leave(struct lower *l, struct inside around)
{
	l->graph->block = around.block;
	l->graph->asserted = around.asserted;
}

/* enumerate(xs, start): the numbers from start on, as many as xs has elements. */
static struct expr *number_list(struct lower *l, const struct node *call)
{
	struct node *xs = call->call.args.first->arg.value;
	struct node *first = call->call.args.first->next;
	const struct type *t = l->s->types->integer;
	struct expr *start, *n, *range[2];

	start = first ? lower_expr(l, first->arg.value)
		      : builder_const(&l->b, value_int(0), t, call->span);
	n = lower_expr(l, xs);
	n = builder_builtin(&l->b, BUILTIN_LEN, &n, 1, t, call->span);
	range[0] = start;
	range[1] = builder_binary(&l->b, OP_ADD, start, n, t, call->span);
	return builder_builtin(&l->b, BUILTIN_RANGE, range, 2,
			       type_list(l->s->types, t), call->span);
}

/* keys() or values() of the dict of d.items(). */
static struct expr *dict_list(struct lower *l, const struct node *call,
			      const char *method)
{
	struct expr *dict = lower_expr(l, call->call.callee->field.object);
	const struct type *elem =
		!strcmp(method, "keys") ? l->s->types->string : dict->type->elem;
	enum builtin f = builtin_find(arena_printf(&l->m->arena, "dict.%s", method));

	return builder_builtin(&l->b, f, &dict, 1, type_list(l->s->types, elem),
			       call->span);
}

/* What a target goes over. */
static struct expr *source_list(struct lower *l, struct node *list, enum source source,
				uint32_t target)
{
	struct node *arg;

	switch (source) {
	case SOURCE_LIST:
		return lower_expr(l, list);
	case SOURCE_ENUMERATE:
		return target ? lower_expr(l, list->call.args.first->arg.value)
			      : number_list(l, list);
	case SOURCE_ITEMS:
		return dict_list(l, list, target ? "values" : "keys");
	case SOURCE_ZIP:
		break;
	}
	for (arg = list->call.args.first; target; target--)
		arg = arg->next;
	return lower_expr(l, arg->arg.value);
}

/* What the filter of a comprehension leaves for one target: a comprehension that only
 * computes, in which the targets are locals. */
static struct expr *filtered(struct lower *l, const struct node *node,
			     struct expr *const *lists, const struct symbol *wanted)
{
	const struct list *targets = &node->comprehension.targets;
	struct str *names = ARENA_ARRAY(&l->m->arena, targets->n, struct str);
	struct comp_targets t = {.n = targets->n, .names = names, .lists = lists};
	struct expr *filter, *element;
	uint32_t i = 0;

	list_each(target, targets) {
		target->ref->is_local = true;
		target->ref->index = builder_new_local(&l->b);
		t.first = i ? t.first : target->ref->index;
		names[i++] = sym_str(target->name.name);
	}
	filter = lower_expr(l, node->comprehension.filter);
	element = builder_local(&l->b, wanted->index, sym_str(wanted->name), wanted->type,
				wanted->span);
	i = 0;
	list_each(target, targets) {
		target->ref->is_local = false;
		target->ref->index = i++;
	}
	return builder_comp(&l->b, element, filter, &t,
			    type_list(l->s->types, wanted->type), node->span);
}

static const struct site *list_site(struct lower *l, struct expr *list)
{
	const struct site *s = builder_site(&l->b, list, NULL);
	struct value known;

	if (site_value(s, &known) && known.kind == VALUE_LIST && !known.list->n)
		diag(l->diags, list->span, W0405, "this list is empty: nothing is done");
	return s;
}

/* The LOOP node, not yet added, with what it goes over. */
static struct module_node loop_node(struct lower *l, struct node *node,
				    const struct list *targets, struct node *list)
{
	bool is_filtered = node->kind == AST_COMPREHENSION && node->comprehension.filter;
	struct module_node n =
		graph_node(l, NODE_LOOP, targets->first->name.name, node->span);
	struct arena *a = &l->m->arena;
	const struct site **args = ARENA_ARRAY(a, targets->n, const struct site *);
	struct expr **lists = ARENA_ARRAY(a, targets->n, struct expr *);
	uint32_t i;

	for (i = 0; i < targets->n; i++)
		lists[i] = source_list(l, list, node->ref->source, i);
	i = 0;
	list_each(target, targets) {
		args[i] = list_site(l, is_filtered ? filtered(l, node, lists, target->ref)
						   : lists[i]);
		i++;
	}
	n.args = args;
	n.nargs = i;
	return n;
}

static void set_outs(struct lower *l, uint32_t loop, struct module_merge *outs,
		     uint32_t n)
{
	l->graph->nodes.at[loop].outs = outs;
	l->graph->nodes.at[loop].nouts = n;
}

/* What collect() takes of a loop stands at the end of its body. */
static void lower_collects(struct lower *l, const struct symbol *loop)
{
	struct module_merge *outs;
	uint32_t n = 0, i;

	for (struct symbol *sym = loop->collects; sym; sym = sym->next)
		n++;
	outs = ARENA_ARRAY(&l->m->arena, n, struct module_merge);
	i = n;
	for (struct symbol *sym = loop->collects; sym; sym = sym->next) {
		const struct symbol *inner = sym->on_then;

		sym->index = --i;
		outs[i].name = STR("");
		if (sym->decl->kind == AST_FIELD)
			outs[i].name =
				arena_str(&l->m->arena, sym_str(sym->decl->field.name));
		outs[i].type = sym->type;
		outs[i].then_value =
			builder_site(&l->b,
				     inner ? lower_collected(l, inner, sym->decl->span)
					   : lower_expr(l, sym->decl),
				     sym->type->elem);
	}
	set_outs(l, loop->index, outs, n);
}

struct expr *lower_collected(struct lower *l, const struct symbol *sym, struct span span)
{
	struct input in = {INPUT_NODE, sym->target->index, sym->index};

	return builder_input(&l->b, in, sym->type, span);
}

void lower_for(struct lower *l, struct node *item)
{
	struct module_node n = loop_node(l, item, &item->for_.targets, item->for_.list);
	struct symbol *loop = item->ref;
	struct inside around;

	n.settings = lower_settings(l, &item->for_.with, 'F', &n.nsettings);
	loop->index = graph_add(l, n, "");
	around = graph_enter(l, BLOCK_LOOP, loop->index);
	l->graph->nodes.at[loop->index].then_block = l->graph->block;
	lower_statements(l, &item->for_.items);
	lower_collects(l, loop);
	graph_leave(l, around);
}

/* The outputs of all tasks of a list. */
static struct operand list_outs(struct lower *l, uint32_t loop, struct operand one,
				struct span span)
{
	struct symbol_out *outs =
		arena_dup(&l->m->arena, one.outs, one.nouts * sizeof *outs);
	struct module_merge *kept =
		ARENA_ARRAY(&l->m->arena, one.nouts, struct module_merge);

	for (uint32_t i = 0; i < one.nouts; i++) {
		struct expr *e = lower_output(l, one, i, span);

		outs[i].type = type_list(l->s->types, e->type);
		kept[i] = (struct module_merge){
			.name = arena_str(&l->m->arena, sym_str(outs[i].name)),
			.type = outs[i].type,
			.then_value = builder_site(&l->b, e, NULL),
		};
	}
	set_outs(l, loop, kept, one.nouts);
	return (struct operand){
		.node = loop, .outs = outs, .nouts = one.nouts, .lists = one.lists + 1};
}

static struct operand list_value(struct lower *l, uint32_t loop, struct expr *e,
				 struct span span)
{
	struct module_merge *kept = ARENA_NEW(&l->m->arena, struct module_merge);

	kept->name = STR("");
	kept->type = type_list(l->s->types, e->type);
	kept->then_value = builder_site(&l->b, e, NULL);
	set_outs(l, loop, kept, 1);
	return (struct operand){
		.node = loop,
		.value = builder_input(&l->b, (struct input){INPUT_NODE, loop, 0},
				       kept->type, span),
	};
}

struct operand lower_task_list(struct lower *l, struct node *node, const struct sym *name,
			       const struct list *with, bool is_outer)
{
	struct node *element = node->comprehension.element;
	struct module_node n = loop_node(l, node, &node->comprehension.targets,
					 node->comprehension.list);
	struct symbol *loop = node->ref;
	struct inside around;
	struct operand o;

	n.settings = lower_settings(l, is_outer ? with : NULL, 'F', &n.nsettings);
	if (is_outer && with)
		lower_after(l, with, &n);
	loop->index = graph_add(l, n, "");
	around = graph_enter(l, BLOCK_LOOP, loop->index);
	l->graph->nodes.at[loop->index].then_block = l->graph->block;
	if (element->kind == AST_COMPREHENSION)
		o = lower_task_list(l, element, name, with, false);
	else
		o = lower_element(l, element, name, with);
	o = o.value ? list_value(l, loop->index, o.value, node->span)
		    : list_outs(l, loop->index, o, node->span);
	graph_leave(l, around);
	return o;
}

struct operand lower_pick(struct lower *l, struct operand list, struct node *index)
{
	struct pick *pick = ARENA_NEW(&l->m->arena, struct pick);
	struct symbol_out *outs =
		arena_dup(&l->m->arena, list.outs, list.nouts * sizeof *outs);

	pick->outer = list.pick;
	pick->index = lower_expr(l, index);
	for (uint32_t i = 0; i < list.nouts; i++)
		outs[i].type = outs[i].type->elem;
	list.outs = outs;
	list.pick = pick;
	list.lists--;
	return list;
}

/* The element that pick and those around it choose of e. */
static struct expr *picked(struct lower *l, struct expr *e, const struct pick *pick,
			   struct span span)
{
	if (pick->outer)
		e = picked(l, e, pick->outer, span);
	return builder_index(&l->b, e, pick->index, e->type->elem, span);
}

struct expr *lower_output(struct lower *l, struct operand task, uint32_t output,
			  struct span span)
{
	const struct type *t = type_read(l->s->types, task.outs[output].type);
	struct input in = {INPUT_NODE, task.node, output};

	for (const struct pick *p = task.pick; p; p = p->outer)
		t = type_list(l->s->types, t);
	if (!task.pick)
		return builder_input(&l->b, in, t, span);
	return picked(l, builder_input(&l->b, in, t, span), task.pick, span);
}
