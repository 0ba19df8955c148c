#include <config.h>

#include <string.h>

#include "compiler/sema/flow.h"
#include "runtime/base/limits.h"

/* The call that settings of a statement are for: its own, or that of a comprehension. */
static const struct node *called(const struct node *value)
{
	while (value->kind == AST_COMPREHENSION || value->kind == AST_FIELD) {
		if (value->kind == AST_FIELD)
			value = value->field.object;
		else
			value = value->comprehension.element;
	}
	return value;
}

/* Settings of a comprehension over calls: parallelism is that of the loop, the others
 * belong to the call. */
static void check_with_list(struct flow *f, const struct node *call, struct list *with,
			    struct settings_seen *seen)
{
	groups_to_dicts(f->c.s, with);
	list_each(item, with) {
		struct span at;
		const struct sym *name = item_name(item, &at);
		bool is_loops = name && !strcmp(name->s, "parallelism");

		if (!is_loops && call->kind != AST_CALL) {
			diag(f->c.s->parse.diags, item->span, E0415,
			     "'with' belongs to a call, and here is none alone");
			return;
		}
		check_setting(&f->c, item, is_loops ? 'F' : 'W', seen);
	}
}

static void check_with(struct flow *f, const struct node *value, struct list *with)
{
	struct settings_seen seen = {0};
	bool is_list = value->kind == AST_COMPREHENSION && value->ref;

	if (!with->n)
		return;
	if (is_list)
		value = called(value);
	if (!is_list && (value->kind != AST_CALL ||
			 (value->ref && value->ref->kind != SYMBOL_COMPONENT &&
			  value->ref->kind != SYMBOL_PIPELINE))) {
		if (value->type->kind != TYPE_ERROR || value->kind == AST_COND)
			diag(f->c.s->parse.diags, with->first->span, E0415,
			     "'with' belongs to the call of a component or pipeline");
		return;
	}
	if (is_list)
		check_with_list(f, value, with, &seen);
	else
		check_settings(&f->c, with, 'W', &seen);
	if (value->kind == AST_CALL && value->ref && value->ref->kind == SYMBOL_COMPONENT)
		check_trusted_call(f->c.s, value->ref, &seen);
}

static void say_target(struct flow *f, const struct node *target)
{
	struct diag *d;

	if (target->kind == AST_ERROR)
		return;
	d = diag(f->c.s->parse.diags, target->span, E0412, "only a name can be bound");
	if (target->kind == AST_LIST)
		diag_label(d, "bind the task and name its outputs: t = call(), then t.a");
}

/* The symbol that a statement binds, without its name being seen yet. */
static struct symbol *bind_result(struct flow *f, struct node *item, struct result r)
{
	struct node *target = item->bind.target;
	struct symbol *sym = symbol_new(f->c.s, SYMBOL_VALUE, target->name.name,
					target->span);

	sym->decl = item;
	sym->file = f->c.file;
	sym->state = SYMBOL_DONE;
	sym->is_computed = f->c.saw_task;
	if (r.kind == RESULT_TASK) {
		sym->kind = SYMBOL_TASK;
		sym->outs = r.outs;
		sym->nouts = r.nouts;
		sym->lists = r.lists;
		sym->target = r.sym;
	} else if (r.kind == RESULT_VALUE) {
		sym->type = r.type;
		if (r.type->kind == TYPE_ERROR)
			sym->kind = SYMBOL_ERROR;
	} else {
		sym->kind = SYMBOL_ERROR;
		result_value(&f->c, item->bind.value, r);
	}
	target->ref = sym;
	return sym;
}

static void check_annotation(struct flow *f, struct node *item, struct symbol *sym,
			     struct result r, const struct type *want)
{
	const struct type *t = result_value(&f->c, item->bind.value, r);
	struct str name = sym_str(sym->name);
	const char *what = arena_printf(f->c.s->parse.arena, "'%.*s'", STR_ARG(name)).p;

	check_fits(&f->c, item->bind.value, t, want, what, item->bind.type->span);
	if (sym->kind == SYMBOL_VALUE)
		sym->type = want;
}

static void check_bind(struct flow *f, struct node *item)
{
	struct node *target = item->bind.target;
	const struct type *want = NULL;
	struct symbol *sym;
	struct result r;

	if (item->bind.type)
		want = check_type(&f->c, item->bind.type, NULL);
	f->c.saw_task = false;
	r = check_operand(&f->c, item->bind.value, want, true);
	check_with(f, item->bind.value, &item->bind.with);
	if (target->kind != AST_NAME) {
		say_target(f, target);
		return;
	}
	sym = bind_result(f, item, r);
	if (want && r.kind != RESULT_SYMBOL)
		check_annotation(f, item, sym, r, want);
	if (sym->kind == SYMBOL_VALUE)
		vec_push(&f->c.s->values, sym);
	scope_bind(&f->c, sym);
}

/* A function or the constructor of a struct that is called gives a value. */
static bool starts_task(struct symbol *callee)
{
	enum symbol_kind kind = symbol_target(callee)->kind;

	return kind == SYMBOL_COMPONENT || kind == SYMBOL_PIPELINE || kind == SYMBOL_ERROR;
}

static bool check_do(struct flow *f, struct node *item)
{
	struct node *value = item->do_.value;
	struct result r = check_operand(&f->c, value, NULL, true);
	struct diag *d;

	check_with(f, value, &item->do_.with);
	if (value->kind == AST_CALL && value->ref && starts_task(value->ref))
		return r.kind == RESULT_TASK;
	if (value->kind == AST_COMPREHENSION && value->ref)
		return false;
	if ((value->kind == AST_COND && value->ref) || value->kind == AST_ERROR ||
	    (r.kind == RESULT_VALUE && r.type->kind == TYPE_ERROR))
		return false;
	d = diag(f->c.s->parse.diags, value->span, E0412,
		 "this value is not used for anything");
	if (value->kind == AST_COMPARE)
		diag_label(d, "write '=' to bind a name");
	else
		diag_label(d, "a statement calls a component, or binds a name");
	return false;
}

static enum ending check_if(struct flow *f, struct node *item, bool is_final)
{
	struct scope *c = &f->c;
	struct bounds_mark mark = scope_mark(c);
	struct bounds then, orelse;
	enum ending a, b = ENDS_OPEN;

	check_condition(c, item->if_.cond, "a condition");
	scope_narrow(c, item->if_.cond, true);
	a = flow_block(f, &item->if_.then, is_final);
	then = scope_take(c, mark);
	scope_narrow(c, item->if_.cond, false);
	if (item->if_.has_else)
		b = flow_block(f, &item->if_.orelse, is_final);
	orelse = scope_take(c, mark);
	check_merge(c, item, &then, &orelse);
	if (a != b && f->sym->nouts && is_final) {
		const struct list *lacking = a == ENDS_RETURNED ? &item->if_.orelse
								: &item->if_.then;
		struct diag *d;

		if (f->sym->is_broken)
			return ENDS_RETURNED;
		d = diag(c->s->parse.diags,
			 lacking->n ? lacking->last->span : item->if_.cond->span, E0411,
			 lacking->n ? "this branch returns nothing, and another does"
				    : "nothing is returned if this does not hold");
		diag_note(d, f->sym->span, "'%s' declares outputs here", f->sym->name->s);
		return ENDS_RETURNED;
	}
	if (a != b)	/* what goes on has come through the other branch */
		scope_narrow(c, item->if_.cond, b == ENDS_RETURNED);
	return a == b ? a : ENDS_OPEN;
}

static void say_no_outputs(struct flow *f, const struct node *at)
{
	struct diag *d = diag(f->c.s->parse.diags, at->span, E0411,
			      "'%s' returns a value, but declares no output",
			      f->sym->name->s);

	diag_note(d, f->sym->span, "declare it: '%s(...) -> T'", f->sym->name->s);
}

/* The output that a returned value is for; MODULE_NONE after saying why there is none. */
static uint32_t returned_out(struct flow *f, const struct node *arg)
{
	struct suggestion best = {.wanted = sym_str(arg->arg.name)};
	const struct symbol *p = f->sym;
	uint32_t i;
	struct diag *d;

	if (!arg->arg.name) {
		if (p->nouts == 1)
			return 0;
		diag(f->c.s->parse.diags, arg->span, E0411,
		     "of several outputs each is returned by its name: return %s=...",
		     p->outs[0].name->s);
		return MODULE_NONE;
	}
	i = symbol_find_out(p, arg->arg.name);
	if (i != MODULE_NONE)
		return i;
	d = diag(f->c.s->parse.diags, arg->arg.name_at, E0304, "'%s' has no output '%s'",
		 p->name->s, arg->arg.name->s);
	for (uint32_t k = 0; k < p->nouts; k++)
		suggest(&best, sym_str(p->outs[k].name));
	diag_suggest(d, arg->arg.name_at, &best);
	return MODULE_NONE;
}

static bool check_returned(struct flow *f, struct node *arg, const struct node **given)
{
	const struct symbol_out *out;
	const struct type *t;
	uint32_t i = returned_out(f, arg);

	if (i == MODULE_NONE) {
		check_operand(&f->c, arg->arg.value, NULL, true);
		return false;
	}
	out = &f->sym->outs[i];
	t = check_argument(&f->c, arg->arg.value, out->type);
	if (given[i])
		diag(f->c.s->parse.diags, arg->span, E0403, "'%s' is returned twice",
		     out->name->s);
	given[i] = arg;
	check_fits(&f->c, arg->arg.value, t, out->type,
		   arena_printf(f->c.s->parse.arena, "the output '%s'", out->name->s).p,
		   out->decl->output.type->span);
	return true;
}

static void check_return(struct flow *f, struct node *item)
{
	const struct symbol *p = f->sym;
	const struct node **given = ARENA_ARRAY(f->c.s->parse.arena, p->nouts + 1,
						const struct node *);
	bool complete = true;

	f->has_return = true;
	if (item->return_.values.n && !p->nouts && !p->is_broken)
		say_no_outputs(f, item);
	list_each(arg, &item->return_.values) {
		if (arg->kind == AST_ARG && p->nouts)
			complete = check_returned(f, arg, given) && complete;
		else if (arg->kind == AST_ARG)
			check_operand(&f->c, arg->arg.value, NULL, true);
		else
			complete = false;
	}
	for (uint32_t i = 0; complete && i < p->nouts; i++) {
		if (!given[i])
			diag(f->c.s->parse.diags, item->span, E0411,
			     "the output '%s' is not returned", p->outs[i].name->s);
	}
}

static void check_group(struct flow *f, struct node *item)
{
	struct span at = item->span;
	const struct sym *name = item_name(item, &at);

	if (name && !strcmp(name->s, "settings")) {
		if (f->depth > 1)
			diag(f->c.s->parse.diags, at, E0412,
			     "'settings:' belong at the beginning of the pipeline");
		check_settings(&f->c, &item->group.items, 'P', &f->settings);
		return;
	}
	diag(f->c.s->parse.diags, at, E0412,
	     "a pipeline holds statements and 'settings:', no other groups");
}

static void say_misplaced(struct flow *f, const struct node *item)
{
	struct diag *d = diag(f->c.s->parse.diags, item->span, E0412,
			      "a pipeline holds statements");

	if (item->kind == AST_CODE)
		diag_label(d, "code belongs in a component");
	else
		diag_label(d, "this belongs at the top of a file");
}

/* A return must be what its pipeline ends with. */
static void check_place(struct flow *f, const struct node *item, bool is_final)
{
	struct diag *d;

	if (is_final)
		return;
	if (!f->within) {
		diag(f->c.s->parse.diags, item->span, E0410,
		     "'return' ends a pipeline: it is its last statement, or the last "
		     "of every branch of an 'if' at its end");
		return;
	}
	d = diag(f->c.s->parse.diags, item->span, E0410,
		 "'return' ends a pipeline, and cannot stand in a '%s'", f->within);
	diag_label(d, "%s", f->instead);
}

static bool returns_always(const struct list *items)
{
	const struct node *last = items->last;

	if (!last)
		return false;
	if (last->kind == AST_RETURN)
		return true;
	return last->kind == AST_IF && last->if_.has_else &&
	       returns_always(&last->if_.then) &&
	       returns_always(&last->if_.orelse);
}

/* Does the statement leave nothing to what follows it? */
static bool is_last(const struct node *item)
{
	return !item->next || item->kind == AST_RETURN ||
	       (item->kind == AST_IF && item->if_.has_else &&
		returns_always(&item->if_.then) &&
		returns_always(&item->if_.orelse));
}

static enum ending check_item(struct flow *f, struct node *item, bool is_final,
			      bool *is_call)
{
	*is_call = false;
	switch (item->kind) {
	case AST_BIND:
		check_bind(f, item);
		return ENDS_OPEN;
	case AST_DO:
		*is_call = check_do(f, item);
		return ENDS_OPEN;
	case AST_IF:
		return check_if(f, item, is_final && is_last(item));
	case AST_RETURN:
		check_place(f, item, is_final);
		check_return(f, item);
		return ENDS_RETURNED;
	case AST_GROUP:
		check_group(f, item);
		return ENDS_OPEN;
	case AST_PASS:
		return ENDS_OPEN;
	case AST_ERROR:
		broken_statement(&f->c, item);
		f->has_return = true;	/* for all that is known */
		return ENDS_OPEN;
	case AST_FOR:
		flow_for(f, item);
		return ENDS_OPEN;
	case AST_TRY:
		flow_try(f, item);
		return ENDS_OPEN;
	case AST_ASSERT:
		flow_assert(f, item);
		return ENDS_OPEN;
	default:
		say_misplaced(f, item);
		return ENDS_OPEN;
	}
}

static void warn_parallel(struct flow *f, const struct node *first,
			  const struct node *second)
{
	struct diag *d = diag(f->c.s->parse.diags, second->do_.value->span, W0401,
			      "nothing orders this call and the one before");

	diag_label(d, "they run at the same time");
	diag_note(d, first->do_.value->span,
		  "if order matters, bind this one and add 'with after=[name]'");
}

static bool has_after(const struct node *item)
{
	list_each(with, &item->do_.with) {
		if (with->kind == AST_ARG && !strcmp(with->arg.name->s, "after"))
			return true;
	}
	return false;
}

static enum ending check_items(struct flow *f, const struct list *items, bool is_final)
{
	enum ending end = ENDS_OPEN;
	const struct node *call = NULL;
	bool warned = false, is_call;

	list_each(item, items) {
		enum ending one = check_item(f, item, is_final, &is_call);

		if (one == ENDS_RETURNED && item->next && end == ENDS_OPEN)
			diag(f->c.s->parse.diags, item->next->span, W0402,
			     "this is never reached: the pipeline has returned");
		end = one == ENDS_RETURNED ? one : end;
		if (!is_call)
			continue;
		if (call && !warned && !has_after(item)) {
			warn_parallel(f, call, item);
			warned = true;
		}
		call = item;
	}
	return end;
}

enum ending flow_block(struct flow *f, const struct list *items, bool is_final)
{
	enum ending end = ENDS_OPEN;

	if (f->depth >= LIMIT_NESTING) {
		diag(f->c.s->parse.diags,
		     items->first ? items->first->span : f->sym->span,
		     E0110, "blocks are nested more than %d deep", LIMIT_NESTING);
		return end;
	}
	f->depth++;
	end = check_items(f, items, is_final);
	f->depth--;
	return end;
}

void check_pipeline(struct sema *s, struct symbol *sym)
{
	struct flow f = {.sym = sym};
	enum ending end;

	scope_init(&f.c, s, sym->file, PLACE_PIPELINE);
	f.c.owner = sym;
	map_reserve(&f.c.locals, sym->nparams + sym->decl->pipeline.items.n);
	for (uint32_t i = 0; i < sym->nparams; i++) {
		if (map_get(&f.c.locals, sym_str(sym->params[i]->name)))
			continue;
		scope_rebind(&f.c, sym->params[i]);
		lint_hides(&f.c, sym->params[i]);
	}
	end = flow_block(&f, &sym->decl->pipeline.items, true);
	if (end == ENDS_OPEN && sym->nouts && !f.has_return)
		diag(s->parse.diags, sym->span, E0411,
		     "'%s' declares outputs and never returns them", sym->name->s);
	scope_release(&f.c);
}
