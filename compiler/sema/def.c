/* Pure functions: `def` declarations, and calls of them. */
#include <config.h>

#include "compiler/sema/check.h"

/* One function while its statements are checked. */
struct body {
	struct scope c;
	struct symbol *sym;
};

static bool holds_files(const struct type *t)
{
	return type_holds_artifacts(t) || t->kind == TYPE_SERIES ||
	       t->kind == TYPE_METRIC;
}

static void resolve_result(struct scope *c, struct symbol *sym)
{
	struct node *result = sym->decl->def.result;

	if (!result) {
		sym->is_broken = true;
		return;
	}
	sym->type = check_type(c, result, &sym->constraint);
	if (!holds_files(sym->type))
		return;
	diag(c->s->parse.diags, result->span, E0312,
	     "a function gives a value, and %s is none", type_text(c, sym->type));
	sym->type = c->s->types->error;
}

void resolve_def(struct sema *s, struct symbol *sym)
{
	struct map names = {0};
	struct scope c;

	scope_init(&c, s, sym->file, PLACE_CONST);
	c.owner = sym;
	resolve_params(&c, sym, &sym->decl->def.params, &names);
	resolve_result(&c, sym);
	for (uint32_t i = 0; i < sym->nparams; i++) {
		struct symbol *param = sym->params[i];

		param->used = param->decl->param.where != NULL;
		if (!holds_files(param->type))
			continue;
		diag(s->parse.diags, param->decl->param.type->span, E0312,
		     "a function takes values, and %s is none",
		     type_text(&c, param->type));
		param->type = s->types->error;
	}
	if (sym->nparams > DEF_PARAMS_MAX)
		diag(s->parse.diags, sym->params[DEF_PARAMS_MAX]->span, E0110,
		     "a function has at most %d parameters", DEF_PARAMS_MAX);
	scope_release(&c);
	map_release(&names);
}

static bool check_block(struct body *b, const struct list *items);

static void check_bind(struct body *b, struct node *item)
{
	struct node *target = item->bind.target;
	const struct type *want = NULL, *t;
	struct symbol *sym;

	if (item->bind.type)
		want = check_type(&b->c, item->bind.type, NULL);
	t = check_value(&b->c, item->bind.value, want);
	if (item->bind.with.n)
		diag(b->c.s->parse.diags, item->bind.with.first->span, E0415,
		     "'with' belongs to the call of a component or pipeline");
	if (target->kind != AST_NAME) {
		if (target->kind != AST_ERROR)
			diag(b->c.s->parse.diags, target->span, E0412,
			     "only a name can be bound");
		return;
	}
	sym = symbol_new(b->c.s, SYMBOL_VALUE, target->name.name, target->span);
	if (want) {
		const char *what = arena_printf(b->c.s->parse.arena, "'%s'",
						sym->name->s).p;

		check_fits(&b->c, item->bind.value, t, want, what, item->bind.type->span);
		t = want;
	}
	sym->decl = item;
	sym->file = b->c.file;
	sym->state = SYMBOL_DONE;
	sym->type = t;
	sym->is_local = true;
	if (t->kind == TYPE_ERROR)
		sym->kind = SYMBOL_ERROR;
	else
		vec_push(&b->c.s->values, sym);
	target->ref = sym;
	scope_bind(&b->c, sym);
}

static void rebind_all(struct scope *c, const struct bounds *names)
{
	for (size_t i = 0; i < names->n; i++)
		scope_rebind(c, names->at[i]);
}

/* A branch that has returned has no part in what follows: what the other one binds is
 * bound then, and what it tests is known. */
static bool check_if(struct body *b, struct node *item)
{
	struct scope *c = &b->c;
	struct bounds then, orelse;
	struct bounds_mark mark;
	bool a, e = false;

	check_condition(c, item->if_.cond, "a condition");
	mark = scope_mark(c);
	scope_narrow(c, item->if_.cond, true);
	a = check_block(b, &item->if_.then);
	then = scope_take(c, mark);
	scope_narrow(c, item->if_.cond, false);
	if (item->if_.has_else)
		e = check_block(b, &item->if_.orelse);
	orelse = scope_take(c, mark);
	if (a && !e)
		rebind_all(c, &orelse);
	else if (e && !a)
		rebind_all(c, &then);
	else if (!a)
		check_merge(c, item, &then, &orelse);
	if (a != e)
		scope_narrow(c, item->if_.cond, e);
	return a && e;
}

static void check_assert(struct body *b, struct node *item)
{
	check_condition(&b->c, item->assert_.cond, "the condition of an 'assert'");
	if (item->assert_.message)
		check_wanted(&b->c, item->assert_.message, b->c.s->types->string,
			     "the message of an 'assert'", SPAN_NONE);
	scope_narrow(&b->c, item->assert_.cond, true);
}

static void check_return(struct body *b, struct node *item)
{
	struct node *arg = item->return_.values.first;
	const char *what = arena_printf(b->c.s->parse.arena, "the result of '%s'",
					b->sym->name->s).p;

	if (!arg) {
		diag(b->c.s->parse.diags, item->span, E0411,
		     "a function returns a value");
	} else if (arg->kind == AST_ARG && (arg->next || arg->arg.name)) {
		diag(b->c.s->parse.diags, arg->span, E0411,
		     "a function returns one value, without a name");
	}
	list_each(value, &item->return_.values) {
		if (value->kind == AST_ARG && b->sym->decl->def.result)
			check_wanted(&b->c, value->arg.value, b->sym->type, what,
				     b->sym->decl->def.result->span);
		else if (value->kind == AST_ARG)
			check_value(&b->c, value->arg.value, NULL);
	}
}

static void say_misplaced(struct body *b, const struct node *item)
{
	struct diag *d = diag(b->c.s->parse.diags, item->span, E0412,
			      "a function has bindings, 'if', 'assert' and 'return'");

	if (item->kind == AST_FOR)
		diag_label(d, "write a comprehension: [... for x in xs]");
	else if (item->kind == AST_DO)
		diag_label(d, "this value is not used for anything");
}

/* Does the statement return on every way through it? */
static bool check_item(struct body *b, struct node *item)
{
	switch (item->kind) {
	case AST_BIND:
		check_bind(b, item);
		return false;
	case AST_IF:
		return check_if(b, item);
	case AST_ASSERT:
		check_assert(b, item);
		return false;
	case AST_RETURN:
		check_return(b, item);
		return true;
	case AST_PASS:
		return false;
	case AST_ERROR:
		broken_statement(&b->c, item);
		b->sym->is_broken = true;
		return false;
	case AST_DO:
		check_value(&b->c, item->do_.value, NULL);
		say_misplaced(b, item);
		return false;
	default:
		say_misplaced(b, item);
		b->sym->is_broken = true;
		return false;
	}
}

static bool check_block(struct body *b, const struct list *items)
{
	bool returned = false;

	if (++b->c.depth > CHECK_DEPTH) {
		if (items->n && b->c.depth == CHECK_DEPTH + 1)
			diag(b->c.s->parse.diags, items->first->span, E0110,
			     "blocks are nested more than %d deep", CHECK_DEPTH);
		b->c.depth--;
		return true;
	}
	list_each(item, items) {
		bool one = check_item(b, item);

		if (one && item->next && !returned)
			diag(b->c.s->parse.diags, item->next->span, W0402,
			     "this is never reached: the function has returned");
		returned |= one;
	}
	b->c.depth--;
	return returned;
}

void check_def(struct sema *s, struct symbol *sym)
{
	const struct list *items = &sym->decl->def.items;
	struct body b = {.sym = sym};
	struct diag *d;

	scope_init(&b.c, s, sym->file, PLACE_DEF);
	b.c.owner = sym;
	for (uint32_t i = 0; i < sym->nparams; i++)
		scope_rebind(&b.c, sym->params[i]);
	if (!check_block(&b, items) && !sym->is_broken) {
		d = diag(s->parse.diags, items->n ? items->last->span : sym->span, E0411,
			 "'%s' does not return on every path", sym->name->s);
		diag_label(d, "a 'return' is missing after this");
	}
	scope_release(&b.c);
}

/* A call of a function while its arguments are looked at. */
struct call {
	struct scope *c;
	struct node *node;
	struct symbol *sym;
	const struct node **given;	/* for each parameter */
	bool complete;
};

static void say_no_param(struct call *k, const struct node *arg)
{
	struct suggestion best = {.wanted = sym_str(arg->arg.name)};
	struct diag *d = diag(k->c->s->parse.diags, arg->arg.name_at, E0304,
			      "'%s' has no parameter '%s'", k->sym->name->s,
			      arg->arg.name->s);

	for (uint32_t i = 0; i < k->sym->nparams; i++)
		if (!k->given[i])
			suggest(&best, sym_str(k->sym->params[i]->name));
	diag_suggest(d, arg->arg.name_at, &best);
	diag_note(d, k->sym->span, "'%s' is declared here", k->sym->name->s);
}

static void say_many(struct call *k, const struct node *arg)
{
	struct diag *d = diag(k->c->s->parse.diags, arg->span, E0404,
			      "'%s' takes %u argument%s", k->sym->name->s,
			      k->sym->nparams, k->sym->nparams == 1 ? "" : "s");

	diag_note(d, k->sym->span, "'%s' is declared here", k->sym->name->s);
}

/* The parameter that the argument at this position is for; NULL after saying that there
 * is none. */
static struct symbol *find_param(struct call *k, const struct node *arg,
				 uint32_t position)
{
	if (!arg->arg.name && position < k->sym->nparams)
		return k->sym->params[position];
	for (uint32_t i = 0; arg->arg.name && i < k->sym->nparams; i++)
		if (k->sym->params[i]->name == arg->arg.name)
			return k->sym->params[i];
	if (arg->arg.name)
		say_no_param(k, arg);
	else
		say_many(k, arg);
	return NULL;
}

static void check_arg(struct call *k, struct node *arg, uint32_t position)
{
	struct symbol *param = find_param(k, arg, position);
	struct diag *d;

	if (!param) {
		k->complete = false;
		check_value(k->c, arg->arg.value, NULL);
		return;
	}
	check_wanted(k->c, arg->arg.value, param->type,
		     arena_printf(k->c->s->parse.arena, "'%s' of '%s'", param->name->s,
				  k->sym->name->s).p, param->span);
	if (!k->given[param->index]) {
		k->given[param->index] = arg;
		return;
	}
	d = diag(k->c->s->parse.diags, arg->span, E0403, "'%s' is given twice",
		 param->name->s);
	diag_note(d, k->given[param->index]->span, "it is given here already");
}

static void check_missing(struct call *k)
{
	for (uint32_t i = 0; i < k->sym->nparams; i++) {
		const struct symbol *param = k->sym->params[i];
		struct diag *d;

		if (k->given[i] || param->decl->param.value)
			continue;
		d = diag(k->c->s->parse.diags, k->node->span, E0402,
			 "'%s' needs its argument '%s'", k->sym->name->s,
			 param->name->s);
		diag_note(d, param->span, "it has no default");
	}
}

const struct type *check_def_call(struct scope *c, struct node *call, struct symbol *sym)
{
	struct call k = {c, call, sym, NULL, true};
	bool named = false;
	uint32_t i = 0;

	call->ref = sym;
	symbol_resolve(c->s, sym);
	if (c->owner)
		vec_push(&c->owner->calls, sym);
	k.given = ARENA_ARRAY(c->s->parse.arena, sym->nparams + 1, const struct node *);
	list_each(arg, &call->call.args) {
		if (arg->kind != AST_ARG) {
			k.complete = false;
			continue;
		}
		if (named && !arg->arg.name) {
			diag(c->s->parse.diags, arg->span, E0404,
			     "arguments without names come before those with names");
			k.complete = false;
			continue;
		}
		named |= arg->arg.name != NULL;
		check_arg(&k, arg, i++);
	}
	if (k.complete && !sym->is_broken)
		check_missing(&k);
	return sym->state == SYMBOL_DONE ? sym->type : c->s->types->error;
}
