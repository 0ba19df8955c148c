#include <config.h>

#include "compiler/front/parse.h"

#include "compiler/front/front.h"
#include "compiler/front/gram.h"
#include "runtime/base/utf8.h"

/* A file that is no text has one thing wrong, at the first byte that shows it. */
static bool check_text(struct parse_ctx *ctx, const struct src_file *f)
{
	size_t at = utf8_invalid_at(f->text);
	const char *nul = f->text.n ? memchr(f->text.p, 0, f->text.n) : NULL;
	struct span span;

	if (nul && (size_t)(nul - f->text.p) < at)
		at = (size_t)(nul - f->text.p);
	else
		nul = NULL;
	if (at == f->text.n)
		return true;
	span = (struct span){f->base + (uint32_t)at, f->base + (uint32_t)at + 1};
	if (str_has_prefix(f->text, STR("\x89KFPB")))	/* what .kfpb files begin with */
		diag(ctx->diags, span, E0101,
		     "this is a compiled module, not a program: 'kfpc dis' shows it");
	else if (nul)
		diag(ctx->diags, span, E0101, "a NUL byte: this is not a text file");
	else
		diag(ctx->diags, span, E0101, "byte 0x%02x is not UTF-8 here",
		     (unsigned char)f->text.p[at]);
	return false;
}

struct parse_result parse_file(struct parse_ctx *ctx, const struct src_file *f)
{
	struct span whole = {f->base, f->base + (uint32_t)f->text.n};
	struct parse_result r = {.file = node_new(ctx->arena, AST_FILE, whole)};
	struct parser p = {
		.ctx = ctx,
		.file = f,
		.result = &r,
		.word_true = sym_intern(ctx->syms, STR("true")),
		.word_false = sym_intern(ctx->syms, STR("false")),
		.word_null = sym_intern(ctx->syms, STR("null")),
	};

	if (!check_text(ctx, f))
		return r;
	lex_open(&p);
	layout_init(&p);
	front_parse(&p);
	number_finish(&p);
	docs_finish(&p);
	docs_release(&p);
	layout_release(&p);
	lex_close(&p);
	return r;
}
