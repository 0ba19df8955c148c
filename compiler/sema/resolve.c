#include <config.h>

#include "compiler/sema/check.h"

static void check_default(struct scope *c, struct symbol *sym)
{
	struct node *param = sym->decl;
	const char *what;

	if (!param->param.value)
		return;
	if (type_holds_artifacts(sym->type) &&
	    (sym->type->kind != TYPE_OPT || param->param.value->kind != AST_NONE)) {
		diag(c->s->parse.diags, param->param.value->span, E0312,
		     sym->type->kind == TYPE_OPT
			     ? "the artifact '%s' can have no other default than None"
			     : "the artifact '%s' cannot have a default", sym->name->s);
		return;
	}
	what = arena_printf(c->s->parse.arena, "'%s'", sym->name->s).p;
	check_wanted(c, param->param.value, sym->type, what, param->param.type->span);
}

static const struct type *param_type(struct scope *c, struct symbol *sym)
{
	struct node *param = sym->decl;
	const struct type *t = check_type(c, param->param.type, &sym->constraint);

	if (t->kind == TYPE_METRIC || t->kind == TYPE_SERIES) {
		diag(c->s->parse.diags, param->param.type->span, E0312,
		     "a %s can only be an output; a parameter of this kind is a float",
		     type_text(c, t));
		return c->s->types->error;
	}
	if (t->kind == TYPE_NONE)
		return c->s->types->error;
	return t;
}

static void say_twice(struct sema *s, const struct sym *name, struct span at,
		      struct span first,
		      const char *what)
{
	struct diag *d = diag(s->parse.diags, at, E0302, "'%s' is declared twice",
			      name->s);

	diag_note(d, first, "it is %s here", what);
}

/* The constraint sees its own parameter as what it is when it is not None. */
static void check_where(struct scope *c, struct symbol *sym, struct node *where)
{
	const struct type *declared = sym->type;

	if (!where)
		return;
	sym->type = type_strip(declared);
	c->place = PLACE_WHERE;
	check_condition(c, where, "a constraint");
	c->place = PLACE_CONST;
	sym->type = declared;
}

void resolve_params(struct scope *c, struct symbol *owner, const struct list *params,
		    struct map *names)
{
	uint32_t n = 0;

	owner->params = ARENA_ARRAY(c->s->parse.arena, params->n, struct symbol *);
	list_each(param, params) {
		if (param->kind != AST_PARAM) {
			owner->is_broken = true;
			continue;
		}
		struct symbol *sym = symbol_new(c->s, SYMBOL_PARAM, param->param.name,
						param->param.name_at);
		struct symbol *old = map_get(names, sym_str(sym->name));

		sym->decl = param;
		sym->file = owner->file;
		sym->state = SYMBOL_DONE;
		owner->field = param;
		sym->type = param_type(c, sym);
		check_default(c, sym);
		if (old) {
			say_twice(c->s, sym->name, sym->span, old->span, "a parameter");
		} else {
			map_set(names, sym_str(sym->name), sym);
			scope_rebind(c, sym);
		}
		sym->index = n;
		owner->params[n++] = sym;
		check_where(c, sym, param->param.where);
	}
	owner->field = NULL;
	owner->nparams = n;
}

/* What a component leaves is one file or folder for each output. */
static void check_output_type(struct scope *c, const struct symbol *owner,
			      struct symbol *sym)
{
	struct node *type = sym->decl->output.type;
	struct diag *d;

	if (owner->kind != SYMBOL_COMPONENT || !type_holds_artifacts(sym->type) ||
	    sym->type->kind != TYPE_LIST)
		return;
	d = diag(c->s->parse.diags, type->span, E0312,
		 "a component cannot give a list of artifacts: how many there are is "
		 "known only when it has run");
	diag_label(d, "give one folder, or one artifact in each iteration of a loop");
	sym->type = c->s->types->error;
}

static void resolve_outs(struct scope *c, struct symbol *owner,
			 const struct list *outputs,
			 struct map *names)
{
	struct symbol_out *outs = ARENA_ARRAY(c->s->parse.arena, outputs->n,
					      struct symbol_out);
	uint32_t n = 0;

	list_each(output, outputs) {
		if (output->kind != AST_OUTPUT) {
			owner->is_broken = true;
			continue;
		}
		struct symbol *sym = symbol_new(c->s, SYMBOL_OUTPUT, output->output.name,
						output->output.name_at);
		struct symbol *old;

		if (output->output.unnamed)
			sym->name = sym_intern(c->s->parse.syms, STR("output"));
		old = map_get(names, sym_str(sym->name));
		sym->decl = output;
		sym->type = check_type(c, output->output.type, &sym->constraint);
		check_output_type(c, owner, sym);
		if (owner->kind == SYMBOL_PIPELINE && sym->type->kind == TYPE_METRIC)
			/* the task's is the Metric */
			sym->type = c->s->types->floating;
		sym->index = n;
		if (old && (old->kind == SYMBOL_OUTPUT ||
			    owner->kind == SYMBOL_COMPONENT))
			say_twice(c->s, sym->name, output->output.name_at, old->span,
				  old->kind == SYMBOL_OUTPUT ? "an output"
							     : "a parameter");
		else
			scope_rebind(c, sym);
		map_set(names, sym_str(sym->name), sym);
		outs[n++] = (struct symbol_out){
			.name = sym->name,
			.type = sym->type,
			.decl = output,
			.unnamed = output->output.unnamed,
			.constraint = sym->constraint,
		};
		check_where(c, sym, output->output.where);
	}
	owner->outs = outs;
	owner->nouts = n;
}

/* In Python contents an artifact x also gives the name x_path. */
static void check_paths(struct sema *s, struct symbol *owner, struct map *names)
{
	struct buf b = {0};

	for (size_t i = 0; i < names->cap; i++) {
		struct symbol *sym = names->slots[i].value, *clash;

		if (!names->slots[i].key || !type_holds_artifacts(sym->type))
			continue;
		buf_clear(&b);
		buf_add(&b, sym_str(sym->name));
		buf_addz(&b, "_path");
		clash = map_get(names, buf_str(&b));
		if (!clash)
			continue;
		struct diag *d = diag(s->parse.diags, clash->span, E0302,
				      "'%s' is also the path of the artifact '%s'",
				      clash->name->s, sym->name->s);

		diag_note(d, sym->span, "'%s' of '%s' is declared here", sym->name->s,
			  owner->name->s);
	}
	buf_release(&b);
}

static void resolve_signature(struct sema *s, struct symbol *sym)
{
	bool is_component = sym->kind == SYMBOL_COMPONENT;
	struct node *decl = sym->decl;
	struct map names = {0};
	struct scope c;

	scope_init(&c, s, sym->file, PLACE_CONST);
	c.owner = sym;
	resolve_params(&c, sym,
		       is_component ? &decl->component.params : &decl->pipeline.params,
		       &names);
	resolve_outs(&c, sym,
		     is_component ? &decl->component.outputs : &decl->pipeline.outputs,
		     &names);
	if (is_component)
		check_paths(s, sym, &names);
	for (uint32_t i = 0; i < sym->nparams; i++)
		sym->params[i]->used = false;	/* a constraint on it is no use of it */
	scope_release(&c);
	map_release(&names);
}

static void resolve_const(struct sema *s, struct symbol *sym)
{
	struct node *decl = sym->decl;
	struct scope c;

	scope_init(&c, s, sym->file, PLACE_CONST);
	c.owner = sym;
	if (decl->const_.type) {
		const char *what = arena_printf(s->parse.arena, "'%s'", sym->name->s).p;
		const struct type *t = check_type(&c, decl->const_.type, NULL);

		check_wanted(&c, decl->const_.value, t, what, decl->const_.type->span);
		sym->type = t;
	} else {
		sym->type = check_value(&c, decl->const_.value, NULL);
	}
	scope_release(&c);
}

static void resolve_now(struct sema *s, struct symbol *sym)
{
	if (sym->kind == SYMBOL_CONST)
		resolve_const(s, sym);
	else if (sym->kind == SYMBOL_COMPONENT || sym->kind == SYMBOL_PIPELINE)
		resolve_signature(s, sym);
	else if (sym->kind == SYMBOL_CONFIG)
		config_resolve(s, sym, sym->decl->config.target, E0703);
	else if (sym->kind == SYMBOL_SCHEDULE)
		config_resolve(s, sym, sym->decl->schedule.target, E0704);
	else if (sym->kind == SYMBOL_DEF)
		resolve_def(s, sym);
	else if (sym->kind == SYMBOL_TYPE && sym->decl->kind == AST_ENUM)
		check_enum(s, sym);
	else if (sym->kind == SYMBOL_TYPE && sym->decl->kind == AST_ARTIFACT)
		check_artifact(s, sym);
	else if (symbol_is_struct(sym))
		check_struct(s, sym);
	else if (sym->kind == SYMBOL_TYPE)
		check_typedef(s, sym);
}

void symbol_resolve(struct sema *s, struct symbol *sym)
{
	if (sym->state == SYMBOL_DONE)
		return;
	if (sym->state == SYMBOL_RESOLVING) {
		diag(s->parse.diags, sym->span, E0314,
		     "'%s' is declared by means of itself",
		     sym->name->s);
		return;
	}
	if (s->depth >= CHECK_RESOLVE) {
		diag(s->parse.diags, sym->span, E0110,
		     "more than %d declarations need each other in turn", CHECK_RESOLVE);
		return;
	}
	s->depth++;
	sym->state = SYMBOL_RESOLVING;
	sym->asked_by = s->resolving;
	s->resolving = sym;
	resolve_now(s, sym);
	s->resolving = sym->asked_by;
	sym->state = SYMBOL_DONE;
	s->depth--;
}
