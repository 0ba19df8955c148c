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

uint32_t lower_struct(struct lower *l, struct symbol *sym)
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
		struct node *value = field->decl->param.value;

		list_each(arg, &call->call.args)
			if (arg->arg.name == field->name)
				value = arg->arg.value;
		x[i] = builder_convert(&l->b, lower_expr(l, value), field->type);
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
