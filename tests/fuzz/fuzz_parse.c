/* Any bytes: parsed, dumped, compared with themselves, their diagnostics printed.
 * Spans must nest in the file and a tree must not be higher than it promises. */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>

#include "compiler/front/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct compilation {
	struct arena arena;
	struct symtab syms;
	struct src src;
	struct diags diags;
};

static void check_node(const struct node *parent, const struct node *n)
{
	if (n->span.lo > n->span.hi || n->height >= parent->height ||
	    n->span.lo < parent->span.lo || n->span.hi > parent->span.hi)
		abort();
}

static void check_tree(const struct node *n);

static void check_one(const struct node *parent, const struct node *n)
{
	if (!n)
		return;
	check_node(parent, n);
	check_tree(n);
}

static void check_many(const struct node *parent, const struct list *l)
{
	uint32_t count = 0;

	list_each(n, l) {
		check_one(parent, n);
		count++;
	}
	if (count != l->n)
		abort();
}

static void check_tree(const struct node *n)
{
	switch (n->kind) {
#define ONE(f) check_one(n, at->f);
#define MANY(f) check_many(n, &at->f);
#define NODE(ID, member, fields) AST_CASE(ID, member, fields)
#include "compiler/front/ast.def"
	case AST_NKINDS:
		abort();
	}
}

static void check_places(const struct compilation *c, const struct src_file *f)
{
	uint32_t end = f->base + (uint32_t)f->text.n;

	for (size_t i = 0; i < c->diags.all.n; i++) {
		const struct diag *d = c->diags.all.at[i];

		if (d->span.lo < f->base || d->span.hi > end || d->span.lo > d->span.hi)
			abort();
	}
}

static void parse(struct compilation *c, struct str text)
{
	struct parse_ctx ctx = {&c->arena, &c->syms, &c->src, &c->diags};
	struct src_file *f = src_add(&c->src, STR("fuzz.kfp"), text);
	struct parse_result r = parse_file(&ctx, f);
	struct buf out = {0};

	list_each(item, &r.file->file.items) {
		if (item->height > AST_HEIGHT_MAX)
			abort();
		check_tree(item);
	}
	if (!ast_equal(r.file, r.file))
		abort();
	check_places(c, f);
	ast_dump(r.file, &c->src, &out);
	diag_finish(&c->diags);
	diag_print_json(&c->diags, &out);
	diag_print_text(&c->diags, false, &out);
	buf_release(&out);
	vec_release(&r.comments);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct compilation c;

	arena_init(&c.arena);
	symtab_init(&c.syms);
	src_init(&c.src);
	diags_init(&c.diags, &c.src);
	parse(&c, (struct str){(const char *)data, size});
	diags_release(&c.diags);
	src_release(&c.src);
	symtab_release(&c.syms);
	arena_release(&c.arena);
	return 0;
}
