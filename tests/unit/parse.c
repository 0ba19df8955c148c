/* What the parser tells beside the tree: whether more text is needed, comments,
 * equality. */
#include <config.h>

#include "tests/unit/tap.h"

#include "compiler/front/parse.h"

struct compilation {
	struct arena arena;
	struct symtab syms;
	struct src src;
	struct diags diags;
};

static void setup(struct compilation *c)
{
	arena_init(&c->arena);
	symtab_init(&c->syms);
	src_init(&c->src);
	diags_init(&c->diags, &c->src);
}

static void teardown(struct compilation *c)
{
	diags_release(&c->diags);
	src_release(&c->src);
	symtab_release(&c->syms);
	arena_release(&c->arena);
}

static struct parse_result parse(struct compilation *c, struct str text)
{
	struct parse_ctx ctx = {&c->arena, &c->syms, &c->src, &c->diags};

	return parse_file(&ctx, src_add(&c->src, STR("test.kfp"), text));
}

static const struct {
	const char *text;
	bool incomplete;
} INPUTS[] = {
	{"", false}, {"x = 1", false}, {"x = 1\n", false}, {"x = f(", true},
	{"x = f(\n    a=1,\n", true}, {"x = [1, (2]\n", false}, {"x =", true},
		{"x =\n", false},
	{"if a:\n", true}, {"if a:", true}, {"if a:\n    b = 1\n", false},
		{"try:\n    f()\n", true},
	{"try:\n    f()\nfinally:\n    g()\n", false}, {"x = \"\"\"abc\n", true},
	{"x = f\"\"\"abc\n", true}, {"x = f\"\"\"{a\n", true}, {"x = \"abc\n", false},
	{"python:\n", true}, {"python:\n    a = 1\n", true},
		{"python:\n    a = 1\n\n", false},
	{"python:\n    a = 1\nx = 1\n", false}, {"component f(a: int", true},
	{"component f(a: int):\n", true}, {"x = f() with:\n", true}, {"x = )\n", false},
	{"enum K:\n", true}, {"enum K:\n    a\n", false},
		{"x = f(\ncomponent g():\n    pass\n", false},
};

static void test_incomplete(void)
{
	for (size_t i = 0; i < sizeof INPUTS / sizeof *INPUTS; i++) {
		struct compilation c;
		struct parse_result r;

		setup(&c);
		r = parse(&c, str_of(INPUTS[i].text));
		ok(r.incomplete == INPUTS[i].incomplete, "input %zu %s more text", i,
		   INPUTS[i].incomplete ? "needs" : "needs no");
		vec_release(&r.comments);
		teardown(&c);
	}
}

static void test_comments(void)
{
	struct compilation c;
	struct parse_result r;

	setup(&c);
	r = parse(&c, STR("## doc\n\n# one\nx = 1  # two\n"
			  "python:  # three\n    # code\n    a\n"));
	is_int((long long)r.comments.n, 4, "comments but those of code blocks");
	ok(r.comments.at[0].doc && r.comments.at[0].own_line,
	   "a doc comment on its own line");
	ok(!r.comments.at[1].doc && r.comments.at[1].own_line, "a plain one");
	ok(!r.comments.at[2].own_line, "one behind a statement");
	ok(str_is(src_text(&c.src, r.comments.at[3].span), "# three"),
	   "one behind a header");
	vec_release(&r.comments);
	teardown(&c);
}

static void check_equal(const char *name, struct str left, struct str right, bool equal)
{
	struct compilation c;
	struct parse_result a, b;

	setup(&c);
	a = parse(&c, left);
	b = parse(&c, right);
	ok(ast_equal(a.file, b.file) == equal, "%s: %s", name,
	   equal ? "equal" : "different");
	vec_release(&a.comments);
	vec_release(&b.comments);
	teardown(&c);
}

static void test_equal(void)
{
	check_equal("white space", STR("x = f(a, 1)"), STR("x  =  f( a,\n 1, )  # c"),
		    true);
	check_equal("quotes", STR("x = 'a'"), STR("x = \"a\""), true);
	check_equal("parentheses", STR("x = (1)"), STR("x = 1"), true);
	check_equal("kinds", STR("x = 1"), STR("x = 1.0"), false);
	check_equal("identity", STR("x = a is b"), STR("x = a == b"), false);
	check_equal("lengths", STR("x = [1, 2]"), STR("x = [1]"), false);
	check_equal("floats", STR("x = 0.0"), STR("x = 1.0"), false);
	check_equal("indentation of code", STR("python:\n  a\n"),
		    STR("python:\n     a\n"), true);
}

static void test_height(void)
{
	struct compilation c;
	struct parse_result r;

	setup(&c);
	r = parse(&c, STR("x = 1 + 2 * 3\n"));
	is_int(r.file->file.items.first->height, 4, "height of a tree");
	vec_release(&r.comments);
	teardown(&c);
}

/* A sum of that many terms is as high, and its statement one higher. */
static unsigned errors_of_sum(unsigned terms)
{
	struct compilation c;
	struct parse_result r;
	struct buf text = {0};
	unsigned nerrors;

	setup(&c);
	buf_addz(&text, "x = 1");
	for (unsigned i = 1; i < terms; i++)
		buf_addz(&text, " + 1");
	r = parse(&c, buf_str(&text));
	nerrors = c.diags.nerrors;
	vec_release(&r.comments);
	buf_release(&text);
	teardown(&c);
	return nerrors;
}

static void test_height_limit(void)
{
	is_int(errors_of_sum(AST_HEIGHT_MAX - 1), 0, "a tree as high as may be");
	is_int(errors_of_sum(AST_HEIGHT_MAX), 1, "a tree one higher");
	is_int(errors_of_sum(100000), 1, "a tree much higher");
}

int main(void)
{
	test_incomplete();
	test_comments();
	test_equal();
	test_height();
	test_height_limit();
	return done_testing();
}
