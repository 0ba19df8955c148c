#include <config.h>

#include "compiler/ir/lower_int.h"

/* The value that is made of the parameters, once each keeps its constraint. */
static const struct site *constructor(struct lower *l, const struct symbol *sym)
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
	for (uint32_t i = n; i-- > 0;) {
		struct symbol *field = sym->params[i];
		struct expr *where = lower_where_expr(l, field, field->constraint,
						 field->decl->param.where,
						 (struct input){INPUT_PARAM, i, 0});

		if (where)
			made = builder_assert(b, where, NULL, made, sym_str(field->name));
	}
	return builder_body(b, made, sym->type, n);
}

static uint32_t add_def(struct lower *l, struct module_def d)
{
	vec_push(&l->defs, d);
	l->m->defs = l->defs.at;
	l->m->ndefs = (uint32_t)l->defs.n;
	return l->m->ndefs - 1;
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
	d.body = constructor(l, sym);
	l->file = file;
	l->subject = subject;
	l->graph = graph;
	return sym->index = add_def(l, d);
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
