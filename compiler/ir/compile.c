#include <config.h>

#include "compiler/ir/compile.h"

#include "compiler/ir/lower.h"
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
	if (c->module)
		module_free(c->module);
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

/* Checks and lowers what s has loaded. */
static void check_and_lower(struct compilation *c, struct sema *s, struct module *m)
{
	sema_check(s);
	if (!c->diags.nerrors)
		lower(s, m, &c->component_decls);
	if (c->diags.nerrors)
		module_free(m);
	else
		c->module = m;
}

int compile(struct compilation *c, const char *path, const struct compile_opts *o,
	    struct err *err)
{
	struct parse_ctx parse = parse_context(c);
	struct module *m = module_new();
	struct sema s;
	int rc = 0;

	sema_init(&s, &parse, &m->types, o->loader);
	if (sema_load(&s, path, o->text, err)) {
		check_and_lower(c, &s, m);
	} else {
		module_free(m);
		rc = -1;
	}
	sema_release(&s);
	return rc;
}

struct node *compile_parse(struct compilation *c, const char *path, struct err *err)
{
	struct parse_ctx parse = parse_context(c);
	struct parse_result r;
	struct src_file *f;
	struct buf text = {0};

	if (io_read_file(path, LIMIT_FILE_BYTES, &text, err)) {
		buf_release(&text);
		return NULL;
	}
	f = src_add(&c->src, strcmp(path, "-") ? str_of(path) : STR("<stdin>"), buf_str(&text));
	buf_release(&text);
	r = parse_file(&parse, f);
	vec_release(&r.comments);
	return r.file;
}
