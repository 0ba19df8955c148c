#include <config.h>

#include "compiler/ir/lower_int.h"

/* The value that is made of the parameters, once each keeps its constraint. */
static const struct site *constructor(struct lower *l, const struct symbol *sym,
				      const struct module_param *params)
{
	struct builder *b = &l->b;
	uint32_t n = sym->nparams;
	struct expr **x = ARENA_ARRAY(&l->m->arena, 2 * (size_t)n, struct expr *);
	struct expr *made;

	for (uint32_t i = 0; i < n; i++) {
		struct symbol *field = sym->params[i];
		struct input in = {INPUT_PARAM, i, 0};
		struct value name = value_str(&l->m->arena, sym_str(field->name));

		x[2 * i] = builder_const(b, name, l->s->types->string, field->span);
		x[2 * i + 1] = builder_input(b, in, field->type, field->span);
	}
	made = builder_dict(b, x, n, sym->type, sym->span);
	made = lower_guarded(l, sym, params, made);
	return builder_body(b, made, sym->type, n);
}

/* A default that folding left as it is, is too large (or was said to fail). */
static void check_defaults(struct lower *l, const struct symbol *sym,
			   const struct module_param *params)
{
	struct value v;

	for (uint32_t i = 0; i < sym->nparams; i++) {
		const struct site *s = params[i].fallback;

		if (s && !site_value(s, &v) && !l->diags->nerrors)
			diag(l->diags, sym->params[i]->decl->param.value->span, E0802,
			     "the default of '%s' holds too many values",
			     sym->params[i]->name->s);
	}
}

/* What a field is that a construction does not give: never a tree, since structs that
 * hold others twice would double it with each level. */
static struct expr *field_default(struct lower *l, const struct module_param *field,
				  struct span at)
{
	struct value v = VALUE_NONE_V;

	site_value(field->fallback, &v);
	return builder_const(&l->b, v, field->type, at);
}

/* The number of the constructor of a struct, which is put into the module once, with all
 * that it calls before it. */
static uint32_t lower_struct(struct lower *l, struct symbol *sym)
{
	struct sema_file *file = l->file;
	struct expr *subject = l->subject;
	struct graph *graph = l->graph;
	struct module_def d = {
		.name = arena_str(&l->m->arena, sym_str(sym->name)),
		.doc = arena_str(&l->m->arena, sym->decl->struct_.doc),
		.nparams = sym->nparams,
		.result = sym->type,
		.is_struct = true,
		.loc = builder_loc(&l->b, sym->span),
	};

	if (sym->index != MODULE_NONE)
		return sym->index;
	l->file = sym->file;
	l->subject = NULL;
	l->graph = NULL;
	d.params = lower_params(l, sym);
	check_defaults(l, sym, d.params);
	d.body = constructor(l, sym, d.params);
	l->file = file;
	l->subject = subject;
	l->graph = graph;
	lower_add_def(l, sym, d);
	return sym->index;
}

struct expr *lower_construct(struct lower *l, struct node *call, struct symbol *sym)
{
	struct expr **x = ARENA_ARRAY(&l->m->arena, sym->nparams, struct expr *);
	uint32_t def = lower_struct(l, sym);

	for (uint32_t i = 0; i < sym->nparams; i++) {
		const struct symbol *field = sym->params[i];

		list_each(arg, &call->call.args)
			if (arg->arg.name == field->name)
				x[i] = builder_convert(&l->b,
						       lower_expr(l, arg->arg.value),
						       field->type);
		if (!x[i])
			x[i] = field_default(l, &l->m->defs[def].params[i],
					     field->decl->param.value->span);
	}
	known_check_construct(l, &l->m->defs[def], x, call->span);
	return builder_call(&l->b, def, x, call->span);
}

void lower_structs(struct lower *l)
{
	for (size_t i = 0; i < l->s->files.n; i++) {
		const struct sema_file *f = l->s->files.at[i];

		for (size_t k = 0; k < f->symbols.n; k++) {
			struct symbol *sym = f->symbols.at[k];

			if (symbol_is_struct(sym) && sym->type->kind == TYPE_STRUCT)
				lower_struct(l, sym);
		}
	}
}
