#include <config.h>

#include "compiler/sema/check.h"

/* What tells apart the configs of one file. */
struct config_key {
	const struct symbol *target;
	const struct sym *name;
};

/* The first config of this name for the same pipeline, in the same file. */
static struct symbol *find_config(struct symbol *of, const struct sym *name)
{
	struct config_key key = {of->target, name};

	return map_get(&of->file->configs, (struct str){(const char *)&key, sizeof key});
}

void config_index(struct sema *s, struct sema_file *file)
{
	for (size_t i = 0; i < file->symbols.n; i++) {
		struct symbol *sym = file->symbols.at[i];
		struct config_key *key;

		if (sym->kind != SYMBOL_CONFIG || !sym->target ||
		    find_config(sym, sym->name))
			continue;
		key = ARENA_NEW(s->parse.arena, struct config_key);
		*key = (struct config_key){sym->target, sym->name};
		map_set(&file->configs, (struct str){(const char *)key, sizeof *key},
			sym);
	}
}

void config_resolve(struct sema *s, struct symbol *sym, struct node *target,
		    enum diag_code code)
{
	struct result r;
	struct scope c;

	if (!target || (target->kind != AST_NAME && target->kind != AST_FIELD))
		return;
	scope_init(&c, s, sym->file, PLACE_CONST);
	if (target->kind == AST_NAME && !scope_find(&c, target->name.name)) {
		scope_unknown(&c, target, "pipeline");
		r = result_of_type(s->types->error);
	} else {
		r = check_operand(&c, target, NULL, false);
	}
	scope_release(&c);
	if (r.kind == RESULT_SYMBOL && r.sym->kind == SYMBOL_PIPELINE) {
		sym->target = r.sym;
	} else if (r.kind == RESULT_SYMBOL) {
		struct diag *d = diag(s->parse.diags, target->span, code,
				      "'%s' is %s, and %s is for a pipeline",
				      r.sym->name->s, symbol_kind_name(r.sym),
				      symbol_kind_name(sym));

		diag_note(d, r.sym->span, "'%s' is declared here", r.sym->name->s);
	} else if (r.type->kind != TYPE_ERROR) {
		diag(s->parse.diags, target->span, code, "%s is for a pipeline",
		     symbol_kind_name(sym));
	}
}

static void say_no_base(struct sema *s, const struct symbol *sym, const struct node *base)
{
	struct suggestion best = {.wanted = sym_str(base->name.name)};
	struct diag *d = diag(s->parse.diags, base->span, E0703,
			      "there is no config '%s' for '%s'", base->name.name->s,
			      sym->target->name->s);

	for (size_t i = 0; i < sym->file->symbols.n; i++) {
		const struct symbol *other = sym->file->symbols.at[i];

		if (other->kind == SYMBOL_CONFIG && other->target == sym->target &&
		    other != sym)
			suggest(&best, sym_str(other->name));
	}
	diag_suggest(d, base->span, &best);
}

static void check_base(struct sema *s, struct symbol *sym)
{
	struct node *base = sym->decl->config.base;

	if (!base || !sym->target)
		return;
	if (base->kind != AST_NAME) {
		if (base->kind != AST_ERROR)
			diag(s->parse.diags, base->span, E0703,
			     "a config inherits from one of the same file");
		return;
	}
	sym->base = sym;
	if (base->name.name != sym->name)
		sym->base = find_config(sym, base->name.name);
	base->ref = sym->base;
	if (!sym->base)
		say_no_base(s, sym, base);
	/* What is done leads only to what is done, so not to this one. */
	for (struct symbol *b = sym->base; b && b->walk != SYMBOL_DONE; b = b->base) {
		if (b != sym)
			continue;
		diag(s->parse.diags, base->span, E0314,
		     "the config '%s' inherits from itself",
		     sym->name->s);
		sym->base = NULL;
		return;
	}
}

/* Entries are checked when the pipeline's config is known, by the lowering; here only
 * that they have the form of entries. */
static void check_form(struct sema *s, const struct list *items)
{
	list_each(item, items) {
		const struct node *target = item->kind == AST_BIND ? item->bind.target
					    : item->kind == AST_GROUP ? item->group.target
								      : NULL;

		if (item->kind == AST_PASS || item->kind == AST_ERROR)
			continue;
		for (; target && target->kind == AST_FIELD;)
			target = target->field.object;
		if (!target || target->kind != AST_NAME)
			diag(s->parse.diags, item->span, E0412,
			     "a config holds lines of the form 'task.parameter = value'");
		else if (item->kind == AST_GROUP)
			check_form(s, &item->group.items);
	}
}

void check_config(struct sema *s, struct symbol *sym)
{
	struct symbol *old;

	check_base(s, sym);
	if (!sym->base || sym->base->walk == SYMBOL_DONE)
		sym->walk = SYMBOL_DONE;
	check_form(s, &sym->decl->config.items);
	if (!sym->target)
		return;
	old = find_config(sym, sym->name);
	if (old != sym) {
		struct diag *d = diag(s->parse.diags, sym->span, E0302,
				      "'%s' has two configs '%s'", sym->target->name->s,
				      sym->name->s);

		diag_note(d, old->span, "the first one is here");
	}
}

void sema_check_entry(struct sema *s, struct sema_file *file, struct node *value,
		      const struct type *want, const char *what, enum setting setting)
{
	struct scope c;

	scope_init(&c, s, file, PLACE_CONST);
	c.setting = setting == SETTING_N ? NULL : setting_name(setting);
	if (setting != SETTING_N && check_bare(&c, setting, value, want)) {
		;	/* said what is to be said */
	} else if (value->kind == AST_NAME && want->kind == TYPE_BOOL &&
	    (str_is(sym_str(value->name.name), "on") ||
	     str_is(sym_str(value->name.name), "off"))) {
		value->type = want;
	} else {
		check_wanted(&c, value, want, what, SPAN_NONE);
	}
	scope_release(&c);
}

static bool is_config_of(const struct symbol *sym, const struct symbol *pipeline)
{
	return sym->kind == SYMBOL_CONFIG && sym->target &&
	       symbol_target(sym->target) == pipeline;
}

static struct symbol *find_in_file(struct sema *s, const struct sema_file *file,
				   const struct symbol *pipeline, const struct sym *name,
				   struct suggestion *best)
{
	for (size_t i = 0; i < file->symbols.n; i++) {
		struct symbol *sym = file->symbols.at[i];

		if (sym->kind != SYMBOL_CONFIG || sym->name != name)
			continue;
		symbol_resolve(s, sym);
		if (is_config_of(sym, pipeline))
			return sym;
	}
	for (size_t i = 0; i < file->symbols.n; i++)
		if (is_config_of(file->symbols.at[i], pipeline))
			suggest(best, sym_str(file->symbols.at[i]->name));
	return NULL;
}

struct symbol *check_config_name(struct scope *c, struct node *node,
				 struct symbol *pipeline, enum diag_code code)
{
	const struct sym *name = node->name.name;
	struct suggestion best = {.wanted = sym_str(name)};
	struct diag *d;

	node->ref = find_in_file(c->s, c->file, pipeline, name, &best);
	if (!node->ref && pipeline->file != c->file)
		node->ref = find_in_file(c->s, pipeline->file, pipeline, name, &best);
	if (node->ref)
		return node->ref;
	d = diag(c->s->parse.diags, node->span, code, "there is no config '%s' for '%s'",
		 name->s, pipeline->name->s);
	diag_suggest(d, node->span, &best);
	return NULL;
}
