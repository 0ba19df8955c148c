#include <config.h>

#include <stdio.h>

#include "compiler/cli/source.h"

/* Parses alone: a tree is worth seeing in a program that is wrong, too.  As JSON there
 * are only the diagnostics of the syntax. */
static int print_tree(const char *path, bool json)
{
	struct compilation c;
	struct buf out = {0};
	struct err err = {0};
	struct node *tree;
	int rc;

	compilation_init(&c);
	tree = compile_parse(&c, path, &err);
	if (!tree) {
		rc = cli_fail(&err);
	} else {
		diag_finish(&c.diags);
		json ? diag_print_json(&c.diags, &out) : ast_dump(tree, &c.src, &out);
		rc = cli_print(&out);
		buf_clear(&out);
		if (!json)
			diag_print_text(&c.diags, cli_colour(2), &out);
		fwrite(out.p, 1, out.n, stderr);
		rc = rc ? rc : c.diags.nerrors ? EXIT_WRONG : EXIT_DONE;
	}
	buf_release(&out);
	compilation_release(&c);
	return rc;
}

static int check_one(const char *path, unsigned flags)
{
	struct compilation c;
	int rc;

	compilation_init(&c);
	rc = source_compile(&c, path, flags);
	compilation_release(&c);
	return rc;
}

int cmd_check(struct cli *c)
{
	unsigned flags = 0;
	int rc = EXIT_DONE, one;

	if (!c->nargs)
		return cli_usage(c, "a file is wanted");
	if (cli_has(c, OPT_check_json))
		flags |= SOURCE_JSON;
	if (cli_has(c, OPT_check_no_python))
		flags |= SOURCE_NO_PYTHON;
	for (int i = 0; i < c->nargs; i++) {
		one = cli_has(c, OPT_check_ast)
			      ? print_tree(c->args[i], flags & SOURCE_JSON)
			      : check_one(c->args[i], flags);
		rc = one > rc ? one : rc;
	}
	return rc;
}
