#include <config.h>

#include "compiler/sema/check.h"

static void lint_symbol(struct sema *s, const struct sema_file *file,
			const struct symbol *sym)
{
	if (sym->used || !sym->name || (sym->name->s[0] == '_' && !sym->name->s[1]))
		return;
	switch (sym->kind) {
	case SYMBOL_ALIAS:
	case SYMBOL_MODULE:
		diag(s->parse.diags, sym->span, W0303, "the import '%s' is never used",
		     sym->name->s);
		return;
	case SYMBOL_ENVIRONMENT:
		if (file->has_component)
			diag(s->parse.diags, sym->span, W0304,
			     "no component uses the environment '%s'", sym->name->s);
		return;
	case SYMBOL_COMPONENT:
		if (file->has_pipeline)
			diag(s->parse.diags, sym->span, W0305,
			     "no pipeline calls the component '%s'", sym->name->s);
		return;
	default:
		return;
	}
}

static void lint_params(struct sema *s, const struct symbol *sym)
{
	for (uint32_t i = 0; i < sym->nparams; i++) {
		const struct symbol *p = sym->params[i];

		if (!p->used && p->name->s[0] != '_')
			diag(s->parse.diags, p->span, W0302,
			     "the parameter '%s' is never used", p->name->s);
	}
}

static void warn_value(struct sema *s, const struct symbol *sym)
{
	bool is_item = sym->kind == SYMBOL_ITEM;
	struct diag *d = diag(s->parse.diags, sym->span, W0301,
			      "the %s '%s' is never used",
			      is_item ? "loop variable" : "value", sym->name->s);

	if (is_item)
		diag_propose(d, sym->span, STR("_"), "call it '_' if that is meant");
}

/* Of the root file only: others are linted when they are looked at for themselves. */
void lint_files(struct sema *s)
{
	const struct sema_file *root = s->files.at[0];

	for (size_t i = 0; i < root->symbols.n; i++) {
		lint_symbol(s, root, root->symbols.at[i]);
		if (root->symbols.at[i]->kind == SYMBOL_PIPELINE ||
		    root->symbols.at[i]->kind == SYMBOL_DEF)
			lint_params(s, root->symbols.at[i]);
	}
	for (size_t i = 0; i < s->values.n; i++) {
		const struct symbol *sym = s->values.at[i];

		if (!sym->used && sym->file == root && sym->name->s[0] != '_')
			warn_value(s, sym);
	}
}

/* Types stand where no local is looked for, so `size` and `duration` hide nothing. */
static bool is_function(struct str name)
{
	return builtin_find(name) != BUILTIN_N && !memchr(name.p, '.', name.n);
}

void lint_hides(struct scope *c, const struct symbol *sym)
{
	struct str name = sym_str(sym->name);
	const struct symbol *old;
	struct diag *d;

	if (c->file != c->s->files.at[0] || sym->kind == SYMBOL_ERROR)
		return;
	old = map_get(&c->file->names, name);
	if (old && (old->kind == SYMBOL_ALIAS || old->kind == SYMBOL_MODULE)) {
		d = diag(c->s->parse.diags, sym->span, W0310,
			 "'%s' hides what is imported by this name", sym->name->s);
		diag_note(d, old->span, "it is imported here");
	} else if (!old && is_function(name)) {
		d = diag(c->s->parse.diags, sym->span, W0310,
			 "'%s' hides the built-in of this name", sym->name->s);
		diag_label(d, "from here on '%s' is %s", sym->name->s,
			   symbol_kind_name(sym));
	}
}
