#include <config.h>

#include <string.h>

#include "compiler/sema/check.h"

struct symbol *check_loop(struct scope *c, struct node *node)
{
	struct symbol *loop = symbol_new(c->s, SYMBOL_LOOP, NULL, node->span);

	loop->decl = node;
	loop->loop = c->loop;
	loop->state = SYMBOL_DONE;
	node->ref = loop;
	return loop;
}

static bool is_items_call(const struct node *call)
{
	const struct node *callee = call->kind == AST_CALL ? call->call.callee : NULL;

	return callee && callee->kind == AST_FIELD &&
	       !strcmp(callee->field.name->s, "items");
}

static enum source find_source(struct scope *c, const struct node *list)
{
	if (calls_builtin(c, list, "zip"))
		return SOURCE_ZIP;
	if (calls_builtin(c, list, "enumerate"))
		return SOURCE_ENUMERATE;
	return is_items_call(list) ? SOURCE_ITEMS : SOURCE_LIST;
}

static struct str text_of(struct scope *c, const struct node *node)
{
	return str_sub(src_text(c->s->parse.src, node->span), 0, 60);
}

static void hint_list(struct scope *c, struct diag *d, const struct node *list,
		      const struct type *t)
{
	struct str text = text_of(c, list), put;

	switch (t->kind) {
	case TYPE_INT:
		put = arena_printf(c->s->parse.arena, "range(%.*s)", STR_ARG(text));
		diag_propose(d, list->span, put, "write %s", put.p);
		break;
	case TYPE_STR:
		diag_label(d, "split it first: %.*s.split(\",\")", STR_ARG(text));
		break;
	case TYPE_DICT:
		diag_label(d, "write 'for key, value in %.*s.items()', or %.*s.keys()",
			   STR_ARG(text), STR_ARG(text));
		break;
	case TYPE_JSON:
		diag_label(d, "a parameter of the type list[T] says what is in it");
		break;
	default:
		break;
	}
}

/* Says what is wrong with going over the tasks of a comprehension. */
static void say_tasks(struct scope *c, const struct node *list, struct result r)
{
	struct str text = text_of(c, list);
	struct diag *d =
		diag(c->s->parse.diags, list->span, E0310,
		     "'%.*s' is a list of tasks with several outputs", STR_ARG(text));

	diag_label(d, "go over one of them: %.*s.%s", STR_ARG(text), r.outs[0].name->s);
}

/* The type of the elements of list; the error type after saying why there are none. */
static const struct type *element_type(struct scope *c, struct node *list)
{
	struct result r = check_operand(c, list, NULL, false);
	const struct type *t;
	struct diag *d;

	if (r.kind == RESULT_TASK && r.lists && r.nouts > 1) {
		say_tasks(c, list, r);
		return c->s->types->error;
	}
	t = list->type = result_value(c, list, r);
	if (t->kind == TYPE_LIST)
		return t->elem;
	if (t->kind == TYPE_OPT && t->elem->kind == TYPE_LIST) {
		d = diag(c->s->parse.diags, list->span, E0311,
			 "a loop goes over a list, and this may be None");
		diag_label(d, "test it first: if %.*s is not None",
			   STR_ARG(text_of(c, list)));
	} else if (t->kind != TYPE_ERROR) {
		d = diag(c->s->parse.diags, list->span, E0308,
			 "a loop goes over a list, this is %s", type_text(c, t));
		hint_list(c, d, list, type_strip(t));
	}
	return c->s->types->error;
}

static const struct type **error_types(struct scope *c, uint32_t n)
{
	const struct type **types =
		ARENA_ARRAY(c->s->parse.arena, n, const struct type *);

	for (uint32_t i = 0; i < n; i++)
		types[i] = c->s->types->error;
	return types;
}

static bool has_named(struct scope *c, const struct node *call)
{
	list_each(arg, &call->call.args)
	{
		if (arg->kind != AST_ARG)
			return true;
		if (!arg->arg.name)
			continue;
		diag(c->s->parse.diags, arg->arg.name_at, E0404,
		     "arguments of '%s' have no names", call->call.callee->name.name->s);
		return true;
	}
	return false;
}

static void check_zip(struct scope *c, struct node *call, uint32_t n,
		      const struct type **types)
{
	uint32_t i = 0;

	list_each(arg, &call->call.args)
	{
		const struct type *t = element_type(c, arg->arg.value);

		if (i < n)
			types[i] = t;
		i++;
	}
	if (i != n)
		diag(c->s->parse.diags, call->span, E0404,
		     "'zip' gives %u at a time here, and the loop names %u", i, n);
}

static void check_enumerate(struct scope *c, struct node *call, uint32_t n,
			    const struct type **types)
{
	struct node *xs = call->call.args.first, *start = xs ? xs->next : NULL;

	if (!xs || (start && start->next)) {
		diag(c->s->parse.diags, call->span, E0404,
		     "'enumerate' takes a list, and perhaps the first number");
		return;
	}
	types[0] = c->s->types->integer;
	if (n > 1)
		types[1] = element_type(c, xs->arg.value);
	if (start)
		check_wanted(c, start->arg.value, c->s->types->integer,
			     "the start of 'enumerate'", SPAN_NONE);
}

static void check_items(struct scope *c, struct node *call, const struct type **types)
{
	struct node *object = call->call.callee->field.object;
	const struct type *t = check_value(c, object, NULL);

	if (call->call.args.n)
		diag(c->s->parse.diags, call->span, E0404, "'items' takes no arguments");
	if (t->kind == TYPE_DICT) {
		types[0] = c->s->types->string;
		types[1] = t->elem;
	} else if (t->kind == TYPE_OPT && t->elem->kind == TYPE_DICT) {
		diag(c->s->parse.diags, object->span, E0311, "this may be None");
	} else if (t->kind != TYPE_ERROR) {
		diag(c->s->parse.diags, call->call.callee->field.name_at, E0304,
		     "%s has no method 'items'", type_text(c, t));
	}
}

/* Several targets over one list, or one target over several. */
static void say_targets(struct scope *c, const struct list *targets,
			const struct node *list, enum source source)
{
	struct span at = {targets->first->span.lo, targets->last->span.hi};
	struct diag *d;

	if (source != SOURCE_LIST) {
		d = diag(c->s->parse.diags, at, E0412, "this loop gets %s at a time",
			 source == SOURCE_ZIP ? "several things" : "two things");
		diag_label(d, source == SOURCE_ITEMS ? "write: for key, value in ..."
			      : source == SOURCE_ENUMERATE
				      ? "write: for i, x in ..."
				      : "name each: for a, b in ...");
		return;
	}
	d = diag(c->s->parse.diags, at, E0412,
		 "a loop names several things only over zip(), enumerate() or .items()");
	diag_label(d, "%.*s gives one at a time", STR_ARG(text_of(c, list)));
}

static const struct type **source_types(struct scope *c, const struct list *targets,
					struct node *list, enum source source)
{
	const struct type **types = error_types(c, targets->n);

	if (targets->n >= LIMIT_BUILTIN_ARGS) {
		diag(c->s->parse.diags, targets->first->span, E0412,
		     "a loop names at most %d things", LIMIT_BUILTIN_ARGS - 1);
		return types;
	}
	if (source == SOURCE_LIST && targets->n == 1) {
		types[0] = element_type(c, list);
		return types;
	}
	if (source == SOURCE_LIST) {
		element_type(c, list);
		say_targets(c, targets, list, source);
	} else if (targets->n == 1 || (source != SOURCE_ZIP && targets->n != 2)) {
		say_targets(c, targets, list, source);
	} else if (source == SOURCE_ITEMS) {
		check_items(c, list, types);
	} else if (has_named(c, list)) {
		return types;
	} else if (source == SOURCE_ZIP) {
		check_zip(c, list, targets->n, types);
	} else {
		check_enumerate(c, list, targets->n, types);
	}
	return types;
}

struct symbol **check_iteration(struct scope *c, const struct list *targets,
				struct node *list, struct symbol *loop)
{
	struct symbol **items =
		ARENA_ARRAY(c->s->parse.arena, targets->n + 1, struct symbol *);
	const struct type **types;
	bool saw = c->saw_task;
	uint32_t i = 0;

	loop->source = find_source(c, list);
	c->saw_task = false;
	types = source_types(c, targets, list, loop->source);
	list_each(target, targets)
	{
		bool ok = target->kind == AST_NAME && types[i]->kind != TYPE_ERROR;
		struct symbol *sym;

		if (target->kind != AST_NAME && target->kind != AST_ERROR)
			diag(c->s->parse.diags, target->span, E0412,
			     "a loop names what it gets, and this is no name");
		sym = symbol_new(c->s, ok ? SYMBOL_ITEM : SYMBOL_ERROR,
				 target->kind == AST_NAME ? target->name.name : NULL,
				 target->span);
		sym->type = types[i];
		sym->decl = target;
		sym->file = c->file;
		sym->state = SYMBOL_DONE;
		sym->target = loop;
		sym->index = i;
		sym->is_computed = c->saw_task;
		target->ref = sym;
		items[i++] = sym;
	}
	c->saw_task |= saw;
	return items;
}

void bind_items(struct scope *c, struct symbol **items, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (!items[i]->name || !strcmp(items[i]->name->s, "_"))
			continue;
		scope_bind(c, items[i]);
		if (items[i]->kind == SYMBOL_ITEM)
			vec_push(&c->s->values, items[i]);
	}
}
