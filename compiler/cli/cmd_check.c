#include <config.h>

#include <stdio.h>

#include "compiler/cli/fix.h"
#include "compiler/cli/source.h"
#include "compiler/export/export.h"

enum { FIX_ROUNDS = 5 };	/* a fix may bring up another one */

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
		allows_apply(&c.allows, &c.diags, 0);
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

static int check_one(struct cli *cli, const char *path, unsigned flags)
{
	struct compilation c;
	int rc;

	compilation_init(&c);
	rc = source_compile(cli, &c, path, flags);
	compilation_release(&c);
	return rc;
}

/* Mends a file, and what it imports of those that were named; reports what is left. */
static int fix_one(struct cli *cli, struct fixes *x, const char *path, unsigned flags)
{
	struct compilation c;
	struct err err = {0};
	int rc = EXIT_DONE, n = 1;

	for (int round = 0; n > 0; round++) {
		compilation_init(&c);
		n = source_check(cli, &c, path, flags, &err);
		if (!n && round < FIX_ROUNDS)
			n = fixes_apply(x, &c.diags, &err);
		if (n <= 0)
			rc = n ? cli_fail(&err) : source_report(&c, flags);
		compilation_release(&c);
	}
	return rc;
}

static int fix_all(struct cli *c, unsigned flags)
{
	struct fixes x;
	struct err err = {0};
	int rc = EXIT_DONE, one;

	if (fixes_init(&x, c->args, c->nargs, &err)) {
		fixes_release(&x);
		return cli_fail(&err);
	}
	for (int i = 0; i < x.nfiles; i++) {
		one = fix_one(c, &x, x.files[i].path, flags);
		rc = one > rc ? one : rc;
	}
	for (int i = 0; i < x.nfiles; i++)
		if (x.files[i].applied)
			fprintf(stderr, "%s: %u %s applied\n", x.files[i].path,
				x.files[i].applied,
				x.files[i].applied == 1 ? "fix" : "fixes");
	fixes_release(&x);
	return rc;
}

static int check_fix(struct cli *c, unsigned flags)
{
	if (cli_has(c, OPT_check_ast))
		return cli_usage(c, "--fix and --ast do not go together");
	for (int i = 0; i < c->nargs; i++)
		if (!strcmp(c->args[i], "-"))
			return cli_usage(c, "--fix changes files, not standard input");
	return fix_all(c, flags);
}

/* Of --target: a module has to be made for it. */
static int add_target(struct cli *c, unsigned *flags)
{
	const char *target = cli_get(c, OPT_check_target);

	if (!target)
		return EXIT_DONE;
	if (strcmp(target, "kfp") && strcmp(target, "argo"))
		return cli_usage(c, "--target is kfp or argo, not '%s'", target);
	if (export_find(str_of(target)) == EXPORT_N)
		return cli_usage(c, "--target %s comes in a later version", target);
	*flags &= ~(unsigned)SOURCE_ONLY_CHECK;
	*flags |= strcmp(target, "kfp") ? SOURCE_ARGO : SOURCE_KFP;
	return EXIT_DONE;
}

int cmd_check(struct cli *c)
{
	unsigned flags = SOURCE_ONLY_CHECK;
	int rc = EXIT_DONE, one;

	if (!c->nargs)
		return cli_usage(c, "a file is wanted");
	if (cli_has(c, OPT_check_json))
		flags |= SOURCE_JSON;
	if (cli_has(c, OPT_check_no_python))
		flags |= SOURCE_NO_PYTHON;
	if (add_target(c, &flags))
		return EXIT_USAGE;
	if (cli_has(c, OPT_check_fix))
		return check_fix(c, flags);
	for (int i = 0; i < c->nargs; i++) {
		one = cli_has(c, OPT_check_ast)
			      ? print_tree(c->args[i], flags & SOURCE_JSON)
			      : check_one(c, c->args[i], flags);
		rc = one > rc ? one : rc;
	}
	return rc;
}
