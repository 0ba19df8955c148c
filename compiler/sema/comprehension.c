/* Comprehensions: those over calls are loops whose body is one expression that starts
 * tasks, the others only compute. */
#include <config.h>

#include "compiler/sema/check.h"

/* What a callee names, without counting as a use; NULL: no declaration. */
static const struct symbol *peek(struct scope *c, const struct node *callee)
{
	const struct symbol *sym;
	struct symbol *found;

	if (callee->kind == AST_NAME) {
		found = scope_peek(c, sym_str(callee->name.name));
		return found ? symbol_target(found) : NULL;
	}
	if (callee->kind != AST_FIELD)
		return NULL;
	sym = peek(c, callee->field.object);
	if (!sym || sym->kind != SYMBOL_MODULE)
		return NULL;
	found = sym->names ? map_get(sym->names, sym_str(callee->field.name)) : NULL;
	if (!found && sym->module)
		found = map_get(&sym->module->names, sym_str(callee->field.name));
	return found ? symbol_target(found) : NULL;
}

bool starts_tasks(struct scope *c, const struct node *node)
{
	const struct symbol *callee;

	switch (node->kind) {
	case AST_FIELD:
		return starts_tasks(c, node->field.object);
	case AST_COMPREHENSION:
		return starts_tasks(c, node->comprehension.element);
	case AST_COND:
		return starts_tasks(c, node->cond.then) ||
		       starts_tasks(c, node->cond.orelse);
	case AST_CALL:
		if (calls_builtin(c, node, "load"))
			return true;
		callee = peek(c, node->call.callee);
		return callee && (callee->kind == SYMBOL_COMPONENT ||
				  callee->kind == SYMBOL_PIPELINE);
	default:
		return false;
	}
}

static struct result error(struct scope *c)
{
	return result_of_type(c->s->types->error);
}

/* The outputs of one task, as those of a list of them. */
static struct result list_tasks(struct scope *c, struct result one)
{
	struct symbol_out *outs = arena_dup(c->s->parse.arena, one.outs,
					    one.nouts * sizeof *outs);

	for (uint32_t i = 0; i < one.nouts; i++)
		outs[i].type = type_list(c->s->types, type_read(c->s->types, outs[i].type));
	one.outs = outs;
	one.lists++;
	return one;
}

static struct result list_values(struct scope *c, const struct node *element,
				 const struct type *t)
{
	if (t->kind == TYPE_ERROR)
		return error(c);
	if (t->kind == TYPE_SERIES) {
		diag(c->s->parse.diags, element->span, E0312,
		     "a Series cannot be in a list");
		return error(c);
	}
	if (t->kind == TYPE_OPT && type_holds_artifacts(t)) {
		diag(c->s->parse.diags, element->span, E0311,
		     "this may be None, and a list of artifacts has no gaps");
		return error(c);
	}
	return result_of_type(type_list(c->s->types, t));
}

static struct result check_element(struct scope *c, struct node *element)
{
	struct result r = check_operand(c, element, NULL, true);

	if (r.kind == RESULT_TASK)
		return list_tasks(c, r);
	return list_values(c, element, result_value(c, element, r));
}

struct result check_task_comprehension(struct scope *c, struct node *node, bool calls)
{
	struct node *filter = node->comprehension.filter;
	struct symbol *around = c->loop, *loop, **items;
	struct bounds_mark mark;
	struct result r;

	if (!calls) {
		struct diag *d = diag(c->s->parse.diags, node->span, E0405,
				      "this starts tasks and cannot stand in an "
				      "expression");

		if (c->place == PLACE_PIPELINE)
			diag_label(d, "bind it to a name first");
	}
	loop = check_loop(c, node);
	items = check_iteration(c, &node->comprehension.targets, node->comprehension.list,
				loop);
	mark = scope_mark(c);
	c->loop = loop;
	bind_items(c, items, node->comprehension.targets.n);
	if (filter)
		check_condition(c, filter, "a condition");
	if (filter)
		scope_narrow(c, filter, true);
	r = check_element(c, node->comprehension.element);
	c->loop = around;
	scope_take(c, mark);
	c->saw_task = true;
	return calls ? r : error(c);
}

bool index_tasks(struct scope *c, struct node *node, struct result *r)
{
	const struct type *i;
	struct symbol_out *outs;

	if (r->kind != RESULT_TASK || !r->lists)
		return false;
	i = check_value(c, node->index.index, c->s->types->integer);
	if (i->kind != TYPE_INT && i->kind != TYPE_ERROR)
		diag(c->s->parse.diags, node->index.index->span, E0307,
		     "a list is indexed by int, this is %s", type_text(c, i));
	outs = arena_dup(c->s->parse.arena, r->outs, r->nouts * sizeof *outs);
	for (uint32_t k = 0; k < r->nouts; k++)
		outs[k].type = outs[k].type->elem ? outs[k].type->elem
						  : c->s->types->error;
	r->outs = outs;
	r->lists--;
	r->sym = NULL;
	return true;
}

struct result check_comprehension(struct scope *c, struct node *node,
				  const struct type *want)
{
	struct symbol *loop = symbol_new(c->s, SYMBOL_LOOP, NULL, node->span), **items;
	struct node *filter = node->comprehension.filter;
	struct node *element = node->comprehension.element;
	const struct type *hope = want ? type_strip(want) : NULL, *t;
	struct bounds_mark mark;

	loop->decl = node;
	loop->state = SYMBOL_DONE;
	items = check_iteration(c, &node->comprehension.targets, node->comprehension.list,
				loop);
	for (uint32_t i = 0; i < node->comprehension.targets.n; i++)
		items[i]->is_local = true;
	mark = scope_mark(c);
	bind_items(c, items, node->comprehension.targets.n);
	if (filter)
		check_condition(c, filter, "a condition");
	if (filter)
		scope_narrow(c, filter, true);
	hope = hope && hope->kind == TYPE_LIST ? hope->elem : NULL;
	t = item_type(c, check_value(c, element, hope), hope);
	scope_take(c, mark);
	if (hope && t->kind != TYPE_ERROR && type_assignable(t, hope))
		t = hope;
	return list_values(c, element, t);
}
