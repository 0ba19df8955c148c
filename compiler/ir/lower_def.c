/* Pure functions: a body of statements becomes one expression.
 *
 * A binding is a let around what follows it, an assert a guard around it, and an `if` of
 * which a branch always returns a conditional with what follows in the other arm.  Any
 * other `if` is taken apart, so that nothing that follows stands there twice: its
 * condition gets a name, what its branches bind is computed if that holds and None if
 * not, and a return in it becomes a conditional around all that follows. */
#include <config.h>

#include "compiler/ir/lower_int.h"

/* What comes around the rest of a body. */
struct step {
	enum { STEP_LET, STEP_ASSERT, STEP_RETURN, STEP_RETURN_UNLESS } kind;
	uint32_t local;			/* LET */
	struct str name;
	/* LET: the value.  ASSERT: the condition.  RETURN: on what condition */
	struct expr *x;
	struct expr *y;			/* ASSERT: the message, or NULL.  RETURN: the value */
	struct span span;
};

/* Statements that come after those of a block. */
struct rest {
	struct node *item;
	const struct rest *up;
};

struct body {
	struct lower *l;
	const struct type *result;
	unsigned nconds, depth;
};

struct steps { VEC(struct step) all; };

static struct expr *lower_body(struct body *b, struct node *item, const struct rest *up);

static bool returns(const struct list *items)
{
	list_each(item, items)
		if (item->kind == AST_RETURN ||
		    (item->kind == AST_IF && item->if_.has_else &&
		     returns(&item->if_.then) && returns(&item->if_.orelse)))
			return true;
	return false;
}

static void add_let(struct body *b, struct steps *s, struct symbol *sym,
		    struct expr *value)
{
	sym->index = builder_new_local(&b->l->b);
	sym->is_local = true;
	vec_push(&s->all, ((struct step){
		.kind = STEP_LET, .local = sym->index, .name = sym_str(sym->name),
		.x = value, .span = sym->span}));
}

/* A name for the value of a condition. */
static struct expr *add_cond(struct body *b, struct steps *s, struct expr *cond)
{
	uint32_t local = builder_new_local(&b->l->b);
	struct str name = arena_printf(&b->l->m->arena, "_if%u", ++b->nconds);

	vec_push(&s->all, ((struct step){
		.kind = STEP_LET, .local = local, .name = name, .x = cond,
		.span = cond->span}));
	return builder_local(&b->l->b, local, name, b->l->s->types->boolean, cond->span);
}

static struct expr *constant(struct body *b, struct value v, struct span span)
{
	return builder_const(&b->l->b, v, v.kind == VALUE_NONE ? b->l->s->types->none
							       : b->l->s->types->boolean,
			     span);
}

/* x if guard else None; of the type of an option.  Without a guard, x. */
static struct expr *guarded(struct body *b, struct expr *guard, struct expr *x)
{
	if (!guard)
		return x;
	return builder_cond(&b->l->b, guard, x, constant(b, VALUE_NONE_V, x->span),
			    type_opt(b->l->s->types, x->type), x->span);
}

/* cond where the guard holds, otherwise otherwise. */
static struct expr *guarded_bool(struct body *b, struct expr *guard, struct expr *cond,
				 bool otherwise)
{
	if (!guard)
		return cond;
	return builder_cond(&b->l->b, guard, cond,
			    constant(b, value_bool(otherwise), cond->span),
			    b->l->s->types->boolean, cond->span);
}

static struct expr *lower_as(struct body *b, struct node *node, const struct type *t)
{
	return builder_convert(&b->l->b, lower_expr(b->l, node), t);
}

static void add_assert(struct body *b, struct steps *s, struct node *item,
		       struct expr *guard)
{
	struct node *message = item->assert_.message;
	struct expr *cond = lower_expr(b->l, item->assert_.cond);
	struct value known;

	/* `assert False, "..."` ends what must not be reached. */
	if (builder_value(&b->l->b, cond, &known) && known.kind == VALUE_BOOL && known.b)
		diag(b->l->diags, item->assert_.cond->span, W0403, "this is always True");
	vec_push(&s->all, ((struct step){
		.kind = STEP_ASSERT, .x = guarded_bool(b, guard, cond, true),
		.y = message ? lower_expr(b->l, message) : NULL, .span = item->span}));
}

static struct expr *returned(struct body *b, struct node *item)
{
	return lower_as(b, item->return_.values.first->arg.value, b->result);
}

static struct expr *local_of(struct body *b, const struct symbol *sym)
{
	return builder_local(&b->l->b, sym->index, sym_str(sym->name), sym->type,
			     sym->span);
}

/* Names that both branches bind, where cond says which of them it is. */
static void add_merged(struct body *b, struct steps *s, struct node *item,
		       struct expr *cond)
{
	struct symbol *sym = item->ref ? item->ref->merged : NULL;

	for (; sym; sym = sym->next)
		add_let(b, s, sym, builder_cond(&b->l->b, cond, local_of(b, sym->on_then),
						local_of(b, sym->on_else), sym->type,
						sym->span));
}

static void take_apart(struct body *b, struct steps *s, struct node *item,
		       struct expr *guard);

/* The statements of a branch, done only where guard holds. */
static void add_guarded(struct body *b, struct steps *s, const struct list *items,
			struct expr *guard)
{
	list_each(item, items) {
		switch (item->kind) {
		case AST_BIND:
			add_let(b, s, item->bind.target->ref,
				guarded(b, guard,
					lower_as(b, item->bind.value,
						 item->bind.target->ref->type)));
			break;
		case AST_ASSERT:
			add_assert(b, s, item, guard);
			break;
		case AST_IF:
			take_apart(b, s, item, guard);
			break;
		case AST_RETURN:
			vec_push(&s->all, ((struct step){
				.kind = STEP_RETURN, .x = guard, .y = returned(b, item),
				.span = item->span}));
			return;
		default:
			break;
		}
	}
}

static void take_apart(struct body *b, struct steps *s, struct node *item,
		       struct expr *guard)
{
	struct expr *cond = lower_condition(b->l, item->if_.cond), *otherwise;

	cond = add_cond(b, s, guarded_bool(b, guard, cond, false));
	add_guarded(b, s, &item->if_.then, cond);
	if (item->if_.orelse.n) {
		otherwise = builder_unary(&b->l->b, OP_NOT, cond, b->l->s->types->boolean,
					  item->if_.cond->span);
		otherwise = guarded_bool(b, guard, otherwise, false);
		add_guarded(b, s, &item->if_.orelse, add_cond(b, s, otherwise));
	}
	add_merged(b, s, item, cond);
}

/* An `if` of which one branch always returns: that branch, and where to go on. */
static void add_return(struct body *b, struct steps *s, struct node *item)
{
	bool then = returns(&item->if_.then);
	const struct list *block = then ? &item->if_.then : &item->if_.orelse;
	struct expr *cond = lower_condition(b->l, item->if_.cond);

	vec_push(&s->all, ((struct step){
		.kind = then ? STEP_RETURN : STEP_RETURN_UNLESS, .x = cond,
		.y = lower_body(b, block->first, NULL), .span = item->span}));
}

/* Puts the steps around what is computed in the end. */
static struct expr *wrap(struct body *b, struct steps *s, struct expr *e)
{
	struct builder *to = &b->l->b;

	while (s->all.n) {
		struct step one = vec_pop(&s->all);

		switch (one.kind) {
		case STEP_LET:
			e = builder_let(to, one.local, one.name, one.x, e);
			break;
		case STEP_ASSERT:
			e = builder_assert(to, one.x, one.y, e, STR(""));
			break;
		case STEP_RETURN:
			e = builder_cond(to, one.x, one.y, e, b->result, one.span);
			break;
		case STEP_RETURN_UNLESS:
			e = builder_cond(to, one.x, e, one.y, b->result, one.span);
			break;
		}
	}
	vec_release(&s->all);
	return e;
}

static const struct rest *push(struct body *b, struct node *item, const struct rest *up)
{
	struct rest *r;

	if (!item)
		return up;
	r = ARENA_NEW(b->l->s->parse.arena, struct rest);
	*r = (struct rest){item, up};
	return r;
}

/* From item on; behind the end of its block it goes on with up. */
static struct expr *lower_body(struct body *b, struct node *item, const struct rest *up)
{
	struct steps s = {0};
	struct symbol *sym;
	bool then;

	for (;;) {
		while (!item && up)
			item = up->item, up = up->up;
		if (!item)
			BUG("a function that does not return");
		switch (item->kind) {
		case AST_BIND:
			sym = item->bind.target->ref;
			add_let(b, &s, sym, lower_as(b, item->bind.value, sym->type));
			break;
		case AST_ASSERT:
			add_assert(b, &s, item, NULL);
			break;
		case AST_RETURN:
			return wrap(b, &s, returned(b, item));
		case AST_IF:
			then = returns(&item->if_.then);
			if (!then && !returns(&item->if_.orelse)) {
				take_apart(b, &s, item, NULL);
				break;
			}
			add_return(b, &s, item);
			up = push(b, item->next, up);
			item = then ? item->if_.orelse.first : item->if_.then.first;
			continue;
		default:
			break;
		}
		item = item->next;
	}
}

struct expr *lower_guarded(struct lower *l, const struct symbol *owner,
			   const struct module_param *params, struct expr *value)
{
	for (uint32_t i = owner->nparams; i-- > 0;) {
		struct symbol *sym = owner->params[i];
		struct expr *cond = lower_where_expr(l, sym, sym->constraint,
						     sym->decl->param.where,
						     (struct input){INPUT_PARAM, i, 0});

		if (cond)
			value = builder_assert(&l->b, cond, NULL, value, params[i].name);
	}
	return value;
}

void lower_add_def(struct lower *l, struct symbol *sym, struct module_def d)
{
	sym->index = (uint32_t)l->defs.n;
	vec_push(&l->defs, d);
	l->m->defs = l->defs.at;
	l->m->ndefs = (uint32_t)l->defs.n;
}

/* The body of a function whose result has the constraint of a type. */
static struct expr *constrain_result(struct lower *l, struct symbol *sym, struct expr *e)
{
	struct builder *b = &l->b;
	uint32_t local = builder_new_local(b);
	struct expr *result = builder_local(b, local, STR("result"), sym->type, e->span);
	struct expr *cond = lower_constraint(l, sym->constraint, result);

	if (!cond)
		return e;
	if (sym->type->kind == TYPE_OPT) {
		struct expr *none = builder_const(b, VALUE_NONE_V, l->s->types->none,
						  e->span);

		cond = builder_or(b, builder_binary(b, OP_EQ, result, none,
						    l->s->types->boolean, e->span),
				  cond, e->span);
	}
	return builder_let(b, local, STR("result"), e,
			   builder_assert(b, cond, NULL, result, STR("result")));
}

void lower_def(struct lower *l, struct symbol *sym)
{
	struct sema_file *file = l->file;
	struct expr *subject = l->subject, *e;
	struct graph *graph = l->graph;
	struct body b = {.l = l, .result = sym->type};
	struct module_def d;

	if (sym->index != MODULE_NONE)
		return;
	l->file = sym->file;
	l->graph = NULL;
	d = (struct module_def){
		.name = arena_str(&l->m->arena, sym_str(sym->name)),
		.doc = arena_str(&l->m->arena, sym->decl->def.doc),
		.params = lower_params(l, sym),
		.nparams = sym->nparams,
		.result = sym->type,
		.loc = builder_loc(&l->b, sym->span),
	};
	e = lower_body(&b, sym->decl->def.items.first, NULL);
	if (sym->constraint)
		e = constrain_result(l, sym, e);
	e = lower_guarded(l, sym, d.params, e);
	d.body = builder_body(&l->b, e, sym->type, sym->nparams);
	lower_add_def(l, sym, d);
	l->file = file;
	l->graph = graph;
	l->subject = subject;
}

/* What a parameter is where the call does not give it. */
static struct expr *lower_default(struct lower *l, const struct symbol *callee,
				  uint32_t i, struct span span)
{
	const struct module_param *p = &l->m->defs[callee->index].params[i];
	struct sema_file *file = l->file;
	struct value v;
	struct expr *e;

	if (site_value(p->fallback, &v))
		return builder_const(&l->b, v, p->type, span);
	l->file = callee->file;
	e = lower_expr(l, callee->params[i]->decl->param.value);
	l->file = file;
	return e;
}

struct expr *lower_def_call(struct lower *l, struct node *call, struct symbol *callee)
{
	struct expr **x = ARENA_ARRAY(&l->m->arena, callee->nparams, struct expr *);
	uint32_t i = 0;

	lower_def(l, callee);
	list_each(arg, &call->call.args) {
		uint32_t k = i++;

		for (uint32_t n = 0; arg->arg.name && n < callee->nparams; n++)
			if (callee->params[n]->name == arg->arg.name)
				k = n;
		x[k] = lower_expr(l, arg->arg.value);
	}
	for (uint32_t n = 0; n < callee->nparams; n++)
		if (!x[n])
			x[n] = lower_default(l, callee, n, call->span);
	return builder_call(&l->b, callee->index, x, call->span);
}
