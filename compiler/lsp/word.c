/* Names in a text: what each stands for is where it is declared.  The checker has left
 * most of it in the tree; what has no symbol of its own (outputs, members of an enum,
 * names in types) is found here.
 *
 * Two names mean the same if their targets are the same place. */
#include <config.h>

#include "compiler/lsp/word.h"

struct walk {
	const struct compilation *c;
	const struct sema_file *f;
	void (*visit)(void *ctx, const struct word *w);
	void *ctx;
	const struct node *top;		/* the declaration around */
	uint32_t only;			/* nodes around this offset; 0: all */
};

static void tell(struct walk *k, struct word w)
{
	if (w.target.lo && w.span.lo < w.span.hi)
		k->visit(k->ctx, &w);
}

const struct node *word_name_node(const struct node *decl)
{
	switch (decl->kind) {
	case AST_ENVIRONMENT:
		return decl->environment.name;
	case AST_ENUM:
		return decl->enum_.name;
	case AST_STRUCT:
		return decl->struct_.name;
	case AST_TYPEDEF:
		return decl->typedef_.name;
	case AST_ARTIFACT:
		return decl->artifact.name;
	case AST_COMPONENT:
		return decl->component.name;
	case AST_PIPELINE:
		return decl->pipeline.name;
	case AST_CONFIG:
		return decl->config.name;
	case AST_DEF:
		return decl->def.name;
	case AST_CONST:
		return decl->const_.name;
	case AST_SCHEDULE:
		return decl->schedule.name;
	case AST_TEST:
		return decl->test.name;
	default:
		return NULL;
	}
}

/* Of a name that stands for sym. */
static struct word of_symbol(struct span span, struct symbol *sym,
			     const struct type *type)
{
	struct word w = {.span = span, .type = type};

	sym = sym ? symbol_target(sym) : NULL;
	/* A name merged over paths: where it is bound first. */
	while (sym && !sym->name && (sym->on_then || sym->on_else))
		sym = sym->on_then ? sym->on_then : sym->on_else;
	if (!sym || !sym->name || sym->kind == SYMBOL_ERROR)
		return w;
	w.symbol = sym;
	w.target = sym->span;
	w.decl = sym->decl;
	w.type = type ? type : sym->type;
	w.is_declaration = sym->span.lo == span.lo;
	return w;
}

struct symbol *word_lookup(const struct sema_file *f, struct str name)
{
	return map_get(&f->names, name);
}

struct symbol *word_type_symbol(const struct compilation *c, const struct type *t)
{
	const struct sema *s = &c->sema;

	for (size_t i = 0; i < s->files.n; i++)
		for (size_t j = 0; j < s->files.at[i]->symbols.n; j++) {
			struct symbol *sym = s->files.at[i]->symbols.at[j];

			if (sym->kind == SYMBOL_TYPE && sym->type == t)
				return sym;
		}
	return NULL;
}

/* m.Kernel: a name of a module, or of a part of its dotted name. */
static struct symbol *within(struct symbol *module, struct str name)
{
	if (!module || module->kind != SYMBOL_MODULE)
		return NULL;
	if (module->names && map_get(module->names, name))
		return map_get(module->names, name);
	return module->module ? map_get(&module->module->names, name) : NULL;
}

static void tell_path(struct walk *k, const struct list *path)
{
	struct symbol *sym = NULL;
	const struct node *first = path->first;

	list_each(part, path) {
		struct str name;

		if (part->kind != AST_NAME)
			return;
		name = sym_str(part->name.name);
		sym = part == first ? word_lookup(k->f, name) : within(sym, name);
		if (!sym)
			return;
		tell(k, of_symbol(part->span, sym, NULL));
		sym = symbol_target(sym);
	}
}

/* The task that an expression such as x, x[0] or (x) stands for. */
static struct symbol *task_of(const struct node *n)
{
	while (n->kind == AST_INDEX)
		n = n->index.object;
	return n->ref && n->ref->kind == SYMBOL_TASK ? n->ref : NULL;
}

static const struct node *member_named(const struct node *decl, const struct sym *name)
{
	if (decl && decl->kind == AST_ENUM)
		list_each(m, &decl->enum_.members)
			if (m->kind == AST_MEMBER && m->member.name == name)
				return m;
	return NULL;
}

static struct span member_span(const struct node *m)
{
	return (struct span){m->span.lo, m->span.lo + (uint32_t)m->member.name->n};
}

static struct word of_field(struct walk *k, const struct node *n)
{
	struct word w = {.span = n->field.name_at, .type = n->type};
	struct symbol *task = task_of(n->field.object), *owner = NULL;
	const struct type *t = n->field.object->type;
	const struct node *member;

	if (n->ref) {
		owner = symbol_target(n->ref);
		member = member_named(owner->decl, n->field.name);
		if (!member || owner->kind != SYMBOL_TYPE)
			return of_symbol(w.span, owner, n->type);
		w.target = member_span(member);
		w.decl = member;
		return w;
	}
	for (uint32_t i = 0; task && i < task->nouts; i++)
		if (task->outs[i].name == n->field.name && task->outs[i].decl) {
			w.decl = task->outs[i].decl;
			w.target = w.decl->output.name_at;
			w.type = task->outs[i].type;
			return w;
		}
	if (t && type_strip(t)->kind == TYPE_STRUCT)
		owner = word_type_symbol(k->c, type_strip(t));
	for (uint32_t i = 0; owner && i < owner->nparams; i++)
		if (owner->params[i]->name == n->field.name)
			return of_symbol(w.span, owner->params[i], n->type);
	return w;
}

static struct word declared(struct span at, const struct node *decl)
{
	return (struct word){.span = at, .target = at, .decl = decl, .type = decl->type,
			     .is_declaration = true};
}

static void tell_import(struct walk *k, const struct list *path, const struct node *alias,
			const struct list *names)
{
	if (alias && alias->kind == AST_NAME)
		tell(k, of_symbol(alias->span,
				  word_lookup(k->f, sym_str(alias->name.name)), NULL));
	else if (!names && path->first && path->first->kind == AST_NAME)
		tell_path(k, path);
	if (!names)
		return;
	list_each(n, names) {
		const struct node *as;
		struct symbol *sym;
		struct span span;

		if (n->kind != AST_IMPORT_NAME)
			continue;
		as = n->import_name.alias;
		sym = word_lookup(k->f, as && as->kind == AST_NAME
						? sym_str(as->name.name)
						: sym_str(n->import_name.name));
		span = n->span;
		span.hi = span.lo + n->import_name.name->n;
		if (sym)
			tell(k, of_symbol(span, sym, NULL));
	}
}

static struct symbol *param_symbol(struct walk *k, const struct node *decl)
{
	struct symbol *owner;
	const struct node *name = k->top ? word_name_node(k->top) : NULL;

	if (!name || name->kind != AST_NAME)
		return NULL;
	owner = word_lookup(k->f, sym_str(name->name.name));
	for (uint32_t i = 0; owner && i < owner->nparams; i++)
		if (owner->params[i]->decl == decl)
			return owner->params[i];
	return NULL;
}

/* A call whose callee is a name: it is known by the call. */
static void tell_callee(struct walk *k, const struct node *call)
{
	const struct node *callee = call->call.callee;

	if (!callee || callee->ref || !call->ref || !call->ref->name)
		return;
	if (callee->kind == AST_NAME)
		tell(k, of_symbol(callee->span, call->ref, call->type));
	else if (callee->kind == AST_FIELD)
		tell(k, of_symbol(callee->field.name_at, call->ref, call->type));
}

/* `return accuracy=x`: an output of the pipeline. */
static void tell_return(struct walk *k, const struct node *n)
{
	if (!k->top || k->top->kind != AST_PIPELINE)
		return;
	list_each(arg, &n->return_.values)
		list_each(out, &k->top->pipeline.outputs)
			if (arg->kind == AST_ARG && out->kind == AST_OUTPUT &&
			    arg->arg.name && arg->arg.name == out->output.name) {
				struct word w = declared(out->output.name_at, out);

				w.span = arg->arg.name_at;
				w.is_declaration = false;
				tell(k, w);
			}
}

static bool visit_node(void *ctx, const struct node *n)
{
	struct walk *k = ctx;
	const struct node *name;
	struct symbol *sym;

	if (k->only && (k->only < n->span.lo || n->span.hi < k->only))
		return false;
	name = word_name_node(n);
	if (name) {
		k->top = n;
		if (name->kind == AST_NAME)
			tell(k, of_symbol(name->span,
					  word_lookup(k->f, sym_str(name->name.name)),
					  NULL));
	}
	switch (n->kind) {
	case AST_IMPORT:
		tell_import(k, &n->import_.path, n->import_.alias, NULL);
		return false;
	case AST_FROM:
		tell_import(k, &n->from.path, NULL, &n->from.names);
		return false;
	case AST_MEMBER:
		tell(k, declared(member_span(n), n));
		return true;
	case AST_PARAM:
		sym = param_symbol(k, n);
		tell(k, sym ? of_symbol(n->param.name_at, sym, NULL)
			    : declared(n->param.name_at, n));
		return true;
	case AST_OUTPUT:
		if (!n->output.unnamed)
			tell(k, declared(n->output.name_at, n));
		return true;
	case AST_TYPE_NAME:
		tell_path(k, &n->type_name.path);
		return true;
	case AST_RETURN:
		tell_return(k, n);
		return true;
	case AST_CALL:
		tell_callee(k, n);
		return true;
	case AST_ARG:
		if (n->arg.name && n->ref)
			tell(k, of_symbol(n->arg.name_at, n->ref, NULL));
		return true;
	case AST_NAME:
		if (n->ref)
			tell(k, of_symbol(n->span, n->ref, n->type));
		return true;
	case AST_FIELD:
		tell(k, of_field(k, n));
		return true;
	default:
		return true;
	}
}

void word_each(const struct compilation *c, const struct sema_file *f,
	       void (*visit)(void *ctx, const struct word *w), void *ctx)
{
	struct walk k = {.c = c, .f = f, .visit = visit, .ctx = ctx};

	if (f->tree)
		ast_each(f->tree, visit_node, &k);
}

void word_each_in(const struct compilation *c, const struct sema_file *f,
		  const struct node *top, void (*visit)(void *ctx, const struct word *w),
		  void *ctx)
{
	struct walk k = {.c = c, .f = f, .visit = visit, .ctx = ctx, .top = top};

	ast_each(top, visit_node, &k);
}

bool word_describe(const struct compilation *c, struct arena *arena, const struct node *decl,
		   struct reference_entry *out)
{
	const struct src_file *f = decl ? src_file_at(&c->src, decl->span.lo) : NULL;

	return f && reference_read_entry(out, f, decl, arena);
}

struct search {
	uint32_t offset;
	struct word *out;
	bool found;
};

/* Of what touches the place the last: a member rather than its whole. */
static void match(void *ctx, const struct word *w)
{
	struct search *s = ctx;

	if (w->span.lo > s->offset || w->span.hi < s->offset)
		return;
	if (s->found && s->out->span.hi != s->offset &&
	    w->span.hi - w->span.lo > s->out->span.hi - s->out->span.lo)
		return;
	*s->out = *w;
	s->found = true;
}

bool word_at(const struct compilation *c, uint32_t offset, struct word *out)
{
	struct search s = {offset, out, false};
	struct walk k = {.c = c, .f = c->root, .visit = match, .ctx = &s,
			 .only = offset};

	if (k.f->tree)
		ast_each(k.f->tree, visit_node, &k);
	return s.found;
}

const struct node *word_around(const struct compilation *c, uint32_t offset)
{
	const struct node *tree = c->root->tree, *found = NULL;

	if (tree)
		list_each(item, &tree->file.items)
			if (item->span.lo <= offset)
				found = item;
	return found;
}

static void tell_struct(struct symbol *owner,
			void (*visit)(void *ctx, const struct word_part *p), void *ctx)
{
	for (uint32_t i = 0; owner && i < owner->nparams; i++)
		visit(ctx, &(struct word_part){sym_str(owner->params[i]->name),
					       owner->params[i]->type,
					       owner->params[i]->decl->param.doc,
					       ITEM_FIELD});
}

static void tell_enum(const struct symbol *sym,
		      void (*visit)(void *ctx, const struct word_part *p), void *ctx)
{
	list_each(m, &sym->decl->enum_.members)
		if (m->kind == AST_MEMBER)
			visit(ctx, &(struct word_part){sym_str(m->member.name), sym->type,
						       m->member.doc, ITEM_ENUM_MEMBER});
}

void word_parts(const struct compilation *c, struct symbol *sym, const struct type *type,
		void (*visit)(void *ctx, const struct word_part *p), void *ctx)
{
	static const char *const series[] = {"last", "min", "max"};
	static const char *const files[] = {"uri", "name"};
	const struct type *all = c->sema.types->floating;

	if (sym && sym->kind == SYMBOL_TASK)
		for (uint32_t i = 0; i < sym->nouts; i++)
			if (sym->outs[i].name)
				visit(ctx, &(struct word_part){
						   sym_str(sym->outs[i].name),
						   sym->outs[i].type,
						   sym->outs[i].decl
							   ? sym->outs[i].decl->output.doc
							   : (struct str){"", 0},
						   ITEM_FIELD});
	if (sym && sym->kind == SYMBOL_TYPE && sym->decl && sym->decl->kind == AST_ENUM)
		tell_enum(sym, visit, ctx);
	type = type ? type_strip(type) : NULL;
	if (!type || (sym && sym->kind == SYMBOL_TYPE))
		return;
	if (type->kind == TYPE_STRUCT)
		tell_struct(word_type_symbol(c, type), visit, ctx);
	for (int i = 0; type->kind == TYPE_SERIES && i < 3; i++)
		visit(ctx, &(struct word_part){str_of(series[i]), all, {"", 0}, ITEM_PROPERTY});
	for (int i = 0; type->kind == TYPE_ARTIFACT && i < 2; i++)
		visit(ctx, &(struct word_part){str_of(files[i]), c->sema.types->string,
					       {"", 0}, ITEM_PROPERTY});
}
