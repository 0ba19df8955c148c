#include <config.h>

#include "compiler/ir/lower_int.h"

/* One config while its entries are collected. */
struct entries {
	struct lower *l;
	struct symbol *sym;
	uint32_t pipeline;
	struct config_slots slots;
	struct map seen;	/* address -> the node of its entry */
	VEC(struct module_config_entry) at;
};

/* prefix.name of a target: NAME, or FIELD of one. */
static struct str address_of(struct arena *a, struct str prefix,
			     const struct node *target)
{
	struct str own;

	if (target->kind == AST_FIELD) {
		prefix = address_of(a, prefix, target->field.object);
		own = sym_str(target->field.name);
	} else {
		own = target->kind == AST_NAME ? sym_str(target->name.name) : STR("?");
	}
	if (!prefix.n)
		return own;
	return arena_printf(a, "%.*s.%.*s", STR_ARG(prefix), STR_ARG(own));
}

/* The source that a file of the module is; NULL: none.  Numbers are as add_files gave
 * them. */
static const struct src_file *source_of(const struct lower *l, uint32_t file)
{
	const struct sema_file *root = l->s->files.at[0];
	size_t n = l->s->files.n;

	if (file < n)
		return l->s->files.at[file]->src;
	return file - n < root->nparts ? root->parts[file - n].src : NULL;
}

/* The span of a place in the module, to be shown in a note. */
static struct span span_of(struct lower *l, struct loc loc)
{
	const struct src *src = l->s->parse.src;
	const struct src_file *file = source_of(l, loc.file);
	struct str line;
	uint32_t at;

	if (!file || !loc.line || loc.line > file->nlines)
		return SPAN_NONE;
	line = src_line(file, loc.line);
	at = file->base + file->lines[loc.line - 1] +
	     (uint32_t)(loc.col - 1 < line.n ? loc.col - 1 : line.n);
	return src_file_at(src, at) ? (struct span){at, at + 1} : SPAN_NONE;
}

static void say_unknown(struct entries *e, struct node *target, struct str address)
{
	struct loc place = {0};
	struct str why = config_explain(e->l->m, e->pipeline, &e->slots, address,
					&e->l->m->arena, &place);
	struct diag *d = diag(e->l->diags, target->span, E0701, "%.*s", STR_ARG(why));
	struct span at = span_of(e->l, place);

	if (at.lo)
		diag_note(d, at, "it is set here");
}

static void add_entry(struct entries *e, struct node *item, struct str prefix)
{
	struct lower *l = e->l;
	struct str address = address_of(&l->m->arena, prefix, item->bind.target);
	struct config_target t;
	unsigned nerrors = l->diags->nerrors;
	const struct node *first;
	const struct site *s;
	struct value v;
	struct diag *d;

	if (!config_find(&e->slots, address, &t)) {
		say_unknown(e, item->bind.target, address);
		return;
	}
	first = map_set(&e->seen, address, item->bind.target);
	if (first) {
		d = diag(l->diags, item->bind.target->span, E0702, "'%.*s' is set twice",
			 STR_ARG(address));
		diag_note(d, first->span, "it is set here");
		return;
	}
	sema_check_entry(l->s, e->sym->file, item->bind.value, t.type,
			 arena_printf(&l->m->arena, "'%.*s'", STR_ARG(address)).p,
			 t.slot->setting);
	if (l->diags->nerrors != nerrors)
		return;
	s = t.slot->param ? lower_site(l, item->bind.value, t.type)
			: lower_setting(l, item->bind.value, t.slot->setting);
	if (!site_value(s, &v))
		return;
	if (!t.fields.n)
		known_check_entry(l, t.slot, s);
	vec_push(&e->at, (struct module_config_entry){
		.address = arena_str(&l->m->arena, address),
		.value = v,
		.type = t.type,
		.loc = builder_loc(&l->b, item->bind.target->span),
	});
}

static void add_items(struct entries *e, const struct list *items, struct str prefix)
{
	list_each(item, items) {
		if (item->kind == AST_BIND)
			add_entry(e, item, prefix);
		else if (item->kind == AST_GROUP)
			add_items(e, &item->group.items,
				  address_of(&e->l->m->arena, prefix,
					     item->group.target));
	}
}

void lower_config(struct lower *l, struct symbol *sym, struct module_config *out)
{
	struct node *decl = sym->decl, *base = decl->config.base;
	struct entries e = {.l = l, .sym = sym,
			    .pipeline = symbol_target(sym->target)->index};
	struct arena scratch = {0};
	struct err err;

	l->file = sym->file;
	*out = (struct module_config){
		.name = arena_str(&l->m->arena, sym_str(sym->name)),
		.doc = arena_str(&l->m->arena, decl->config.doc),
		.pipeline = e.pipeline,
		.base = base && base->ref ? base->ref->index : MODULE_NONE,
		.loc = builder_loc(&l->b, sym->span),
	};
	if (config_slots(l->m, e.pipeline, true, &scratch, &e.slots, &err)) {
		diag(l->diags, sym->span, E0701, "%s", err.text);
		goto out;
	}
	add_items(&e, &decl->config.items, STR(""));
	out->nentries = (uint32_t)e.at.n;
	out->entries = arena_dup(&l->m->arena, e.at.at, e.at.n * sizeof *e.at.at);
out:
	map_release(&e.slots.by_address);
	map_release(&e.seen);
	vec_release(&e.at);
	arena_release(&scratch);
}
