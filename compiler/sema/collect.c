#include <config.h>

#include "compiler/sema/check.h"

static struct looped *find_looped(struct scope *c, const struct sym *name)
{
	size_t i = (uintptr_t)map_get(&c->looped_by_name, sym_str(name));

	return i ? &c->looped.at[i - 1] : NULL;
}

static void keep(struct scope *c, struct symbol *sym)
{
	struct looped *old = find_looped(c, sym->name), l = {.sym = sym};

	if (old && old->sym->loop == sym->loop) {
		if (sym->is_partial && !old->sym->is_partial)
			return; /* the one that every path binds came after it */
		if (old->sym->is_partial && !sym->is_partial)
			old->sym = sym;
		else
			old->again = sym;
		return;
	}
	if (old)
		l.again = old->sym;
	l.shadowed = (uintptr_t)map_get(&c->looped_by_name, sym_str(sym->name));
	vec_push(&c->looped, l);
	map_set(&c->looped_by_name, sym_str(sym->name), (void *)(uintptr_t)c->looped.n);
}

void loop_release_names(struct scope *c, const struct bounds *body)
{
	for (size_t i = 0; i < body->n; i++)
		keep(c, body->at[i]);
	for (size_t i = 0; i < body->npartial; i++)
		keep(c, body->partial[i]);
}

bool say_looped(struct scope *c, const struct node *name, const struct node *at)
{
	const struct looped *l =
		name->kind == AST_NAME ? find_looped(c, name->name.name) : NULL;
	struct str text, put;
	struct diag *d;

	if (!l || scope_peek(c, sym_str(name->name.name)))
		return false;
	d = diag(c->s->parse.diags, at->span, E0318,
		 "'%s' is bound in a loop, once for each of its iterations",
		 name->name.name->s);
	diag_note(d, l->sym->span, "it is bound here");
	text = src_text(c->s->parse.src, at->span);
	if (text.n > 200)
		return true;
	put = arena_printf(c->s->parse.arena, "collect(%.*s)", STR_ARG(text));
	diag_propose(d, at->span, put, "%s is the list of them all", put.p);
	return true;
}

/* The NAME under the fields of an argument; NULL if it is something else. */
static const struct node *root_name(const struct node *arg)
{
	while (arg->kind == AST_FIELD)
		arg = arg->field.object;
	return arg->kind == AST_NAME ? arg : NULL;
}

static struct result error(struct scope *c)
{
	return result_of_type(c->s->types->error);
}

static struct result say_not_looped(struct scope *c, struct node *arg,
				    const struct node *name)
{
	struct symbol *sym = map_get(&c->locals, sym_str(name->name.name));
	struct diag *d;

	if (!sym) {
		check_operand(c, arg, NULL, false);
		return error(c);
	}
	symbol_use(sym);
	if (sym->kind == SYMBOL_ERROR)
		return error(c);
	d = diag(c->s->parse.diags, arg->span, E0318,
		 "'%s' is not bound in a loop before this", sym->name->s);
	diag_note(d, sym->span, "it is %s here", symbol_kind_name(sym));
	if (c->loop && sym->loop == c->loop)
		diag_label(d, "what a loop binds is collected after it");
	else
		diag_label(d, "collect() takes a name of a loop that has ended");
	return error(c);
}

/* The argument of the call: a name of a loop, or a field of one. */
static struct node *argument(struct scope *c, struct node *call)
{
	struct node *arg = call->call.args.first;
	struct diag *d;

	if (call->call.args.n == 1 && arg->kind == AST_ARG && !arg->arg.name &&
	    root_name(arg->arg.value))
		return arg->arg.value;
	list_each(a, &call->call.args)
	{
		if (a->kind != AST_ARG || a->arg.value->kind == AST_ERROR)
			return NULL;
	}
	d = diag(c->s->parse.diags, call->span, E0404,
		 "'collect' takes a name of a loop, or one output of it");
	diag_label(d, "bind in the loop what is wanted, then collect that name");
	return NULL;
}

/* May a list of these be made?  Says why not. */
static bool check_element(struct scope *c, const struct node *arg,
			  const struct symbol *sym, const struct type *t)
{
	struct diag *d;

	if (t->kind == TYPE_ERROR)
		return false;
	if (type_strip(t)->kind == TYPE_SERIES) {
		d = diag(c->s->parse.diags, arg->span, E0312,
			 "a Series cannot be in a list");
		diag_label(d, "collect one value of it: .last, .min or .max");
		return false;
	}
	if (t->kind != TYPE_OPT || !type_holds_artifacts(t))
		return true;
	if (sym->is_partial) {
		d = diag(c->s->parse.diags, arg->span, E0305,
			 "'%s' is not bound on every path through the loop",
			 sym->name->s);
		diag_label(d, "a list of artifacts has no gaps");
		diag_note(d, sym->span, "it is bound here");
	} else {
		d = diag(c->s->parse.diags, arg->span, E0311,
			 "this may be None, and a list of artifacts has no gaps");
	}
	return false;
}

static struct symbol *collect_new(struct scope *c, struct symbol *loop, struct node *arg,
				  const struct type *elem)
{
	struct symbol *sym = symbol_new(c->s, SYMBOL_COLLECT, NULL, arg->span);

	sym->decl = arg;
	sym->target = loop;
	sym->type = type_list(c->s->types, elem);
	sym->next = loop->collects;
	loop->collects = sym;
	return sym;
}

/* Is this place in loop l?  NULL is the pipeline. */
static bool is_around(const struct scope *c, const struct symbol *l)
{
	const struct symbol *here = c->loop;

	while (here && here != l)
		here = here->loop;
	return here == l;
}

/* One list for each loop from that of sym out to one that this place is in, too. */
static struct result collect(struct scope *c, struct node *call, struct node *arg,
			     struct symbol *sym, const struct type *t)
{
	struct symbol *made = collect_new(c, sym->loop, arg, t);

	for (struct symbol *l = sym->loop->loop; !is_around(c, l); l = l->loop) {
		struct symbol *outer = collect_new(c, l, arg, made->type);

		outer->on_then = made;
		made = outer;
	}
	call->ref = made;
	c->saw_task = true;
	if (made->type->kind == TYPE_ERROR)
		diag(c->s->parse.diags, call->span, E0110,
		     "lists are nested too deeply here");
	return result_of_type(made->type);
}

static struct result say_again(struct scope *c, const struct node *arg,
			       const struct looped *l)
{
	struct diag *d =
		diag(c->s->parse.diags, arg->span, E0306,
		     "'%s' is bound in two places that can be meant", l->sym->name->s);

	diag_label(d, "give them different names to collect one of them");
	diag_note(d, l->again->span, "it is bound here");
	diag_note(d, l->sym->span, "and here");
	return error(c);
}

/* What the argument of the call names, which a loop that has ended binds; NULL if that was
 * reported. */
static struct symbol *find_name(struct scope *c, struct node *call, struct node **arg)
{
	const struct node *name;
	const struct looped *l;

	*arg = argument(c, call);
	if (!*arg)
		return NULL;
	name = root_name(*arg);
	l = find_looped(c, name->name.name);
	if (!l || map_get(&c->locals, sym_str(name->name.name))) {
		say_not_looped(c, *arg, name);
		return NULL;
	}
	if (l->again) {
		say_again(c, *arg, l);
		return NULL;
	}
	return l->sym;
}

/* The argument as it would be within the loop. */
static struct result operand(struct scope *c, struct node *arg, struct symbol *sym)
{
	struct str key = sym_str(root_name(arg)->name.name);
	struct result r;

	map_set(&c->locals, key, sym);
	r = check_operand(c, arg, NULL, false);
	map_set(&c->locals, key, NULL);
	return r;
}

struct result check_collect(struct scope *c, struct node *call)
{
	struct node *arg;
	struct symbol *sym = find_name(c, call, &arg);
	const struct type *t;

	if (!sym)
		return error(c);
	t = result_value(c, arg, operand(c, arg, sym));
	arg->type = t;
	if (!check_element(c, arg, sym, t))
		return error(c);
	return collect(c, call, arg, sym, t);
}

void check_collect_waited(struct scope *c, struct node *call)
{
	struct node *arg;
	struct symbol *sym = find_name(c, call, &arg), *l;

	if (!sym)
		return;
	operand(c, arg, sym);
	for (l = sym->loop; !is_around(c, l->loop);)
		l = l->loop;
	call->ref = symbol_new(c->s, SYMBOL_COLLECT, NULL, arg->span);
	call->ref->decl = arg;
	call->ref->target = l;
	c->saw_task = true;
}
