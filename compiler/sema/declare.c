#include <config.h>

#include "compiler/sema/check.h"

static void declare(struct sema *s, struct sema_file *file, struct node *item,
		    enum symbol_kind kind, const struct node *name)
{
	struct symbol *sym;

	if (!name || name->kind != AST_NAME)
		return;
	sym = symbol_new(s, kind, name->name.name, name->span);
	sym->decl = item;
	file_declare(s, file, sym);
}

/* Configs of different pipelines may share a name: they are not among the others. */
static void declare_config(struct sema *s, struct sema_file *file, struct node *item)
{
	struct node *name = item->config.name;
	struct symbol *sym;

	if (!name || name->kind != AST_NAME)
		return;
	sym = symbol_new(s, SYMBOL_CONFIG, name->name.name, name->span);
	sym->decl = item;
	sym->file = file;
	vec_push(&file->symbols, sym);
}

static void say_misplaced(struct sema *s, const struct node *item)
{
	struct diag *d = diag(s->parse.diags, item->span, E0412,
			      "a file holds declarations, not statements");

	if (item->kind == AST_BIND)
		diag_label(d, "write 'const NAME = ...' for a constant");
	else
		diag_label(d, "statements belong in a pipeline");
}

static void declare_item(struct sema *s, struct sema_file *file, struct node *item)
{
	switch (item->kind) {
	case AST_IMPORT:
	case AST_FROM:
		load_import(s, file, item);
		return;
	case AST_ENVIRONMENT:
		declare(s, file, item, SYMBOL_ENVIRONMENT, item->environment.name);
		return;
	case AST_ENUM:
		declare(s, file, item, SYMBOL_TYPE, item->enum_.name);
		return;
	case AST_TYPEDEF:
		declare(s, file, item, SYMBOL_TYPE, item->typedef_.name);
		return;
	case AST_ARTIFACT:
		declare(s, file, item, SYMBOL_TYPE, item->artifact.name);
		return;
	case AST_STRUCT:
		declare(s, file, item, SYMBOL_TYPE, item->struct_.name);
		return;
	case AST_COMPONENT:
		file->has_component = true;
		declare(s, file, item, SYMBOL_COMPONENT, item->component.name);
		return;
	case AST_PIPELINE:
		file->has_pipeline = true;
		declare(s, file, item, SYMBOL_PIPELINE, item->pipeline.name);
		return;
	case AST_CONST:
		declare(s, file, item, SYMBOL_CONST, item->const_.name);
		return;
	case AST_CONFIG:
		declare_config(s, file, item);
		return;
	case AST_DEF:
		declare(s, file, item, SYMBOL_DEF, item->def.name);
		return;
	case AST_SCHEDULE:
		declare(s, file, item, SYMBOL_SCHEDULE, item->schedule.name);
		return;
	case AST_ERROR:
		broken_declaration(s, file, item);
		return;
	case AST_TEST:
	case AST_PASS:
		return;
	default:
		say_misplaced(s, item);
	}
}

void declare_file(struct sema *s, struct sema_file *file)
{
	list_each(item, &file->tree->file.items)
		declare_item(s, file, item);
}

static void check_file(struct sema *s, struct sema_file *file)
{
	for (size_t i = 0; i < file->symbols.n; i++)
		symbol_resolve(s, file->symbols.at[i]);
	config_index(s, file);
	for (size_t i = 0; i < file->symbols.n; i++) {
		struct symbol *sym = file->symbols.at[i];

		if (sym->kind == SYMBOL_COMPONENT)
			check_component(s, sym);
		else if (sym->kind == SYMBOL_ENVIRONMENT)
			check_environment(s, file, &sym->decl->environment.items);
		else if (sym->kind == SYMBOL_PIPELINE)
			check_pipeline(s, sym);
		else if (sym->kind == SYMBOL_DEF)
			check_def(s, sym);
		else if (sym->kind == SYMBOL_CONFIG)
			check_config(s, sym);
		else if (sym->kind == SYMBOL_SCHEDULE)
			check_schedule(s, sym);
	}
}

static void check_tests(struct sema *s, struct sema_file *file)
{
	list_each(item, &file->tree->file.items)
		if (item->kind == AST_TEST)
			check_test(s, file, item);
}

/* Files with tabs in their indentation of which the blocks could not be told. */
struct tabbed {
	const struct sema *s;
	VEC(const struct src_file *) files;
};

static bool is_of_tabbed(void *ctx, const struct diag *d)
{
	const struct tabbed *t = ctx;
	const struct src_file *file = d->span.lo ? src_file_at(t->s->parse.src,
							       d->span.lo) : NULL;

	for (size_t i = 0; d->code != E0103 && i < t->files.n; i++)
		if (t->files.at[i] == file)
			return true;
	return false;
}

/* Where tabs and spaces make blocks that do not fit, everything else that is said of the
 * file follows from that. */
static void drop_after_tabs(struct sema *s)
{
	const struct diags *ds = s->parse.diags;
	struct tabbed t = {.s = s};
	const struct src_file *tabs = NULL, *file;

	for (size_t i = 0; i < ds->all.n; i++) {
		const struct diag *d = ds->all.at[i];

		file = d->span.lo ? src_file_at(s->parse.src, d->span.lo) : NULL;
		if (d->code == E0103)
			tabs = file;
		else if (tabs && file == tabs && (d->code == E0104 || d->code == E0206))
			vec_push(&t.files, file);
	}
	if (t.files.n)
		diag_drop(s->parse.diags, is_of_tabbed, &t);
	vec_release(&t.files);
}

void sema_check(struct sema *s)
{
	for (size_t i = 0; i < s->files.n; i++) {
		if (s->files.at[i]->tree)
			check_file(s, s->files.at[i]);
	}
	check_tests(s, s->files.at[0]);
	check_recursion(s);
	drop_after_tabs(s);
	if (!s->parse.diags->nerrors)
		lint_files(s);
}
