/* load(Dataset[csv], "uri", metadata={...}, digest="sha256:...") is a call of a component
 * that is made here, one for each type in each file: paths are relative to the file. */
#include <config.h>

#include "compiler/sema/check.h"

static struct symbol *param_new(struct scope *c, struct symbol *owner, const char *name,
				const struct type *type, struct node *fallback)
{
	const struct sym *sym = sym_intern(c->s->parse.syms, str_of(name));
	struct symbol *p = symbol_new(c->s, SYMBOL_PARAM, sym, owner->span);

	p->decl = node_new(c->s->parse.arena, AST_PARAM, owner->span);
	p->decl->param.name = sym;
	p->decl->param.name_at = owner->span;
	p->decl->param.value = fallback;
	p->type = type;
	p->file = owner->file;
	p->state = SYMBOL_DONE;
	p->index = owner->nparams;
	if (fallback)
		check_value(c, fallback, type);
	owner->params[owner->nparams++] = p;
	return p;
}

static void set_params(struct scope *c, struct symbol *sym)
{
	struct arena *a = c->s->parse.arena;
	struct types *t = c->s->types;

	sym->params = ARENA_ARRAY(a, 3, struct symbol *);
	param_new(c, sym, "uri", t->string, NULL);
	param_new(c, sym, "metadata", t->json, node_new(a, AST_DICT, sym->span));
	param_new(c, sym, "digest", type_opt(t, t->string),
		  node_new(a, AST_NONE, sym->span));
}

static struct symbol *component_new(struct scope *c, const struct node *call,
				    const struct type *type)
{
	struct arena *a = c->s->parse.arena;
	const struct sym *name = sym_intern(c->s->parse.syms, STR("load"));
	struct symbol *sym = symbol_new(c->s, SYMBOL_COMPONENT, name, call->span);
	struct symbol_out *out = ARENA_NEW(a, struct symbol_out);
	struct node *output = node_new(a, AST_OUTPUT, call->span);

	sym->decl = node_new(a, AST_COMPONENT, call->span);
	sym->file = c->file;
	sym->state = SYMBOL_DONE;
	sym->is_load = true;
	set_params(c, sym);
	output->output.name = sym_intern(c->s->parse.syms, STR("output"));
	output->output.name_at = call->span;
	out->name = output->output.name;
	out->type = type;
	out->decl = output;
	out->unnamed = true;
	sym->outs = out;
	sym->nouts = 1;
	vec_push(&c->s->loads, sym);
	return sym;
}

static struct symbol *find_component(struct scope *c, const struct node *call,
				     const struct type *type)
{
	for (size_t i = c->s->loads.n; i-- > 0;) {
		struct symbol *sym = c->s->loads.at[i];

		if (sym->outs->type == type && sym->file == c->file)
			return sym;
	}
	return component_new(c, call, type);
}

static void say_form(struct scope *c, const struct node *at)
{
	struct diag *d = diag(c->s->parse.diags, at->span, E0404,
			      "'load' takes the type of an artifact and its URI");

	diag_label(d, "write load(Dataset[csv], \"https://...\")");
}

/* The type that is the first argument; NULL after saying that it is none. */
static const struct type *wanted_type(struct scope *c, struct node *call)
{
	struct node *arg = call->call.args.first, *written;
	const struct type *t;
	struct diag *d;

	if (!arg || arg->kind != AST_ARG || arg->arg.name) {
		if (!arg || arg->kind == AST_ARG)
			say_form(c, call);
		return NULL;
	}
	written = type_of_expr(c->s, arg->arg.value);
	if (written->kind != AST_TYPE_NAME) {
		if (written->kind != AST_ERROR)
			say_form(c, written);
		return NULL;
	}
	t = check_type(c, written, NULL);
	if (type_is_artifact(t))
		return t;
	if (t->kind != TYPE_ERROR) {
		d = diag(c->s->parse.diags, written->span, E0308,
			 "'load' gives an artifact, and %s is none", type_text(c, t));
		diag_label(d, "name its type first, such as Dataset[csv]");
	}
	return NULL;
}

static void drop_first(struct list *args)
{
	args->first = args->first->next;
	args->n--;
	if (!args->first)
		args->last = NULL;
}

struct symbol *load_component(struct scope *c, struct node *call)
{
	const struct type *t;
	struct node *uri;

	if (call->ref && call->ref->is_load)
		return call->ref;
	t = wanted_type(c, call);
	if (call->call.args.n)
		drop_first(&call->call.args);
	if (!t)
		return NULL;
	uri = call->call.args.first;
	if (uri && uri->kind == AST_ARG && !uri->arg.name) {
		uri->arg.name = sym_intern(c->s->parse.syms, STR("uri"));
		uri->arg.name_at = uri->span;
	}
	return find_component(c, call, t);
}
