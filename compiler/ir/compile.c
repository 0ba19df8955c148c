#include <config.h>

#include "compiler/ir/compile.h"

#include "runtime/base/io.h"
#include "runtime/base/limits.h"

void compilation_init(struct compilation *c)
{
	*c = (struct compilation){0};
	symtab_init(&c->syms);
	src_init(&c->src);
	diags_init(&c->diags, &c->src);
}

void compilation_release(struct compilation *c)
{
	if (c->made) {
		sema_release(&c->sema);
		module_free(c->made);
	}
	allows_release(&c->allows);
	diags_release(&c->diags);
	src_release(&c->src);
	symtab_release(&c->syms);
	arena_release(&c->arena);
	*c = (struct compilation){0};
}

static struct parse_ctx parse_context(struct compilation *c)
{
	return (struct parse_ctx){&c->arena, &c->syms, &c->src, &c->diags};
}

/* Does the span lie in a pipeline or a config? */
static bool is_in_graph(const struct sema *s, struct span span)
{
	for (size_t i = 0; i < s->files.n; i++) {
		const struct sema_file *f = s->files.at[i];

		for (size_t k = 0; k < f->symbols.n; k++) {
			const struct symbol *sym = f->symbols.at[k];

			if ((sym->kind == SYMBOL_PIPELINE ||
			     sym->kind == SYMBOL_CONFIG ||
			     sym->kind == SYMBOL_SCHEDULE) &&
			    sym->decl->span.lo <= span.lo &&
			    span.hi <= sym->decl->span.hi)
				return true;
		}
	}
	return false;
}

static bool are_components_right(const struct sema *s, const struct diags *diags)
{
	if (diags->dropped && diags->nerrors)
		return false;
	for (size_t i = 0; i < diags->all.n; i++)
		if (diag_code_is_error(diags->all.at[i]->code) &&
		    !is_in_graph(s, diags->all.at[i]->span))
			return false;
	return true;
}

/* Checks and lowers what is loaded. */
static void check_and_lower(struct compilation *c, unsigned flags)
{
	sema_check(&c->sema);
	if (!are_components_right(&c->sema, &c->diags))
		return;
	lower(&c->sema, c->made, flags, &c->lowered);
	c->parts = c->made;
	if (!c->diags.nerrors)
		c->module = c->made;
}

int compile(struct compilation *c, const char *path, const struct compile_opts *o,
	    struct err *err)
{
	struct parse_ctx parse = parse_context(c);

	c->made = module_new();
	sema_init(&c->sema, &parse, &c->made->types, o->loader);
	c->root = sema_load(&c->sema, path, o->text, err);
	if (c->root)
		check_and_lower(c, o->flags);
	c->allows = c->sema.allows;
	c->sema.allows = (struct allows){0};
	return c->root ? 0 : -1;
}

struct node *compile_parse_text(struct compilation *c, struct str path, struct str text)
{
	struct parse_ctx parse = parse_context(c);
	struct src_file *f = src_add(&c->src, path, text);
	struct parse_result r = parse_file(&parse, f);

	allows_read(&c->allows, f, &r, &c->diags);
	vec_release(&r.comments);
	return r.file;
}

struct node *compile_parse(struct compilation *c, const char *path, struct err *err)
{
	struct node *tree = NULL;
	struct buf text = {0};

	if (!io_read_file(path, LIMIT_FILE_BYTES, &text, err))
		tree = compile_parse_text(
			c, strcmp(path, "-") ? str_of(path) : STR("<stdin>"),
			buf_str(&text));
	buf_release(&text);
	return tree;
}
