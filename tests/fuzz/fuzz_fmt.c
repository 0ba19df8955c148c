/* What can be formatted is formatted once and for all: again it does not change, and
 * tree, comments and errors are those of the input.  Only what has errors may be
 * refused. */
#include <config.h>

#include "compiler/tool/diff.h"
#include "compiler/tool/fmt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_wrong(const struct diags *ds)
{
	return ds->nerrors || ds->dropped;
}

static void parse(struct compilation *c, struct str text, struct parse_result *r)
{
	struct parse_ctx ctx = {&c->arena, &c->syms, &c->src, &c->diags};

	*r = parse_file(&ctx, src_add(&c->src, STR("fuzz.kfp"), text));
}

static void same_tree(struct str before, struct str after)
{
	struct compilation c, d;
	struct parse_result a, b;

	compilation_init(&c);
	compilation_init(&d);
	parse(&c, before, &a);
	parse(&d, after, &b);
	if (!ast_equal(a.file, b.file) || a.comments.n != b.comments.n ||
	    c.diags.nerrors != d.diags.nerrors)
		abort();
	vec_release(&a.comments);
	vec_release(&b.comments);
	compilation_release(&c);
	compilation_release(&d);
}

/* False if the text is refused. */
static bool format(struct str text, struct buf *out)
{
	struct compilation c;
	struct err err;
	bool done;

	compilation_init(&c);
	done = !fmt_text(&c, STR("fuzz.kfp"), text, out, &err);
	if (!done && !is_wrong(&c.diags))
		abort();
	compilation_release(&c);
	return done;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	struct buf once = {0}, twice = {0}, diff = {0};

	if (format(text, &once)) {
		same_tree(text, buf_str(&once));
		if (!format(buf_str(&once), &twice) ||
		    !str_eq(buf_str(&once), buf_str(&twice)))
			abort();
		diff_unified(STR("fuzz.kfp"), text, buf_str(&once), &diff);
	}
	buf_release(&once);
	buf_release(&twice);
	buf_release(&diff);
	return 0;
}
