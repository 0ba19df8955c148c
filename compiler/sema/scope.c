#include <config.h>

#include "compiler/sema/check.h"

void scope_init(struct scope *c, struct sema *s, struct sema_file *file, enum place place)
{
	*c = (struct scope){.s = s, .file = file, .place = place};
}

void scope_release(struct scope *c)
{
	map_release(&c->locals);
	map_release(&c->lost);
	map_release(&c->looped_by_name);
	vec_release(&c->bound);
	vec_release(&c->tested);
	vec_release(&c->partial);
	vec_release(&c->looped);
}

struct symbol *symbol_new(struct sema *s, enum symbol_kind kind, const struct sym *name,
			  struct span span)
{
	struct symbol *sym = ARENA_NEW(s->parse.arena, struct symbol);

	sym->kind = kind;
	sym->name = name;
	sym->span = span;
	sym->type = s->types->error;
	sym->index = MODULE_NONE;
	return sym;
}

struct symbol *symbol_target(struct symbol *sym)
{
	while (sym->kind == SYMBOL_ALIAS)
		sym = sym->target;
	return sym;
}

const char *symbol_kind_name(const struct symbol *sym)
{
	static const char *const NAMES[] = {
		[SYMBOL_ERROR] = "an error",
		[SYMBOL_COMPONENT] = "a component",
		[SYMBOL_PIPELINE] = "a pipeline",
		[SYMBOL_ENVIRONMENT] = "an environment",
		[SYMBOL_TYPE] = "a type",
		[SYMBOL_CONST] = "a constant",
		[SYMBOL_DEF] = "a function",
		[SYMBOL_CONFIG] = "a config",
		[SYMBOL_SCHEDULE] = "a schedule",
		[SYMBOL_MODULE] = "an imported module",
		[SYMBOL_ALIAS] = "an import",
		[SYMBOL_PARAM] = "a parameter",
		[SYMBOL_OUTPUT] = "an output",
		[SYMBOL_VALUE] = "a value",
		[SYMBOL_TASK] = "a task",
		[SYMBOL_ITEM] = "the variable of a loop",
		[SYMBOL_LOOP] = "a loop",
		[SYMBOL_COLLECT] = "what a loop collects",
		[SYMBOL_TRY] = "a try",
	};

	return NAMES[sym->kind];
}

uint32_t symbol_find_out(const struct symbol *sym, const struct sym *name)
{
	for (uint32_t i = 0; i < sym->nouts; i++) {
		if (sym->outs[i].name == name)
			return i;
	}
	return MODULE_NONE;
}

/* What a merged name was made from is used when it is. */
void symbol_use(struct symbol *sym)
{
	if (sym->used || sym->kind == SYMBOL_ERROR)
		return;
	sym->used = true;
	if (sym->on_then)
		symbol_use(sym->on_then);
	if (sym->on_else)
		symbol_use(sym->on_else);
}

static bool is_same_import(struct symbol *a, struct symbol *b)
{
	if (a->kind == SYMBOL_MODULE && b->kind == SYMBOL_MODULE)
		return a->module && a->module == b->module;
	return a->kind == SYMBOL_ALIAS && b->kind == SYMBOL_ALIAS &&
	       symbol_target(a) == symbol_target(b);
}

void file_declare(struct sema *s, struct sema_file *file, struct symbol *sym)
{
	struct str name = sym_str(sym->name);
	struct symbol *old = map_get(&file->names, name);
	struct diag *d;

	sym->file = file;
	vec_push(&file->symbols, sym);
	if (!old) {
		map_set(&file->names, name, sym);
		return;
	}
	if (old->kind == SYMBOL_ERROR || is_same_import(old, sym))
		return;
	d = diag(s->parse.diags, sym->span, E0302, "'%s' is declared twice",
		 sym->name->s);
	diag_note(d, old->span, "'%s' is first declared here, as %s", sym->name->s,
		  symbol_kind_name(old));
}

void scope_bind(struct scope *c, struct symbol *sym)
{
	struct str name = sym_str(sym->name);
	struct symbol *old = map_get(&c->locals, name);

	sym->loop = c->loop;
	if (!old) {
		map_set(&c->locals, name, sym);
		vec_push(&c->bound, sym);
		if (c->place == PLACE_PIPELINE)
			lint_hides(c, sym);
		return;
	}
	struct diag *d = diag(c->s->parse.diags, sym->span, E0306,
			      "'%s' is bound already",
			      sym->name->s);

	diag_label(d, "a name is bound once on each path");
	diag_note(d, old->span, "'%s' is bound here, as %s", sym->name->s,
		  symbol_kind_name(old));
}

void scope_rebind(struct scope *c, struct symbol *sym)
{
	map_set(&c->locals, sym_str(sym->name), sym);
	vec_push(&c->bound, sym);
}

/* Forgets what was bound since mark. */
static void scope_cut(struct scope *c, size_t mark)
{
	while (c->bound.n > mark) {
		struct symbol *sym = vec_pop(&c->bound);

		map_set(&c->locals, sym_str(sym->name), NULL);
	}
}

struct bounds_mark scope_mark(const struct scope *c)
{
	return (struct bounds_mark){c->bound.n, c->partial.n, c->looped.n, c->tested.n};
}

/* Names of loops within a block are not seen after it. */
static void cut_looped(struct scope *c, size_t mark)
{
	while (c->looped.n > mark) {
		struct looped old = vec_pop(&c->looped);

		map_set(&c->looped_by_name, sym_str(old.sym->name),
			(void *)(uintptr_t)old.shadowed);
	}
}

struct bounds scope_take(struct scope *c, struct bounds_mark mark)
{
	struct bounds b = {.n = c->bound.n - mark.bound,
			   .npartial = c->partial.n - mark.partial};
	struct arena *a = c->s->parse.arena;

	if (b.n)
		b.at = arena_dup(a, c->bound.at + mark.bound, b.n * sizeof *b.at);
	if (b.npartial)
		b.partial = arena_dup(a, c->partial.at + mark.partial,
				      b.npartial * sizeof *b.partial);
	scope_cut(c, mark.bound);
	c->partial.n = mark.partial;
	cut_looped(c, mark.looped);
	scope_widen(c, mark.tested);
	return b;
}

struct symbol *scope_peek(const struct scope *c, struct str name)
{
	struct symbol *sym = map_get(&c->locals, name);

	return sym ? sym : map_get(&c->file->names, name);
}

bool calls_builtin(const struct scope *c, const struct node *call, const char *name)
{
	const struct node *callee = call->kind == AST_CALL ? call->call.callee : NULL;

	return callee && callee->kind == AST_NAME &&
	       str_is(sym_str(callee->name.name), name) &&
	       !scope_peek(c, sym_str(callee->name.name));
}

struct symbol *scope_find(struct scope *c, const struct sym *name)
{
	struct symbol *sym = scope_peek(c, sym_str(name));

	if (!sym)
		return NULL;
	symbol_use(sym);
	if (sym->kind == SYMBOL_ALIAS) {
		sym = symbol_target(sym);
		symbol_use(sym);
	}
	return sym;
}

static const struct node *find_later(const struct list *items, const struct sym *name,
				     uint32_t after);

/* The same in up to three blocks. */
static const struct node *find_in(const struct list *a, const struct list *b,
				  const struct list *d, const struct sym *name,
				  uint32_t after)
{
	const struct node *found = find_later(a, name, after);

	if (!found && b)
		found = find_later(b, name, after);
	if (!found && d)
		found = find_later(d, name, after);
	return found;
}

/* The binding of name in these statements that comes after the place; NULL: none. */
static const struct node *find_later(const struct list *items, const struct sym *name,
				     uint32_t after)
{
	list_each(n, items) {
		const struct node *found = NULL;

		if (n->span.hi <= after)
			continue;
		if (n->kind == AST_BIND && n->bind.target->kind == AST_NAME &&
		    n->bind.target->name.name == name)
			return n->bind.target;
		if (n->kind == AST_IF)
			found = find_in(&n->if_.then, &n->if_.orelse, NULL, name, after);
		else if (n->kind == AST_FOR)
			found = find_in(&n->for_.items, NULL, NULL, name, after);
		else if (n->kind == AST_TRY)
			found = find_in(&n->try_.items, &n->try_.except, &n->try_.final,
					name, after);
		if (found)
			return found;
	}
	return NULL;
}

static bool say_lost(struct scope *c, const struct node *node)
{
	const struct sym *name = node->name.name;
	const struct lost *lost = map_get(&c->lost, sym_str(name));
	struct diag *d;

	if (!lost)
		return false;
	if (lost->then_text) {
		d = diag(c->s->parse.diags, node->span, E0316,
			 "'%s' is %s in one branch and %s in the other", name->s,
			 lost->then_text, lost->else_text);
	} else {
		d = diag(c->s->parse.diags, node->span, E0305,
			 "'%s' is not bound in every branch", name->s);
	}
	diag_note(d, lost->bound->span, "'%s' is bound here", name->s);
	if (!lost->then_text && lost->lacking_else)
		diag_note(d, lost->lacking, "this 'if' has no 'else' that binds it");
	else if (lost->what)
		diag_note(d, lost->lacking, "%s", lost->what);
	else
		diag_note(d, lost->lacking,
			  lost->then_text ? "and otherwise here"
					  : "this branch does not bind it");
	return true;
}

/* The parameter or output of this name, which a constraint before it cannot see. */
static const struct node *find_declared(const struct symbol *owner,
					const struct sym *name)
{
	bool is_component = owner->kind == SYMBOL_COMPONENT;
	const struct node *decl = owner->decl;

	if (symbol_is_struct(owner) || owner->kind == SYMBOL_DEF) {
		list_each(n, owner->kind == SYMBOL_DEF ? &decl->def.params
						       : &decl->struct_.fields) {
			if (n->kind == AST_PARAM && n->param.name == name)
				return n;
		}
		return NULL;
	}
	list_each(n, is_component ? &decl->component.params : &decl->pipeline.params) {
		if (n->kind == AST_PARAM && n->param.name == name)
			return n;
	}
	list_each(n, is_component ? &decl->component.outputs : &decl->pipeline.outputs) {
		if (n->kind == AST_OUTPUT && n->output.name == name)
			return n;
	}
	return NULL;
}

static bool say_early(struct scope *c, const struct node *node)
{
	const struct sym *name = node->name.name;
	const struct node *later = NULL;
	struct diag *d;

	if (c->owner && c->place == PLACE_WHERE) {
		later = find_declared(c->owner, name);
		if (!later)
			return false;
		d = diag(c->s->parse.diags, node->span, E0301,
			 "'%s' is declared later: a constraint sees what comes before it",
			 name->s);
		diag_note(d, later->span, "'%s' is declared here", name->s);
		return true;
	}
	if (c->owner && c->owner->kind == SYMBOL_PIPELINE)
		later = find_later(&c->owner->decl->pipeline.items, name, node->span.lo);
	if (c->owner && c->owner->kind == SYMBOL_DEF && c->place == PLACE_DEF)
		later = find_later(&c->owner->decl->def.items, name, node->span.lo);
	if (!later)
		return false;
	d = diag(c->s->parse.diags, node->span, E0301, "'%s' is used before it is bound",
		 name->s);
	diag_note(d, later->span, "'%s' is bound here", name->s);
	return true;
}

enum { SUGGEST_MAX = 20000 };	/* names that are looked at for one misspelled */

static void suggest_names(struct scope *c, struct suggestion *best)
{
	for (size_t i = 0; i < c->bound.n && i < SUGGEST_MAX; i++)
		suggest(best, sym_str(c->bound.at[i]->name));
	for (size_t i = 0; i < c->file->symbols.n && i < SUGGEST_MAX; i++)
		suggest(best, sym_str(c->file->symbols.at[i]->name));
}

static void suggest_prelude(struct suggestion *best)
{
	static const char *const TYPES[] = {
		"int", "float", "bool", "str", "list", "dict", "json", "duration", "size",
		"Artifact", "Dataset", "Model", "Metrics", "ClassificationMetrics",
		"SlicedClassificationMetrics", "HTML", "Markdown", "Metric", "Series",
	};

	for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
		suggest(best, str_of(TYPES[i]));
	for (enum builtin f = 0; f < BUILTIN_N; f++) {
		if (!strchr(builtin_name(f), '.'))
			suggest(best, str_of(builtin_name(f)));
	}
}

/* What name stands for, without counting as a use; NULL: nothing declared. */
static struct symbol *peek(const struct scope *c, struct str name)
{
	struct symbol *sym = map_get(&c->locals, name);

	if (!sym)
		sym = map_get(&c->file->names, name);
	return sym ? symbol_target(sym) : NULL;
}

bool scope_has_type(const struct scope *c, const struct type *t)
{
	const struct symbol *sym = peek(c, t->name);

	return sym && sym->kind == SYMBOL_TYPE && sym->type == t;
}

static bool is_function(struct str name)
{
	for (enum builtin f = 0; f < BUILTIN_N; f++)
		if (str_is(name, builtin_name(f)))
			return true;
	return false;
}

/* Is what a suggestion names of the kind that is wanted? */
static bool is_wanted(const struct scope *c, struct str name, const char *wanted)
{
	const struct symbol *sym = peek(c, name);

	if (!sym)
		return is_function(name) ? !strcmp(wanted, "component or function")
					 : !strcmp(wanted, "type");
	switch (sym->kind) {
	case SYMBOL_COMPONENT:
	case SYMBOL_DEF:
		return !strcmp(wanted, "component or function");
	case SYMBOL_PIPELINE:
		return !strcmp(wanted, "component or function") ||
		       !strcmp(wanted, "pipeline");
	case SYMBOL_ENVIRONMENT:
		return !strcmp(wanted, "environment");
	case SYMBOL_TYPE:	/* as a value: Kernel.rbf */
		return !strcmp(wanted, "type") || !strcmp(wanted, "value");
	case SYMBOL_MODULE:
		return true;
	case SYMBOL_CONST:
	case SYMBOL_PARAM:
	case SYMBOL_OUTPUT:
	case SYMBOL_VALUE:
	case SYMBOL_TASK:
	case SYMBOL_ITEM:
		return !strcmp(wanted, "value");
	case SYMBOL_ERROR:
	case SYMBOL_CONFIG:
	case SYMBOL_SCHEDULE:
	case SYMBOL_ALIAS:
	case SYMBOL_LOOP:
	case SYMBOL_COLLECT:
	case SYMBOL_TRY:
		break;
	}
	return false;
}

/* What people call it who come from elsewhere; empty if it is nothing that is known. */
static struct str usual_name(struct str name, const char *wanted)
{
	static const struct { const char *other, *ours; } TYPES[] = {
		{"string", "str"}, {"String", "str"}, {"text", "str"}, {"Text", "str"},
		{"integer", "int"}, {"Integer", "int"}, {"long", "int"}, {"int64", "int"},
		{"double", "float"}, {"number", "float"}, {"float64", "float"},
		{"boolean", "bool"}, {"Boolean", "bool"},
		{"array", "list"}, {"Array", "list"}, {"Sequence", "list"},
		{"map", "dict"}, {"Mapping", "dict"}, {"object", "dict"}, {"any", "json"},
		{"Any", "json"}, {"JSON", "json"}, {"timedelta", "duration"},
	};

	for (size_t i = 0; !strcmp(wanted, "type") && i < sizeof TYPES / sizeof *TYPES;
	     i++)
		if (str_is(name, TYPES[i].other))
			return str_of(TYPES[i].ours);
	return STR("");
}

void scope_unknown(struct scope *c, const struct node *node, const char *wanted)
{
	const struct sym *name = node->name.name;
	struct suggestion best = {.wanted = sym_str(name)};
	const struct symbol *near;
	struct diag *d;

	if (!c->s->parse.diags->dropped &&	/* else nobody will read it */
	    (say_looped(c, node, node) || say_lost(c, node) || say_early(c, node)))
		return;
	d = diag(c->s->parse.diags, node->span, E0301, "there is no %s '%s'", wanted,
		 name->s);
	if (c->s->parse.diags->dropped)
		return;
	if (!strcmp(wanted, "component or function") && str_is(best.wanted, "print"))
		diag_label(d, "print in the code of a component: its log keeps it");
	best.best = usual_name(best.wanted, wanted);
	if (!best.best.n) {
		suggest_names(c, &best);
		suggest_prelude(&best);
	}
	best.tied |= best.best.n && !is_wanted(c, best.best, wanted);
	diag_suggest(d, node->span, &best);
	near = scope_peek(c, best.best);
	if (near && near->span.lo)	/* it may be that one which is misspelled */
		diag_note(d, near->span, "'%s' is declared here", near->name->s);
}

/* The one enum of the file that has such a member, or NULL. */
static const struct type *enum_with(const struct scope *c, struct str member)
{
	const struct type *found = NULL;

	for (size_t i = 0; i < c->file->symbols.n && i < SUGGEST_MAX; i++) {
		const struct symbol *sym = symbol_target(c->file->symbols.at[i]);

		if (sym->kind != SYMBOL_TYPE || !type_member(sym->type, member) ||
		    sym->type == found)
			continue;
		if (found)
			return NULL;
		found = sym->type;
	}
	return found;
}

bool say_bare_member(struct scope *c, const struct node *node, const struct type *want)
{
	struct str name = sym_str(node->name.name), put;
	const struct type *e = want ? type_strip(want) : NULL;
	struct diag *d;

	if (!e || !type_member(e, name))
		e = enum_with(c, name);
	if (!e)
		return false;
	put = arena_printf(c->s->parse.arena, "%.*s.%.*s", STR_ARG(e->name),
			   STR_ARG(name));
	d = diag(c->s->parse.diags, node->span, E0301, "there is no value '%s'",
		 node->name.name->s);
	diag_label(d, "members are written with their enum");
	diag_propose(d, node->span, put, "write %s", put.p);
	vec_last(&d->fixes).sure = scope_has_type(c, e);
	return true;
}

static void say_no_member(struct scope *c, struct symbol *module, const struct sym *name,
			  struct span at)
{
	struct suggestion best = {.wanted = sym_str(name)};
	struct diag *d;

	if (!module->module) {
		diag(c->s->parse.diags, at, E0603,
		     "no imported module is called '%s' here",
		     name->s);
		return;
	}
	if (module->module->is_broken)
		return;		/* it may be among what could not be read */
	d = diag(c->s->parse.diags, at, E0603, "'%s' declares no '%s'",
		 module->module->path.p,
		 name->s);
	for (size_t i = 0; i < module->module->symbols.n; i++) {
		struct str other = sym_str(module->module->symbols.at[i]->name);

		if (other.n && other.p[0] != '_')
			suggest(&best, other);
	}
	diag_suggest(d, at, &best);
}

struct symbol *module_member(struct scope *c, struct symbol *module,
			     const struct sym *name,
			     struct span at)
{
	struct symbol *sym = module->names ? map_get(module->names, sym_str(name)) : NULL;

	if (!sym && module->module)
		sym = map_get(&module->module->names, sym_str(name));
	if (!sym) {
		say_no_member(c, module, name, at);
		return NULL;
	}
	if (name->s[0] == '_') {
		struct diag *d = diag(c->s->parse.diags, at, E0604,
				      "'%s' is private to '%s'", name->s,
				      module->module->path.p);

		diag_note(d, sym->span, "names that begin with '_' stay in their file");
	}
	sym = symbol_target(sym);
	symbol_use(sym);
	return sym;
}
